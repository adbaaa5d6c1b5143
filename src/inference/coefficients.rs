//! Coefficients, odds ratios with their reference rows, and one test per term.

use super::normal::{chi_squared_p, two_sided, two_sided_p};
use crate::coding::Contrast;
use crate::design::{AtomSpec, TermSpec};
use crate::error::Result;
use crate::linalg::Spd;
use crate::model::Fit;

/// One coefficient. Redundant columns have NaN throughout.
#[derive(Debug, Clone, PartialEq)]
pub struct CoefficientRow {
    /// Parameter name.
    pub name: String,
    /// Term it belongs to.
    pub term: String,
    /// Level or contrast, empty for numbers.
    pub level: String,
    /// Log odds ratio.
    pub estimate: f64,
    /// Standard error.
    pub std_error: f64,
    /// Estimate over standard error.
    pub statistic: f64,
    /// Two-sided Wald p-value.
    pub p_value: f64,
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

/// One row of the odds-ratio table.
#[derive(Debug, Clone, PartialEq)]
pub struct OddsRatioRow {
    /// Term.
    pub term: String,
    /// Level; empty for numbers.
    pub level: String,
    /// Whether it is the level that the others are compared with.
    pub reference: bool,
    /// Records (trials) with this level; all of them for numbers; NaN for interactions, curves and other contrasts.
    pub n: f64,
    /// Events among them.
    pub events: f64,
    /// Odds ratio.
    pub odds_ratio: f64,
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Two-sided Wald p-value.
    pub p: f64,
    /// Empty, or why there is no odds ratio, or how to read it.
    pub note: String,
}

/// A joint Wald test of all columns of one term.
#[derive(Debug, Clone, PartialEq)]
pub struct TermTest {
    /// Term.
    pub term: String,
    /// β'V⁻¹β.
    pub statistic: f64,
    /// Columns tested.
    pub df: usize,
    /// Upper tail of χ².
    pub p_value: f64,
}

/// What is known of one column of the full design.
struct Estimate {
    value: f64,
    error: f64,
    diverges: bool,
}

impl Fit {
    fn estimate(&self, column: usize) -> Option<Estimate> {
        let at = self.position(column)?;
        let error = self.covariance[at * self.parameters() + at].max(0.0).sqrt();
        Some(Estimate { value: self.beta[at], error, diverges: self.diverging.contains(&at) })
    }
}

/// Wald table of the coefficients.
pub fn coefficient_table(fit: &Fit, level: f64) -> Result<Vec<CoefficientRow>> {
    let z = two_sided(level)?;
    let row = |column: usize| {
        let (term, label) = place(fit, column);
        let (estimate, std_error) = fit.estimate(column).map_or((f64::NAN, f64::NAN), |e| (e.value, e.error));
        let statistic = estimate / std_error;
        CoefficientRow {
            name: fit.design.names[column].clone(),
            term,
            level: label,
            estimate,
            std_error,
            statistic,
            p_value: if statistic.is_nan() { f64::NAN } else { two_sided_p(statistic) },
            lower: estimate - z * std_error,
            upper: estimate + z * std_error,
        }
    };
    Ok((0..fit.design.width()).map(row).collect())
}

/// Term and level of a column.
fn place(fit: &Fit, column: usize) -> (String, String) {
    let owner = fit.design.terms.iter().find(|t| (t.start..t.start + t.width).contains(&column));
    match owner {
        None => ("(Intercept)".to_string(), String::new()),
        Some(term) => (term.name.clone(), column_label(fit, term, column)),
    }
}

fn column_label(fit: &Fit, term: &TermSpec, column: usize) -> String {
    match term.atoms.as_slice() {
        [AtomSpec::Factor { index, full }] => {
            let factor = &fit.design.factors[*index];
            let contrast = fit.design.contrast(*index, *full);
            contrast.labels(&factor.levels, factor.reference)[column - term.start].clone()
        }
        [AtomSpec::Number(_)] => String::new(),
        [AtomSpec::Basis(_)] => (column - term.start + 1).to_string(),
        _ => fit.design.names[column].clone(),
    }
}

/// Odds ratios with the reference rows shown, one row per level of a factor with treatment or simple contrasts, else one per column.
pub fn odds_ratio_table(fit: &Fit, level: f64) -> Result<Vec<OddsRatioRow>> {
    let z = two_sided(level)?;
    let mut rows = Vec::new();
    for term in &fit.design.terms {
        match term.atoms.as_slice() {
            [AtomSpec::Factor { index, full }] => factor_rows(fit, term, *index, *full, z, &mut rows),
            [AtomSpec::Number(_)] => rows.push(column_row(fit, term, term.start, (fit.trials, fit.events), z)),
            _ => {
                let columns = term.start..term.start + term.width;
                rows.extend(columns.map(|c| column_row(fit, term, c, (f64::NAN, f64::NAN), z)));
            }
        }
    }
    Ok(rows)
}

fn factor_rows(fit: &Fit, term: &TermSpec, index: usize, full: bool, z: f64, rows: &mut Vec<OddsRatioRow>) {
    let factor = &fit.design.factors[index];
    let contrast = fit.design.contrast(index, full);
    if !contrast.has_reference() && *contrast != Contrast::Indicator {
        let columns = term.start..term.start + term.width;
        rows.extend(columns.map(|c| column_row(fit, term, c, (f64::NAN, f64::NAN), z)));
        return;
    }
    let mut column = term.start;
    for (level, name) in factor.levels.iter().enumerate() {
        let count = fit.counts[index][level];
        if contrast.has_reference() && level == factor.reference {
            rows.push(OddsRatioRow {
                term: term.name.clone(),
                level: name.clone(),
                reference: true,
                n: count.n,
                events: count.events,
                odds_ratio: 1.0,
                lower: f64::NAN,
                upper: f64::NAN,
                p: f64::NAN,
                note: String::new(),
            });
            continue;
        }
        let mut row = column_row(fit, term, column, (count.n, count.events), z);
        row.level.clone_from(name);
        rows.push(row);
        column += 1;
    }
}

fn column_row(fit: &Fit, term: &TermSpec, column: usize, (n, events): (f64, f64), z: f64) -> OddsRatioRow {
    let mut row = OddsRatioRow {
        term: term.name.clone(),
        level: column_label(fit, term, column),
        reference: false,
        n,
        events,
        odds_ratio: f64::NAN,
        lower: f64::NAN,
        upper: f64::NAN,
        p: f64::NAN,
        note: String::new(),
    };
    match fit.estimate(column) {
        None => row.note = "redundant: left out".to_string(),
        // The maximum is at infinity: that is the estimate, and a Wald interval around it means nothing.
        Some(e) if e.diverges => {
            row.odds_ratio = if e.value > 0.0 { f64::INFINITY } else { 0.0 };
            row.note = "separation: no finite estimate".to_string();
        }
        Some(e) => {
            row.odds_ratio = e.value.exp();
            row.lower = (e.value - z * e.error).exp();
            row.upper = (e.value + z * e.error).exp();
            row.p = two_sided_p(e.value / e.error);
            if term.atoms.iter().any(|a| matches!(a, AtomSpec::Basis(_))) {
                row.note = "one column of a curve: read the curve from predictions and its term's test".to_string();
            }
        }
    }
    row
}

/// One joint test per term: does the term matter at all? NaN where a coefficient has no finite estimate.
pub fn term_tests(fit: &Fit) -> Vec<TermTest> {
    fit.design.terms.iter().map(|term| term_test(fit, term)).collect()
}

fn term_test(fit: &Fit, term: &TermSpec) -> TermTest {
    let at = (term.start..term.start + term.width).filter_map(|c| fit.position(c)).collect::<Vec<_>>();
    let df = at.len();
    let mut test = TermTest { term: term.name.clone(), statistic: f64::NAN, df, p_value: f64::NAN };
    if df == 0 || at.iter().any(|a| fit.diverging.contains(a)) {
        return test;
    }
    let n = fit.parameters();
    let block = at.iter().flat_map(|&a| at.iter().map(move |&b| fit.covariance[a * n + b])).collect::<Vec<_>>();
    if let Some(v) = Spd::factor(&block, df) {
        let beta = at.iter().map(|&a| fit.beta[a]).collect::<Vec<_>>();
        let mut solved = beta.clone();
        v.solve_rows(&mut solved, 1);
        test.statistic = beta.iter().zip(&solved).map(|(b, s)| b * s).sum();
        test.p_value = chi_squared_p(test.statistic, df);
    }
    test
}
