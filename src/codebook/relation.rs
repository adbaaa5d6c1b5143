//! How two patterns stand to each other: whether they share a text, and whether one holds all texts of the other.

use super::pattern::number;
use super::{Form, Pattern};

impl Pattern {
    /// Whether some text in some month belongs to both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.meets(other) && share_text(&self.form, &other.form)
    }

    /// Whether some number in some month belongs to both, however many zeros are written before it.
    pub(super) fn shares_number(&self, other: &Self) -> bool {
        let shared = numbers(&self.form).zip(numbers(&other.form));
        self.meets(other) && shared.is_some_and(|((a, b), (c, d))| a.max(c) <= b.min(d))
    }

    /// Whether both count in some month.
    fn meets(&self, other: &Self) -> bool {
        self.begins() <= other.ends() && other.begins() <= self.ends()
    }

    /// Whether every text and month of the other is certain to belong to this one.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let months = self.begins() <= other.begins() && other.ends() <= self.ends();
        months && holds_all(&self.form, &other.form)
    }

    fn begins(&self) -> u32 {
        self.from_month.unwrap_or(0)
    }

    fn ends(&self) -> u32 {
        self.to_month.unwrap_or(u32::MAX)
    }
}

/// The first and last number that the form stands for, if it stands for numbers only.
fn numbers(form: &Form) -> Option<(u64, u64)> {
    match form {
        Form::Code(code) if !code.is_empty() => number(code).map(|value| (value, value)),
        Form::Range { prefix, first, last, .. } if prefix.is_empty() => Some((*first, *last)),
        Form::Code(_) | Form::Range { .. } | Form::Prefix(_) => None,
    }
}

fn matches(form: &Form, text: &str) -> bool {
    Pattern::from(form.clone()).matches(text)
}

fn share_text(one: &Form, other: &Form) -> bool {
    match (one, other) {
        (Form::Code(code), form) | (form, Form::Code(code)) => matches(form, code),
        (Form::Prefix(a), Form::Prefix(b)) => a.starts_with(b.as_str()) || b.starts_with(a.as_str()),
        (Form::Prefix(start), range @ Form::Range { .. }) | (range @ Form::Range { .. }, Form::Prefix(start)) => {
            range_begins_with(range, start)
        }
        (
            Form::Range { prefix: p, first: a, last: b, width: w },
            Form::Range { prefix: q, first: c, last: d, width: v },
        ) => {
            // Numbers of different widths are different texts, unless one is written with as many digits as it needs.
            let (from, to) = (*a.max(c), *b.min(d));
            p == q
                && match (*w, *v) {
                    (w, v) if w == v => from <= to,
                    (0, w) | (w, 0) => from.max(if w == 1 { 0 } else { ten_to(w - 1) }) <= to.min(ten_to(w) - 1),
                    _ => false,
                }
        }
    }
}

/// Whether some text of the range begins so.
fn range_begins_with(range: &Form, start: &str) -> bool {
    let Form::Range { prefix, first, last, width } = range else { return false };
    let Some(digits) = start.strip_prefix(prefix.as_str()).filter(|digits| !digits.is_empty()) else {
        return prefix.starts_with(start);
    };
    let Some(begin) = number(digits) else { return false };
    // The numbers that begin with these digits and go on with `more` others.
    let goes_on = |more: usize| {
        let low = begin.saturating_mul(ten_to(more));
        low <= *last && *first <= low.saturating_add(ten_to(more) - 1)
    };
    if *width > 0 {
        digits.len() <= *width && goes_on(*width - digits.len())
    } else if digits.starts_with('0') {
        digits == "0" && *first == 0
    } else {
        (0..20).any(goes_on)
    }
}

fn ten_to(power: usize) -> u64 {
    10u64.saturating_pow(u32::try_from(power).unwrap_or(u32::MAX))
}

fn holds_all(outer: &Form, inner: &Form) -> bool {
    match (outer, inner) {
        (form, Form::Code(code)) => matches(form, code),
        (Form::Prefix(start), Form::Prefix(text) | Form::Range { prefix: text, .. }) => {
            text.starts_with(start.as_str())
        }
        (
            Form::Range { prefix: p, first: a, last: b, width: w },
            Form::Range { prefix: q, first: c, last: d, width: v },
        ) => p == q && w == v && a <= c && d <= b,
        (Form::Code(_), _) | (Form::Range { .. }, Form::Prefix(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn forms() -> impl Strategy<Value = Form> {
        let range = ("[AB]?", 0u64..130, 0u64..130, 0usize..4).prop_map(|(prefix, a, b, width)| {
            let most = if width == 0 { 129 } else { ten_to(width) - 1 };
            Form::Range { prefix, first: a.min(b).min(most), last: a.max(b).min(most), width }
        });
        prop_oneof!["[AB]?[0-9]{0,3}".prop_map(Form::Code), "[AB]?[0-9]{0,2}".prop_map(Form::Prefix), range]
    }

    /// Every text over the small alphabet of the forms.
    fn texts() -> Vec<String> {
        let digits =
            (0..3).flat_map(|width| (0..ten_to(width + 1)).map(move |value| format!("{value:0w$}", w = width + 1)));
        let digits = std::iter::once(String::new()).chain(digits).collect::<Vec<_>>();
        ["", "A", "B"].iter().flat_map(|prefix| digits.iter().map(move |digits| format!("{prefix}{digits}"))).collect()
    }

    proptest! {
        #[test]
        fn overlap_and_cover_are_those_of_the_sets(a in forms(), b in forms()) {
            let texts = texts();
            let shared = texts.iter().any(|text| matches(&a, text) && matches(&b, text));
            let inside = texts.iter().all(|text| !matches(&b, text) || matches(&a, text));
            let (a, b) = (Pattern::from(a), Pattern::from(b));
            prop_assert_eq!(a.overlaps(&b), shared);
            prop_assert_eq!(b.overlaps(&a), shared);
            prop_assert!(inside || !a.covers(&b));
        }
    }

    #[test]
    fn a_number_may_be_written_with_zeros_before_it() {
        let code = |text: &str| Pattern::from(Form::Code(text.into()));
        let range =
            |prefix: &str, width| Pattern::from(Form::Range { prefix: prefix.into(), first: 1, last: 5, width });
        let shared = [(code("1"), code("01")), (code("003"), range("", 2)), (range("", 1), range("", 2))];
        assert!(shared.iter().all(|(one, other)| one.shares_number(other) && other.shares_number(one)));
        let apart =
            [(code("1"), code("10")), (code("6"), range("", 2)), (code("3"), range("A", 2)), (code("1"), code(""))];
        assert!(!apart.iter().any(|(one, other)| one.shares_number(other)));
        let old = Pattern { to_month: Some(1458), ..code("1") };
        assert!(!old.shares_number(&Pattern { from_month: Some(1459), ..code("01") }));
    }

    #[test]
    fn patterns_of_different_months_do_not_overlap() {
        let code = Pattern::from(Form::Code("A".into()));
        let old = Pattern { to_month: Some(1458), ..code.clone() };
        let new = Pattern { from_month: Some(1459), ..code.clone() };
        assert!(!old.overlaps(&new) && code.overlaps(&new) && code.covers(&old) && !old.covers(&code));
    }
}
