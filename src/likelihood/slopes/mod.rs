//! One grouping factor whose effects go with covariates: what records add to their level is gathered in z, k numbers a record, and
//! brought through Λ once a level.
//!
//! ```text
//! Mᵢ = zᵢ'Λ:   Mᵢu = zᵢ'(Λuⱼ),   A_jj = I + Λ'(Σ W zz')Λ,   aᵢ = zᵢ'(ΛA_jj⁻¹Λ')zᵢ
//! ```
//!
//! k is a constant of the code, so that the sums of a level stay in registers; the general kernel does what is wider.

mod directions;
mod hessian;

pub(super) use hessian::hessian;

use super::assemble::PieceSums;
use super::laplace::Inverse;
use super::mode::Mode;
use super::problem::Problem;
use super::weights::Weights;
use crate::linalg::small;
use crate::random::Lambda;
use std::array::from_fn;
use std::ops::Range;

/// Most effects per level.
pub(super) const MOST: usize = 4;

/// Calls a kernel with k as a constant.
macro_rules! by_width {
    ($problem:expr, $kernel:ident($($argument:expr),*)) => {
        match $problem.layout.lead {
            1 => $kernel::<1>($($argument),*),
            2 => $kernel::<2>($($argument),*),
            3 => $kernel::<3>($($argument),*),
            _ => $kernel::<MOST>($($argument),*),
        }
    };
}

/// Whether these kernels know the problem's structure.
pub(super) fn fit(problem: &Problem) -> bool {
    problem.groupings.len() == 1 && problem.groupings[0].z.is_some() && problem.layout.lead <= MOST
}

/// Xβ + Mu of the records of some levels, without the offset.
pub(super) fn predict(
    problem: &Problem,
    lambda: &Lambda,
    fixed: &[f64],
    u: &[f64],
    levels: &Range<usize>,
    eta: &mut [f64],
) {
    by_width!(problem, predict_k(problem, &lambda.0[0], fixed, u, levels, eta));
}

/// A_jj, its factor, and the right-hand side of some levels.
#[expect(clippy::too_many_arguments, reason = "the slices of one piece, cut so that pieces can run side by side")]
pub(super) fn factor(
    problem: &Problem,
    lambda: &Lambda,
    u: &[f64],
    levels: Range<usize>,
    mu: &[f64],
    chol: &mut [f64],
    rhs: &mut [f64],
    sums: &mut PieceSums,
) {
    by_width!(problem, factor_k(problem, &lambda.0[0], u, levels, mu, chol, rhs, sums));
}

/// a per record and M'(W₁∘a) per effect of some levels; their share of tr(A⁻¹M'WZΛₖ) per θ.
pub(super) fn leverages(
    problem: &Problem,
    mode: &Mode,
    inverse: &Inverse,
    levels: Range<usize>,
    leverage: &mut [f64],
    rhs: &mut [f64],
) -> Vec<f64> {
    by_width!(problem, leverages_k(problem, mode, inverse, levels, leverage, rhs))
}

/// r per record of some levels, and their share of (ZΛₖu)'r + (Λₖv)'Z'g per θ.
pub(super) fn residuals(
    problem: &Problem,
    mode: &Mode,
    leverage: &[f64],
    v: &[f64],
    levels: Range<usize>,
    r: &mut [f64],
) -> Vec<f64> {
    by_width!(problem, residuals_k(problem, mode, leverage, v, levels, r))
}

/// z of some records.
#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
pub(super) fn rows<const K: usize>(problem: &Problem, records: Range<usize>) -> &[[f64; K]] {
    let z = problem.groupings[0].z.as_deref().unwrap_or_default();
    z[records.start * K..records.end * K].as_chunks().0
}

/// Λx.
#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
pub(super) fn through<const K: usize>(lambda: &[f64], x: &[f64]) -> [f64; K] {
    from_fn(|a| (0..=a).map(|b| lambda[a * K + b] * x[b]).sum())
}

/// Λ'x.
#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
fn back<const K: usize>(lambda: &[f64], x: &[f64; K]) -> [f64; K] {
    from_fn(|b| (b..K).map(|a| lambda[a * K + b] * x[a]).sum())
}

#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
pub(super) fn dot<const K: usize>(x: &[f64; K], y: &[f64; K]) -> f64 {
    (0..K).map(|a| x[a] * y[a]).sum()
}

#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
pub(super) fn add<const K: usize>(sum: &mut [f64; K], factor: f64, z: &[f64; K]) {
    (0..K).for_each(|a| sum[a] += factor * z[a]);
}

/// Adds to the lower triangle.
#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
pub(super) fn add_square<const K: usize>(sum: &mut [[f64; K]; K], factor: f64, z: &[f64; K]) {
    for a in 0..K {
        let own = factor * z[a];
        (0..=a).for_each(|b| sum[a][b] += own * z[b]);
    }
}

#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
pub(super) fn mirror<const K: usize>(sum: &mut [[f64; K]; K]) {
    for a in 0..K {
        (0..a).for_each(|b| sum[b][a] = sum[a][b]);
    }
}

#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
pub(super) fn product<const K: usize>(x: &[[f64; K]; K], y: &[[f64; K]; K]) -> [[f64; K]; K] {
    from_fn(|a| from_fn(|b| (0..K).map(|c| x[a][c] * y[c][b]).sum()))
}

