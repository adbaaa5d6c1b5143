//! Variances that run off: where groups have one outcome each, the likelihood hardly tells a large variance from an infinite one.
//!
//! An effect with an SD of σ gives a group whose outcomes are all alike a likelihood that grows with σ to ½, and one whose are
//! not a likelihood that falls as 1/σ. With few groups of the second kind the maximum is at an SD of tens or hundreds, or at
//! infinity; rules with more points find it ever further out, for what they integrate has a step in it.

use crate::likelihood::Problem;

/// An SD on the linear predictor above this is looked at: between two groups an SD apart lies an odds ratio of e¹⁰ = 22,000.
pub const SUSPECT: f64 = 10.0;

/// An SD above this is beyond all data: probabilities at log odds of ±40 are 0 and 1 in double precision.
pub const RUN_AWAY: f64 = 40.0;

/// The largest SD of each grouping factor on the linear predictor.
pub fn spreads(problem: &Problem, theta: &[f64]) -> Vec<f64> {
    let of = |(g, grouping): (usize, &crate::random::Grouping)| {
        let covariance = problem.theta.covariance(theta, g);
        let k = grouping.width;
        (0..k).map(|a| covariance[a * k + a].max(0.0).sqrt() * problem.unit(g, a)).fold(0.0, f64::max)
    };
    problem.groupings.iter().enumerate().map(of).collect()
}

/// The largest of all.
pub(super) fn widest(problem: &Problem, theta: &[f64]) -> f64 {
    spreads(problem, theta).into_iter().fold(0.0, f64::max)
}
