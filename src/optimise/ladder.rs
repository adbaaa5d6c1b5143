//! Which number of points comes after which.

use crate::likelihood::{Problem, Quadrature};

/// Rules for one and two effects in all: about 1.6 times the points before, so that two neighbours differ by more than either
/// is off when they agree.
const RUNGS: [usize; 8] = [1, 5, 9, 15, 25, 41, 67, 99];

/// Rules for three effects and more, where nodes are the cube of points.
const FEW_RUNGS: [usize; 7] = [1, 3, 5, 7, 11, 15, 21];

/// A rule is compared with one of this many times its points at least.
const FURTHER: f64 = 1.3;

/// The next rule worth comparing with `points`, or the largest that the problem has; `None` if there is none above.
pub(super) fn next(problem: &Problem, points: usize) -> Option<(usize, Quadrature)> {
    let effects = problem.row_width();
    let rungs: &[usize] = if effects > 2 { &FEW_RUNGS } else { &RUNGS };
    let further = |rung: &&usize| **rung > points && **rung as f64 >= FURTHER * points as f64;
    let from = rungs.iter().rposition(|rung| *rung <= points).unwrap_or_default();
    let first = rungs.iter().find(further).copied();
    let rule = |points: usize| Quadrature::new(points, problem).map(|rule| (points, rule));
    first.and_then(rule).or_else(|| {
        // Close to the limit of nodes the next rung may be out of reach where some rule above is not.
        let top = first.unwrap_or(rungs[rungs.len() - 1]).max(rungs[from]);
        (points + 1..top).rev().find_map(rule)
    })
}
