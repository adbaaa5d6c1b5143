//! Orthogonal polynomials over the rows of the fit, R's `stats::poly`, by the recurrence of three terms (Kennedy & Gentle,
//! *Statistical Computing*, 1980, section 8.3).

use crate::error::{Error, Kind, Result};
use crate::formula::LARGEST_DEGREE;
use serde::{Deserialize, Serialize};

/// The coefficients of the recurrence; R calls them `coefs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Orthogonal {
    /// Centre of each step, one per degree.
    alpha: Vec<f64>,
    /// Sum of squares of each monic polynomial over the rows, from degree 0 on, after a 1.
    norm2: Vec<f64>,
}

impl Orthogonal {
    pub(super) fn learn(x: &[f64], degree: usize, column: &str, name: &str) -> Result<Self> {
        let n = x.len() as f64;
        let mut out = Self { alpha: vec![x.iter().sum::<f64>() / n], norm2: vec![1.0, n] };
        let mut before = vec![0.0; x.len()];
        let mut here = vec![1.0; x.len()];
        for k in 1..=degree {
            let (alpha, ratio) = (out.alpha[k - 1], out.norm2[k] / out.norm2[k - 1]);
            let step = |i: usize| (x[i] - alpha) * here[i] - if k > 1 { ratio * before[i] } else { 0.0 };
            let next = (0..x.len()).map(step).collect::<Vec<_>>();
            (before, here) = (here, next);
            let squares: f64 = here.iter().map(|p| p * p).sum();
            out.norm2.push(squares);
            if k < degree {
                // Around the mean, as R sums it: far from zero the plain sum would lose digits.
                let centre = out.alpha[0];
                out.alpha.push(centre + x.iter().zip(&here).map(|(x, p)| (x - centre) * p * p).sum::<f64>() / squares);
            }
        }
        if out.is_consistent() {
            return Ok(out);
        }
        let message = format!(
            "{name}: powers of column '{column}' are beyond what a number can hold; bring the column to a sensible unit, or use a lower degree"
        );
        Err(Error::new(Kind::Data, "not-finite", message))
    }

    pub(super) fn degree(&self) -> usize {
        self.alpha.len()
    }

    /// Appends the columns at `x`.
    pub(super) fn write(&self, x: f64, out: &mut Vec<f64>) {
        let (mut before, mut here) = (0.0, 1.0);
        for k in 1..=self.degree() {
            let ratio = if k > 1 { self.norm2[k] / self.norm2[k - 1] } else { 0.0 };
            (before, here) = (here, (x - self.alpha[k - 1]) * here - ratio * before);
            out.push(here / self.norm2[k + 1].sqrt());
        }
    }

    pub(super) fn is_consistent(&self) -> bool {
        (1..=LARGEST_DEGREE as usize).contains(&self.degree())
            && self.norm2.len() == self.degree() + 2
            && self.alpha.iter().all(|a| a.is_finite())
            && self.norm2.iter().all(|n| n.is_finite() && *n > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Orthogonal;

    #[test]
    fn columns_are_orthonormal_over_the_rows() {
        let x = (0..60).map(|i| 2000.0 + f64::from(i * i % 37)).collect::<Vec<_>>();
        let polynomial = Orthogonal::learn(&x, 5, "x", "poly(x, 5)").unwrap();
        let mut values = Vec::new();
        x.iter().for_each(|&x| polynomial.write(x, &mut values));
        for a in 0..5 {
            assert!((0..60).map(|i| values[i * 5 + a]).sum::<f64>().abs() < 1e-9);
            for b in 0..=a {
                let dot: f64 = (0..60).map(|i| values[i * 5 + a] * values[i * 5 + b]).sum();
                assert!((dot - f64::from(u8::from(a == b))).abs() < 1e-9);
            }
        }
    }
}
