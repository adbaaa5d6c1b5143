//! Quantiles and tail probabilities.

use crate::error::{Error, Kind, Result};
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

/// z such that a normal variable lies within ±z with probability `level`.
pub(super) fn two_sided(level: f64) -> Result<f64> {
    if !(level > 0.0 && level < 1.0) {
        let message = format!("level={level} is not a confidence level; it must lie between 0 and 1, e.g. 0.95");
        return Err(Error::new(Kind::Option, "level", message));
    }
    Ok(Normal::standard().inverse_cdf(f64::midpoint(1.0, level)))
}

/// P(|Z| > |z|).
pub(super) fn two_sided_p(z: f64) -> f64 {
    // The lower tail keeps its relative accuracy far out; 1 − cdf would lose it beyond 8.
    2.0 * Normal::standard().cdf(-z.abs())
}

/// P(Z < z).
pub(super) fn normal_cdf(z: f64) -> f64 {
    if z.is_nan() { f64::NAN } else { Normal::standard().cdf(z) }
}

/// P(χ² with `df` degrees of freedom > x).
pub(super) fn chi_squared_p(x: f64, df: usize) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    ChiSquared::new(df as f64).map_or(f64::NAN, |d| d.sf(x.max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_values() {
        assert!((two_sided(0.95).unwrap() - 1.959_963_984_540_054).abs() < 1e-9);
        assert!((two_sided_p(1.959_963_984_540_054) - 0.05).abs() < 1e-9);
        assert!((chi_squared_p(3.841_458_820_694_124, 1) - 0.05).abs() < 1e-9);
        assert!(two_sided(95.0).is_err());
    }
}
