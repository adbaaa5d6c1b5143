//! Profile likelihood: how far each parameter can move before the deviance, minimised over all others, has risen by z².
//!
//! ```text
//! ζ(x) = sign(x − x̂) √(min D(ψ : parameter = x) − D̂)
//! ```
//!
//! and the interval of a level is where |ζ| ≤ z. Coefficients and an SD that is an element of θ are held in the search
//! ([`crate::optimise::climb`]). Another SD of the same term becomes one when its effects are taken in another order; a
//! correlation ties two elements of θ together (`tied`). Each side is walked by inverse interpolation of ζ, whose slope at
//! the estimate is known from the standard error, and every refit starts where the path so far points.
//!
//! Source: Bates & Watts (1988), *Nonlinear Regression Analysis and Its Applications*, section 6.1; Venzon & Moolgavkar (1988),
//! *Applied Statistics* 37:87.

mod contour;
mod refit;
mod tied;
mod turned;
mod walk;

pub use contour::{ContourPoint, contour};
pub(super) use refit::{Refit, largest_entry};

use super::crew;
use super::normal::two_sided;
use super::quantities::{Quantity, parameters};
use crate::error::{Error, Kind, Result};
use crate::model::{Fit, Sample};
use crate::progress::Tally;
use refit::Target;
use walk::{Side, walk};

/// A point of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct TracePoint {
    /// Name of the parameter.
    pub parameter: String,
    /// Its value.
    pub value: f64,
    /// ζ there.
    pub zeta: f64,
}

/// The profile-likelihood interval of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileRow {
    /// Name: of the coefficient, or `sd[group,effect]`, `cor[group,effect.effect]`.
    pub parameter: String,
    /// Estimate: log odds ratio, SD, or correlation.
    pub estimate: f64,
    /// Lower bound; 0 for an SD and −1 for a correlation that the data do not bound, −∞ for such a coefficient.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Empty, or what a reader should know of this interval.
    pub note: String,
}

/// Intervals, the points they were found by, and how many refits it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// One row per parameter asked for.
    pub rows: Vec<ProfileRow>,
    /// Traces, parameter after parameter, by value.
    pub trace: Vec<TracePoint>,
    /// Refits.
    pub refits: usize,
}

/// What is asked of a profile.
#[derive(Debug, Clone)]
pub struct ProfileOptions {
    /// Names of parameters; all of them if absent.
    pub parameters: Option<Vec<String>>,
    /// Confidence level.
    pub level: f64,
    /// Points per side of each trace at least, equally spaced in ζ up to the bound.
    pub steps: usize,
}

/// Profiles the parameters of a fit. `tally` counts the bounds, two for each.
pub fn profile(
    fit: &Fit,
    sample: &Sample,
    options: &ProfileOptions,
    tally: &Tally,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Profile> {
    let z = two_sided(options.level)?;
    check_converged(fit)?;
    let chosen = choose(fit, options.parameters.as_deref())?;
    let refits = chosen.iter().map(|&q| Refit::new(fit, sample, &[q], interrupt)).collect::<Result<Vec<_>>>()?;
    let side = |task: usize| -> Result<Side> {
        let refit = &refits[task / 2];
        let direction = if task.is_multiple_of(2) { -1.0 } else { 1.0 };
        let found = walk(&refit.target(0)?, direction, z, options.steps, interrupt);
        tally.finished(found.as_ref().map_or(true, |side| side.bound.is_nan()));
        found
    };
    tally.expect(2 * refits.len());
    let sides = crew::map(2 * refits.len(), side)?.into_iter().collect::<Result<Vec<_>>>()?;
    let mut out = Profile { rows: Vec::new(), trace: Vec::new(), refits: 0 };
    for (k, pair) in sides.chunks_exact(2).enumerate() {
        let target = refits[k].target(0)?;
        out.push(&chosen[k].name(fit), &target, &pair[0], &pair[1]);
    }
    Ok(out)
}

impl Profile {
    fn push(&mut self, parameter: &str, target: &Target, below: &Side, above: &Side) {
        let estimate = target.shown(target.estimate);
        let note = [below, above].iter().map(|s| s.note).find(|n| !n.is_empty()).unwrap_or_default();
        let mut points = vec![(estimate, 0.0)];
        points.extend(below.points.iter().map(|&(x, zeta)| (target.shown(x), -zeta)));
        points.extend(above.points.iter().map(|&(x, zeta)| (target.shown(x), zeta)));
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.refits += below.points.len() + above.points.len();
        let point = |(value, zeta)| TracePoint { parameter: parameter.to_string(), value, zeta };
        self.trace.extend(points.into_iter().map(point));
        let row = ProfileRow {
            estimate,
            lower: below.bound,
            upper: above.bound,
            note: note.to_string(),
            parameter: parameter.to_string(),
        };
        self.rows.push(row);
    }
}

/// A profile is measured from the maximum: without one there is nothing to measure from.
pub(super) fn check_converged(fit: &Fit) -> Result<()> {
    if fit.converged {
        return Ok(());
    }
    let message = "this needs the maximum of the likelihood, and the fit did not converge; see fit.diagnostics for why";
    Err(Error::new(Kind::Fit, "not-converged", message))
}

/// The parameters of these names, in their order; all of them without names.
pub(super) fn choose(fit: &Fit, names: Option<&[String]>) -> Result<Vec<Quantity>> {
    let all = parameters(fit);
    let Some(names) = names else { return Ok(all) };
    let known = all.iter().map(|q| q.name(fit)).collect::<Vec<_>>();
    let find = |name: &String| {
        let message =
            || format!("there is no parameter '{name}' in this model; its parameters are {}", known.join(", "));
        let at = known.iter().position(|k| k == name);
        at.map(|k| all[k]).ok_or_else(|| Error::new(Kind::Option, "unknown-parameter", message()))
    };
    names.iter().map(find).collect()
}
