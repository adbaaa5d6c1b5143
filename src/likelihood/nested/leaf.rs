//! The integral over a unit of the finest level, at many points of the effects above it at once, with its derivatives.
//!
//! The unit's records see the effects above as offsets, one per point. At every point the unit has a mode of its own, and nodes
//! around it: adaptive quadrature of one grouping factor, so value and gradient are those of `quadrature`. Numbers are stored
//! record after record, a number per point (and node), so that the logistic function runs over long rows.

use super::rows::Rows;
use super::settle::{Settled, settle};
use super::{Out, Shared, Start};
use crate::likelihood::logistic::logistic;
use crate::likelihood::quadrature::Rule;
use crate::likelihood::weights::Weights;
use nalgebra::{SMatrix, SVector};
use std::ops::Range;

/// Numbers held at once: a few such arrays stay in the second-level cache.
const BLOCK: usize = 16_384;

/// The unit at some of the points.
pub(super) struct Leaf<'a, const W: usize> {
    pub(super) rows: &'a Rows,
    pub(super) records: Range<usize>,
    /// The linear predictor without the unit's effects: records by all points.
    pub(super) base: &'a [f64],
    /// Number of all points.
    pub(super) points: usize,
    /// The points of this block.
    pub(super) block: Range<usize>,
    rule: &'a Rule,
    lambda: SMatrix<f64, W, W>,
}

/// Adds what `unit` gives at each point to `out`; `base` is the linear predictor of its records there, records by points.
pub(super) fn integrate<const W: usize>(
    shared: &Shared,
    rows: &Rows,
    unit: usize,
    (base, points): (&[f64], usize),
    start: &Start,
    out: &mut Out,
) {
    let level = &shared.tree.levels[0];
    let records = level.records(unit);
    let records = records.start - rows.first..records.end - rows.first;
    let rule = &shared.rules[0];
    let size = (BLOCK / (records.len() * rule.count())).clamp(1, points);
    let lambda = SMatrix::from_row_slice(&shared.lambda.0[level.grouping]);
    for begin in (0..points).step_by(size) {
        let block = begin..(begin + size).min(points);
        let mut u = std::array::from_fn::<_, W, _>(|_| vec![0.0; block.len()]);
        let mut own = [0.0; W];
        for (p, point) in block.clone().enumerate() {
            start(point, 0, unit, &mut own);
            (0..W).for_each(|a| u[a][p] = own[a]);
        }
        let leaf = Leaf { rows, records: records.clone(), base, points, block, rule, lambda };
        let settled = settle(&leaf, u);
        leaf.add(&settled, out);
    }
}

/// Places of the nodes, a number per point and node.
struct Nodes<const W: usize> {
    u: [Vec<f64>; W],
    /// γ = Z'g there.
    gamma: [Vec<f64>; W],
    /// π.
    weights: Vec<f64>,
    /// log Σ exp, per point.
    log: Vec<f64>,
    /// ḡ = Σ πg: records by points.
    mean: Vec<f64>,
}

