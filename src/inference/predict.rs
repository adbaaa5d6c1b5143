//! Predicted probabilities with intervals.

use super::delta::{interval, variance};
use super::new_data::NewData;
use super::normal::two_sided;
use crate::coding::Frame;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::likelihood::logistic::probability;
use crate::model::Fit;

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
    /// Predict for a typical group.
    Typical,
}

impl NewLevels {
    /// Reads the name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "error" => Ok(Self::Error),
            "typical" => Ok(Self::Typical),
            _ => {
                let message = format!("new_levels='{name}' is not known; choose 'error' or 'typical'");
                Err(Error::new(ErrorKind::Option, "unknown-new-levels", message))
            }
        }
    }
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

/// Predicts every row of `frame`.
///
/// Errors of `typical` and `marginal` predictions: delta method over the joint covariance of (β, θ). Of `conditional` ones: the
/// conditional variance of the modes plus the part that comes through the estimates (Booth & Hobert 1998, *JASA* 93:262, eq.
/// 10); given for one grouping factor, NaN for several, where the covariance between their modes would be needed, and NaN
/// where the tangents of the modes were too many to keep.
pub fn predict(
    fit: &Fit,
    frame: &Frame,
    kind: Kind,
    level: f64,
    new_levels: NewLevels,
    offset: Option<&[f64]>,
) -> Result<Prediction> {
    let z = two_sided(level)?;
    let data = NewData::read(fit, frame, offset, kind == Kind::Conditional, false)?;
    let logits = match kind {
        Kind::Typical => typical(fit, &data),
        Kind::Marginal => marginal(fit, &data),
        Kind::Conditional => conditional(fit, frame, &data, new_levels)?,
    };
    let nan = || vec![f64::NAN; frame.rows()];
    let mut out = Prediction { estimate: nan(), linear: nan(), std_error: nan(), lower: nan(), upper: nan() };
    for (&i, (logit, variance)) in data.rows.iter().zip(logits) {
        let i = i as usize;
        let error = variance.max(0.0).sqrt();
        out.estimate[i] = probability(logit);
        out.linear[i] = logit;
        out.std_error[i] = if variance.is_nan() { f64::NAN } else { error };
        (out.lower[i], out.upper[i]) = interval(logit, out.std_error[i], z, probability);
    }
    Ok(out)
}

/// Gradient of the linear predictor of row `k` over (β, θ): x, then zeros.
fn fixed_gradient(fit: &Fit, data: &NewData, k: usize) -> Vec<f64> {
    let mut gradient = vec![0.0; fit.parameters()];
    data.x.write_row(data.x.pattern(k), &mut gradient[..fit.beta.len()]);
    gradient
}

/// (logit, variance) per complete row.
fn typical(fit: &Fit, data: &NewData) -> Vec<(f64, f64)> {
    let row = |k| (data.linear(k), variance(fit, &fixed_gradient(fit, data, k)));
    (0..data.rows.len()).map(row).collect()
}

fn marginal(fit: &Fit, data: &NewData) -> Vec<(f64, f64)> {
    let p = fit.beta.len();
    let mut shared = None;
    let row = |k: usize| {
        if shared.is_none() || !data.constant_variance() {
            let (variance, by_theta) = data.variance(fit, k);
            shared = Some((NewData::rule(variance), by_theta));
        }
        let Some((rule, by_theta)) = &shared else { return (f64::NAN, f64::NAN) };
        let at = rule.at(data.linear(k));
        let odds = at.probability * (1.0 - at.probability);
        let mut gradient = fixed_gradient(fit, data, k);
        gradient[..p].iter_mut().for_each(|x| *x *= at.by_eta / odds);
        gradient[p..].iter_mut().zip(by_theta).for_each(|(g, t)| *g = at.by_variance * t / odds);
        ((at.probability / (1.0 - at.probability)).ln(), variance(fit, &gradient))
    };
    (0..data.rows.len()).map(row).collect()
}

fn conditional(fit: &Fit, frame: &Frame, data: &NewData, new_levels: NewLevels) -> Result<Vec<(f64, f64)>> {
    let mut levels = Vec::with_capacity(fit.groupings.len());
    for spec in &fit.groupings {
        let known = spec.known_levels(frame, &data.rows)?;
        if let (NewLevels::Error, Some(k)) = (new_levels, known.iter().position(Option::is_none)) {
            let message = format!(
                "row {} (counted from 0): '{}' is a level of '{}' that was not in the fit, so it has no conditional mode; use kind='marginal' or 'typical', or new_levels='typical'",
                data.rows[k],
                spec.label(frame, data.rows[k])?,
                spec.name
            );
            return Err(Error::new(ErrorKind::Level, "unseen-group", message));
        }
        levels.push(known);
    }
    let row = |k: usize| {
        let mut logit = data.linear(k);
        let mut gradient = fixed_gradient(fit, data, k);
        let mut own = 0.0;
        for (g, spec) in fit.groupings.iter().enumerate() {
            let Some(level) = levels[g][k] else { continue };
            let (width, modes) = (spec.width(), &fit.modes[g]);
            for a in 0..width {
                let za = data.z(g, width, k, a);
                let at = level * width + a;
                logit += za * modes.modes[at];
                own += (0..width).map(|b| za * modes.covariances[at * width + b] * data.z(g, width, k, b)).sum::<f64>();
                let n = gradient.len();
                match modes.tangents.get(at * n..(at + 1) * n) {
                    Some(tangent) => gradient.iter_mut().zip(tangent).for_each(|(x, t)| *x += za * t),
                    None => own = f64::NAN,
                }
            }
        }
        let several = fit.groupings.len() > 1;
        (logit, if several { f64::NAN } else { own + variance(fit, &gradient) })
    };
    Ok((0..data.rows.len()).map(row).collect())
}
