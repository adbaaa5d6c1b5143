//! How much groups differ: shares of the variance, median odds ratio, and the test of no differences.

use super::estimate::{Delta, Measured, Scale};
use super::new_data::spec_columns;
use super::normal::chi_squared_p;
use super::quantity::Quantity;
use crate::coding::Frame;
use crate::error::{Error, Kind, Result};
use crate::model::Fit;
use crate::random::GroupingSpec;
use std::f64::consts::PI;

/// Variance of the standard logistic distribution, π²/3: the level-1 variance on the latent scale.
pub(super) const LATENT: f64 = PI * PI / 3.0;

/// Φ⁻¹(0.75).
const UPPER_QUARTILE: f64 = 0.674_489_750_196_081_7;

/// exp(Φ⁻¹(0.75) √2 σ) of groups whose log odds have this SD.
pub(super) fn median_odds_ratio(sd: f64) -> f64 {
    (UPPER_QUARTILE * 2f64.sqrt() * sd).exp()
}

/// Differences between the groups of one factor, for people with given values of the covariates that have random slopes.
///
/// ICC: share of the latent variance, V_g / (Σ V + π²/3) (Goldstein, Browne & Rasbash 2002, *Understanding Statistics* 1:223).
/// Median odds ratio: exp(Φ⁻¹(0.75) √(2V)), the median, over pairs of groups, of the odds ratio between the higher and the
/// lower one (Larsen & Merlo 2005, *Am J Epidemiol* 161:81). Intervals: delta method on the logit of a share and on the log
/// of the SD; with one factor the two are the same interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Heterogeneity {
    /// Grouping factor.
    pub group: String,
    /// V, the variance between its groups: z'Σz.
    pub variance: f64,
    /// √V.
    pub sd: f64,
    /// Share of the latent variance, lower and upper bound.
    pub icc: [f64; 3],
    /// The share of this factor and of those that it is nested in: the correlation of two people who share a group of it.
    pub cumulative: [f64; 3],
    /// Median odds ratio, lower and upper bound.
    pub mor: [f64; 3],
}

/// One row per grouping factor with a random intercept, where covariates with random slopes are zero.
pub fn heterogeneity(fit: &Fit, level: f64) -> Result<Vec<Heterogeneity>> {
    let intercept = |spec: &GroupingSpec| {
        let at = spec.effects().iter().position(|name| *name == "(Intercept)")?;
        Some((0..spec.width()).map(|a| f64::from(u8::from(a == at))).collect())
    };
    Ok(partition(fit, &fit.groupings.iter().map(intercept).collect::<Vec<_>>(), &Delta::new(fit, level)?))
}

/// One row per row of `frame`, which holds the columns with random slopes, and grouping factor.
pub fn heterogeneity_at(fit: &Fit, frame: &Frame, level: f64) -> Result<Vec<Heterogeneity>> {
    let delta = Delta::new(fit, level)?;
    let mut complete = vec![true; frame.rows()];
    for column in fit.slope_columns() {
        frame.get(&column)?.clear_missing(&mut complete);
    }
    if let Some(row) = complete.iter().position(|whole| !whole) {
        let message = format!("row {row} of at (counted from 0) has a missing value; the variance there is unknown");
        return Err(Error::new(Kind::Data, "missing-at", message));
    }
    let rows = (0..frame.rows() as u32).collect::<Vec<_>>();
    let z = fit.groupings.iter().map(|spec| spec.z(frame, &rows)).collect::<Result<Vec<_>>>()?;
    let row = |k: usize| {
        let of = |(spec, z): (&GroupingSpec, &Option<Vec<f64>>)| {
            let width = spec.width();
            Some(z.as_ref().map_or_else(|| vec![1.0], |z| z[k * width..(k + 1) * width].to_vec()))
        };
        partition(fit, &fit.groupings.iter().zip(&z).map(of).collect::<Vec<_>>(), &delta)
    };
    Ok((0..rows.len()).flat_map(row).collect())
}

/// z'Σz of one grouping factor.
pub(super) fn group_variance(fit: &Fit, grouping: usize, z: &[f64]) -> Quantity {
    let (map, p) = (fit.theta_map(), fit.beta.len());
    let (k, lambda) = (z.len(), map.lambda(&fit.theta));
    let column = |c: usize| (0..k).map(|a| z[a] * lambda.0[grouping][a * k + c]).sum::<f64>();
    let m = (0..k).map(column).collect::<Vec<_>>();
    let mut gradient = vec![0.0; fit.parameters()];
    for (t, e) in map.entries.iter().enumerate().filter(|(_, e)| e.grouping == grouping) {
        gradient[p + t] = 2.0 * m[e.column] * z[e.row];
    }
    Quantity { value: m.iter().map(|x| x * x).sum(), gradient }
}

/// Shares of the latent variance; `z` is the row of each grouping factor that counts.
fn partition(fit: &Fit, z: &[Option<Vec<f64>>], delta: &Delta) -> Vec<Heterogeneity> {
    let variance = |(g, z): (usize, &Option<Vec<f64>>)| z.as_ref().map(|z| (g, group_variance(fit, g, z)));
    let variances = z.iter().enumerate().filter_map(variance).collect::<Vec<_>>();
    let total = Quantity::sum(variances.iter().map(|(_, v)| v)).shifted(LATENT);
    let bounds = |quantity: Quantity, scale: Scale| {
        let found = delta.estimate(&Measured::new(quantity, scale));
        [found.value, found.lower, found.upper]
    };
    let row = |(g, v): &(usize, Quantity)| {
        let above = outer(fit, *g);
        let shared = Quantity::sum(variances.iter().filter(|(h, _)| above.contains(h)).map(|(_, v)| v));
        let sd = bounds(v.sqrt(), Scale::Log);
        Heterogeneity {
            group: fit.groupings[*g].name.clone(),
            variance: v.value,
            sd: sd[0],
            icc: bounds(v.over(&total), Scale::Logit),
            cumulative: bounds(shared.over(&total), Scale::Logit),
            mor: sd.map(median_odds_ratio),
        }
    };
    variances.iter().map(row).collect()
}

/// A grouping factor, what it is nested in, what that is nested in, and so on.
fn outer(fit: &Fit, grouping: usize) -> Vec<usize> {
    let mut found = vec![grouping];
    while let Some(name) = fit.sizes[found[found.len() - 1]].nested_in.as_deref() {
        let at = fit.groupings.iter().position(|spec| spec.name == name);
        match at.filter(|at| !found.contains(at)) {
            Some(at) => found.push(at),
            None => break,
        }
    }
    found
}

impl Fit {
    /// Columns that random slopes are of.
    pub fn slope_columns(&self) -> Vec<String> {
        let mut names = self.groupings.iter().flat_map(|g| &g.parts).flat_map(spec_columns).collect::<Vec<_>>();
        names.sort_unstable();
        names.dedup();
        names
    }
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
