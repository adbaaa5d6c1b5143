//! Whether two fits are of the same rows, the same outcome, and by the same method.

use super::Fitted;
use super::level::Entrant;
use crate::error::{Error, Kind, Result};
use crate::likelihood::Quadrature;

/// Refuses two fits of different data.
pub(super) fn check(a: Fitted, b: Fitted) -> Result<()> {
    rows(a, b)?;
    outcome(a, b)
}

fn refuse(kind: Kind, slug: &'static str, a: Fitted, b: Fitted, why: &str) -> Result<()> {
    let message = format!("'{}' and '{}' cannot be compared: {why}", a.fit.formula, b.fit.formula);
    Err(Error::new(kind, slug, message))
}

fn rows(a: Fitted, b: Fitted) -> Result<()> {
    if a.sample.frame_rows != b.sample.frame_rows {
        let why = format!(
            "they were fitted to frames of {} and {} rows; fit both to one frame",
            a.sample.frame_rows, b.sample.frame_rows
        );
        return refuse(Kind::Data, "different-rows", a, b, &why);
    }
    let (used, other) = (a.sample.used(), b.sample.used());
    let differ = used.iter().zip(&other).filter(|(x, y)| x != y).count();
    let Some(first) = used.iter().zip(&other).position(|(x, y)| x != y) else { return Ok(()) };
    let why = format!(
        "they analysed {} and {} rows; {differ} rows are in one of them only, the first of these row {first} (counted from 0). The usual cause is missing values in a column that one of them lacks: keep the rows that are complete in every column, and fit both to those",
        a.fit.records, b.fit.records
    );
    refuse(Kind::Data, "different-rows", a, b, &why)
}

fn outcome(a: Fitted, b: Fitted) -> Result<()> {
    let in_order = |f: Fitted, of: &dyn Fn(Fitted, usize) -> f64| {
        f.sample.frame_order().into_iter().map(|k| of(f, k)).collect::<Vec<_>>()
    };
    let differ = |of: &dyn Fn(Fitted, usize) -> f64| {
        in_order(a, of).iter().zip(&in_order(b, of)).position(|(x, y)| x.to_bits() != y.to_bits())
    };
    let place = |k: usize| a.sample.rows[a.sample.frame_order()[k]];
    if let Some(k) = differ(&|f, k| f.sample.problem.outcome.trials[k]) {
        let why = format!("trials or weights differ, first in row {} (counted from 0)", place(k));
        return refuse(Kind::Data, "different-weights", a, b, &why);
    }
    if let Some(k) = differ(&|f, k| f.sample.problem.outcome.successes[k]) {
        let why = format!("their outcomes differ, first in row {} (counted from 0)", place(k));
        return refuse(Kind::Data, "different-outcome", a, b, &why);
    }
    Ok(())
}

/// Refuses two fits with different points: their likelihoods do not compare.
pub(super) fn check_points(a: &Entrant, b: &Entrant) -> Result<()> {
    match (a.points, b.points) {
        (Some(x), Some(y)) if x != y => {
            let (a, b) = (a.fitted, b.fitted);
            // Crossed factors have Laplace's method alone.
            let more = x.max(y);
            let defined = |f: Fitted| Quadrature::new(more, &f.sample.problem).is_some();
            let both = if defined(a) && defined(b) { more } else { 1 };
            let why = format!(
                "one integrates the random effects with points={x} and the other with points={y}, which are different approximations of the likelihood; fit both with points={both}"
            );
            refuse(Kind::Option, "different-points", a, b, &why)
        }
        _ => Ok(()),
    }
}
