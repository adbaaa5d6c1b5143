//! Linear combinations of the coefficients: estimates, errors, and one joint test of several.

use super::delta::{bilinear, variance};
use super::normal::chi_squared_p;
use crate::design::find_aliased;
use crate::error::{Error, Kind, Result};
use crate::linalg::Spd;
use crate::model::Fit;
use crate::settings::Penalty;
use nalgebra::DMatrix;

/// Weights this much smaller than the largest are rounding.
const ROUNDING: f64 = 1e-10;

/// A joint test that some combinations of coefficients have their stated values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JointTest {
    /// (Lβ − c)'(LVL')⁻¹(Lβ − c); NaN where it is not defined.
    pub statistic: f64,
    /// Independent combinations among them.
    pub df: usize,
    /// Upper tail of χ².
    pub p_value: f64,
}

impl JointTest {
    /// A test that cannot be made.
    pub(super) fn undefined(df: usize) -> Self {
        Self { statistic: f64::NAN, df, p_value: f64::NAN }
    }

    /// χ² with these degrees of freedom.
    pub(super) fn of(statistic: f64, df: usize) -> Self {
        Self { statistic, df, p_value: chi_squared_p(statistic, df) }
    }
}

/// Why a combination of columns of the design has no estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It uses a column that was left out as redundant.
    Redundant(usize),
    /// It uses a coefficient that runs off to infinity.
    Diverging(usize),
}

/// Weights over the columns of the design as weights over (β, θ), if each column that counts has a finite estimate.
pub(super) fn over_estimates(fit: &Fit, weights: &[f64]) -> std::result::Result<Vec<f64>, Unknown> {
    let top = weights.iter().fold(0.0f64, |m, w| m.max(w.abs()));
    let mut out = vec![0.0; fit.parameters()];
    for (column, w) in weights.iter().enumerate().filter(|(_, w)| w.abs() > ROUNDING * top) {
        let at = fit.position(column).ok_or(Unknown::Redundant(column))?;
        if fit.diverging.contains(&at) {
            return Err(Unknown::Diverging(column));
        }
        out[at] = *w;
    }
    Ok(out)
}

/// w'β.
pub(super) fn estimate(fit: &Fit, weights: &[f64]) -> f64 {
    fit.beta.iter().zip(weights).map(|(b, w)| b * w).sum()
}

/// √(w'Vw).
pub(super) fn error(fit: &Fit, weights: &[f64]) -> f64 {
    variance(fit, weights).max(0.0).sqrt()
}

/// Which of the rows are independent, in order: each row scaled by the errors of its coefficients, so that units do not
/// matter.
pub(super) fn independent(fit: &Fit, rows: &[Vec<f64>]) -> Vec<usize> {
    let n = fit.parameters();
    let size = |k: usize| fit.covariance[k * n + k].max(0.0).sqrt();
    let scaled = rows.iter().map(|row| row.iter().enumerate().map(|(k, w)| w * size(k)).collect::<Vec<_>>());
    let scaled = scaled.collect::<Vec<_>>();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let gram = DMatrix::from_fn(rows.len(), rows.len(), |i, j| dot(&scaled[i], &scaled[j]));
    let redundant = find_aliased(&gram);
    (0..rows.len()).filter(|k| redundant.iter().all(|a| a.column != *k)).collect()
}

/// The joint test that each row of weights times β is its value; rows that follow from those before are left out of it.
pub(super) fn joint_test(fit: &Fit, rows: &[Vec<f64>], values: &[f64]) -> JointTest {
    let kept = independent(fit, rows);
    let df = kept.len();
    let off = kept.iter().map(|&k| estimate(fit, &rows[k]) - values[k]).collect::<Vec<_>>();
    let covariance = DMatrix::from_fn(df, df, |i, j| bilinear(fit, &rows[kept[i]], &rows[kept[j]]));
    quadratic(&off, &covariance).map_or(JointTest::undefined(df), |statistic| JointTest::of(statistic, df))
}

/// x'V⁻¹x, on V scaled to unit diagonal; `None` if V is not of full rank (a sandwich of few clusters is not).
pub(super) fn quadratic(x: &[f64], v: &DMatrix<f64>) -> Option<f64> {
    let n = x.len();
    let scale = (0..n).map(|k| v[(k, k)].sqrt()).collect::<Vec<_>>();
    if n == 0 || scale.iter().any(|s| s.is_nan() || *s <= 0.0) {
        return None;
    }
    let scaled = DMatrix::from_fn(n, n, |i, j| v[(i, j)] / (scale[i] * scale[j]));
    if !find_aliased(&scaled).is_empty() {
        return None;
    }
    let factor = Spd::factor(scaled.as_slice(), n)?;
    let x = x.iter().zip(&scale).map(|(x, s)| x / s).collect::<Vec<_>>();
    let mut solved = x.clone();
    factor.solve_rows(&mut solved, 1);
    Some(x.iter().zip(&solved).map(|(a, b)| a * b).sum())
}

/// Refuses a fit that has not converged: what `what` would say about it means nothing.
pub(super) fn require_converged(fit: &Fit, what: &str) -> Result<()> {
    if fit.converged {
        return Ok(());
    }
    let message = format!(
        "{what} needs a fit that has converged, and '{}' has not: its estimates are not at a maximum. Look at fit.diagnostics, and fit again with more iterations or a simpler model",
        fit.formula
    );
    Err(Error::new(Kind::Fit, "not-converged", message))
}

/// Refuses a penalised fit where `what` needs the likelihood itself at its maximum.
pub(super) fn require_likelihood(fit: &Fit, what: &str) -> Result<()> {
    if fit.settings.penalty == Penalty::None {
        return Ok(());
    }
    let message = format!(
        "{what} needs the maximum of the likelihood, and this fit maximised it with a penalty ('{}'); fit without penalty=, or use its penalised profile and Wald tests",
        fit.settings.penalty.name()
    );
    Err(Error::new(Kind::Option, "penalised", message))
}

/// Refuses likelihood-ratio tests of a fit whose errors were asked to be robust: they take the likelihood at its word.
pub(super) fn require_model_covariance(fit: &Fit, what: &str) -> Result<()> {
    let Some(sandwich) = &fit.sandwich else { return Ok(()) };
    let message = format!(
        "{what} is a likelihood-ratio test, which takes every record's likelihood as it is and knows nothing of the covariance robust to clusters ({}) that was asked for; use the Wald test, or the fit before robust()",
        sandwich.kind.name()
    );
    Err(Error::new(Kind::Option, "likelihood-of-robust", message))
}
