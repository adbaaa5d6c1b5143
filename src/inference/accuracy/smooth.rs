//! The calibration curve as a smooth line: local quadratic regression of the outcome on the predicted risk.
//!
//! Cleveland (1979), *JASA* 74:829: at each risk the nearest 75 % of the records, tricube weights. Summaries of its distance
//! from the diagonal: the integrated calibration index, mean |p̂ − p| (Austin & Steyerberg 2019, *Stat Med* 38:4051), and the
//! estimated calibration index, 100 mean (p̂ − p)² (Van Hoorde et al. 2015, *J Biomed Inform* 54:283).

use crate::inference::forecasts::Forecasts;
use nalgebra::{Matrix3, Vector3};
use rayon::prelude::*;

/// Share of the records that a point of the curve is computed from.
const SPAN: f64 = 0.75;

/// The curve is computed at every distinct risk while they are this few, else at this many quantiles and linear between.
const MOST_POINTS: usize = 512;

/// The smooth curve.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrationCurve {
    /// Predicted risks, ascending.
    pub predicted: Vec<f64>,
    /// Smoothed share of events there.
    pub observed: Vec<f64>,
    /// Mean distance of the curve from the diagonal, over trials.
    pub ici: f64,
    /// 100 times its mean square.
    pub eci: f64,
}

/// Records in order of risk.
struct Sorted {
    risk: Vec<f64>,
    share: Vec<f64>,
    trials: Vec<f64>,
}

/// Computes the curve and its indices.
pub fn calibration_curve(forecasts: &Forecasts) -> CalibrationCurve {
    let mut order = (0..forecasts.len()).collect::<Vec<_>>();
    order.sort_by(|&a, &b| forecasts.risk[a].total_cmp(&forecasts.risk[b]));
    let pick = |of: &[f64]| order.iter().map(|&i| of[i]).collect::<Vec<_>>();
    let trials = pick(&forecasts.trials);
    let share = pick(&forecasts.events).iter().zip(&trials).map(|(y, m)| y / m).collect();
    let sorted = Sorted { risk: pick(&forecasts.risk), share, trials };
    let predicted = sorted.points();
    let observed = predicted.par_iter().map(|x| sorted.at(*x)).collect::<Vec<_>>();
    let gaps = sorted.risk.iter().map(|p| between(&predicted, &observed, *p) - p);
    let total: f64 = sorted.trials.iter().sum();
    let (mut ici, mut eci) = (0.0, 0.0);
    for (gap, m) in gaps.zip(&sorted.trials) {
        ici += m * gap.abs();
        eci += m * gap * gap;
    }
    CalibrationCurve { predicted, observed, ici: ici / total, eci: 100.0 * eci / total }
}

impl Sorted {
    fn points(&self) -> Vec<f64> {
        let mut distinct = self.risk.clone();
        distinct.dedup();
        if distinct.len() <= MOST_POINTS {
            return distinct;
        }
        let last = self.risk.len() - 1;
        let mut points = (0..MOST_POINTS).map(|k| self.risk[k * last / (MOST_POINTS - 1)]).collect::<Vec<_>>();
        points.dedup();
        points
    }

    /// The local regression at `x`.
    fn at(&self, x: f64) -> f64 {
        let n = self.risk.len();
        let near = ((n as f64 * SPAN + 1e-5).floor() as usize).clamp(1, n);
        let (from, to, reach) = self.window(x, near);
        let (mut a, mut b) = (Matrix3::zeros(), Vector3::zeros());
        for i in from..to {
            let d = (self.risk[i] - x) / reach.max(f64::MIN_POSITIVE);
            let weight = if reach > 0.0 { (1.0 - d.abs().powi(3)).max(0.0).powi(3) } else { 1.0 };
            let w = weight * self.trials[i];
            let d = if reach > 0.0 { d } else { 0.0 };
            let row = Vector3::new(1.0, d, d * d);
            a += row * row.transpose() * w;
            b += row * (w * self.share[i]);
        }
        solve(&a, &b)
    }

    /// The `near` records nearest to `x`, with all others as near as the furthest of them, and how far that is.
    fn window(&self, x: f64, near: usize) -> (usize, usize, f64) {
        let (mut from, mut to) = (self.risk.partition_point(|r| *r < x), 0);
        to = to.max(from);
        while to - from < near {
            let down = from.checked_sub(1).map_or(f64::INFINITY, |i| x - self.risk[i]);
            let up = self.risk.get(to).map_or(f64::INFINITY, |r| r - x);
            if down <= up {
                from -= 1;
            } else {
                to += 1;
            }
        }
        let reach = (x - self.risk[from]).abs().max((self.risk[to - 1] - x).abs());
        // Records as far as the reach have weight zero, unless all of them are at x itself.
        while reach <= 0.0 && self.risk.get(to).is_some_and(|r| *r <= x) {
            to += 1;
        }
        (from, to, reach)
    }
}

/// The constant of the local polynomial, of the highest degree that the records near by determine.
fn solve(a: &Matrix3<f64>, b: &Vector3<f64>) -> f64 {
    for degree in (1..=2).rev() {
        let n = degree + 1;
        let (left, right) = (a.view((0, 0), (n, n)).into_owned(), b.rows(0, n).into_owned());
        let smallest = left.symmetric_eigenvalues().min();
        if smallest > 1e-10 * a[(0, 0)]
            && let Some(factor) = left.cholesky()
        {
            return factor.solve(&right)[0];
        }
    }
    b[0] / a[(0, 0)]
}

/// Linear interpolation.
fn between(x: &[f64], y: &[f64], at: f64) -> f64 {
    let k = x.partition_point(|p| *p < at);
    if k == 0 || k == x.len() {
        return y[k.min(x.len() - 1)];
    }
    y[k - 1] + (at - x[k - 1]) / (x[k] - x[k - 1]) * (y[k] - y[k - 1])
}
