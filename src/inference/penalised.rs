//! Tests and intervals of penalised estimates, from the profile of the penalised likelihood.
//!
//! With D*ₚ(v) the smallest D* with βₖ held at v, r(v) = ±√(D*ₚ(v) − D*) with the sign of v − β̂ₖ is close to a straight line. The
//! interval is where |r| ≤ z, the test of βₖ = 0 takes r(0)² for χ²₁ (Heinze & Schemper 2002, *Stat Med* 21:2409). Under
//! separation r is far from straight, and intervals of Wald's kind are wrong on both sides. The penalty is that of all
//! coefficients, the held one too, so both ends are finite.

use super::normal::{chi_squared_p, two_sided};
use crate::error::{Error, Kind, Result};
use crate::model::{Fit, Sample};
use crate::optimise::{Climbed, climb};
use rayon::prelude::*;

/// One coefficient. Redundant columns have NaN throughout.
#[derive(Debug, Clone, PartialEq)]
pub struct PenalisedRow {
    /// Parameter name.
    pub name: String,
    /// Log odds ratio.
    pub estimate: f64,
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Twice the drop in penalised log-likelihood from here to zero.
    pub statistic: f64,
    /// Its p-value, by χ²₁.
    pub p_value: f64,
}

/// An end is found when |r| is this near to z: a relative error of the interval of about as much.
const NEAR: f64 = 1e-6;

/// Trials before an end is given up: the way out doubles, the way back is a secant in a bracket.
const MOST_TRIALS: usize = 60;

/// Profile intervals and tests of every coefficient of a penalised fit.
pub fn penalised_profile(
    fit: &Fit,
    sample: &Sample,
    level: f64,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<PenalisedRow>> {
    let z = two_sided(level)?;
    if fit.penalised_log_likelihood.is_none() {
        let message = "this fit has no penalty, so there is no penalised likelihood to take intervals from; fit with penalty='jeffreys'";
        return Err(Error::new(Kind::Option, "not-penalised", message));
    }
    (0..fit.design.width()).into_par_iter().map(|column| row(fit, sample, column, z, interrupt)).collect()
}

fn row(
    fit: &Fit,
    sample: &Sample,
    column: usize,
    z: f64,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<PenalisedRow> {
    let name = fit.design.names[column].clone();
    let Some(k) = fit.position(column) else {
        let nan = f64::NAN;
        return Ok(PenalisedRow { name, estimate: nan, lower: nan, upper: nan, statistic: nan, p_value: nan });
    };
    let profile = Profile::new(fit, sample, k, interrupt);
    let statistic = profile.root(0.0)?.powi(2);
    Ok(PenalisedRow {
        name,
        estimate: profile.estimate,
        lower: profile.end(-z)?,
        upper: profile.end(z)?,
        statistic,
        p_value: chi_squared_p(statistic, 1),
    })
}

/// The profile of one coefficient.
struct Profile<'a> {
    fit: &'a Fit,
    sample: &'a Sample,
    interrupt: &'a (dyn Fn() -> bool + Sync),
    held: [usize; 1],
    estimate: f64,
    error: f64,
    /// How (β, θ) follow the held coefficient near the optimum, per unit.
    follow: Vec<f64>,
}

impl<'a> Profile<'a> {
    fn new(fit: &'a Fit, sample: &'a Sample, k: usize, interrupt: &'a (dyn Fn() -> bool + Sync)) -> Self {
        let n = fit.parameters();
        let variance = fit.covariance[k * n + k];
        // θ of the sample may have other signs than the fit's, so it stays.
        let follow = (0..fit.beta.len()).map(|l| fit.covariance[k * n + l] / variance).collect();
        Self { fit, sample, interrupt, held: [k], estimate: sample.beta[k], error: variance.sqrt(), follow }
    }

    /// r at a value of the coefficient.
    fn root(&self, value: f64) -> Result<f64> {
        let away = value - self.estimate;
        let mut beta = self.sample.beta.iter().zip(&self.follow).map(|(b, f)| b + away * f).collect::<Vec<_>>();
        beta[self.held[0]] = value;
        let mut start = self.sample.start(&self.held);
        start.beta = &beta;
        let settings = &self.fit.settings;
        let Climbed { deviance, converged, .. } =
            climb(&self.sample.problem, &start, settings.tolerance, settings.max_iterations, self.interrupt)?;
        if !converged {
            let message = format!(
                "the profile of '{}' could not be followed to {value:.4}: the search with the coefficient held there did not converge. Scale the covariates or simplify the random effects",
                self.fit.design.names[self.fit.estimated[self.held[0]]]
            );
            return Err(Error::new(Kind::Fit, "profile", message));
        }
        Ok((deviance - self.sample.deviance).max(0.0).sqrt().copysign(away))
    }

    /// Where r is `target`.
    fn end(&self, target: f64) -> Result<f64> {
        let (mut inner, mut outer) = ((self.estimate, 0.0), (self.estimate, 0.0));
        let mut value = self.estimate + target * self.error;
        let beyond = |r: f64| r.abs() >= target.abs();
        for trial in 0..MOST_TRIALS {
            let r = self.root(value)?;
            if (r - target).abs() <= NEAR * target.abs() {
                return Ok(value);
            }
            if beyond(r) {
                outer = (value, r);
            } else {
                inner = (value, r);
            }
            value = if beyond(outer.1) {
                let share = (target - inner.1) / (outer.1 - inner.1);
                // Every fourth trial halves the bracket, so that a curved r cannot hold one side for ever.
                let share = if trial % 4 == 3 { 0.5 } else { share.clamp(0.01, 0.99) };
                inner.0 + share * (outer.0 - inner.0)
            } else {
                // As far again as a straight line from the estimate would need, twice as far at most.
                self.estimate + (value - self.estimate) * (1.05 * target / r).clamp(1.1, 2.0)
            };
        }
        Ok(value)
    }
}
