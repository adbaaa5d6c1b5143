//! The integral over a unit above the finest level, at several points of the effects above it, with its derivatives.

use super::adjoint::Adjoint;
use super::branch::Branch;
use super::joint::Joint;
use super::leaf::{integrate as integrate_leaf, normalise};
use super::rows::Rows;
use super::{Out, Shared, Start};
use crate::likelihood::quadrature::Rule;
use nalgebra::{DMatrix, DVector};

/// Adds what `unit` of `level` gives at each point to `out`; `base` is the linear predictor of its records there, records by
/// points.
pub(super) fn integrate(
    shared: &Shared,
    rows: &Rows,
    (level, unit): (usize, usize),
    (base, points): (&[f64], usize),
    start: &Start,
    out: &mut Out,
) {
    if level > 0 {
        return above(shared, rows, (level, unit), (base, points), start, out);
    }
    let leaf = match shared.tree.levels[0].width {
        1 => integrate_leaf::<1>,
        2 => integrate_leaf::<2>,
        _ => integrate_leaf::<3>,
    };
    leaf(shared, rows, unit, (base, points), start, out);
}

/// The nodes of a unit at one point.
struct Nodes {
    joint: Joint,
    r: DMatrix<f64>,
    /// Node after node, vₖ.
    v: Vec<DVector<f64>>,
}

fn above(
    shared: &Shared,
    rows: &Rows,
    (level, unit): (usize, usize),
    (base, points): (&[f64], usize),
    start: &Start,
    out: &mut Out,
) {
    let branch = Branch::new(shared, rows, level, unit);
    let rule = &shared.rules[level];
    let (count, n) = (rule.count(), branch.records().len());
    let placed =
        (0..points).map(|p| place(&branch, rule, &column(base, points, p), p, start)).collect::<Option<Vec<_>>>();
    let Some(placed) = placed else {
        out.log.iter_mut().for_each(|log| *log = f64::NAN);
        return;
    };
    let length = points * count;
    let inner = &base_at_nodes(&branch, base, points, &placed);
    let mut heights = vec![0.0; length];
    for (p, nodes) in placed.iter().enumerate() {
        for (l, v) in nodes.v.iter().enumerate() {
            heights[p * count + l] = rule.log_weights[l] - v.norm_squared() / 2.0;
        }
    }
    let below: usize = shared.tree.levels[..level].iter().map(|l| l.width * l.width).sum();
    let mut slopes = vec![0.0; n * length];
    let mut by_lambda = vec![0.0; length * below];
    let moves = placed.iter().map(|nodes| nodes.joint.fronts.moves(&branch)).collect::<Vec<_>>();
    let follow = |q: usize, j: usize, unit: usize, own: &mut [f64]| {
        let nodes = &placed[q / count];
        let shift = nodes.v[q % count].iter().zip(nodes.joint.centre()).map(|(v, centre)| v - centre);
        let (k, w, x) = (branch.own(level), branch.width(j), unit - branch.units[j].start);
        for (a, own) in own.iter_mut().enumerate() {
            let moves = &moves[q / count][j][(x * w + a) * k..(x * w + a + 1) * k];
            *own = nodes.joint.path[j][x * w + a] + moves.iter().zip(shift.clone()).map(|(m, s)| m * s).sum::<f64>();
        }
    };
    let first = branch.records().start;
    for child in shared.tree.levels[level].children(unit) {
        let records = shared.tree.levels[level - 1].records(child);
        let part = (records.start - rows.first - first) * length..(records.end - rows.first - first) * length;
        let mut out = Out { log: &mut heights, slopes: &mut slopes[part.clone()], by_lambda: &mut by_lambda };
        integrate(shared, rows, (level - 1, child), (&inner[part], length), &follow, &mut out);
    }
    for (p, nodes) in placed.iter().enumerate() {
        let own = p * count..(p + 1) * count;
        let heights = &mut heights[own.clone()];
        let log_det: f64 = -2.0 * nodes.r.diagonal().map(f64::ln).sum();
        out.log[p] += normalise(heights) - log_det / 2.0;
        let inner = Inner { slopes: &slopes, by_lambda: &by_lambda, length, below };
        inner.gather(&branch, (p, points), heights, nodes, out);
    }
}

/// What the units inside gave, at every point and node.
struct Inner<'a> {
    slopes: &'a [f64],
    by_lambda: &'a [f64],
    length: usize,
    below: usize,
}

