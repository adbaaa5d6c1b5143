//! tr(A⁻¹ȦₖA⁻¹Ȧₗ) for all pairs of directions, by elimination.
//!
//! With G = A_jj⁻¹A_jt stacked over levels, N = (−G; I) and S the Schur complement, A⁻¹ = E + N S⁻¹N', E = diag(A_jj⁻¹). Hence
//!
//! ```text
//! tr(A⁻¹ȦₖA⁻¹Ȧₗ) = Σⱼ tr(EȦₖEȦₗ) + 2 Σⱼ tr(S⁻¹ Qₖ'A_jj⁻¹Qₗ) + tr(S⁻¹ṠₖS⁻¹Ṡₗ),   Qₗ = Ȧ_jt − Ȧ_jj G,   Ṡₗ = N'ȦₗN
//! ```
//!
//! Each level's share is formed when its records have been read and is then forgotten.

use super::cell::Cell;
use super::change::{Change, Level, add, by_direction};
use super::laplace::Inverse;
use super::mode::Mode;
use super::problem::Problem;
use crate::linalg::{small, traces};
use ndarray::{Array2, Axis, Slice, linalg::general_mat_mul};
use std::ops::Range;

/// Sum of outer products L'R, gathered in buffers so that the work is matrix multiplication.
pub(super) struct Outer {
    left: Array2<f64>,
    right: Array2<f64>,
    filled: usize,
    sum: Array2<f64>,
}

/// Rows per multiplication: two buffers of 30 columns stay in the first-level cache.
const BUFFER: usize = 128;

impl Outer {
    /// An empty sum of n x n.
    pub(super) fn new(n: usize) -> Self {
        let buffer = Array2::zeros((BUFFER, n));
        Self { left: buffer.clone(), right: buffer, filled: 0, sum: Array2::zeros((n, n)) }
    }

    /// Adds `factor * left right'`.
    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    pub(super) fn push(&mut self, factor: f64, left: &[f64], right: &[f64]) {
        let n = left.len();
        let range = self.filled * n..(self.filled + 1) * n;
        if let (Some(l), Some(r)) = (self.left.as_slice_mut(), self.right.as_slice_mut()) {
            l[range.clone()].iter_mut().zip(left).for_each(|(x, y)| *x = factor * y);
            r[range].copy_from_slice(right);
        }
        self.filled += 1;
        if self.filled == BUFFER {
            self.flush();
        }
    }

    fn flush(&mut self) {
        // `slice_axis` rather than the `s!` macro, which expands to unsafe code.
        let filled = Slice::from(..self.filled);
        let (left, right) = (self.left.slice_axis(Axis(0), filled), self.right.slice_axis(Axis(0), filled));
        general_mat_mul(1.0, &left.t(), &right, 1.0, &mut self.sum);
        self.filled = 0;
    }

    /// The sum.
    pub(super) fn finish(mut self) -> Array2<f64> {
        self.flush();
        self.sum
    }
}

/// Where a pair of effects has its directions.
enum Spot {
    /// In `lead`.
    Lead(Range<usize>),
    /// In `cross`.
    Cross(Range<usize>),
    /// At a place of the fronts.
    Trail(usize),
}

/// Gathers the traces of one piece of records over the directions `from..p + t`.
pub(super) struct Traces<'a> {
    problem: &'a Problem,
    mode: &'a Mode,
    inverse: &'a Inverse,
    from: usize,
    directions: usize,
    /// Ȧ_jj of the level being read: k0 x k0 x directions.
    lead: Vec<f64>,
    /// Ȧ_jt of the level being read: k0 x columns x directions.
    cross: Vec<f64>,
    /// Ṡ.
    change: Change,
    sum: Outer,
}

