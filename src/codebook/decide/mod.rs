//! Decides what becomes of a combination of texts, by the rule of its variable.

pub(super) mod clean;
pub(super) mod codes;
pub(super) mod lookup;
pub(super) mod matcher;
pub(super) mod numbers;
pub(super) mod steps;
pub(super) mod verdict;

use crate::codebook::decide::clean::Mends;
use crate::codebook::decide::codes::{ByCodes, LookupCauses};
use crate::codebook::decide::matcher::Month;
use crate::codebook::decide::numbers::ByNumber;
use crate::codebook::decide::steps::BySteps;
use crate::codebook::decide::verdict::{Reason, Verdict};
use crate::codebook::source::Source;
use crate::codebook::{Lookup, Lookups, Rule, Variable};
use crate::error::{Error, Kind, Result};

/// How a variable decides.
#[derive(Debug)]
pub(in crate::codebook) struct Plan<'a> {
    /// Why values may be missing: the declared causes in their order, then others.
    pub(in crate::codebook) causes: Vec<String>,
    by: By<'a>,
}

#[derive(Debug)]
enum By<'a> {
    Codes(Box<ByCodes<'a>>),
    Number(ByNumber<'a>),
    Steps(BySteps<'a>),
}

/// The cause of a cell that holds nothing.
const NO_VALUE: &str = "no value";

impl<'a> Plan<'a> {
    /// The plan of a variable for columns whose distinct texts are known.
    pub(in crate::codebook) fn new(
        variable: &'a Variable,
        sources: &[&'a Source],
        lookups: &'a Lookups,
    ) -> Result<Self> {
        let mut causes = variable.causes().into_iter().map(|cause| cause.cause).collect::<Vec<_>>();
        let no_value = causes.len();
        causes.push(NO_VALUE.to_owned());
        let by = match &variable.rule {
            Rule::Map { lookup, .. } | Rule::List { lookup, .. } => {
                let causes = (&mut causes, no_value);
                By::Codes(Box::new(ByCodes::new(variable, sources[0], lookup.as_ref(), lookups, causes)?))
            }
            Rule::Bands { .. } | Rule::Number { .. } => By::Number(ByNumber::new(variable, sources[0], no_value)?),
            Rule::Precedence { steps } => By::Steps(BySteps::new(variable, steps, sources, (&mut causes, no_value))?),
        };
        Ok(Self { causes, by })
    }

    /// What becomes of rows with these texts, one for each column.
    pub(in crate::codebook) fn verdict(&self, cells: &[Option<usize>], month: Month) -> Verdict {
        match &self.by {
            By::Codes(by) => by.verdict(cells[0], month),
            By::Number(by) => by.verdict(cells[0], month),
            By::Steps(by) => by.verdict(cells, month),
        }
    }

    /// As what the account shows the rows, and as what their text was read if it was mended.
    pub(in crate::codebook) fn describe(&self, cells: &[Option<usize>], verdict: &Verdict) -> (String, String) {
        let (source, read_as) = match &self.by {
            By::Codes(by) => by.describe(cells[0], verdict.shown),
            By::Number(by) => by.describe(cells[0], verdict),
            By::Steps(by) => by.describe(cells),
        };
        (source, if verdict.mends == Mends::NONE { String::new() } else { read_as })
    }

    /// The number that a distinct text stands for.
    pub(in crate::codebook) fn number(&self, cell: Option<usize>) -> Option<f64> {
        match &self.by {
            By::Number(by) => by.number(cell?).map(|(number, _)| number),
            By::Codes(_) | By::Steps(_) => None,
        }
    }

    /// The look-up and its causes, if it has one.
    pub(in crate::codebook) fn lookup(&self) -> Option<(&'a Lookup, LookupCauses)> {
        match &self.by {
            By::Codes(by) => by.lookup(),
            By::Number(_) | By::Steps(_) => None,
        }
    }

    /// Why a value is not covered, in words.
    pub(in crate::codebook) fn words(&self, reason: Reason) -> String {
        let why = match reason {
            Reason::NoCode => return "not covered".to_owned(),
            Reason::NotThen { from, to, month_known } => {
                let months = match (from, to) {
                    (Some(from), Some(to)) => format!("valid only in months {from} to {to}"),
                    (Some(from), None) => format!("valid only from month {from}"),
                    (None, to) => format!("valid only to month {}", to.unwrap_or_default()),
                };
                if month_known { months } else { format!("{months}, and {NO_MONTH}") }
            }
            Reason::NotANumber => "not a number".to_owned(),
            Reason::NoBand => "in no band".to_owned(),
            Reason::Outside => match &self.by {
                By::Number(by) => by.range().map_or_else(String::new, |range| format!("outside {range}")),
                By::Codes(_) | By::Steps(_) => String::new(),
            },
            Reason::NoStep { month_known: true } => "no step holds".to_owned(),
            Reason::NoStep { month_known: false } => format!("no step holds, and {NO_MONTH}"),
        };
        format!("not covered: {why}")
    }
}

const NO_MONTH: &str = "the month is missing or not a number";

/// The place of a level among the variable's levels.
pub(in crate::codebook) fn level_of(variable: &Variable, level: &str) -> Result<usize> {
    variable.levels.iter().position(|known| known == level).ok_or_else(|| {
        let message = format!(
            "the levels of '{}' do not name '{level}', which its rule gives; read the codebook from its text",
            variable.name
        );
        Error::new(Kind::Codebook, "codebook-unknown-level", message)
    })
}

/// A cell as the account shows it.
pub(in crate::codebook) fn shown_text(source: &Source, cell: Option<usize>) -> String {
    match cell.map(|k| source.text(k)) {
        None => "(no value)".to_owned(),
        Some(text) if crate::codebook::decide::clean::is_blank(&text) => "(blank)".to_owned(),
        Some(text) => text.into_owned(),
    }
}
