//! The delta method over the joint covariance.

use crate::model::Fit;

/// g'Vg for a gradient over (β, θ); a short one has zeros behind it.
pub(super) fn variance(fit: &Fit, gradient: &[f64]) -> f64 {
    bilinear(fit, gradient, gradient)
}

/// g'Vh.
pub(super) fn bilinear(fit: &Fit, g: &[f64], h: &[f64]) -> f64 {
    let n = fit.parameters();
    let rows = fit.covariance.chunks_exact(n.max(1));
    let sum: f64 = rows.zip(g).map(|(row, g)| g * row.iter().zip(h).map(|(v, h)| v * h).sum::<f64>()).sum();
    sum
}

/// (lower, upper) around `estimate` on a transformed scale: `back(forward ± z error)`.
pub(super) fn interval(forward: f64, error: f64, z: f64, back: impl Fn(f64) -> f64) -> (f64, f64) {
    (back(forward - z * error), back(forward + z * error))
}
