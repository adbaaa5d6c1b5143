//! What an odds ratio between people of two different groups amounts to, once the groups' own differences are added.

use super::estimate::{Delta, Estimate, Measured, Scale};
use super::heterogeneity::group_variance;
use super::normal::{normal_cdf, two_sided};
use super::quantity::Quantity;
use crate::error::{Error, Kind, Result};
use crate::model::Fit;

/// The spread of one coefficient's odds ratio over pairs of groups.
#[derive(Debug, Clone, PartialEq)]
pub struct OpposedRow {
    /// Coefficient.
    pub name: String,
    /// exp β.
    pub odds_ratio: f64,
    /// Lower end of the interval odds ratio.
    pub lower_end: Estimate,
    /// Upper end of it.
    pub upper_end: Estimate,
    /// Share of pairs whose odds ratio lies on the other side of one than exp β.
    pub opposed: Estimate,
}

/// Over random pairs of groups, one person in each, alike but for one unit of a covariate: log odds ratios are
/// N(β, 2V). The middle `share` of them, exp(β ± z√(2V)), is the interval odds ratio, and Φ(−|β|/√(2V)) the share with the
/// opposite sign (Larsen & Merlo 2005, *Am J Epidemiol* 161:81; Merlo et al. 2016, *PLoS ONE* 11:e0153778). Meant for
/// covariates of groups, which no two people of one group differ in.
pub fn interval_odds_ratios(fit: &Fit, grouping: &str, share: f64, level: f64) -> Result<Vec<OpposedRow>> {
    let (delta, z) = (Delta::new(fit, level)?, two_sided(share)?);
    let g = fit.grouping(grouping)?;
    let spec = &fit.groupings[g];
    let intercept = spec.effects().iter().position(|e| *e == "(Intercept)").ok_or_else(|| {
        let message = format!("'{grouping}' has no random intercept, so its groups have no difference in level");
        Error::new(Kind::Option, "no-intercept", message)
    })?;
    let row = (0..spec.width()).map(|a| f64::from(u8::from(a == intercept))).collect::<Vec<_>>();
    let spread = group_variance(fit, g, &row).scaled(2.0).sqrt();
    let names = (0..fit.design.width()).filter_map(|c| Some((fit.position(c)?, &fit.design.names[c])));
    let of = |(k, name): (usize, &String)| {
        let mut gradient = vec![0.0; fit.parameters()];
        gradient[k] = 1.0;
        let beta = Quantity { value: fit.beta[k], gradient };
        let end = |z: f64| delta.estimate(&Measured::new(beta.plus(&spread.scaled(z)).exp(), Scale::Log));
        let sign = if beta.value < 0.0 { 1.0 } else { -1.0 };
        let deviate = beta.over(&spread).scaled(sign);
        OpposedRow {
            name: name.clone(),
            odds_ratio: beta.value.exp(),
            lower_end: end(-z),
            upper_end: end(z),
            opposed: opposed(&deviate, &delta),
        }
    };
    Ok(names.filter(|(_, name)| *name != "(Intercept)").map(of).collect())
}

/// Φ of a deviate that is negative by definition: where its interval reaches beyond zero, the share turns back at one half.
fn opposed(deviate: &Quantity, delta: &Delta) -> Estimate {
    let found = delta.estimate(&Measured::new(deviate.clone(), Scale::Plain));
    let share = |x: f64| normal_cdf(-x.abs());
    let crosses = found.upper > 0.0;
    Estimate {
        value: share(found.value),
        std_error: found.std_error * (-found.value.powi(2) / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt(),
        lower: if crosses { share(found.lower).min(share(found.upper)) } else { share(found.lower) },
        upper: if crosses { 0.5 } else { share(found.upper) },
    }
}