fn predict_k<const K: usize>(
    problem: &Problem,
    lambda: &[f64],
    fixed: &[f64],
    u: &[f64],
    levels: &Range<usize>,
    eta: &mut [f64],
) {
    let starts = &problem.layout.starts;
    let begin = starts[levels.start];
    for j in levels.clone() {
        let records = starts[j]..starts[j + 1];
        let effect = through::<K>(lambda, &u[j * K..(j + 1) * K]);
        let own = eta[records.start - begin..records.end - begin].iter_mut().zip(rows(problem, records.clone()));
        if let Some(ids) = &problem.x.ids {
            own.zip(&ids[records]).for_each(|((e, z), &id)| *e = fixed[id as usize] + dot(z, &effect));
        } else {
            own.zip(&fixed[records]).for_each(|((e, z), f)| *e = f + dot(z, &effect));
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the slices of one piece, cut so that pieces can run side by side")]
fn factor_k<const K: usize>(
    problem: &Problem,
    lambda: &[f64],
    u: &[f64],
    levels: Range<usize>,
    mu: &[f64],
    chol: &mut [f64],
    rhs: &mut [f64],
    sums: &mut PieceSums,
) {
    let (starts, outcome) = (&problem.layout.starts, &problem.outcome);
    let begin = starts[levels.start];
    for (at, j) in levels.enumerate() {
        let records = starts[j]..starts[j + 1];
        let (mut weight, mut score) = ([[0.0; K]; K], [0.0; K]);
        for (z, i) in rows::<K>(problem, records.clone()).iter().zip(records) {
            let p = mu[i - begin];
            let expected = outcome.trials[i] * p;
            add_square(&mut weight, expected * (1.0 - p), z);
            add(&mut score, outcome.successes[i] - expected, z);
        }
        mirror(&mut weight);
        let a_j = &mut chol[at * K * K..(at + 1) * K * K];
        for b in 0..K {
            // Column b of (Σ W zz')Λ, then of Λ' times it.
            let column = from_fn(|a| (b..K).map(|d| weight[a][d] * lambda[d * K + b]).sum());
            let column = back::<K>(lambda, &column);
            (b..K).for_each(|c| a_j[c * K + b] = column[c] + f64::from(u8::from(b == c)));
        }
        let r_j = &mut rhs[at * K..(at + 1) * K];
        let score = back::<K>(lambda, &score);
        (0..K).for_each(|b| r_j[b] = score[b] - u[j * K + b]);
        sums.positive &= small::cholesky(a_j, K);
        sums.log_det += small::log_det(a_j, K);
        small::solve_lower(a_j, K, r_j, 1);
    }
}

fn leverages_k<const K: usize>(
    problem: &Problem,
    mode: &Mode,
    inverse: &Inverse,
    levels: Range<usize>,
    leverage: &mut [f64],
    rhs: &mut [f64],
) -> Vec<f64> {
    let (starts, lambda) = (&problem.layout.starts, &mode.lambda.0[0]);
    let begin = starts[levels.start];
    let mut traces = vec![0.0; problem.theta.len()];
    for (at, j) in levels.enumerate() {
        let p = &inverse.lead[j * K * K..(j + 1) * K * K];
        // ΛP, row by row, and ΛPΛ'.
        let half: [[f64; K]; K] = from_fn(|a| from_fn(|c| (0..=a).map(|b| lambda[a * K + b] * p[b * K + c]).sum()));
        let whole: [[f64; K]; K] = from_fn(|a| through::<K>(lambda, &half[a]));
        let (mut weight, mut slope) = ([[0.0; K]; K], [0.0; K]);
        let records = starts[j]..starts[j + 1];
        for (z, i) in rows::<K>(problem, records.clone()).iter().zip(records) {
            let a: f64 = (0..K).map(|b| z[b] * dot(&whole[b], z)).sum();
            leverage[i - begin] = a;
            let record = Weights::at(problem, mode, i);
            add_square(&mut weight, record.w, z);
            add(&mut slope, record.w1 * a, z);
        }
        mirror(&mut weight);
        rhs[at * K..(at + 1) * K].copy_from_slice(&back::<K>(lambda, &slope));
        for (t, e) in traces.iter_mut().zip(&problem.theta.entries) {
            *t += (0..K).map(|a| weight[e.row][a] * half[a][e.column]).sum::<f64>();
        }
    }
    traces
}

fn residuals_k<const K: usize>(
    problem: &Problem,
    mode: &Mode,
    leverage: &[f64],
    v: &[f64],
    levels: Range<usize>,
    r: &mut [f64],
) -> Vec<f64> {
    let (starts, lambda) = (&problem.layout.starts, &mode.lambda.0[0]);
    let begin = starts[levels.start];
    let mut by_theta = vec![0.0; problem.theta.len()];
    for j in levels {
        let along = through::<K>(lambda, &v[j * K..(j + 1) * K]);
        let (mut sum_r, mut sum_g) = ([0.0; K], [0.0; K]);
        let records = starts[j]..starts[j + 1];
        for (z, i) in rows::<K>(problem, records.clone()).iter().zip(records) {
            let Weights { w, w1, g, .. } = Weights::at(problem, mode, i);
            let residual = w1 * leverage[i] - w * dot(z, &along) - 2.0 * g;
            r[i - begin] = residual;
            add(&mut sum_r, residual, z);
            add(&mut sum_g, g, z);
        }
        for (t, e) in by_theta.iter_mut().zip(&problem.theta.entries) {
            let at = j * K + e.column;
            *t += mode.u[at] * sum_r[e.row] + v[at] * sum_g[e.row];
        }
    }
    by_theta
}
