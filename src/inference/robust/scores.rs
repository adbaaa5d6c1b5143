//! The gradient of each cluster's log-likelihood: the cluster as a problem of its own, at the estimates of the whole.

use crate::error::Result;
use crate::likelihood::{Gradient, LAST_STEP_GAIN, Mode, Problem, find_mode, gradient};
use crate::model::{Fit, Sample};
use rayon::prelude::*;

/// ∂ log L_g / ∂(β, θ) per cluster.
pub(super) fn scores(
    fit: &Fit,
    sample: &Sample,
    members: &[Vec<u32>],
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Vec<f64>>> {
    let one = |records: &Vec<u32>| Ok(Cluster::new(fit, sample, records, interrupt)?.score());
    members.par_iter().map(one).collect()
}

/// A cluster as a problem of its own.
pub(super) struct Cluster {
    pub problem: Problem,
    pub mode: Mode,
    /// ∂D/∂(β, θ) and what goes with it.
    pub gradient: Gradient,
}

impl Cluster {
    pub(super) fn new(
        fit: &Fit,
        sample: &Sample,
        records: &[u32],
        interrupt: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self> {
        let problem = sample.problem.piece(records)?;
        // θ of the fit, whose signs go with its covariance; the sample's may have a column of Λ the other way round.
        let start = vec![0.0; problem.layout.effects()];
        let mode = find_mode(&problem, &fit.beta, &fit.theta, &start, LAST_STEP_GAIN, interrupt)?;
        let gradient = gradient(&problem, &mode);
        Ok(Self { problem, mode, gradient })
    }

    /// ∂ log L_g / ∂(β, θ).
    pub(super) fn score(&self) -> Vec<f64> {
        self.gradient.value.iter().map(|d| -d / 2.0).collect()
    }
}
