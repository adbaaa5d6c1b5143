//! Scores adjusted for small samples (CR2) by each cluster's share in the information: any model with a likelihood.
//!
//! With s_g the score of cluster g, H_g minus the Hessian of its log-likelihood, both at the estimates, and H = Σ H_g,
//!
//! ```text
//! s*_g = (I − H_g H⁻¹)^−½ s_g
//! ```
//!
//! for the coefficients β and for the variance parameters θ, each with its own blocks of H_g and H. At the estimates s_g is, to first
//! order, what it is at the truth less H_g H⁻¹ times the sum over all clusters. If the model holds, then,
//! E s_g s_g' = (I − H_g H⁻¹) H_g, and since H_g f(H⁻¹H_g) = f(H_g H⁻¹) H_g for every f, E s*_g s*_g' = H_g: what it would be without
//! estimation. In a canonical generalised linear model H_g = X̃'X̃ and s_g = X̃'ẽ with X̃ = W^½X and ẽ = W^−½(y − μ) in the rows of g,
//! and X̃' f(X̃H⁻¹X̃') = f(H_g H⁻¹) X̃', so that this is the adjustment of residuals (I − X̃H⁻¹X̃')^−½ ẽ with the symmetric root on
//! the scale W^½, without a matrix of a row per record. For any root H⁻¹ = RR', with M = R'H_gR,
//!
//! ```text
//! s*_g = R'⁻¹ (I − M)^−½ R' s_g
//! ```
//!
//! β and θ stand apart because minus the Hessian of one cluster in θ is noise as much as information, often negative. The information
//! between β and θ is small, but through it a root over (β, θ) takes that noise to β: in simulations with 8 to 12 clusters it made
//! the variance of a coefficient between clusters too large by 10 to 80 %, where the roots apart were within 15 %.
//!
//! The root is of the Moore–Penrose kind, zero where I − M is: there the other clusters say nothing. Where 1 − λ is negative, as can
//! be in θ, it is zero too, and the fit gets a finding. Sources: Kauermann & Carroll (2001), *JASA* 96:1387; Fay & Graubard (2001),
//! *Biometrics* 57:1198; Bell & McCaffrey (2002), *Survey Methodology* 28:169. Theirs are for the coefficients of estimating
//! equations; for θ the argument is the same.

use super::scores::Cluster;
use crate::error::{Error, Kind, Result};
use crate::likelihood::{Curvature, hessian};
use crate::model::{Fit, Sample};
use nalgebra::{DMatrix, SymmetricEigen};
use rayon::prelude::*;
use std::ops::Range;

/// A share of the information that the other clusters have, 1 − λ, this small is rounding: Hessians by differences, of nested
/// quadrature, are exact to about 1e-8.
const NO_SHARE: f64 = 1e-6;

/// What is left of the clusters' scores.
pub(super) struct Adjusted {
    /// s*_g per cluster, over (β, θ).
    pub scores: Vec<Vec<f64>>,
    /// Clusters with a direction in which the information of the others is negative.
    pub opposed: usize,
}

/// s*_g of every cluster.
pub(super) fn adjusted_scores(
    fit: &Fit,
    sample: &Sample,
    members: &[Vec<u32>],
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Adjusted> {
    let n = fit.parameters();
    let cluster = |records: &[u32]| informed(&Cluster::new(fit, sample, records, interrupt)?);
    let (_, whole) = cluster(&(0..sample.problem.rows() as u32).collect::<Vec<_>>())?;
    let free = |range: Range<usize>| range.filter(|&k| fit.free[k]).collect::<Vec<_>>();
    let blocks = [free(0..fit.beta.len()), free(fit.beta.len()..n)];
    let blocks = blocks.into_iter().map(|own| Block::new(&whole, own)).collect::<Result<Vec<_>>>()?;
    let one = |records: &Vec<u32>| {
        let (score, information) = cluster(records)?;
        let mut adjusted = vec![0.0; n];
        let least = blocks.iter().map(|block| block.adjust(&score, &information, &mut adjusted));
        let least = least.fold(1.0f64, f64::min);
        Ok((adjusted, least))
    };
    let found = members.par_iter().map(one).collect::<Result<Vec<_>>>()?;
    let opposed = found.iter().filter(|(_, least)| *least < -NO_SHARE).count();
    Ok(Adjusted { scores: found.into_iter().map(|(score, _)| score).collect(), opposed })
}

/// s_g and H_g.
fn informed(cluster: &Cluster) -> Result<(Vec<f64>, DMatrix<f64>)> {
    let curved = hessian(&cluster.problem, &cluster.mode, &cluster.gradient, Curvature::Exact).hessian;
    if curved.iter().any(|x| !x.is_finite()) {
        let message = "the curvature of a cluster's log-likelihood, which kind='CR2' needs, is not finite; centre and scale the covariates, or use kind='CR1'";
        return Err(Error::new(Kind::Fit, "cr2-curvature", message));
    }
    Ok((cluster.score(), curved * 0.5))
}

/// Parameters that are adjusted together.
struct Block {
    /// Which they are.
    own: Vec<usize>,
    /// Roots of the diagonal of H, S: units then do not matter.
    scale: Vec<f64>,
    /// L with S⁻¹HS⁻¹ = LL', so that R' = L⁻¹S⁻¹.
    factor: DMatrix<f64>,
}

impl Block {
    fn new(whole: &DMatrix<f64>, own: Vec<usize>) -> Result<Self> {
        let scale = own.iter().map(|&k| whole[(k, k)].max(0.0).sqrt()).collect::<Vec<_>>();
        let scaled = DMatrix::from_fn(own.len(), own.len(), |i, j| whole[(own[i], own[j])] / (scale[i] * scale[j]));
        let Some(factor) = scaled.cholesky() else {
            let message = "kind='CR2' adjusts each cluster by its share in the information, and the information of this fit is not positive definite: the data do not tell all its parameters apart. Look at fit.diagnostics and drop what the data cannot tell, or use kind='CR1'";
            return Err(Error::new(Kind::Fit, "cr2-information", message));
        };
        Ok(Self { own, scale, factor: factor.unpack() })
    }

    /// Writes the block's part of s*_g; gives the smallest 1 − λ.
    fn adjust(&self, score: &[f64], information: &DMatrix<f64>, adjusted: &mut [f64]) -> f64 {
        let (own, scale, n) = (&self.own, &self.scale, self.own.len());
        if n == 0 {
            return 1.0;
        }
        let scaled = DMatrix::from_fn(n, n, |i, j| information[(own[i], own[j])] / (scale[i] * scale[j]));
        let half = self.solved(scaled);
        let m = self.solved(half.transpose());
        let eigen = SymmetricEigen::new((&m + m.transpose()) * 0.5);
        let rest = eigen.eigenvalues.map(|share| 1.0 - share);
        let s = self.solved(DMatrix::from_fn(n, 1, |i, _| score[own[i]] / scale[i]));
        let mut along = eigen.eigenvectors.tr_mul(&s);
        along.iter_mut().zip(&rest).for_each(|(x, &rest)| *x = if rest > NO_SHARE { *x / rest.sqrt() } else { 0.0 });
        let back = &self.factor * (&eigen.eigenvectors * along);
        own.iter().zip(scale).zip(&back).for_each(|((&k, scale), x)| adjusted[k] = scale * x);
        rest.min()
    }

    /// L⁻¹ b.
    fn solved(&self, mut b: DMatrix<f64>) -> DMatrix<f64> {
        self.factor.solve_lower_triangular_mut(&mut b);
        b
    }
}
