//! Dense pieces of a front: the factor of a panel, the inverse of its block.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt;
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::prelude::Reborrow;
use faer::{MatMut, MatRef, Par, Spec};

/// Panels up to this width are factored by plain loops.
const NARROW: usize = 8;

/// Factors a panel of (c + m) x c in place, column after column: L of its block, then X L⁻ᵀ below it. `false` if the block is not
/// positive definite.
pub(super) fn factor(panel: &mut [f64], width: usize, rows: usize) -> bool {
    if width <= NARROW {
        return factor_narrow(panel, width, width + rows);
    }
    let (mut block, below) = MatMut::from_column_major_slice_mut(panel, width + rows, width).split_at_row_mut(width);
    let parameters = Spec::default();
    let mut memory = MemBuffer::new(llt::factor::cholesky_in_place_scratch::<f64>(width, Par::Seq, parameters));
    let done = llt::factor::cholesky_in_place(
        block.as_mut(),
        llt::factor::LltRegularization::default(),
        Par::Seq,
        MemStack::new(&mut memory),
        parameters,
    );
    solve_lower_triangular_in_place(block.rb(), below.transpose_mut(), Par::Seq);
    done.is_ok()
}

fn factor_narrow(panel: &mut [f64], width: usize, height: usize) -> bool {
    for a in 0..width {
        let (before, own) = panel.split_at_mut(a * height);
        let own = &mut own[a..height];
        for b in 0..a {
            let column = &before[b * height + a..(b + 1) * height];
            let factor = column[0];
            own.iter_mut().zip(column).for_each(|(x, l)| *x -= factor * l);
        }
        if own[0].is_nan() || own[0] <= 0.0 {
            return false;
        }
        let root = own[0].sqrt();
        own[0] = root;
        own[1..].iter_mut().for_each(|x| *x /= root);
    }
    true
}

/// Writes (LL')⁻¹ in full.
pub(super) fn inverse(l: MatRef<'_, f64>, mut out: MatMut<'_, f64>) {
    let n = l.nrows();
    if n == 1 {
        out[(0, 0)] = 1.0 / (l[(0, 0)] * l[(0, 0)]);
        return;
    }
    let mut memory = MemBuffer::new(llt::inverse::inverse_scratch::<f64>(n, Par::Seq));
    llt::inverse::inverse(out.as_mut(), l, Par::Seq, MemStack::new(&mut memory));
    for j in 0..n {
        for i in j + 1..n {
            out[(j, i)] = out[(i, j)];
        }
    }
}
