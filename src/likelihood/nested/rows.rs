//! The records under one unit of the top level, gathered in the order of the tree.

use super::Shared;

/// What the kernels read of each record.
pub(super) struct Rows {
    /// Place, in the order of the tree, of the first record.
    pub(super) first: usize,
    /// y.
    pub(super) y: Vec<f64>,
    /// m.
    pub(super) trials: Vec<f64>,
    /// Xβ + offset.
    pub(super) fixed: Vec<f64>,
    /// Effects in a row of z and of M, over all levels.
    pub(super) width: usize,
    /// z, finest level first.
    pub(super) z: Vec<f64>,
    /// M = ZΛ, finest level first.
    pub(super) m: Vec<f64>,
}

impl Rows {
    /// Gathers the records of unit `top` of the top level.
    pub(super) fn new(shared: &Shared, top: usize) -> Self {
        let (problem, tree) = (shared.problem, shared.tree);
        let records = tree.levels[tree.top()].records(top);
        let width = tree.columns[tree.levels.len()];
        let n = records.len();
        let mut rows = Self {
            first: records.start,
            y: Vec::with_capacity(n),
            trials: Vec::with_capacity(n),
            fixed: Vec::with_capacity(n),
            width,
            z: Vec::with_capacity(n * width),
            m: vec![0.0; n * width],
        };
        for &record in &tree.order[records] {
            let i = record as usize;
            rows.y.push(problem.outcome.successes[i]);
            rows.trials.push(problem.outcome.trials[i]);
            let offset = problem.offset.as_ref().map_or(0.0, |o| o[i]);
            rows.fixed.push(shared.fixed[problem.x.pattern(i)] + offset);
            for level in &tree.levels {
                rows.z.extend((0..level.width).map(|a| problem.z(level.grouping, i, a)));
            }
        }
        for (m, z) in rows.m.chunks_exact_mut(width).zip(rows.z.chunks_exact(width)) {
            for (level, &c) in tree.levels.iter().zip(&tree.columns) {
                let (k, lambda) = (level.width, &shared.lambda.0[level.grouping]);
                for b in 0..k {
                    m[c + b] = (b..k).map(|a| z[c + a] * lambda[a * k + b]).sum();
                }
            }
        }
        rows
    }

    /// z of a record, by its place among these.
    #[inline]
    pub(super) fn z(&self, i: usize) -> &[f64] {
        &self.z[i * self.width..(i + 1) * self.width]
    }

    /// Its row of M.
    #[inline]
    pub(super) fn m(&self, i: usize) -> &[f64] {
        &self.m[i * self.width..(i + 1) * self.width]
    }
}
