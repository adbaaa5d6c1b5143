//! Standardised risks: what the risk would be if every record had a given level, all else as it is.

use super::delta::{bilinear, interval, variance};
use super::new_data::NewData;
use super::normal::two_sided;
use crate::coding::{Column, Factor, Frame};
use crate::error::{Error, Kind, Result};
use crate::likelihood::logistic::probability;
use crate::model::Fit;

/// The standardised risk at one level, and its comparison with the reference level. Bounds of the reference row are NaN.
#[derive(Debug, Clone, PartialEq)]
pub struct StandardisedRisk {
    /// Level.
    pub level: String,
    /// Average risk, lower and upper bound (logit scale).
    pub risk: [f64; 3],
    /// Risk ratio, lower and upper bound (log scale).
    pub ratio: [f64; 3],
    /// Risk difference, lower and upper bound.
    pub difference: [f64; 3],
}

/// A mean risk and its gradient over (β, θ).
struct Mean {
    risk: f64,
    gradient: Vec<f64>,
}

/// Standardises over the complete rows of `frame` (g-computation; Robins 1986), random effects integrated out, intervals by
/// the delta method over the joint covariance. Rows count once each.
pub fn standardise(
    fit: &Fit,
    frame: &Frame,
    column: &str,
    level: f64,
    offset: Option<&[f64]>,
) -> Result<Vec<StandardisedRisk>> {
    let z = two_sided(level)?;
    let factor = fit.design.factors.iter().find(|f| f.column == column).ok_or_else(|| {
        let known = fit.design.factors.iter().map(|f| f.column.as_str()).collect::<Vec<_>>().join(", ");
        let message = format!("'{column}' is not a categorical term of this model; its categorical terms are: {known}");
        Error::new(Kind::Option, "not-a-factor", message)
    })?;
    // Rows are chosen before the column is overwritten, so that every level is averaged over the same rows.
    let complete = NewData::read(fit, frame, offset, false, false)?.rows;
    if complete.is_empty() {
        return Err(Error::new(
            Kind::Data,
            "all-missing",
            "no row of the data is complete, so there is nothing to average over",
        ));
    }
    let means = (0..factor.levels.len())
        .map(|l| mean_risk(fit, frame, factor, l, &complete, offset))
        .collect::<Result<Vec<_>>>()?;
    let reference = &means[factor.reference];
    Ok(means.iter().enumerate().map(|(l, mean)| compare(fit, factor, l, mean, reference, z)).collect())
}

fn mean_risk(
    fit: &Fit,
    frame: &Frame,
    factor: &Factor,
    level: usize,
    complete: &[u32],
    offset: Option<&[f64]>,
) -> Result<Mean> {
    let mut codes = vec![crate::coding::MISSING; frame.rows()];
    complete.iter().for_each(|&i| codes[i as usize] = level as i32);
    let mut changed = frame.clone();
    changed.insert(&factor.column, Column::Factor { codes, levels: factor.levels.clone(), declared: true })?;
    let data = NewData::read(fit, &changed, offset, false, true)?;
    let mut mean = Mean { risk: 0.0, gradient: vec![0.0; fit.parameters()] };
    if data.constant_variance() && data.offset.is_none() {
        let counts = data.x.by_pattern(&vec![1.0; data.rows.len()]);
        let (variance, by_theta) = data.variance(fit, 0);
        let rule = NewData::rule(variance);
        for (pattern, count) in counts.iter().enumerate() {
            mean.add(fit, &data, pattern, data.fixed[pattern], *count, &rule, &by_theta);
        }
    } else {
        for k in 0..data.rows.len() {
            let (variance, by_theta) = data.variance(fit, k);
            mean.add(fit, &data, data.x.pattern(k), data.linear(k), 1.0, &NewData::rule(variance), &by_theta);
        }
    }
    let n = data.rows.len() as f64;
    mean.risk /= n;
    mean.gradient.iter_mut().for_each(|g| *g /= n);
    Ok(mean)
}

impl Mean {
    #[expect(clippy::too_many_arguments, reason = "one cell: where it is, its linear predictor, its weight, its rule")]
    fn add(
        &mut self,
        fit: &Fit,
        data: &NewData,
        pattern: usize,
        eta: f64,
        count: f64,
        rule: &super::LogisticNormal,
        by_theta: &[f64],
    ) {
        let at = rule.at(eta);
        let p = fit.beta.len();
        let mut x = vec![0.0; p];
        data.x.write_row(pattern, &mut x);
        self.risk += count * at.probability;
        self.gradient[..p].iter_mut().zip(&x).for_each(|(g, x)| *g += count * at.by_eta * x);
        self.gradient[p..].iter_mut().zip(by_theta).for_each(|(g, t)| *g += count * at.by_variance * t);
    }
}

fn compare(fit: &Fit, factor: &Factor, level: usize, mean: &Mean, reference: &Mean, z: f64) -> StandardisedRisk {
    let (r, r0) = (mean.risk, reference.risk);
    let own = variance(fit, &mean.gradient);
    let base = variance(fit, &reference.gradient);
    let both = bilinear(fit, &mean.gradient, &reference.gradient);
    let odds = r * (1.0 - r);
    let (risk_lower, risk_upper) = interval((r / (1.0 - r)).ln(), own.max(0.0).sqrt() / odds, z, probability);
    let is_reference = level == factor.reference;
    let log_error = (own / (r * r) - 2.0 * both / (r * r0) + base / (r0 * r0)).max(0.0).sqrt();
    let (ratio_lower, ratio_upper) = interval((r / r0).ln(), log_error, z, f64::exp);
    let error = (own - 2.0 * both + base).max(0.0).sqrt();
    let (difference_lower, difference_upper) = interval(r - r0, error, z, |x| x);
    let shown = |x: f64| if is_reference { f64::NAN } else { x };
    StandardisedRisk {
        level: factor.levels[level].clone(),
        risk: [r, risk_lower, risk_upper],
        ratio: [r / r0, shown(ratio_lower), shown(ratio_upper)],
        difference: [r - r0, shown(difference_lower), shown(difference_upper)],
    }
}
