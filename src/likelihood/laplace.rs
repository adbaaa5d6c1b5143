//! The exact gradient of the Laplace deviance at a mode.
//!
//! With aᵢ = Mᵢ'A⁻¹Mᵢ, v = A⁻¹M'(W₁∘a) and r = −2g + W₁∘a − W∘(Mv):
//!
//! ```text
//! ∂D/∂β  = X'r
//! ∂D/∂θₖ = (ZΛₖu)'r + (Λₖv)'Z'g + 2 tr(A⁻¹M'WZΛₖ)
//! ```
//!
//! Only the entries of A⁻¹ on the pattern of A are used: blocks of the leading factor, their listed columns, and the inverse of
//! the Schur complement. Source: the implicit function theorem applied to Bates et al. (2015), eq. 36 in its Laplace form;
//! checked against central differences in `tests/likelihood.rs`.

use super::mode::Mode;
use super::problem::Problem;
use super::slopes;
use super::weights::Weights;
use crate::linalg::small;
use rayon::prelude::*;
use std::ops::Range;

/// A⁻¹ on the pattern of A.
pub struct Inverse {
    /// Blocks of the leading levels, k0 x k0.
    pub lead: Vec<f64>,
    /// Leading levels by their listed columns, k0 x columns.
    pub cross: Vec<f64>,
    /// Trailing part, on the pattern of its fronts.
    pub trail: Vec<f64>,
}

/// The gradient, and what the Hessian uses again. By quadrature, `leverage` and `v` are what takes their place there.
pub struct Gradient {
    /// ∂D/∂(β, θ).
    pub value: Vec<f64>,
    /// a per record.
    pub leverage: Vec<f64>,
    /// v per effect.
    pub v: Vec<f64>,
    /// A⁻¹ on its pattern.
    pub inverse: Inverse,
}

/// Computes the gradient of D at `mode`, by the method of the problem, less that of the penalty if it has one.
pub fn gradient(problem: &Problem, mode: &Mode) -> Gradient {
    problem.board.differentiated();
    let mut gradient = of_likelihood(problem, mode);
    if let Some(penalty) = &mode.penalty {
        gradient.value.iter_mut().zip(penalty.gradient(problem, mode)).for_each(|(g, p)| *g -= p);
    }
    gradient
}

fn of_likelihood(problem: &Problem, mode: &Mode) -> Gradient {
    if let Some(rule) = &problem.quadrature {
        return rule.gradient(problem, mode);
    }
    laplace_gradient(problem, mode)
}

/// The gradient of Laplace's deviance, whatever the method of the problem.
pub(super) fn laplace_gradient(problem: &Problem, mode: &Mode) -> Gradient {
    let inverse = selected_inverse(problem, mode);
    let (leverage, mut v, traces) = leverages(problem, mode, &inverse);
    mode.solve(problem, &mut v, 1);
    let (r, mut by_theta) = residuals(problem, mode, &leverage, &v);
    by_theta.iter_mut().zip(&traces).for_each(|(x, t)| *x += 2.0 * t);
    let mut value = problem.x.transpose_times(&problem.x.by_pattern(&r)).as_slice().to_vec();
    value.extend(by_theta);
    Gradient { value, leverage, v, inverse }
}

