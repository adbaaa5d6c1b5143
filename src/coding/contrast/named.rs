//! The matrices of the contrasts that have a name, levels x columns.

use nalgebra::DMatrix;
use std::cmp::Ordering;

/// R's `contr.treatment`.
pub(super) fn treatment(levels: usize, reference: usize) -> DMatrix<f64> {
    let shown = (0..levels).filter(|&l| l != reference).collect::<Vec<_>>();
    DMatrix::from_fn(levels, levels - 1, |l, c| f64::from(u8::from(shown[c] == l)))
}

/// Treatment contrasts less their column means: the same differences from the reference, around the mean of the levels.
pub(super) fn simple(levels: usize, reference: usize) -> DMatrix<f64> {
    treatment(levels, reference).add_scalar(-1.0 / levels as f64)
}

/// R's `contr.sum`.
pub(super) fn sum(levels: usize) -> DMatrix<f64> {
    let entry = |l, c| if l == levels - 1 { -1.0 } else { f64::from(u8::from(l == c)) };
    DMatrix::from_fn(levels, levels - 1, entry)
}

/// R's `contr.helmert`.
pub(super) fn helmert(levels: usize) -> DMatrix<f64> {
    DMatrix::from_fn(levels, levels - 1, |l, c| match l.cmp(&(c + 1)) {
        Ordering::Less => -1.0,
        Ordering::Equal => (c + 1) as f64,
        Ordering::Greater => 0.0,
    })
}

/// `contr.sdif` of MASS: column c is (c + 1)/n, less 1 up to level c.
pub(super) fn successive(levels: usize) -> DMatrix<f64> {
    let n = levels as f64;
    let entry = |l, c| {
        let step = (c + 1) as f64;
        if l <= c { (step - n) / n } else { step / n }
    };
    DMatrix::from_fn(levels, levels - 1, entry)
}

#[cfg(test)]
mod tests {
    use super::{helmert, simple, successive, sum};

    /// R: `contr.helmert(3)`, `contr.sum(3)`; MASS: `contr.sdif(4)` times 4.
    #[test]
    fn matrices_are_those_of_r() {
        assert_eq!(helmert(3).as_slice(), [-1.0, 1.0, 0.0, -1.0, -1.0, 2.0]);
        assert_eq!(sum(3).as_slice(), [1.0, 0.0, -1.0, 0.0, 1.0, -1.0]);
        let sdif = successive(4) * 4.0;
        assert_eq!(sdif.as_slice(), [-3.0, 1.0, 1.0, 1.0, -2.0, -2.0, 2.0, 2.0, -1.0, -1.0, -1.0, 3.0]);
    }

    #[test]
    fn simple_columns_sum_to_zero() {
        assert!(simple(5, 2).row_sum().amax() < 1e-15);
    }
}
