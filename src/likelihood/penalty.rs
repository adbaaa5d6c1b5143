//! Jeffreys' penalty on the coefficients: ½ log|S|, S the information about β in the marginal likelihood.
//!
//! At the mode of u given (β, θ), with V = (W⁻¹ + MM')⁻¹ = W − WMA⁻¹M'W,
//!
//! ```text
//! S = X'VX = X̃'WX̃ + U̇'U̇,   U̇ = −A⁻¹M'WX,   X̃ = X + MU̇
//! D* = D − log|S|
//! ```
//!
//! S is the information of the linear mixed model that Laplace's method replaces the likelihood by: positive definite
//! everywhere, and half the Hessian of D in β up to terms that vanish as groups grow. Without random effects it is X'WX, and D* is
//! the penalised likelihood of Firth (1993, *Biometrika* 80:27) and Heinze & Schemper (2002, *Stat Med* 21:2409). It is the same
//! for any number of quadrature points: those are in D.
//!
//! D* has its minimum at finite β, whatever the data: where β grows, either a full set of rows keeps its η bounded, then ‖u‖² and
//! with it D grow as β does, or W vanishes until |S| ≤ |X'WX| is as small as one likes (Kosmidis & Firth 2021, *Biometrika*
//! 108:71, for X'WX; Sterzinger & Kosmidis 2023, *Stat Comput* 33:53, penalise a mixed model by X'WX at u = 0).
//!
//! Derivative, exact, with the mode moving: with qᵢ = x̃ᵢ'S⁻¹x̃ᵢ and η̇ the tangent of η in each direction,
//!
//! ```text
//! d log|S| = Σᵢ W₁ qᵢ η̇ᵢ + 2 Σᵢ W (ṀU̇)ᵢ S⁻¹ x̃ᵢ
//! ```
//!
//! from dV = V W⁻¹ dW W⁻¹ V − V(ṀM' + MṀ')V, W⁻¹VX = X̃ and M'VX = −U̇; checked against central differences in
//! `tests/penalty.rs`.

use super::mode::{LAST_STEP_GAIN, Mode, find_mode};
use super::problem::Problem;
use super::tangents::{tangents, write_eta_dot};
use super::traces::Outer;
use super::weights::Weights;
use crate::linalg::Spd;
use nalgebra::DMatrix;
use ndarray::Array2;
use rayon::prelude::*;
use std::ops::Range;

/// S at a mode, factored.
pub struct Penalised {
    /// log|S|.
    pub log_det: f64,
    /// S⁻¹, p x p.
    inverse: Vec<f64>,
    /// u̇ in every direction: q x (p + t), effect after effect.
    moves: Vec<f64>,
}

/// Computes S; `None` where it is not positive definite in floating point.
pub(super) fn penalise(problem: &Problem, mode: &Mode) -> Option<Penalised> {
    let (p, n) = (problem.coefficients(), problem.parameters());
    let moves = tangents(problem, mode);
    let parts = problem.layout.pieces.clone().into_par_iter().map(|levels| piece(problem, mode, &moves, levels));
    let parts = parts.collect::<Vec<_>>();
    let mut spherical = Outer::new(p);
    moves.chunks_exact(n).for_each(|row| spherical.push(1.0, &row[..p], &row[..p]));
    let s = parts.iter().fold(spherical.finish(), |sum, part| sum + part);
    // Scaled to unit diagonal, so that a covariate's unit does not matter.
    let scale = (0..p).map(|c| 1.0 / s[(c, c)].sqrt()).collect::<Vec<_>>();
    let scaled = (0..p * p).map(|k| s[(k / p, k % p)] * scale[k / p] * scale[k % p]).collect::<Vec<_>>();
    if scaled.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let factor = Spd::factor(&scaled, p)?;
    let inverse = factor.inverse().iter().enumerate().map(|(k, x)| x * scale[k / p] * scale[k % p]).collect();
    let log_det = factor.log_det() - 2.0 * scale.iter().map(|s| s.ln()).sum::<f64>();
    log_det.is_finite().then_some(Penalised { log_det, inverse, moves })
}

/// Σ W x̃x̃' of some leading levels.
fn piece(problem: &Problem, mode: &Mode, moves: &[f64], levels: Range<usize>) -> Array2<f64> {
    let p = problem.coefficients();
    let mut sum = Outer::new(p);
    for_each_record(problem, mode, moves, levels, |record, eta_dot, _| {
        sum.push(record.w, &eta_dot[..p], &eta_dot[..p]);
    });
    sum.finish()
}

