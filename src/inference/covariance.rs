//! The joint covariance of coefficients and variance parameters, with their names.

use crate::model::Fit;

impl Fit {
    /// The joint covariance over every column of the design and every θ, row after row, with its size; NaN where a column is
    /// redundant or a θ pinned at the boundary.
    pub fn joint_covariance_labelled(&self) -> (Vec<f64>, usize) {
        let width = self.design.width();
        let n = width + self.theta.len();
        let place = |k: usize| {
            let at = if k < width { self.position(k) } else { Some(self.beta.len() + k - width) };
            at.filter(|&a| self.free[a])
        };
        let own = self.parameters();
        let value = |k: usize| match (place(k / n), place(k % n)) {
            (Some(a), Some(b)) => self.covariance[a * own + b],
            _ => f64::NAN,
        };
        ((0..n * n).map(value).collect(), n)
    }
}
