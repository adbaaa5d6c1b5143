//! Which rows of a frame are analysed, and in which order.

use crate::coding::Frame;
use crate::error::{Error, Kind, Result};
use crate::formula::{Formula, Response, Variable};
use crate::random::GroupingSpec;
use crate::settings::Policy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingAccount {
    /// Rows given.
    pub rows_read: usize,
    /// Rows left out because a value was missing.
    pub rows_dropped: usize,
    /// Missing values per column (a row may miss several).
    pub columns: BTreeMap<String, usize>,
}

/// Rows without a missing value in any column of the formula.
pub(super) fn complete_rows(columns: &[String], frame: &Frame, policy: Policy) -> Result<(Vec<u32>, MissingAccount)> {
    if frame.rows() == 0 {
        return Err(Error::new(Kind::Data, "empty", "the data have no rows"));
    }
    let mut complete = vec![true; frame.rows()];
    let mut account = MissingAccount { rows_read: frame.rows(), ..MissingAccount::default() };
    for name in columns {
        let count = frame.get(name)?.clear_missing(&mut complete);
        if count > 0 {
            account.columns.insert(name.clone(), count);
        }
    }
    let rows = (0..frame.rows() as u32).filter(|&i| complete[i as usize]).collect::<Vec<_>>();
    account.rows_dropped = account.rows_read - rows.len();
    let per_column = || account.columns.iter().map(|(c, k)| format!("{c}: {k}")).collect::<Vec<_>>().join(", ");
    if policy == Policy::Error && account.rows_dropped > 0 {
        let message = format!(
            "{} of {} rows have missing values ({}) and missing='error' was asked for",
            account.rows_dropped,
            account.rows_read,
            per_column()
        );
        return Err(Error::new(Kind::Data, "missing", message));
    }
    if rows.is_empty() {
        let message = format!(
            "no row of {} is complete: every row misses at least one value (missing per column: {}); look at how the data were read",
            account.rows_read,
            per_column()
        );
        return Err(Error::new(Kind::Data, "all-missing", message));
    }
    Ok((rows, account))
}

/// Leaves out rows that say nothing, of weight zero or without trials: they count in no level, group or information criterion.
pub(super) fn informative_rows(
    formula: &Formula,
    frame: &Frame,
    mut rows: Vec<u32>,
    weights: Option<&[f64]>,
) -> Result<Vec<u32>> {
    if let Some(weights) = weights {
        rows.retain(|&i| weights[i as usize] > 0.0);
    }
    let count = |v: &Variable| frame.number(&v.name, "a count of events or trials");
    match &formula.response {
        Response::Single(_) => {}
        Response::Grouped { events, trials } => {
            // A row with events but no trials is a mistake to be reported, not a row to be left out.
            let (y, m) = (count(events)?, count(trials)?);
            rows.retain(|&i| m[i as usize] != 0.0 || y[i as usize] != 0.0);
        }
        Response::Counts { events, nonevents } => {
            let (y, fails) = (count(events)?, count(nonevents)?);
            rows.retain(|&i| y[i as usize] != 0.0 || fails[i as usize] != 0.0);
        }
    }
    if rows.is_empty() {
        let message = "every complete row has weight zero or no trials, so there is nothing to analyse";
        return Err(Error::new(Kind::Data, "nothing-to-analyse", message));
    }
    Ok(rows)
}

/// Rows by the first grouping factor, then the second, and so on: records that share every level lie side by side.
pub(super) fn sorted(codes: &[Vec<u32>], specs: &[GroupingSpec], rows: usize) -> Vec<u32> {
    let start = (0..rows as u32).collect();
    codes.iter().zip(specs).rev().fold(start, |order, (codes, spec)| sort_by(&order, codes, spec.levels.len()))
}

/// Stable counting sort of `order` by code.
fn sort_by(order: &[u32], codes: &[u32], levels: usize) -> Vec<u32> {
    let mut next = vec![0usize; levels + 1];
    codes.iter().for_each(|&c| next[c as usize + 1] += 1);
    (0..levels).for_each(|j| next[j + 1] += next[j]);
    let mut sorted = vec![0u32; order.len()];
    for &i in order {
        let place = &mut next[codes[i as usize] as usize];
        sorted[*place] = i;
        *place += 1;
    }
    sorted
}
