//! Fits to several imputations of the same data, pooled by Rubin's rules.
//!
//! With q̄ the mean of m estimates, Ū the mean of their variances, B the variance between them and T = Ū + (1 + 1/m) B, the
//! relative increase is r = (1 + 1/m) B / Ū and (q − q̄)/√T is taken as t with (m − 1)(1 + 1/r)² degrees of freedom (Rubin 1987,
//! *Multiple Imputation for Nonresponse in Surveys*, chapter 3), or fewer where the complete data have few themselves (Barnard &
//! Rubin 1999, *Biometrika* 86:948). Joint tests: D1 of Li, Raghunathan & Rubin (1991, *JASA* 86:1065) with the degrees of
//! freedom there or, for small complete data, of Reiter (2007, *Biometrika* 94:502); D2 of Li, Meng, Raghunathan & Rubin (1991,
//! *Statistica Sinica* 1:65).

mod joint;
mod rubin;

pub use joint::{JointMethod, PooledTest, pooled_tests};
pub use rubin::Rubin;

use super::coefficients::{OddsRatioRow, odds_ratio_table};
use super::normal::two_sided;
use super::variance::{VarianceRow, variance_table};
use crate::error::{Error, Kind, Result};
use crate::model::Fit;

/// A pooled coefficient, or an SD on the log scale, or a correlation on Fisher's.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledRow {
    /// Parameter name.
    pub name: String,
    /// What Rubin's rules give; NaN throughout where an imputation has no finite estimate.
    pub pooled: Rubin,
    /// Bounds on the same scale.
    pub interval: (f64, f64),
    /// Empty, or why there is none.
    pub note: String,
}

/// Refuses what cannot be pooled: one fit, fits of different columns, levels or rows, fits that did not converge.
pub fn check_poolable(fits: &[&Fit]) -> Result<()> {
    if fits.len() < 2 {
        let message =
            format!("{} imputation gives no variance between imputations; pool at least 2, better 20", fits.len());
        return Err(Error::new(Kind::Option, "one-imputation", message));
    }
    let first = fits[0];
    for (k, fit) in fits.iter().enumerate() {
        let differ = |slug, what: String| {
            let message = format!(
                "imputation {} differs from imputation 1: {what}; all must hold the same rows and columns, coded alike",
                k + 1
            );
            Err(Error::new(Kind::Data, slug, message))
        };
        let factors = first.design.factors.iter().chain(first.groupings.iter().flat_map(|g| &g.factors));
        let own = fit.design.factors.iter().chain(fit.groupings.iter().flat_map(|g| &g.factors)).collect::<Vec<_>>();
        for factor in factors {
            let Some(other) = own.iter().find(|f| f.column == factor.column) else {
                return differ("imputation-columns", format!("column '{}' is not a category there", factor.column));
            };
            if other.levels != factor.levels {
                let missing = factor.levels.iter().find(|l| !other.levels.contains(l));
                let extra = other.levels.iter().find(|l| !factor.levels.contains(l));
                let which =
                    missing.map(|l| format!("has no level '{l}'")).or(extra.map(|l| format!("has a level '{l}' more")));
                let which = which.unwrap_or_else(|| "has its levels in another order".into());
                return differ("imputation-levels", format!("column '{}' {which}", factor.column));
            }
        }
        if fit.design.names != first.design.names || fit.estimated != first.estimated {
            return differ("imputation-columns", "its coefficients are not the same".to_string());
        }
        if let Some((own, _)) = fit.design.terms.iter().zip(&first.design.terms).find(|(a, b)| a != b) {
            let what = format!(
                "'{}' took its knots, centre or scale from the imputed values; state them in the formula (knots=, bounds=, I(x - 40))",
                own.name
            );
            return differ("imputation-curves", what);
        }
        if fit.records != first.records {
            return differ(
                "imputation-rows",
                format!("{} rows were used, and {} in imputation 1", fit.records, first.records),
            );
        }
        if !fit.converged {
            let message = format!(
                "the fit to imputation {} did not converge, so it cannot be pooled; see its diagnostics",
                k + 1
            );
            return Err(Error::new(Kind::Fit, "not-converged", message));
        }
    }
    Ok(())
}

/// Coefficients, pooled; in the order of the design.
pub fn pooled_coefficients(fits: &[&Fit], complete: f64, level: f64) -> Result<Vec<PooledRow>> {
    check_poolable(fits)?;
    let z = two_sided(level)?;
    let row = |column: usize| {
        let name = fits[0].design.names[column].clone();
        let Some(at) = fits[0].position(column) else { return absent(name, "redundant: left out".into()) };
        if let Some(k) = fits.iter().position(|f| f.diverging.contains(&at)) {
            return absent(name, format!("separation in imputation {}: no finite estimate", k + 1));
        }
        let q = fits.iter().map(|f| f.beta[at]).collect::<Vec<_>>();
        let u = fits.iter().map(|f| f.covariance[at * f.parameters() + at]).collect::<Vec<_>>();
        present(name, &q, &u, complete, level, z)
    };
    Ok((0..fits[0].design.width()).map(row).collect())
}

