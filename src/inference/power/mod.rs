//! What a study would show: outcomes drawn from a stated truth, each analysed, and how often the analysis finds it.
//!
//! Power is the share of all replicates whose two-sided test rejects; a replicate whose analysis failed has shown nothing and
//! counts against it. Coverage is over replicates that have an interval. Monte Carlo errors are binomial. The same table serves
//! a design and a check of the intervals themselves.

mod scenario;

pub use scenario::{Drawn, Exposure, Scenario};

use super::bootstrap::check_varies;
use super::crew;
use super::heterogeneity::clustering_test;
use super::normal::{two_sided, two_sided_p};
use super::profile::{Refit, check_converged, choose};
use super::quantities::Quantity;
use super::variance::variance_table;
use crate::error::{Error, Kind, Result};
use crate::model::{Fit, FitOptions, Sample, fit as fit_model};
use crate::optimise::maximise;
use crate::progress::Tally;
use crate::settings::{Points, Settings};
use crate::simulate::{outcome, stream};

/// How a study is analysed.
#[derive(Debug, Clone)]
pub struct PowerOptions {
    /// Studies.
    pub replicates: usize,
    /// Of the draws.
    pub seed: u64,
    /// Confidence level; tests are at 1 − level.
    pub level: f64,
    /// Whether coverage of profile-likelihood intervals is counted too: a refit more per parameter.
    pub profile: bool,
    /// Quadrature points per effect.
    pub points: usize,
}

/// What the analyses said about one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerRow {
    /// Its name.
    pub name: String,
    /// Its true value: a log odds ratio, or an SD.
    pub truth: f64,
    /// Share of replicates whose test rejects "no effect".
    pub power: f64,
    /// Monte Carlo standard error of it.
    pub power_error: f64,
    /// Replicates with an estimate.
    pub estimates: usize,
    /// Mean estimate.
    pub mean: f64,
    /// SD of the estimates.
    pub std_dev: f64,
    /// Mean standard error.
    pub mean_error: f64,
    /// Share of Wald intervals that hold the truth.
    pub coverage: f64,
    /// The same of profile-likelihood intervals; NaN where not asked for.
    pub profile_coverage: f64,
}

/// Rows, and how many replicates failed of which cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Power {
    /// One per parameter.
    pub rows: Vec<PowerRow>,
    /// Slug and number of replicates.
    pub failures: Vec<(String, usize)>,
}

/// One analysis of one parameter.
#[derive(Debug, Clone, Copy)]
struct One {
    estimate: f64,
    error: f64,
    p_value: f64,
    covers: Option<bool>,
    profile: Option<bool>,
}

/// Power and coverage of a design, the exposures first, then the intercept and the SD. `tally` counts the studies.
pub fn power(
    scenario: &Scenario,
    names: &[String],
    options: &PowerOptions,
    tally: &Tally,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Power> {
    scenario.check()?;
    let z = two_sided(options.level)?;
    let settings = Settings { points: Points::Fixed(options.points), ..Settings::default() }.check()?;
    let fitting = FitOptions { settings, ..FitOptions::default() };
    let formula = scenario.formula();
    let analyse = |replicate: usize| -> Result<Vec<One>> {
        crew::unless_stopped(interrupt)?;
        let frame = scenario.draw(options.seed, replicate).frame(scenario.sizes.len())?;
        let (fit, sample) = fit_model(&formula, &frame, &fitting, interrupt)?;
        check_converged(&fit)?;
        let study = Study { fit: &fit, sample: &sample, options, z, interrupt };
        let exposures = scenario.exposures.iter().enumerate().map(|(k, e)| study.coefficient(k + 1, e.log_odds));
        let mut found = exposures.collect::<Result<Vec<_>>>()?;
        found.push(study.coefficient(0, scenario.intercept)?);
        found.push(study.deviation(scenario.sd)?);
        Ok(found)
    };
    let replicates = studies(options.replicates, tally, analyse)?;
    let mut truths = names.iter().cloned().zip(scenario.exposures.iter().map(|e| e.log_odds)).collect::<Vec<_>>();
    truths.push(("(Intercept)".to_string(), scenario.intercept));
    truths.push(("sd".to_string(), scenario.sd));
    summarise(&truths, options.level, replicates)
}

struct Study<'a> {
    fit: &'a Fit,
    sample: &'a Sample,
    options: &'a PowerOptions,
    z: f64,
    interrupt: &'a (dyn Fn() -> bool + Sync),
}

impl Study<'_> {
    fn coefficient(&self, k: usize, truth: f64) -> Result<One> {
        // Columns that a draw left constant are redundant and out of the fit.
        let at = self.fit.position(k).ok_or_else(|| failed("constant-exposure"))?;
        if self.fit.diverging.contains(&at) {
            return Err(failed("separation"));
        }
        let estimate = self.fit.beta[at];
        let error = self.fit.covariance[at * self.fit.parameters() + at].max(0.0).sqrt();
        let covers = Some((estimate - truth).abs() <= self.z * error);
        let profile = self.profile(Quantity::Coefficient(at), truth)?;
        Ok(One { estimate, error, p_value: two_sided_p(estimate / error), covers, profile })
    }

    fn deviation(&self, truth: f64) -> Result<One> {
        let row = &variance_table(self.fit, self.options.level)?[0];
        let covers = row.std_error.is_finite().then_some(row.lower <= truth && truth <= row.upper);
        let p_value = clustering_test(self.fit).map_or(f64::NAN, |t| t.p_value);
        let profile = self.profile(Quantity::Deviation(0, 0), truth)?;
        Ok(One { estimate: row.sd, error: row.std_error, p_value, covers, profile })
    }

    /// Whether the profile-likelihood interval holds the truth: one refit with the truth held.
    fn profile(&self, quantity: Quantity, truth: f64) -> Result<Option<bool>> {
        if !self.options.profile {
            return Ok(None);
        }
        let refit = Refit::new(self.fit, self.sample, &[quantity], self.interrupt)?;
        let reached = refit.at(&[truth], &refit.origin(), self.interrupt)?;
        Ok(Some(reached.deviance - self.sample.deviance <= self.z * self.z))
    }
}