impl<'a> Traces<'a> {
    /// Nothing read yet of the leading levels `levels`.
    pub(super) fn new(
        problem: &'a Problem,
        mode: &'a Mode,
        inverse: &'a Inverse,
        from: usize,
        levels: &Range<usize>,
    ) -> Self {
        let directions = problem.parameters() - from;
        let k0 = problem.layout.lead;
        Self {
            problem,
            mode,
            inverse,
            from,
            directions,
            lead: vec![0.0; k0 * k0 * directions],
            cross: Vec::new(),
            change: Change::new(problem, levels, directions),
            sum: Outer::new(directions),
        }
    }

    /// Begins leading level `j`.
    pub(super) fn begin_level(&mut self, j: usize) {
        let layout = &self.problem.layout;
        self.lead.fill(0.0);
        self.cross.clear();
        self.cross.resize(layout.lead * layout.level_columns(j).len() * self.directions, 0.0);
    }

    /// Adds a cell of level `j`: M'(Ẇ)M + Ṁ'WM + M'WṀ, with `along_w1` = Σ Ẇ = Σ W₁η̇.
    pub(super) fn add_cell(&mut self, of: &Cell, j: usize, m: &[f64], along_w1: &[f64]) {
        let (i, w) = (of.first, of.w);
        let (width, from) = (self.problem.row_width(), self.from);
        let along_w1 = &along_w1[from..];
        self.change.begin_cell(along_w1);
        for x in 0..width {
            for y in 0..=x {
                match self.spot(i, j, x, y) {
                    Spot::Lead(at) => add(&mut self.lead[at], m[x] * m[y], along_w1),
                    Spot::Cross(at) => add(&mut self.cross[at], m[x] * m[y], along_w1),
                    Spot::Trail(place) => self.change.add(place, m[x] * m[y], along_w1),
                }
            }
        }
        let entries = self.problem.theta.entries.iter().enumerate();
        for (k, e) in entries {
            let direction = self.problem.coefficients() + k - self.from;
            let own = self.problem.row_offsets[e.grouping] + e.column;
            let share = w * self.problem.z(e.grouping, i, e.row);
            for y in 0..width {
                let twice = if y == own { 2.0 } else { 1.0 };
                let value = twice * share * m[y];
                match self.spot(i, j, own.max(y), own.min(y)) {
                    Spot::Lead(at) => self.lead[at.start + direction] += value,
                    Spot::Cross(at) => self.cross[at.start + direction] += value,
                    Spot::Trail(place) => self.change.add_one(place, direction, self.directions, value),
                }
            }
        }
    }

    /// Where the pair of effects (x ≥ y in the record's row of M) lies.
    #[inline]
    fn spot(&self, i: usize, j: usize, x: usize, y: usize) -> Spot {
        let layout = &self.problem.layout;
        let (k0, n) = (layout.lead, self.directions);
        if x < k0 {
            return Spot::Lead((x * k0 + y) * n..(x * k0 + y + 1) * n);
        }
        let (hx, dx) = self.trailing_effect(x);
        if y < k0 {
            let columns = layout.column_starts[j + 1] - layout.column_starts[j];
            let at = y * columns + layout.slots[i * layout.others + hx] as usize + dx;
            return Spot::Cross(at * n..(at + 1) * n);
        }
        let (hy, dy) = self.trailing_effect(y);
        let slot = |h: usize| layout.slots[i * layout.others + h] as usize;
        Spot::Trail(layout.place(j, slot(hx) + dx, slot(hy) + dy))
    }

    #[inline]
    fn trailing_effect(&self, x: usize) -> (usize, usize) {
        let offsets = &self.problem.row_offsets;
        let h = (1..=self.problem.layout.others).rev().find(|&h| offsets[h] <= x).unwrap_or(1);
        (h - 1, x - offsets[h])
    }

