//! From a start to the maximum of the likelihood: plain logistic start, quasi-Newton, Newton polish, certificate.

mod logistic;
mod metric;
mod search;
mod start;

pub use logistic::{PlainFit, fit_plain};
pub use metric::Metric;
pub use search::{Evaluation, Optimum, maximise};
pub use start::start_theta;