fn failed(slug: &'static str) -> Error {
    Error::new(Kind::Fit, slug, "this replicate has no estimate")
}

/// Power of the study that was fitted, its rows and covariates kept, were these coefficients the truth.
pub fn power_of_fit(
    fit: &Fit,
    sample: &Sample,
    truths: &[(String, f64)],
    options: &PowerOptions,
    tally: &Tally,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Power> {
    check_converged(fit)?;
    let z = two_sided(options.level)?;
    let names = truths.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let mut beta = sample.beta.clone();
    let mut asked = Vec::new();
    for (quantity, (name, value)) in choose(fit, Some(&names))?.into_iter().zip(truths) {
        let Quantity::Coefficient(at) = quantity else {
            let message = format!("'{name}' is not a coefficient; power is for coefficients, given as odds ratios");
            return Err(Error::new(Kind::Option, "power-parameter", message));
        };
        if !value.is_finite() {
            let message = format!("the odds ratio of '{name}' must be a finite number above 0");
            return Err(Error::new(Kind::Option, "design-exposure", message));
        }
        beta[at] = *value;
        asked.push(at);
    }
    let (problem, parameters) = (&sample.problem, fit.parameters());
    let lambda = problem.theta.lambda(&sample.theta);
    let settings = &fit.settings;
    let analyse = |replicate: usize| -> Result<Vec<One>> {
        crew::unless_stopped(interrupt)?;
        let y = outcome(problem, &beta, &lambda, &mut stream(options.seed, replicate as u64));
        let drawn = problem.with_successes(y);
        check_varies(&drawn)?;
        let start = crate::optimise::Start { beta: &beta, ..sample.start(&[]) };
        let found = maximise(&drawn, &start, settings.tolerance, settings.max_iterations, interrupt)?;
        if !found.converged {
            return Err(failed("not-converged"));
        }
        let covariance = found.covariance();
        let one = |&at: &usize| {
            let (estimate, error) = (found.mode.beta[at], covariance[at * parameters + at].max(0.0).sqrt());
            let covers = Some((estimate - beta[at]).abs() <= z * error);
            One { estimate, error, p_value: two_sided_p(estimate / error), covers, profile: None }
        };
        Ok(asked.iter().map(one).collect())
    };
    let replicates = studies(options.replicates, tally, analyse)?;
    summarise(truths, options.level, replicates)
}

/// Analyses every study.
fn studies(
    count: usize,
    tally: &Tally,
    analyse: impl Fn(usize) -> Result<Vec<One>> + Sync,
) -> Result<Vec<Result<Vec<One>>>> {
    tally.expect(count);
    crew::map(count, |study| {
        let found = analyse(study);
        tally.finished(found.is_err());
        found
    })
}

fn summarise(truths: &[(String, f64)], level: f64, replicates: Vec<Result<Vec<One>>>) -> Result<Power> {
    let count = replicates.len() as f64;
    let mut failures: Vec<(String, usize)> = Vec::new();
    let mut kept = Vec::new();
    for replicate in replicates {
        match replicate {
            Ok(found) => kept.push(found),
            Err(e) if e.kind() == Kind::Interrupted => return Err(e),
            Err(e) => match failures.iter_mut().find(|(slug, _)| slug == e.slug()) {
                Some((_, n)) => *n += 1,
                None => failures.push((e.slug().to_string(), 1)),
            },
        }
    }
    failures.sort();
    let row = |k: usize| {
        let ones = kept.iter().map(|r| r[k]).collect::<Vec<_>>();
        let n = ones.len() as f64;
        let mean = ones.iter().map(|o| o.estimate).sum::<f64>() / n;
        let square = ones.iter().map(|o| (o.estimate - mean).powi(2)).sum::<f64>();
        let errors = ones.iter().map(|o| o.error).filter(|e| e.is_finite()).collect::<Vec<_>>();
        let power = ones.iter().filter(|o| o.p_value < 1.0 - level).count() as f64 / count;
        PowerRow {
            name: truths[k].0.clone(),
            truth: truths[k].1,
            power,
            power_error: (power * (1.0 - power) / count).sqrt(),
            estimates: ones.len(),
            mean,
            std_dev: (square / (n - 1.0)).sqrt(),
            mean_error: errors.iter().sum::<f64>() / errors.len() as f64,
            coverage: share(ones.iter().filter_map(|o| o.covers)),
            profile_coverage: share(ones.iter().filter_map(|o| o.profile)),
        }
    };
    Ok(Power { rows: (0..truths.len()).map(row).collect(), failures })
}

/// Share of true among some; NaN of none.
fn share(of: impl Iterator<Item = bool>) -> f64 {
    let (mut yes, mut all) = (0.0, 0.0);
    for x in of {
        all += 1.0;
        yes += f64::from(u8::from(x));
    }
    yes / all
}
