//! The inverse of a Hessian made safe for a descent step.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Eigenvalues of the unit-diagonal Hessian below this are taken as noise: steps along them are kept short.
const SMALLEST: f64 = 1e-7;

/// A positive definite B ≈ H⁻¹ over the free parameters, updated by BFGS.
#[derive(Debug, Clone)]
pub struct Metric {
    b: DMatrix<f64>,
    free: Vec<bool>,
    /// Whether H itself was positive definite over the free parameters.
    pub was_positive: bool,
    /// Parameters that take part in the flattest direction of H, where it was not.
    pub flat: Vec<usize>,
}

impl Metric {
    /// B = H⁻¹ where H is positive definite; else with the absolute values of its eigenvalues, bounded below.
    pub fn new(h: &DMatrix<f64>, free: &[bool]) -> Self {
        let n = free.len();
        let scale = DVector::from_fn(n, |i, _| {
            let d = h[(i, i)].abs();
            if d > 0.0 && d.is_finite() { 1.0 / d.sqrt() } else { 1.0 }
        });
        let pinned = |i: usize, j: usize| !free[i] || !free[j];
        let scaled = DMatrix::from_fn(n, n, |i, j| {
            if pinned(i, j) { f64::from(u8::from(i == j)) } else { h[(i, j)] * scale[i] * scale[j] }
        });
        let (mut b, flat) = match scaled.clone().cholesky() {
            Some(factor) => (factor.inverse(), Vec::new()),
            None => absolute_inverse(scaled),
        };
        for i in 0..n {
            for j in 0..n {
                b[(i, j)] = if pinned(i, j) { 0.0 } else { b[(i, j)] * scale[i] * scale[j] };
            }
        }
        Self { b, free: free.to_vec(), was_positive: flat.is_empty(), flat }
    }

    /// B g.
    pub fn times(&self, g: &[f64]) -> Vec<f64> {
        (&self.b * DVector::from_column_slice(g)).as_slice().to_vec()
    }

    /// The drop that a quadratic model promises: ½ g'Bg.
    pub fn promised_drop(&self, g: &[f64]) -> f64 {
        self.times(g).iter().zip(g).map(|(x, y)| x * y).sum::<f64>() / 2.0
    }

    /// The matrix.
    pub fn matrix(&self) -> &DMatrix<f64> {
        &self.b
    }

    /// The BFGS update for the step `s` and the change of gradient `y` (Nocedal & Wright, 2nd ed., eq. 6.17); skipped when
    /// the curvature along the step is not clearly positive, which would spoil B.
    pub fn update(&mut self, s: &[f64], y: &[f64]) {
        let masked = |v: &[f64]| DVector::from_fn(v.len(), |i, _| if self.free[i] { v[i] } else { 0.0 });
        let (s, y) = (masked(s), masked(y));
        let sy = s.dot(&y);
        let by = &self.b * &y;
        let yby = y.dot(&by);
        if sy.is_nan() || sy <= 1e-10 * yby.max(f64::MIN_POSITIVE) {
            return;
        }
        let factor = (1.0 + yby / sy) / sy;
        self.b += factor * &s * s.transpose() - (&by * s.transpose() + &s * by.transpose()) / sy;
    }
}

/// |H|⁻¹ with small eigenvalues bounded, and the parameters that carry the eigenvector of the smallest one.
fn absolute_inverse(scaled: DMatrix<f64>) -> (DMatrix<f64>, Vec<usize>) {
    let eigen = SymmetricEigen::new(scaled);
    let inverse = eigen.eigenvalues.map(|x| 1.0 / x.abs().max(SMALLEST));
    let flattest = eigen.eigenvectors.column(eigen.eigenvalues.imin());
    let top = flattest.amax();
    let flat = (0..flattest.len()).filter(|&k| flattest[k].abs() >= 0.1 * top).collect();
    let b = &eigen.eigenvectors * DMatrix::from_diagonal(&inverse) * eigen.eigenvectors.transpose();
    (b, flat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_positive_hessian_is_inverted_exactly() {
        let h = DMatrix::from_row_slice(2, 2, &[4.0, 1.0, 1.0, 1e6]);
        let metric = Metric::new(&h, &[true, true]);
        assert!(metric.was_positive);
        assert!((metric.matrix() * h - DMatrix::identity(2, 2)).amax() < 1e-9);
    }

    #[test]
    fn an_indefinite_one_still_descends() {
        let h = DMatrix::from_row_slice(2, 2, &[-1.0, 0.0, 0.0, 2.0]);
        let metric = Metric::new(&h, &[true, true]);
        assert!(!metric.was_positive && metric.promised_drop(&[1.0, 1.0]) > 0.0);
    }

    #[test]
    fn pinned_parameters_do_not_move() {
        let metric = Metric::new(&DMatrix::identity(2, 2), &[true, false]);
        assert_eq!(metric.times(&[1.0, 1.0]), [1.0, 0.0]);
    }

    #[test]
    fn the_update_satisfies_the_secant_equation() {
        let mut metric = Metric::new(&DMatrix::identity(2, 2), &[true, true]);
        metric.update(&[1.0, 0.5], &[2.0, 3.0]);
        let s = metric.times(&[2.0, 3.0]);
        assert!((s[0] - 1.0).abs() < 1e-12 && (s[1] - 0.5).abs() < 1e-12);
    }
}
