//! Applies a variable's rule to its columns.

pub(super) mod account;
pub(super) mod columns;
pub(super) mod rare;
pub(super) mod refusal;
pub(super) mod tuples;
pub(super) mod unmatched;
pub(super) mod values;

use crate::codebook::apply::account::{Account, Entry, uncovered_level};
use crate::codebook::apply::rare::{Settled, settle};
use crate::codebook::apply::tuples::Tuples;
use crate::codebook::apply::unmatched::{Unmatched, check_unmatched};
use crate::codebook::apply::values::Values;
use crate::codebook::decide::Plan;
use crate::codebook::decide::clean;
use crate::codebook::decide::matcher::Month;
use crate::codebook::decide::verdict::{Fate, Shown, Verdict};
use crate::codebook::source::Source;
use crate::codebook::{Rule, Variable};
use crate::error::{Error, Kind, Result};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// Look-up tables by name: from one text to another.
pub type Lookups = BTreeMap<String, HashMap<String, String>>;

/// A variable after its rule was applied.
#[derive(Debug, Clone)]
pub struct Coded {
    /// The value of each row.
    pub values: Values,
    /// The levels in printed order, rare ones merged; empty for a number.
    pub levels: Vec<String>,
    /// What became of which text, in how many rows. All rows are accounted for.
    pub account: Vec<Entry>,
    /// The levels that were merged for having too few rows.
    pub merged: Vec<String>,
    /// The lines of the account that no rule covered.
    pub uncovered: Vec<Entry>,
    /// How the look-up went, if there was one.
    pub unmatched: Option<Unmatched>,
}

/// Applies the rule of a variable to its columns, which are those of [`Variable::sources`] in that order.
///
/// The work is done once for each distinct combination of texts. `month` is the codebook's column of months; only a
/// variable with codes that depend on the month needs it. Values that no rule covers do not stop it; see
/// [`refusal`](crate::codebook::refusal()).
///
/// ```
/// use melogit::codebook::{Codebook, Lookups, SourceBuilder, Values, apply};
///
/// let text = "[variables.gender]\nfrom = \"Gender\"\nlevels = { Male = \"1\", Female = \"2\" }\nmissing = { \"Not known\" = \"X\" }";
/// let book = Codebook::parse(text, "codebook.toml").unwrap();
/// let mut builder = SourceBuilder::new(4);
/// for code in ["1", "2.0", "x", " 1"] {
///     builder.push_text(Some(code.as_bytes()));
/// }
/// let coded = apply(&book.variables[0], &[&builder.finish()], None, &Lookups::new()).unwrap();
/// assert_eq!(coded.values, Values::I8(vec![0, 1, -1, 0]));
/// assert_eq!(coded.account[0].cleaned, "blanks");
/// assert_eq!(coded.account[3].cause, "Not known");
/// ```
pub fn apply(variable: &Variable, sources: &[&Source], month: Option<&Source>, lookups: &Lookups) -> Result<Coded> {
    let month = needed_month(variable, month)?;
    let columns = sources.iter().copied().chain(month).collect::<Vec<_>>();
    check_lengths(variable, sources.len(), &columns)?;
    let plan = Plan::new(variable, sources, lookups)?;
    let tuples = Tuples::new(columns)?;
    let verdicts = verdicts(&plan, &tuples, month);
    let present = || verdicts.iter().enumerate().filter_map(|(k, verdict)| Some((k, verdict.as_ref()?)));

    let mut rows = vec![0; variable.levels.len()];
    let elsewhere = uncovered_level(variable);
    let level = |fate: Fate| match fate {
        Fate::Level(at) => Some(at),
        Fate::Uncovered(_) => elsewhere,
        Fate::Number | Fate::Missing(_) => None,
    };
    for (k, verdict) in present() {
        if let Some(at) = level(verdict.fate) {
            rows[at] += tuples.rows(k);
        }
    }
    let counted = present().map(|(k, verdict)| (*verdict, tuples.rows(k)));
    let unmatched = plan.lookup().map(|(lookup, causes)| Unmatched::count(lookup, causes, counted));
    let settled = settle(variable, &rows)?;
    let (account, uncovered) = account(&plan, &tuples, present()).finish(variable, &plan, &settled);
    check_unmatched(variable, &plan, unmatched.as_ref(), &account)?;
    let values = if let Rule::Number { .. } = variable.rule {
        numbers(&plan, &tuples, &verdicts)
    } else {
        let table = verdicts.iter().map(|verdict| level(verdict.as_ref()?.fate).map(|at| settled.place[at]));
        Values::of_levels(tuples.source(), &table.collect::<Vec<_>>(), settled.levels.len())
    };
    let Settled { levels, merged, .. } = settled;
    Ok(Coded { values, levels, account, merged, uncovered, unmatched })
}