fn present(name: String, q: &[f64], u: &[f64], complete: f64, level: f64, z: f64) -> PooledRow {
    let pooled = Rubin::pool(q, u, complete);
    PooledRow { name, pooled, interval: pooled.interval(level, z), note: String::new() }
}

fn absent(name: String, note: String) -> PooledRow {
    let pooled = Rubin::pool(&[f64::NAN, f64::NAN], &[f64::NAN, f64::NAN], f64::INFINITY);
    PooledRow { name, pooled, interval: (f64::NAN, f64::NAN), note }
}

/// SDs and correlations, pooled on the log and on Fisher's scale: the rows of the table of the first fit with estimate, error
/// and bounds replaced, the pooled row beside each.
pub fn pooled_variances(fits: &[&Fit], complete: f64, level: f64) -> Result<Vec<(VarianceRow, PooledRow)>> {
    check_poolable(fits)?;
    let z = two_sided(level)?;
    let tables = fits.iter().map(|f| variance_table(f, level)).collect::<Result<Vec<_>>>()?;
    let row = |k: usize| {
        let mut shown = tables[0][k].clone();
        let is_sd = shown.with_term.is_none();
        // d log s = ds / s; d atanh ρ = dρ / (1 − ρ²).
        let scaled = |r: &VarianceRow| {
            if is_sd {
                (r.sd.ln(), r.std_error / r.sd)
            } else {
                (r.correlation.atanh(), r.std_error / (1.0 - r.correlation * r.correlation))
            }
        };
        let (q, e): (Vec<f64>, Vec<f64>) = tables.iter().map(|t| scaled(&t[k])).unzip();
        let pooled = match e.iter().position(|e| !e.is_finite()) {
            Some(at) => absent(String::new(), format!("at the boundary in imputation {}", at + 1)),
            None => present(String::new(), &q, &e.iter().map(|e| e * e).collect::<Vec<_>>(), complete, level, z),
        };
        let (estimate, (low, high)) = (pooled.pooled.estimate, pooled.interval);
        if is_sd {
            shown.sd = estimate.exp();
            shown.variance = shown.sd * shown.sd;
            shown.std_error = pooled.pooled.std_error() * shown.sd;
            (shown.lower, shown.upper) = (low.exp(), high.exp());
        } else {
            shown.correlation = estimate.tanh();
            shown.variance = f64::NAN;
            shown.std_error = pooled.pooled.std_error() * (1.0 - shown.correlation * shown.correlation);
            (shown.lower, shown.upper) = (low.tanh(), high.tanh());
        }
        (shown, pooled)
    };
    Ok((0..tables[0].len()).map(row).collect())
}

/// One row of the table of pooled odds ratios; reference rows have an odds ratio of 1 and NaN beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledOddsRatio {
    /// Term and level.
    pub place: (String, String),
    /// Whether it is the reference.
    pub reference: bool,
    /// Records and events with this level, averaged over imputations.
    pub counts: (f64, f64),
    /// Odds ratio and bounds.
    pub odds_ratio: [f64; 3],
    /// p-value.
    pub p_value: f64,
    /// Fraction of missing information.
    pub missing_information: f64,
    /// Empty, or why there is no odds ratio.
    pub note: String,
}

/// Odds ratios with the reference rows shown.
pub fn pooled_odds_ratios(fits: &[&Fit], complete: f64, level: f64) -> Result<Vec<PooledOddsRatio>> {
    let rows = pooled_coefficients(fits, complete, level)?;
    let tables = fits.iter().map(|f| odds_ratio_table(f, level)).collect::<Result<Vec<_>>>()?;
    // Rows that are no reference are the columns of the design in order, after the intercept.
    let mut columns = rows.iter().skip(usize::from(fits[0].design.intercept));
    let m = fits.len() as f64;
    let row = |(k, shown): (usize, &OddsRatioRow)| {
        let mean = |value: fn(&OddsRatioRow) -> f64| tables.iter().map(|t| value(&t[k])).sum::<f64>() / m;
        let own = if shown.reference { None } else { columns.next() };
        let nan = f64::NAN;
        PooledOddsRatio {
            place: (shown.term.clone(), shown.level.clone()),
            reference: shown.reference,
            counts: (mean(|r| r.n), mean(|r| r.events)),
            odds_ratio: own.map_or([1.0, nan, nan], |r| [r.pooled.estimate, r.interval.0, r.interval.1].map(f64::exp)),
            p_value: own.map_or(nan, |r| r.pooled.p_value()),
            missing_information: own.map_or(nan, |r| r.pooled.missing_information),
            note: own.map_or_else(String::new, |r| if r.note.is_empty() { shown.note.clone() } else { r.note.clone() }),
        }
    };
    Ok(tables[0].iter().enumerate().map(row).collect())
}
