//! The quadrature that `points` asks for, or why there is none.

use super::prepare::Prepared;
use crate::error::{Error, Kind, Result};
use crate::likelihood::{MOST_EFFECTS, MOST_NODES, Quadrature};
use crate::settings::MOST_POINTS;

/// The rule with `points` points per effect; `None` is Laplace's method.
pub(super) fn quadrature(prepared: &Prepared, points: usize) -> Result<Option<Quadrature>> {
    if points == 1 {
        return Ok(None);
    }
    let refuse = |slug, why: String| {
        let message = format!("points={points} is not available here: {why}");
        Err(Error::new(Kind::Option, slug, message))
    };
    let names = prepared.groupings.iter().map(|g| format!("'{}'", g.name)).collect::<Vec<_>>();
    let width = match prepared.groupings.as_slice() {
        [] => {
            return refuse(
                "points-without-groups",
                "the formula has no random effect to integrate over; leave points out".into(),
            );
        }
        [only] => only.width(),
        several => several.iter().map(|g| g.width()).max().unwrap_or_default(),
    };
    if width > MOST_EFFECTS {
        return refuse(
            "points-many-effects",
            format!(
                "quadrature is for at most {MOST_EFFECTS} effects per group, and {} has {width}; use points=1, the Laplace approximation, or fewer effects",
                names[0]
            ),
        );
    }
    match Quadrature::new(points, &prepared.problem) {
        Some(rule) => Ok(Some(rule)),
        None => refuse(
            "points-many-nodes",
            format!(
                "with {width} effects per group it means {points}^{width} = {} nodes in each, above {MOST_NODES}; use at most {}",
                points.pow(width as u32),
                (1..=MOST_POINTS).rev().find(|k| k.pow(width as u32) <= MOST_NODES).unwrap_or(1)
            ),
        ),
    }
}