/// A⁻¹ on the pattern: P_tt = S⁻¹, P_jt = −G_j P_tt, P_jj = A_jj⁻¹ − P_jt G_j', with G_j = A_jj⁻¹A_jt.
fn selected_inverse(problem: &Problem, mode: &Mode) -> Inverse {
    let layout = &problem.layout;
    let k0 = layout.lead;
    let trail = mode.at.schur.inverse(&layout.fronts);
    let mut lead = vec![0.0; layout.leading() * k0];
    let mut cross = vec![0.0; k0 * layout.columns.len()];
    let cut = layout.cut_levels(&mut lead, k0 * k0).into_iter().zip(layout.cut_columns(&mut cross));
    let work = layout.pieces.iter().cloned().zip(cut).collect::<Vec<_>>();
    work.into_par_iter().for_each(|(levels, (lead, cross))| {
        let first = layout.column_starts[levels.start];
        let mut g = Vec::new();
        for (at, j) in levels.enumerate() {
            let columns = layout.level_columns(j);
            let n = columns.len();
            let l = &mode.at.chol[j * k0 * k0..(j + 1) * k0 * k0];
            let p = &mut lead[at * k0 * k0..(at + 1) * k0 * k0];
            small::inverse(l, k0, p);
            if n == 0 {
                continue;
            }
            g.clear();
            g.extend_from_slice(&mode.at.y[layout.column_starts[j] * k0..layout.column_starts[j + 1] * k0]);
            small::solve_upper(l, k0, &mut g, n);
            let start = (layout.column_starts[j] - first) * k0;
            let p_jt = &mut cross[start..start + n * k0];
            for (p_bt, g_b) in p_jt.chunks_exact_mut(n).zip(g.chunks_exact(n)) {
                layout.pairs(j, |t, s, place| {
                    p_bt[s] -= g_b[t] * trail[place];
                    if s > t {
                        p_bt[t] -= g_b[s] * trail[place];
                    }
                });
            }
            for b in 0..k0 {
                for c in 0..k0 {
                    let dot: f64 = (0..n).map(|s| p_jt[b * n + s] * g[c * n + s]).sum();
                    p[b * k0 + c] -= dot;
                }
            }
        }
    });
    Inverse { lead, cross, trail }
}

impl Inverse {
    /// P Mᵢ on the record's own effects, in the order of its row of M.
    #[inline]
    pub fn times_row(&self, problem: &Problem, i: usize, j: usize, m: &[f64], out: &mut [f64]) {
        let layout = &problem.layout;
        let (k0, others) = (layout.lead, layout.others);
        let start = layout.column_starts[j];
        let n = layout.column_starts[j + 1] - start;
        let cross = &self.cross[start * k0..(start + n) * k0];
        for b in 0..k0 {
            out[b] = (0..k0).map(|c| self.lead[(j * k0 + b) * k0 + c] * m[c]).sum();
        }
        out[k0..].fill(0.0);
        for h in 0..others {
            let slot = layout.slots[i * others + h] as usize;
            for d in 0..problem.groupings[h + 1].width {
                let at = problem.row_offsets[h + 1] + d;
                for b in 0..k0 {
                    let p = cross[b * n + slot + d];
                    out[b] += p * m[at];
                    out[at] += p * m[b];
                }
                for h2 in 0..others {
                    let other = layout.slots[i * others + h2] as usize;
                    let m2 = &m[problem.row_offsets[h2 + 1]..problem.row_offsets[h2 + 2]];
                    let p = |d2: usize| self.trail[layout.place(j, slot + d, other + d2)];
                    out[at] += m2.iter().enumerate().map(|(d2, x)| p(d2) * x).sum::<f64>();
                }
            }
        }
    }
}

impl Inverse {
    /// The entry of A⁻¹ between two of record `i`'s own effects, by their places in its row of M.
    #[inline]
    pub fn entry(&self, problem: &Problem, i: usize, j: usize, x: usize, y: usize) -> f64 {
        let layout = &problem.layout;
        let k0 = layout.lead;
        let (low, high) = (x.min(y), x.max(y));
        if high < k0 {
            return self.lead[(j * k0 + x) * k0 + y];
        }
        let trailing = |x: usize| {
            let h = (1..=layout.others).rev().find(|&h| problem.row_offsets[h] <= x).unwrap_or(1);
            (i * layout.others + h - 1, x - problem.row_offsets[h])
        };
        let (at, d) = trailing(high);
        if low < k0 {
            let start = layout.column_starts[j];
            let n = layout.column_starts[j + 1] - start;
            return self.cross[start * k0 + low * n + layout.slots[at] as usize + d];
        }
        let (at2, d2) = trailing(low);
        self.trail[layout.place(j, layout.slots[at] as usize + d, layout.slots[at2] as usize + d2)]
    }
}

