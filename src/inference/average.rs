//! Average risks of a cohort under a change, with their gradients: the one engine of every statement about risks.

use super::cohort::{Change, Cohort, Population};
use super::draws::{Method, Parameters};
use super::estimate::{Delta, Estimate, Measured, check_converged};
use super::logistic_normal::Marginal;
use super::modes::ModesCovariance;
use super::new_data::NewData;
use super::quantity::Quantity;
use crate::error::{Error, Kind, Result};
use crate::likelihood::logistic::probability;
use crate::model::{Fit, Sample};
use rayon::prelude::*;

/// Whose risk is averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Over the population of groups: random effects integrated out.
    Marginal,
    /// In a typical group: random effects at zero.
    Typical,
    /// Every row in its own group, at the group's mode.
    Observed,
    /// Not a risk but the linear predictor, random effects at zero.
    Linear,
}

impl Target {
    /// Reads the name of a kind of risk.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "marginal" => Ok(Self::Marginal),
            "typical" => Ok(Self::Typical),
            "observed" => Ok(Self::Observed),
            _ => {
                let message = format!("kind='{name}' is not known; choose 'marginal', 'typical' or 'observed'");
                Err(Error::new(Kind::Option, "unknown-kind", message))
            }
        }
    }
}

/// How a question about averages is put.
pub struct Request<'a> {
    /// Whom to average over.
    pub population: Population<'a>,
    /// Whose risk.
    pub target: Target,
    /// How intervals are made.
    pub method: Method<'a>,
    /// Confidence level.
    pub level: f64,
    /// The rows of the fit, where they are at hand.
    pub sample: Option<&'a Sample>,
    /// Asked now and then whether to stop.
    pub interrupt: &'a (dyn Fn() -> bool + Sync),
}

/// The cohort under one change. A unit is a pattern of covariates where rows of a pattern share their risk, else a row.
pub(super) struct Scenario {
    data: NewData,
    target: Target,
    /// Weight of each unit in each subgroup, the subgroup's total divided out.
    tallies: Vec<Vec<f64>>,
    /// Level of each row per grouping, for risks in the own group.
    levels: Vec<Vec<usize>>,
}

impl Scenario {
    /// `factor` multiplies the weights of the rows.
    pub(super) fn new(
        fit: &Fit,
        cohort: &Cohort,
        changes: &[Change],
        target: Target,
        factor: Option<&[f64]>,
    ) -> Result<Self> {
        let shared = fit.groupings.iter().all(crate::random::GroupingSpec::is_intercept)
            && fit.offsets.is_empty()
            && cohort.offset.is_none()
            && target != Target::Observed;
        let data = cohort.under(fit, changes, shared)?;
        let mut tallies = vec![vec![0.0; data.x.patterns]; cohort.labels.len()];
        for (k, (s, w)) in cohort.subgroup.iter().zip(&cohort.weights).enumerate() {
            tallies[*s][data.x.pattern(k)] += w * factor.map_or(1.0, |f| f[k]) / cohort.totals[*s];
        }
        let levels = if target == Target::Observed { own_levels(fit, cohort)? } else { Vec::new() };
        Ok(Self { data, target, tallies, levels })
    }

    /// The linear predictor of each unit at β.
    fn linear(&self, beta: &[f64]) -> Vec<f64> {
        let mut eta = self.data.x.times(beta);
        if let Some(offset) = &self.data.offset {
            eta.iter_mut().zip(offset).for_each(|(e, o)| *e += o);
        }
        eta
    }

