//! How many values a look-up did not find, and whether that is too many.

use crate::codebook::apply::account::Entry;
use crate::codebook::apply::refusal::counted;
use crate::codebook::decide::Plan;
use crate::codebook::decide::codes::LookupCauses;
use crate::codebook::decide::verdict::{Fate, Shown, Verdict};
use crate::codebook::{Lookup, Variable};
use crate::error::{Error, Kind, Result};

/// How a look-up went, in rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// Name of the table.
    pub table: String,
    /// Rows whose text the table should have and does not.
    pub rows: u64,
    /// Rows of areas for which the table is not made, which say nothing about its vintage: the table has areas of England
    /// only, and these are in Wales, Scotland or Northern Ireland, or are a pseudo code such as E99999999.
    pub elsewhere: u64,
    /// Rows whose text the table has.
    pub matched: u64,
}

impl Unmatched {
    /// The share of values not found among those that the table should have.
    pub fn rate(&self) -> f64 {
        if self.rows == 0 { 0.0 } else { self.rows as f64 / (self.rows + self.matched) as f64 }
    }

    pub(in crate::codebook) fn count(
        lookup: &Lookup,
        causes: LookupCauses,
        counted: impl Iterator<Item = (Verdict, u64)>,
    ) -> Self {
        let mut unmatched = Self { table: lookup.table.clone(), rows: 0, elsewhere: 0, matched: 0 };
        for (verdict, rows) in counted {
            match verdict {
                Verdict { shown: Shown::Looked, .. } => unmatched.matched += rows,
                Verdict { fate: Fate::Missing(cause), .. } if cause == causes.valueless => unmatched.matched += rows,
                Verdict { fate: Fate::Missing(cause), .. } if cause == causes.elsewhere => unmatched.elsewhere += rows,
                Verdict { fate: Fate::Missing(cause), .. } if cause == causes.unmatched => unmatched.rows += rows,
                _ => {}
            }
        }
        unmatched
    }

    /// Whether so few values were found that the table must be the wrong one.
    fn is_too_much(&self, allowed: f64) -> bool {
        let nothing = self.matched == 0 && self.rows + self.elsewhere > 0;
        self.rate() > allowed || (nothing && allowed < 1.0)
    }
}

/// Texts shown as examples.
const EXAMPLES: usize = 5;

/// Refuses a look-up that did not find more than the allowed share.
pub(in crate::codebook) fn check_unmatched(
    variable: &Variable,
    plan: &Plan<'_>,
    unmatched: Option<&Unmatched>,
    account: &[Entry],
) -> Result<()> {
    let (Some((lookup, causes)), Some(unmatched)) = (plan.lookup(), unmatched) else { return Ok(()) };
    if !unmatched.is_too_much(lookup.unmatched) {
        return Ok(());
    }
    let causes = [&plan.causes[causes.unmatched], &plan.causes[causes.elsewhere]];
    let examples = account.iter().filter(|entry| causes.contains(&&entry.cause)).take(EXAMPLES);
    let examples =
        examples.map(|entry| format!("'{}' ({})", entry.source, counted(entry.rows, "row"))).collect::<Vec<_>>();
    let lost = if unmatched.rows > 0 { unmatched.rows } else { unmatched.elsewhere };
    let of = lost + unmatched.matched;
    let message = format!(
        "'{}': {lost} of {of} values of {} ({:.1} per cent) are not in the look-up '{}', and {} per cent are allowed; such \
         as {}; probably the table and the column are of different vintages (the index of deprivation of 2019 uses areas of \
         2011, that of 2025 areas of 2021): hand over the table that belongs to the column, or raise 'unmatched' in the codebook",
        variable.name,
        variable.sources().join(", "),
        100.0 * lost as f64 / of as f64,
        unmatched.table,
        100.0 * lookup.unmatched,
        examples.join(", ")
    );
    Err(Error::new(Kind::Data, "lookup-unmatched", message))
}