/// Sums over pieces, in order.
fn add_all(parts: &[Vec<f64>], out: &mut [f64]) {
    for part in parts {
        out.iter_mut().zip(part).for_each(|(x, y)| *x += y);
    }
}

/// a per record, M'(W₁∘a) per effect, and tr(A⁻¹M'WZΛₖ) per θ.
fn leverages(problem: &Problem, mode: &Mode, inverse: &Inverse) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let layout = &problem.layout;
    let q1 = layout.leading();
    let mut leverage = vec![0.0; problem.rows()];
    let mut rhs = vec![0.0; layout.effects()];
    let mut traces = vec![0.0; problem.theta.len()];
    if layout.lead == 0 {
        return (leverage, rhs, traces);
    }
    let cut = layout.cut_rows(&mut leverage).into_iter().zip(layout.cut_levels(&mut rhs[..q1], layout.lead));
    let work = layout.pieces.iter().cloned().zip(cut).collect::<Vec<_>>();
    let run = |(levels, (leverage, rhs)): (Range<usize>, (&mut [f64], &mut [f64]))| {
        if problem.is_scalar() {
            scalar_leverages(problem, mode, inverse, levels, leverage, rhs)
        } else if slopes::fit(problem) {
            (Vec::new(), slopes::leverages(problem, mode, inverse, levels, leverage, rhs))
        } else {
            block_leverages(problem, mode, inverse, levels, leverage, rhs)
        }
    };
    let parts = work.into_par_iter().map(run).collect::<Vec<(Vec<f64>, Vec<f64>)>>();
    let (trailing, by_theta): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    add_all(&trailing, &mut rhs[q1..]);
    add_all(&by_theta, &mut traces);
    (leverage, rhs, traces)
}

fn scalar_leverages(
    problem: &Problem,
    mode: &Mode,
    inverse: &Inverse,
    levels: Range<usize>,
    leverage: &mut [f64],
    rhs: &mut [f64],
) -> (Vec<f64>, Vec<f64>) {
    let starts = &problem.layout.starts;
    let begin = starts[levels.start];
    let lambda = mode.lambda.0[0][0];
    let mut trace = 0.0;
    for (at, j) in levels.enumerate() {
        let p_jj = inverse.lead[j];
        let a = lambda * lambda * p_jj;
        let (mut weight, mut slope) = (0.0, 0.0);
        for i in starts[j]..starts[j + 1] {
            let record = Weights::at(problem, mode, i);
            weight += record.w;
            slope += record.w1;
            leverage[i - begin] = a;
        }
        rhs[at] = lambda * a * slope;
        trace += lambda * p_jj * weight;
    }
    (Vec::new(), vec![trace])
}

fn block_leverages(
    problem: &Problem,
    mode: &Mode,
    inverse: &Inverse,
    levels: Range<usize>,
    leverage: &mut [f64],
    rhs: &mut [f64],
) -> (Vec<f64>, Vec<f64>) {
    let layout = &problem.layout;
    let begin = layout.starts[levels.start];
    let width = problem.row_width();
    let (mut m, mut c) = (vec![0.0; width], vec![0.0; width]);
    let mut trailing = vec![0.0; layout.trailing];
    let mut traces = vec![0.0; problem.theta.len()];
    for (at, j) in levels.enumerate() {
        for cell in layout.cells(j) {
            let i = cell.start;
            problem.write_m(&mode.lambda, i, &mut m);
            inverse.times_row(problem, i, j, &m, &mut c);
            let a: f64 = m.iter().zip(&c).map(|(x, y)| x * y).sum();
            leverage[i - begin..cell.end - begin].fill(a);
            let (mut w, mut w1) = (0.0, 0.0);
            for i in cell {
                let record = Weights::at(problem, mode, i);
                w += record.w;
                w1 += record.w1;
            }
            let slope = w1 * a;
            (0..layout.lead).for_each(|b| rhs[at * layout.lead + b] += slope * m[b]);
            for h in 0..layout.others {
                let column = layout.trailing_column[i * layout.others + h] as usize;
                let part = &m[problem.row_offsets[h + 1]..problem.row_offsets[h + 2]];
                part.iter().enumerate().for_each(|(d, x)| trailing[column + d] += slope * x);
            }
            for (t, e) in traces.iter_mut().zip(&problem.theta.entries) {
                *t += w * problem.z(e.grouping, i, e.row) * c[problem.row_offsets[e.grouping] + e.column];
            }
        }
    }
    (trailing, traces)
}

