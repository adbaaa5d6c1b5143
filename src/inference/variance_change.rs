//! How much of the variance between groups another model accounts for.

use super::bootstrap::refit;
use super::crew;
use super::draws::{converged, kept};
use super::estimate::{Delta, Estimate, Measured, Scale, check_converged};
use super::heterogeneity::group_variance;
use super::quantity::Quantity;
use crate::error::{Error, Kind, Result};
use crate::model::{Fit, Sample};
use crate::simulate::{outcome, stream};

/// One grouping factor that both models have.
#[derive(Debug, Clone, PartialEq)]
pub struct VarianceChange {
    /// Grouping factor.
    pub group: String,
    /// Variance of its random intercept in the first model.
    pub before: f64,
    /// In the second.
    pub after: f64,
    /// (before − after) / before.
    pub change: Estimate,
}

/// A fit with its rows, where they are at hand.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The fit.
    pub fit: &'a Fit,
    /// Its rows.
    pub sample: Option<&'a Sample>,
}

/// The proportional change in variance (Merlo et al. 2005, *J Epidemiol Community Health* 59:1022) from one model to another
/// of the same rows. Intervals are percentiles over `replicates` outcomes drawn from the second model, each fitted by both;
/// none are made for zero replicates.
pub fn variance_change(
    before: Side,
    after: Side,
    level: f64,
    seed: u64,
    replicates: usize,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<VarianceChange>> {
    check_converged(before.fit)?;
    check_converged(after.fit)?;
    check_same_rows(before, after)?;
    let pairs = shared(before.fit, after.fit)?;
    let at = |fit: &Fit, g: usize, theta: &[f64]| fit.theta_map().covariance(theta, g)[0];
    let change = |a: f64, b: f64| (a - b) / a;
    let delta = Delta::new(after.fit, level)?;
    let drawn = if replicates == 0 {
        Vec::new()
    } else {
        let samples = (rows_of(before)?, rows_of(after)?);
        let one = |thetas: (Vec<f64>, Vec<f64>)| -> Vec<f64> {
            let of = |&(a, b): &(usize, usize)| change(at(before.fit, a, &thetas.0), at(after.fit, b, &thetas.1));
            pairs.iter().map(of).collect()
        };
        both(samples, seed, replicates, interrupt)?.into_iter().map(one).collect()
    };
    let row = |(k, &(a, b)): (usize, &(usize, usize))| {
        let (old, new) = (at(before.fit, a, &before.fit.theta), at(after.fit, b, &after.fit.theta));
        let estimate = Measured::new(Quantity::constant(change(old, new)), Scale::Plain);
        let change = if drawn.is_empty() {
            Estimate::exact(estimate.quantity.value)
        } else {
            delta.percentiles(&estimate, drawn.iter().map(|d: &Vec<f64>| d[k]).collect())
        };
        VarianceChange { group: after.fit.groupings[b].name.clone(), before: old, after: new, change }
    };
    Ok(pairs.iter().enumerate().map(row).collect())
}

/// Grouping factors of both with a random intercept first.
fn shared(before: &Fit, after: &Fit) -> Result<Vec<(usize, usize)>> {
    let intercept = |fit: &Fit, g: usize| fit.groupings[g].effects().first() == Some(&"(Intercept)");
    let pair = |b: usize| {
        let a = before.groupings.iter().position(|spec| spec.name == after.groupings[b].name)?;
        (intercept(before, a) && intercept(after, b)).then_some((a, b))
    };
    let pairs = (0..after.groupings.len()).filter_map(pair).collect::<Vec<_>>();
    if pairs.iter().any(|&(a, _)| group_variance(before, a, &unit(before, a)).value == 0.0) {
        let message = "the first model's variance between groups is zero, so there is no proportion of it to speak of";
        return Err(Error::new(Kind::Option, "no-variance", message));
    }
    if pairs.is_empty() {
        let message = "the two models have no grouping factor with a random intercept in common, so there is no variance to compare";
        return Err(Error::new(Kind::Option, "no-shared-group", message));
    }
    Ok(pairs)
}

fn unit(fit: &Fit, g: usize) -> Vec<f64> {
    (0..fit.groupings[g].width()).map(|a| f64::from(u8::from(a == 0))).collect()
}

fn rows_of(fitted: Side<'_>) -> Result<&Sample> {
    fitted.sample.ok_or_else(|| {
        let message = "an interval needs the rows that both models were fitted to, and a model that was loaded, copied or unpickled does not hold them; fit it again in this session, or leave the interval out with replicates=0";
        Error::new(Kind::Option, "no-data", message)
    })
}

fn check_same_rows(before: Side, after: Side) -> Result<()> {
    let (a, b) = (before.fit, after.fit);
    let counts = a.records == b.records && a.events.to_bits() == b.events.to_bits();
    let rows = match (before.sample, after.sample) {
        (Some(x), Some(y)) => x.frame_rows == y.frame_rows && x.used() == y.used(),
        _ => true,
    };
    if counts && rows {
        return Ok(());
    }
    let message = format!(
        "the two models were fitted to different rows ({} records with {} events, and {} with {}), so their variances cannot be compared; a covariate with missing values is the usual cause: fit both to the rows that are complete for both",
        a.records, a.events, b.records, b.events
    );
    Err(Error::new(Kind::Option, "different-rows", message))
}

/// θ of both models for each outcome drawn from the second.
fn both(
    samples: (&Sample, &Sample),
    seed: u64,
    replicates: usize,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<(Vec<f64>, Vec<f64>)>> {
    let (old, new) = samples;
    let lambda = new.problem.theta.lambda(&new.theta);
    let (from, to) = (new.frame_order(), old.frame_order());
    let theta = |sample: &Sample, y: Vec<f64>| -> Result<Option<Vec<f64>>> {
        Ok(converged(refit(sample, y, interrupt))?.map(|found| found.theta))
    };
    let one = |replicate: usize| -> Result<Option<(Vec<f64>, Vec<f64>)>> {
        crew::unless_stopped(interrupt)?;
        let y = outcome(&new.problem, &new.beta, &lambda, &mut stream(seed, replicate as u64));
        // Each model has its records in the order of its own leading factor.
        let mut other = vec![0.0; y.len()];
        to.iter().zip(&from).for_each(|(t, f)| other[*t] = y[*f]);
        Ok(theta(old, other)?.zip(theta(new, y)?))
    };
    kept(crew::map(replicates, one)?.into_iter().collect::<Result<Vec<_>>>()?)
}
