//! What each group does to the estimates: the fit without it, by one Newton step or by a refit.
//!
//! D without group g is D − D_g wherever the other grouping factors are nested in that of g. One step from the optimum ψ̂ of D,
//! where its gradient is zero, is then
//!
//! ```text
//! ψ₍₋g₎ ≈ ψ̂ + (H − H_g)⁻¹ ∇D_g(ψ̂)
//! ```
//!
//! Else the gradient is that of the records left, and H is that of all. Pregibon (1981), *Ann Stat* 9:705; for mixed models,
//! Nieuwenhuis, te Grotenhuis & Pelzer (2012), *R Journal* 4(2):38, whose definitions of DFBETAS and Cook's distance hold here
//! but that both are in units of the covariance of the full fit.

use crate::design::{Design, find_aliased};
use crate::error::{Error, Kind, Result};
use crate::likelihood::{Curvature, Curved, LAST_STEP_GAIN, Mode, Subset, find_mode, gradient, hessian};
use crate::linalg::Spd;
use crate::model::{Fit, Sample};
use crate::optimise::{Metric, Start, climb};
use crate::progress::Tally;
use crate::random::nested_in;
use crate::settings::Penalty;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// What leaving one group out does.
#[derive(Debug, Clone, PartialEq)]
pub struct Influence {
    /// Level of the grouping factor.
    pub level: usize,
    /// Records, or trials.
    pub n: f64,
    /// Events.
    pub events: f64,
    /// Coefficients without it, over the estimated columns; NaN where the rest of the data do not say.
    pub beta: Vec<f64>,
    /// (full − without) / standard error of the full fit.
    pub dfbetas: Vec<f64>,
    /// The coefficient that moves most in its standard errors, as a position; the first that is lost, if any is.
    pub largest: usize,
    /// Cook's distance of the coefficients, d'V⁻¹d / p.
    pub cook: f64,
    /// Change in the log of the SD of the group's first effect: without − full.
    pub log_sd: f64,
    /// Whether the step is defined, or the refit reached its maximum.
    pub converged: bool,
}

/// Leaves out the levels of grouping factor `g`, one after the other, in their order. `tally` counts them.
pub fn influence(
    fit: &Fit,
    sample: &Sample,
    g: usize,
    exact: bool,
    tally: &Tally,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Influence>> {
    if !fit.converged {
        let message = "the fit did not converge, so there is no maximum that groups could be left out of; look at its diagnostics first";
        return Err(Error::new(Kind::Fit, "not-converged", message));
    }
    let study = Study::new(fit, sample, g, interrupt);
    let levels = fit.groupings[g].levels.len();
    tally.expect(levels);
    let one = |level: usize| {
        let found = study.without(level, exact);
        tally.finished(found.as_ref().map_or(true, |f| !f.converged));
        found
    };
    (0..levels).into_par_iter().map(one).collect()
}

struct Study<'a> {
    fit: &'a Fit,
    sample: &'a Sample,
    g: usize,
    /// Records of each level, ascending.
    members: Vec<Vec<u32>>,
    /// Whether D is a sum over the levels.
    separates: bool,
    /// The covariance of the coefficients, factored.
    covariance: Option<Spd>,
    /// X'X.
    gram: DMatrix<f64>,
    interrupt: &'a (dyn Fn() -> bool + Sync),
}

/// Parameters without a group.
struct Moved {
    psi: Vec<f64>,
    converged: bool,
}

impl<'a> Study<'a> {
    fn new(fit: &'a Fit, sample: &'a Sample, g: usize, interrupt: &'a (dyn Fn() -> bool + Sync)) -> Self {
        let groupings = &sample.problem.groupings;
        let mut members = vec![Vec::new(); groupings[g].levels];
        groupings[g].codes.iter().enumerate().for_each(|(i, &c)| members[c as usize].push(i as u32));
        let inside = |h: usize| nested_in(&groupings[h].codes, groupings[h].levels, &groupings[g].codes);
        // A penalty belongs to all records together.
        let separates = sample.problem.penalty == Penalty::None && (0..groupings.len()).all(|h| h == g || inside(h));
        let (p, n) = (fit.beta.len(), fit.parameters());
        let block = (0..p * p).map(|k| fit.covariance[(k / p) * n + k % p]).collect::<Vec<_>>();
        let (covariance, gram) = (Spd::factor(&block, p), gram(&sample.problem.x, sample.rows.len()));
        Self { fit, sample, g, members, separates, covariance, gram, interrupt }
    }

    fn without(&self, level: usize, exact: bool) -> Result<Influence> {
        let mut moved = match (exact, self.separates) {
            (true, _) => self.refit(level)?,
            (false, true) => self.step_of_group(level)?,
            (false, false) => self.step_of_rest(level)?,
        };
        for column in self.lost(level) {
            moved.psi[column] = f64::NAN;
            moved.converged = false;
        }
        Ok(self.describe(level, &moved))
    }

