//! How the value of a rule answers to the place and scale of its nodes, for effects of any number.

use nalgebra::{DMatrix, DVector};

/// What one unit's rule gives, at one point.
pub(super) struct Adjoint {
    /// s̄ = Σ πₖsₖ: what moving the centre does to log L.
    pub(super) mean: DVector<f64>,
    /// B, so that a change of the precision S changes log L by −½ tr(B dS).
    pub(super) b: DMatrix<f64>,
}

impl Adjoint {
    /// From R (RR' = S⁻¹, upper triangular), s̄ and S̄ = Σ πₖsₖzₖ'.
    ///
    /// B = RKR' with K symmetric, its lower triangle that of S̄'R + I: the derivation is that of one grouping factor, in
    /// `quadrature/adjoint.rs`.
    pub(super) fn new(r: &DMatrix<f64>, mean: DVector<f64>, spread: &DMatrix<f64>) -> Self {
        let k = r.nrows();
        let p = spread.transpose() * r + DMatrix::identity(k, k);
        let k = DMatrix::from_fn(k, k, |a, b| p[(a.max(b), a.min(b))]);
        Self { mean, b: r * k * r.transpose() }
    }
}
