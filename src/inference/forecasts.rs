//! Predicted risks beside what happened: what every measure of fit is computed from.

use super::logistic_normal::LogisticNormal;
use super::new_data::NewData;
use super::predict::{Interval, Kind, NewLevels, PredictionOptions, predict};
use crate::coding::{Factor, Frame, Outcome};
use crate::design::densify;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::formula::{Response, parse};
use crate::likelihood::logistic::probability;
use crate::model::{Fit, Sample};
use crate::random::Lambda;
use crate::simulate::linear_predictor;
use rayon::prelude::*;

/// Records with predicted risks: the fit's own, or new ones.
#[derive(Debug, Clone)]
pub struct Forecasts {
    /// Events per record.
    pub events: Vec<f64>,
    /// Trials per record.
    pub trials: Vec<f64>,
    /// Predicted risk of one trial, of the kind asked for.
    pub risk: Vec<f64>,
    /// Its logit.
    pub logit: Vec<f64>,
    /// Xβ + offset.
    pub fixed: Vec<f64>,
    /// Variance of the random part, z'Σz summed over grouping factors.
    pub spread: Vec<f64>,
    /// Level of the grouping factor chosen, numbered from 0; empty where there is none.
    pub place: Vec<u32>,
    /// Whether these are the records that the model was fitted to.
    pub own: bool,
}

impl Forecasts {
    /// The records of the fit itself. `group` is the grouping factor that gives `place`.
    pub fn of_sample(fit: &Fit, sample: &Sample, kind: Kind, group: Option<usize>) -> Self {
        let problem = &sample.problem;
        let lambda = problem.theta.lambda(&sample.theta);
        let zero = vec![0.0; sample.u.len()];
        let fixed = linear_predictor(problem, &sample.beta, &lambda, &zero);
        let spread = spreads(sample, &lambda);
        let logit = match kind {
            Kind::Typical => fixed.clone(),
            Kind::Conditional => linear_predictor(problem, &sample.beta, &lambda, &sample.u),
            Kind::Marginal => marginal_logits(&fixed, &spread),
        };
        let place = group.map(|g| problem.groupings[g].codes.clone()).unwrap_or_default();
        let (events, trials) = (problem.outcome.successes.clone(), problem.outcome.trials.clone());
        let risk = logit.iter().map(|x| probability(*x)).collect();
        debug_assert_eq!(fit.records, trials.len());
        Self { events, trials, risk, logit, fixed, spread, place, own: true }
    }

    /// New records: rows with outcome and covariates. Groups that the fit never saw count as typical ones.
    pub fn of_frame(
        fit: &Fit,
        frame: &Frame,
        kind: Kind,
        group: Option<usize>,
        offset: Option<&[f64]>,
    ) -> Result<Self> {
        let options = PredictionOptions {
            kind,
            level: 0.95,
            new_levels: NewLevels::Typical,
            interval: Interval::None,
            sample: None,
        };
        let predicted = predict(fit, frame, &options, offset)?;
        let factors = group.map(|g| grouping_columns(fit, frame, g)).unwrap_or_default();
        let response = parse(&fit.formula)?.response;
        let mut complete = predicted.linear.iter().map(|x| !x.is_nan()).collect::<Vec<_>>();
        for column in outcome_columns(&response).into_iter().chain(factors.iter().copied()) {
            frame.get(column)?.clear_missing(&mut complete);
        }
        let data = NewData::read(fit, frame, offset, kind == Kind::Conditional, false)?;
        let kept = (0..data.rows.len()).filter(|&k| complete[data.rows[k] as usize]).collect::<Vec<_>>();
        let rows = kept.iter().map(|&k| data.rows[k]).collect::<Vec<_>>();
        if rows.is_empty() {
            let message = "no row of the data is complete, so there is nothing to compare predictions with";
            return Err(Error::new(ErrorKind::Data, "all-missing", message));
        }
        let (_, outcome) = Outcome::read(&response, event(fit, &response), frame, &rows, None)?;
        let logit = rows.iter().map(|&i| predicted.linear[i as usize]).collect::<Vec<_>>();
        Ok(Self {
            events: outcome.successes,
            trials: outcome.trials,
            risk: logit.iter().map(|x| probability(*x)).collect(),
            logit,
            fixed: kept.iter().map(|&k| data.linear(k)).collect(),
            spread: kept.iter().map(|&k| data.variance(fit, k).0).collect(),
            place: places(frame, &rows, &factors)?,
            own: false,
        })
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.trials.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.trials.is_empty()
    }

    /// Trials, and events among them.
    pub fn totals(&self) -> (f64, f64) {
        (self.trials.iter().sum(), self.events.iter().sum())
    }

    /// Places that occur, numbered from 0 without gaps at the end.
    pub(super) fn places(&self) -> usize {
        self.place.iter().max().map_or(0, |last| *last as usize + 1)
    }
}

/// z'Σz per record of the sample.
fn spreads(sample: &Sample, lambda: &Lambda) -> Vec<f64> {
    let problem = &sample.problem;
    let mut m = vec![0.0; problem.row_width()];
    let spread = |i: usize| {
        problem.write_m(lambda, i, &mut m);
        m.iter().map(|x| x * x).sum()
    };
    (0..problem.rows()).map(spread).collect()
}

/// The logit of the risk averaged over the random effects. A rule serves a run of records with one variance.
fn marginal_logits(fixed: &[f64], spread: &[f64]) -> Vec<f64> {
    const RUN: usize = 4_096;
    let work = fixed.par_chunks(RUN).zip(spread.par_chunks(RUN)).flat_map_iter(|(fixed, spread)| {
        let mut rule = (f64::NAN, LogisticNormal::new(0.0));
        fixed.iter().zip(spread).map(move |(eta, variance)| {
            if rule.0.to_bits() != variance.to_bits() {
                rule = (*variance, LogisticNormal::new(variance.sqrt()));
            }
            let p = rule.1.at(*eta).probability;
            (p / (1.0 - p)).ln()
        })
    });
    work.collect()
}

fn outcome_columns(response: &Response) -> Vec<&str> {
    match response {
        Response::Single(v) => vec![v.name.as_str()],
        Response::Grouped { events, trials } => vec![events.name.as_str(), trials.name.as_str()],
        Response::Counts { events, nonevents } => vec![events.name.as_str(), nonevents.name.as_str()],
    }
}

/// The value that counts as the event, as the fit recorded it.
fn event<'a>(fit: &'a Fit, response: &Response) -> Option<&'a str> {
    match response {
        Response::Single(v) => fit.response.event.strip_prefix(&format!("{} = ", v.name)),
        _ => None,
    }
}

/// Columns of a grouping factor, if the frame has them all.
fn grouping_columns<'a>(fit: &'a Fit, frame: &Frame, g: usize) -> Vec<&'a str> {
    let names = fit.groupings[g].factors.iter().map(|f| f.column.as_str()).collect::<Vec<_>>();
    if names.iter().all(|name| frame.get(name).is_ok()) { names } else { Vec::new() }
}

/// Combinations of the columns, numbered in order of appearance.
fn places(frame: &Frame, rows: &[u32], columns: &[&str]) -> Result<Vec<u32>> {
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let mut keys = vec![0u64; rows.len()];
    for column in columns {
        let factor = Factor::learn(frame, rows, column, None)?;
        let codes = factor.codes(frame, rows)?;
        let levels = factor.levels.len() as u64;
        keys.iter_mut().enumerate().for_each(|(k, key)| *key = *key * levels + codes.get(k) as u64);
    }
    Ok(densify(keys.into_iter(), usize::MAX).map(|(ids, _)| ids).unwrap_or_default())
}