    /// Risk and derivatives of each unit, and where the variance of its random part differs, that variance's gradient.
    fn units(&self, fit: &Fit, at: &Parameters, gradients: bool) -> (Vec<Marginal>, Vec<Vec<f64>>) {
        let eta = self.linear(&at.beta);
        let plain = |eta: f64| {
            let p = probability(eta);
            Marginal { probability: p, by_eta: p * (1.0 - p), by_variance: 0.0 }
        };
        match self.target {
            Target::Linear => {
                let value = |e: &f64| Marginal { probability: *e, by_eta: 1.0, by_variance: 0.0 };
                (eta.iter().map(value).collect(), Vec::new())
            }
            Target::Typical => (eta.iter().map(|e| plain(*e)).collect(), Vec::new()),
            Target::Observed => {
                let own = |k: usize| plain(eta[k] + self.own_effect(fit, k));
                ((0..eta.len()).map(own).collect(), Vec::new())
            }
            Target::Marginal => {
                let (map, lambda) = (fit.theta_map(), at.lambda(fit));
                if self.data.constant_variance() {
                    let (variance, slope) = self.data.variance_over(&map, &lambda, 0, |_| true);
                    let rule = NewData::rule(variance);
                    return (eta.par_iter().with_min_len(64).map(|e| rule.at(*e)).collect(), vec![slope]);
                }
                let own = |(k, eta): (usize, &f64)| {
                    let (variance, slope) = self.data.variance_over(&map, &lambda, k, |_| true);
                    (NewData::rule(variance).at(*eta), if gradients { slope } else { Vec::new() })
                };
                eta.par_iter().with_min_len(64).enumerate().map(own).unzip()
            }
        }
    }

    /// z'b of row `k`'s own groups.
    fn own_effect(&self, fit: &Fit, k: usize) -> f64 {
        let part = |(g, levels): (usize, &Vec<usize>)| {
            let width = fit.groupings[g].width();
            let modes = &fit.modes[g].modes[levels[k] * width..(levels[k] + 1) * width];
            modes.iter().enumerate().map(|(a, b)| self.data.z(g, width, k, a) * b).sum::<f64>()
        };
        self.levels.iter().enumerate().map(part).sum()
    }

    /// The average in every subgroup, with its gradient.
    pub(super) fn means(&self, fit: &Fit) -> Vec<Quantity> {
        let (units, slopes) = self.units(fit, &Parameters::of(fit), true);
        self.tallies.iter().map(|tally| self.mean(fit, tally, &units, &slopes)).collect()
    }

    /// The averages at other parameters.
    fn values(&self, fit: &Fit, at: &Parameters) -> Vec<Quantity> {
        let (units, _) = self.units(fit, at, false);
        let mean = |tally: &Vec<f64>| tally.iter().zip(&units).map(|(w, u)| w * u.probability).sum();
        self.tallies.iter().map(|tally| Quantity::constant(mean(tally))).collect()
    }

    fn mean(&self, fit: &Fit, tally: &[f64], units: &[Marginal], slopes: &[Vec<f64>]) -> Quantity {
        let p = fit.beta.len();
        let slope = tally.iter().zip(units).map(|(w, u)| w * u.by_eta).collect::<Vec<_>>();
        let mut gradient = vec![0.0; fit.parameters()];
        gradient[..p].copy_from_slice(self.data.x.transpose_times(&slope).as_slice());
        for (k, (w, unit)) in tally.iter().zip(units).enumerate().filter(|(_, (w, _))| **w != 0.0) {
            if let Some(by_theta) = slopes.get(if slopes.len() == 1 { 0 } else { k }) {
                let factor = w * unit.by_variance;
                gradient[p..].iter_mut().zip(by_theta).for_each(|(g, t)| *g += factor * t);
            }
        }
        if self.target == Target::Observed {
            self.through_modes(fit, &slope, &mut gradient);
        }
        Quantity { value: tally.iter().zip(units).map(|(w, u)| w * u.probability).sum(), gradient }
    }

