//! Reads a text as one of many codes, mending it if need be.

use crate::codebook::decide::clean::{Mends, is_digits, single_blanks, without_decimal, without_dots};
use crate::codebook::{Form, Pattern};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

/// Codes and what each stands for: a number that means something to the caller.
#[derive(Debug)]
pub(in crate::codebook) struct Matcher {
    patterns: Vec<Entry>,
    exact: Index,
    /// The same with lower-case codes; `None` if case tells codes apart or nothing is mended.
    folded: Option<Index>,
    clean: bool,
    /// How many digits the codes of digits only have.
    widths: BTreeSet<usize>,
}

#[derive(Debug)]
struct Entry {
    pattern: Pattern,
    /// The pattern in lower case.
    folded: Pattern,
    owner: usize,
}

/// Where the codes are that may match a text.
#[derive(Debug, Default)]
struct Index {
    codes: HashMap<String, Vec<usize>>,
    /// Prefixes and ranges.
    open: Vec<usize>,
}

/// The month of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::codebook) enum Month {
    /// No code of the variable depends on it.
    Any,
    /// This one.
    Known(u32),
    /// It is missing or not a number.
    Unknown,
}

/// What a text stands for in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::codebook) enum Meaning {
    /// What the owner of the code stands for.
    Owner(usize),
    /// The code counts in these months only.
    NotThen {
        /// The first month.
        from: Option<u32>,
        /// The last month.
        to: Option<u32>,
    },
    /// It is no code.
    Nothing,
}

impl Month {
    /// Whether the pattern counts in this month. In an unknown one only those count that always do.
    pub(in crate::codebook) fn allows(self, pattern: &Pattern) -> bool {
        match self {
            Self::Any => true,
            Self::Known(month) => pattern.valid(Some(month)),
            Self::Unknown => !pattern.has_validity(),
        }
    }
}

impl Index {
    fn new<'p>(forms: impl Iterator<Item = &'p Form>) -> Self {
        let mut index = Self::default();
        for (at, form) in forms.enumerate() {
            match form {
                Form::Code(code) => index.codes.entry(code.clone()).or_default().push(at),
                Form::Prefix(_) | Form::Range { .. } => index.open.push(at),
            }
        }
        index
    }

    /// The patterns that may match the text.
    fn candidates(&self, text: &str) -> impl Iterator<Item = usize> {
        self.codes.get(text).into_iter().flatten().chain(&self.open).copied()
    }
}

impl Matcher {
    /// A matcher of these codes. If `clean`, texts are mended that are no code as they stand.
    pub(in crate::codebook) fn new(codes: impl IntoIterator<Item = (Pattern, usize)>, clean: bool) -> Self {
        let entry = |(pattern, owner): (Pattern, usize)| Entry { folded: folded(&pattern), pattern, owner };
        let patterns = codes.into_iter().map(entry).collect::<Vec<_>>();
        let exact = Index::new(patterns.iter().map(|entry| &entry.pattern.form));
        let lower = Index::new(patterns.iter().map(|entry| &entry.folded.form));
        let folded = (clean && !case_matters(&patterns, &lower)).then_some(lower);
        let widths = patterns.iter().filter_map(|entry| width(&entry.pattern.form)).collect();
        Self { patterns, exact, folded, clean, widths }
    }

