//! Calibration in the large, and the calibration slope (Cox 1958, *Biometrika* 45:562; Steyerberg 2019, ch. 15).

use crate::inference::forecasts::Forecasts;
use crate::likelihood::logistic::probability;

/// What a logistic regression of the outcome on the predicted log odds gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recalibration {
    /// Calibration in the large: the intercept with the slope held at 1. Above 0: risks are too low.
    pub intercept: f64,
    /// Its standard error.
    pub intercept_error: f64,
    /// Slope; below 1: predictions are too extreme.
    pub slope: f64,
    /// Its standard error.
    pub slope_error: f64,
}

/// Newton's method doubles the correct digits at every step.
const MOST_STEPS: usize = 50;

/// A step this small no longer changes the result.
const LAST_STEP: f64 = 1e-12;

/// Fits both. NaN where the outcome or the predictions leave nothing to fit.
pub fn recalibrate(forecasts: &Forecasts) -> Recalibration {
    let (intercept, [intercept_error, _]) = newton(forecasts, false);
    let ([_, slope], [_, slope_error]) = {
        let (at, errors) = newton(forecasts, true);
        (at, errors)
    };
    Recalibration { intercept: intercept[0], intercept_error, slope, slope_error }
}

/// (a, b) of logit p = a + b logit, with standard errors; b stays at 1 unless `slope`.
fn newton(forecasts: &Forecasts, slope: bool) -> ([f64; 2], [f64; 2]) {
    let nothing = ([f64::NAN; 2], [f64::NAN; 2]);
    let mut at = [0.0, 1.0];
    for _ in 0..MOST_STEPS {
        let (score, information) = derivatives(forecasts, at);
        let Some(inverse) = invert(information, slope) else { return nothing };
        let step = [
            inverse[0] * score[0] + inverse[1] * score[1],
            if slope { inverse[1] * score[0] + inverse[2] * score[1] } else { 0.0 },
        ];
        at = [at[0] + step[0], at[1] + step[1]];
        if step[0].abs() + step[1].abs() < LAST_STEP {
            return (at, [inverse[0].sqrt(), inverse[2].sqrt()]);
        }
    }
    nothing
}

/// Score over (a, b), and the information as (aa, ab, bb).
fn derivatives(forecasts: &Forecasts, [a, b]: [f64; 2]) -> ([f64; 2], [f64; 3]) {
    let (mut score, mut information) = ([0.0; 2], [0.0; 3]);
    for ((x, y), m) in forecasts.logit.iter().zip(&forecasts.events).zip(&forecasts.trials) {
        let p = probability(a + b * x);
        let (g, w) = (y - m * p, m * p * (1.0 - p));
        score[0] += g;
        score[1] += g * x;
        information[0] += w;
        information[1] += w * x;
        information[2] += w * x * x;
    }
    (score, information)
}

fn invert([aa, ab, bb]: [f64; 3], slope: bool) -> Option<[f64; 3]> {
    if !slope {
        return (aa > 0.0).then(|| [1.0 / aa, 0.0, 0.0]);
    }
    let determinant = aa * bb - ab * ab;
    // Predictions that are all alike have no slope.
    (determinant > 1e-12 * aa * bb).then(|| [bb / determinant, -ab / determinant, aa / determinant])
}