impl<const W: usize> Leaf<'_, W> {
    /// z of a record on the unit's own effects.
    #[inline]
    fn z(&self, i: usize) -> SVector<f64, W> {
        SVector::from_column_slice(&self.rows.z(i)[..W])
    }

    fn add(&self, settled: &Settled<W>, out: &mut Out) {
        let nodes = self.nodes(settled);
        let count = self.rule.count();
        let lambdas = out.by_lambda.len() / self.points;
        for (p, point) in self.block.clone().enumerate() {
            let r = &settled.r[p];
            let own = p * count..(p + 1) * count;
            let log_det: f64 = -2.0 * r.diagonal().map(f64::ln).sum();
            out.log[point] += nodes.log[p] - log_det / 2.0;
            let mode = SVector::<f64, W>::from_fn(|a, _| settled.u[a][p]);
            let (mut mean, mut spread) = (SVector::<f64, W>::zeros(), SMatrix::<f64, W, W>::zeros());
            let mut direct = SMatrix::<f64, W, W>::zeros();
            for (l, q) in own.enumerate() {
                let at = |of: &[Vec<f64>; W]| SVector::<f64, W>::from_fn(|a, _| of[a][q]);
                let (u, gamma) = (at(&nodes.u), at(&nodes.gamma));
                let s = (self.lambda.transpose() * gamma - u) * nodes.weights[q];
                let z = SVector::<f64, W>::from_fn(|a, _| self.rule.z[a][l]);
                mean += s;
                spread += s * z.transpose();
                direct += gamma * u.transpose() * nodes.weights[q];
            }
            let full = spread.transpose() * r + SMatrix::identity();
            let k = SMatrix::<f64, W, W>::from_fn(|a, b| full[(a.max(b), a.min(b))]);
            let b = r * k * r.transpose();
            let c = self.lambda * b * self.lambda.transpose();
            let v = self.at_mode(settled, p, &c, |t| r * (r.transpose() * (self.lambda.transpose() * t - mean * 2.0)));
            let b_v = self.lambda * v.effects;
            let by_lambda = direct
                - v.q * self.lambda * b
                - ((v.t - v.q * b_v) * mode.transpose() + v.gamma * v.effects.transpose()) * 0.5;
            let cell = &mut out.by_lambda[point * lambdas..point * lambdas + W * W];
            for a in 0..W {
                (0..W).for_each(|d| cell[a * W + d] += by_lambda[(a, d)]);
            }
            for (at, i) in self.records.clone().enumerate() {
                let (z, place) = (self.z(i), at * self.block.len() + p);
                let Weights { w, w1, .. } = self.weights(settled, at, p);
                let r = w1 * z.dot(&(c * z)) - w * z.dot(&b_v);
                out.slopes[at * self.points + point] = nodes.mean[place] - r / 2.0;
            }
        }
    }

    /// W, its derivatives and g of a record at the mode of a point.
    #[inline]
    fn weights(&self, settled: &Settled<W>, at: usize, p: usize) -> Weights {
        let i = self.records.start + at;
        Weights::new(settled.mu[at * self.block.len() + p], self.rows.y[i], self.rows.trials[i])
    }

    /// Sums at the mode, and v from t = Z'(W₁∘c).
    fn at_mode(
        &self,
        settled: &Settled<W>,
        p: usize,
        c: &SMatrix<f64, W, W>,
        v: impl Fn(SVector<f64, W>) -> SVector<f64, W>,
    ) -> AtMode<W> {
        let (mut gamma, mut q, mut t) = (SVector::zeros(), SMatrix::zeros(), SVector::zeros());
        for (at, i) in self.records.clone().enumerate() {
            let z = self.z(i);
            let Weights { w, w1, g, .. } = self.weights(settled, at, p);
            gamma += z * g;
            q += z * z.transpose() * w;
            t += z * (w1 * z.dot(&(c * z)));
        }
        AtMode { gamma, q, t, effects: v(t) }
    }

    /// Places the nodes, and reads the records there.
    fn nodes(&self, settled: &Settled<W>) -> Nodes<W> {
        let (count, points) = (self.rule.count(), self.block.len());
        let length = count * points;
        let room = || std::array::from_fn::<_, W, _>(|_| vec![0.0; length]);
        let (mut u, mut b) = (room(), room());
        let mut weights = vec![0.0; length];
        for p in 0..points {
            let mode = SVector::<f64, W>::from_fn(|a, _| settled.u[a][p]);
            for l in 0..count {
                let q = p * count + l;
                let node = mode + settled.r[p] * SVector::<f64, W>::from_fn(|a, _| self.rule.z[a][l]);
                let effect = self.lambda * node;
                weights[q] = self.rule.log_weights[l] - node.norm_squared() / 2.0;
                (0..W).for_each(|a| (u[a][q], b[a][q]) = (node[a], effect[a]));
            }
        }
        let mut eta = vec![0.0; self.records.len() * length];
        let mut log = vec![0.0; eta.len()];
        for (at, eta) in eta.chunks_exact_mut(length).enumerate() {
            let i = self.records.start + at;
            let z = self.rows.z(i);
            for (p, eta) in eta.chunks_exact_mut(count).enumerate() {
                eta.fill(self.base[at * self.points + self.block.start + p]);
            }
            (0..W).for_each(|a| eta.iter_mut().zip(&b[a]).for_each(|(e, b)| *e += z[a] * b));
            if self.rows.y[i] > 0.0 {
                weights.iter_mut().zip(&*eta).for_each(|(h, e)| *h += self.rows.y[i] * e);
            }
        }
        logistic(&mut eta, &mut log);
        for (at, log) in log.chunks_exact(length).enumerate() {
            let trials = self.rows.trials[self.records.start + at];
            weights.iter_mut().zip(log).for_each(|(h, l)| *h -= trials * l);
        }
        let log = weights.chunks_exact_mut(count).map(normalise).collect();
        let mut gamma = room();
        let mut mean = Vec::with_capacity(self.records.len() * points);
        for (at, g) in eta.chunks_exact_mut(length).enumerate() {
            let i = self.records.start + at;
            let (y, trials, z) = (self.rows.y[i], self.rows.trials[i], self.rows.z(i));
            g.iter_mut().for_each(|p| *p = y - trials * *p);
            let shares = g.chunks_exact(count).zip(weights.chunks_exact(count));
            mean.extend(shares.map(|(g, w)| g.iter().zip(w).map(|(g, w)| g * w).sum::<f64>()));
            (0..W).for_each(|a| gamma[a].iter_mut().zip(&*g).for_each(|(x, g)| *x += z[a] * g));
        }
        Nodes { u, gamma, weights, log, mean }
    }
}

/// Sums over the unit's records at the mode of one point.
struct AtMode<const W: usize> {
    /// Z'g.
    gamma: SVector<f64, W>,
    /// Z'WZ.
    q: SMatrix<f64, W, W>,
    /// Z'(W₁∘c).
    t: SVector<f64, W>,
    /// v.
    effects: SVector<f64, W>,
}

/// Turns heights into shares that add up to 1; gives log Σ exp.
pub(super) fn normalise(heights: &mut [f64]) -> f64 {
    let top = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for h in heights.iter_mut() {
        *h = (*h - top).exp();
        sum += *h;
    }
    heights.iter_mut().for_each(|h| *h /= sum);
    top + sum.ln()
}
