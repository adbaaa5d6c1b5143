//! Joint tests of terms over imputations: D1 and D2.

use super::check_poolable;
use crate::error::{Error, Kind, Result};
use crate::inference::normal::chi_squared_p;
use crate::linalg::Spd;
use crate::model::Fit;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

/// A joint test of a term.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledTest {
    /// Term.
    pub term: String,
    /// F statistic.
    pub statistic: f64,
    /// Columns tested.
    pub df1: usize,
    /// Denominator degrees of freedom.
    pub df2: f64,
    /// Upper tail of F.
    pub p_value: f64,
    /// Average relative increase in variance.
    pub increase: f64,
}

/// Which joint test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JointMethod {
    /// From the pooled estimates and covariances.
    D1,
    /// From the Wald statistics of the imputations.
    D2,
}

impl JointMethod {
    /// Reads `"D1"` or `"D2"`.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "D1" => Ok(Self::D1),
            "D2" => Ok(Self::D2),
            _ => Err(Error::new(Kind::Option, "method-choice", format!("method='{name}' is not one of 'D1', 'D2'"))),
        }
    }
}

/// One joint test per term; NaN where a coefficient has no finite estimate in some imputation.
pub fn pooled_tests(fits: &[&Fit], method: JointMethod, complete: f64) -> Result<Vec<PooledTest>> {
    check_poolable(fits)?;
    let test = |term: &crate::design::TermSpec| {
        let at = (term.start..term.start + term.width).filter_map(|c| fits[0].position(c)).collect::<Vec<_>>();
        let finite = !at.is_empty() && fits.iter().all(|f| at.iter().all(|a| !f.diverging.contains(a)));
        let found = finite.then(|| match method {
            JointMethod::D1 => d1(fits, &at, complete),
            JointMethod::D2 => d2(fits, &at),
        });
        let (statistic, df2, increase) = found.flatten().unwrap_or((f64::NAN, f64::NAN, f64::NAN));
        let p_value = upper_tail(statistic, at.len() as f64, df2);
        PooledTest { term: term.name.clone(), statistic, df1: at.len(), df2, p_value, increase }
    };
    Ok(fits[0].design.terms.iter().map(test).collect())
}

/// P(F > x); χ²/k where the denominator has so many degrees of freedom that the two are the same to eight digits.
fn upper_tail(x: f64, df1: f64, df2: f64) -> f64 {
    if x.is_nan() || df2.is_nan() {
        return f64::NAN;
    }
    if df2 > 1e9 {
        return chi_squared_p(x * df1, df1 as usize);
    }
    FisherSnedecor::new(df1, df2).map_or(f64::NAN, |d| d.sf(x))
}

/// (statistic, denominator degrees of freedom, average relative increase) from the pooled estimates.
fn d1(fits: &[&Fit], at: &[usize], complete: f64) -> Option<(f64, f64, f64)> {
    let (m, k) = (fits.len() as f64, at.len());
    let mean = at.iter().map(|&a| fits.iter().map(|f| f.beta[a]).sum::<f64>() / m).collect::<Vec<_>>();
    let (mut within, mut between) = (vec![0.0; k * k], vec![0.0; k * k]);
    for fit in fits {
        let n = fit.parameters();
        for i in 0..k {
            for j in 0..k {
                within[i * k + j] += fit.covariance[at[i] * n + at[j]] / m;
                between[i * k + j] += (fit.beta[at[i]] - mean[i]) * (fit.beta[at[j]] - mean[j]) / (m - 1.0);
            }
        }
    }
    let u = Spd::factor(&within, k)?;
    let quadratic = solved_product(&u, &mean);
    u.solve_rows(&mut between, k);
    let trace: f64 = (0..k).map(|i| between[i * k + i]).sum();
    let r = (1.0 + 1.0 / m) * trace / k as f64;
    let df = joint_df(k as f64, k as f64 * (m - 1.0), r, complete);
    Some((quadratic / (k as f64 * (1.0 + r)), df, r))
}

/// x'A⁻¹x.
fn solved_product(a: &Spd, x: &[f64]) -> f64 {
    let mut solved = x.to_vec();
    a.solve_rows(&mut solved, 1);
    x.iter().zip(&solved).map(|(x, y)| x * y).sum()
}

/// Denominator degrees of freedom of D1, with t = k(m − 1).
fn joint_df(k: f64, t: f64, r: f64, complete: f64) -> f64 {
    if r <= 0.0 {
        return complete;
    }
    if t <= 4.0 {
        return t * (1.0 + 1.0 / k) * (1.0 + 1.0 / r).powi(2) / 2.0;
    }
    if !complete.is_finite() {
        return 4.0 + (t - 4.0) * (1.0 + (1.0 - 2.0 / t) / r).powi(2);
    }
    // Reiter (2007), equation 1.
    let a = r * t / (t - 2.0);
    let v = (complete + 1.0) / (complete + 3.0) * complete;
    let c0 = 1.0 / (t - 4.0);
    let (c1, c2) = (v - 2.0 * (1.0 + a), v - 4.0 * (1.0 + a));
    let z = 1.0 / c2
        + c0 * (a * a * c1 / ((1.0 + a).powi(2) * c2))
        + c0 * (8.0 * a * a * c1 / ((1.0 + a) * c2 * c2) + 4.0 * a * a / ((1.0 + a) * c2))
        + c0 * (4.0 * a * a / (c2 * c1) + 16.0 * a * a * c1 / c2.powi(3))
        + c0 * (8.0 * a * a / (c2 * c2));
    4.0 + 1.0 / z
}

/// The same from the Wald statistics of the imputations.
fn d2(fits: &[&Fit], at: &[usize]) -> Option<(f64, f64, f64)> {
    let (m, k) = (fits.len() as f64, at.len());
    let wald = |fit: &&Fit| {
        let n = fit.parameters();
        let block = at.iter().flat_map(|&a| at.iter().map(move |&b| fit.covariance[a * n + b])).collect::<Vec<_>>();
        let beta = at.iter().map(|&a| fit.beta[a]).collect::<Vec<_>>();
        Some(solved_product(&Spd::factor(&block, k)?, &beta))
    };
    let d = fits.iter().map(wald).collect::<Option<Vec<_>>>()?;
    let mean = d.iter().sum::<f64>() / m;
    let root = d.iter().map(|d| d.sqrt()).sum::<f64>() / m;
    let spread = d.iter().map(|d| (d.sqrt() - root).powi(2)).sum::<f64>() / (m - 1.0);
    let r = (1.0 + 1.0 / m) * spread;
    let k = k as f64;
    let statistic = (mean / k - (m + 1.0) / (m - 1.0) * r) / (1.0 + r);
    let df = if r > 0.0 { k.powf(-3.0 / m) * (m - 1.0) * (1.0 + 1.0 / r).powi(2) } else { f64::INFINITY };
    // Far below its expectation the statistic can turn negative; there is then nothing against the hypothesis.
    Some((statistic.max(0.0), df, r))
}
