//! The mode of u given (β, θ): Newton with step halving on the penalised log-likelihood.

use super::assemble::{Assembly, assemble, not_finite};
use super::method::Value;
use super::penalty::{Penalised, penalise};
use super::problem::Problem;
use crate::error::{Error, Kind, Result};
use crate::linalg::small;
use crate::random::Lambda;
use crate::settings::Penalty;
use rayon::prelude::*;

/// Newton is quadratic: when the next step would gain less than this, taking it leaves an error near its square (1e-20),
/// far below what the log-determinant can feel.
pub const LAST_STEP_GAIN: f64 = 1e-10;

/// Halvings before a step is given up as not improvable in floating point.
const MOST_HALVINGS: usize = 30;

/// Newton steps before giving up; convergence takes 3 to 10.
const MOST_STEPS: usize = 200;

/// Relative rounding of a sum of n log-likelihoods: differences below it say nothing about which u is better.
const ROUNDING: f64 = 1e-13;

/// The mode and the factored A there.
pub struct Mode {
    /// β.
    pub beta: Vec<f64>,
    /// θ.
    pub theta: Vec<f64>,
    /// Λ(θ).
    pub lambda: Lambda,
    /// u at the mode.
    pub u: Vec<f64>,
    /// A and what goes with it.
    pub at: Assembly,
    /// D(β, θ): −2 Σ[yη − m log(1+e^η)] + ‖u‖² + log|A| by Laplace's method, a sum over nodes by quadrature; less log|S| where
    /// the likelihood is penalised.
    pub deviance: f64,
    /// The penalty, if there is one.
    pub penalty: Option<Penalised>,
    /// π, what each node of a group contributes to its integral, group after group; empty for Laplace's method.
    pub weights: Vec<f64>,
    /// ∂D/∂(β, θ) where it comes with the value: by nested quadrature. Empty otherwise.
    pub slopes: Vec<f64>,
    /// Sweeps over the records that it took.
    pub sweeps: usize,
}

