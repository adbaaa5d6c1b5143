//! Decides by a precedence: the first step all of whose conditions hold.

use crate::codebook::decide::clean::{self, Mends, is_blank};
use crate::codebook::decide::matcher::{Matcher, Month};
use crate::codebook::decide::verdict::{Fate, Reason, Shown, Verdict};
use crate::codebook::decide::{level_of, shown_text};
use crate::codebook::source::Source;
use crate::codebook::{Interval, Pattern, Step, StepOutcome, Test, Variable};
use crate::error::Result;
use rayon::prelude::*;

/// How a precedence decides.
#[derive(Debug)]
pub(in crate::codebook) struct BySteps<'a> {
    columns: Vec<Column<'a>>,
    /// Where each step leads, and its conditions by the place of their column.
    steps: Vec<(Fate, Vec<(usize, &'a Test)>)>,
    no_value: usize,
    by_month: bool,
}

/// A column that is tested.
#[derive(Debug)]
struct Column<'a> {
    name: &'a str,
    source: &'a Source,
    /// Each distinct text as it is read.
    cells: Vec<Reading>,
    /// The intervals it is tested for, if it is never tested for codes.
    intervals: Option<Vec<Interval>>,
}

/// A text as it is read.
#[derive(Debug)]
struct Reading {
    /// `None`: as it stands.
    text: Option<String>,
    mends: Mends,
    number: Option<f64>,
    blank: bool,
}