    /// Whether there are no codes.
    pub(in crate::codebook) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The text as which a text is read, in whatever month, and what was mended. `None` if it is no code.
    ///
    /// A text that is a code as it stands is never mended. Otherwise blanks, case, dots, decimals and zeros are mended one
    /// after the other until it is one.
    pub(in crate::codebook) fn read<'t>(&self, text: &'t str) -> Option<(Cow<'t, str>, Mends)> {
        if self.knows(text) {
            return Some((Cow::Borrowed(text), Mends::NONE));
        }
        if !self.clean {
            return None;
        }
        let single = single_blanks(text);
        let bare = without_dots(&single);
        let whole = without_decimal(bare);
        let mut mends = Mends::NONE;
        let mut last = text;
        for (stage, mend) in [(&*single, Mends::BLANKS), (bare, Mends::DOTS), (whole, Mends::DECIMAL)] {
            if stage != last {
                mends = mends.and(mend);
                if self.knows(stage) {
                    return Some((Cow::Owned(stage.to_owned()), mends));
                }
            }
            if let Some(spelled) = self.respelled(stage) {
                return Some((Cow::Owned(spelled), mends.and(Mends::CASE)));
            }
            last = stage;
        }
        self.with_zeros(whole).map(|filled| (Cow::Owned(filled), mends.and(Mends::ZEROS)))
    }

    /// What a text that was read stands for in this month. Of several codes the one that says most about the text decides,
    /// then the first.
    pub(in crate::codebook) fn meaning(&self, text: &str, month: Month) -> Meaning {
        let matching = || self.exact.candidates(text).filter(|&at| self.patterns[at].pattern.matches(text));
        let weight = |at: &usize| (weight(&self.patterns[*at].pattern.form), Reverse(*at));
        if let Some(at) = matching().filter(|&at| month.allows(&self.patterns[at].pattern)).max_by_key(weight) {
            return Meaning::Owner(self.patterns[at].owner);
        }
        matching().max_by_key(weight).map_or(Meaning::Nothing, |at| {
            let pattern = &self.patterns[at].pattern;
            Meaning::NotThen { from: pattern.from_month, to: pattern.to_month }
        })
    }

    /// Whether the text is a code as it stands.
    fn knows(&self, text: &str) -> bool {
        self.exact.candidates(text).any(|at| self.patterns[at].pattern.matches(text))
    }

    /// The text in the case of the code that it is but for case.
    fn respelled(&self, text: &str) -> Option<String> {
        let lower = text.to_lowercase();
        let matching = self.folded.as_ref()?.candidates(&lower);
        let matching = matching.filter(|&at| self.patterns[at].folded.matches(&lower));
        let at = matching.max_by_key(|&at| (weight(&self.patterns[at].folded.form), Reverse(at)))?;
        match &self.patterns[at].pattern.form {
            Form::Code(code) => Some(code.clone()),
            Form::Prefix(prefix) | Form::Range { prefix, .. } => {
                let start = prefix.to_lowercase();
                let ends = text.char_indices().map(|(end, _)| end).chain([text.len()]);
                let end = ends.into_iter().find(|&end| text[..end].to_lowercase() == start)?;
                Some(format!("{prefix}{}", &text[end..]))
            }
        }
    }

    /// The one code that is this number with more or fewer zeros in front.
    fn with_zeros(&self, text: &str) -> Option<String> {
        if !is_digits(text) {
            return None;
        }
        let bare = text.trim_start_matches('0');
        let bare = if bare.is_empty() { "0" } else { bare };
        let padded = self.widths.iter().filter(|&&width| width > bare.len()).map(|width| format!("{bare:0>width$}"));
        let known = |text: &String| {
            let matching = self.exact.candidates(text).map(|at| &self.patterns[at].pattern);
            matching.filter(|pattern| pattern.matches(text)).any(|pattern| match &pattern.form {
                // The number must be all of the code, not only begin with it.
                Form::Prefix(prefix) => prefix == text,
                Form::Code(_) | Form::Range { .. } => true,
            })
        };
        let mut codes = [bare.to_owned()].into_iter().chain(padded).filter(known);
        codes.next().filter(|_| codes.next().is_none())
    }
}

/// How much a code says about a text that it matches.
fn weight(form: &Form) -> usize {
    match form {
        Form::Code(_) => usize::MAX,
        Form::Range { .. } => usize::MAX - 1,
        Form::Prefix(prefix) => prefix.len(),
    }
}

/// How many digits a code of digits only has.
fn width(form: &Form) -> Option<usize> {
    match form {
        Form::Code(text) | Form::Prefix(text) => is_digits(text).then_some(text.len()),
        Form::Range { prefix, width, .. } => (prefix.is_empty() && *width > 0).then_some(*width),
    }
}

fn folded(pattern: &Pattern) -> Pattern {
    let form = match &pattern.form {
        Form::Code(code) => Form::Code(code.to_lowercase()),
        Form::Prefix(prefix) => Form::Prefix(prefix.to_lowercase()),
        Form::Range { prefix, first, last, width } => {
            Form::Range { prefix: prefix.to_lowercase(), first: *first, last: *last, width: *width }
        }
    };
    Pattern { form, ..pattern.clone() }
}

