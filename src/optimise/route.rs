//! The way of a whole fit: Laplace's method, and from its optimum the quadrature that was asked for.

use super::boundary::far_side;
use super::search::{Optimum, Start, climb, maximise};
use crate::error::{Kind, Result};
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
        let optimum = maximise(problem, &start, tolerance, most, interrupt)?;
        return look_beyond(problem, optimum, tolerance, interrupt);
    }
    let laplace = maximise(problem, &start, NEAR.max(tolerance), most, interrupt)?;
    problem.quadrature = quadrature;
    let start = Start { beta: &laplace.mode.beta, theta: &laplace.mode.theta, u: &laplace.mode.u, ..start };
    let mut optimum = maximise(problem, &start, tolerance, laplace.steps_left, interrupt)?;
    optimum.trace.splice(0..0, laplace.trace);
    look_beyond(problem, optimum, tolerance, interrupt)
}

/// A maximum elsewhere counts when D is lower there by more than this.
const LOWER: f64 = 1e-6;

/// Searches once more from the other side when a variance ended at zero, and keeps the better end.
///
/// D can have two minima in θ, and in data drawn for tests it had when one of them was at the boundary: about once in a thousand
/// small data sets with random slopes, where groups nearly separate. The second search is a climb from larger variances, without
/// a certificate unless it ends lower.
fn look_beyond(
    problem: &Problem,
    optimum: Optimum,
    tolerance: f64,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Optimum> {
    if optimum.free.iter().all(|f| *f) || optimum.steps_left == 0 {
        return Ok(optimum);
    }
    let mode = &optimum.mode;
    let theta = far_side(problem, &mode.theta);
    let start = Start { beta: &mode.beta, theta: &theta, u: &vec![0.0; mode.u.len()], held: &[], nearby: None };
    let other = match climb(problem, &start, tolerance, optimum.steps_left, interrupt) {
        Ok(other) if other.deviance < mode.deviance - LOWER => other,
        Err(e) if e.kind() != Kind::Fit => return Err(e),
        _ => return Ok(optimum),
    };
    let start = Start { beta: &other.beta, theta: &other.theta, u: &other.u, held: &[], nearby: None };
    let mut better = maximise(problem, &start, tolerance, optimum.steps_left, interrupt)?;
    better.trace.splice(0..0, optimum.trace);
    Ok(better)
}
