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
//! snippet 1.

mod clusters;
mod scores;
mod small;

pub use clusters::Clusters;

use super::wald::{require_converged, require_likelihood};
use crate::diagnostic::Finding;
use crate::error::{Error, Kind, Result};
use crate::model::{Fit, Sample, Sandwich, SandwichKind};
use nalgebra::DMatrix;

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
    if kind == SandwichKind::Cr2 && !fit.groupings.is_empty() {
        let message = "kind='CR2' adjusts residuals by their share in a linear predictor, which is defined for the logistic model without random effects; for a mixed model use kind='CR1'";
        return Err(Error::new(Kind::Option, "cr2-mixed", message));
    }
    let (name, members) = clusters.members(fit, sample)?;
    let count = members.len();
    let n = fit.parameters();
    let bread = DMatrix::from_row_slice(n, n, &fit.covariance);
    let scores = match kind {
        SandwichKind::Cr2 => small::adjusted_scores(fit, sample, &members, interrupt)?,
        SandwichKind::Cr0 | SandwichKind::Cr1 => scores::scores(fit, sample, &members, interrupt)?,
    };
    let factor = if kind == SandwichKind::Cr1 { count as f64 / (count as f64 - 1.0) } else { 1.0 };
    let mut meat = DMatrix::zeros(n, n);
    for s in &scores {
        for j in 0..n {
            for i in 0..n {
                meat[(i, j)] += factor * s[i] * s[j];
            }
        }
    }
    let covariance = &bread * meat * &bread;
    let symmetric = (0..n * n).map(|k| f64::midpoint(covariance[(k / n, k % n)], covariance[(k % n, k / n)])).collect();
    let mut out = Fit { covariance: symmetric, ..fit.clone() };
    note(&mut out, kind, &name, count);
    out.sandwich = Some(Sandwich { kind, cluster: name, clusters: count });
    Ok(out)
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
