//! From a start to the maximum of the likelihood: plain logistic start, quasi-Newton, Newton polish, certificate; by Laplace's
//! method first, whatever the number of points.

mod beyond;
mod boundary;
mod ladder;
mod logistic;
mod metric;
mod route;
mod runaway;
mod search;
mod separation;
mod shift;
mod start;
mod vanished;

pub use beyond::maximise_both_sides;
pub use logistic::{PlainFit, fit_plain};
pub use metric::Metric;
pub use route::{Ascent, ascend};
pub use runaway::{RUN_AWAY, SUSPECT, spreads};
pub use search::{Climbed, Evaluation, Optimum, Start, climb, maximise};
pub use separation::{Direction, Separation, find_separation};
pub use shift::Shift;
pub use start::{Guess, guess};