impl<'a> BySteps<'a> {
    /// Adds the causes of steps to `causes`.
    pub(in crate::codebook) fn new(
        variable: &'a Variable,
        steps: &'a [Step],
        sources: &[&'a Source],
        (causes, no_value): (&mut Vec<String>, usize),
    ) -> Result<Self> {
        let names = variable.sources();
        let place = |name: &str| names.iter().position(|known| *known == name).unwrap_or_default();
        let mut decisions = Vec::new();
        for step in steps {
            let fate = match &step.outcome {
                StepOutcome::Level(level) => Fate::Level(level_of(variable, level)?),
                StepOutcome::Missing(cause) => Fate::Missing(place_of(causes, cause)),
            };
            decisions.push((fate, step.when.iter().map(|when| (place(&when.column), &when.test)).collect::<Vec<_>>()));
        }
        let tests = |at: usize| decisions.iter().flat_map(|(_, when)| when).filter(move |(column, _)| *column == at);
        let columns = names.iter().zip(sources).enumerate().map(|(at, (name, source))| {
            let tests = tests(at).map(|(_, test)| *test).collect::<Vec<_>>();
            Column::new(name, source, &tests, variable.clean)
        });
        let columns = columns.collect();
        Ok(Self { columns, steps: decisions, no_value, by_month: variable.has_validity() })
    }

    pub(in crate::codebook) fn verdict(&self, cells: &[Option<usize>], month: Month) -> Verdict {
        let read = self.columns.iter().zip(cells);
        let mends = read.clone().filter_map(|(column, cell)| Some(column.cells[(*cell)?].mends));
        let mends = mends.fold(Mends::NONE, Mends::and);
        let holds = |(column, test): &(usize, &Test)| self.columns[*column].holds(cells[*column], test, month);
        let fate = match self.steps.iter().find(|(_, when)| when.iter().all(holds)) {
            Some((fate, _)) => *fate,
            None if read.clone().all(|(column, cell)| column.is_blank(*cell)) => Fate::Missing(self.no_value),
            None => Fate::Uncovered(Reason::NoStep { month_known: !self.by_month || month != Month::Unknown }),
        };
        Verdict { fate, mends, shown: Shown::Texts }
    }

    /// The texts by column and as what they were read.
    pub(in crate::codebook) fn describe(&self, cells: &[Option<usize>]) -> (String, String) {
        let write = |text: fn(&Column<'a>, Option<usize>) -> String| {
            let parts =
                self.columns.iter().zip(cells).map(|(column, cell)| format!("{}={}", column.name, text(column, *cell)));
            parts.collect::<Vec<_>>().join("; ")
        };
        (write(Column::shown), write(Column::read))
    }
}

impl<'a> Column<'a> {
    fn new(name: &'a str, source: &'a Source, tests: &[&'a Test], clean: bool) -> Self {
        let mut codes = Vec::new();
        let mut intervals = Vec::new();
        for (at, test) in tests.iter().enumerate() {
            match test {
                Test::Codes(patterns) | Test::Not(patterns) => {
                    codes.extend(patterns.iter().map(|pattern| (pattern.clone(), at)));
                }
                Test::Within(interval) => intervals.push(*interval),
                Test::Blank => {}
            }
        }
        let by_codes = !codes.is_empty();
        let matcher = Matcher::new(codes, clean);
        let numeric = !intervals.is_empty();
        let reading = |k: usize| Reading::new(source, k, &matcher, (numeric, clean));
        let cells = (0..source.distinct()).into_par_iter().map(reading).collect();
        Self { name, source, cells, intervals: (numeric && !by_codes).then_some(intervals) }
    }

    fn is_blank(&self, cell: Option<usize>) -> bool {
        cell.is_none_or(|k| self.cells[k].blank)
    }

    /// Whether the test holds. Of a cell without a value only that it is blank does.
    fn holds(&self, cell: Option<usize>, test: &Test, month: Month) -> bool {
        let Some(k) = cell.filter(|k| !self.cells[*k].blank) else { return *test == Test::Blank };
        let reading = &self.cells[k];
        let among = |patterns: &[Pattern]| {
            let own = self.source.text(k);
            let text = reading.text.as_deref().unwrap_or(&own);
            patterns.iter().any(|pattern| pattern.matches(text) && month.allows(pattern))
        };
        match test {
            Test::Codes(patterns) => among(patterns),
            Test::Not(patterns) => !among(patterns),
            Test::Within(interval) => reading.number.is_some_and(|number| interval.holds(number)),
            Test::Blank => false,
        }
    }

    /// The text, or the interval if only intervals are asked for.
    fn shown(&self, cell: Option<usize>) -> String {
        let number = cell.and_then(|k| self.cells[k].number.filter(|_| self.cells[k].mends == Mends::NONE));
        let (Some(intervals), Some(number)) = (&self.intervals, number) else {
            return shown_text(self.source, cell);
        };
        let list = |intervals: Vec<String>, word: &str| {
            let mut intervals = intervals;
            intervals.dedup();
            intervals.join(word)
        };
        let holding = intervals.iter().filter(|interval| interval.holds(number)).map(Interval::to_string);
        match holding.collect::<Vec<_>>() {
            none if none.is_empty() => {
                format!("outside {}", list(intervals.iter().map(Interval::to_string).collect(), " and "))
            }
            holding => list(holding, " and "),
        }
    }

    /// The text as it was read.
    fn read(&self, cell: Option<usize>) -> String {
        match cell.and_then(|k| self.cells[k].text.clone()) {
            Some(text) => text,
            None => self.shown(cell),
        }
    }
}

impl Reading {
    fn new(source: &Source, k: usize, matcher: &Matcher, (numeric, clean): (bool, bool)) -> Self {
        let text = source.text(k);
        let blank = is_blank(&text);
        let number = if numeric && !blank { clean::number(&text, clean) } else { None };
        let (number, blanks) = number.map_or((None, Mends::NONE), |(number, mends)| (Some(number), mends));
        let code = if blank { None } else { matcher.read(&text) };
        let (text, mends) = match code {
            Some((read, mends)) if mends != Mends::NONE => (Some(read.into_owned()), mends),
            None if blanks != Mends::NONE => (number.map(|number| number.to_string()), blanks),
            _ => (None, Mends::NONE),
        };
        Self { text, mends, number, blank }
    }
}

/// The place of a cause, which is added if it is new.
fn place_of(causes: &mut Vec<String>, cause: &str) -> usize {
    causes.iter().position(|known| known == cause).unwrap_or_else(|| {
        causes.push(cause.to_owned());
        causes.len() - 1
    })
}
