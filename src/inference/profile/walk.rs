//! One side of a profile, from the estimate outwards.

use super::refit::{Reached, Target};
use crate::error::Result;

/// A point this close in ζ is near enough for interpolation to place the bound.
const NEAR: f64 = 1e-3;

/// Refits before a side is given up; typical sides take three to five.
const MOST_REFITS: usize = 60;

/// A deviance below the optimum's by more than this is another maximum, not rounding.
const BETTER: f64 = 1e-6;

/// One side of a profile.
pub(super) struct Side {
    /// Where |ζ| reaches z, as a reader knows it.
    pub(super) bound: f64,
    /// (x, |ζ|) of every refit.
    pub(super) points: Vec<(f64, f64)>,
    /// Empty, or what went wrong.
    pub(super) note: &'static str,
}

/// A refit on the way: distance from the estimate, |ζ|, and where the others went.
struct Point {
    t: f64,
    zeta: f64,
    reached: Reached,
}

const NOT_CONVERGED: &str = "a refit did not converge: this bound is not known";
const BETTER_FOUND: &str = "a refit found a larger likelihood than the fit: the estimates are not the maximum";

/// Walks from the estimate in `direction` until |ζ| = z.
pub(super) fn walk(
    target: &Target,
    direction: f64,
    z: f64,
    steps: usize,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Side> {
    let end = usize::from(direction > 0.0);
    let limit = (direction * (target.limits[end] - target.estimate)).max(0.0);
    let mut path = Path { target, direction, limit, points: Vec::new() };
    path.points.push(Point { t: 0.0, zeta: 0.0, reached: target.refit.origin() });
    let side = |path: &Path, bound: f64, note: &'static str| {
        let x = |p: &Point| (target.estimate + direction * p.t, p.zeta);
        Ok(Side { bound, points: path.points[1..].iter().map(x).collect(), note })
    };
    let steps = steps.max(1);
    for step in 1..=steps {
        let wanted = z * step as f64 / steps as f64;
        loop {
            let at_limit = path.points.iter().any(|p| p.t >= limit && p.zeta < wanted);
            if at_limit {
                return side(&path, target.ends[end], "");
            }
            if path.points.len() > MOST_REFITS {
                return side(&path, f64::NAN, NOT_CONVERGED);
            }
            let t = path.next(wanted);
            let reached = path.refit(t, interrupt)?;
            let rise = reached.deviance - target.refit.origin().deviance;
            let (failed, better) = (!reached.converged, rise < -BETTER);
            let zeta = rise.max(0.0).sqrt();
            path.insert(Point { t, zeta, reached });
            if failed || better {
                return side(&path, f64::NAN, if failed { NOT_CONVERGED } else { BETTER_FOUND });
            }
            if step < steps || (zeta - wanted).abs() < NEAR {
                break;
            }
        }
    }
    let bound = target.shown(target.estimate + direction * path.bound(z));
    side(&path, bound, "")
}

struct Path<'a> {
    target: &'a Target<'a>,
    direction: f64,
    /// Largest distance from the estimate.
    limit: f64,
    /// By distance.
    points: Vec<Point>,
}

