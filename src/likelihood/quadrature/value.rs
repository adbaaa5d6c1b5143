//! D by quadrature: every node's f, and their sum on the log scale.

use super::OneFactor;
use super::nodes::{Nodes, Shared};
use crate::likelihood::logistic::soft_plus;
use crate::likelihood::problem::Problem;
use crate::linalg::small;
use crate::random::Lambda;
use rayon::prelude::*;
use std::ops::Range;

/// π of every node, group after group, and D.
pub(super) fn integrate<const W: usize>(
    quadrature: &OneFactor,
    problem: &Problem,
    lambda: &Lambda,
    fixed: &[f64],
    u: &[f64],
    chol: &[f64],
) -> (Vec<f64>, f64) {
    let shared = Shared::<W>::new(problem, &quadrature.rule, lambda, fixed, u, chol);
    let parts = quadrature.pieces.par_iter().map(|groups| piece(&shared, groups.clone())).collect::<Vec<_>>();
    let mut weights = Vec::with_capacity(problem.layout.levels() * quadrature.rule.count());
    let mut deviance = 0.0;
    for (part, share) in &parts {
        weights.extend_from_slice(part);
        deviance += share;
    }
    (weights, deviance)
}

fn piece<const W: usize>(shared: &Shared<W>, groups: Range<usize>) -> (Vec<f64>, f64) {
    let count = shared.rule.count();
    let mut nodes = Nodes::new(shared.rule);
    let mut scratch = Vec::new();
    let mut weights = Vec::with_capacity(groups.len() * count);
    let mut deviance = 0.0;
    for j in groups {
        nodes.place(shared, j);
        let mut heights = heights(shared, j, &nodes, &mut scratch);
        let log_det = small::log_det(&shared.chol[j * W * W..(j + 1) * W * W], W);
        deviance += log_det - 2.0 * normalise(&mut heights);
        weights.extend(heights);
    }
    (weights, deviance)
}

/// log wₖ + f(uₖ) + ‖zₖ‖²/2 of every node.
fn heights<const W: usize>(shared: &Shared<W>, j: usize, nodes: &Nodes<W>, scratch: &mut Vec<f64>) -> Vec<f64> {
    let (y, m) = (&shared.problem.outcome.successes, &shared.problem.outcome.trials);
    let count = shared.rule.count();
    let mut heights = shared.rule.log_weights.clone();
    heights.iter_mut().zip(&nodes.u).for_each(|(h, u)| *h -= u.norm_squared() / 2.0);
    shared.for_each_block(j, nodes, scratch, |block, eta| {
        for (i, eta) in block.clone().zip(eta.chunks_exact(count)) {
            if y[i] > 0.0 {
                heights.iter_mut().zip(eta).for_each(|(h, eta)| *h += y[i] * eta);
            }
        }
        soft_plus(eta);
        for (i, log) in block.zip(eta.chunks_exact(count)) {
            heights.iter_mut().zip(log).for_each(|(h, log)| *h -= m[i] * log);
        }
    });
    heights
}

/// Turns heights into shares that add up to 1; returns log Σ exp.
fn normalise(heights: &mut [f64]) -> f64 {
    let top = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for h in heights.iter_mut() {
        *h = (*h - top).exp();
        sum += *h;
    }
    heights.iter_mut().for_each(|h| *h /= sum);
    top + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_far_below_zero_are_added_up() {
        let mut heights = [-2_000.0, -2_000.0 + 3f64.ln()];
        assert!((normalise(&mut heights) + 2_000.0 - 4f64.ln()).abs() < 1e-12);
        // The sum −2000 + log 3 itself is rounded by 1e-13.
        assert!((heights[0] - 0.25).abs() < 1e-12 && (heights[1] - 0.75).abs() < 1e-12);
    }
}
