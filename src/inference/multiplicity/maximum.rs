//! The largest of several correlated normal variables, max |Zⱼ|, Z ~ N(0, R) with R of any rank.
//!
//! The event that it exceeds t is the union over i of "|Zᵢ| is the largest, and exceeds t". Given w, the part of Z that does
//! not depend on Zᵢ (Zⱼ = ρᵢⱼ Zᵢ + wⱼ), |Zᵢ| is the largest if it exceeds a bound that w alone decides:
//!
//! ```text
//! P(max |Zⱼ| > t) = 2 Σᵢ E_w Φ(−max(t, cᵢ(w))),   cᵢ(w) = maxⱼ max( wⱼ/(1 − ρᵢⱼ), −wⱼ/(1 + ρᵢⱼ) )
//! ```
//!
//! (for Zᵢ > 0; the other half is the same by symmetry). One variable is integrated exactly, so the relative error stays small
//! in the far tail, and the bounds serve every t. The rest is a randomly shifted lattice of the roots of primes (Richtmyer's
//! rule, as in Genz & Bretz 2009, *Computation of Multivariate Normal and t Probabilities*, section 4.2) with shifts from a fixed
//! seed: the same numbers every time, and their spread is the error.

use super::quantile_of;
use crate::simulate::{stream, uniform};
use nalgebra::DMatrix;
use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, Normal};

/// Independent shifts of the lattice.
const SHIFTS: usize = 8;

/// Points per shift, for a few comparisons; fewer for many, whose bounds cost the square of their number.
const POINTS: usize = 4_096;
const MOST_WORK: usize = 40_000_000;
const FEWEST_POINTS: usize = 256;

/// Seed of the shifts.
const SEED: u64 = 20_111;

/// Comparisons correlated this closely are one.
const SAME: f64 = 1e-9;

/// An eigenvalue this small, as a share of the largest, is zero.
const RANK: f64 = 1e-10;

/// The bounds of every variable and point, shift by shift.
pub(super) struct Maximum {
    shifts: Vec<Bounds>,
    points: usize,
}

/// Bounds of one shift, ascending, and Σ Φ(−c) over those from each place on: a tail then costs a search.
struct Bounds {
    ascending: Vec<f64>,
    tails: Vec<f64>,
}

impl Bounds {
    fn new(mut bounds: Vec<f64>) -> Self {
        bounds.sort_unstable_by(f64::total_cmp);
        let normal = Normal::standard();
        let mut tails = vec![0.0; bounds.len() + 1];
        for k in (0..bounds.len()).rev() {
            tails[k] = tails[k + 1] + normal.cdf(-bounds[k]);
        }
        Self { ascending: bounds, tails }
    }

    /// Σ Φ(−max(t, c)).
    fn tail(&self, t: f64) -> f64 {
        let below = self.ascending.partition_point(|c| *c <= t);
        Normal::standard().cdf(-t) * below as f64 + self.tails[below]
    }
}

impl Maximum {
    /// Prepares the distribution for a correlation matrix.
    pub(super) fn of(correlation: &DMatrix<f64>) -> Self {
        let distinct = distinct(correlation);
        let m = distinct.len();
        let rho = DMatrix::from_fn(m, m, |i, j| correlation[(distinct[i], distinct[j])]);
        let factor = factor(&rho);
        let points = (MOST_WORK / (SHIFTS * m * m).max(1)).clamp(FEWEST_POINTS, POINTS);
        let shift = |s: usize| Bounds::new(shifted_bounds(&rho, &factor, s as u64, points));
        Self { shifts: (0..SHIFTS).into_par_iter().map(shift).collect(), points }
    }

    /// P(max |Zⱼ| > t), and the standard error of the integral.
    pub(super) fn upper_tail(&self, t: f64) -> (f64, f64) {
        if t.is_nan() {
            return (f64::NAN, f64::NAN);
        }
        let found = self.shifts.iter().map(|b| b.tail(t) * 2.0 / self.points as f64).collect::<Vec<_>>();
        let mean = found.iter().sum::<f64>() / SHIFTS as f64;
        let square = found.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        (mean.min(1.0), (square / (SHIFTS * (SHIFTS - 1)) as f64).sqrt())
    }

    /// The t with P(max |Zⱼ| ≤ t) = level.
    pub(super) fn quantile(&self, level: f64) -> f64 {
        quantile_of(level, |t| self.upper_tail(t).0)
    }
}

/// Variables that are not another one, up to sign.
fn distinct(correlation: &DMatrix<f64>) -> Vec<usize> {
    let mut kept: Vec<usize> = Vec::new();
    for j in 0..correlation.nrows() {
        if kept.iter().all(|&i| correlation[(i, j)].abs() < 1.0 - SAME) {
            kept.push(j);
        }
    }
    kept
}

