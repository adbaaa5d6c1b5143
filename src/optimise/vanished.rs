//! Columns of Λ that shrink to nothing on the way, and those that must leave zero again.

use super::boundary::{columns, exchanged};
use super::search::Search;
use crate::error::Result;
use crate::likelihood::LAST_STEP_GAIN;
use nalgebra::DMatrix;

/// A column of Λ whose effect on the linear predictor is below this is tried at zero.
const NEARLY_ZERO: f64 = 0.02;

/// D at zero may exceed D by this much and the column still counts as zero: rounding of a sum over 10⁶ records.
const SAME_DEVIANCE: f64 = 1e-7;

/// Where a column that must leave zero starts again, as an effect on the linear predictor; halved while D does not fall.
const ESCAPE: f64 = 0.1;

/// Sizes tried before a column is left at zero after all.
const ESCAPE_TRIALS: usize = 6;

/// Curvature per unit of effect that counts as none: a drop of 1e-7 at an effect of 0.1.
const FLAT_CURVATURE: f64 = 1e-5;

impl Search<'_> {
    /// Pins columns of Λ at zero when D there is no larger; whether any was pinned.
    pub(super) fn pin_vanished(&mut self) -> Result<bool> {
        let p = self.problem.coefficients();
        let mut any = false;
        for column in columns(self.problem) {
            let theta = &self.mode.theta;
            let size = |&k: &usize| (theta[k] * self.unit_of(k)).abs();
            if self.is_held(&column)
                || !self.free[p + column[0]]
                || column.iter().map(size).fold(0.0f64, f64::max) > NEARLY_ZERO
            {
                continue;
            }
            let mut zeroed = theta.clone();
            column.iter().for_each(|&k| zeroed[k] = 0.0);
            let beta = self.mode.beta.clone();
            if let Some(mode) = self.evaluate(&beta, &zeroed, 0.0)?
                && mode.deviance <= self.mode.deviance + SAME_DEVIANCE
            {
                self.accept(mode, LAST_STEP_GAIN);
                column.iter().for_each(|&k| self.free[p + k] = false);
                any = true;
            }
        }
        Ok(self.put_zeros_last()? || any)
    }

    /// Exchanges a column pinned at zero with a later one that is not; whether any was.
    fn put_zeros_last(&mut self) -> Result<bool> {
        let p = self.problem.coefficients();
        let all = columns(self.problem);
        let mut any = false;
        for (at, earlier) in all.iter().enumerate() {
            let later = all[at + 1..].iter().filter(|c| c.iter().any(|&k| self.mode.theta[k] != 0.0));
            let zero = !self.free[p + earlier[0]] && earlier.iter().all(|&k| self.mode.theta[k] == 0.0);
            let movable = |c: &&Vec<usize>| !self.is_held(c) && !self.is_held(earlier);
            let fitting =
                later.filter(movable).find_map(|c| Some((c, exchanged(self.problem, &self.mode.theta, earlier, c)?)));
            let Some((later, theta)) = fitting.filter(|_| zero) else { continue };
            let beta = self.mode.beta.clone();
            let Some(mode) = self.evaluate(&beta, &theta, 0.0)? else { continue };
            self.accept(mode, LAST_STEP_GAIN);
            earlier.iter().for_each(|&k| self.free[p + k] = true);
            later.iter().for_each(|&k| self.free[p + k] = false);
            any = true;
        }
        Ok(any)
    }

    /// Frees a pinned column of Λ along which D falls; whether any was.
    ///
    /// D is even in a column of Λ, so at zero its second derivatives with everything else vanish and the column's own block of
    /// H decides. The diagonal is not enough: where another column is free, D depends on sums of squares along a row, the
    /// off-diagonal element has no curvature of its own, and a mixed derivative makes the point a saddle.
    pub(super) fn escape(&mut self, h: &DMatrix<f64>) -> Result<bool> {
        let p = self.problem.coefficients();
        for column in columns(self.problem) {
            if self.is_held(&column) || self.free[p + column[0]] || self.steps_left == 0 {
                continue;
            }
            let units = column.iter().map(|&k| self.unit_of(k)).collect::<Vec<_>>();
            let block = DMatrix::from_fn(column.len(), column.len(), |a, b| {
                h[(p + column[a], p + column[b])] / (units[a] * units[b])
            });
            let eigen = block.symmetric_eigen();
            let lowest = eigen.eigenvalues.imin();
            if eigen.eigenvalues[lowest] >= -FLAT_CURVATURE {
                continue;
            }
            let direction = eigen.eigenvectors.column(lowest).into_owned();
            self.steps_left -= 1;
            let beta = self.mode.beta.clone();
            let mut size = ESCAPE;
            for _ in 0..ESCAPE_TRIALS {
                let mut theta = self.mode.theta.clone();
                column.iter().enumerate().for_each(|(a, &k)| theta[k] = size * direction[a] / units[a]);
                if let Some(mode) = self.evaluate(&beta, &theta, 0.0)?
                    && mode.deviance < self.mode.deviance - SAME_DEVIANCE
                {
                    self.accept(mode, LAST_STEP_GAIN);
                    column.iter().for_each(|&k| self.free[p + k] = true);
                    return Ok(true);
                }
                size /= 2.0;
            }
        }
        Ok(false)
    }

    /// Whether an element of a column of Λ is held: such a column is neither pinned nor freed.
    fn is_held(&self, column: &[usize]) -> bool {
        column.iter().any(|&k| self.held.contains(&(self.problem.coefficients() + k)))
    }

    /// What one unit of an element of θ does to the linear predictor.
    pub(super) fn unit_of(&self, k: usize) -> f64 {
        let entry = &self.problem.theta.entries[k];
        self.problem.unit(entry.grouping, entry.row)
    }
}
