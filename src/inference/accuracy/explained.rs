//! R² of a mixed model on the latent scale: Nakagawa & Schielzeth (2013), *Methods Ecol Evol* 4:133, random slopes by Johnson
//! (2014), 5:944, the delta variant by Nakagawa, Johnson & Schielzeth (2017), *J R Soc Interface* 14:20170213.

use crate::inference::forecasts::Forecasts;
use std::f64::consts::PI;

/// Shares of the latent variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explained {
    /// V_f / (V_f + V_r + π²/3): fixed effects alone.
    pub marginal: f64,
    /// (V_f + V_r) / (V_f + V_r + π²/3).
    pub conditional: f64,
    /// The marginal one with 1/(p(1 − p)) for π²/3, p the share of events.
    pub marginal_delta: f64,
    /// The conditional one, likewise.
    pub conditional_delta: f64,
    /// Tjur (2009), *Am Stat* 63:366: mean predicted risk of events less that of non-events.
    pub tjur: f64,
}

/// V_f is the variance of the fixed part over records, V_r the mean of z'Σz over them.
pub fn explained(forecasts: &Forecasts) -> Explained {
    let n = forecasts.len() as f64;
    let mean = forecasts.fixed.iter().sum::<f64>() / n;
    let fixed = forecasts.fixed.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let random = forecasts.spread.iter().sum::<f64>() / n;
    let (trials, events) = forecasts.totals();
    let share = events / trials;
    let of = |own: f64, rest: f64| own / (fixed + random + rest);
    let (latent, observed) = (PI * PI / 3.0, 1.0 / (share * (1.0 - share)));
    let (mut among, mut others) = (0.0, 0.0);
    for ((p, y), m) in forecasts.risk.iter().zip(&forecasts.events).zip(&forecasts.trials) {
        among += y * p;
        others += (m - y) * p;
    }
    Explained {
        marginal: of(fixed, latent),
        conditional: of(fixed + random, latent),
        marginal_delta: of(fixed, observed),
        conditional_delta: of(fixed + random, observed),
        tjur: among / events - others / (trials - events),
    }
}