/// F with FF' = R and as many columns as R has rank.
fn factor(rho: &DMatrix<f64>) -> DMatrix<f64> {
    let eigen = rho.clone().symmetric_eigen();
    let top = eigen.eigenvalues.max();
    let kept = (0..rho.nrows()).filter(|&k| eigen.eigenvalues[k] > RANK * top).collect::<Vec<_>>();
    DMatrix::from_fn(rho.nrows(), kept.len(), |i, k| {
        eigen.eigenvectors[(i, kept[k])] * eigen.eigenvalues[kept[k]].sqrt()
    })
}

fn shifted_bounds(rho: &DMatrix<f64>, factor: &DMatrix<f64>, shift: u64, points: usize) -> Vec<f64> {
    let (m, rank) = (rho.nrows(), factor.ncols());
    let mut rng = stream(SEED, shift);
    let shifts = (0..rank).map(|_| uniform(&mut rng)).collect::<Vec<_>>();
    let roots = primes(rank).into_iter().map(|p| (p as f64).sqrt()).collect::<Vec<_>>();
    let normal = Normal::standard();
    let mut bounds = Vec::with_capacity(m * points);
    let mut x = vec![0.0; rank];
    for point in 1..=points {
        for k in 0..rank {
            // The tent x → 1 − |2x − 1| makes the integrand periodic (Hickernell 2002).
            let u = (point as f64 * roots[k] + shifts[k]).fract();
            x[k] = normal.inverse_cdf((1.0 - (2.0 * u - 1.0).abs()).clamp(1e-16, 1.0 - 1e-16));
        }
        let z = (0..m).map(|i| (0..rank).map(|k| factor[(i, k)] * x[k]).sum::<f64>()).collect::<Vec<_>>();
        for i in 0..m {
            let bound = (0..m).filter(|j| *j != i).fold(0.0f64, |bound, j| {
                let r = rho[(i, j)];
                let w = z[j] - r * z[i];
                bound.max(w / (1.0 - r)).max(-w / (1.0 + r))
            });
            bounds.push(bound);
        }
    }
    bounds
}

/// The first primes.
fn primes(count: usize) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::with_capacity(count);
    let mut next = 2_usize;
    while found.len() < count {
        if found.iter().all(|p| !next.is_multiple_of(*p)) {
            found.push(next);
        }
        next += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::multiplicity::range;
    use crate::inference::normal::two_sided_p;

    #[test]
    fn independent_variables_multiply() {
        let maximum = Maximum::of(&DMatrix::identity(4, 4));
        for t in [0.5, 1.5, 2.5, 5.0] {
            let exact = -(4.0 * (-two_sided_p(t)).ln_1p()).exp_m1();
            let (found, error) = maximum.upper_tail(t);
            assert!((found / exact - 1.0).abs() < 1e-3, "{t} {found} {exact}");
            // Far out, two of them beyond t at once are too rare to be met: a share of p of the whole, which no spread shows.
            assert!((found - exact).abs() < 6.0 * error + 2.0 * two_sided_p(t) * exact, "{t} {found} {exact} {error}");
            assert!(error < 1e-3 * exact, "{t} {error}");
        }
    }

    #[test]
    fn all_pairs_of_independent_levels_are_tukeys_range() {
        // Differences of k independent variables: max |Xᵢ − Xⱼ|/√2 is the range over √2. Their correlations have rank k − 1.
        let k = 5;
        let pairs = (0..k).flat_map(|i| (i + 1..k).map(move |j| (i, j))).collect::<Vec<_>>();
        let weight =
            |pair: (usize, usize), l: usize| f64::from(u8::from(l == pair.1)) - f64::from(u8::from(l == pair.0));
        let rho = DMatrix::from_fn(pairs.len(), pairs.len(), |a, b| {
            (0..k).map(|l| weight(pairs[a], l) * weight(pairs[b], l)).sum::<f64>() / 2.0
        });
        let maximum = Maximum::of(&rho);
        for t in [1.0, 2.0, 3.0, 5.0, 7.0] {
            let exact = range::upper_tail(t * 2f64.sqrt(), k);
            let (found, _) = maximum.upper_tail(t);
            assert!((found / exact - 1.0).abs() < 2e-3, "{t} {found} {exact}");
        }
    }

    #[test]
    fn a_variable_and_its_mirror_count_once() {
        let rho = DMatrix::from_row_slice(3, 3, &[1.0, -1.0, 0.3, -1.0, 1.0, -0.3, 0.3, -0.3, 1.0]);
        let two = DMatrix::from_row_slice(2, 2, &[1.0, 0.3, 0.3, 1.0]);
        assert_eq!(Maximum::of(&rho).upper_tail(2.0), Maximum::of(&two).upper_tail(2.0));
    }
}
