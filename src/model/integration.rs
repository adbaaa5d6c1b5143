//! How well the random effects were integrated out, as data and in words.

use super::fit::Fit;
use crate::optimise::Shift;
use serde::{Deserialize, Serialize};

/// The rule of a result, and what the next one would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Integration {
    /// Points per effect of the result; 1 is the Laplace approximation.
    pub points: usize,
    /// What each look at a further rule found, in order; the last is about the result. Empty where there was nothing to look
    /// at: no random effects, a search that did not end, or no rule above.
    pub shifts: Vec<Shift>,
}

impl Fit {
    /// Points per effect of the result; 1 is the Laplace approximation.
    pub fn points(&self) -> usize {
        self.integration.points
    }

    /// What the next rule would change in the result.
    pub fn next_rule(&self) -> Option<&Shift> {
        self.integration.shifts.last().filter(|shift| shift.points == self.integration.points)
    }

    /// The name of a parameter by its position in (β, θ).
    pub fn parameter_name(&self, k: usize) -> String {
        let p = self.beta.len();
        if k < p { self.design.names[self.estimated[k]].clone() } else { self.theta_names()[k - p].clone() }
    }

    /// What the next rule would change, in a sentence; empty where that is not known.
    pub fn integration_words(&self) -> String {
        let Some(shift) = self.next_rule() else { return String::new() };
        let (rule, is) = match shift.points {
            1 => ("The Laplace approximation".to_string(), "is"),
            points => (format!("{points} quadrature points"), "are"),
        };
        let changes = match (shift.points, shift.next) {
            (_, None) if shift.error > 0.0 => format!(
                "its second-order terms would change the log-likelihood by {:+.3} (Monte Carlo error {:.3})",
                shift.log_likelihood, shift.error
            ),
            (_, None) => {
                format!("its second-order terms would change the log-likelihood by {:+.4}", shift.log_likelihood)
            }
            (1, Some(next)) => {
                format!("{next} quadrature points would change the log-likelihood by {:+.4}", shift.log_likelihood)
            }
            (_, Some(next)) => format!("{next} would change the log-likelihood by {:+.4}", shift.log_likelihood),
        };
        match shift.largest() {
            None => {
                format!("{rule}: {changes}; how far estimates would move is not computed for a model of this size.")
            }
            Some((k, size)) if shift.is_large() => format!(
                "{rule} {is} not good enough here: {changes}, and {} by {size:+.2} standard errors.",
                self.parameter_name(k)
            ),
            Some((_, size)) => format!(
                "{rule} {is} good enough here: {changes}, and no estimate by more than {} standard errors.",
                small(size.abs())
            ),
        }
    }
}

/// A share of a standard error, rounded up so that "no more than" stays true.
fn small(size: f64) -> String {
    if size < 0.0005 { "0.001".to_string() } else { format!("{:.3}", (size * 1_000.0).ceil() / 1_000.0) }
}
