//! Sums over the records of one group at the mode.

use super::nodes::Shared;
use crate::likelihood::mode::Mode;
use crate::likelihood::weights::Weights;
use nalgebra::{SMatrix, SVector};

/// One record at the mode.
pub(super) struct Record<const W: usize> {
    pub(super) z: SVector<f64, W>,
    /// W, W₁, W₂ and g.
    pub(super) w: f64,
    pub(super) w1: f64,
    pub(super) w2: f64,
    pub(super) g: f64,
}

impl<const W: usize> Record<W> {
    /// Record `i`.
    #[inline]
    pub(super) fn new(shared: &Shared<W>, mode: &Mode, i: usize) -> Self {
        let Weights { w, w1, w2, g, .. } = Weights::at(shared.problem, mode, i);
        Self { z: shared.z(i), w, w1, w2, g }
    }
}

/// What the gradient needs of a group.
pub(super) struct Sums<const W: usize> {
    /// Z'g.
    pub(super) gamma: SVector<f64, W>,
    /// Q = Z'WZ.
    pub(super) q: SMatrix<f64, W, W>,
    /// t = Z'(W₁∘c).
    pub(super) t: SVector<f64, W>,
}

impl<const W: usize> Sums<W> {
    /// Reads group `j`; `leverage` gives c of a record from its z.
    pub(super) fn read(shared: &Shared<W>, mode: &Mode, j: usize, leverage: impl Fn(&SVector<f64, W>) -> f64) -> Self {
        let mut sums = Self { gamma: SVector::zeros(), q: SMatrix::zeros(), t: SVector::zeros() };
        for i in shared.records(j) {
            let record = Record::new(shared, mode, i);
            sums.gamma += record.z * record.g;
            sums.q += record.z * record.z.transpose() * record.w;
            sums.t += record.z * (record.w1 * leverage(&record.z));
        }
        sums
    }
}
