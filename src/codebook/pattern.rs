//! Which texts a code of the codebook stands for, and in which months.

use std::fmt;

/// One entry of a list of codes: a form of text, and the months in which it counts.
///
/// ```
/// use melogit::codebook::{Form, Pattern};
///
/// let pattern = Pattern::from(Form::Range { prefix: "A".into(), first: 1, last: 4, width: 1 });
/// assert!(pattern.matches("A3") && !pattern.matches("A5") && !pattern.matches("A03"));
/// assert!(pattern.valid(Some(1459)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The texts.
    pub form: Form,
    /// First month (MHSDS month number) in which the code counts; `None`: from the beginning.
    pub from_month: Option<u32>,
    /// Last month in which the code counts; `None`: to this day.
    pub to_month: Option<u32>,
}

/// The texts a pattern matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// This text.
    Code(String),
    /// Every text that begins so (`A*`), itself included.
    Prefix(String),
    /// The prefix and a whole number between two others (`A1..A4`, `01..16`), both included.
    Range {
        /// What stands before the number; empty for `01..16`.
        prefix: String,
        /// The first number.
        first: u64,
        /// The last number.
        last: u64,
        /// How many digits the number is written with; 0 if as many as it needs.
        width: usize,
    },
}

impl From<Form> for Pattern {
    /// The form in every month.
    fn from(form: Form) -> Self {
        Self { form, from_month: None, to_month: None }
    }
}

impl Pattern {
    /// Whether the text is one this pattern stands for, in whatever month.
    pub fn matches(&self, text: &str) -> bool {
        match &self.form {
            Form::Code(code) => code == text,
            Form::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Form::Range { prefix, first, last, width } => text
                .strip_prefix(prefix.as_str())
                .filter(|digits| if *width == 0 { is_plain(digits) } else { digits.len() == *width })
                .and_then(number)
                .is_some_and(|value| (*first..=*last).contains(&value)),
        }
    }

    /// Whether the pattern counts in this month. Where no month is known, it does.
    pub fn valid(&self, month: Option<u32>) -> bool {
        month.is_none_or(|month| {
            self.from_month.is_none_or(|from| from <= month) && self.to_month.is_none_or(|to| month <= to)
        })
    }

    /// Whether the pattern depends on the month at all.
    pub fn has_validity(&self) -> bool {
        self.from_month.is_some() || self.to_month.is_some()
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => f.write_str(code),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
            Self::Range { prefix, first, last, width } => write!(f, "{prefix}{first:0width$}..{prefix}{last:0width$}"),
        }
    }
}

/// Whether the digits begin with no zero that could be left out.
fn is_plain(digits: &str) -> bool {
    digits.len() == 1 || !digits.starts_with('0')
}

/// The value of a text of digits only (`str::parse` would also take a sign).
pub(super) fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}
