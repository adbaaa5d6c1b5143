//! Tests of simulated residuals: uniformity, dispersion, outliers.

use super::kolmogorov::{kolmogorov_p, kolmogorov_statistic};
use super::quantile::QuantileResiduals;
use statrs::distribution::{Binomial, Discrete};

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct ResidualTest {
    /// `uniformity`, `dispersion` or `outliers`.
    pub test: &'static str,
    /// Kolmogorov's distance; variance over its mean in the draws; number of outliers.
    pub statistic: f64,
    /// What the statistic is about when the model is right; NaN for the distance.
    pub expected: f64,
    /// Two-sided p-value.
    pub p_value: f64,
}

/// The three tests.
pub fn residual_tests(residuals: &QuantileResiduals) -> Vec<ResidualTest> {
    vec![uniformity(residuals), dispersion(residuals), outliers(residuals)]
}

fn uniformity(residuals: &QuantileResiduals) -> ResidualTest {
    let statistic = kolmogorov_statistic(&residuals.residual);
    let p_value = kolmogorov_p(statistic, residuals.residual.len());
    ResidualTest { test: "uniformity", statistic, expected: f64::NAN, p_value }
}

/// The data's variance about the typical outcome among that of the draws. The data count as one draw more, so p is never 0.
fn dispersion(residuals: &QuantileResiduals) -> ResidualTest {
    let (own, drawn) = &residuals.variances;
    let count = drawn.len() as f64 + 1.0;
    let (low, high) = drawn
        .iter()
        .fold((1.0, 1.0), |(low, high), v| (low + f64::from(u8::from(v <= own)), high + f64::from(u8::from(v >= own))));
    let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
    let p_value = (2.0 * f64::min(low, high) / count).min(1.0);
    ResidualTest { test: "dispersion", statistic: own / mean, expected: 1.0, p_value }
}

/// Residuals at the ends: the chance of each is 2/(R + 1), exact binomial test.
fn outliers(residuals: &QuantileResiduals) -> ResidualTest {
    let end = 1.0 / (residuals.replicates as f64 + 1.0);
    let n = residuals.residual.len();
    let found = residuals.residual.iter().filter(|r| **r < end || **r > 1.0 - end).count();
    let p_value = binomial_p(found as u64, n as u64, 2.0 * end);
    ResidualTest { test: "outliers", statistic: found as f64, expected: 2.0 * end * n as f64, p_value }
}

/// Sum of the probabilities of all counts that are no likelier than the one found.
fn binomial_p(found: u64, n: u64, p: f64) -> f64 {
    let Ok(law) = Binomial::new(p, n) else { return f64::NAN };
    let own = law.pmf(found) * (1.0 + 1e-7);
    let sum: f64 = (0..=n).map(|k| law.pmf(k)).filter(|pmf| *pmf <= own).sum();
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::binomial_p;

    #[test]
    fn binomial_test_by_hand() {
        // Of 3 fair coins none or three heads: 2/8.
        assert!((binomial_p(0, 3, 0.5) - 0.25).abs() < 1e-12);
        // One success in two trials of 0.1: probability 0.18 of 1, 0.01 of 2.
        assert!((binomial_p(1, 2, 0.1) - 0.19).abs() < 1e-12);
        // `binom` in tests/reference/inference/fit.json: R's binom.test.
        for (count, p) in [(20, 0.246_941_248_175_3), (3, 0.000_280_413_424_966_7)] {
            assert!((binomial_p(count, 1_934, 2.0 / 251.0) / p - 1.0).abs() < 1e-7);
        }
    }
}
