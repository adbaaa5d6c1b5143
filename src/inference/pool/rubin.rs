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
        let t = quantile(f64::midpoint(1.0, level), z, self.df);
        (self.estimate - t * self.std_error(), self.estimate + t * self.std_error())
    }
}

/// Beyond these degrees of freedom t is taken from the normal by its expansion: exact to 1e-10, where the search for a quantile
/// needs ever longer and, for imputations that hardly differ (10²⁰), never ends.
const MANY: f64 = 1e4;

/// The quantile of t at `p`, where the normal one is `z` (Abramowitz & Stegun 26.7.5).
fn quantile(p: f64, z: f64, df: f64) -> f64 {
    if df <= MANY {
        return StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |d| d.inverse_cdf(p));
    }
    let cube = z * z * z;
    z + (cube + z) / (4.0 * df) + (5.0 * cube * z * z + 16.0 * cube + 3.0 * z) / (96.0 * df * df)
}

/// P(T < t) (Abramowitz & Stegun 26.7.8 for many degrees of freedom).
fn lower_tail(t: f64, df: f64) -> f64 {
    if t.is_nan() {
        return f64::NAN;
    }
    if df <= 1e6 {
        return StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |d| d.cdf(t));
    }
    Normal::standard().cdf(t * (1.0 - 1.0 / (4.0 * df)) / (1.0 + t * t / (2.0 * df)).sqrt())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_join_where_the_expansion_begins() {
        let z = Normal::standard().inverse_cdf(0.975);
        let (below, above) = (quantile(0.975, z, MANY), quantile(0.975, z, MANY * (1.0 + 1e-12)));
        assert!((below - above).abs() < 1e-9, "{below} {above}");
        // Table of t: 2.570582 with 5 degrees of freedom.
        assert!((quantile(0.975, z, 5.0) - 2.570_581_836).abs() < 1e-8);
        let (exact, near) = (lower_tail(-2.0, 1e6), lower_tail(-2.0, 1.000_001e6));
        assert!((exact / near - 1.0).abs() < 1e-9, "{exact} {near}");
    }

    #[test]
    fn imputations_that_hardly_differ_are_one() {
        let pooled = Rubin::pool(&[1.0, 1.0 + 1e-12], &[0.25, 0.25], f64::INFINITY);
        assert!(pooled.df > 1e15);
        let (lower, upper) = pooled.interval(0.95, 1.959_963_984_540_054);
        assert!((lower - 0.020_018_007).abs() < 1e-8 && (upper - 1.979_981_993).abs() < 1e-8);
        assert!((pooled.p_value() - 0.045_500_264).abs() < 1e-8);
    }
}
