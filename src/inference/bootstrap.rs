//! Parametric bootstrap: outcomes drawn from the fit, refitted from where it ended, and the intervals that their spread gives.
//!
//! Source: Davison & Hinkley (1997), *Bootstrap Methods and their Application*, sections 2.4 and 5.2 to 5.3.

use super::crew;
use super::normal::two_sided;
use super::profile::{check_converged, largest_entry};
use super::quantities::reported;
use crate::error::{Error, Kind, Result};
use crate::likelihood::Problem;
use crate::model::{Fit, Sample};
use crate::optimise::{Climbed, Start, climb};
use crate::progress::Tally;
use crate::simulate::{outcome, stream};
use statrs::distribution::{ContinuousCDF, Normal};

/// A refit need not be closer than this, as a drop in deviance: 1e-6 is a thousandth of a standard error.
const TOLERANCE: f64 = 1e-6;
const STEPS: usize = 200;

/// An effect of this size on the log odds, in no more than a refit, is one at infinity.
const SEPARATED: f64 = 12.0;

/// Where an SD that the fit put at zero starts in a refit, as an effect on the linear predictor.
const LIFTED: f64 = 0.2;

/// A replicate that gave no numbers, or one of them at infinity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its number, from 0.
    pub replicate: usize,
    /// `constant-outcome`, `not-converged`, `separation`, or the slug of an error.
    pub slug: String,
    /// Parameters it is about, or the error.
    pub message: String,
}

/// Refits to drawn outcomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    /// Coefficients, SDs, correlations, ICCs, median odds ratios.
    pub names: Vec<String>,
    /// Their values in the fit.
    pub estimates: Vec<f64>,
    /// Replicates x names, row after row; NaN throughout in a replicate that failed, ±∞ for a separated coefficient.
    pub draws: Vec<f64>,
    /// What went wrong.
    pub failures: Vec<Failure>,
}

/// Draws and refits. `tally` counts the refits.
pub fn bootstrap(
    fit: &Fit,
    sample: &Sample,
    seed: u64,
    replicates: usize,
    tally: &Tally,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Bootstrap> {
    check_converged(fit)?;
    let quantities = reported(fit);
    let largest = (0..fit.beta.len()).map(|c| largest_entry(&sample.problem, c)).collect::<Vec<_>>();
    let mut out = Bootstrap {
        names: quantities.iter().map(|q| q.name(fit)).collect(),
        estimates: quantities.iter().map(|q| q.value(fit, &fit.beta, &fit.theta)).collect(),
        draws: Vec::with_capacity(replicates * quantities.len()),
        failures: Vec::new(),
    };
    for (replicate, found) in refits(sample, seed, replicates, tally, interrupt)?.into_iter().enumerate() {
        match found {
            Ok(mut found) if found.converged => {
                let away = separated(fit, &mut found.beta, &largest);
                if !away.is_empty() {
                    out.fail(replicate, "separation", away.join(", "));
                }
                out.draws.extend(quantities.iter().map(|q| q.value(fit, &found.beta, &found.theta)));
            }
            Ok(_) => out.failed(replicate, "not-converged", String::new()),
            Err(e) if e.kind() == Kind::Interrupted => return Err(e),
            Err(e) => out.failed(replicate, e.slug(), e.to_string()),
        }
    }
    Ok(out)
}

/// The model fitted to an outcome drawn from it, for each replicate of a seed.
pub(super) fn refits(
    sample: &Sample,
    seed: u64,
    replicates: usize,
    tally: &Tally,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Result<Climbed>>> {
    let problem = &sample.problem;
    let lambda = problem.theta.lambda(&sample.theta);
    let draw = |replicate: usize| outcome(problem, &sample.beta, &lambda, &mut stream(seed, replicate as u64));
    tally.expect(replicates);
    crew::map(replicates, |replicate| {
        let found = crew::unless_stopped(interrupt).and_then(|()| refit(sample, draw(replicate), interrupt));
        tally.finished(found.as_ref().map_or(true, |f| !f.converged));
        found
    })
}

/// The model of a sample fitted to another outcome, from where the fit ended.
pub(super) fn refit(sample: &Sample, y: Vec<f64>, interrupt: &(dyn Fn() -> bool + Sync)) -> Result<Climbed> {
    let theta = lifted(&sample.problem, &sample.theta);
    let nearby = if theta == sample.theta { Some(&sample.curved) } else { None };
    let start = Start { beta: &sample.beta, theta: &theta, u: &sample.u, held: &[], nearby };
    let drawn = sample.problem.with_successes(y);
    check_varies(&drawn)?;
    climb(&drawn, &start, TOLERANCE, STEPS, interrupt)
}

impl Bootstrap {
    fn fail(&mut self, replicate: usize, slug: &str, message: String) {
        self.failures.push(Failure { replicate, slug: slug.to_string(), message });
    }

    fn failed(&mut self, replicate: usize, slug: &str, message: String) {
        self.draws.extend(std::iter::repeat_n(f64::NAN, self.names.len()));
        self.fail(replicate, slug, message);
    }
}

/// An outcome that is the same throughout has no maximum to find.
pub(super) fn check_varies(problem: &Problem) -> Result<()> {
    let (events, total) = (problem.outcome.events(), problem.outcome.total());
    if events > 0.0 && events < total {
        return Ok(());
    }
    Err(Error::new(Kind::Outcome, "constant-outcome", "the outcome that was drawn does not vary"))
}

/// θ with columns of zero lifted off it: at zero nothing pulls.
fn lifted(problem: &Problem, theta: &[f64]) -> Vec<f64> {
    let entries = &problem.theta.entries;
    let zero = |k: usize| {
        let same = |e: &crate::random::ThetaEntry| e.grouping == entries[k].grouping && e.column == entries[k].column;
        entries.iter().zip(theta).filter(|(e, _)| same(e)).all(|(_, t)| *t == 0.0)
    };
    let start = |k: usize| {
        let e = &entries[k];
        if e.row == e.column && zero(k) { LIFTED / problem.unit(e.grouping, e.row) } else { theta[k] }
    };
    (0..theta.len()).map(start).collect()
}

/// Puts coefficients that ran off at infinity, unless they are large in the fit already; gives their names.
fn separated(fit: &Fit, beta: &mut [f64], largest: &[f64]) -> Vec<String> {
    let mut away = Vec::new();
    for (k, b) in beta.iter_mut().enumerate() {
        if b.abs() * largest[k] > SEPARATED && fit.beta[k].abs() * largest[k] < SEPARATED / 2.0 {
            *b = f64::INFINITY.copysign(*b);
            away.push(fit.design.names[fit.estimated[k]].clone());
        }
    }
    away
}

/// How the spread of the draws becomes an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalKind {
    /// Quantiles of the draws.
    Percentile,
    /// The estimate minus quantiles of the errors of the draws: 2x̂ − q.
    Basic,
    /// x̂ − bias ± z SD.
    Normal,
    /// Percentile with the levels shifted by the median bias (Efron 1981); the accelerated form needs a jackknife over
    /// independent records, which records within groups are not.
    BiasCorrected,
}

impl IntervalKind {
    /// Reads its name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "percentile" => Ok(Self::Percentile),
            "basic" => Ok(Self::Basic),
            "normal" => Ok(Self::Normal),
            "bias_corrected" => Ok(Self::BiasCorrected),
            _ => {
                let message = format!("kind='{name}' is not one of 'percentile', 'basic', 'normal', 'bias_corrected'");
                Err(Error::new(Kind::Option, "kind-choice", message))
            }
        }
    }
}

