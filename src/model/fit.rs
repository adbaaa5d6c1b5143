//! Start → optimise → polish → check → [`Fit`].

use super::findings::findings;
use super::integration::Integration;
use super::points::quadrature;
use super::prepare::{FitOptions, GroupSizes, MissingAccount, Prepared, prepare};
use super::sample::Sample;
use super::sandwich::Sandwich;
use super::separation::diverging;
use crate::coding::{Frame, Number, ResponseSpec};
use crate::design::DesignSpec;
use crate::diagnostic::Finding;
use crate::error::{Error, Kind, Result};
use crate::likelihood::Problem;
use crate::optimise::{
    Ascent, Evaluation, Optimum, PlainFit, Separation, ascend, find_separation, fit_plain, spreads, start_theta,
};
use crate::random::{GroupingSpec, ThetaMap};
use crate::settings::Settings;
use serde::{Deserialize, Serialize};

/// Version of the JSON form; raised when an older reader would misread it.
const FORMAT: u32 = 1;

/// Tangents of the modes are kept for intervals of predictions while they are this few numbers.
const MOST_TANGENTS: usize = 500_000;

/// Conditional modes of one grouping factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupModes {
    /// b at the mode, J x k row after row.
    pub modes: Vec<f64>,
    /// Conditional covariance of b given the parameters, J x k x k.
    pub covariances: Vec<f64>,
    /// db/dψ over the estimated parameters, (J k) x parameters; empty when too large to keep.
    pub tangents: Vec<f64>,
}

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
    let theta =
        if problem.theta.is_empty() { Vec::new() } else { start_theta(problem, &plain_probabilities(problem, &plain)) };
    let near = near.filter(|f| f.beta.len() == plain.beta.len() && f.theta.len() == theta.len());
    let beta = near.map_or(&plain.beta, |f| &f.beta);
    // At zero nothing pulls: an SD that vanished there starts as in a fit of its own.
    let theta = near.filter(|f| f.free.iter().all(|free| *free)).map_or(&theta, |f| &f.theta);
    let ascent = ascend(problem, quadrature, beta, theta, settings, interrupt)?;
    let fit = assemble(&prepared, options, (&plain, separation), &ascent)?;
    Ok((fit, Sample::new(prepared, ascent.optimum, frame.rows())))
}

