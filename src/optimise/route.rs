//! The way of a whole fit: Laplace's method, from its optimum the quadrature that was asked for, and a look at the rule after it.

use super::beyond::maximise_both_sides;
use super::ladder;
use super::runaway::{RUN_AWAY, SUSPECT, widest};
use super::search::{Optimum, Start};
use super::shift::{Look, Shift, look_ahead};
use crate::error::Result;
use crate::likelihood::{Problem, Quadrature};
use crate::settings::{Points, Settings};

/// Laplace's optimum is known this closely, as a drop in deviance, when it is only where the quadrature starts.
const NEAR: f64 = 1e-2;

/// Steps of the search that is to show whether a variance runs off: each moves an SD by one and a half at most.
const TRIAL_STEPS: usize = 30;

/// Where the way ended.
pub struct Ascent {
    /// The optimum.
    pub optimum: Optimum,
    /// Points per effect that it was found with.
    pub points: usize,
    /// What each look at the next rule found; the last is about the result.
    pub shifts: Vec<Shift>,
}

/// Maximises the likelihood of `problem` with the points of the settings, `rule` if they are fixed; the problem keeps the rule.
///
/// A sweep at the mode costs one node, so the way to Laplace's optimum is cheap beside the steps of the quadrature, and it ends
/// within a few of them.
pub fn ascend(
    problem: &mut Problem,
    rule: Option<Quadrature>,
    (beta, theta, u): (&[f64], &[f64], &[f64]),
    settings: &Settings,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Ascent> {
    let start = Start { beta, theta, u, held: &[], nearby: None };
    problem.quadrature = None;
    let tolerance = if rule.is_some() { NEAR.max(settings.tolerance) } else { settings.tolerance };
    let laplace = maximise_both_sides(problem, &start, tolerance, settings.max_iterations, interrupt)?;
    if settings.points == Points::Auto {
        return raise(problem, laplace, settings, interrupt);
    }
    let mut optimum = match rule {
        None => laplace,
        Some(rule) => go_on(problem, rule, laplace, settings, interrupt)?,
    };
    let points = if let Points::Fixed(points) = settings.points { points } else { 1 };
    let shifts = look_ahead(problem, &mut optimum, points, interrupt)?.into_iter().collect();
    Ok(Ascent { optimum, points, shifts })
}

/// Maximises by `rule` from an optimum by another; the trace goes on.
fn go_on(
    problem: &mut Problem,
    rule: Quadrature,
    from: Optimum,
    settings: &Settings,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Optimum> {
    problem.quadrature = Some(rule);
    let start = Start { beta: &from.mode.beta, theta: &from.mode.theta, u: &from.mode.u, held: &[], nearby: None };
    let mut optimum = maximise_both_sides(problem, &start, settings.tolerance, from.steps_left, interrupt)?;
    optimum.trace.splice(0..0, from.trace);
    Ok(optimum)
}

/// Raises the points until the next rule would move nothing.
///
/// 1. Look at the next rule at the optimum. If it moves nothing, or there is none, this is the result.
/// 2. Go up, rule by rule, at the same parameters, until the one after would move nothing: a look costs one gradient, a search
///    ten and a Hessian.
/// 3. Maximise by that rule, and look again: the variances may have grown.
///
/// Where Laplace's method ends with a variance that may run off, a short search by a modest rule comes first: rules up to the
/// last would follow it at a hundred times the cost, and none would hold still.
fn raise(
    problem: &mut Problem,
    laplace: Optimum,
    settings: &Settings,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Ascent> {
    let mut ascent = Ascent { optimum: laplace, points: 1, shifts: Vec::new() };
    if widest(problem, &ascent.optimum.mode.theta) > SUSPECT {
        ascent = attempt(problem, ascent, settings, interrupt)?;
        if widest(problem, &ascent.optimum.mode.theta) > RUN_AWAY {
            ascent.shifts.extend(look_ahead(problem, &mut ascent.optimum, ascent.points, interrupt)?);
            return Ok(ascent);
        }
    }
    loop {
        let Some(shift) = look_ahead(problem, &mut ascent.optimum, ascent.points, interrupt)? else {
            return Ok(ascent);
        };
        let enough = shift.is_still(groups(problem)) || ascent.optimum.steps_left == 0;
        ascent.shifts.push(shift);
        if enough {
            return Ok(ascent);
        }
        let Some((points, rule)) = settle(problem, &mut ascent) else { return Ok(ascent) };
        ascent.optimum = go_on(problem, rule, ascent.optimum, settings, interrupt)?;
        ascent.points = points;
    }
}

/// A search by a modest rule, given up after a few steps if the variance has run off by then.
fn attempt(
    problem: &mut Problem,
    ascent: Ascent,
    settings: &Settings,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Ascent> {
    let Some((points, rule)) = ladder::modest(problem) else { return Ok(ascent) };
    let Ascent { mut optimum, mut shifts, .. } = ascent;
    shifts.extend(look_ahead(problem, &mut optimum, 1, interrupt)?);
    let kept = optimum.steps_left.saturating_sub(TRIAL_STEPS);
    optimum.steps_left -= kept;
    optimum = go_on(problem, rule.clone(), optimum, settings, interrupt)?;
    optimum.steps_left += kept;
    if !optimum.converged && widest(problem, &optimum.mode.theta) <= RUN_AWAY {
        optimum = go_on(problem, rule, optimum, settings, interrupt)?;
    }
    Ok(Ascent { optimum, points, shifts })
}

/// Groups that share no effect with each other: the levels of the factor that has fewest.
fn groups(problem: &Problem) -> usize {
    problem.groupings.iter().map(|g| g.levels).min().unwrap_or_default()
}

/// The first rule above the ascent's own that holds still at its parameters, or the last.
fn settle(problem: &mut Problem, ascent: &mut Ascent) -> Option<(usize, Quadrature)> {
    let (mut points, mut rule) = ladder::next(problem, ascent.points)?;
    let mut look = Look::with(problem, &rule, &mut ascent.optimum)?;
    while let Some((further, next)) = ladder::next(problem, points) {
        let Some(ahead) = Look::with(problem, &next, &mut ascent.optimum) else { break };
        if look.shift(&ahead, &ascent.optimum, points, Some(further)).is_still(groups(problem)) {
            break;
        }
        (points, rule, look) = (further, next, ahead);
    }
    Some((points, rule))
}
