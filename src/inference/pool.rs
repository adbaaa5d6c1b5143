//! Fits to several imputations of the same data, pooled by Rubin's rules.
//!
//! With q̄ the mean of m estimates, Ū the mean of their variances, B the variance between them and T = Ū + (1 + 1/m) B, the
//! relative increase is r = (1 + 1/m) B / Ū and (q − q̄)/√T is taken as t with (m − 1)(1 + 1/r)² degrees of freedom (Rubin 1987,
//! *Multiple Imputation for Nonresponse in Surveys*, chapter 3), or fewer where the complete data have few themselves (Barnard &
//! Rubin 1999, *Biometrika* 86:948). Joint tests: D1 of Li, Raghunathan & Rubin (1991, *JASA* 86:1065) with the degrees of
//! freedom there or, for small complete data, of Reiter (2007, *Biometrika* 94:502); D2 of Li, Meng, Raghunathan & Rubin (1991,
//! *Statistica Sinica* 1:65).

use super::coefficients::odds_ratio_table;
use super::normal::two_sided;
use super::variance::{VarianceRow, variance_table};
use crate::error::{Error, Kind, Result};
use crate::linalg::Spd;
use crate::model::Fit;
use statrs::distribution::{ContinuousCDF, FisherSnedecor, Normal, StudentsT};

/// One quantity, pooled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rubin {
    /// q̄.
    pub estimate: f64,
    /// Ū.
    pub within: f64,
    /// B.
    pub between: f64,
    /// T.
    pub total: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Relative increase in variance, r.
    pub increase: f64,
    /// Fraction of missing information, (r + 2/(df + 3)) / (r + 1).
    pub missing_information: f64,
    /// Efficiency of m imputations against infinitely many, 1 / (1 + γ/m).
    pub efficiency: f64,
}

impl Rubin {
    /// Pools m estimates `q` with variances `u`; `complete` are the degrees of freedom that complete data would have.
    pub fn pool(q: &[f64], u: &[f64], complete: f64) -> Self {
        let m = q.len() as f64;
        let mean = |x: &[f64]| x.iter().sum::<f64>() / m;
        let (estimate, within) = (mean(q), mean(u));
        let between = q.iter().map(|q| (q - estimate).powi(2)).sum::<f64>() / (m - 1.0);
        let total = within + (1.0 + 1.0 / m) * between;
        let increase = (1.0 + 1.0 / m) * between / within;
        let df = scalar_df(m, increase, complete);
        let missing_information =
            if df.is_finite() { (increase + 2.0 / (df + 3.0)) / (increase + 1.0) } else { increase / (increase + 1.0) };
        let efficiency = 1.0 / (1.0 + missing_information / m);
        Self { estimate, within, between, total, df, increase, missing_information, efficiency }
    }

    /// √T.
    pub fn std_error(&self) -> f64 {
        self.total.sqrt()
    }

    /// P(|t| > |q̄|/√T).
    pub fn p_value(&self) -> f64 {
        2.0 * lower_tail(-(self.estimate / self.std_error()).abs(), self.df)
    }

    /// q̄ ± t √T, `z` being the normal quantile of the level.
    pub fn interval(&self, level: f64, z: f64) -> (f64, f64) {
        let t = match self.df.is_finite() {
            true => StudentsT::new(0.0, 1.0, self.df).map_or(f64::NAN, |d| d.inverse_cdf(f64::midpoint(1.0, level))),
            false => z,
        };
        (self.estimate - t * self.std_error(), self.estimate + t * self.std_error())
    }
}

fn lower_tail(t: f64, df: f64) -> f64 {
    if t.is_nan() {
        return f64::NAN;
    }
    match df.is_finite() {
        true => StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |d| d.cdf(t)),
        false => Normal::standard().cdf(t),
    }
}

fn scalar_df(m: f64, increase: f64, complete: f64) -> f64 {
    let lambda = increase / (1.0 + increase);
    let old = if increase > 0.0 { (m - 1.0) / (lambda * lambda) } else { f64::INFINITY };
    if !complete.is_finite() {
        return old;
    }
    let observed = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - lambda);
    if old.is_finite() { old * observed / (old + observed) } else { observed }
}

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
pub enum JointTest {
    /// From the pooled estimates and covariances.
    D1,
    /// From the Wald statistics of the imputations.
    D2,
}

