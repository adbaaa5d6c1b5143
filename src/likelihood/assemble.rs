//! One sweep over the records at a given u: probabilities, A = M'WM + I, its factor, and the right-hand side M'g − u.
//!
//! Records are sorted by the leading factor, so each of its levels is complete when its last record has been read: the block
//! A_jj is factored at once, and what it leaves on the trailing columns is taken off the Schur complement S.

use super::layout::Layout;
use super::logistic::probabilities;
use super::problem::Problem;
use super::slopes;
use crate::error::{Error, Kind, Result};
use crate::linalg::{Factor, small};
use crate::random::Lambda;
use rayon::prelude::*;
use std::ops::Range;

/// A factored A and what was computed with it.
pub struct Assembly {
    /// p per record.
    pub mu: Vec<f64>,
    /// Penalised log-likelihood: sum of y η − m log(1 + e^η), minus ‖u‖²/2.
    pub penalised: f64,
    /// L_j of each leading block, k0 x k0.
    pub chol: Vec<f64>,
    /// Y_j = L_j⁻¹ A_jt for the listed columns of each leading level, k0 x columns.
    pub y: Vec<f64>,
    /// The factored Schur complement.
    pub schur: Factor,
    /// log|A|.
    pub log_det: f64,
    /// M'g − u, leading part with L_j⁻¹ applied, trailing part reduced: ready for the back substitution.
    pub forward: Vec<f64>,
}

/// Sums of one piece.
pub(super) struct PieceSums {
    log_likelihood: f64,
    pub(super) log_det: f64,
    pub(super) positive: bool,
    rhs: Vec<f64>,
    schur: Vec<f64>,
}

/// The slices of one piece.
struct PieceSlices<'a> {
    levels: Range<usize>,
    mu: &'a mut [f64],
    chol: &'a mut [f64],
    y: &'a mut [f64],
    rhs: &'a mut [f64],
}

/// Runs the sweep at effects `u`; `fixed` is Xβ per pattern.
pub(super) fn assemble(problem: &Problem, lambda: &Lambda, fixed: &[f64], u: &[f64]) -> Result<Assembly> {
    let layout = &problem.layout;
    let (k0, q1, q2) = (layout.lead, layout.leading(), layout.trailing);
    let mut mu = vec![0.0; problem.rows()];
    let mut chol = vec![0.0; q1 * k0];
    let mut y = vec![0.0; k0 * layout.columns.len()];
    let mut forward = vec![0.0; q1 + q2];
    let sums = {
        let pieces = layout.pieces.iter().cloned();
        let slices = layout.cut_rows(&mut mu).into_iter().zip(layout.cut_levels(&mut chol, k0 * k0));
        let more = layout.cut_columns(&mut y).into_iter().zip(layout.cut_levels(&mut forward[..q1], k0));
        let work = pieces.zip(slices.zip(more)).collect::<Vec<_>>();
        let run = |(levels, ((mu, chol), (y, rhs)))| {
            let slices = PieceSlices { levels, mu, chol, y, rhs };
            sweep(problem, lambda, fixed, u, slices)
        };
        work.into_par_iter().map(run).collect::<Vec<PieceSums>>()
    };
    let norm: f64 = u.iter().map(|x| x * x).sum();
    let (mut log_likelihood, mut log_det) = (0.0, 0.0);
    let mut schur = vec![0.0; layout.fronts.len()];
    for (c, rhs) in forward[q1..].iter_mut().enumerate() {
        *rhs = -u[q1 + c];
        schur[layout.fronts.at(c, c)] = 1.0;
    }
    for piece in &sums {
        if !piece.positive {
            return Err(not_finite());
        }
        log_likelihood += piece.log_likelihood;
        log_det += piece.log_det;
        forward[q1..].iter_mut().zip(&piece.rhs).for_each(|(x, y)| *x += y);
        schur.iter_mut().zip(&piece.schur).for_each(|(x, y)| *x += y);
    }
    let schur = Factor::new(&layout.fronts, schur).ok_or_else(not_finite)?;
    let log_det = log_det + schur.log_det();
    let penalised = log_likelihood - norm / 2.0;
    if !penalised.is_finite() {
        return Err(not_finite());
    }
    Ok(Assembly { mu, penalised, chol, y, schur, log_det, forward })
}

/// The refusal of parameters at which the likelihood overflows.
pub(super) fn not_finite() -> Error {
    let message = "the log-likelihood is not a finite number at the parameters tried; a covariate or an offset probably has extreme values: centre and scale it (scale(x) in the formula)";
    Error::new(Kind::Fit, "not-finite", message)
}

