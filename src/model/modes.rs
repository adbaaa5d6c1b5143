//! Conditional modes of each grouping factor, on the scale of the linear predictor.

use crate::likelihood::Problem;
use crate::optimise::Optimum;
use crate::random::ThetaMap;
use serde::{Deserialize, Serialize};

/// Tangents of the modes are kept for intervals of predictions while they are this few numbers.
const MOST_TANGENTS: usize = 500_000;

/// Conditional modes of one grouping factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupModes {
    /// b at the mode, J x k row after row.
    pub modes: Vec<f64>,
    /// Conditional covariance of b given the parameters, J x k x k.
    pub covariances: Vec<f64>,
    /// db/dψ over the estimated parameters, (J k) x parameters; empty when too large to keep.
    pub tangents: Vec<f64>,
}

/// b, its conditional covariance, and its tangents, per grouping factor.
pub(super) fn group_modes(problem: &Problem, optimum: &Optimum) -> Vec<GroupModes> {
    let parameters = problem.parameters();
    let keep = problem.layout.effects() * parameters <= MOST_TANGENTS;
    let moves: &[f64] = if keep { &optimum.curved.moves } else { &[] };
    (0..problem.groupings.len()).map(|g| modes_of(problem, optimum, g, moves)).collect()
}

fn modes_of(problem: &Problem, optimum: &Optimum, g: usize, moves: &[f64]) -> GroupModes {
    let grouping = &problem.groupings[g];
    let (mode, k, parameters) = (&optimum.mode, grouping.width, problem.parameters());
    let lambda = &mode.lambda.0[g];
    let mut out = GroupModes { modes: Vec::new(), covariances: Vec::new(), tangents: Vec::new() };
    for level in 0..grouping.levels {
        let at = problem.layout.first_effect(g, level);
        let u = &mode.u[at..at + k];
        let p = level_inverse(problem, optimum, g, level);
        for a in 0..k {
            out.modes.push((0..k).map(|c| lambda[a * k + c] * u[c]).sum());
            for b in 0..k {
                let term = |c: usize, d: usize| lambda[a * k + c] * p[c * k + d] * lambda[b * k + d];
                out.covariances.push((0..k * k).map(|cd| term(cd / k, cd % k)).sum());
            }
            if !moves.is_empty() {
                let mut row = vec![0.0; parameters];
                for c in 0..k {
                    let of = &moves[(at + c) * parameters..(at + c + 1) * parameters];
                    row.iter_mut().zip(of).for_each(|(x, m)| *x += lambda[a * k + c] * m);
                }
                for (t, e) in problem.theta.entries.iter().enumerate() {
                    if e.grouping == g && e.row == a {
                        row[problem.coefficients() + t] += u[e.column];
                    }
                }
                out.tangents.extend(row);
            }
        }
    }
    out
}

/// The k x k block of A⁻¹ of one level.
fn level_inverse(problem: &Problem, optimum: &Optimum, g: usize, level: usize) -> Vec<f64> {
    let k = problem.groupings[g].width;
    let inverse = &optimum.gradient.inverse;
    if g == 0 {
        return inverse.lead[level * k * k..(level + 1) * k * k].to_vec();
    }
    let first = problem.layout.first_columns[g - 1][level] as usize;
    (0..k * k).map(|ab| inverse.trail[problem.layout.fronts.at(first + ab / k, first + ab % k)]).collect()
}

/// Makes the diagonal of every Λ non-negative: θ of a flipped column changes sign, and with it its covariances and tangents.
pub(super) fn make_positive(
    map: &ThetaMap,
    p: usize,
    theta: &mut [f64],
    covariance: &mut [f64],
    modes: &mut [GroupModes],
) {
    let before = theta.to_vec();
    map.make_positive(theta);
    let n = p + theta.len();
    for (k, entry) in map.entries.iter().enumerate() {
        let diagonal = map
            .entries
            .iter()
            .position(|e| e.grouping == entry.grouping && e.row == entry.column && e.column == entry.column);
        if !diagonal.is_some_and(|d| before[d] < 0.0) {
            continue;
        }
        for other in 0..n {
            covariance[(p + k) * n + other] = -covariance[(p + k) * n + other];
            covariance[other * n + p + k] = -covariance[other * n + p + k];
        }
        for group in modes.iter_mut() {
            group.tangents.iter_mut().skip(p + k).step_by(n).for_each(|x| *x = -*x);
        }
    }
}
