//! Effects on the scale of risks: what the risk would be with one value of a column and with another, all else as it is.

use super::average::{Analysis, Request, Scenario};
use super::cohort::{Change, Cohort, Setting};
use super::estimate::{Estimate, Measured, Scale};
use super::quantity::Quantity;
use crate::error::{Error, Kind, Result};
use crate::model::Fit;

/// Which values are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// Every level with the reference level, or every number with the first.
    Reference,
    /// Every value with every one before it.
    Pairwise,
    /// Every value with the one before it.
    Sequential,
    /// Chosen pairs: a level, and what it is compared with.
    Pairs(Vec<(String, String)>),
}

impl Comparison {
    /// Reads the name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "reference" => Ok(Self::Reference),
            "pairwise" => Ok(Self::Pairwise),
            "sequential" => Ok(Self::Sequential),
            _ => {
                let message = format!(
                    "contrast='{name}' is not known; choose 'reference', 'pairwise', 'sequential', or give pairs of levels"
                );
                Err(Error::new(Kind::Option, "unknown-contrast", message))
            }
        }
    }

    fn pairs(&self, column: &str, values: &Values) -> Result<Vec<(usize, usize)>> {
        let n = values.labels.len();
        Ok(match self {
            Self::Reference => (0..n).map(|l| (l, values.reference)).collect(),
            Self::Pairwise => (0..n).flat_map(|l| (0..l).map(move |v| (l, v))).collect(),
            Self::Sequential => (1..n).map(|l| (l, l - 1)).collect(),
            Self::Pairs(pairs) => pairs
                .iter()
                .map(|(l, v)| Ok((values.position(column, l)?, values.position(column, v)?)))
                .collect::<Result<_>>()?,
        })
    }
}

/// The values of a column that are compared.
pub(super) struct Values {
    pub labels: Vec<String>,
    pub reference: usize,
    pub settings: Vec<Setting>,
}

impl Values {
    /// The levels of a factor, or the numbers `at` of a numeric column.
    pub(super) fn of(fit: &Fit, column: &str, at: Option<&[f64]>) -> Result<Self> {
        if let Some(factor) = fit.design.factors.iter().find(|f| f.column == column) {
            if at.is_some() {
                let message = format!("at= is for numbers, and '{column}' is categorical in this model");
                return Err(Error::new(Kind::Option, "at-levels", message));
            }
            let settings = factor.levels.iter().map(|l| Setting::Level(l.clone())).collect();
            return Ok(Self { labels: factor.levels.clone(), reference: factor.reference, settings });
        }
        check_number(fit, column)?;
        let at = at.filter(|x| x.len() > 1).ok_or_else(|| {
            let message = format!(
                "'{column}' is a number in this model: say which of its values to compare, with at=[…], two or more"
            );
            Error::new(Kind::Option, "at-needed", message)
        })?;
        let settings = at.iter().map(|x| Setting::Number(*x)).collect();
        Ok(Self { labels: at.iter().map(ToString::to_string).collect(), reference: 0, settings })
    }

    fn position(&self, column: &str, label: &str) -> Result<usize> {
        self.labels.iter().position(|l| l == label).ok_or_else(|| {
            let message = format!("'{label}' is not one of the values of '{column}': {}", self.labels.join(", "));
            Error::new(Kind::Level, "unknown-level", message)
        })
    }

    /// The change to value `k`.
    pub(super) fn change(&self, column: &str, k: usize) -> Change {
        Change { column: column.to_string(), to: self.settings[k].clone() }
    }
}

/// Refuses a column that is not a numeric covariate of the model.
pub(super) fn check_number(fit: &Fit, column: &str) -> Result<()> {
    let known = fit.predictors(false);
    if !known.iter().any(|c| c == column) {
        let message = format!("'{column}' is not a term of this model; its columns are: {}", known.join(", "));
        return Err(Error::new(Kind::Option, "not-a-term", message));
    }
    if fit.design.factors.iter().any(|f| f.column == column) {
        let message = format!("'{column}' is categorical in this model, and this is for numbers; use effects for it");
        return Err(Error::new(Kind::Option, "not-a-number", message));
    }
    Ok(())
}

/// One comparison in one subgroup.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectRow {
    /// Level of each column of `over`.
    pub subgroup: Vec<String>,
    /// Value.
    pub level: String,
    /// Value it is compared with.
    pub versus: String,
    /// Rows averaged over.
    pub n: usize,
    /// Average risk at the value.
    pub risk: Estimate,
    /// Its difference from the risk at the other value.
    pub difference: Estimate,
    /// Its ratio to it.
    pub ratio: Estimate,
    /// The ratio of their odds.
    pub odds_ratio: Estimate,
}

/// Measures per comparison.
const MEASURES: usize = 4;

/// Compares average risks (g-computation; Robins 1986, *Math Modelling* 7:1393): every row is given one value of the column,
/// then the other, and the risks are averaged over the same rows.
pub fn effects(
    fit: &Fit,
    request: &Request,
    column: &str,
    at: Option<&[f64]>,
    comparison: &Comparison,
) -> Result<Vec<EffectRow>> {
    let values = Values::of(fit, column, at)?;
    let pairs = comparison.pairs(column, &values)?;
    let cohort = Analysis::cohort(fit, request)?;
    let scenario = |k: usize| Scenario::new(fit, &cohort, &[values.change(column, k)], request.target, None);
    let scenarios = (0..values.labels.len()).map(scenario).collect::<Result<Vec<_>>>()?;
    let subgroups = cohort.labels.len();
    let cells = (0..subgroups).flat_map(|s| pairs.iter().map(move |&(l, v)| (s, l, v))).collect::<Vec<_>>();
    let measures = |means: &[Vec<Quantity>]| {
        cells.iter().flat_map(|&(s, l, v)| compare(&means[l][s], &means[v][s])).collect::<Vec<_>>()
    };
    let found = Analysis::new(fit, request, scenarios).estimate(measures)?;
    let rows = cells.iter().zip(found.chunks_exact(MEASURES));
    Ok(rows.map(|(&cell, found)| row(&cohort, &values, cell, found)).collect())
}

fn compare(risk: &Quantity, versus: &Quantity) -> [Measured; MEASURES] {
    [
        Measured::new(risk.clone(), Scale::Logit),
        Measured::new(risk.minus(versus), Scale::Plain),
        Measured::new(risk.over(versus), Scale::Log),
        Measured::new(risk.odds().over(&versus.odds()), Scale::Log),
    ]
}

fn row(cohort: &Cohort, values: &Values, (s, l, v): (usize, usize, usize), found: &[Estimate]) -> EffectRow {
    let itself = |estimate: Estimate, value: f64| if l == v { Estimate::exact(value) } else { estimate };
    EffectRow {
        subgroup: cohort.labels[s].clone(),
        level: values.labels[l].clone(),
        versus: values.labels[v].clone(),
        n: cohort.counts[s],
        risk: found[0],
        difference: itself(found[1], 0.0),
        ratio: itself(found[2], 1.0),
        odds_ratio: itself(found[3], 1.0),
    }
}
