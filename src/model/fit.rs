//! Start → optimise → polish → check → [`Fit`].

use super::findings::findings;
use super::integration::Integration;
use super::modes::{GroupModes, group_modes, make_positive};
use super::points::quadrature;
use super::prepare::{FitOptions, GroupSizes, Prepared, prepare};
use super::rows::MissingAccount;
use super::sample::Sample;
use super::sandwich::Sandwich;
use super::saved::FORMAT;
use super::separation::diverging;
use crate::coding::{Frame, Number, ResponseSpec};
use crate::design::DesignSpec;
use crate::diagnostic::Finding;
use crate::error::{Error, Kind, Result};
use crate::likelihood::{Problem, logistic::sigmoid};
use crate::optimise::{
    Ascent, Evaluation, Guess, PlainFit, Separation, ascend, find_separation, fit_plain, guess, spreads,
};
use crate::random::{GroupingSpec, ThetaMap};
use crate::settings::Settings;
use serde::{Deserialize, Serialize};

/// Trials and events of one level of a factor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LevelCount {
    /// Records, or trials.
    pub n: f64,
    /// Events.
    pub events: f64,
}

/// A fitted model: estimates, their joint covariance, and the record of how the data were coded. No rows of data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Version of this form.
    pub format: u32,
    /// Version of melogit that fitted it.
    pub version: String,
    /// The formula, in canonical form.
    pub formula: String,
    /// Outcome and event.
    pub response: ResponseSpec,
    /// Offsets of the formula.
    pub offsets: Vec<Number>,
    /// Whether an offset was passed as an argument.
    pub offset_argument: bool,
    /// Coding of the fixed effects.
    pub design: DesignSpec,
    /// Columns estimated (the others are redundant), in order.
    pub estimated: Vec<usize>,
    /// Grouping factors, most columns first.
    pub groupings: Vec<GroupingSpec>,
    /// Their sizes.
    pub sizes: Vec<GroupSizes>,
    /// Per factor of the design and level.
    pub counts: Vec<Vec<LevelCount>>,
    /// Settings used.
    pub settings: Settings,
    /// Records analysed.
    pub records: usize,
    /// Trials (weights multiplied in).
    pub trials: f64,
    /// Events (weights multiplied in).
    pub events: f64,
    /// log-likelihood with every constant.
    pub log_likelihood: f64,
    /// What was maximised instead, where a penalty was asked for: the log-likelihood plus the penalty.
    #[serde(default)]
    pub penalised_log_likelihood: Option<f64>,
    /// What was maximised, without random effects; absent in a model without them.
    pub null_log_likelihood: Option<f64>,
    /// Estimated coefficients, in the order of `estimated`.
    pub beta: Vec<f64>,
    /// θ.
    pub theta: Vec<f64>,
    /// Which of (β, θ) were free at the optimum; a θ pinned at zero has no standard error.
    pub free: Vec<bool>,
    /// Joint covariance of (β, θ), (p + t) square, zero in rows and columns of pinned θ.
    pub covariance: Vec<f64>,
    /// Where that is not the model's own covariance: which one it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandwich: Option<Sandwich>,
    /// Coefficients that run off to infinity, as positions in `beta`: those of the separation, and any other that did.
    pub diverging: Vec<usize>,
    /// Separation by the fixed effects, found from the data; absent where there is none.
    #[serde(default)]
    pub separation: Option<Separation>,
    /// How the random effects were integrated out, and what the next rule would change.
    #[serde(default = "laplace")]
    pub integration: Integration,
    /// Drop in deviance still to be had.
    pub certificate: f64,
    /// Whether the certificate meets the tolerance.
    pub converged: bool,
    /// Parameters, as positions in (β, θ), that the likelihood does not tell apart.
    pub flat: Vec<usize>,
    /// Every evaluation of the search.
    pub trace: Vec<Evaluation>,
    /// Conditional modes.
    pub modes: Vec<GroupModes>,
    /// Rows and missing values.
    pub missing: MissingAccount,
    /// What a reader should know.
    pub findings: Vec<Finding>,
}

