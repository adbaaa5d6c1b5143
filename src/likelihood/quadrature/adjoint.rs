//! How log L of a group answers to the place û and the scale R of its nodes, and through them to A.

use super::nodes::{Nodes, Shared};
use nalgebra::{SMatrix, SVector};

/// Derivatives of one group's log L, before anything is known about how û and A move.
///
/// With s̄ = Σ πₖsₖ and S̄ = Σ πₖsₖzₖ', at fixed Λ and Xβ,
///
/// ```text
/// d log L = s̄'dû + tr(S̄'dR) + tr(R⁻¹dR) = s̄'dû − ½ tr(B dA),   B = RKR'
/// ```
///
/// because dR = −RΦ(R'dA R)', where Φ keeps the lower triangle and half the diagonal. K is the symmetric matrix with the lower
/// triangle of S̄'R + I. Under an exact rule s̄ and K vanish (integrate by parts); under Laplace's method S̄ = 0, K = I, B = A⁻¹.
pub(super) struct Adjoint<const W: usize> {
    /// s̄.
    pub(super) mean: SVector<f64, W>,
    /// Γ = Σ πₖγₖuₖ'.
    pub(super) by_lambda: SMatrix<f64, W, W>,
    /// K.
    pub(super) k: SMatrix<f64, W, W>,
    /// B.
    pub(super) b: SMatrix<f64, W, W>,
    /// C = ΛBΛ'.
    pub(super) c: SMatrix<f64, W, W>,
}

impl<const W: usize> Adjoint<W> {
    /// From the shares π of the nodes and γ = Z'g there (effect after effect, a number per node).
    pub(super) fn new(shared: &Shared<W>, nodes: &Nodes<W>, weights: &[f64], gamma: &[Vec<f64>; W]) -> Self {
        let (mut mean, mut spread, mut by_lambda) = (SVector::zeros(), SMatrix::zeros(), SMatrix::zeros());
        for (k, &weight) in weights.iter().enumerate() {
            let gamma = SVector::<f64, W>::from_fn(|a, _| gamma[a][k]);
            let s = (shared.lambda.transpose() * gamma - nodes.u[k]) * weight;
            mean += s;
            spread += s * nodes.z[k].transpose();
            by_lambda += gamma * nodes.u[k].transpose() * weight;
        }
        let p = spread.transpose() * nodes.r + SMatrix::identity();
        let k = SMatrix::from_fn(|a, b| p[(a.max(b), a.min(b))]);
        let b = nodes.r * k * nodes.r.transpose();
        let c = shared.lambda * b * shared.lambda.transpose();
        Self { mean, by_lambda, k, b, c }
    }
}