/// Finds the mode from the start `u`. The Newton step that would gain less than `last_gain` is the last one
/// ([`LAST_STEP_GAIN`] for a result, more on the way to it). `interrupt` is asked before every sweep.
pub fn find_mode(
    problem: &Problem,
    beta: &[f64],
    theta: &[f64],
    start: &[f64],
    last_gain: f64,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Mode> {
    let lambda = problem.theta.lambda(theta);
    let fixed = problem.x.times(beta);
    let sweep = |u: &[f64]| -> Result<Assembly> {
        if interrupt() {
            return Err(Error::new(Kind::Interrupted, "interrupted", "the fit was interrupted"));
        }
        problem.board.swept();
        assemble(problem, &lambda, &fixed, u)
    };
    let mut u = start.to_vec();
    let mut at = sweep(&u)?;
    let mut sweeps = 1;
    let mut last = problem.layout.effects() == 0;
    while !last {
        if sweeps > MOST_STEPS {
            let message = "the conditional modes of the random effects did not settle; look for extreme values in offsets or covariates";
            return Err(Error::new(Kind::Fit, "mode", message));
        }
        let mut step = at.forward.clone();
        let gain = back_substitute(problem, &at, &mut step);
        last = gain < last_gain;
        let mut scale = 1.0;
        let mut halvings = 0;
        loop {
            let trial = u.iter().zip(&step).map(|(u, d)| u + scale * d).collect::<Vec<_>>();
            let next = sweep(&trial);
            sweeps += 1;
            // A gain below rounding is accepted: halving cannot show it either.
            let floor = at.penalised - ROUNDING * at.penalised.abs();
            match next {
                Ok(next) if next.penalised >= floor => {
                    (u, at) = (trial, next);
                    break;
                }
                Err(e) if e.kind() == Kind::Interrupted => return Err(e),
                _ if halvings == MOST_HALVINGS => {
                    last = true;
                    break;
                }
                _ => {}
            }
            scale /= 2.0;
            halvings += 1;
        }
    }
    let Value { deviance, weights, slopes } = measure(problem, &lambda, &fixed, &u, &at);
    if !deviance.is_finite() {
        return Err(not_finite());
    }
    let (beta, theta) = (beta.to_vec(), theta.to_vec());
    let mut mode = Mode { beta, theta, lambda, u, at, deviance, penalty: None, weights, slopes, sweeps };
    if problem.penalty == Penalty::Jeffreys {
        let penalty = penalise(problem, &mode).ok_or_else(not_finite)?;
        mode.deviance -= penalty.log_det;
        mode.penalty = Some(penalty);
    }
    Ok(mode)
}

/// D without the penalty, by the method of the problem.
fn measure(problem: &Problem, lambda: &Lambda, fixed: &[f64], u: &[f64], at: &Assembly) -> Value {
    match &problem.quadrature {
        None => Value { deviance: -2.0 * at.penalised + at.log_det, weights: Vec::new(), slopes: Vec::new() },
        Some(rule) => rule.value(problem, lambda, fixed, u, &at.chol),
    }
}

/// Finishes A d = r in place, from a right-hand side that has been through the forward half; returns r'A⁻¹r.
fn back_substitute(problem: &Problem, at: &Assembly, rhs: &mut [f64]) -> f64 {
    let layout = &problem.layout;
    let q1 = layout.leading();
    let (lead, trail) = rhs.split_at_mut(q1);
    let mut gain: f64 = lead.iter().map(|x| x * x).sum();
    let reduced = trail.to_vec();
    at.schur.solve_rows(&layout.fronts, trail, 1);
    gain += reduced.iter().zip(&*trail).map(|(x, y)| x * y).sum::<f64>();
    backward(problem, at, lead, trail, 1);
    gain
}

/// Leading part of the back substitution for `n` right-hand sides stored effect after effect.
fn backward(problem: &Problem, at: &Assembly, lead: &mut [f64], trail: &[f64], n: usize) {
    let layout = &problem.layout;
    let k0 = layout.lead;
    if k0 == 0 {
        return;
    }
    lead.par_chunks_mut(k0 * n).with_min_len(256).enumerate().for_each(|(j, x)| {
        let columns = layout.level_columns(j);
        let y_j = &at.y[layout.column_starts[j] * k0..layout.column_starts[j + 1] * k0];
        for b in 0..k0 {
            let row = &mut x[b * n..(b + 1) * n];
            for (s, &column) in columns.iter().enumerate() {
                let factor = y_j[b * columns.len() + s];
                let d = &trail[column as usize * n..(column as usize + 1) * n];
                row.iter_mut().zip(d).for_each(|(x, d)| *x -= factor * d);
            }
        }
        small::solve_upper(&at.chol[j * k0 * k0..(j + 1) * k0 * k0], k0, x, n);
    });
}

impl Mode {
    /// Solves A x = b in place for `n` right-hand sides stored effect after effect (q x n).
    pub fn solve(&self, problem: &Problem, b: &mut [f64], n: usize) {
        let layout = &problem.layout;
        let k0 = layout.lead;
        if k0 == 0 || n == 0 {
            return;
        }
        let (lead, trail) = b.split_at_mut(layout.leading() * n);
        let at = &self.at;
        lead.par_chunks_mut(k0 * n)
            .with_min_len(256)
            .enumerate()
            .for_each(|(j, x)| small::solve_lower(&at.chol[j * k0 * k0..(j + 1) * k0 * k0], k0, x, n));
        if layout.trailing > 0 {
            for part in self.passed_on(problem, lead, n) {
                trail.iter_mut().zip(part).for_each(|(o, x)| *o -= x);
            }
            at.schur.solve_rows(&layout.fronts, trail, n);
        }
        backward(problem, at, lead, trail, n);
    }

    /// What each piece of the leading part takes off the trailing right-hand sides: Y_j' of its levels.
    fn passed_on(&self, problem: &Problem, lead: &[f64], n: usize) -> Vec<Vec<f64>> {
        let (layout, k0) = (&problem.layout, problem.layout.lead);
        let of_piece = |levels: &std::ops::Range<usize>| {
            let mut trail = vec![0.0; layout.trailing * n];
            for j in levels.clone() {
                let columns = layout.level_columns(j);
                let y_j = &self.at.y[layout.column_starts[j] * k0..layout.column_starts[j + 1] * k0];
                for b in 0..k0 {
                    let row = &lead[(j * k0 + b) * n..(j * k0 + b + 1) * n];
                    for (s, &column) in columns.iter().enumerate() {
                        let factor = y_j[b * columns.len() + s];
                        let out = &mut trail[column as usize * n..(column as usize + 1) * n];
                        out.iter_mut().zip(row).for_each(|(o, x)| *o += factor * x);
                    }
                }
            }
            trail
        };
        layout.pieces.par_iter().map(of_piece).collect()
    }

    /// D at this mode by the method that `problem` has now: modes do not depend on it. What went with the method before is
    /// overwritten.
    pub fn measure_again(&mut self, problem: &Problem) {
        let fixed = problem.x.times(&self.beta);
        let value = measure(problem, &self.lambda, &fixed, &self.u, &self.at);
        self.deviance = value.deviance - self.penalty.as_ref().map_or(0.0, |p| p.log_det);
        (self.weights, self.slopes) = (value.weights, value.slopes);
    }

    /// Turns independent standard normals, one per effect, into a draw of u − û under Laplace's method: covariance A⁻¹.
    pub(super) fn colour(&self, problem: &Problem, z: &mut [f64]) {
        let (lead, trail) = z.split_at_mut(problem.layout.leading());
        self.at.schur.solve_transposed(&problem.layout.fronts, trail, 1);
        backward(problem, &self.at, lead, trail, 1);
    }

    /// log-likelihood with every constant, without the penalty.
    pub fn log_likelihood(&self, problem: &Problem) -> f64 {
        self.maximised(problem) - self.penalty.as_ref().map_or(0.0, |p| p.log_det / 2.0)
    }

    /// What the search maximises: the log-likelihood, plus the penalty where there is one.
    pub fn maximised(&self, problem: &Problem) -> f64 {
        -self.deviance / 2.0 + problem.outcome.constant
    }
}
