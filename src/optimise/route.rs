//! The way of a whole fit: Laplace's method, and from its optimum the quadrature that was asked for.

use super::search::{Optimum, Start, maximise};
use crate::error::Result;
use crate::likelihood::{Problem, Quadrature};
use crate::settings::Settings;

/// Laplace's optimum is known this closely, as a drop in deviance, when it is only where the quadrature starts.
const NEAR: f64 = 1e-2;

/// Maximises the likelihood of `problem` by Laplace's method, or by `quadrature`; the problem keeps the method.
///
/// A sweep at the mode costs one node, so the way to Laplace's optimum is cheap beside the steps of the quadrature, and it ends
/// within a few of them.
pub fn ascend(
    problem: &mut Problem,
    quadrature: Option<Quadrature>,
    beta: &[f64],
    theta: &[f64],
    settings: &Settings,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Optimum> {
    let (tolerance, most) = (settings.tolerance, settings.max_iterations);
    let start = Start { beta, theta, u: &vec![0.0; problem.layout.effects()], held: &[], nearby: None };
    problem.quadrature = None;
    if quadrature.is_none() {
        return maximise(problem, &start, tolerance, most, interrupt);
    }
    let laplace = maximise(problem, &start, NEAR.max(tolerance), most, interrupt)?;
    problem.quadrature = quadrature;
    let start = Start { beta: &laplace.mode.beta, theta: &laplace.mode.theta, u: &laplace.mode.u, ..start };
    let mut optimum = maximise(problem, &start, tolerance, laplace.steps_left, interrupt)?;
    optimum.trace.splice(0..0, laplace.trace);
    Ok(optimum)
}