    /// Coefficients that only this level's records tell from the others.
    fn lost(&self, level: usize) -> Vec<usize> {
        let own = &self.members[level];
        let rest = &self.gram - gram(&self.sample.problem.x.pick(own), own.len());
        find_aliased(&rest).iter().map(|alias| alias.column).collect()
    }

    fn subset(&self, records: Vec<u32>) -> Result<Subset> {
        Subset::new(&self.sample.problem, records)
    }

    fn rest(&self, level: usize) -> Result<Subset> {
        let codes = self.sample.problem.groupings[self.g].codes.iter().enumerate();
        self.subset(codes.filter(|(_, c)| **c as usize != level).map(|(i, _)| i as u32).collect())
    }

    fn mode(&self, subset: &Subset) -> Result<Mode> {
        let u = subset.effects(&self.sample.problem, &self.sample.u);
        find_mode(&subset.problem, &self.sample.beta, &self.sample.theta, &u, LAST_STEP_GAIN, self.interrupt)
    }

    fn step_of_group(&self, level: usize) -> Result<Moved> {
        let subset = self.subset(self.members[level].clone())?;
        let mode = self.mode(&subset)?;
        let slope = gradient(&subset.problem, &mode);
        let own = hessian(&subset.problem, &mode, &slope, Curvature::Exact).hessian;
        let rest = Metric::new(&(&self.sample.curved.hessian - own), &self.fit.free);
        Ok(self.stepped(&rest, &slope.value, 1.0))
    }

    fn step_of_rest(&self, level: usize) -> Result<Moved> {
        let subset = self.rest(level)?;
        let slope = gradient(&subset.problem, &self.mode(&subset)?);
        let whole = Metric::new(&self.sample.curved.hessian, &self.fit.free);
        Ok(self.stepped(&whole, &slope.value, -1.0))
    }

    fn stepped(&self, metric: &Metric, slope: &[f64], sign: f64) -> Moved {
        let step = metric.times(slope);
        let from = self.sample.beta.iter().chain(&self.sample.theta);
        let mut psi = from.zip(step).map(|(x, d)| x + sign * d).collect::<Vec<_>>();
        metric.flat.iter().for_each(|&k| psi[k] = f64::NAN);
        Moved { psi, converged: metric.was_positive }
    }

    fn refit(&self, level: usize) -> Result<Moved> {
        let subset = self.rest(level)?;
        let u = subset.effects(&self.sample.problem, &self.sample.u);
        let nearby = Curved { hessian: self.sample.curved.hessian.clone(), moves: Vec::new() };
        let (beta, theta) = (&self.sample.beta, &self.sample.theta);
        let start = Start { beta, theta, u: &u, held: &[], nearby: Some(&nearby) };
        let settings = &self.fit.settings;
        let found = climb(&subset.problem, &start, settings.tolerance, settings.max_iterations, self.interrupt)?;
        let psi = found.beta.iter().chain(&found.theta).copied().collect();
        Ok(Moved { psi, converged: found.converged })
    }

    fn describe(&self, level: usize, moved: &Moved) -> Influence {
        let (fit, p) = (self.fit, self.fit.beta.len());
        let outcome = &self.sample.problem.outcome;
        let total = |of: &[f64]| self.members[level].iter().map(|&i| of[i as usize]).sum();
        let beta = moved.psi[..p].to_vec();
        let change = fit.beta.iter().zip(&beta).map(|(full, without)| full - without).collect::<Vec<_>>();
        let error = |c: usize| fit.covariance[c * fit.parameters() + c].max(0.0).sqrt();
        let cook = self.covariance.as_ref().map_or(f64::NAN, |v| {
            let mut solved = change.clone();
            v.solve_rows(&mut solved, 1);
            change.iter().zip(&solved).map(|(d, s)| d * s).sum::<f64>() / p as f64
        });
        let dfbetas = change.iter().enumerate().map(|(c, d)| d / error(c)).collect::<Vec<_>>();
        let largest = (0..p).rev().max_by(|&a, &b| dfbetas[a].abs().total_cmp(&dfbetas[b].abs())).unwrap_or_default();
        Influence {
            level,
            n: total(&outcome.trials),
            events: total(&outcome.successes),
            dfbetas,
            largest,
            cook,
            log_sd: self.log_sd(&moved.psi[p..]) - self.log_sd(&self.sample.theta),
            converged: moved.converged,
            beta,
        }
    }

    fn log_sd(&self, theta: &[f64]) -> f64 {
        self.sample.problem.theta.covariance(theta, self.g)[0].ln() / 2.0
    }
}

fn gram(x: &Design, records: usize) -> DMatrix<f64> {
    x.gram(&x.by_pattern(&vec![1.0; records]))
}
