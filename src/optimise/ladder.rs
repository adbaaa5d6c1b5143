//! Which number of points comes after which.

use crate::likelihood::{Problem, Quadrature};

/// Rules for one and two effects in all: about 1.6 times the points before, so that two neighbours differ by more than either
/// is off when they agree.
const RUNGS: [usize; 8] = [1, 5, 9, 15, 25, 41, 67, 99];

/// Rules for three effects and more, where nodes are the cube of points.
const FEW_RUNGS: [usize; 7] = [1, 3, 5, 7, 11, 15, 21];

/// A rule is compared with one of this many times its points at least.
const FURTHER: f64 = 1.3;

/// Records times nodes that one look may read: about a quarter of a second.
const MOST_WORK: usize = 50_000_000;

/// Rules that a first search goes no further than, where it is to show whether a variance runs off.
const MODEST: usize = 25;
const FEW_MODEST: usize = 7;

/// The next rule worth comparing with `points`, or the largest within reach; `None` if there is none far enough above.
pub(super) fn next(problem: &Problem, points: usize) -> Option<(usize, Quadrature)> {
    let rungs = rungs(problem);
    let least = (points + 1).max((FURTHER * points as f64).ceil() as usize);
    let first = rungs.iter().copied().find(|rung| *rung >= least)?;
    (least..=first).rev().find_map(|points| rule(problem, points))
}

/// A rule that costs little and is far better than Laplace's method; `None` if there is none.
pub(super) fn modest(problem: &Problem) -> Option<(usize, Quadrature)> {
    let most = if problem.row_width() > 2 { FEW_MODEST } else { MODEST };
    let below = rungs(problem).iter().rev().filter(|rung| (2..=most).contains(*rung));
    below.copied().find_map(|points| rule(problem, points))
}

fn rungs(problem: &Problem) -> &'static [usize] {
    if problem.row_width() > 2 { &FEW_RUNGS } else { &RUNGS }
}

/// The rule of so many points, if the model has one and it is within reach.
fn rule(problem: &Problem, points: usize) -> Option<(usize, Quadrature)> {
    let nodes = points.checked_pow(problem.row_width() as u32)?;
    let work = nodes.checked_mul(problem.rows())?;
    if work > MOST_WORK { None } else { Quadrature::new(points, problem).map(|rule| (points, rule)) }
}
