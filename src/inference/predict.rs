//! Predicted probabilities with intervals.

use super::delta::{interval, variance};
use super::logistic_normal::LogisticNormal;
use super::modes::ModesCovariance;
use super::new_data::NewData;
use super::normal::two_sided;
use crate::coding::Frame;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::likelihood::logistic::probability;
use crate::model::{Fit, GroupModes, Sample};
use crate::random::GroupingSpec;
use rayon::prelude::*;

/// Whose probability is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A record of a known group: the group's modes are added.
    Conditional,
    /// A record of a typical group: random effects at zero.
    Typical,
    /// The average over groups: random effects integrated out.
    Marginal,
}

impl Kind {
    /// Reads the name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "conditional" => Ok(Self::Conditional),
            "typical" => Ok(Self::Typical),
            "marginal" => Ok(Self::Marginal),
            _ => {
                let message = format!("kind='{name}' is not known; choose 'conditional', 'typical' or 'marginal'");
                Err(Error::new(ErrorKind::Option, "unknown-kind", message))
            }
        }
    }
}

/// What to do with a group that was not in the fit, in a conditional prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewLevels {
    /// Refuse.
    Error,
    /// Predict for a typical group: its effect is zero.
    Typical,
    /// Integrate its effect out.
    Marginal,
}

impl NewLevels {
    /// Reads the name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "error" => Ok(Self::Error),
            "typical" => Ok(Self::Typical),
            "marginal" => Ok(Self::Marginal),
            _ => {
                let message = format!("new_levels='{name}' is not known; choose 'error', 'typical' or 'marginal'");
                Err(Error::new(ErrorKind::Option, "unknown-new-levels", message))
            }
        }
    }
}

/// What bounds are to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// Nothing: no errors are computed.
    None,
    /// The probability that is predicted.
    Confidence,
    /// The probability in a group that is yet to be drawn.
    Prediction,
}

impl Interval {
    /// Reads the name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "none" => Ok(Self::None),
            "confidence" => Ok(Self::Confidence),
            "prediction" => Ok(Self::Prediction),
            _ => {
                let message = format!("interval='{name}' is not known; choose 'none', 'confidence' or 'prediction'");
                Err(Error::new(ErrorKind::Option, "unknown-interval", message))
            }
        }
    }
}

/// How to predict.
pub struct PredictionOptions<'a> {
    /// Whose probability.
    pub kind: Kind,
    /// Confidence level.
    pub level: f64,
    /// Groups that were not in the fit.
    pub new_levels: NewLevels,
    /// What bounds are to hold.
    pub interval: Interval,
    /// The rows of the fit, where they are at hand.
    pub sample: Option<&'a Sample>,
}

/// Predictions per row of the frame; NaN for rows with a missing value.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Probability.
    pub estimate: Vec<f64>,
    /// Its logit.
    pub linear: Vec<f64>,
    /// Standard error of the logit.
    pub std_error: Vec<f64>,
    /// Bounds of the probability, formed on the logit scale.
    pub lower: Vec<f64>,
    /// Upper bound.
    pub upper: Vec<f64>,
}

/// One row on the logit scale.
struct Row {
    logit: f64,
    /// Variance of its error.
    variance: f64,
    /// Where groups that were not in the fit would lie, and their variance with that of the error.
    spread: (f64, f64),
}

/// Predicts every row of `frame`.
///
/// Errors of `typical` and `marginal` predictions: delta method over the joint covariance of (β, θ). Of `conditional` ones: the
/// conditional covariance of the modes plus the part that comes through the estimates (Booth & Hobert 1998, *JASA* 93:262, eq.
/// 10); NaN where the tangents of the modes were too many to keep. Prediction intervals hold the probability in a new group:
/// the variance of its effect, z'Σz, is added to that of the error.
pub fn predict(fit: &Fit, frame: &Frame, options: &PredictionOptions, offset: Option<&[f64]>) -> Result<Prediction> {
    let z = two_sided(options.level)?;
    let data = NewData::read(fit, frame, offset, options.kind == Kind::Conditional, false)?;
    if options.kind == Kind::Conditional
        && options.interval == Interval::Prediction
        && options.new_levels == NewLevels::Error
    {
        let message = "a prediction interval is for groups yet to be drawn, and kind='conditional' is for those of the fit; use kind='typical' or 'marginal', or say with new_levels= what a new group is";
        return Err(Error::new(ErrorKind::Option, "interval-kind", message));
    }
    let rows = match options.kind {
        Kind::Typical => typical(fit, &data),
        Kind::Marginal => marginal(fit, &data),
        Kind::Conditional => conditional(fit, frame, &data, options)?,
    };
    let nan = || vec![f64::NAN; frame.rows()];
    let mut out = Prediction { estimate: nan(), linear: nan(), std_error: nan(), lower: nan(), upper: nan() };
    for (&i, row) in data.rows.iter().zip(rows) {
        let i = i as usize;
        out.estimate[i] = probability(row.logit);
        out.linear[i] = row.logit;
        let error = |variance: f64| if variance.is_nan() { f64::NAN } else { variance.max(0.0).sqrt() };
        out.std_error[i] = error(row.variance);
        let (centre, width) = match options.interval {
            Interval::Prediction => (row.spread.0, error(row.spread.1)),
            _ => (row.logit, out.std_error[i]),
        };
        (out.lower[i], out.upper[i]) = interval(centre, width, z, probability);
    }
    Ok(out)
}

