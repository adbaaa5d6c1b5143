//! Where the knots of a spline go: as asked for, or at quantiles of the rows of the fit.

use crate::error::{Error, Kind, Result};
use crate::formula::{InnerKnots, Knots, Real};

/// Knots in increasing order, strictly between the boundary knots.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) knots: Vec<f64>,
    pub(super) bounds: [f64; 2],
}

/// Places the knots for values `x`; without any knot within, the spline has `least` columns.
pub(super) fn place(asked: &Knots, least: u32, x: &[f64], column: &str, name: &str) -> Result<Placed> {
    let (low, high) = x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &x| (l.min(x), h.max(x)));
    let inner = match &asked.inner {
        InnerKnots::Columns(df) => (df - least) as usize,
        InnerKnots::At(knots) => knots.len(),
    };
    check_distinct(x, inner + least as usize, column, name)?;
    let bounds = asked.bounds.map_or([low, high], |b| b.map(Real::value));
    let knots = match &asked.inner {
        InnerKnots::Columns(_) => quantiles(x, inner, bounds, column, name)?,
        InnerKnots::At(knots) => knots.iter().map(|k| k.value()).collect(),
    };
    let (from, to) = (bounds[0].max(low), bounds[1].min(high));
    if let Some(knot) = knots.iter().find(|k| **k <= from || **k >= to) {
        let message = format!(
            "{name}: the knot {knot} is not between {from} and {to}, where the boundary knots and the analysed values of '{column}' are; move it, or leave it out"
        );
        return Err(Error::new(Kind::Data, "knots-outside", message));
    }
    Ok(Placed { knots, bounds })
}

/// Refuses curves with more columns than the values can tell apart.
pub(super) fn check_distinct(x: &[f64], columns: usize, column: &str, name: &str) -> Result<()> {
    let mut seen: Vec<f64> = Vec::with_capacity(columns + 1);
    for &value in x {
        if seen.len() > columns {
            return Ok(());
        }
        if !seen.iter().any(|s| s.total_cmp(&(value + 0.0)).is_eq()) {
            seen.push(value + 0.0);
        }
    }
    if seen.len() > columns {
        return Ok(());
    }
    let message = format!(
        "{name} has {columns} columns, which takes more than {columns} different values of '{column}'; the analysed rows have {}. Use fewer columns, or categories: C({column})",
        seen.len()
    );
    Err(Error::new(Kind::Data, "too-few-values", message))
}

/// Knots at evenly spaced quantiles of the values between the boundary knots (R's type 7; Hyndman & Fan 1996).
fn quantiles(x: &[f64], count: usize, bounds: [f64; 2], column: &str, name: &str) -> Result<Vec<f64>> {
    let mut inside = x.iter().copied().filter(|x| (bounds[0]..=bounds[1]).contains(x)).collect::<Vec<_>>();
    inside.sort_unstable_by(f64::total_cmp);
    let Some(last) = inside.len().checked_sub(1) else {
        let message = format!(
            "{name}: no analysed value of '{column}' is between the boundary knots {} and {}; correct bounds=",
            bounds[0], bounds[1]
        );
        return Err(Error::new(Kind::Data, "knots-outside", message));
    };
    let quantile = |k: usize| {
        let place = last as f64 * (k as f64 / (count + 1) as f64);
        let (below, share) = (place.floor() as usize, place.fract());
        (1.0 - share) * inside[below] + share * inside[(below + 1).min(last)]
    };
    let knots = (1..=count).map(quantile).collect::<Vec<_>>();
    let all = [&bounds[..1], &knots, &bounds[1..]].concat();
    if let Some([_, twice]) = all.windows(2).find(|pair| pair[0] >= pair[1]) {
        let message = format!(
            "{name}: knots at quantiles of '{column}' fall together at {twice}, because many rows share that value; use fewer columns, or place the knots yourself with knots="
        );
        return Err(Error::new(Kind::Data, "repeated-knots", message));
    }
    Ok(knots)
}

#[cfg(test)]
mod tests {
    use super::{Placed, place};
    use crate::error::Result;
    use crate::formula::{InnerKnots, Knots, Real};

    fn knots(inner: InnerKnots, bounds: Option<[f64; 2]>, x: &[f64]) -> Result<Placed> {
        let bounds = bounds.map(|b| b.map(|b| Real::new(b).unwrap()));
        place(&Knots { inner, bounds }, 1, x, "x", "ns(x)")
    }

    fn at(places: &[f64]) -> InnerKnots {
        InnerKnots::At(places.iter().map(|p| Real::new(*p).unwrap()).collect())
    }

    #[test]
    fn quantiles_are_those_of_r() {
        let placed = knots(InnerKnots::Columns(4), None, &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]).unwrap();
        assert_eq!((placed.knots, placed.bounds), (vec![2.5, 6.0, 14.0], [1.0, 32.0]));
        let within = knots(InnerKnots::Columns(2), Some([1.5, 10.0]), &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]).unwrap();
        assert_eq!(within.knots, [4.0]);
    }

    #[test]
    fn knots_that_cannot_be_are_refused() {
        let slug = |result: Result<Placed>| result.unwrap_err().slug().to_string();
        let x = [1.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(slug(knots(InnerKnots::Columns(6), None, &x)), "too-few-values");
        assert_eq!(slug(knots(InnerKnots::Columns(5), None, &x)), "repeated-knots");
        assert_eq!(slug(knots(at(&[6.0]), None, &x)), "knots-outside");
        assert_eq!(slug(knots(at(&[8.0]), Some([0.0, 20.0]), &x)), "knots-outside");
        assert_eq!(slug(knots(at(&[3.0]), Some([3.0, 5.0]), &x)), "knots-outside");
        assert_eq!(slug(knots(InnerKnots::Columns(3), Some([10.0, 20.0]), &x)), "knots-outside");
    }
}
