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

/// The next rule worth comparing with `points`, or the largest within reach; `None` if there is none far enough above.
pub(super) fn next(problem: &Problem, points: usize) -> Option<(usize, Quadrature)> {
    let effects = problem.row_width();
    let rungs: &[usize] = if effects > 2 { &FEW_RUNGS } else { &RUNGS };
    let least = (points + 1).max((FURTHER * points as f64).ceil() as usize);
    let first = rungs.iter().copied().find(|rung| *rung >= least)?;
    let affordable = |points: usize| {
        let nodes = points.checked_pow(effects as u32);
        nodes.and_then(|nodes| nodes.checked_mul(problem.rows())).is_some_and(|work| work <= MOST_WORK)
    };
    let rule = |points: usize| Quadrature::new(points, problem).map(|rule| (points, rule));
    (least..=first).rev().filter(|points| affordable(*points)).find_map(rule)
}