/// What the draws of one quantity say.
#[derive(Debug, Clone, PartialEq)]
pub struct BootstrapRow {
    /// Mean of the draws minus the estimate.
    pub bias: f64,
    /// SD of the draws.
    pub std_error: f64,
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Draws that are numbers.
    pub draws: usize,
}

/// Intervals from draws (replicates x estimates, row after row).
pub fn bootstrap_intervals(
    draws: &[f64],
    estimates: &[f64],
    level: f64,
    kind: IntervalKind,
) -> Result<Vec<BootstrapRow>> {
    let z = two_sided(level)?;
    let k = estimates.len().max(1);
    let column = |c: usize| draws.iter().skip(c).step_by(k).copied().filter(|x| !x.is_nan()).collect::<Vec<_>>();
    Ok((0..estimates.len()).map(|c| row(column(c), estimates[c], z, kind)).collect())
}

fn row(mut draws: Vec<f64>, estimate: f64, z: f64, kind: IntervalKind) -> BootstrapRow {
    draws.sort_by(f64::total_cmp);
    let n = draws.len() as f64;
    let mean = draws.iter().sum::<f64>() / n;
    let square = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    let (bias, std_error) = (mean - estimate, (square / (n - 1.0)).sqrt());
    let normal = Normal::standard();
    let at = |z: f64| quantile(&draws, normal.cdf(z));
    let (lower, upper) = match kind {
        IntervalKind::Percentile => (at(-z), at(z)),
        IntervalKind::Basic => (2.0 * estimate - at(z), 2.0 * estimate - at(-z)),
        IntervalKind::Normal => (estimate - bias - z * std_error, estimate - bias + z * std_error),
        IntervalKind::BiasCorrected => {
            let below = draws.iter().map(|x| f64::from(u8::from(*x < estimate)) + f64::from(u8::from(*x <= estimate)));
            let shift = normal.inverse_cdf((below.sum::<f64>() / 2.0 / n).clamp(0.5 / n, 1.0 - 0.5 / n));
            (at(2.0 * shift - z), at(2.0 * shift + z))
        }
    };
    BootstrapRow { bias, std_error, lower, upper, draws: draws.len() }
}

/// The quantile of sorted draws at position p(n + 1), so that R − 1 = 999 draws have round positions.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let n = sorted.len();
    if n == 0 {
        return f64::NAN;
    }
    let at = (p * (n as f64 + 1.0)).clamp(1.0, n as f64);
    let (low, share) = (at.floor() as usize - 1, at.fract());
    let high = (low + 1).min(n - 1);
    if share == 0.0 || sorted[low].to_bits() == sorted[high].to_bits() {
        return sorted[low];
    }
    sorted[low] + share * (sorted[high] - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_type_six() {
        let x = (1..=9).map(f64::from).collect::<Vec<_>>();
        assert!((quantile(&x, 0.25) - 2.5).abs() < 1e-12);
        assert!((quantile(&x, 0.001) - 1.0).abs() < 1e-12);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn symmetric_draws_give_the_same_interval_by_every_way() {
        let draws = (1..=999).map(|k| Normal::standard().inverse_cdf(f64::from(k) / 1000.0)).collect::<Vec<_>>();
        let of = |kind| bootstrap_intervals(&draws, &[0.0], 0.95, kind).unwrap()[0].clone();
        let percentile = of(IntervalKind::Percentile);
        assert!((percentile.upper - 1.959_96).abs() < 1e-4 && (percentile.lower + percentile.upper).abs() < 1e-12);
        for kind in [IntervalKind::Basic, IntervalKind::BiasCorrected] {
            assert!((of(kind).upper - percentile.upper).abs() < 1e-9);
        }
        assert!((of(IntervalKind::Normal).upper - percentile.upper).abs() < 0.02);
        assert!(IntervalKind::from_name("bca").is_err());
    }
}
