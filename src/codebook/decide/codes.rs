//! Decides by codes: a map or a list, of the text itself or of what a look-up table has for it.

use crate::codebook::decide::clean::{Mends, is_blank};
use crate::codebook::decide::lookup::Table;
use crate::codebook::decide::matcher::{Matcher, Meaning, Month};
use crate::codebook::decide::verdict::{Fate, Reason, Shown, Verdict};
use crate::codebook::decide::{level_of, shown_text};
use crate::codebook::source::Source;
use crate::codebook::{Cause, Lookup, Lookups, Pattern, Variable};
use crate::error::Result;

/// How a map or a list decides.
#[derive(Debug)]
pub(in crate::codebook) struct ByCodes<'a> {
    source: &'a Source,
    /// Owners below the number of levels are levels, the others causes.
    matcher: Matcher,
    levels: usize,
    no_value: usize,
    looked: Option<Looked<'a>>,
}

/// What a look-up needs.
#[derive(Debug)]
struct Looked<'a> {
    table: Table<'a>,
    /// The codes for missing values, which may also be those of the text itself. Owners are causes.
    missing: Matcher,
    causes: LookupCauses,
}

/// Places of the causes that a look-up adds, among the plan's causes.
#[derive(Debug, Clone, Copy)]
pub(in crate::codebook) struct LookupCauses {
    pub(in crate::codebook) unmatched: usize,
    pub(in crate::codebook) elsewhere: usize,
    pub(in crate::codebook) valueless: usize,
}

impl LookupCauses {
    /// Adds them.
    fn add(causes: &mut Vec<String>, table: &str) -> Self {
        let unmatched = causes.len();
        causes.push(format!("not in look-up '{table}'"));
        causes.push(format!("area outside look-up '{table}'"));
        causes.push(format!("no value in look-up '{table}'"));
        Self { unmatched, elsewhere: unmatched + 1, valueless: unmatched + 2 }
    }
}

impl<'a> ByCodes<'a> {
    /// Adds the causes of a look-up to `causes`.
    pub(in crate::codebook) fn new(
        variable: &'a Variable,
        source: &'a Source,
        lookup: Option<&'a Lookup>,
        lookups: &'a Lookups,
        (causes, no_value): (&mut Vec<String>, usize),
    ) -> Result<Self> {
        let levels = variable.levels.len();
        let declared = variable.causes();
        let mut codes = missing_codes(&declared).map(|(code, cause)| (code, levels + cause)).collect::<Vec<_>>();
        for target in variable.targets() {
            let level = level_of(variable, &target.level)?;
            codes.extend(target.codes.into_iter().map(|code| (code, level)));
        }
        let looked = lookup.map(|lookup| -> Result<_> {
            let table = Table::new(lookup, lookups, &variable.name, variable.clean)?;
            let missing = Matcher::new(missing_codes(&declared), variable.clean);
            Ok(Looked { table, missing, causes: LookupCauses::add(causes, &lookup.table) })
        });
        let matcher = Matcher::new(codes, variable.clean);
        Ok(Self { source, matcher, levels, no_value, looked: looked.transpose()? })
    }

    /// The look-up table it uses and the causes that belong to it.
    pub(in crate::codebook) fn lookup(&self) -> Option<(&'a Lookup, LookupCauses)> {
        self.looked.as_ref().map(|looked| (looked.table.lookup, looked.causes))
    }

    pub(in crate::codebook) fn verdict(&self, cell: Option<usize>, month: Month) -> Verdict {
        let missing = |cause, mends| Verdict { fate: Fate::Missing(cause), mends, shown: Shown::Texts };
        let Some(text) = cell.map(|k| self.source.text(k)).filter(|text| !is_blank(text)) else {
            return missing(self.no_value, Mends::NONE);
        };
        let Some(looked) = &self.looked else { return self.judge(&text, month, Mends::NONE, Shown::Texts) };
        if let Some((found, mends)) = looked.table.find(&text) {
            if is_blank(found) {
                return missing(looked.causes.valueless, mends);
            }
            return self.judge(found, month, mends, Shown::Looked);
        }
        if let Some((read, mends)) = looked.missing.read(&text)
            && let Meaning::Owner(cause) = looked.missing.meaning(&read, month)
        {
            return missing(cause, mends);
        }
        let elsewhere = looked.table.is_elsewhere(&text);
        missing(if elsewhere { looked.causes.elsewhere } else { looked.causes.unmatched }, Mends::NONE)
    }

    fn judge(&self, text: &str, month: Month, before: Mends, shown: Shown) -> Verdict {
        let uncovered = |reason, mends| Verdict { fate: Fate::Uncovered(reason), mends, shown };
        let Some((read, mends)) = self.matcher.read(text) else { return uncovered(Reason::NoCode, before) };
        let mends = before.and(mends);
        match self.matcher.meaning(&read, month) {
            Meaning::Owner(owner) if owner < self.levels => Verdict { fate: Fate::Level(owner), mends, shown },
            Meaning::Owner(owner) => Verdict { fate: Fate::Missing(owner - self.levels), mends, shown },
            Meaning::NotThen { from, to } => {
                uncovered(Reason::NotThen { from, to, month_known: month != Month::Unknown }, mends)
            }
            Meaning::Nothing => uncovered(Reason::NoCode, mends),
        }
    }

    /// The text and as what it was read.
    pub(in crate::codebook) fn describe(&self, cell: Option<usize>, shown: Shown) -> (String, String) {
        let text = shown_text(self.source, cell);
        let read = |matcher: &Matcher, text: &str| {
            matcher.read(text).map_or_else(|| text.to_owned(), |(read, _)| read.into_owned())
        };
        let Some(looked) = &self.looked else {
            let read = read(&self.matcher, &text);
            return (text, read);
        };
        if let (Shown::Looked, Some((found, _))) = (shown, looked.table.find(&text)) {
            return (format!("{}: {found}", looked.table.lookup.table), read(&self.matcher, found));
        }
        let read = read(&looked.missing, &text);
        (text, read)
    }
}

/// The codes for missing values and the places of their causes.
pub(in crate::codebook) fn missing_codes(causes: &[Cause]) -> impl Iterator<Item = (Pattern, usize)> {
    causes.iter().enumerate().flat_map(|(at, cause)| cause.codes.iter().map(move |code| (code.clone(), at)))
}
