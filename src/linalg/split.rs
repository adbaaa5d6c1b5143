//! tr(A⁻¹ȦₖA⁻¹Ȧₗ) over directions k, l for a matrix kept in fronts.
//!
//! Eliminating front j, with G = A_tj A_jj⁻¹, Q = Ȧ_tj − GȦ_jj and Z = A⁻¹,
//!
//! ```text
//! tr(A⁻¹ȦₖA⁻¹Ȧₗ) = <Bₖ, Bₗ> + 2 <Z_tt Cₖ, Cₗ> + the same of what is left,    B = L⁻¹Ȧ_jjL⁻ᵀ,   C = QL⁻ᵀ,
//! Ȧ_tt ← Ȧ_tt − QG' − GȦ_jt
//! ```
//!
//! so each direction is an elimination of its own, the directions side by side, and one matrix product over all panels ends it.

use super::factor::{Factor, gather, into};
use super::fronts::{Fronts, Reach};
use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

/// One direction: Ȧ on the way in; (B; C) and (B; 2Z_tt C) on the way out.
struct Direction<'a> {
    right: &'a mut [f64],
    left: Vec<f64>,
}

/// One front, as every direction meets it.
struct Front<'a> {
    fronts: &'a Fronts,
    number: usize,
    width: usize,
    rows: usize,
    block: MatRef<'a, f64>,
    gain: Mat<f64>,
    through: Mat<f64>,
}

/// Numbers in a front's panel from which directions are shared between threads.
const WORTH_SHARING: usize = 256;

/// The traces for all pairs of `changes` (places of [`Fronts::at`]), which are used up. `inverse` is A⁻¹ on the pattern.
pub fn traces(fronts: &Fronts, factor: &Factor, inverse: &[f64], changes: &mut [Vec<f64>]) -> Vec<Vec<f64>> {
    let mut directions =
        changes.iter_mut().map(|c| Direction { left: vec![0.0; c.len()], right: c }).collect::<Vec<_>>();
    for number in 0..fronts.count() {
        let (width, rows) = (fronts.own(number).len(), fronts.below(number).len());
        let end = fronts.panel(number).end;
        let front = Front {
            fronts,
            number,
            width,
            rows,
            block: factor.panel(fronts, number).subrows(0, width),
            gain: factor.gain(fronts, number),
            through: gather(fronts, number, &inverse[end..], end),
        };
        if (width + rows) * width < WORTH_SHARING {
            directions.iter_mut().for_each(|d| front.eliminate(d));
        } else {
            directions.par_iter_mut().for_each(|d| front.eliminate(d));
        }
    }
    let pair = |k: usize, l: usize| -> f64 { dot(&directions[k].left, directions[l].right) };
    (0..directions.len()).into_par_iter().map(|k| (0..=k).map(|l| pair(k, l)).collect()).collect()
}

impl Front<'_> {
    fn eliminate(&self, direction: &mut Direction) {
        if self.width == 1 { self.eliminate_column(direction) } else { self.eliminate_columns(direction) }
    }

    /// A front of one column, as most of a nested chain are: plain loops, as calls would cost more than the work.
    fn eliminate_column(&self, direction: &mut Direction) {
        let range = self.fronts.panel(self.number);
        let (before, after) = direction.right.split_at_mut(range.end);
        let (block, cross) = before[range.start..].split_at_mut(1);
        let inverse = 1.0 / self.block[(0, 0)];
        let gain = |t: usize| self.gain[(t, 0)];
        for reach in self.fronts.reaches(self.number) {
            let panel = self.fronts.panel(reach.of);
            let target = &mut after[panel.start - range.end..panel.end - range.end];
            let places = self.fronts.places(self.number, reach);
            for t in reach.first..reach.end {
                let column = into(self.fronts, self.number, reach, t - reach.first, target);
                let q = cross[t] - gain(t) * block[0];
                for s in t..self.rows {
                    column[places[s - reach.first] as usize] -= gain(s) * q + gain(t) * cross[s];
                }
            }
        }
        (0..self.rows).for_each(|t| cross[t] = inverse * (cross[t] - gain(t) * block[0]));
        block[0] *= inverse * inverse;
        let left = &mut direction.left[range];
        left[0] = block[0];
        for t in 0..self.rows {
            left[1 + t] = 2.0 * (0..self.rows).map(|s| self.through[(s, t)] * cross[s]).sum::<f64>();
        }
    }

    fn eliminate_columns(&self, direction: &mut Direction) {
        let range = self.fronts.panel(self.number);
        let (before, after) = direction.right.split_at_mut(range.end);
        let own = MatMut::from_column_major_slice_mut(&mut before[range.start..], self.width + self.rows, self.width);
        let (mut block, mut cross) = own.split_at_row_mut(self.width);
        for j in 0..self.width {
            for i in j + 1..self.width {
                block[(j, i)] = block[(i, j)];
            }
        }
        if self.rows > 0 {
            let before = cross.as_ref().to_owned();
            matmul(cross.as_mut(), Accum::Add, &self.gain, block.as_ref(), -1.0, Par::Seq);
            for reach in self.fronts.reaches(self.number) {
                let panel = self.fronts.panel(reach.of);
                let target = &mut after[panel.start - range.end..panel.end - range.end];
                self.pass_on(reach, cross.as_ref(), before.as_ref(), target);
            }
            solve_lower_triangular_in_place(self.block, cross.as_mut().transpose_mut(), Par::Seq);
        }
        solve_lower_triangular_in_place(self.block, block.as_mut(), Par::Seq);
        solve_lower_triangular_in_place(self.block, block.as_mut().transpose_mut(), Par::Seq);
        let left = MatMut::from_column_major_slice_mut(&mut direction.left[range], self.width + self.rows, self.width);
        let (mut left_block, left_cross) = left.split_at_row_mut(self.width);
        left_block.copy_from(block);
        if self.rows > 0 {
            matmul(left_cross, Accum::Replace, &self.through, cross, 2.0, Par::Seq);
        }
    }

    /// Takes QG' + GȦ_jt off the later panel that `reach` leads to.
    fn pass_on(&self, reach: &Reach, q: MatRef<'_, f64>, cross: MatRef<'_, f64>, target: &mut [f64]) {
        let (rows, columns) = (self.rows - reach.first, reach.end - reach.first);
        let mut product = Mat::zeros(rows, columns);
        let (q, gain, cross) = (reaching(q, reach), reaching(self.gain.as_ref(), reach), reaching(cross, reach));
        matmul(product.as_mut(), Accum::Replace, q, gain.subrows(0, columns).transpose(), 1.0, Par::Seq);
        matmul(product.as_mut(), Accum::Add, gain, cross.subrows(0, columns).transpose(), 1.0, Par::Seq);
        let places = self.fronts.places(self.number, reach);
        for t in 0..columns {
            let column = into(self.fronts, self.number, reach, t, target);
            for s in t..rows {
                column[places[s] as usize] -= product[(s, t)];
            }
        }
    }
}

/// The rows of a front from those of `reach` on.
fn reaching<'a>(rows: MatRef<'a, f64>, reach: &Reach) -> MatRef<'a, f64> {
    rows.subrows(reach.first, rows.nrows() - reach.first)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (x, y) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = x.remainder().iter().zip(y.remainder()).map(|(a, b)| a * b).sum();
    for (x, y) in x.zip(y) {
        (0..LANES).for_each(|k| sums[k] += x[k] * y[k]);
    }
    sums.iter().sum::<f64>() + rest
}
