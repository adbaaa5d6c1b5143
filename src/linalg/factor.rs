//! The Cholesky factor of a symmetric positive definite matrix kept in fronts: factor, solve, inverse on the pattern.
//!
//! Sources: right-looking supernodal Cholesky (Davis, *Direct Methods for Sparse Linear Systems*, 2006, ch. 4); the inverse on
//! the pattern by Takahashi's recursion (Takahashi, Fagan & Chen 1973), a front at a time.
//!
//! faer is built without its thread pool, so every operation here runs on the calling thread and gives the same bits always.

use super::fronts::{Fronts, Reach};
use super::panel;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// L, in the panels of its fronts.
pub struct Factor {
    values: Vec<f64>,
    log_det: f64,
}

impl Factor {
    /// Factors the matrix in `values` (places of [`Fronts::at`]); `None` if it is not positive definite.
    pub fn new(fronts: &Fronts, mut values: Vec<f64>) -> Option<Self> {
        let mut log_det = 0.0;
        let mut product = Vec::new();
        for front in 0..fronts.count() {
            let (width, rows) = (fronts.own(front).len(), fronts.below(front).len());
            let range = fronts.panel(front);
            let (before, after) = values.split_at_mut(range.end);
            let own = &mut before[range.start..];
            if !panel::factor(own, width, rows) {
                return None;
            }
            log_det += (0..width).map(|a| 2.0 * own[a * (width + rows + 1)].ln()).sum::<f64>();
            for reach in fronts.reaches(front) {
                let into = fronts.panel(reach.of);
                let target = &mut after[into.start - range.end..into.end - range.end];
                update(fronts, front, reach, own, target, &mut product);
            }
        }
        log_det.is_finite().then_some(Self { values, log_det })
    }

    /// log-determinant.
    pub fn log_det(&self) -> f64 {
        self.log_det
    }

    /// Solves A x = b in place for right-hand sides stored n x m, row after row.
    pub fn solve_rows(&self, fronts: &Fronts, b: &mut [f64], m: usize) {
        for front in 0..fronts.count() {
            let (start, width) = (fronts.own(front).start, fronts.own(front).len());
            let below = fronts.below(front);
            let height = width + below.len();
            let panel = &self.values[fronts.panel(front)];
            for a in 0..width {
                let column = &panel[a * height..(a + 1) * height];
                let (head, rest) = b.split_at_mut((start + a + 1) * m);
                let x = &mut head[(start + a) * m..];
                x.iter_mut().for_each(|x| *x /= column[a]);
                for r in a + 1..width {
                    subtract(&mut rest[(r - a - 1) * m..(r - a) * m], column[r], x);
                }
                for (&row, l) in below.iter().zip(&column[width..]) {
                    let at = (row as usize - start - a - 1) * m;
                    subtract(&mut rest[at..at + m], *l, x);
                }
            }
        }
        self.solve_transposed(fronts, b, m);
    }

    /// L⁻ᵀ b in place for vectors stored n x m, row after row: of independent standard normals it makes draws with covariance A⁻¹.
    pub fn solve_transposed(&self, fronts: &Fronts, b: &mut [f64], m: usize) {
        for front in (0..fronts.count()).rev() {
            let (start, width) = (fronts.own(front).start, fronts.own(front).len());
            let below = fronts.below(front);
            let height = width + below.len();
            let panel = &self.values[fronts.panel(front)];
            for a in (0..width).rev() {
                let column = &panel[a * height..(a + 1) * height];
                let (head, rest) = b.split_at_mut((start + a + 1) * m);
                let x = &mut head[(start + a) * m..];
                for r in a + 1..width {
                    subtract(x, column[r], &rest[(r - a - 1) * m..(r - a) * m]);
                }
                for (&row, l) in below.iter().zip(&column[width..]) {
                    let at = (row as usize - start - a - 1) * m;
                    subtract(x, *l, &rest[at..at + m]);
                }
                x.iter_mut().for_each(|x| *x /= column[a]);
            }
        }
    }

