//! Words for a variance that runs off: how many groups have one outcome only, and what to do instead.

use super::fit::Fit;
use crate::diagnostic::Finding;
use crate::optimise::{RUN_AWAY, SUSPECT};

/// Finds variances so large that the data cannot have told them; whether there are any. `spreads` are the largest SD of each
/// grouping factor on the linear predictor.
///
/// A large SD alone is not enough: it may be one that is real, unless it is beyond all data or most groups have no variation in
/// the outcome to tell it from.
pub(super) fn runaway(fit: &Fit, spreads: &[f64], found: &mut Vec<Finding>) -> bool {
    let before = found.len();
    for ((spec, size), &sd) in fit.groupings.iter().zip(&fit.sizes).zip(spreads) {
        let (levels, alike) = (spec.levels.len(), size.one_sided.unwrap_or_default());
        if sd <= SUSPECT || (2 * alike <= levels && sd <= RUN_AWAY) {
            continue;
        }
        let message = format!(
            "{alike} of {levels} groups of '{}' have only events or only non-events{}, so the data hardly tell how large the variation between them is: its SD is put at {sd:.0} in log odds{}. Do not report it, nor odds ratios within groups, which grow with it. Group more coarsely, or leave the random effect out and use robust() for the standard errors{}.",
            spec.name,
            if 2 * alike > levels {
                ""
            } else {
                ", and with the covariates nearly every outcome is predicted without error"
            },
            if fit.converged { "" } else { " and was still moving when the search was stopped" },
            if fit.penalised_log_likelihood.is_some() {
                ""
            } else {
                "; penalty='jeffreys' keeps coefficients finite, but does not settle this SD"
            }
        );
        found.push(Finding::warning("variance-runs-off", &spec.name, message));
    }
    found.len() > before
}