impl Path<'_> {
    fn insert(&mut self, point: Point) {
        let at = self.points.partition_point(|p| p.t <= point.t);
        self.points.insert(at, point);
    }

    /// Where |ζ| should be `wanted`: by interpolation, within what is known, and not too far beyond it.
    fn next(&self, wanted: f64) -> f64 {
        let above = self.points.iter().position(|p| p.zeta >= wanted);
        let low = &self.points[above.unwrap_or(self.points.len()).saturating_sub(1)];
        let guess = self.interpolated(wanted);
        match above.map(|k| &self.points[k]) {
            Some(high) if guess > low.t && guess < high.t => guess,
            // The bound itself may be a point that was found.
            Some(high) if (guess - high.t).abs() <= 1e-12 * high.t => high.t,
            Some(high) => f64::midpoint(low.t, high.t),
            None => {
                let first = if self.target.error.is_nan() { self.target.first } else { wanted * self.target.error };
                let beyond = match low.t > 0.0 {
                    true if guess > low.t => guess.min(3.0 * low.t),
                    true => 2.0 * low.t,
                    false => first,
                };
                // An SD goes to zero only when the path asks for it: half the way first.
                let most = if low.t < self.halfway() && beyond >= self.limit { self.halfway() } else { self.limit };
                beyond.min(most)
            }
        }
    }

    /// Where |ζ| is `z`, next to the point that is near enough.
    fn bound(&self, z: f64) -> f64 {
        let off = |p: &&Point| (p.zeta - z).abs();
        let nearest = self.points.iter().min_by(|a, b| off(a).total_cmp(&off(b))).map_or(f64::NAN, |p| p.t);
        let guess = self.interpolated(z);
        if (guess - nearest).abs() <= 0.01 * nearest { guess } else { nearest }
    }

    /// Half the way to the limit, for what ends at zero; else no bound.
    fn halfway(&self) -> f64 {
        if self.target.ends[0] == 0.0 && self.direction < 0.0 { self.limit / 2.0 } else { self.limit }
    }

    /// t as a polynomial in ζ through the points nearest to `wanted`, with the known slope at the estimate.
    fn interpolated(&self, wanted: f64) -> f64 {
        let error = self.target.error;
        let mut nodes = vec![(0.0, 0.0)];
        if !error.is_nan() {
            nodes.push((0.0, 0.0));
        }
        let mut others = self.points[1..].iter().filter(|p| p.zeta > 1e-4).collect::<Vec<_>>();
        others.sort_by(|a, b| (a.zeta - wanted).abs().total_cmp(&(b.zeta - wanted).abs()));
        for p in others.iter().take(3) {
            if nodes.iter().all(|n: &(f64, f64)| (n.0 - p.zeta).abs() > 1e-7) {
                nodes.push((p.zeta, p.t));
            }
        }
        if nodes.len() < 2 {
            return f64::NAN;
        }
        // Newton's divided differences; a double node has the slope in place of a quotient.
        let n = nodes.len();
        let mut d = nodes.iter().map(|n| n.1).collect::<Vec<_>>();
        for order in 1..n {
            for k in (order..n).rev() {
                let width = nodes[k].0 - nodes[k - order].0;
                d[k] = if width == 0.0 { error } else { (d[k] - d[k - 1]) / width };
            }
        }
        (0..n - 1).rev().fold(d[n - 1], |value, k| value * (wanted - nodes[k].0) + d[k])
    }

    /// The refit at distance t, started where the nearest points lead.
    fn refit(&self, t: f64, interrupt: &(dyn Fn() -> bool + Sync)) -> Result<Reached> {
        let x = self.target.estimate + self.direction * t;
        let x = x.clamp(self.target.limits[0], self.target.limits[1]);
        self.target.refit.at(&[x], &self.expected(t), interrupt)
    }

    /// ψ and u at distance t, to first order.
    fn expected(&self, t: f64) -> Reached {
        let mut near = self.points.iter().collect::<Vec<_>>();
        near.sort_by(|a, b| (a.t - t).abs().total_cmp(&(b.t - t).abs()));
        let a = near[0];
        if let Some(b) = near.get(1).filter(|b| (b.t - a.t).abs() > 1e-3 * t) {
            let share = (t - a.t) / (b.t - a.t);
            let line = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x + share * (y - x)).collect::<Vec<_>>();
            return Reached {
                psi: line(&a.reached.psi, &b.reached.psi),
                u: line(&a.reached.u, &b.reached.u),
                ..a.reached.clone()
            };
        }
        if a.t > 0.0 || self.target.error.is_nan() {
            return a.reached.clone();
        }
        self.target.refit.predicted(&[self.target.estimate + self.direction * t])
    }
}