/// Whether codes of different owners are told apart by case alone.
fn case_matters(patterns: &[Entry], lower: &Index) -> bool {
    let clash = |one: &Entry, other: &Entry| {
        one.owner != other.owner && one.folded.overlaps(&other.folded) && !one.pattern.overlaps(&other.pattern)
    };
    let clashes = |at: usize, others: &[usize]| others.iter().any(|&other| clash(&patterns[at], &patterns[other]));
    let all = || (0..patterns.len()).collect::<Vec<_>>();
    lower.codes.values().any(|same| same.iter().any(|&at| clashes(at, same)))
        || lower.open.iter().any(|&at| clashes(at, &all()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Pattern {
        Pattern::from(Form::Code(text.to_owned()))
    }

    fn prefix(text: &str) -> Pattern {
        Pattern::from(Form::Prefix(text.to_owned()))
    }

    /// Each code has an owner of its own.
    fn matcher(codes: Vec<Pattern>) -> Matcher {
        Matcher::new(codes.into_iter().enumerate().map(|(at, code)| (code, at)), true)
    }

    fn read(matcher: &Matcher, text: &str) -> Option<(String, String)> {
        matcher.read(text).map(|(text, mends)| (text.into_owned(), mends.to_string()))
    }

    #[track_caller]
    fn check(matcher: &Matcher, text: &str, read_as: &str, mends: &str) {
        assert_eq!(read(matcher, text), Some((read_as.to_owned(), mends.to_owned())), "{text:?}");
    }

    #[test]
    fn each_dirty_text_is_mended_by_name() {
        let range = Pattern::from(Form::Range { prefix: String::new(), first: 40, last: 99, width: 2 });
        let matcher = matcher(vec![code("A1"), code("01"), code("7"), code("Not known"), prefix("Z9"), range]);
        check(&matcher, "A1", "A1", "");
        check(&matcher, "\u{a0}A1\t", "A1", "blanks");
        check(&matcher, "not  KNOWN", "Not known", "blanks, case");
        check(&matcher, "a1", "A1", "case");
        check(&matcher, "a1. .", "A1", "case, dots");
        check(&matcher, " 7.00", "7", "blanks, decimal");
        check(&matcher, "1", "01", "zeros");
        check(&matcher, "1.", "01", "dots, zeros");
        check(&matcher, "1.0", "01", "decimal, zeros");
        check(&matcher, "0007", "7", "zeros");
        check(&matcher, "z9x", "Z9x", "case");
        check(&matcher, "0040", "40", "zeros");
        for text in ["8", "A", "A 1", "1.5", "", ".", "-7", "100"] {
            assert_eq!(read(&matcher, text), None, "{text:?}");
        }
    }

    #[test]
    fn a_text_that_is_a_code_is_never_mended() {
        let matcher = matcher(vec![code("1"), code("1.0"), code("01"), code("a."), code("A")]);
        for text in ["1", "1.0", "01", "a.", "A"] {
            check(&matcher, text, text, "");
        }
        // It might be 1 or 01.
        assert_eq!(read(&matcher, "001"), None);
    }

    #[test]
    fn case_is_left_alone_where_it_tells_codes_apart() {
        let apart = matcher(vec![code("b"), code("B"), code("C")]);
        assert_eq!(read(&apart, "c"), None);
        let by_prefix = matcher(vec![prefix("B"), code("b1"), code("C")]);
        assert_eq!(read(&by_prefix, "c"), None);
        let one_owner = Matcher::new([(code("b"), 0), (code("B"), 0), (code("C"), 1)], true);
        check(&one_owner, "c", "C", "case");
    }

    #[test]
    fn the_longest_code_decides_and_the_month_counts() {
        let late = Pattern { from_month: Some(1459), ..code("A10") };
        let matcher = matcher(vec![prefix("A"), prefix("A1"), late, code("B")]);
        assert_eq!(matcher.meaning("A2", Month::Any), Meaning::Owner(0));
        assert_eq!(matcher.meaning("A19", Month::Any), Meaning::Owner(1));
        assert_eq!(matcher.meaning("A10", Month::Known(1459)), Meaning::Owner(2));
        assert_eq!(matcher.meaning("A10", Month::Known(1458)), Meaning::Owner(1));
        assert_eq!(matcher.meaning("A10", Month::Unknown), Meaning::Owner(1));
        assert_eq!(matcher.meaning("C", Month::Any), Meaning::Nothing);
        let only = Matcher::new([(Pattern { to_month: Some(1458), ..code("A") }, 5)], true);
        assert_eq!(only.meaning("A", Month::Known(1459)), Meaning::NotThen { from: None, to: Some(1458) });
        assert_eq!(only.meaning("A", Month::Unknown), Meaning::NotThen { from: None, to: Some(1458) });
    }

    #[test]
    fn nothing_is_mended_if_not_asked_for() {
        let exact = Matcher::new([(code("A1"), 0)], false);
        assert_eq!((read(&exact, "a1"), read(&exact, " A1")), (None, None));
    }
}
