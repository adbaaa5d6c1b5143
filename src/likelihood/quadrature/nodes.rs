//! Where the nodes of a group lie, and the linear predictor of its records there.

use super::rule::Rule;
use crate::likelihood::problem::Problem;
use crate::linalg::small;
use crate::random::Lambda;
use nalgebra::{SMatrix, SVector};
use std::ops::Range;

/// Numbers held at once for a block of records: they stay in the first-level cache.
const BLOCK: usize = 2_048;

/// What all groups share at one (β, θ).
pub(super) struct Shared<'a, const W: usize> {
    pub(super) problem: &'a Problem,
    pub(super) rule: &'a Rule,
    /// Λ.
    pub(super) lambda: SMatrix<f64, W, W>,
    /// Xβ per pattern.
    pub(super) fixed: &'a [f64],
    /// Modes of every group.
    pub(super) u: &'a [f64],
    /// L of every group.
    pub(super) chol: &'a [f64],
}

/// The nodes of one group.
pub(super) struct Nodes<const W: usize> {
    /// û.
    pub(super) mode: SVector<f64, W>,
    /// R = L⁻ᵀ, upper triangular.
    pub(super) r: SMatrix<f64, W, W>,
    /// zₖ.
    pub(super) z: Vec<SVector<f64, W>>,
    /// uₖ.
    pub(super) u: Vec<SVector<f64, W>>,
    /// bₖ, effect after effect, a number per node.
    pub(super) b: [Vec<f64>; W],
}

impl<const W: usize> Nodes<W> {
    /// Room for the nodes of a rule.
    pub(super) fn new(rule: &Rule) -> Self {
        Self {
            mode: SVector::zeros(),
            r: SMatrix::identity(),
            z: (0..rule.count()).map(|k| SVector::from_fn(|a, _| rule.z[a][k])).collect(),
            u: vec![SVector::zeros(); rule.count()],
            b: std::array::from_fn(|_| vec![0.0; rule.count()]),
        }
    }

    /// Moves the nodes to group `j`.
    pub(super) fn place(&mut self, shared: &Shared<W>, j: usize) {
        let l = &shared.chol[j * W * W..(j + 1) * W * W];
        let mut inverse = SMatrix::<f64, W, W>::identity();
        // L⁻¹ row after row, which read column after column is its transpose, R.
        small::solve_lower(l, W, inverse.as_mut_slice(), W);
        self.r = inverse;
        self.mode = SVector::from_column_slice(&shared.u[j * W..(j + 1) * W]);
        for k in 0..self.z.len() {
            self.u[k] = self.mode + self.r * self.z[k];
            let b = shared.lambda * self.u[k];
            (0..W).for_each(|a| self.b[a][k] = b[a]);
        }
    }
}

impl<'a, const W: usize> Shared<'a, W> {
    /// Puts the parts together.
    pub(super) fn new(
        problem: &'a Problem,
        rule: &'a Rule,
        lambda: &Lambda,
        fixed: &'a [f64],
        u: &'a [f64],
        chol: &'a [f64],
    ) -> Self {
        Self { problem, rule, lambda: SMatrix::from_row_slice(&lambda.0[0]), fixed, u, chol }
    }

    /// z of record `i`.
    #[inline]
    pub(super) fn z(&self, i: usize) -> SVector<f64, W> {
        match &self.problem.groupings[0].z {
            None => SVector::repeat(1.0),
            Some(z) => SVector::from_column_slice(&z[i * W..(i + 1) * W]),
        }
    }

    /// Records of group `j`.
    pub(super) fn records(&self, j: usize) -> Range<usize> {
        self.problem.layout.starts[j]..self.problem.layout.starts[j + 1]
    }

    /// Records of group `j` in blocks, each with its linear predictors: record after record, a number per node.
    pub(super) fn for_each_block(
        &self,
        j: usize,
        nodes: &Nodes<W>,
        scratch: &mut Vec<f64>,
        mut visit: impl FnMut(Range<usize>, &mut [f64]),
    ) {
        let count = self.rule.count();
        let records = self.records(j);
        let rows = (BLOCK / count).max(1);
        for begin in records.clone().step_by(rows) {
            let block = begin..(begin + rows).min(records.end);
            scratch.resize(block.len() * count, 0.0);
            for (i, eta) in block.clone().zip(scratch.chunks_exact_mut(count)) {
                let offset = self.problem.offset.as_ref().map_or(0.0, |o| o[i]);
                let fixed = self.fixed[self.problem.x.pattern(i)] + offset;
                let z = self.z(i);
                eta.iter_mut().zip(&nodes.b[0]).for_each(|(e, b)| *e = fixed + z[0] * b);
                for a in 1..W {
                    eta.iter_mut().zip(&nodes.b[a]).for_each(|(e, b)| *e += z[a] * b);
                }
            }
            visit(block, scratch);
        }
    }
}
