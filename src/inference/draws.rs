//! Draws of the parameters: from the normal law of the estimates, or from refits to outcomes drawn from the model.

use super::bootstrap;
use crate::error::{Error, Kind, Result};
use crate::model::{Fit, Sample};
use crate::optimise::Climbed;
use crate::progress::Tally;
use crate::random::Lambda;
use crate::simulate::{normal, stream};
use nalgebra::{DMatrix, DVector, SymmetricEigen};
use rayon::prelude::*;

/// Refits that fail are left out of a bootstrap while they are this few.
const MOST_FAILURES: f64 = 0.05;

/// One draw of (β, θ).
#[derive(Debug, Clone)]
pub struct Parameters {
    /// β, estimated columns.
    pub beta: Vec<f64>,
    /// θ.
    pub theta: Vec<f64>,
}

impl Parameters {
    /// Those of the fit.
    pub(super) fn of(fit: &Fit) -> Self {
        Self { beta: fit.beta.clone(), theta: fit.theta.clone() }
    }

    /// Λ(θ).
    pub(super) fn lambda(&self, fit: &Fit) -> Lambda {
        fit.theta_map().lambda(&self.theta)
    }
}

/// How intervals are made.
pub enum Method<'a> {
    /// Delta method.
    Delta,
    /// Percentiles over draws from N((β̂, θ̂), V) (King, Tomz & Wittenberg 2000, *Am J Polit Sci* 44:347).
    Simulation {
        /// Seed of the draws.
        seed: u64,
        /// How many.
        replicates: usize,
    },
    /// Percentiles over refits to outcomes drawn from the fitted model: new effects for every group, then events.
    Bootstrap {
        /// The rows.
        sample: &'a Sample,
        /// Seed of the draws.
        seed: u64,
        /// How many.
        replicates: usize,
    },
}

impl Method<'_> {
    /// The draws; none for the delta method.
    pub(super) fn draw(&self, fit: &Fit, interrupt: &(dyn Fn() -> bool + Sync)) -> Result<Vec<Parameters>> {
        match self {
            Self::Delta => Ok(Vec::new()),
            Self::Simulation { seed, replicates } => Ok(from_normal(fit, *seed, *replicates)),
            Self::Bootstrap { sample, seed, replicates } => from_refits(sample, *seed, *replicates, interrupt),
        }
    }

    /// Whether intervals are percentiles.
    pub(super) fn by_draws(&self) -> bool {
        !matches!(self, Self::Delta)
    }
}

/// ψ̂ + QΛ^½z with V = QΛQ'. Pinned θ have no variance and stay; a θ that crosses zero gives the Σ of its mirror image.
fn from_normal(fit: &Fit, seed: u64, replicates: usize) -> Vec<Parameters> {
    let (p, n) = (fit.beta.len(), fit.parameters());
    let eigen = SymmetricEigen::new(DMatrix::from_row_slice(n, n, &fit.covariance));
    let roots = eigen.eigenvalues.map(|v| v.max(0.0).sqrt());
    let one = |replicate: usize| {
        let mut rng = stream(seed, replicate as u64);
        let z = DVector::from_iterator(n, (0..n).map(|k| roots[k] * normal(&mut rng)));
        let step = &eigen.eigenvectors * z;
        Parameters {
            beta: fit.beta.iter().zip(step.iter()).map(|(b, s)| b + s).collect(),
            theta: fit.theta.iter().zip(step.iter().skip(p)).map(|(t, s)| t + s).collect(),
        }
    };
    (0..replicates).into_par_iter().map(one).collect()
}

/// Parameters of the refits that converged.
fn from_refits(
    sample: &Sample,
    seed: u64,
    replicates: usize,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Parameters>> {
    let found = bootstrap::refits(sample, seed, replicates, &Tally::default(), interrupt)?.into_iter().map(converged);
    let parameters = |found: Climbed| Parameters { beta: found.beta, theta: found.theta };
    kept(found.map(|f| Ok(f?.map(parameters))).collect::<Result<Vec<_>>>()?)
}

/// A refit that converged; an interruption is passed on.
pub(super) fn converged(found: Result<Climbed>) -> Result<Option<Climbed>> {
    match found {
        Ok(found) => Ok(Some(found).filter(|f| f.converged)),
        Err(error) if error.kind() == Kind::Interrupted => Err(error),
        Err(_) => Ok(None),
    }
}

/// Drops the refits that did not converge, unless they are many.
pub(super) fn kept<T>(found: Vec<Option<T>>) -> Result<Vec<T>> {
    let replicates = found.len();
    let kept = found.into_iter().flatten().collect::<Vec<_>>();
    let failed = replicates - kept.len();
    if failed as f64 > MOST_FAILURES * replicates as f64 {
        let message = format!(
            "{failed} of {replicates} bootstrap refits did not converge, so the percentiles of the others would be biased; a level with very few events is the usual cause: join levels, or use an interval without refits"
        );
        return Err(Error::new(Kind::Fit, "bootstrap-failures", message));
    }
    Ok(kept)
}
