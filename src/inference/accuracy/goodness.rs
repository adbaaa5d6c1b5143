//! Every measure of fit in one row.

use super::discrimination::{area, discrimination};
use super::explained::{Explained, explained};
use super::recalibration::{Recalibration, recalibrate};
use super::smooth::calibration_curve;
use crate::error::Result;
use crate::inference::forecasts::Forecasts;
use crate::likelihood::logistic::probability;

/// The row.
#[derive(Debug, Clone, PartialEq)]
pub struct Goodness {
    /// Trials.
    pub n: f64,
    /// Events.
    pub events: f64,
    /// R² of several definitions.
    pub explained: Explained,
    /// Area under the ROC curve: overall, by the fixed part alone, within locations, between them (NaN without locations).
    pub auc: [f64; 4],
    /// Mean squared error of the risks (Brier 1950, *Mon Weather Rev* 78:1).
    pub brier: f64,
    /// 1 less the share of it that predicting the mean would leave.
    pub brier_scaled: f64,
    /// Mean log probability of what happened; nearer to 0 is better.
    pub log_score: f64,
    /// Calibration in the large and slope.
    pub recalibration: Recalibration,
    /// Integrated calibration index.
    pub ici: f64,
    /// Estimated calibration index.
    pub eci: f64,
}

/// Computes the row.
pub fn goodness(forecasts: &Forecasts) -> Result<Goodness> {
    let (n, events) = forecasts.totals();
    let areas = discrimination(forecasts, 0.95)?;
    let scope = |name: &str| areas.iter().find(|a| a.scope == name).map_or(f64::NAN, |a| a.auc);
    let fixed = Forecasts { logit: forecasts.fixed.clone(), ..forecasts.clone() };
    let (mut square, mut log) = (0.0, 0.0);
    for ((x, y), m) in forecasts.logit.iter().zip(&forecasts.events).zip(&forecasts.trials) {
        let (p, q) = (probability(*x), probability(-x));
        square += y * q * q + (m - y) * p * p;
        // log σ(x) itself, which does not lose small probabilities; 0 log 0 is 0.
        let term = |count: f64, p: f64| if count > 0.0 { count * p.ln() } else { 0.0 };
        log += term(*y, p) + term(m - y, q);
    }
    let (brier, share) = (square / n, events / n);
    let curve = calibration_curve(forecasts);
    Ok(Goodness {
        n,
        events,
        explained: explained(forecasts),
        auc: [scope("overall"), area(&fixed), scope("within"), scope("between")],
        brier,
        brier_scaled: 1.0 - brier / (share * (1.0 - share)),
        log_score: log / n,
        recalibration: recalibrate(forecasts),
        ici: curve.ici,
        eci: curve.eci,
    })
}