/// What a fit saved before this was recorded is taken for.
fn laplace() -> Integration {
    Integration { points: 1, shifts: Vec::new() }
}

/// Fits the model; also gives the data as they were analysed, for refits. `interrupt` is asked between sweeps.
///
/// ```
/// use melogit::coding::{Column, Frame};
/// use melogit::model::{FitOptions, fit};
/// let mut frame = Frame::new(8);
/// frame.insert("y", Column::Number(vec![0., 1., 1., 0., 1., 1., 0., 0.]))?;
/// frame.insert("place", Column::from_text(&["a", "a", "a", "a", "b", "b", "b", "b"]))?;
/// let (fit, _sample) = fit("y ~ 1 + (1 | place)", &frame, &FitOptions::default(), &|| false)?;
/// assert!(fit.converged && fit.beta[0].abs() < 1e-6);
/// # Ok::<(), melogit::error::Error>(())
/// ```
pub fn fit(
    formula: &str,
    frame: &Frame,
    options: &FitOptions,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<(Fit, Sample)> {
    fit_near(formula, frame, options, None, interrupt)
}

/// The same, with the search started at the estimates of `near`, a fit of the same model to similar data, where it has the same
/// parameters.
pub fn fit_near(
    formula: &str,
    frame: &Frame,
    options: &FitOptions,
    near: Option<&Fit>,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<(Fit, Sample)> {
    let settings = &options.settings;
    let mut prepared = prepare(formula, frame, options)?;
    let quadrature = quadrature(&prepared, settings.points)?;
    let problem = &mut prepared.problem;
    problem.penalty = settings.penalty;
    let plain = fit_plain(problem, interrupt)?;
    let separation = if plain.overlap { None } else { find_separation(problem) };
    let guess = if problem.theta.is_empty() {
        Guess { beta: plain.beta.clone(), theta: Vec::new(), u: vec![0.0; problem.layout.effects()] }
    } else {
        let nested = prepared.sizes.iter().any(|s| s.nested_in.is_some());
        guess(problem, &plain.beta, &plain_probabilities(problem, &plain), nested)
    };
    let near = near.filter(|f| f.beta.len() == guess.beta.len() && f.theta.len() == guess.theta.len());
    let beta = near.map_or(&guess.beta, |f| &f.beta);
    // At zero nothing pulls: an SD that vanished there starts as in a fit of its own.
    let theta = near.filter(|f| f.free.iter().all(|free| *free)).map_or(&guess.theta, |f| &f.theta);
    let ascent = ascend(problem, quadrature, (beta, theta, &guess.u), settings, interrupt)?;
    let fit = assemble(&prepared, options, (&plain, separation), &ascent)?;
    Ok((fit, Sample::new(prepared, ascent.optimum, frame.rows())))
}

fn plain_probabilities(problem: &Problem, plain: &PlainFit) -> Vec<f64> {
    let mut fixed = problem.x.times(&plain.beta);
    let per_record = |of: &[f64]| (0..problem.rows()).map(|i| of[problem.x.pattern(i)]).collect::<Vec<_>>();
    let Some(offset) = &problem.offset else {
        sigmoid(&mut fixed);
        return per_record(&fixed);
    };
    let mut mu = per_record(&fixed);
    mu.iter_mut().zip(offset).for_each(|(eta, offset)| *eta += offset);
    sigmoid(&mut mu);
    mu
}

fn assemble(
    prepared: &Prepared,
    options: &FitOptions,
    (plain, separation): (&PlainFit, Option<Separation>),
    ascent: &Ascent,
) -> Result<Fit> {
    let Ascent { optimum, points, shifts } = ascent;
    let problem = &prepared.problem;
    let redundant = |c: &usize| prepared.aliased.iter().any(|a| a.column == *c);
    let estimated = (0..prepared.design.width()).filter(|c| !redundant(c)).collect::<Vec<_>>();
    let mut covariance = optimum.covariance();
    let mut modes = group_modes(problem, optimum);
    let mut theta = optimum.mode.theta.clone();
    make_positive(&problem.theta, problem.coefficients(), &mut theta, &mut covariance, &mut modes);
    let counts = prepared.counts.iter();
    let counts = counts.map(|c| c.iter().map(|&(n, events)| LevelCount { n, events }).collect()).collect();
    let mut fit = Fit {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_string(),
        formula: prepared.formula.to_string(),
        response: prepared.response.clone(),
        offsets: prepared.offsets.clone(),
        offset_argument: options.offset.is_some(),
        design: prepared.design.clone(),
        estimated,
        groupings: prepared.groupings.clone(),
        sizes: prepared.sizes.clone(),
        counts,
        settings: options.settings.clone(),
        records: problem.rows(),
        trials: problem.outcome.total(),
        events: problem.outcome.events(),
        log_likelihood: optimum.mode.log_likelihood(problem),
        penalised_log_likelihood: optimum.mode.penalty.is_some().then(|| optimum.mode.maximised(problem)),
        null_log_likelihood: (!problem.theta.is_empty()).then_some(plain.log_likelihood),
        beta: optimum.mode.beta.clone(),
        theta,
        free: optimum.free.clone(),
        covariance,
        sandwich: None,
        diverging: Vec::new(),
        separation,
        integration: Integration { points: *points, shifts: shifts.clone() },
        certificate: optimum.certificate,
        converged: optimum.converged,
        flat: optimum.flat.clone(),
        trace: optimum.trace.clone(),
        modes,
        missing: prepared.missing.clone(),
        findings: Vec::new(),
    };
    fit.diverging = diverging(problem, &fit);
    fit.findings = findings(&fit, &prepared.aliased, options, &spreads(problem, &optimum.mode.theta));
    if fit.beta.iter().any(|b| !b.is_finite()) || !fit.log_likelihood.is_finite() {
        let message = "the fit ended in numbers that are not finite; centre and scale the covariates, and look for extreme values";
        return Err(Error::new(Kind::Fit, "not-finite", message));
    }
    Ok(fit)
}

impl Fit {
    /// Where θ sits.
    pub fn theta_map(&self) -> ThetaMap {
        ThetaMap::new(&self.groupings)
    }

    /// Number of estimated parameters.
    pub fn parameters(&self) -> usize {
        self.free.len()
    }

    /// Names of θ: `theta[group,row.column]`, the row's effect alone on the diagonal (lme4's names).
    pub fn theta_names(&self) -> Vec<String> {
        let name = |e: &crate::random::ThetaEntry| {
            let spec = &self.groupings[e.grouping];
            let effects = spec.effects();
            let (row, column) = (effects[e.row], effects[e.column]);
            if row == column {
                format!("theta[{},{row}]", spec.name)
            } else {
                format!("theta[{},{row}.{column}]", spec.name)
            }
        };
        self.theta_map().entries.iter().map(name).collect()
    }

    /// The position of a grouping factor by name.
    pub fn grouping(&self, name: &str) -> Result<usize> {
        self.groupings.iter().position(|spec| spec.name == name).ok_or_else(|| {
            let known = self.groupings.iter().map(|spec| spec.name.as_str()).collect::<Vec<_>>().join(", ");
            let known = if known.is_empty() { "it has none".to_string() } else { format!("they are: {known}") };
            let message = format!("'{name}' is not a grouping factor of this model; {known}");
            Error::new(Kind::Option, "unknown-group", message)
        })
    }

    /// The same, or the first one where no name is given; `None` without random effects.
    pub fn grouping_or_first(&self, name: Option<&str>) -> Result<Option<usize>> {
        match name {
            Some(name) => self.grouping(name).map(Some),
            None => Ok((!self.groupings.is_empty()).then_some(0)),
        }
    }

    /// The position of a column among the estimated ones.
    pub fn position(&self, column: usize) -> Option<usize> {
        self.estimated.binary_search(&column).ok()
    }
}
