//! Response, Pearson and deviance residuals, at the records' own conditional risks.

use crate::error::{Error, Kind, Result};
use crate::inference::forecasts::Forecasts;

/// Which residual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResidualKind {
    /// y/m − p.
    Response,
    /// (y − mp) / √(mp(1 − p)).
    Pearson,
    /// The signed root of a record's part of the deviance.
    Deviance,
}

impl ResidualKind {
    /// Reads the name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "response" => Ok(Self::Response),
            "pearson" => Ok(Self::Pearson),
            "deviance" => Ok(Self::Deviance),
            _ => {
                let message =
                    format!("kind='{name}' is not known; choose 'quantile', 'response', 'pearson' or 'deviance'");
                Err(Error::new(Kind::Option, "unknown-kind", message))
            }
        }
    }
}

/// Residuals, each beside what it was computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct Residuals {
    /// Row of the frame.
    pub row: Vec<u32>,
    /// Trials.
    pub trials: Vec<f64>,
    /// Events.
    pub observed: Vec<f64>,
    /// Events expected.
    pub expected: Vec<f64>,
    /// Residual.
    pub residual: Vec<f64>,
}

/// Residuals of every record, in the order of `order`, with the rows they have in the frame.
pub fn classic_residuals(forecasts: &Forecasts, kind: ResidualKind, rows: &[u32], order: &[usize]) -> Residuals {
    let one = |&i: &usize| residual(kind, forecasts.events[i], forecasts.trials[i], forecasts.risk[i]);
    let pick = |of: &[f64]| order.iter().map(|&i| of[i]).collect::<Vec<_>>();
    Residuals {
        row: order.iter().map(|&i| rows[i]).collect(),
        trials: pick(&forecasts.trials),
        observed: pick(&forecasts.events),
        expected: order.iter().map(|&i| forecasts.trials[i] * forecasts.risk[i]).collect(),
        residual: order.iter().map(one).collect(),
    }
}

fn residual(kind: ResidualKind, y: f64, m: f64, p: f64) -> f64 {
    match kind {
        ResidualKind::Response => y / m - p,
        ResidualKind::Pearson => (y - m * p) / (m * p * (1.0 - p)).sqrt(),
        ResidualKind::Deviance => {
            // x log(x/mean), whose limit at 0 is 0.
            let part = |x: f64, mean: f64| if x > 0.0 { x * (x / mean).ln() } else { 0.0 };
            let deviance = 2.0 * (part(y, m * p) + part(m - y, m * (1.0 - p)));
            deviance.max(0.0).sqrt().copysign(y - m * p)
        }
    }
}
