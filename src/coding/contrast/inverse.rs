//! From contrast matrix to hypothesis matrix and back (Schad et al. 2020, equations 8 to 11).

use nalgebra::DMatrix;

/// The inverse of [1 | C]: row 0 is what the intercept estimates, row 1 + c what column c does.
pub(super) fn hypotheses(contrast: &DMatrix<f64>) -> DMatrix<f64> {
    // Every contrast is made to have an inverse, and one read from a file is checked to.
    let square = contrast.clone().insert_column(0, 1.0);
    square.try_inverse().unwrap_or_else(|| DMatrix::zeros(contrast.nrows(), contrast.nrows()))
}

/// The contrast matrix whose coefficients are these comparisons, levels − 1 rows that each sum to zero; `None` if one repeats
/// others. It is their generalised inverse: the inverse of the rows below that of the mean, without its first column.
pub(super) fn contrast(comparisons: &[Vec<f64>]) -> Option<DMatrix<f64>> {
    let levels = comparisons.len() + 1;
    let entry = |r: usize, l: usize| if r == 0 { 1.0 / levels as f64 } else { comparisons[r - 1][l] };
    let inverse = DMatrix::from_fn(levels, levels, entry).try_inverse()?;
    inverse.iter().all(|x| x.is_finite()).then(|| inverse.remove_column(0))
}
