//! The exact gradient of D, nodes moving with the parameters.
//!
//! For one group, with [`Adjoint`] for the nodes and ḡ = Σ πₖg(uₖ), at the mode c = z'Cz, t = Z'(W₁∘c), and
//!
//! ```text
//! d log L  = ḡ'X dβ + tr(Γ'dΛ) + s̄'dû − ½ tr(B dA)
//! tr(B dA) = 2 tr(BΛ'Q dΛ) + Σ W₁c (X dβ + Z dΛ û + ZΛ dû)
//! A dû     = dΛ'Z'g − Λ'Z'W (X dβ + Z dΛ û)
//! ```
//!
//! Collecting what multiplies dû in v = A⁻¹(Λ't − 2s̄), and writing bᵥ = Λv, the derivatives of −2 log L are
//!
//! ```text
//! ∂/∂β = X'r,   r = −2ḡ + W₁∘c − W∘(Zbᵥ)
//! ∂/∂Λ = −2Γ + 2QΛB + (t − Qbᵥ)û' + Z'g v'
//! ```
//!
//! which is the gradient of Laplace's method with B for A⁻¹, c for a, and averages over the nodes for values at the mode.

use super::OneFactor;
use super::adjoint::Adjoint;
use super::nodes::{Nodes, Shared};
use super::records::{Record, Sums};
use crate::likelihood::laplace::{Gradient, Inverse};
use crate::likelihood::logistic::sigmoid;
use crate::likelihood::mode::Mode;
use crate::likelihood::problem::Problem;
use nalgebra::SMatrix;
use rayon::prelude::*;
use std::ops::Range;

/// What one piece gives.
struct Share<const W: usize> {
    /// r per record.
    r: Vec<f64>,
    /// c per record.
    leverage: Vec<f64>,
    /// v per effect.
    v: Vec<f64>,
    /// A⁻¹ per group.
    inverse: Vec<f64>,
    /// ∂D/∂Λ.
    by_lambda: SMatrix<f64, W, W>,
}

/// The gradient of D at `mode`.
pub(super) fn differentiate<const W: usize>(quadrature: &OneFactor, problem: &Problem, mode: &Mode) -> Gradient {
    let fixed = problem.x.times(&mode.beta);
    let shared = Shared::<W>::new(problem, &quadrature.rule, &mode.lambda, &fixed, &mode.u, &mode.at.chol);
    let parts = quadrature.pieces.par_iter().map(|groups| piece(&shared, mode, groups.clone())).collect::<Vec<_>>();
    let join = |of: fn(&Share<W>) -> &[f64]| parts.iter().flat_map(of).copied().collect::<Vec<f64>>();
    let by_lambda = parts.iter().map(|part| part.by_lambda).sum::<SMatrix<f64, W, W>>();
    let r = join(|part| &part.r);
    let mut value = problem.x.transpose_times(&problem.x.by_pattern(&r)).as_slice().to_vec();
    value.extend(problem.theta.entries.iter().map(|e| by_lambda[(e.row, e.column)]));
    let inverse = Inverse { lead: join(|part| &part.inverse), cross: Vec::new(), trail: Vec::new() };
    Gradient { value, leverage: join(|part| &part.leverage), v: join(|part| &part.v), inverse }
}

fn piece<const W: usize>(shared: &Shared<W>, mode: &Mode, groups: Range<usize>) -> Share<W> {
    let count = shared.rule.count();
    let mut nodes = Nodes::new(shared.rule);
    let mut scratch = Vec::new();
    let mut share =
        Share { r: Vec::new(), leverage: Vec::new(), v: Vec::new(), inverse: Vec::new(), by_lambda: SMatrix::zeros() };
    let mut gamma: [Vec<f64>; W] = std::array::from_fn(|_| vec![0.0; count]);
    for j in groups {
        nodes.place(shared, j);
        let weights = &mode.weights[j * count..(j + 1) * count];
        let g = read_nodes(shared, j, &nodes, weights, &mut gamma, &mut scratch);
        let adjoint = Adjoint::new(shared, &nodes, weights, &gamma);
        add_group(shared, mode, j, &nodes, &adjoint, &g, &mut share);
    }
    share
}

/// ḡ of every record of group `j`; fills `gamma` with γ.
fn read_nodes<const W: usize>(
    shared: &Shared<W>,
    j: usize,
    nodes: &Nodes<W>,
    weights: &[f64],
    gamma: &mut [Vec<f64>; W],
    scratch: &mut Vec<f64>,
) -> Vec<f64> {
    let (y, m) = (&shared.problem.outcome.successes, &shared.problem.outcome.trials);
    let mut mean = Vec::with_capacity(shared.records(j).len());
    gamma.iter_mut().for_each(|row| row.fill(0.0));
    shared.for_each_block(j, nodes, scratch, |block, eta| {
        sigmoid(eta);
        for (i, p) in block.zip(eta.chunks_exact_mut(weights.len())) {
            p.iter_mut().for_each(|p| *p = y[i] - m[i] * *p);
            mean.push(weights.iter().zip(&*p).map(|(w, g)| w * g).sum());
            let z = shared.z(i);
            for (a, row) in gamma.iter_mut().enumerate() {
                row.iter_mut().zip(&*p).for_each(|(x, g)| *x += z[a] * g);
            }
        }
    });
    mean
}

fn add_group<const W: usize>(
    shared: &Shared<W>,
    mode: &Mode,
    j: usize,
    nodes: &Nodes<W>,
    adjoint: &Adjoint<W>,
    mean: &[f64],
    share: &mut Share<W>,
) {
    let sums = Sums::read(shared, mode, j, |z| z.dot(&(adjoint.c * z)));
    let inverse = nodes.r * nodes.r.transpose();
    let v = inverse * (shared.lambda.transpose() * sums.t - adjoint.mean * 2.0);
    let b_v = shared.lambda * v;
    for (i, mean) in shared.records(j).zip(mean) {
        let record = Record::new(shared, mode, i);
        let c = record.z.dot(&(adjoint.c * record.z));
        share.r.push(record.w1 * c - record.w * record.z.dot(&b_v) - 2.0 * mean);
        share.leverage.push(c);
    }
    share.by_lambda += (sums.q * shared.lambda * adjoint.b - adjoint.by_lambda) * 2.0
        + (sums.t - sums.q * b_v) * nodes.mode.transpose()
        + sums.gamma * v.transpose();
    share.v.extend_from_slice(v.as_slice());
    share.inverse.extend_from_slice(inverse.as_slice());
}