    /// Ends leading level `j`: its two traces, and what it leaves on Ṡ.
    pub(super) fn end_level(&mut self, j: usize) {
        let layout = &self.problem.layout;
        let (k0, nd) = (layout.lead, self.directions);
        let n = layout.level_columns(j).len();
        let l = &self.mode.at.chol[j * k0 * k0..(j + 1) * k0 * k0];
        for a in 0..k0 {
            for b in 0..a {
                self.lead.copy_within((a * k0 + b) * nd..(a * k0 + b + 1) * nd, (b * k0 + a) * nd);
            }
        }
        if n > 0 {
            self.eliminate(j, l);
        }
        // B = L⁻¹ȦL⁻ᵀ: the first solve runs over rows; the transpose of the result through the second.
        small::solve_lower(l, k0, &mut self.lead, k0 * nd);
        transpose_blocks(&mut self.lead, k0, nd);
        small::solve_lower(l, k0, &mut self.lead, k0 * nd);
        for block in self.lead.chunks_exact(nd.max(1)) {
            self.sum.push(1.0, block, block);
        }
    }

    fn eliminate(&mut self, j: usize, l: &[f64]) {
        let layout = &self.problem.layout;
        let (k0, nd, n) = (layout.lead, self.directions, layout.level_columns(j).len());
        let mut g = self.mode.at.y[layout.column_starts[j] * k0..layout.column_starts[j + 1] * k0].to_vec();
        small::solve_upper(l, k0, &mut g, n);
        // Q = Ȧ_jt − Ȧ_jj G.
        let mut q = self.cross.clone();
        for a in 0..k0 {
            for b in 0..k0 {
                let of = &self.lead[(a * k0 + b) * nd..(a * k0 + b + 1) * nd];
                for s in 0..n {
                    add(&mut q[(a * n + s) * nd..(a * n + s + 1) * nd], -g[b * n + s], of);
                }
            }
        }
        self.change.eliminate(layout, &Level { j, g: &g, q: &q, cross: &self.cross }, nd);
        small::solve_lower(l, k0, &mut q, n * nd);
        let mut through = vec![0.0; n * nd];
        for q_b in q.chunks_exact(n * nd) {
            through.fill(0.0);
            layout.pairs(j, |t, s, place| {
                let z = self.inverse.trail[place];
                add(&mut through[s * nd..(s + 1) * nd], z, &q_b[t * nd..(t + 1) * nd]);
                if s > t {
                    add(&mut through[t * nd..(t + 1) * nd], z, &q_b[s * nd..(s + 1) * nd]);
                }
            });
            for (through, q) in through.chunks_exact(nd).zip(q_b.chunks_exact(nd)) {
                self.sum.push(2.0, through, q);
            }
        }
    }

    /// The sum over levels, and Ṡ.
    pub(super) fn finish(self) -> (Array2<f64>, Change) {
        (self.sum.finish(), self.change)
    }
}

fn transpose_blocks(a: &mut [f64], k: usize, width: usize) {
    for i in 0..k {
        for j in 0..i {
            for d in 0..width {
                a.swap((i * k + j) * width + d, (j * k + i) * width + d);
            }
        }
    }
}

/// Adds up the pieces: tr(A⁻¹ȦₖA⁻¹Ȧₗ) over the directions, (p + t − from) square.
pub(super) fn total(
    problem: &Problem,
    mode: &Mode,
    inverse: &Inverse,
    parts: Vec<(Array2<f64>, Change)>,
    from: usize,
) -> Array2<f64> {
    let directions = problem.parameters() - from;
    let mut sum = Array2::zeros((directions, directions));
    let (sums, parts): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    sums.iter().for_each(|part| sum += part);
    if problem.layout.trailing > 0 {
        let mut changes = by_direction(&problem.layout, &parts, directions);
        // Before as much is needed again.
        drop(parts);
        let rows = traces(&problem.layout.fronts, &mode.at.schur, &inverse.trail, &mut changes);
        for (k, row) in rows.iter().enumerate() {
            for (l, t) in row.iter().enumerate() {
                sum[(k, l)] += t;
                if l < k {
                    sum[(l, k)] += t;
                }
            }
        }
    }
    sum
}
