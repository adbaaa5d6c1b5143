//! Refits with a correlation held: two elements of θ in a fixed ratio, (θᵢ, θⱼ) = s (ρ, √(1 − ρ²)).
//!
//! Newton's method with the exact Hessian over ψ without θᵢ, by the chain rule. Such parameters are few and their models
//! small, so a Hessian per step is no price.

use super::refit::Reached;
use crate::error::{Kind, Result};
use crate::likelihood::{Curvature, LAST_STEP_GAIN, Mode, Problem, find_mode, gradient, hessian};
use crate::optimise::Metric;
use nalgebra::DMatrix;

const MOST_STEPS: usize = 100;
const MOST_HALVINGS: usize = 25;

/// Positions in ψ and the correlation.
#[derive(Clone, Copy)]
pub(super) struct Tie {
    pub(super) i: usize,
    pub(super) j: usize,
    pub(super) rho: f64,
}

impl Tie {
    /// (∂ψᵢ/∂s, ∂ψⱼ/∂s).
    fn slopes(self) -> (f64, f64) {
        (self.rho, (1.0 - self.rho * self.rho).sqrt())
    }

    /// ψ with (ψᵢ, ψⱼ) moved onto the line, at the same distance from zero.
    fn onto(self, psi: &[f64]) -> Vec<f64> {
        let s = psi[self.i].hypot(psi[self.j]);
        let (a, b) = self.slopes();
        let mut psi = psi.to_vec();
        (psi[self.i], psi[self.j]) = (a * s, b * s);
        psi
    }
}

/// The smallest deviance on the line, from `psi` and `u`.
pub(super) fn climb_tied(
    problem: &Problem,
    psi: &[f64],
    u: &[f64],
    tie: Tie,
    tolerance: f64,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Reached> {
    let p = problem.coefficients();
    let mode_at = |psi: &[f64], u: &[f64]| find_mode(problem, &psi[..p], &psi[p..], u, LAST_STEP_GAIN, interrupt);
    let mut psi = tie.onto(psi);
    let mut mode = mode_at(&psi, u)?;
    let mut converged = false;
    for _ in 0..MOST_STEPS {
        let (step, promised) = newton(problem, &mode, tie);
        if promised < tolerance {
            converged = true;
            break;
        }
        let mut scale = 1.0;
        let mut next = None;
        for _ in 0..MOST_HALVINGS {
            let trial = psi.iter().zip(&step).map(|(x, d)| x - scale * d).collect::<Vec<_>>();
            match mode_at(&trial, &mode.u) {
                Ok(found) if found.deviance <= mode.deviance - 2e-4 * scale * promised => {
                    next = Some((trial, found));
                    break;
                }
                Err(e) if e.kind() != Kind::Fit => return Err(e),
                _ => scale /= 2.0,
            }
        }
        let Some(found) = next else { break };
        (psi, mode) = found;
    }
    Ok(Reached { psi, u: mode.u, deviance: mode.deviance, converged })
}

/// B g in ψ and ½ g'Bg, over the line and everything else.
fn newton(problem: &Problem, mode: &Mode, tie: Tie) -> (Vec<f64>, f64) {
    let slope = gradient(problem, mode);
    let h = hessian(problem, mode, &slope, Curvature::Exact).hessian;
    let (a, b) = tie.slopes();
    let n = problem.parameters();
    // Columns of dψ/dφ: the unit vectors without i, and the line in place of j.
    let kept = (0..n).filter(|&k| k != tie.i).collect::<Vec<_>>();
    let jacobian = DMatrix::from_fn(n, n - 1, |row, column| match (row, kept[column]) {
        (row, k) if k == tie.j && row == tie.i => a,
        (row, k) if k == tie.j && row == tie.j => b,
        (row, k) => f64::from(u8::from(row == k)),
    });
    let g = jacobian.transpose() * nalgebra::DVector::from_column_slice(&slope.value);
    let metric = Metric::new(&(jacobian.transpose() * h * &jacobian), &vec![true; n - 1]);
    let step = &jacobian * nalgebra::DVector::from_vec(metric.times(g.as_slice()));
    (step.as_slice().to_vec(), metric.promised_drop(g.as_slice()))
}
