//! The gradient of each cluster's log-likelihood: the cluster as a problem of its own, at the estimates of the whole.

use crate::error::Result;
use crate::likelihood::{LAST_STEP_GAIN, find_mode, gradient};
use crate::model::{Fit, Sample};
use rayon::prelude::*;

/// ∂ log L_g / ∂(β, θ) per cluster.
pub(super) fn scores(
    fit: &Fit,
    sample: &Sample,
    members: &[Vec<u32>],
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Vec<f64>>> {
    let one = |records: &Vec<u32>| {
        let piece = sample.problem.piece(records)?;
        // θ of the fit, whose signs go with its covariance; the sample's may have a column of Λ the other way round.
        let start = vec![0.0; piece.layout.effects()];
        let mode = find_mode(&piece, &fit.beta, &fit.theta, &start, LAST_STEP_GAIN, interrupt)?;
        Ok(gradient(&piece, &mode).value.iter().map(|d| -d / 2.0).collect())
    };
    members.par_iter().map(one).collect()
}
