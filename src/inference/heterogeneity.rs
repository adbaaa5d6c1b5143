//! How much groups differ: intraclass correlation, median odds ratio, and the test of no differences.

use super::delta::{interval, variance};
use super::normal::{chi_squared_p, two_sided};
use super::variance::Covariance;
use crate::error::Result;
use crate::likelihood::logistic::probability;
use crate::model::Fit;
use std::f64::consts::PI;

/// Variance of the standard logistic distribution, π²/3: the level-1 variance on the latent scale.
const LATENT: f64 = PI * PI / 3.0;

/// Φ⁻¹(0.75).
const UPPER_QUARTILE: f64 = 0.674_489_750_196_081_7;

/// Differences between the groups of one factor, for its random intercept.
///
/// ICC: share of the latent variance, V_g / (Σ V + π²/3). Median odds ratio: exp(Φ⁻¹(0.75) √(2V)), the median, over pairs of
/// groups, of the odds ratio between the higher and the lower one (Larsen & Merlo 2005, *Am J Epidemiol* 161:81). Intervals:
/// delta method on the logit of the ICC and on the log of the SD; with one factor the two are the same interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Heterogeneity {
    /// Grouping factor.
    pub group: String,
    /// SD of the intercept.
    pub sd: f64,
    /// ICC, lower and upper bound.
    pub icc: [f64; 3],
    /// Median odds ratio, lower and upper bound.
    pub mor: [f64; 3],
}

/// One row per grouping factor with a random intercept.
pub fn heterogeneity(fit: &Fit, level: f64) -> Result<Vec<Heterogeneity>> {
    let z = two_sided(level)?;
    let intercepts = fit.groupings.iter().enumerate().filter_map(|(g, spec)| {
        let a = spec.effects().iter().position(|name| *name == "(Intercept)")?;
        Some((g, a))
    });
    let intercepts = intercepts.collect::<Vec<_>>();
    let sigma = intercepts.iter().map(|&(g, _)| Covariance::new(fit, g)).collect::<Vec<_>>();
    let total: f64 = LATENT + intercepts.iter().zip(&sigma).map(|(&(_, a), s)| s.get(a, a)).sum::<f64>();
    let mut total_gradient = vec![0.0; fit.parameters()];
    for (&(_, a), s) in intercepts.iter().zip(&sigma) {
        total_gradient.iter_mut().zip(s.gradient(a, a)).for_each(|(t, g)| *t += g);
    }
    let row = |(&(g, a), s): (&(usize, usize), &Covariance)| {
        let v = s.get(a, a);
        let (sd, sd_error) = s.sd(a);
        // logit of V/total is log V − log(total − V).
        let own = s.gradient(a, a);
        let rest = total - v;
        let gradient = own.iter().zip(&total_gradient).map(|(o, t)| o / v - (t - o) / rest).collect::<Vec<_>>();
        let error = if sd_error.is_nan() { f64::NAN } else { variance(fit, &gradient).max(0.0).sqrt() };
        let (icc_lower, icc_upper) = interval((v / rest).ln(), error, z, probability);
        let mor = |sd: f64| (UPPER_QUARTILE * 2f64.sqrt() * sd).exp();
        let (sd_lower, sd_upper) = interval(sd.ln(), sd_error / sd, z, f64::exp);
        Heterogeneity {
            group: fit.groupings[g].name.clone(),
            sd,
            icc: [v / total, icc_lower, icc_upper],
            mor: [mor(sd), mor(sd_lower), mor(sd_upper)],
        }
    };
    Ok(intercepts.iter().zip(&sigma).map(row).collect())
}

/// Likelihood-ratio test of all variances being zero.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusteringTest {
    /// Twice the gain in log-likelihood over the plain logistic fit.
    pub statistic: f64,
    /// Variance parameters.
    pub df: usize,
    /// p-value.
    pub p_value: f64,
    /// Whether it refers to the 50:50 mixture of χ²₀ and χ²₁ (one variance); otherwise to χ² with `df`, which is conservative
    /// (Self & Liang 1987, *JASA* 82:605).
    pub mixture: bool,
}

/// The test of "is there any clustering"; `None` without random effects.
pub fn clustering_test(fit: &Fit) -> Option<ClusteringTest> {
    let null = fit.null_log_likelihood?;
    // With every variance pinned at zero the two fits are one; what differs is rounding.
    let same = fit.theta.iter().all(|t| *t == 0.0);
    let statistic =
        if same { 0.0 } else { (2.0 * (fit.penalised_log_likelihood.unwrap_or(fit.log_likelihood) - null)).max(0.0) };
    let df = fit.theta.len();
    let mixture = df == 1;
    let p_value = match (mixture, statistic > 0.0) {
        (true, false) => 1.0,
        (true, true) => chi_squared_p(statistic, 1) / 2.0,
        (false, _) => chi_squared_p(statistic, df),
    };
    Some(ClusteringTest { statistic, df, p_value, mixture })
}