fn sweep(problem: &Problem, lambda: &Lambda, fixed: &[f64], u: &[f64], slices: PieceSlices) -> PieceSums {
    let PieceSlices { levels, mu, chol, y, rhs } = slices;
    let rows = problem.layout.rows(&levels);
    if slopes::fit(problem) {
        slopes::predict(problem, lambda, fixed, u, &levels, mu);
    } else {
        predict(problem, lambda, fixed, u, &levels, mu);
    }
    if let Some(offset) = &problem.offset {
        mu.iter_mut().zip(&offset[rows.start..]).for_each(|(e, o)| *e += o);
    }
    let outcome = &problem.outcome;
    let log_likelihood = probabilities(mu, &outcome.successes[rows.clone()], &outcome.trials[rows.clone()]);
    let layout = &problem.layout;
    let mut sums = PieceSums {
        log_likelihood,
        log_det: 0.0,
        positive: true,
        rhs: vec![0.0; layout.trailing],
        schur: vec![0.0; layout.fronts.len()],
    };
    if problem.is_scalar() {
        scalar_levels(problem, lambda.0[0][0], u, levels, mu, chol, rhs, &mut sums);
    } else if slopes::fit(problem) {
        slopes::factor(problem, lambda, u, levels, mu, chol, rhs, &mut sums);
    } else if problem.layout.lead > 0 {
        block_levels(problem, lambda, u, levels, mu, chol, y, rhs, &mut sums);
    }
    sums
}

/// Xβ + Mu of the records of some leading levels, without the offset.
fn predict(problem: &Problem, lambda: &Lambda, fixed: &[f64], u: &[f64], levels: &Range<usize>, eta: &mut [f64]) {
    let layout = &problem.layout;
    let begin = layout.starts[levels.start];
    let mut m = vec![0.0; problem.row_width()];
    for j in levels.clone() {
        for cell in layout.cells(j) {
            let mut effect = 0.0;
            if layout.lead > 0 {
                problem.write_m(lambda, cell.start, &mut m);
                effect = problem.m_times(&m, cell.start, j, u);
            }
            let own = &mut eta[cell.start - begin..cell.end - begin];
            if let Some(ids) = &problem.x.ids {
                let of = ids[cell].iter().map(|&id| fixed[id as usize]);
                own.iter_mut().zip(of).for_each(|(e, f)| *e = f + effect);
            } else {
                own.iter_mut().zip(&fixed[cell]).for_each(|(e, f)| *e = f + effect);
            }
        }
    }
}

/// One intercept per level of one factor: A is diagonal.
#[expect(clippy::too_many_arguments, reason = "the slices of one piece, cut so that pieces can run side by side")]
fn scalar_levels(
    problem: &Problem,
    lambda: f64,
    u: &[f64],
    levels: Range<usize>,
    mu: &[f64],
    chol: &mut [f64],
    rhs: &mut [f64],
    sums: &mut PieceSums,
) {
    let starts = &problem.layout.starts;
    let begin = starts[levels.start];
    let (y, m) = (&problem.outcome.successes, &problem.outcome.trials);
    for (at, j) in levels.enumerate() {
        let own = starts[j]..starts[j + 1];
        let (weight, score) = weight_and_score(&mu[own.start - begin..own.end - begin], &y[own.clone()], &m[own]);
        let a = 1.0 + lambda * lambda * weight;
        sums.positive &= a.is_finite();
        sums.log_det += a.ln();
        chol[at] = a.sqrt();
        rhs[at] = (lambda * score - u[j]) / chol[at];
    }
}

/// Σ m p (1 − p) and Σ y − m p, in four sums side by side: one sum would wait for itself at every record.
fn weight_and_score(mu: &[f64], y: &[f64], m: &[f64]) -> (f64, f64) {
    let (mut weights, mut scores) = ([0.0; 4], [0.0; 4]);
    let mut add = |k: usize, p: f64, y: f64, m: f64| {
        let expected = m * p;
        weights[k] += expected * (1.0 - p);
        scores[k] += y - expected;
    };
    let (ps, ys, ms) = (mu.chunks_exact(4), y.chunks_exact(4), m.chunks_exact(4));
    for ((p, y), m) in ps.remainder().iter().zip(ys.remainder()).zip(ms.remainder()) {
        add(0, *p, *y, *m);
    }
    for ((p, y), m) in ps.zip(ys).zip(ms) {
        (0..4).for_each(|k| add(k, p[k], y[k], m[k]));
    }
    let sum = |s: [f64; 4]| (s[0] + s[1]) + (s[2] + s[3]);
    (sum(weights), sum(scores))
}