impl JointTest {
    /// Reads `"D1"` or `"D2"`.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "D1" => Ok(Self::D1),
            "D2" => Ok(Self::D2),
            _ => Err(Error::new(Kind::Option, "method-choice", format!("method='{name}' is not one of 'D1', 'D2'"))),
        }
    }
}

/// Refuses what cannot be pooled: one fit, fits of different columns, levels or rows, fits that did not converge.
pub fn check_poolable(fits: &[&Fit]) -> Result<()> {
    if fits.len() < 2 {
        let message = format!("{} imputation gives no variance between imputations; pool at least 2, better 20", fits.len());
        return Err(Error::new(Kind::Option, "one-imputation", message));
    }
    let first = fits[0];
    for (k, fit) in fits.iter().enumerate() {
        let differ = |slug, what: String| {
            let message = format!("imputation {} differs from imputation 1: {what}; all must hold the same rows and columns, coded alike", k + 1);
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
                let which = missing.map(|l| format!("has no level '{l}'")).or(extra.map(|l| format!("has a level '{l}' more")));
                let which = which.unwrap_or_else(|| "has its levels in another order".into());
                return differ("imputation-levels", format!("column '{}' {which}", factor.column));
            }
        }
        if fit.design.names != first.design.names || fit.estimated != first.estimated {
            return differ("imputation-columns", "its coefficients are not the same".to_string());
        }
        if let Some((own, _)) = fit.design.terms.iter().zip(&first.design.terms).find(|(a, b)| a != b) {
            let what = format!("'{}' took its knots, centre or scale from the imputed values; state them in the formula (knots=, bounds=, I(x - 40))", own.name);
            return differ("imputation-curves", what);
        }
        if fit.records != first.records {
            return differ("imputation-rows", format!("{} rows were used, and {} in imputation 1", fit.records, first.records));
        }
        if !fit.converged {
            let message = format!("the fit to imputation {} did not converge, so it cannot be pooled; see its diagnostics", k + 1);
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
        let scaled = |r: &VarianceRow| match is_sd {
            true => (r.sd.ln(), r.std_error / r.sd),
            false => (r.correlation.atanh(), r.std_error / (1.0 - r.correlation * r.correlation)),
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
    let row = |(k, shown): (usize, &super::OddsRatioRow)| {
        let mean = |value: fn(&super::OddsRatioRow) -> f64| tables.iter().map(|t| value(&t[k])).sum::<f64>() / m;
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

/// One joint test per term; NaN where a coefficient has no finite estimate in some imputation.
pub fn pooled_tests(fits: &[&Fit], method: JointTest, complete: f64) -> Result<Vec<PooledTest>> {
    check_poolable(fits)?;
    let test = |term: &crate::design::TermSpec| {
        let at = (term.start..term.start + term.width).filter_map(|c| fits[0].position(c)).collect::<Vec<_>>();
        let finite = !at.is_empty() && fits.iter().all(|f| at.iter().all(|a| !f.diverging.contains(a)));
        let found = finite.then(|| match method {
            JointTest::D1 => d1(fits, &at, complete),
            JointTest::D2 => d2(fits, &at),
        });
        let (statistic, df2, increase) = found.flatten().unwrap_or((f64::NAN, f64::NAN, f64::NAN));
        let p_value = upper_tail(statistic, at.len() as f64, df2);
        PooledTest { term: term.name.clone(), statistic, df1: at.len(), df2, p_value, increase }
    };
    Ok(fits[0].design.terms.iter().map(test).collect())
}

/// P(F > x); χ²/k where the denominator has infinite degrees of freedom.
fn upper_tail(x: f64, df1: f64, df2: f64) -> f64 {
    if x.is_nan() || df2.is_nan() {
        return f64::NAN;
    }
    if !df2.is_finite() {
        return super::normal::chi_squared_p(x * df1, df1 as usize);
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
