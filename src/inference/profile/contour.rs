//! Contours of the profile likelihood of two parameters: where the deviance, minimised over all others, has risen by the
//! quantile of χ² with two degrees of freedom.
//!
//! Rays from the estimate, spread evenly in the coordinates in which a quadratic deviance would be round; along each ray the
//! distance is found by the secant rule on √(D − D̂), which is near the distance itself.

use super::check_converged;
use super::refit::{Reached, Refit};
use crate::error::{Error, Kind, Result};
use crate::inference::crew;
use crate::inference::quantities::Quantity;
use crate::model::{Fit, Sample};
use crate::progress::Tally;
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::f64::consts::TAU;

/// One point of a contour.
#[derive(Debug, Clone, PartialEq)]
pub struct ContourPoint {
    /// Confidence level of the joint region.
    pub level: f64,
    /// Angle of the ray, 0 to 2π.
    pub angle: f64,
    /// Value of the first parameter.
    pub a: f64,
    /// Value of the second.
    pub b: f64,
    /// D − D̂ there.
    pub rise: f64,
    /// Whether an SD ended at zero before the contour was reached.
    pub boundary: bool,
}

const NEAR: f64 = 1e-3;
const MOST_REFITS: usize = 30;

/// Contours of parameters `names[0]` and `names[1]` at confidence `levels`, from `rays` directions. `tally` counts the
/// rays.
pub fn contour(
    fit: &Fit,
    sample: &Sample,
    names: &[String; 2],
    levels: &[f64],
    rays: usize,
    tally: &Tally,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<ContourPoint>> {
    check_converged(fit)?;
    let radii = levels.iter().map(|&l| radius(l)).collect::<Result<Vec<_>>>()?;
    if names[0] == names[1] {
        let message = format!("a contour needs two parameters, and '{}' was named twice", names[0]);
        return Err(Error::new(Kind::Option, "contour-parameters", message));
    }
    let chosen = super::choose(fit, Some(names))?;
    let refit = Refit::new(fit, sample, &chosen, interrupt)?;
    let plane = Plane::new(&refit, &chosen)?;
    let mut order = (0..levels.len()).collect::<Vec<_>>();
    order.sort_by(|&a, &b| radii[a].total_cmp(&radii[b]));
    tally.expect(rays);
    let found = crew::map(rays, |k| {
        let angle = TAU * k as f64 / rays as f64;
        let mut ray = Ray { plane: &plane, angle, known: vec![(0.0, 0.0)], last: refit.origin(), at: plane.centre };
        let found = order.iter().map(|&l| ray.find(levels[l], radii[l], interrupt)).collect::<Result<Vec<_>>>();
        tally.finished(found.is_err());
        found
    })?;
    let mut points = found.into_iter().collect::<Result<Vec<_>>>()?.concat();
    points.sort_by(|x, y| x.level.total_cmp(&y.level).then(x.angle.total_cmp(&y.angle)));
    Ok(points)
}

/// √ of the quantile of χ²₂, −2 log(1 − level).
fn radius(level: f64) -> Result<f64> {
    super::two_sided(level)?;
    Ok(ChiSquared::new(2.0).map_or(f64::NAN, |d| d.inverse_cdf(level)).sqrt())
}

/// Two parameters, with the Cholesky factor of their covariance.
struct Plane<'a> {
    refit: &'a Refit<'a>,
    centre: [f64; 2],
    factor: [f64; 3],
    /// Which of them ends at zero.
    is_sd: [bool; 2],
}

impl<'a> Plane<'a> {
    fn new(refit: &'a Refit<'a>, chosen: &[Quantity]) -> Result<Self> {
        let targets = [refit.target(0)?, refit.target(1)?];
        if targets.iter().any(|t| t.error.is_nan()) {
            let message = "a contour needs a finite estimate with a standard error for both parameters; one of these is at a boundary or at infinity";
            return Err(Error::new(Kind::Fit, "contour-boundary", message));
        }
        let centre = [targets[0].estimate, targets[1].estimate];
        let errors = [targets[0].error, targets[1].error];
        let rho = refit.correlation().clamp(-0.999, 0.999);
        let factor = [errors[0], rho * errors[1], (1.0 - rho * rho).sqrt() * errors[1]];
        let is_sd = [chosen[0], chosen[1]].map(|q| matches!(q, Quantity::Deviation(..)));
        Ok(Self { refit, centre, factor, is_sd })
    }