/// Any leading block, with trailing columns.
#[expect(clippy::too_many_arguments, reason = "the slices of one piece, cut so that pieces can run side by side")]
fn block_levels(
    problem: &Problem,
    lambda: &Lambda,
    u: &[f64],
    levels: Range<usize>,
    mu: &[f64],
    chol: &mut [f64],
    y: &mut [f64],
    rhs: &mut [f64],
    sums: &mut PieceSums,
) {
    let layout = &problem.layout;
    let k0 = layout.lead;
    let begin = layout.starts[levels.start];
    let first_column = layout.column_starts[levels.start];
    let mut m = vec![0.0; problem.row_width()];
    for (at, j) in levels.enumerate() {
        let columns = layout.level_columns(j);
        let listed = (layout.column_starts[j] - first_column) * k0;
        let y_j = &mut y[listed..listed + columns.len() * k0];
        let a_j = &mut chol[at * k0 * k0..(at + 1) * k0 * k0];
        let r_j = &mut rhs[at * k0..(at + 1) * k0];
        r_j.iter_mut().zip(&u[j * k0..]).for_each(|(r, u)| *r = -u);
        (0..k0).for_each(|b| a_j[b * k0 + b] = 1.0);
        for cell in layout.cells(j) {
            let i = cell.start;
            let own = &mu[i - begin..cell.end - begin];
            let (w, g) = weight_and_score(own, &problem.outcome.successes[cell.clone()], &problem.outcome.trials[cell]);
            problem.write_m(lambda, i, &mut m);
            let n = columns.len();
            for b in 0..k0 {
                let wm = w * m[b];
                r_j[b] += g * m[b];
                (0..=b).for_each(|c| a_j[b * k0 + c] += wm * m[c]);
            }
            add_trailing(problem, (i, j), &m, w, g, &mut y_j[..k0 * n], n, sums);
        }
        sums.positive &= small::cholesky(a_j, k0);
        sums.log_det += small::log_det(a_j, k0);
        small::solve_lower(a_j, k0, y_j, columns.len());
        small::solve_lower(a_j, k0, r_j, 1);
        eliminate(layout, j, y_j, r_j, sums);
    }
}

/// The trailing part of one cell of level `j`, shown by its record `i`: its share of A_jt, of A_tt and of the right-hand side.
#[expect(clippy::too_many_arguments, reason = "one cell's numbers and the three places they go to")]
#[inline]
fn add_trailing(
    problem: &Problem,
    (i, j): (usize, usize),
    m: &[f64],
    w: f64,
    g: f64,
    a_jt: &mut [f64],
    n: usize,
    sums: &mut PieceSums,
) {
    let layout = &problem.layout;
    let (k0, others) = (layout.lead, layout.others);
    for h in 0..others {
        let slot = layout.slots[i * others + h] as usize;
        let column = layout.trailing_column[i * others + h] as usize;
        let part = &m[problem.row_offsets[h + 1]..problem.row_offsets[h + 2]];
        for (d, x) in part.iter().enumerate() {
            sums.rhs[column + d] += g * x;
            for b in 0..k0 {
                a_jt[b * n + slot + d] += w * m[b] * x;
            }
            for h2 in 0..=h {
                let other = layout.slots[i * others + h2] as usize;
                let part2 = &m[problem.row_offsets[h2 + 1]..problem.row_offsets[h2 + 2]];
                let upto = if h2 == h { d + 1 } else { part2.len() };
                for (d2, x2) in part2[..upto].iter().enumerate() {
                    sums.schur[layout.place(j, slot + d, other + d2)] += w * x * x2;
                }
            }
        }
    }
}

/// Takes Y_j'Y_j off the Schur complement and Y_j'(L_j⁻¹ r_j) off the trailing right-hand side.
fn eliminate(layout: &Layout, j: usize, y_j: &[f64], r_j: &[f64], sums: &mut PieceSums) {
    let columns = layout.level_columns(j);
    let n = columns.len();
    if n == 0 {
        return;
    }
    for (row, r) in y_j.chunks_exact(n).zip(r_j) {
        for (x, &column) in row.iter().zip(columns) {
            sums.rhs[column as usize] -= x * r;
        }
        layout.pairs(j, |t, s, place| sums.schur[place] -= row[t] * row[s]);
    }
}