fn plain_probabilities(problem: &Problem, plain: &PlainFit) -> Vec<f64> {
    let fixed = problem.x.times(&plain.beta);
    let offset = |i: usize| problem.offset.as_ref().map_or(0.0, |o| o[i]);
    let probability = |i: usize| crate::likelihood::logistic::probability(fixed[problem.x.pattern(i)] + offset(i));
    (0..problem.rows()).map(probability).collect()
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

/// b, its conditional covariance, and its tangents, per grouping factor.
fn group_modes(problem: &Problem, optimum: &Optimum) -> Vec<GroupModes> {
    let parameters = problem.parameters();
    let keep = problem.layout.effects() * parameters <= MOST_TANGENTS;
    let moves: &[f64] = if keep { &optimum.curved.moves } else { &[] };
    (0..problem.groupings.len()).map(|g| modes_of(problem, optimum, g, moves)).collect()
}

fn modes_of(problem: &Problem, optimum: &Optimum, g: usize, moves: &[f64]) -> GroupModes {
    let grouping = &problem.groupings[g];
    let (mode, k, parameters) = (&optimum.mode, grouping.width, problem.parameters());
    let lambda = &mode.lambda.0[g];
    let mut out = GroupModes { modes: Vec::new(), covariances: Vec::new(), tangents: Vec::new() };
    for level in 0..grouping.levels {
        let at = problem.layout.first_effect(g, level);
        let u = &mode.u[at..at + k];
        let p = level_inverse(problem, optimum, g, level);
        for a in 0..k {
            out.modes.push((0..k).map(|c| lambda[a * k + c] * u[c]).sum());
            for b in 0..k {
                let term = |c: usize, d: usize| lambda[a * k + c] * p[c * k + d] * lambda[b * k + d];
                out.covariances.push((0..k * k).map(|cd| term(cd / k, cd % k)).sum());
            }
            if !moves.is_empty() {
                let mut row = vec![0.0; parameters];
                for c in 0..k {
                    let of = &moves[(at + c) * parameters..(at + c + 1) * parameters];
                    row.iter_mut().zip(of).for_each(|(x, m)| *x += lambda[a * k + c] * m);
                }
                for (t, e) in problem.theta.entries.iter().enumerate() {
                    if e.grouping == g && e.row == a {
                        row[problem.coefficients() + t] += u[e.column];
                    }
                }
                out.tangents.extend(row);
            }
        }
    }
    out
}

/// The k x k block of A⁻¹ of one level.
fn level_inverse(problem: &Problem, optimum: &Optimum, g: usize, level: usize) -> Vec<f64> {
    let k = problem.groupings[g].width;
    let inverse = &optimum.gradient.inverse;
    if g == 0 {
        return inverse.lead[level * k * k..(level + 1) * k * k].to_vec();
    }
    let first = problem.layout.first_columns[g - 1][level] as usize;
    (0..k * k).map(|ab| inverse.trail[problem.layout.fronts.at(first + ab / k, first + ab % k)]).collect()
}

/// Makes the diagonal of every Λ non-negative: θ of a flipped column changes sign, and with it its covariances and tangents.
fn make_positive(map: &ThetaMap, p: usize, theta: &mut [f64], covariance: &mut [f64], modes: &mut [GroupModes]) {
    let before = theta.to_vec();
    map.make_positive(theta);
    let n = p + theta.len();
    for (k, entry) in map.entries.iter().enumerate() {
        let diagonal = map
            .entries
            .iter()
            .position(|e| e.grouping == entry.grouping && e.row == entry.column && e.column == entry.column);
        if !diagonal.is_some_and(|d| before[d] < 0.0) {
            continue;
        }
        for other in 0..n {
            covariance[(p + k) * n + other] = -covariance[(p + k) * n + other];
            covariance[other * n + p + k] = -covariance[other * n + p + k];
        }
        for group in modes.iter_mut() {
            group.tangents.iter_mut().skip(p + k).step_by(n).for_each(|x| *x = -*x);
        }
    }
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

    /// Reads a fit saved as JSON.
    pub fn from_json(text: &str) -> Result<Self> {
        let refuse = |message: String| Error::new(Kind::Load, "not-a-fit", message);
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|e| refuse(format!("this is not JSON: {e}")))?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(f) if f == u64::from(FORMAT) => {}
            Some(f) => {
                let message = format!(
                    "this fit was saved in format {f}, and this version of melogit reads format {FORMAT}; use the version that saved it"
                );
                return Err(Error::new(Kind::Load, "format", message));
            }
            None => return Err(refuse("this JSON is not a saved melogit fit: it has no 'format'".to_string())),
        }
        let fit: Self = serde_json::from_value(value).map_err(|e| refuse(format!("this saved fit is damaged: {e}")))?;
        if fit.is_consistent() {
            Ok(fit)
        } else {
            Err(refuse("this saved fit is damaged: its parts do not fit together".into()))
        }
    }

    /// The fit as JSON.
    pub fn to_json(&self) -> Result<String> {
        let failed =
            |e: serde_json::Error| Error::new(Kind::Internal, "to-json", format!("the fit could not be written: {e}"));
        serde_json::to_string(self).map_err(failed)
    }

    /// Lengths that later code relies on.
    fn is_consistent(&self) -> bool {
        let n = self.free.len();
        let modes = self.groupings.iter().zip(&self.modes).all(|(g, m)| {
            let effects = g.levels.len() * g.width();
            m.modes.len() == effects
                && m.covariances.len() == effects * g.width()
                && (m.tangents.is_empty() || m.tangents.len() == effects * n)
        });
        let groupings = self.groupings.iter().all(|g| {
            !g.factors.is_empty()
                && g.levels.len() >= 2
                && g.width() >= 1
                && g.parts.iter().all(DesignSpec::is_consistent)
        });
        self.design.is_consistent()
            && groupings
            && self.estimated.windows(2).all(|pair| pair[0] < pair[1])
            && self.settings.clone().check().is_ok()
            && self.beta.len() == self.estimated.len()
            && self.estimated.iter().all(|c| *c < self.design.width())
            && self.theta.len() == self.theta_map().len()
            && n == self.beta.len() + self.theta.len()
            && self.covariance.len() == n * n
            && self.integration.shifts.iter().all(|s| s.moves.is_empty() || s.moves.len() == n)
            && self.flat.iter().chain(&self.diverging).all(|k| *k < n)
            && self.modes.len() == self.groupings.len()
            && self.sizes.len() == self.groupings.len()
            && self.counts.len() == self.design.factors.len()
            && self.counts.iter().zip(&self.design.factors).all(|(c, f)| c.len() == f.levels.len())
            && modes
    }
}