/// One record's numbers.
struct Record {
    i: usize,
    j: usize,
    w: f64,
    w1: f64,
}

/// Calls `f(record, η̇ in every direction, its row of M)` for the records of some leading levels.
fn for_each_record(
    problem: &Problem,
    mode: &Mode,
    moves: &[f64],
    levels: Range<usize>,
    mut f: impl FnMut(&Record, &[f64], &[f64]),
) {
    let mut m = vec![0.0; problem.row_width()];
    let mut eta_dot = vec![0.0; problem.parameters()];
    for j in levels {
        for i in problem.layout.starts[j]..problem.layout.starts[j + 1] {
            let Weights { w, w1, .. } = Weights::at(problem, mode, i);
            problem.write_m(&mode.lambda, i, &mut m);
            write_eta_dot(problem, mode, moves, (i, j), &m, &mut eta_dot);
            f(&Record { i, j, w, w1 }, &eta_dot, &m);
        }
    }
}

impl Penalised {
    /// Derivative of log|S| in every direction.
    pub(super) fn gradient(&self, problem: &Problem, mode: &Mode) -> Vec<f64> {
        let run = |levels| self.gradient_piece(problem, mode, levels);
        let parts = problem.layout.pieces.clone().into_par_iter().map(run).collect::<Vec<_>>();
        let mut sum = vec![0.0; problem.parameters()];
        parts.iter().for_each(|part| sum.iter_mut().zip(part).for_each(|(x, y)| *x += y));
        sum
    }

    fn gradient_piece(&self, problem: &Problem, mode: &Mode, levels: Range<usize>) -> Vec<f64> {
        let (p, n) = (problem.coefficients(), problem.parameters());
        let mut sum = vec![0.0; n];
        let mut solved = vec![0.0; p];
        for_each_record(problem, mode, &self.moves, levels, |record, eta_dot, _| {
            let rows = self.inverse.chunks_exact(p.max(1));
            solved.iter_mut().zip(rows).for_each(|(x, row)| *x = dot(row, &eta_dot[..p]));
            let along_eta = record.w1 * dot(&solved, &eta_dot[..p]);
            sum.iter_mut().zip(eta_dot).for_each(|(x, e)| *x += along_eta * e);
            for (k, e) in problem.theta.entries.iter().enumerate() {
                let at = problem.effect(e.grouping, record.i, record.j) + e.column;
                let z = problem.z(e.grouping, record.i, e.row);
                sum[p + k] += 2.0 * record.w * z * dot(&self.moves[at * n..at * n + p], &solved);
            }
        });
        sum
    }
}

/// Step of the differences in θ, as an effect on the linear predictor: their error is its square.
const STEP: f64 = 1e-4;

/// Takes the curvature of log|S| from the rows and columns of θ in a Hessian of D, by central differences of its exact gradient.
///
/// The block of β stays that of D, as in the standard errors of Heinze & Schemper; there the penalty curves D* the other way
/// than it could go wrong. In θ its curvature can decide whether D* has a minimum at all.
pub(super) fn bend(problem: &Problem, mode: &Mode, hessian: &mut DMatrix<f64>) {
    let (p, t) = (problem.coefficients(), problem.theta.len());
    let at = |theta: &[f64]| -> Option<Vec<f64>> {
        let moved = find_mode(problem, &mode.beta, theta, &mode.u, LAST_STEP_GAIN, &|| false).ok()?;
        Some(moved.penalty.as_ref()?.gradient(problem, &moved))
    };
    let columns = problem.theta.entries.iter().enumerate().map(|(k, e)| {
        let step = STEP / problem.unit(e.grouping, e.row);
        let side = |sign: f64| {
            let mut theta = mode.theta.clone();
            theta[k] += sign * step;
            at(&theta)
        };
        let (above, below) = (side(1.0)?, side(-1.0)?);
        Some(above.iter().zip(&below).map(|(a, b)| (a - b) / (2.0 * step)).collect::<Vec<_>>())
    });
    let Some(columns) = columns.collect::<Option<Vec<_>>>() else { return };
    for k in 0..t {
        for l in 0..p {
            hessian[(l, p + k)] -= columns[k][l];
            hessian[(p + k, l)] -= columns[k][l];
        }
        for l in 0..t {
            hessian[(p + k, p + l)] -= f64::midpoint(columns[k][p + l], columns[l][p + k]);
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
