//! The coding account: which texts became which level, and how many rows each.

use crate::codebook::apply::rare::Settled;
use crate::codebook::decide::Plan;
use crate::codebook::decide::clean::Mends;
use crate::codebook::decide::verdict::{Fate, Verdict};
use crate::codebook::{Uncovered, Variable};
use std::cmp::Reverse;
use std::collections::HashMap;

/// A line of the coding account of one variable. The rows of all its lines add up to the rows read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The text as it was read; `CPP=3; LACStatus=Y` for several columns, the interval for a number in a band, the table and
    /// what it holds for a look-up.
    pub source: String,
    /// What was mended in it, such as "blanks, case"; empty if nothing.
    pub cleaned: String,
    /// The text after mending; empty if nothing was mended.
    pub read_as: String,
    /// The level before rare levels were merged; "number" for a number that is kept.
    pub coded: String,
    /// The level.
    pub level: String,
    /// Why there is no value, or that no rule covered it.
    pub cause: String,
    /// How many rows.
    pub rows: u64,
}

/// Lines of one fate beyond this many are put together: free text read as codes by mistake would fill the memory.
const LINES: usize = 100_000;
/// How the account names a number that is kept.
const NUMBER: &str = "number";
/// The sections of the account, in order.
const LEVEL: u8 = 0;
const MISSING: u8 = 1;
const UNCOVERED: u8 = 2;

/// The rows of one fate and one set of mends, by source text and reading.
type Lines = HashMap<(String, String), u64>;

/// Rows by what became of them, then by source text.
#[derive(Debug, Default)]
pub(in crate::codebook) struct Account {
    groups: HashMap<(Fate, Mends), Lines>,
}

impl Account {
    /// Counts rows of one combination of texts, which the account shows as `described`.
    pub(in crate::codebook) fn add(&mut self, verdict: &Verdict, described: (String, String), rows: u64) {
        *self.groups.entry((verdict.fate, verdict.mends)).or_default().entry(described).or_default() += rows;
    }

    /// The lines: by level in printed order, then what is missing, then what is not covered; the most rows first. The second
    /// list has what is not covered once more.
    pub(in crate::codebook) fn finish(
        self,
        variable: &Variable,
        plan: &Plan<'_>,
        settled: &Settled,
    ) -> (Vec<Entry>, Vec<Entry>) {
        let mut lines = Vec::new();
        for ((fate, mends), group) in self.groups {
            let (coded, cause) = words(fate, variable, plan);
            let (coded, level) = match coded {
                Some(at) => (variable.levels[at].as_str(), settled.levels[settled.place[at]].as_str()),
                None if fate == Fate::Number => (NUMBER, NUMBER),
                None => ("", ""),
            };
            let place = match fate {
                Fate::Number => (LEVEL, 0),
                Fate::Level(at) => (LEVEL, settled.place[at]),
                Fate::Missing(cause) => (MISSING, cause),
                Fate::Uncovered(_) => (UNCOVERED, 0),
            };
            lines.extend(most_first(group).into_iter().map(|(source, read_as, rows, others)| {
                let (cleaned, coded) = (mends.to_string(), coded.to_owned());
                let entry =
                    Entry { source, cleaned, read_as, coded, level: level.to_owned(), cause: cause.clone(), rows };
                ((place, others, Reverse(rows)), (fate, mends), entry)
            }));
        }
        lines.sort_by(|(place, fate, a), (other_place, other_fate, b)| {
            place
                .cmp(other_place)
                .then_with(|| a.source.cmp(&b.source))
                .then_with(|| (&a.cause, &a.read_as, fate).cmp(&(&b.cause, &b.read_as, other_fate)))
        });
        let uncovered = lines.iter().filter(|(((section, _), _, _), _, _)| *section == UNCOVERED);
        let uncovered = uncovered.map(|(_, _, entry)| entry.clone()).collect();
        (lines.into_iter().map(|(_, _, entry)| entry).collect(), uncovered)
    }
}

/// The place of the level that rows get, and why they get none or were not covered.
fn words(fate: Fate, variable: &Variable, plan: &Plan<'_>) -> (Option<usize>, String) {
    match fate {
        Fate::Level(at) => (Some(at), String::new()),
        Fate::Number => (None, String::new()),
        Fate::Missing(cause) => (None, plan.causes[cause].clone()),
        Fate::Uncovered(reason) => (uncovered_level(variable), plan.words(reason)),
    }
}

/// The level to which values go that no rule covers.
pub(in crate::codebook) fn uncovered_level(variable: &Variable) -> Option<usize> {
    match &variable.uncovered {
        Uncovered::Level(level) => variable.levels.iter().position(|known| known == level),
        Uncovered::Refuse | Uncovered::Missing => None,
    }
}

/// Source, reading and rows of each line, and whether it stands for several that were put together.
fn most_first(group: Lines) -> Vec<(String, String, u64, bool)> {
    let mut lines =
        group.into_iter().map(|((source, read_as), rows)| (source, read_as, rows, false)).collect::<Vec<_>>();
    lines.sort_unstable_by(|a, b| (Reverse(a.2), &a.0, &a.1).cmp(&(Reverse(b.2), &b.0, &b.1)));
    if lines.len() > LINES {
        let others = lines.split_off(LINES - 1);
        let rows = others.iter().map(|line| line.2).sum();
        lines.push((format!("and {} more values", others.len()), String::new(), rows, true));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::{Codebook, Lookups, SourceBuilder, apply};

    fn account(text: &str, rows: impl Iterator<Item = String>) -> Vec<Entry> {
        let book = Codebook::parse(text, "book.toml").unwrap();
        let mut builder = SourceBuilder::new(0);
        rows.for_each(|row| builder.push_text(Some(row.as_bytes())));
        apply(&book.variables[0], &[&builder.finish()], None, &Lookups::new()).unwrap().account
    }

    #[test]
    fn levels_come_first_then_what_is_missing_then_what_is_not_covered() {
        let text = "[variables.v]\nfrom = \"V\"\nlevels = { B = [\"b\", \"c\"], A = \"a\" }\nmissing = { Unknown = \"z\" }\n\
                    rare = { below = 2, into = \"Other\" }\n";
        let account = account(text, "? ! a b c c z ! B".split(' ').map(String::from));
        let lines = account.iter().map(|e| [&e.source, &e.coded, &e.level, &e.cause].map(String::as_str));
        let expected = [
            ["c", "B", "B", ""],
            ["B", "B", "B", ""],
            ["b", "B", "B", ""],
            ["a", "A", "Other", ""],
            ["z", "", "", "Unknown"],
            ["!", "", "", "not covered"],
            ["?", "", "", "not covered"],
        ];
        assert_eq!(lines.collect::<Vec<_>>(), expected);
        assert_eq!((account[1].cleaned.as_str(), account[1].read_as.as_str()), ("case", "b"));
    }

    #[test]
    fn lines_of_one_kind_are_put_together_in_the_end() {
        let rows = (0..102_000).chain([7]).map(|k| format!("{k:06}x"));
        let account = account("[variables.v]\nfrom = \"V\"\nlevels = { A = \"a\" }\n", rows);
        assert_eq!((account.len(), account[0].source.as_str(), account[0].rows), (100_000, "000007x", 2));
        assert_eq!((account[99_999].source.as_str(), account[99_999].rows), ("and 2001 more values", 2001));
    }
}
