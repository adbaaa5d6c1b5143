//! The covariance of the estimates when records of a cluster may be alike in ways the model does not know.
//!
//! ```text
//! V_robust = c V (Σ over clusters of s_g s_g') V,   s_g = ∂ log L_g / ∂(β, θ),   V the model's covariance
//! ```
//!
//! The log-likelihood of a mixed model adds over clusters that share no random effect, and so does its gradient: s_g is exact,
//! for Laplace's method and for quadrature, with modes moving. That holds for clusters of whole groups, at the level of the random effect
//! or above; a clustering that cuts through a group is refused, for then no such sum exists. Sources: White (1982),
//! *Econometrica* 50:1; Liang & Zeger (1986), *Biometrika* 73:13; for mixed models Wang & Merkle (2018), *J Stat Softw* 87, code
//! snippet 1. With few clusters V_robust is too small, for the estimates follow each cluster's own noise; CR2 undoes that, by two
//! definitions of nearly the same: by residuals (`small`), clubSandwich's, where there are no random effects and clusters are small,
//! and by information (`leverage`) elsewhere.

mod clusters;
mod leverage;
mod scores;
mod small;

pub use clusters::Clusters;

use super::wald::{require_converged, require_likelihood};
use crate::diagnostic::Finding;
use crate::error::{Error, Kind, Result};
use crate::model::{Fit, Sample, Sandwich, SandwichKind};
use leverage::Adjusted;
use nalgebra::{DMatrix, DVector};

/// With fewer clusters than this a sandwich is known to be too small (Cameron & Miller 2015, *J Hum Resour* 50:317).
const FEW: usize = 40;

/// The same fit with the covariance robust to clusters.
pub fn robust(
    fit: &Fit,
    sample: &Sample,
    clusters: &Clusters,
    kind: SandwichKind,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Fit> {
    require_converged(fit, "robust()")?;
    require_likelihood(fit, "robust()")?;
    if fit.sandwich.is_some() {
        let message = "this fit's covariance is robust already; call robust() on the fit it was made from";
        return Err(Error::new(Kind::Option, "robust-twice", message));
    }
    let (name, members) = clusters.members(fit, sample)?;
    let count = members.len();
    let n = fit.parameters();
    let bread = DMatrix::from_row_slice(n, n, &fit.covariance);
    let (scores, findings) = scores(fit, sample, (&name, &members), kind, interrupt)?;
    let factor = if kind == SandwichKind::Cr1 { count as f64 / (count as f64 - 1.0) } else { 1.0 };
    let mut covariance = DMatrix::zeros(n, n);
    for score in scores {
        let step = &bread * DVector::from_vec(score);
        covariance.ger(factor, &step, &step, 1.0);
    }
    let symmetric = (0..n * n).map(|k| f64::midpoint(covariance[(k / n, k % n)], covariance[(k % n, k / n)])).collect();
    let mut out = Fit { covariance: symmetric, ..fit.clone() };
    note(&mut out, kind, &name, count);
    out.findings.extend(findings);
    out.sandwich = Some(Sandwich { kind, cluster: name, clusters: count });
    Ok(out)
}

/// s_g or s*_g of every cluster, and what is to be said about them.
fn scores(
    fit: &Fit,
    sample: &Sample,
    (name, members): (&str, &[Vec<u32>]),
    kind: SandwichKind,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<(Vec<Vec<f64>>, Vec<Finding>)> {
    if kind != SandwichKind::Cr2 {
        return Ok((scores::scores(fit, sample, members, interrupt)?, Vec::new()));
    }
    let plain = fit.groupings.is_empty();
    if plain && let Some(scores) = small::adjusted_scores(fit, sample, members, interrupt)? {
        return Ok((scores, Vec::new()));
    }
    let Adjusted { scores, opposed } = leverage::adjusted_scores(fit, sample, members, interrupt)?;
    let mut findings = Vec::new();
    if plain {
        let message = format!(
            "A cluster has more than {} distinct records, so CR2 adjusts scores by the clusters' shares in the information, not residuals one by one; the two differ little.",
            small::MOST_CELLS
        );
        findings.push(Finding::note("cr2-by-information", name, message));
    }
    if opposed > 0 {
        let message = format!(
            "Without each of {opposed} of the {} clusters the others say less than nothing about some variance, so CR2 has no adjustment there and leaves the cluster's say on it out: the standard error of that variance may be too small. Compare with kind='CR1'.",
            members.len()
        );
        findings.push(Finding::warning("cr2-left-out", name, message));
    }
    Ok((scores, findings))
}

fn note(fit: &mut Fit, kind: SandwichKind, name: &str, count: usize) {
    let message = format!(
        "Standard errors, intervals and Wald tests are robust to {count} clusters ({name}, {}); estimates and likelihood are those of the model.",
        kind.name()
    );
    fit.findings.push(Finding::note("robust-covariance", name, message));
    if count < FEW {
        let message = format!(
            "With {count} clusters a covariance robust to them tends to be too small, and tests reject too often; about {FEW} are wanted. A joint test of more than {} coefficients has no answer.",
            count - 1
        );
        fit.findings.push(Finding::warning("few-clusters", name, message));
    }
}
