//! Standardised risks: the effects of a factor over a whole cohort, against its reference level.

use super::average::{Request, Target};
use super::cohort::Population;
use super::draws::Method;
use super::effects::{Comparison, EffectRow, effects};
use super::estimate::Estimate;
use crate::coding::Frame;
use crate::error::{Error, Kind, Result};
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

/// Standardises over the complete rows of `frame`, random effects integrated out, intervals by the delta method over the
/// joint covariance. Rows count once each.
pub fn standardise(
    fit: &Fit,
    frame: &Frame,
    column: &str,
    level: f64,
    offset: Option<&[f64]>,
) -> Result<Vec<StandardisedRisk>> {
    if !fit.design.factors.iter().any(|f| f.column == column) {
        let known = fit.design.factors.iter().map(|f| f.column.as_str()).collect::<Vec<_>>().join(", ");
        let message = format!("'{column}' is not a categorical term of this model; its categorical terms are: {known}");
        return Err(Error::new(Kind::Option, "not-a-factor", message));
    }
    let request = Request {
        population: Population { frame, offset, used: None, weights: None, over: &[] },
        target: Target::Marginal,
        method: Method::Delta,
        level,
        sample: None,
        interrupt: &|| false,
    };
    let rows = effects(fit, &request, column, None, &Comparison::Reference)?;
    Ok(rows.into_iter().map(standardised).collect())
}

fn standardised(row: EffectRow) -> StandardisedRisk {
    let bounds = |e: Estimate| [e.value, e.lower, e.upper];
    StandardisedRisk {
        level: row.level,
        risk: bounds(row.risk),
        ratio: bounds(row.ratio),
        difference: bounds(row.difference),
    }
}
