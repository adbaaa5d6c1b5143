//! Rubin's rules for one quantity.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// One quantity, pooled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rubin {
    /// q̄.
    pub estimate: f64,
    /// Ū.
    pub within: f64,
    /// B.
    pub between: f64,
    /// T.
    pub total: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Relative increase in variance, r.
    pub increase: f64,
    /// Fraction of missing information, (r + 2/(df + 3)) / (r + 1).
    pub missing_information: f64,
    /// Efficiency of m imputations against infinitely many, 1 / (1 + γ/m).
    pub efficiency: f64,
}

impl Rubin {
    /// Pools m estimates `q` with variances `u`; `complete` are the degrees of freedom that complete data would have.
    pub fn pool(q: &[f64], u: &[f64], complete: f64) -> Self {
        let m = q.len() as f64;
        let mean = |x: &[f64]| x.iter().sum::<f64>() / m;
        let (estimate, within) = (mean(q), mean(u));
        let between = q.iter().map(|q| (q - estimate).powi(2)).sum::<f64>() / (m - 1.0);
        let total = within + (1.0 + 1.0 / m) * between;
        let increase = (1.0 + 1.0 / m) * between / within;
        let df = scalar_df(m, increase, complete);
        let missing_information =
            if df.is_finite() { (increase + 2.0 / (df + 3.0)) / (increase + 1.0) } else { increase / (increase + 1.0) };
        let efficiency = 1.0 / (1.0 + missing_information / m);
        Self { estimate, within, between, total, df, increase, missing_information, efficiency }
    }

    /// √T.
    pub fn std_error(&self) -> f64 {
        self.total.sqrt()
    }

    /// P(|t| > |q̄|/√T).
    pub fn p_value(&self) -> f64 {
        2.0 * lower_tail(-(self.estimate / self.std_error()).abs(), self.df)
    }

    /// q̄ ± t √T, `z` being the normal quantile of the level.
    pub fn interval(&self, level: f64, z: f64) -> (f64, f64) {
        let quantile = |d: StudentsT| d.inverse_cdf(f64::midpoint(1.0, level));
        let t = if self.df.is_finite() { StudentsT::new(0.0, 1.0, self.df).map_or(f64::NAN, quantile) } else { z };
        (self.estimate - t * self.std_error(), self.estimate + t * self.std_error())
    }
}

fn lower_tail(t: f64, df: f64) -> f64 {
    if t.is_nan() {
        return f64::NAN;
    }
    if df.is_finite() { StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |d| d.cdf(t)) } else { Normal::standard().cdf(t) }
}

fn scalar_df(m: f64, increase: f64, complete: f64) -> f64 {
    let lambda = increase / (1.0 + increase);
    let old = if increase > 0.0 { (m - 1.0) / (lambda * lambda) } else { f64::INFINITY };
    if !complete.is_finite() {
        return old;
    }
    let observed = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - lambda);
    if old.is_finite() { old * observed / (old + observed) } else { observed }
}
