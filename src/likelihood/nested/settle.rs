//! The modes of a unit of the finest level at many points at once.

use super::joint::{LAST_GAIN, MOST_HALVINGS, MOST_STEPS, ROUNDING};
use super::leaf::Leaf;
use crate::likelihood::logistic::logistic;
use nalgebra::{SMatrix, SVector};

/// Modes, and what is known there.
pub(super) struct Settled<const W: usize> {
    /// û, effect after effect, a number per point.
    pub(super) u: [Vec<f64>; W],
    /// p: records by points.
    pub(super) mu: Vec<f64>,
    /// R of every point, RR' = A⁻¹, upper triangular.
    pub(super) r: Vec<SMatrix<f64, W, W>>,
}

/// The unit at some u of every point.
struct At<const W: usize> {
    u: [Vec<f64>; W],
    mu: Vec<f64>,
    /// The penalised log-likelihood per point.
    height: Vec<f64>,
}

/// Newton with step halving from `u`, all points in step. Where the numbers are not finite R is not, and nor is the value.
pub(super) fn settle<const W: usize>(leaf: &Leaf<W>, u: [Vec<f64>; W]) -> Settled<W> {
    let points = leaf.block.len();
    let mut at = evaluate(leaf, u);
    let mut last = false;
    for _ in 0..MOST_STEPS {
        let (slope, precision) = slopes(leaf, &at);
        let mut most = 0.0f64;
        let mut steps = Vec::with_capacity(points);
        let mut r = Vec::with_capacity(points);
        for p in 0..points {
            let Some(factor) = precision[p].cholesky() else { return lost(at, points) };
            if last {
                let l = factor.l();
                let inverse = l.solve_lower_triangular(&SMatrix::identity()).unwrap_or(l * f64::NAN);
                r.push(inverse.transpose());
            } else {
                let step = factor.solve(&slope[p]);
                let gain = step.dot(&slope[p]);
                most = if gain.is_nan() { gain } else { most.max(gain) };
                steps.push(step);
            }
        }
        if last {
            return Settled { u: at.u, mu: at.mu, r };
        }
        if most.is_nan() {
            return lost(at, points);
        }
        last = most < LAST_GAIN;
        at = advance(leaf, at, &mut steps);
    }
    lost(at, points)
}

/// Numbers that are not finite, for the caller to refuse.
fn lost<const W: usize>(at: At<W>, points: usize) -> Settled<W> {
    Settled { u: at.u, mu: at.mu, r: vec![SMatrix::repeat(f64::NAN); points] }
}

/// Goes as far along the steps as every point gains.
fn advance<const W: usize>(leaf: &Leaf<W>, at: At<W>, steps: &mut [SVector<f64, W>]) -> At<W> {
    for halvings in 0..=MOST_HALVINGS {
        let u = std::array::from_fn(|a| at.u[a].iter().zip(&*steps).map(|(u, step)| u + step[a]).collect());
        let next = evaluate(leaf, u);
        let mut worse = false;
        for (p, step) in steps.iter_mut().enumerate() {
            let floor = at.height[p] - ROUNDING * (1.0 + at.height[p].abs());
            if next.height[p] < floor || next.height[p].is_nan() {
                *step *= if halvings + 1 == MOST_HALVINGS { 0.0 } else { 0.5 };
                worse = true;
            }
        }
        if !worse {
            return next;
        }
    }
    at
}

fn evaluate<const W: usize>(leaf: &Leaf<W>, u: [Vec<f64>; W]) -> At<W> {
    let points = leaf.block.len();
    let mut mu = Vec::with_capacity(leaf.records.len() * points);
    let mut height = vec![0.0; points];
    u.iter().for_each(|u| height.iter_mut().zip(u).for_each(|(h, u)| *h -= u * u / 2.0));
    for (at, i) in leaf.records.clone().enumerate() {
        let (begin, m) = (at * points, leaf.rows.m(i));
        mu.extend_from_slice(&leaf.base[at * leaf.points + leaf.block.start..at * leaf.points + leaf.block.end]);
        let eta = &mut mu[begin..];
        (0..W).for_each(|a| eta.iter_mut().zip(&u[a]).for_each(|(e, u)| *e += m[a] * u));
        if leaf.rows.y[i] > 0.0 {
            height.iter_mut().zip(&*eta).for_each(|(h, e)| *h += leaf.rows.y[i] * e);
        }
    }
    let mut log = vec![0.0; mu.len()];
    logistic(&mut mu, &mut log);
    for (log, i) in log.chunks_exact(points).zip(leaf.records.clone()) {
        height.iter_mut().zip(log).for_each(|(h, l)| *h -= leaf.rows.trials[i] * l);
    }
    At { u, mu, height }
}

/// M'g − u and A per point.
fn slopes<const W: usize>(leaf: &Leaf<W>, at: &At<W>) -> (Vec<SVector<f64, W>>, Vec<SMatrix<f64, W, W>>) {
    let points = leaf.block.len();
    let mut slope = (0..points).map(|p| SVector::from_fn(|a, _| -at.u[a][p])).collect::<Vec<_>>();
    let mut precision = vec![SMatrix::<f64, W, W>::identity(); points];
    for (mu, i) in at.mu.chunks_exact(points).zip(leaf.records.clone()) {
        let (y, trials) = (leaf.rows.y[i], leaf.rows.trials[i]);
        let m = SVector::<f64, W>::from_column_slice(&leaf.rows.m(i)[..W]);
        let square = m * m.transpose();
        for p in 0..points {
            let expected = trials * mu[p];
            slope[p] += m * (y - expected);
            precision[p] += square * (expected * (1.0 - mu[p]));
        }
    }
    (slope, precision)
}
