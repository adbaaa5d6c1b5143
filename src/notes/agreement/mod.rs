//! How far codings of the same subjects agree, beyond what chance would give.

mod cohen;
mod compare;
mod fleiss;

pub use cohen::{Weights, cohen_kappa};
pub use compare::{Comparison, Share, compare};
pub use fleiss::{Fleiss, fleiss_kappa};

use crate::diagnostic::Finding;
use crate::error::{Error, Kind};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// A kappa and what it is made of. Numbers that do not exist are NaN, and a finding says why.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Kappa.
    pub estimate: f64,
    /// Its standard error, whatever kappa is.
    pub se: f64,
    /// Its standard error if raters agree no more than by chance: for a test of that alone.
    pub se_null: f64,
    /// Lower end of the interval.
    pub lower: f64,
    /// Upper end of the interval.
    pub upper: f64,
    /// Subjects used.
    pub n: usize,
    /// Subjects left out for want of codes.
    pub omitted: usize,
    /// Raters.
    pub raters: usize,
    /// The (weighted) share of agreement.
    pub observed: f64,
    /// What chance would give.
    pub expected: f64,
    /// What a reader should know.
    pub findings: Vec<Finding>,
}

impl Agreement {
    fn undefined(n: usize, raters: usize, observed: f64, expected: f64) -> Self {
        let none = f64::NAN;
        let (estimate, se, se_null, lower, upper) = (none, none, none, none, none);
        Self { estimate, se, se_null, lower, upper, n, omitted: 0, raters, observed, expected, findings: Vec::new() }
    }
}

/// An interval around kappa, which lies between -1 and 1.
fn interval(estimate: f64, se: f64, quantile: f64) -> (f64, f64) {
    ((estimate - quantile * se).max(-1.0), (estimate + quantile * se).min(1.0))
}

fn normal_quantile(level: f64) -> f64 {
    Normal::standard().inverse_cdf(f64::midpoint(1.0, level))
}

fn student_quantile(level: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |t| t.inverse_cdf(f64::midpoint(1.0, level)))
}

fn one_category() -> Finding {
    let message =
        "every code is the same category, so agreement beyond chance has no meaning; report the share of agreement";
    Finding::warning("kappa-one-category", "kappa", message)
}

fn no_spread(agreed: bool) -> Finding {
    let what = if agreed { "raters agree on every subject" } else { "the subjects leave kappa no spread" };
    let message = format!("{what}, so the standard error is zero; the interval is not evidence of certainty");
    Finding::warning("kappa-no-spread", "kappa", message)
}

fn not_a_category() -> Error {
    Error::new(Kind::Data, "not-a-category", "a code is not one of the categories; count categories from 0")
}
