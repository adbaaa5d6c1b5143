//! Average marginal effects of numbers: how the risk changes with a covariate, averaged over people.

use super::average::{Analysis, Request, Scenario};
use super::cohort::{Change, Cohort, Setting};
use super::effects::check_number;
use super::estimate::{Estimate, Measured, Scale};
use super::normal::two_sided_p;
use super::quantity::Quantity;
use crate::error::{Error, Kind, Result};
use crate::model::Fit;

/// Step of a derivative in standard deviations of the covariate: the difference quotient then errs by about 1e-8 of the
/// curvature and 1e-12 of the risk.
const DERIVATIVE_STEP: f64 = 1e-4;

/// One average marginal effect.
#[derive(Debug, Clone, PartialEq)]
pub struct SlopeRow {
    /// Level of each column of `over`.
    pub subgroup: Vec<String>,
    /// Rows averaged over.
    pub n: usize,
    /// Change in risk: per unit, or for the step.
    pub effect: Estimate,
    /// Estimate over standard error.
    pub statistic: f64,
    /// Two-sided.
    pub p_value: f64,
}

/// The average over people of ∂risk/∂x, or of the change in risk when x grows by `step`. Curves, transformations and
/// interactions move along, because the rows are coded again at the other value.
pub fn marginal_effects(fit: &Fit, request: &Request, column: &str, step: Option<f64>) -> Result<Vec<SlopeRow>> {
    check_number(fit, column)?;
    if let Some(step) = step.filter(|s| !s.is_finite() || *s == 0.0) {
        let message = format!("step={step} is no change; give the number by which '{column}' is to grow");
        return Err(Error::new(Kind::Option, "step-range", message));
    }
    let cohort = Analysis::cohort(fit, request)?;
    let scenarios = match step {
        Some(step) => pair(fit, &cohort, request, column, |x| (x, x + step), false)?,
        None => derivative(fit, &cohort, request, column)?,
    };
    let subgroups = cohort.labels.len();
    let measures = |means: &[Vec<Quantity>]| {
        let difference = |s: usize| Measured::new(means[1][s].minus(&means[0][s]), Scale::Plain);
        (0..subgroups).map(difference).collect()
    };
    let found = Analysis::new(fit, request, scenarios).estimate(measures)?;
    let row = |(s, effect): (usize, Estimate)| SlopeRow {
        subgroup: cohort.labels[s].clone(),
        n: cohort.counts[s],
        effect,
        statistic: effect.value / effect.std_error,
        p_value: two_sided_p(effect.value / effect.std_error),
    };
    Ok(found.into_iter().enumerate().map(row).collect())
}

/// Central differences; where a value beyond the data has no curve or no logarithm, one-sided ones at the ends.
fn derivative(fit: &Fit, cohort: &Cohort, request: &Request, column: &str) -> Result<Vec<Scenario>> {
    let x = cohort.numbers(column)?;
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let deviation = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    let h = DERIVATIVE_STEP * if deviation > 0.0 { deviation } else { mean.abs().max(1.0) };
    let (low, high) = x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
    let around = |x: f64| (x - h, x + h);
    let inside = |x: f64| ((x - h).max(low), (x + h).min(high));
    match pair(fit, cohort, request, column, around, true) {
        Err(error) if matches!(error.slug(), "outside-bounds" | "not-finite") && low < high => {
            pair(fit, cohort, request, column, inside, true)
        }
        found => found,
    }
}

/// The cohort at two values of x per row; `per_unit` divides each row's share by their distance.
fn pair(
    fit: &Fit,
    cohort: &Cohort,
    request: &Request,
    column: &str,
    ends: impl Fn(f64) -> (f64, f64),
    per_unit: bool,
) -> Result<Vec<Scenario>> {
    let ends = cohort.numbers(column)?.into_iter().map(ends).collect::<Vec<_>>();
    let factor = per_unit.then(|| ends.iter().map(|(a, b)| 1.0 / (b - a)).collect::<Vec<_>>());
    let scenario = |values: Vec<f64>| {
        let change = Change { column: column.to_string(), to: Setting::Numbers(values) };
        Scenario::new(fit, cohort, &[change], request.target, factor.as_deref())
    };
    let (low, high) = ends.iter().copied().unzip();
    Ok(vec![scenario(low)?, scenario(high)?])
}