/// Gradient of the linear predictor of row `k` over (β, θ): x, then zeros.
fn fixed_gradient(fit: &Fit, data: &NewData, k: usize) -> Vec<f64> {
    let mut gradient = vec![0.0; fit.parameters()];
    data.x.write_row(data.x.pattern(k), &mut gradient[..fit.beta.len()]);
    gradient
}

fn typical(fit: &Fit, data: &NewData) -> Vec<Row> {
    let row = |k| {
        let (logit, error) = (data.linear(k), variance(fit, &fixed_gradient(fit, data, k)));
        Row { logit, variance: error, spread: (logit, error + data.variance(fit, k).0) }
    };
    (0..data.rows.len()).map(row).collect()
}

fn marginal(fit: &Fit, data: &NewData) -> Vec<Row> {
    let mut shared = None;
    let row = |k: usize| {
        if shared.is_none() || !data.constant_variance() {
            let (variance, by_theta) = data.variance(fit, k);
            shared = Some((variance, NewData::rule(variance), by_theta));
        }
        let (logit, gradient) = (data.linear(k), fixed_gradient(fit, data, k));
        let error = variance(fit, &gradient);
        let Some((between, rule, by_theta)) = &shared else { return integrated(fit, logit, gradient, 0.0, &[], None) };
        let spread = (logit, error + between);
        Row { spread, ..integrated(fit, logit, gradient, 0.0, by_theta, Some(rule)) }
    };
    (0..data.rows.len()).map(row).collect()
}

/// The average of σ over a normal law around `logit`, as a logit; `own` is the conditional variance of the modes in it.
fn integrated(
    fit: &Fit,
    logit: f64,
    mut gradient: Vec<f64>,
    own: f64,
    by_theta: &[f64],
    rule: Option<&LogisticNormal>,
) -> Row {
    let Some(rule) = rule else {
        let error = own + variance(fit, &gradient);
        return Row { logit, variance: error, spread: (logit, error) };
    };
    let at = rule.at(logit);
    let odds = at.probability * (1.0 - at.probability);
    let slope = at.by_eta / odds;
    gradient.iter_mut().for_each(|x| *x *= slope);
    let through = gradient[fit.beta.len()..].iter_mut().zip(by_theta);
    through.for_each(|(g, t)| *g += at.by_variance * t / odds);
    let error = slope * slope * own + variance(fit, &gradient);
    let found = (at.probability / (1.0 - at.probability)).ln();
    Row { logit: found, variance: error, spread: (found, error) }
}

fn conditional(fit: &Fit, frame: &Frame, data: &NewData, options: &PredictionOptions) -> Result<Vec<Row>> {
    let levels = known_levels(fit, frame, data, options.new_levels)?;
    let wanted = options.interval != Interval::None;
    let modes = wanted.then(|| ModesCovariance::new(fit, options.sample)).transpose()?;
    let map = fit.theta_map();
    let row = |k: usize| {
        let mut logit = data.linear(k);
        let mut gradient = fixed_gradient(fit, data, k);
        let own_levels = levels.iter().map(|l| l[k]).collect::<Vec<_>>();
        let z = map.widths.iter().enumerate();
        let z = z.map(|(g, &w)| (0..w).map(|a| data.z(g, w, k, a)).collect::<Vec<_>>()).collect::<Vec<_>>();
        for (g, z) in z.iter().enumerate() {
            let Some(level) = own_levels[g] else { continue };
            add_modes(&fit.modes[g], level, z, &mut logit, &mut gradient);
        }
        let own = modes.as_ref().map_or(f64::NAN, |modes| modes.row(&own_levels, &z));
        let (between, by_theta) = data.variance_over(&map, data.lambda(), k, |g| own_levels[g].is_none());
        let spread = (logit, own + variance(fit, &gradient) + between);
        let new = own_levels.iter().any(Option::is_none) && options.new_levels == NewLevels::Marginal;
        let rule = new.then(|| NewData::rule(between));
        Row { spread, ..integrated(fit, logit, gradient, own, &by_theta, rule.as_ref()) }
    };
    Ok((0..data.rows.len()).into_par_iter().map(row).collect())
}

/// Adds z'b of one group, and its gradient.
fn add_modes(modes: &GroupModes, level: usize, z: &[f64], logit: &mut f64, gradient: &mut [f64]) {
    let (n, width) = (gradient.len(), z.len());
    for (a, z) in z.iter().enumerate() {
        let at = level * width + a;
        *logit += z * modes.modes[at];
        match modes.tangents.get(at * n..(at + 1) * n) {
            Some(tangent) => gradient.iter_mut().zip(tangent).for_each(|(x, t)| *x += z * t),
            None => gradient.fill(f64::NAN),
        }
    }
}

/// Level of each row per grouping; `None` for one that was not in the fit, if that is allowed.
fn known_levels(fit: &Fit, frame: &Frame, data: &NewData, new_levels: NewLevels) -> Result<Vec<Vec<Option<usize>>>> {
    let of = |spec: &GroupingSpec| {
        let known = spec.known_levels(frame, &data.rows)?;
        if let (NewLevels::Error, Some(k)) = (new_levels, known.iter().position(Option::is_none)) {
            let message = format!(
                "row {} (counted from 0): '{}' is a level of '{}' that was not in the fit, so it has no conditional mode; use kind='marginal' or 'typical', or new_levels='typical' or 'marginal'",
                data.rows[k],
                spec.label(frame, data.rows[k])?,
                spec.name
            );
            return Err(Error::new(ErrorKind::Level, "unseen-group", message));
        }
        Ok(known)
    };
    fit.groupings.iter().map(of).collect()
}