/// r per record, and (ZΛₖu)'r + (Λₖv)'Z'g per θ.
fn residuals(problem: &Problem, mode: &Mode, leverage: &[f64], v: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let layout = &problem.layout;
    let mut r = vec![0.0; problem.rows()];
    let work = layout.pieces.iter().cloned().zip(layout.cut_rows(&mut r)).collect::<Vec<_>>();
    let run = |(levels, r): (Range<usize>, &mut [f64])| {
        if problem.is_scalar() {
            scalar_residuals(problem, mode, leverage, v, levels, r)
        } else if slopes::fit(problem) {
            slopes::residuals(problem, mode, leverage, v, levels, r)
        } else {
            block_residuals(problem, mode, leverage, v, levels, r)
        }
    };
    let parts = work.into_par_iter().map(run).collect::<Vec<_>>();
    let mut by_theta = vec![0.0; problem.theta.len()];
    add_all(&parts, &mut by_theta);
    (r, by_theta)
}

fn scalar_residuals(
    problem: &Problem,
    mode: &Mode,
    leverage: &[f64],
    v: &[f64],
    levels: Range<usize>,
    r: &mut [f64],
) -> Vec<f64> {
    let starts = &problem.layout.starts;
    let begin = starts[levels.start];
    let lambda = mode.lambda.0[0][0];
    let mut by_theta = 0.0;
    for j in levels {
        let mv = lambda * v[j];
        let (mut sum_r, mut sum_g) = (0.0, 0.0);
        for i in starts[j]..starts[j + 1] {
            let Weights { w, w1, g, .. } = Weights::at(problem, mode, i);
            let residual = w1 * leverage[i] - w * mv - 2.0 * g;
            r[i - begin] = residual;
            sum_r += residual;
            sum_g += g;
        }
        by_theta += mode.u[j] * sum_r + v[j] * sum_g;
    }
    vec![by_theta]
}

fn block_residuals(
    problem: &Problem,
    mode: &Mode,
    leverage: &[f64],
    v: &[f64],
    levels: Range<usize>,
    r: &mut [f64],
) -> Vec<f64> {
    let layout = &problem.layout;
    let begin = layout.starts[levels.start];
    let mut m = vec![0.0; problem.row_width()];
    let mut by_theta = vec![0.0; problem.theta.len()];
    for j in levels {
        for cell in layout.cells(j) {
            let i = cell.start;
            problem.write_m(&mode.lambda, i, &mut m);
            let mv = problem.m_times(&m, i, j, v);
            let (mut sum_r, mut sum_g) = (0.0, 0.0);
            for i in cell {
                let Weights { w, w1, g, .. } = Weights::at(problem, mode, i);
                let residual = w1 * leverage[i] - w * mv - 2.0 * g;
                r[i - begin] = residual;
                sum_r += residual;
                sum_g += g;
            }
            for (t, e) in by_theta.iter_mut().zip(&problem.theta.entries) {
                let at = problem.effect(e.grouping, i, j) + e.column;
                *t += problem.z(e.grouping, i, e.row) * (mode.u[at] * sum_r + v[at] * sum_g);
            }
        }
    }
    by_theta
}
