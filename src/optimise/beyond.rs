//! A second search from the other side, where the first ended at the boundary.

use super::boundary::far_side;
use super::search::{Optimum, Start, climb, maximise};
use crate::error::{Kind, Result};
use crate::likelihood::Problem;

/// A maximum elsewhere counts when D is lower there by more than this.
const LOWER: f64 = 1e-6;

/// [`maximise`], and once more from larger variances when a variance ended at zero; the better end.
///
/// D can have two minima in θ, and in data drawn for tests it had when one of them was at the boundary: about once in a thousand
/// small data sets with random slopes, where groups nearly separate. The second search is a climb without a certificate, unless
/// it ends lower.
pub fn maximise_both_sides(
    problem: &Problem,
    start: &Start,
    tolerance: f64,
    max_iterations: usize,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Optimum> {
    let optimum = maximise(problem, start, tolerance, max_iterations, interrupt)?;
    if optimum.free.iter().all(|f| *f) || optimum.steps_left == 0 {
        return Ok(optimum);
    }
    let mode = &optimum.mode;
    let theta = far_side(problem, &mode.theta);
    let far = Start { beta: &mode.beta, theta: &theta, u: &vec![0.0; mode.u.len()], held: &[], nearby: None };
    let other = match climb(problem, &far, tolerance, optimum.steps_left, interrupt) {
        Ok(other) if other.deviance < mode.deviance - LOWER => other,
        Err(e) if e.kind() != Kind::Fit => return Err(e),
        _ => return Ok(optimum),
    };
    let near = Start { beta: &other.beta, theta: &other.theta, u: &other.u, held: &[], nearby: None };
    let mut better = maximise(problem, &near, tolerance, optimum.steps_left, interrupt)?;
    better.trace.splice(0..0, optimum.trace);
    Ok(better)
}
