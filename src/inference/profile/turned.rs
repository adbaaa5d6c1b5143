//! The same model with the effects of a term in another order, so that an SD or a correlation sits in the first rows of Λ.

use crate::error::Result;
use crate::likelihood::{Curvature, Curved, LAST_STEP_GAIN, PIECE, Problem, find_mode, gradient, hessian};
use crate::model::Sample;
use crate::random::Grouping;

/// A problem, its optimum and what is known there.
pub(super) struct Turned {
    pub(super) problem: Problem,
    pub(super) beta: Vec<f64>,
    pub(super) theta: Vec<f64>,
    pub(super) u: Vec<f64>,
    pub(super) curved: Curved,
}

impl Turned {
    /// The sample's problem with effect `first[0]` of grouping `g`, then `first[1]`, ..., in front of the others of their term,
    /// which has effects `part`.
    pub(super) fn new(
        sample: &Sample,
        g: usize,
        part: std::ops::Range<usize>,
        first: &[usize],
        interrupt: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self> {
        let old = &sample.problem;
        let k = old.groupings[g].width;
        let mut order = (0..k).collect::<Vec<_>>();
        let rest = part.clone().filter(|a| !first.contains(a)).collect::<Vec<_>>();
        order[part.clone()].iter_mut().zip(first.iter().copied().chain(rest)).for_each(|(o, a)| *o = a);
        let mut groupings = old.groupings.clone();
        groupings[g] = reordered(&groupings[g], &order);
        let (outcome, x) = (old.outcome.clone(), old.x.clone());
        let mut problem = Problem::new(outcome, old.offset.clone(), x, groupings, old.theta.clone(), PIECE)?;
        problem.quadrature.clone_from(&old.quadrature);
        problem.penalty = old.penalty;
        let sigma = old.theta.covariance(&sample.theta, g);
        let permuted = (0..k * k).map(|ab| sigma[order[ab / k] * k + order[ab % k]]).collect::<Vec<_>>();
        let lower = semidefinite_cholesky(&permuted, k);
        let entries = problem.theta.entries.iter().zip(&sample.theta);
        let theta = entries.map(|(e, t)| if e.grouping == g { lower[e.row * k + e.column] } else { *t });
        let theta = theta.collect::<Vec<_>>();
        let u = vec![0.0; problem.layout.effects()];
        let mode = find_mode(&problem, &sample.beta, &theta, &u, LAST_STEP_GAIN, interrupt)?;
        let slope = gradient(&problem, &mode);
        let curved = hessian(&problem, &mode, &slope, Curvature::Exact);
        Ok(Self { beta: sample.beta.clone(), theta, u: mode.u, curved, problem })
    }
}

fn reordered(grouping: &Grouping, order: &[usize]) -> Grouping {
    let k = grouping.width;
    let z = grouping.z.as_ref().map(|z| z.chunks_exact(k).flat_map(|row| order.iter().map(|&a| row[a])).collect());
    Grouping { z, ..grouping.clone() }
}

/// L with LL' = `a`, k x k; a column without variance of its own is zero.
fn semidefinite_cholesky(a: &[f64], k: usize) -> Vec<f64> {
    let largest = (0..k).map(|i| a[i * k + i]).fold(0.0f64, f64::max);
    let mut l = vec![0.0; k * k];
    for j in 0..k {
        for i in j..k {
            let x = a[i * k + j] - (0..j).map(|c| l[i * k + c] * l[j * k + c]).sum::<f64>();
            l[i * k + j] = match (i == j, l[j * k + j] > 0.0) {
                (true, _) if x > 1e-14 * largest => x.sqrt(),
                (false, true) => x / l[j * k + j],
                _ => 0.0,
            };
        }
    }
    l
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_singular_matrix_has_a_factor() {
        let l = semidefinite_cholesky(&[4.0, 2.0, 2.0, 1.0], 2);
        assert_eq!(l, [2.0, 0.0, 1.0, 0.0]);
        assert_eq!(semidefinite_cholesky(&[0.0, 0.0, 0.0, 1.0], 2), [0.0, 0.0, 0.0, 1.0]);
    }
}