    /// The values at distance r along an angle.
    fn at(&self, angle: f64, r: f64) -> [f64; 2] {
        let (sin, cos) = angle.sin_cos();
        let [aa, ba, bb] = self.factor;
        [self.centre[0] + r * aa * cos, self.centre[1] + r * (ba * cos + bb * sin)]
    }

    /// The distance at which an SD reaches zero.
    fn end(&self, angle: f64) -> f64 {
        let one = self.at(angle, 1.0);
        let ends = (0..2).filter(|&k| self.is_sd[k] && one[k] < self.centre[k]);
        ends.map(|k| self.centre[k] / (self.centre[k] - one[k])).fold(f64::INFINITY, f64::min)
    }
}

struct Ray<'a> {
    plane: &'a Plane<'a>,
    angle: f64,
    /// (distance, √ of the rise).
    known: Vec<(f64, f64)>,
    last: Reached,
    /// Values of the last refit.
    at: [f64; 2],
}

impl Ray<'_> {
    fn find(&mut self, level: f64, wanted: f64, interrupt: &(dyn Fn() -> bool + Sync)) -> Result<ContourPoint> {
        let end = self.plane.end(self.angle);
        for _ in 0..MOST_REFITS {
            let r = self.next(wanted).min(end);
            let [a, b] = self.plane.at(self.angle, r);
            let (a, b) = (self.floored(0, a), self.floored(1, b));
            self.last = self.plane.refit.at(&[a, b], &self.expected([a, b]), interrupt)?;
            self.at = [a, b];
            let rise = (self.last.deviance - self.plane.refit.origin().deviance).max(0.0);
            let boundary = r >= end && rise.sqrt() < wanted;
            self.known.push((r, rise.sqrt()));
            self.known.sort_by(|x, y| x.0.total_cmp(&y.0));
            if boundary || (rise.sqrt() - wanted).abs() < NEAR {
                return Ok(ContourPoint { level, angle: self.angle, a, b, rise, boundary });
            }
        }
        let lost = f64::NAN;
        Ok(ContourPoint { level, angle: self.angle, a: lost, b: lost, rise: lost, boundary: false })
    }

    fn floored(&self, which: usize, x: f64) -> f64 {
        if self.plane.is_sd[which] { x.max(0.0) } else { x }
    }

    /// The distance by the secant through the points around `wanted`, or the last two below it.
    fn next(&self, wanted: f64) -> f64 {
        let above = self.known.iter().position(|k| k.1 >= wanted);
        let (x, y) = match (above, self.known.len()) {
            (None, 1) => return wanted,
            (Some(k), _) => (self.known[k - 1], self.known[k]),
            (None, n) => (self.known[n - 2], self.known[n - 1]),
        };
        let guess = x.0 + (wanted - x.1) * (y.0 - x.0) / (y.1 - x.1);
        let most = 3.0 * y.0;
        if guess.is_finite() && guess > x.0 && guess < most {
            guess
        } else if above.is_some() {
            f64::midpoint(x.0, y.0)
        } else {
            2.0 * y.0
        }
    }

    /// Where the others should be: where the last refit left them, moved to first order.
    fn expected(&self, values: [f64; 2]) -> Reached {
        let mut from = self.last.clone();
        let (before, after) = (self.plane.refit.predicted(&self.at), self.plane.refit.predicted(&values));
        let moved = |x: &mut [f64], from: &[f64], to: &[f64]| {
            x.iter_mut().zip(from.iter().zip(to)).for_each(|(x, (a, b))| *x += b - a);
        };
        moved(&mut from.psi, &before.psi, &after.psi);
        moved(&mut from.u, &before.u, &after.u);
        from
    }
}