/// What becomes of each combination that occurs.
fn verdicts(plan: &Plan<'_>, tuples: &Tuples<'_>, month: Option<&Source>) -> Vec<Option<Verdict>> {
    let months = month.map(|month| (0..month.distinct()).map(|k| month_of(month, k)).collect::<Vec<_>>());
    let verdict = |k: usize| {
        if tuples.rows(k) == 0 {
            return None;
        }
        let cells = tuples.cells(k);
        let month = months
            .as_ref()
            .map_or(Month::Any, |months| cells.last().copied().flatten().map_or(Month::Unknown, |cell| months[cell]));
        Some(plan.verdict(&cells, month))
    };
    (0..tuples.len()).into_par_iter().with_min_len(64).map(verdict).collect()
}

/// Rows by what became of them and what they are shown as.
fn account<'v>(plan: &Plan<'_>, tuples: &Tuples<'_>, present: impl Iterator<Item = (usize, &'v Verdict)>) -> Account {
    let mut account = Account::default();
    // Numbers in an interval are many and look alike: they are described once.
    let mut alike = HashMap::<Verdict, (usize, u64)>::new();
    for (k, verdict) in present {
        if let Shown::Interval(_) = verdict.shown {
            alike.entry(*verdict).or_insert((k, 0)).1 += tuples.rows(k);
        } else {
            account.add(verdict, plan.describe(&tuples.cells(k), verdict), tuples.rows(k));
        }
    }
    for (verdict, (k, rows)) in alike {
        account.add(&verdict, plan.describe(&tuples.cells(k), &verdict), rows);
    }
    account
}

fn month_of(source: &Source, k: usize) -> Month {
    let number = source.number(k).or_else(|| clean::number(&source.text(k), true).map(|(number, _)| number));
    let month = number.filter(|number| number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(number));
    month.map_or(Month::Unknown, |number| Month::Known(number as u32))
}

fn numbers(plan: &Plan<'_>, tuples: &Tuples<'_>, verdicts: &[Option<Verdict>]) -> Values {
    let number = |k: usize| match verdicts[k] {
        Some(Verdict { fate: Fate::Number, .. }) => plan.number(tuples.cells(k)[0]).unwrap_or(f64::NAN),
        _ => f64::NAN,
    };
    Values::of_numbers(tuples.source(), &(0..tuples.len()).into_par_iter().map(number).collect::<Vec<_>>())
}

/// The column of months, where it decides anything. A shipped list knows the months of its codes whether the extract has
/// them or not: without a column of months all its codes count. Months that the analyst wrote need the column.
fn needed_month<'s>(variable: &Variable, month: Option<&'s Source>) -> Result<Option<&'s Source>> {
    if !variable.has_validity() || (month.is_none() && matches!(variable.rule, Rule::List { .. })) {
        return Ok(None);
    }
    if month.is_none() {
        let message = format!(
            "codes of '{}' count in certain months only, and no column of months was given; name it in the codebook, such as \
             month = \"UniqMonthID\"",
            variable.name
        );
        return Err(Error::new(Kind::Codebook, "codebook-month-missing", message));
    }
    Ok(month)
}

fn check_lengths(variable: &Variable, given: usize, columns: &[&Source]) -> Result<()> {
    let needed = variable.sources();
    if given != needed.len() || columns.is_empty() {
        let message = format!(
            "'{}' reads {} columns ({}), but {given} were given",
            variable.name,
            needed.len(),
            needed.join(", ")
        );
        return Err(Error::new(Kind::Internal, "codebook-sources", message));
    }
    if let Some(other) = columns.iter().find(|column| column.len() != columns[0].len()) {
        let message = format!(
            "the columns of '{}' have {} and {} rows; all columns of a frame have as many",
            variable.name,
            columns[0].len(),
            other.len()
        );
        return Err(Error::new(Kind::Data, "length", message));
    }
    Ok(())
}