    /// L of a front: (c + m) x c.
    pub(super) fn panel<'a>(&'a self, fronts: &Fronts, front: usize) -> MatRef<'a, f64> {
        let (width, rows) = (fronts.own(front).len(), fronts.below(front).len());
        MatRef::from_column_major_slice(&self.values[fronts.panel(front)], width + rows, width)
    }

    /// G = L_tj L_jj⁻¹ of a front: what its rows take from its columns, m x c.
    pub(super) fn gain(&self, fronts: &Fronts, front: usize) -> Mat<f64> {
        let width = fronts.own(front).len();
        let panel = self.panel(fronts, front);
        let mut gain = panel.subrows(width, panel.nrows() - width).to_owned();
        // G L = L_tj, transposed: L'G' = L_tj'.
        let upper = panel.subrows(0, width).transpose();
        faer::linalg::triangular_solve::solve_upper_triangular_in_place(upper, gain.as_mut().transpose_mut(), Par::Seq);
        gain
    }

    /// A⁻¹ on the pattern, in the panels of the fronts; a front's own block is written in full.
    ///
    /// From the last front to the first: Z_tj = −Z_tt G, Z_jj = A_jj⁻¹ − G'Z_tj.
    pub fn inverse(&self, fronts: &Fronts) -> Vec<f64> {
        let mut z = vec![0.0; self.values.len()];
        for front in (0..fronts.count()).rev() {
            let (width, rows) = (fronts.own(front).len(), fronts.below(front).len());
            let range = fronts.panel(front);
            let (before, after) = z.split_at_mut(range.end);
            let own = MatMut::from_column_major_slice_mut(&mut before[range.start..], width + rows, width);
            let (mut block, mut cross) = own.split_at_row_mut(width);
            panel::inverse(self.panel(fronts, front).subrows(0, width), block.as_mut());
            if rows == 0 {
                continue;
            }
            let gain = self.gain(fronts, front);
            let through = gather(fronts, front, after, range.end);
            matmul(cross.as_mut(), Accum::Replace, &through, &gain, -1.0, Par::Seq);
            matmul(block, Accum::Add, gain.transpose(), cross, -1.0, Par::Seq);
        }
        z
    }
}

/// Z_tt of the rows of a front, m x m, from the panels after `offset`.
pub(super) fn gather(fronts: &Fronts, front: usize, after: &[f64], offset: usize) -> Mat<f64> {
    let below = fronts.below(front);
    let mut z = Mat::zeros(below.len(), below.len());
    for reach in fronts.reaches(front) {
        let (start, places) = (fronts.own(reach.of).start, fronts.places(front, reach));
        let height = fronts.own(reach.of).len() + fronts.below(reach.of).len();
        let panel = &after[fronts.panel(reach.of).start - offset..];
        for t in reach.first..reach.end {
            let column = &panel[(below[t] as usize - start) * height..];
            for s in t..below.len() {
                let x = column[places[s - reach.first] as usize];
                z[(s, t)] = x;
                z[(t, s)] = x;
            }
        }
    }
    z
}

/// Takes L_tj L_tj' off the later panel that `reach` leads to.
fn update(fronts: &Fronts, front: usize, reach: &Reach, own: &[f64], target: &mut [f64], product: &mut Vec<f64>) {
    let (width, below) = (fronts.own(front).len(), fronts.below(front));
    let height = width + below.len();
    let (rows, columns) = (below.len() - reach.first, reach.end - reach.first);
    if width < 4 || columns < 4 {
        for t in 0..columns {
            let column = into(fronts, front, reach, t, target);
            for a in 0..width {
                let l = &own[a * height + width + reach.first..(a + 1) * height];
                let factor = l[t];
                for (place, x) in fronts.places(front, reach)[t..].iter().zip(&l[t..]) {
                    column[*place as usize] -= factor * x;
                }
            }
        }
        return;
    }
    product.clear();
    product.resize(rows * columns, 0.0);
    let below_columns = MatRef::from_column_major_slice(own, height, width).subrows(width + reach.first, rows);
    let all = MatMut::from_column_major_slice_mut(product, rows, columns);
    matmul(all, Accum::Replace, below_columns, below_columns.subrows(0, columns).transpose(), 1.0, Par::Seq);
    for t in 0..columns {
        let column = into(fronts, front, reach, t, target);
        for (place, x) in fronts.places(front, reach)[t..].iter().zip(&product[t * rows + t..]) {
            column[*place as usize] -= x;
        }
    }
}

/// The column of the later panel that row `reach.first + t` of a front is.
pub(super) fn into<'a>(fronts: &Fronts, front: usize, reach: &Reach, t: usize, target: &'a mut [f64]) -> &'a mut [f64] {
    let height = fronts.own(reach.of).len() + fronts.below(reach.of).len();
    let column = fronts.below(front)[reach.first + t] as usize - fronts.own(reach.of).start;
    &mut target[column * height..(column + 1) * height]
}

#[inline]
fn subtract(out: &mut [f64], factor: f64, x: &[f64]) {
    out.iter_mut().zip(x).for_each(|(o, x)| *o -= factor * x);
}
