//! What can be mended in a text before it is looked up, and the names of the mends.

use std::borrow::Cow;
use std::fmt;

/// What was mended in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::codebook) struct Mends(u8);

impl Mends {
    /// Nothing.
    pub(in crate::codebook) const NONE: Self = Self(0);
    /// Blanks at the ends, or several in a row.
    pub(in crate::codebook) const BLANKS: Self = Self(1);
    /// Upper and lower case.
    pub(in crate::codebook) const CASE: Self = Self(1 << 1);
    /// Dots at the end.
    pub(in crate::codebook) const DOTS: Self = Self(1 << 2);
    /// A decimal part of zeros: a spreadsheet wrote the code as a number.
    pub(in crate::codebook) const DECIMAL: Self = Self(1 << 3);
    /// Zeros lost from the front, or added there.
    pub(in crate::codebook) const ZEROS: Self = Self(1 << 4);

    /// These and the others.
    pub(in crate::codebook) fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

impl fmt::Display for Mends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = ["blanks", "case", "dots", "decimal", "zeros"].into_iter().enumerate();
        let names = names.filter(|(bit, _)| self.0 >> bit & 1 == 1).map(|(_, name)| name);
        f.write_str(&names.collect::<Vec<_>>().join(", "))
    }
}

/// Blanks of every kind: besides what Unicode calls white space, the invisible marks that spreadsheets and web pages leave.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

/// The text without blanks at its ends.
pub(in crate::codebook) fn trimmed(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Whether the text has nothing but blanks, if anything.
pub(in crate::codebook) fn is_blank(text: &str) -> bool {
    trimmed(text).is_empty()
}

/// The text without blanks at its ends, and with one plain blank for each run inside.
pub(in crate::codebook) fn single_blanks(text: &str) -> Cow<'_, str> {
    let text = trimmed(text);
    if !text.contains(|character| is_space(character) && character != ' ') && !text.contains("  ") {
        return Cow::Borrowed(text);
    }
    let words = text.split(is_space).filter(|word| !word.is_empty());
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// The text without dots at its end, nor the blanks that stood before them.
pub(in crate::codebook) fn without_dots(text: &str) -> &str {
    text.trim_end_matches(|character| character == '.' || is_space(character))
}

/// `1` for `1.0` and `1.00`; other texts as they are.
pub(in crate::codebook) fn without_decimal(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, zeros)) if is_digits(whole) && zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    }
}

/// Whether there is nothing but digits, and at least one.
pub(in crate::codebook) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number a text is, with what had to be mended in it. Units and decimal commas are not numbers.
pub(in crate::codebook) fn number(text: &str, clean: bool) -> Option<(f64, Mends)> {
    let bare = if clean { trimmed(text) } else { text };
    let mends = if bare.len() == text.len() { Mends::NONE } else { Mends::BLANKS };
    bare.parse().ok().filter(|number: &f64| number.is_finite()).map(|number| (number, mends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_of_every_kind() {
        assert!(["", " ", "\t", "\u{a0}\u{200b}"].into_iter().all(is_blank) && !is_blank("."));
        assert_eq!(single_blanks("\u{feff} a\u{a0} b  c\t"), "a b c");
        assert!(matches!(single_blanks(" a b"), Cow::Borrowed("a b")));
    }

    #[test]
    fn dots_and_decimals() {
        assert_eq!((without_dots("a1 .. ."), without_dots("1.5")), ("a1", "1.5"));
        assert_eq!((without_decimal("1.00"), without_decimal("01.0")), ("1", "01"));
        assert_eq!(["1.50", "F32.0", "-1.0", ".0"].map(without_decimal), ["1.50", "F32.0", "-1.0", ".0"]);
    }

    #[test]
    fn numbers() {
        assert_eq!(number("12.0", false), Some((12.0, Mends::NONE)));
        assert_eq!(number("\u{a0}12 ", true), Some((12.0, Mends::BLANKS)));
        assert!([" 12", "12,5", "12 yrs", "inf", "nan", ""].iter().all(|text| number(text, false).is_none()));
    }

    #[test]
    fn names_stand_in_the_order_of_mending() {
        let mends = Mends::ZEROS.and(Mends::BLANKS).and(Mends::CASE);
        assert_eq!((mends.to_string(), Mends::NONE.to_string()), ("blanks, case, zeros".to_owned(), String::new()));
    }
}
