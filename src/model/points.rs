//! The quadrature that `points` asks for, or why there is none.

use super::prepare::Prepared;
use crate::error::{Error, Kind, Result};
use crate::likelihood::{MOST_EFFECTS, MOST_NODES, Quadrature};
use crate::settings::{MOST_POINTS, Points};

/// The rule with so many points per effect; `None` is Laplace's method, where `points="auto"` begins.
pub(super) fn quadrature(prepared: &Prepared, points: Points) -> Result<Option<Quadrature>> {
    let Points::Fixed(points) = points else { return Ok(None) };
    if points == 1 {
        return Ok(None);
    }
    let refuse = |slug, why: String| {
        let message = format!("points={points} is not available here: {why}");
        Err(Error::new(Kind::Option, slug, message))
    };
    if let Some(rule) = Quadrature::new(points, &prepared.problem) {
        return Ok(Some(rule));
    }
    let groupings = &prepared.groupings;
    if groupings.is_empty() {
        let why = "the formula has no random effect to integrate over; leave points out";
        return refuse("points-without-groups", why.into());
    }
    if let Some(wide) = groupings.iter().find(|g| g.width() > MOST_EFFECTS) {
        let why = format!(
            "quadrature is for at most {MOST_EFFECTS} effects per group, and '{}' has {}; use points=1, the Laplace approximation, or fewer effects",
            wide.name,
            wide.width()
        );
        return refuse("points-many-effects", why);
    }
    let Some(most) = (2..=MOST_POINTS).rev().find(|&k| Quadrature::new(k, &prepared.problem).is_some()) else {
        let names = groupings.iter().map(|g| format!("'{}'", g.name)).collect::<Vec<_>>().join(", ");
        let why = format!(
            "quadrature is for one grouping factor, or for several of which each is nested in the next, and the {} of this model ({names}) are crossed, or have too many effects in all; use points=1, the Laplace approximation (fit.integration says how good it is), or keep those that are nested",
            groupings.len()
        );
        return refuse("points-crossed-groups", why);
    };
    let effects: usize = groupings.iter().map(crate::random::GroupingSpec::width).sum();
    let why = format!(
        "with {effects} effects on a record it means {points}^{effects} = {} nodes for each, above {MOST_NODES}; use at most {most}",
        (points as u128).pow(effects as u32)
    );
    refuse("points-many-nodes", why)
}
