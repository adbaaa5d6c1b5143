//! Dense symmetric positive definite matrices: p x p information matrices.
//!
//! faer is built without its thread pool, so every operation here runs on the calling thread and gives the same bits always.

use faer::linalg::solvers::{DenseSolveCore, Llt, Solve};
use faer::{Mat, MatRef, Side};

/// A symmetric positive definite matrix with its Cholesky factor.
pub struct Spd {
    n: usize,
    factor: Option<Llt<f64>>,
    log_det: f64,
}

impl Spd {
    /// Factors the lower triangle of `a`, n x n column after column; `None` if it is not positive definite.
    pub fn factor(a: &[f64], n: usize) -> Option<Self> {
        if n == 0 {
            return Some(Self { n, factor: None, log_det: 0.0 });
        }
        let factor = MatRef::from_column_major_slice(a, n, n).llt(Side::Lower).ok()?;
        let log_det = (0..n).map(|i| 2.0 * factor.L()[(i, i)].ln()).sum::<f64>();
        log_det.is_finite().then_some(Self { n, factor: Some(factor), log_det })
    }

    /// log-determinant.
    pub fn log_det(&self) -> f64 {
        self.log_det
    }

    /// Solves A x = b in place for right-hand sides stored n x m, row after row.
    pub fn solve_rows(&self, b: &mut [f64], m: usize) {
        let Some(factor) = &self.factor else { return };
        let rhs = MatRef::from_row_major_slice(&*b, self.n, m).to_owned();
        let x = factor.solve(&rhs);
        for i in 0..self.n {
            for j in 0..m {
                b[i * m + j] = x[(i, j)];
            }
        }
    }

    /// A⁻¹, n x n column after column (symmetric).
    pub fn inverse(&self) -> Vec<f64> {
        match &self.factor {
            None => Vec::new(),
            Some(factor) => {
                let inverse = factor.inverse();
                (0..self.n * self.n).map(|k| inverse[(k % self.n, k / self.n)]).collect()
            }
        }
    }
}

/// An eigenvalue this small, as a share of the largest, is zero.
const NO_SHARE: f64 = 1e-11;

/// The symmetric A^−½ of a positive semi-definite n x n matrix (column after column), zero where A is; `None` if the
/// eigenvalues could not be found.
pub fn inverse_root(a: &[f64], n: usize) -> Option<Vec<f64>> {
    let eigen = MatRef::from_column_major_slice(a, n, n).self_adjoint_eigen(Side::Lower).ok()?;
    let (u, s) = (eigen.U(), eigen.S());
    let top = (0..n).map(|k| s[k]).fold(0.0f64, f64::max);
    let scaled = Mat::from_fn(n, n, |i, k| if s[k] > NO_SHARE * top { u[(i, k)] / s[k].sqrt().sqrt() } else { 0.0 });
    let root = &scaled * scaled.transpose();
    Some((0..n * n).map(|k| root[(k % n, k / n)]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solve_inverse_and_determinant_agree() {
        let a = [4.0, 1.0, 0.5, 0.0, 3.0, 0.2, 0.0, 0.0, 2.0];
        let full = |i: usize, j: usize| if i >= j { a[j * 3 + i] } else { a[i * 3 + j] };
        let spd = Spd::factor(&a, 3).unwrap();
        let inverse = spd.inverse();
        let mut identity = vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
        spd.solve_rows(&mut identity, 3);
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|c| full(i, c) * inverse[j * 3 + c]).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-14);
                assert!((identity[i * 3 + j] - inverse[j * 3 + i]).abs() < 1e-14);
            }
        }
        assert!(Spd::factor(&[-1.0], 1).is_none());
        assert!(Spd::factor(&[], 0).unwrap().log_det() == 0.0);
    }
}
