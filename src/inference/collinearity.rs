//! How much of a term the other terms know: generalised variance inflation factors.

use crate::linalg::Spd;
use crate::model::Fit;

/// One term's inflation.
#[derive(Debug, Clone, PartialEq)]
pub struct Collinearity {
    /// Term.
    pub term: String,
    /// Columns estimated.
    pub df: usize,
    /// det R₁₁ det R₂₂ / det R: by how much the term's joint confidence region is larger, squared, than in a design where it is
    /// uncorrelated with the others.
    pub gvif: f64,
    /// GVIF^(1/2df), comparable between terms: by how much a standard error is larger.
    pub scaled: f64,
}

/// One row per term, from the correlations R of the coefficients besides the intercept (Fox & Monette 1992, *JASA* 87:178). The
/// same for any contrast.
pub fn collinearity(fit: &Fit) -> Vec<Collinearity> {
    let columns =
        |start: usize, width: usize| (start..start + width).filter_map(|c| fit.position(c)).collect::<Vec<_>>();
    let all = columns(usize::from(fit.design.intercept), fit.design.width());
    let whole = log_det(fit, &all);
    let row = |term: &crate::design::TermSpec| {
        let own = columns(term.start, term.width);
        let rest = all.iter().copied().filter(|c| !own.contains(c)).collect::<Vec<_>>();
        let df = own.len();
        let gvif = if df == 0 { f64::NAN } else { (log_det(fit, &own) + log_det(fit, &rest) - whole).exp() };
        Collinearity { term: term.name.clone(), df, gvif, scaled: gvif.powf(0.5 / df as f64) }
    };
    fit.design.terms.iter().map(row).collect()
}

/// log-determinant of the correlations of these coefficients.
fn log_det(fit: &Fit, at: &[usize]) -> f64 {
    let n = fit.parameters();
    let v = |a: usize, b: usize| fit.covariance[a * n + b];
    let scaled = |a: usize, b: usize| v(a, b) / (v(a, a) * v(b, b)).sqrt();
    let block = at.iter().flat_map(|&a| at.iter().map(move |&b| scaled(a, b))).collect::<Vec<_>>();
    Spd::factor(&block, at.len()).map_or(f64::NAN, |r| r.log_det())
}