impl Inner<'_> {
    /// Weighs the derivatives at the nodes of one point, and adds those of the nodes' places.
    fn gather(&self, branch: &Branch, (p, points): (usize, usize), weights: &[f64], nodes: &Nodes, out: &mut Out) {
        let (level, k) = (branch.level, branch.own(branch.level));
        let (tree, records) = (branch.shared.tree, branch.records());
        let (rule, first_node) = (&branch.shared.rules[level], p * weights.len());
        let column = tree.columns[level];
        let lambda = DMatrix::from_row_slice(k, k, &branch.shared.lambda.0[tree.levels[level].grouping]);
        let mut gamma = DMatrix::<f64>::zeros(k, weights.len());
        let mut own = vec![0.0; records.len()];
        for (at, i) in records.enumerate() {
            let slopes = &self.slopes[at * self.length + first_node..at * self.length + first_node + weights.len()];
            own[at] = slopes.iter().zip(weights).map(|(s, w)| s * w).sum();
            for (l, s) in slopes.iter().enumerate() {
                (0..k).for_each(|a| gamma[(a, l)] += branch.rows.z(i)[column + a] * s);
            }
        }
        let (mut mean, mut spread, mut direct) = (DVector::zeros(k), DMatrix::zeros(k, k), DMatrix::zeros(k, k));
        let mut by_lambda = vec![0.0; self.below + k * k];
        for (l, &weight) in weights.iter().enumerate() {
            let (gamma, v) = (gamma.column(l), &nodes.v[l]);
            let s = (lambda.transpose() * gamma - v) * weight;
            spread += &s * DVector::from_fn(k, |a, _| rule.z[a][l]).transpose();
            mean += s;
            direct += gamma * v.transpose() * weight;
            let of = &self.by_lambda[(first_node + l) * self.below..(first_node + l + 1) * self.below];
            by_lambda.iter_mut().zip(of).for_each(|(x, y)| *x += weight * y);
        }
        for a in 0..k {
            (0..k).for_each(|b| by_lambda[self.below + a * k + b] += direct[(a, b)]);
        }
        let adjoint = Adjoint::new(&nodes.r, mean, &spread);
        nodes.joint.pull(branch, &adjoint, &mut own, &mut by_lambda);
        for (at, slope) in own.iter().enumerate() {
            out.slopes[at * points + p] = *slope;
        }
        let cell = &mut out.by_lambda[p * by_lambda.len()..(p + 1) * by_lambda.len()];
        cell.iter_mut().zip(&by_lambda).for_each(|(x, y)| *x += y);
    }
}

/// The numbers of one point, of records by points.
fn column(of: &[f64], points: usize, p: usize) -> Vec<f64> {
    of.iter().skip(p).step_by(points).copied().collect()
}

/// Joint mode and nodes at one point.
fn place(branch: &Branch, rule: &Rule, base: &[f64], p: usize, start: &Start) -> Option<Nodes> {
    let (level, k) = (branch.level, branch.own(branch.level));
    let mut path = branch.room(|j| branch.width(j));
    for j in 0..=level {
        let (own, w) = (branch.own(j), branch.width(j));
        for (x, path) in path[j].chunks_exact_mut(w).enumerate() {
            start(p, j, branch.units[j].start + x, &mut path[..own]);
        }
    }
    let joint = Joint::find(branch, base, path)?;
    let l = DMatrix::from_row_slice(k, k, joint.fronts.root()).lower_triangle();
    let r = l.solve_lower_triangular(&DMatrix::identity(k, k))?.transpose();
    let centre = DVector::from_column_slice(joint.centre());
    let node = |l: usize| &centre + &r * DVector::from_fn(k, |a, _| rule.z[a][l]);
    let v = (0..rule.count()).map(node).collect();
    Some(Nodes { joint, r, v })
}

/// The linear predictor at every node of every point: records by points by nodes.
fn base_at_nodes(branch: &Branch, base: &[f64], points: usize, placed: &[Nodes]) -> Vec<f64> {
    let (k, column) = (branch.own(branch.level), branch.shared.tree.columns[branch.level]);
    let mut inner = Vec::with_capacity(base.len() * placed[0].v.len());
    for (at, i) in branch.records().enumerate() {
        let m = &branch.rows.m(i)[column..column + k];
        for (nodes, base) in placed.iter().zip(&base[at * points..(at + 1) * points]) {
            inner.extend(nodes.v.iter().map(|v| base + m.iter().zip(v.iter()).map(|(m, v)| m * v).sum::<f64>()));
        }
    }
    inner
}
