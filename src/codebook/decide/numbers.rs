//! Decides by a number: bands of it, or the number itself.

use crate::codebook::decide::clean::{self, Mends, is_blank};
use crate::codebook::decide::codes::missing_codes;
use crate::codebook::decide::matcher::{Matcher, Meaning, Month};
use crate::codebook::decide::verdict::{Fate, Reason, Shown, Verdict};
use crate::codebook::decide::{level_of, shown_text};
use crate::codebook::source::Source;
use crate::codebook::{Interval, Rule, Variable};
use crate::error::Result;

/// How bands or a number decide.
#[derive(Debug)]
pub(in crate::codebook) struct ByNumber<'a> {
    source: &'a Source,
    /// The codes for missing values. Owners are causes.
    missing: Matcher,
    intervals: Vec<(Interval, Fate)>,
    /// Why a number in none of them is not covered.
    outside: Reason,
    no_value: usize,
    clean: bool,
}

impl<'a> ByNumber<'a> {
    pub(in crate::codebook) fn new(variable: &'a Variable, source: &'a Source, no_value: usize) -> Result<Self> {
        let (intervals, outside) = match &variable.rule {
            Rule::Bands { bands, .. } => {
                let bands = bands.iter();
                let bands = bands.map(|band| Ok((band.interval, Fate::Level(level_of(variable, &band.level)?))));
                (bands.collect::<Result<Vec<_>>>()?, Reason::NoBand)
            }
            Rule::Number { min, max, .. } => (vec![(range(*min, *max), Fate::Number)], Reason::Outside),
            Rule::Map { .. } | Rule::List { .. } | Rule::Precedence { .. } => (Vec::new(), Reason::NoBand),
        };
        let missing = Matcher::new(missing_codes(&variable.causes()), variable.clean);
        Ok(Self { source, missing, intervals, outside, no_value, clean: variable.clean })
    }

    pub(in crate::codebook) fn verdict(&self, cell: Option<usize>, month: Month) -> Verdict {
        let verdict = |fate, mends| Verdict { fate, mends, shown: Shown::Texts };
        let Some(k) = cell else { return verdict(Fate::Missing(self.no_value), Mends::NONE) };
        if let Some(fate) = self.missing(k, month) {
            return fate;
        }
        let Some((number, mends)) = self.number(k) else {
            return verdict(Fate::Uncovered(Reason::NotANumber), Mends::NONE);
        };
        match self.intervals.iter().position(|(interval, _)| interval.holds(number)) {
            Some(at) => {
                // A mended number is shown by itself, so that each mend can be seen.
                let shown = if mends == Mends::NONE { Shown::Interval(at) } else { Shown::Texts };
                Verdict { fate: self.intervals[at].1, mends, shown }
            }
            None => verdict(Fate::Uncovered(self.outside), mends),
        }
    }

    /// Whether the text is blank or a code for a missing value. Numbers are spared the trouble of being text.
    fn missing(&self, k: usize, month: Month) -> Option<Verdict> {
        if self.missing.is_empty() && self.source.number(k).is_some() {
            return None;
        }
        let text = self.source.text(k);
        let verdict = |cause, mends| Verdict { fate: Fate::Missing(cause), mends, shown: Shown::Texts };
        if is_blank(&text) {
            return Some(verdict(self.no_value, Mends::NONE));
        }
        let (read, mends) = self.missing.read(&text)?;
        match self.missing.meaning(&read, month) {
            Meaning::Owner(cause) => Some(verdict(cause, mends)),
            Meaning::NotThen { .. } | Meaning::Nothing => None,
        }
    }

    /// The number of a distinct text, with what had to be mended.
    pub(in crate::codebook) fn number(&self, k: usize) -> Option<(f64, Mends)> {
        match self.source.number(k) {
            Some(number) => Some((number, Mends::NONE)).filter(|_| number.is_finite()),
            None => clean::number(&self.source.text(k), self.clean),
        }
    }

    /// The text or the interval, and as what the text was read.
    pub(in crate::codebook) fn describe(&self, cell: Option<usize>, verdict: &Verdict) -> (String, String) {
        if let Shown::Interval(at) = verdict.shown {
            return (self.intervals[at].0.to_string(), String::new());
        }
        let text = shown_text(self.source, cell);
        let read = match (verdict.fate, cell.and_then(|k| self.number(k))) {
            (Fate::Missing(_), _) | (_, None) => self.missing.read(&text).map(|(read, _)| read.into_owned()),
            (_, Some((number, _))) => Some(number.to_string()),
        };
        (text, read.unwrap_or_default())
    }

    /// Why a number is not covered.
    pub(in crate::codebook) fn range(&self) -> Option<Interval> {
        self.intervals.first().map(|(interval, _)| *interval)
    }
}

/// The numbers from the least to the largest.
fn range(min: Option<f64>, max: Option<f64>) -> Interval {
    Interval {
        lower: min.unwrap_or(f64::NEG_INFINITY),
        upper: max.unwrap_or(f64::INFINITY),
        closed_lower: min.is_some(),
        closed_upper: max.is_some(),
    }
}
