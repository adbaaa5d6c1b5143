//! The logistic function and its log-likelihood, in forms that do not overflow.

/// p, the probability at linear predictor `eta`.
#[inline]
pub fn probability(eta: f64) -> f64 {
    let e = (-eta.abs()).exp();
    (if eta >= 0.0 { 1.0 } else { e }) / (1.0 + e)
}

/// log(1 + exp(eta)).
#[inline]
pub fn log1p_exp(eta: f64) -> f64 {
    eta.max(0.0) + (-eta.abs()).exp().ln_1p()
}

/// Replaces linear predictors by probabilities; returns the sum of y η − m log(1 + e^η).
pub fn probabilities(eta: &mut [f64], y: &[f64], m: &[f64]) -> f64 {
    let mut log_likelihood = 0.0;
    for ((eta, y), m) in eta.iter_mut().zip(y).zip(m) {
        let e = (-eta.abs()).exp();
        log_likelihood += y * *eta - m * (eta.max(0.0) + e.ln_1p());
        *eta = (if *eta >= 0.0 { 1.0 } else { e }) / (1.0 + e);
    }
    log_likelihood
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_stay_finite() {
        assert!(probability(-800.0) >= 0.0 && probability(800.0) == 1.0);
        assert_eq!(log1p_exp(1e4), 1e4);
        assert_eq!(log1p_exp(-1e4), 0.0);
        assert!((probability(0.3) - 1.0 / (1.0 + f64::exp(-0.3))).abs() < 1e-16);
    }
}
