//! Likelihood-ratio tests of variances: each random effect left out in turn.
//!
//! Leaving out an effect sets its variance and its covariances with the other effects of its block to zero; the reference
//! distribution allows for the edge (see [`Reference`]). Effects of one term, such as the levels of a factor, are left out
//! together. The variance of an intercept beside slopes is that where every slope's covariate is zero.

use super::reference::Reference;
use super::wald::{require_converged, require_likelihood, require_model_covariance};
use crate::design::DesignSpec;
use crate::error::{Error, Kind, Result};
use crate::linalg::small;
use crate::model::{Fit, Sample};
use crate::optimise::{Start, maximise};
use std::ops::Range;

/// One random term left out.
#[derive(Debug, Clone, PartialEq)]
pub struct VarianceTest {
    /// Grouping factor.
    pub group: String,
    /// Random term: `(Intercept)`, or a term that varies between groups.
    pub term: String,
    /// Twice the loss in log-likelihood.
    pub statistic: f64,
    /// Variances and covariances left out.
    pub df: usize,
    /// p-value.
    pub p_value: f64,
    /// What the statistic was compared with.
    pub reference: Reference,
}

/// Tests every random term, or those of one grouping factor.
pub fn variance_tests(
    fit: &Fit,
    sample: &Sample,
    group: Option<&str>,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<VarianceTest>> {
    require_converged(fit, "variance_test()")?;
    require_model_covariance(fit, "variance_test()")?;
    require_likelihood(fit, "variance_test()")?;
    check_group(fit, group)?;
    let mut tests = Vec::new();
    for (g, spec) in fit.groupings.iter().enumerate().filter(|(_, s)| group.is_none_or(|name| name == s.name)) {
        let mut start = 0;
        for part in &spec.parts {
            for (term, effects) in terms(part, start) {
                let gone = Gone { grouping: g, effects };
                let held = gone.held(fit);
                let statistic = (without(fit, sample, &gone, &held, interrupt)? - sample.deviance).max(0.0);
                let reference = Reference::of(held.len(), gone.effects.len());
                let p_value = reference.p_value(statistic);
                tests.push(VarianceTest {
                    group: spec.name.clone(),
                    term,
                    statistic,
                    df: held.len(),
                    p_value,
                    reference,
                });
            }
            start += part.width();
        }
    }
    Ok(tests)
}

fn check_group(fit: &Fit, group: Option<&str>) -> Result<()> {
    if fit.groupings.is_empty() {
        let message =
            "the model has no random effects, so there is no variance to test; add a term such as (1 | group)";
        return Err(Error::new(Kind::Option, "no-random-effects", message));
    }
    let Some(name) = group.filter(|name| fit.groupings.iter().all(|s| s.name != *name)) else { return Ok(()) };
    let names = fit.groupings.iter().map(|s| format!("'{}'", s.name)).collect::<Vec<_>>().join(", ");
    let message = format!("group='{name}' is no grouping factor of the model; they are: {names}");
    Err(Error::new(Kind::Option, "unknown-group", message))
}

/// The terms of a block, with their effects.
fn terms(part: &DesignSpec, start: usize) -> Vec<(String, Range<usize>)> {
    let intercept = part.intercept.then(|| ("(Intercept)".to_string(), start..start + 1));
    let others = part.terms.iter().map(|t| (t.name.clone(), start + t.start..start + t.start + t.width));
    intercept.into_iter().chain(others).collect()
}

/// Effects left out.
struct Gone {
    grouping: usize,
    effects: Range<usize>,
}

impl Gone {
    /// Positions in (β, θ) of their rows and columns of Λ: without these, Λ is a lower triangle of the others.
    fn held(&self, fit: &Fit) -> Vec<usize> {
        let p = fit.beta.len();
        let entries = fit.theta_map().entries;
        let inside = |e: &crate::random::ThetaEntry| self.effects.contains(&e.row) || self.effects.contains(&e.column);
        let own = entries.iter().enumerate().filter(|(_, e)| e.grouping == self.grouping && inside(e));
        own.map(|(k, _)| p + k).collect()
    }

    /// θ with Λ a factor of what is left of Σ.
    fn theta(&self, fit: &Fit, sample: &Sample) -> Vec<f64> {
        let map = fit.theta_map();
        let k = map.widths[self.grouping];
        let mut sigma = map.covariance(&sample.theta, self.grouping);
        for ab in 0..k * k {
            if self.effects.contains(&(ab / k)) || self.effects.contains(&(ab % k)) {
                sigma[ab] = 0.0;
            }
        }
        // A ridge far below any variance that counts keeps the factor defined, and every other column off zero, where D is flat.
        let least = |a: usize| (LEAST / sample.problem.unit(self.grouping, a)).powi(2);
        (0..k).for_each(|a| sigma[a * k + a] += least(a));
        let factored = small::cholesky(&mut sigma, k);
        let mut theta = sample.theta.clone();
        for (t, e) in theta.iter_mut().zip(&map.entries).filter(|(_, e)| e.grouping == self.grouping) {
            let gone = self.effects.contains(&e.row) || self.effects.contains(&e.column);
            *t = match (gone, factored) {
                (true, _) => 0.0,
                (false, true) => sigma[e.row * k + e.column],
                (false, false) => f64::from(u8::from(e.row == e.column)) * LEAST,
            };
        }
        theta
    }
}

/// Where a variance starts at least, as an effect on the linear predictor.
const LEAST: f64 = 0.05;

fn without(
    fit: &Fit,
    sample: &Sample,
    gone: &Gone,
    held: &[usize],
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<f64> {
    let theta = gone.theta(fit, sample);
    let start = Start { theta: &theta, nearby: None, ..sample.start(held) };
    let problem = &sample.problem;
    let optimum = maximise(problem, &start, fit.settings.tolerance, fit.settings.max_iterations, interrupt)?;
    if optimum.converged {
        return Ok(optimum.mode.deviance);
    }
    let message = format!(
        "a refit of '{}' without one of its random effects did not converge; fit with more iterations, or simplify the random effects",
        fit.formula
    );
    Err(Error::new(Kind::Fit, "refit-not-converged", message))
}