    /// Adds what comes through the modes: their tangents over (β, θ), and behind these the slopes over b itself, whose
    /// conditional covariance is the other part of the error (Booth & Hobert 1998, *JASA* 93:262).
    fn through_modes(&self, fit: &Fit, slope: &[f64], gradient: &mut Vec<f64>) {
        let n = gradient.len();
        for (g, levels) in self.levels.iter().enumerate() {
            let (width, modes) = (fit.groupings[g].width(), &fit.modes[g]);
            let mut c = vec![0.0; modes.modes.len()];
            for (k, level) in levels.iter().enumerate() {
                for a in 0..width {
                    c[level * width + a] += slope[k] * self.data.z(g, width, k, a);
                }
            }
            for (at, c) in c.iter().enumerate() {
                match modes.tangents.get(at * n..(at + 1) * n) {
                    Some(tangent) => gradient[..n].iter_mut().zip(tangent).for_each(|(x, t)| *x += c * t),
                    None => gradient[..n].fill(f64::NAN),
                }
            }
            gradient.extend(c);
        }
    }
}

fn own_levels(fit: &Fit, cohort: &Cohort) -> Result<Vec<Vec<usize>>> {
    let of = |spec: &crate::random::GroupingSpec| -> Result<Vec<usize>> {
        let known = spec.known_levels(cohort.frame, &cohort.rows)?;
        if let Some(k) = known.iter().position(Option::is_none) {
            let row = cohort.rows[k];
            let message = format!(
                "row {row} (counted from 0): '{}' is a level of '{}' that was not in the fit, so it has no risk of its own; use kind='marginal' or kind='typical'",
                spec.label(cohort.frame, row)?,
                spec.name
            );
            return Err(Error::new(Kind::Level, "unseen-group", message));
        }
        Ok(known.into_iter().flatten().collect())
    };
    fit.groupings.iter().map(of).collect()
}

/// Scenarios over one cohort, from which measures are formed.
pub(super) struct Analysis<'a> {
    fit: &'a Fit,
    request: &'a Request<'a>,
    scenarios: Vec<Scenario>,
}

impl<'a> Analysis<'a> {
    /// The cohort of a request.
    pub(super) fn cohort(fit: &Fit, request: &Request<'a>) -> Result<Cohort<'a>> {
        check_converged(fit)?;
        if request.target == Target::Observed && request.method.by_draws() {
            let message = "kind='observed' is about the groups that were observed, and draws of the parameters bring new ones; use interval='delta' with it";
            return Err(Error::new(Kind::Option, "interval-observed", message));
        }
        Cohort::read(fit, &request.population, request.target == Target::Observed)
    }

    pub(super) fn new(fit: &'a Fit, request: &'a Request<'a>, scenarios: Vec<Scenario>) -> Self {
        Self { fit, request, scenarios }
    }

    /// Estimates of what `measures` forms from the averages: scenario by scenario, subgroup by subgroup.
    pub(super) fn estimate(
        &self,
        measures: impl Fn(&[Vec<Quantity>]) -> Vec<Measured> + Sync,
    ) -> Result<Vec<Estimate>> {
        let observed = self.scenarios.iter().any(|s| s.target == Target::Observed);
        let modes = observed.then(|| ModesCovariance::new(self.fit, self.request.sample)).transpose()?;
        let delta = Delta::new(self.fit, self.request.level)?.with_modes(modes.as_ref());
        let means = self.scenarios.iter().map(|s| s.means(self.fit)).collect::<Vec<_>>();
        let found = measures(&means);
        if !self.request.method.by_draws() {
            return Ok(found.iter().map(|m| delta.estimate(m)).collect());
        }
        let draws = self.request.method.draw(self.fit, self.request.interrupt)?;
        let one = |at: &Parameters| -> Result<Vec<f64>> {
            if (self.request.interrupt)() {
                return Err(Error::new(Kind::Interrupted, "interrupted", "the draws were interrupted"));
            }
            let means = self.scenarios.iter().map(|s| s.values(self.fit, at)).collect::<Vec<_>>();
            Ok(measures(&means).iter().map(|m| m.quantity.value).collect())
        };
        let drawn = draws.par_iter().map(one).collect::<Result<Vec<_>>>()?;
        let column = |k: usize| drawn.iter().map(|values| values[k]).collect();
        Ok(found.iter().enumerate().map(|(k, m)| delta.percentiles(m, column(k))).collect())
    }
}
