//! Reads codes: "A1", "A*", "01..16", 1, { code = "A03", to_month = 1458 }, { exactly = "A*" }.

use crate::codebook::pattern::number;
use crate::codebook::read::tree::{Node, Read, Section, one_or_many, text, whole, wrong_type};
use crate::codebook::{Form, Pattern};
use crate::declared::Fault;
use std::ops::RangeInclusive;
use toml::de::DeValue;

/// The keys of a code written as a table.
pub(in crate::codebook) const KEYS: [&str; 4] = ["code", "exactly", "from_month", "to_month"];
/// Numbers that can be months of the data set: 1000 is July 1983, and what is beyond 1899 is a year.
const MONTHS: RangeInclusive<u64> = 1000..=1899;

/// One code or an array of them.
pub(in crate::codebook) fn patterns(node: &Node<'_>, what: &str) -> Read<Vec<Pattern>> {
    let mut patterns = Vec::new();
    for item in one_or_many(node) {
        match item.get_ref() {
            DeValue::Table(_) => patterns.push(table(&Section::of(item, "a code")?, item)?),
            _ => patterns.push(Pattern::from(form(item, what)?)),
        }
    }
    if patterns.is_empty() {
        return Err(Fault::new(
            node.span(),
            "codebook-empty",
            format!("{what} has no codes, so nothing can be it"),
            "write its codes, or leave it out",
        ));
    }
    Ok(patterns)
}

/// A code with the months in which it counts, or one to be taken literally.
fn table(section: &Section<'_, '_>, node: &Node<'_>) -> Read<Pattern> {
    section.only(&KEYS)?;
    let form = match (section.get("code"), section.get("exactly")) {
        (Some(code), None) => form(code, "'code'")?,
        (None, Some(code)) => Form::Code(literal(code)?),
        (Some(_), Some(code)) => {
            let message = "a code has both 'code' and 'exactly'";
            return Err(Fault::new(code.span(), "codebook-two-rules", message, "keep one of the two"));
        }
        (None, None) => {
            let cure = "write { code = \"A1\" } or { exactly = \"A*\" }";
            let message = "a code has neither 'code' nor 'exactly'";
            return Err(Fault::new(node.span(), "codebook-missing-key", message, cure));
        }
    };
    let (from_month, to_month) = (month(section, "from_month")?, month(section, "to_month")?);
    if let (Some(from), Some(to)) = (from_month, to_month)
        && from > to
    {
        return Err(Fault::new(
            section.get("to_month").map_or(node.span(), Node::span),
            "codebook-month",
            format!("the code would count from month {from} to month {to}, which is earlier"),
            "swap the two",
        ));
    }
    Ok(Pattern { form, from_month, to_month })
}

fn month(section: &Section<'_, '_>, key: &str) -> Read<Option<u32>> {
    let Some(node) = section.get(key) else { return Ok(None) };
    let value = whole(node, &format!("'{key}'"))?;
    if MONTHS.contains(&value) {
        return Ok(u32::try_from(value).ok());
    }
    let (looks, meant) = match value {
        1900..=2100 => ("looks like a year", format!("April {value} is {}; ", month_number(value, 4))),
        190_001..=210_012 if (1..=12).contains(&(value % 100)) => {
            ("looks like a calendar month", format!("{value} is {}; ", month_number(value / 100, value % 100)))
        }
        _ => ("is out of range", String::new()),
    };
    Err(Fault::new(
        node.span(),
        "codebook-month",
        format!("{value} {looks}, and is not a month number of the data set"),
        format!("{meant}a month number is (first year of the financial year - 1900) x 12 + month, with April = 1"),
    ))
}

/// The number of a calendar month in the data set.
fn month_number(year: u64, month: u64) -> u64 {
    let (start, month) = if month < 4 { (year - 1, month + 9) } else { (year, month - 3) };
    (start - 1900) * 12 + month
}

/// The text of a code as it stands.
fn literal(node: &Node<'_>) -> Read<String> {
    let code = text(node, "'exactly'")?;
    if code.trim().is_empty() {
        return Err(blank(node));
    }
    Ok(code)
}

fn form(node: &Node<'_>, what: &str) -> Read<Form> {
    match node.get_ref() {
        DeValue::Integer(integer) if integer.radix() == 10 => {
            Ok(Form::Code(integer.as_str().trim_start_matches('+').to_owned()))
        }
        DeValue::String(code) => written(node, code),
        _ => Err(wrong_type(node, &format!("a code of {what}"), "text in quotes such as \"A1\"")),
    }
}

/// What a text means as a code.
fn written(node: &Node<'_>, code: &str) -> Read<Form> {
    if code.trim().is_empty() {
        return Err(blank(node));
    }
    if code.trim() != code {
        let message = format!("the code '{code}' begins or ends with a blank");
        return Err(Fault::new(
            node.span(),
            "codebook-pattern",
            message,
            "take the blank out; blanks in data are mended",
        ));
    }
    if let Some((first, last)) = code.split_once("..") {
        return range(first, last).map_err(|why| {
            let cure =
                format!("write a range as \"A1..A4\" or \"01..16\"; for the text itself {{ exactly = \"{code}\" }}");
            Fault::new(node.span(), "codebook-pattern", format!("'{code}' is not a range: {why}"), cure)
        });
    }
    match code.strip_suffix('*') {
        Some("") => {
            let cure = "for all that is not named write uncovered = { level = \"Other\" }";
            Err(Fault::new(node.span(), "codebook-pattern", "'*' alone covers every code", cure))
        }
        Some(prefix) if !prefix.contains('*') => Ok(Form::Prefix(prefix.to_owned())),
        None if !code.contains('*') => Ok(Form::Code(code.to_owned())),
        _ => {
            let message = format!("'{code}' has a star that is not at the end");
            let cure =
                format!("a star ends a beginning, such as \"A*\"; for the text itself {{ exactly = \"{code}\" }}");
            Err(Fault::new(node.span(), "codebook-pattern", message, cure))
        }
    }
}

fn range(first: &str, last: &str) -> Result<Form, String> {
    let split = |text: &str| {
        let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (prefix, digits) = text.split_at(text.len() - digits);
        number(digits).map(|value| (prefix.to_owned(), digits.to_owned(), value))
    };
    let (Some((prefix, from, first_value)), Some((other, to, last_value))) = (split(first), split(last)) else {
        return Err("both ends must end in a number".to_owned());
    };
    if prefix != other {
        return Err(format!("one end begins with '{prefix}', the other with '{other}'"));
    }
    if first_value > last_value {
        return Err(format!("{last} comes before {first}"));
    }
    let padded = |digits: &str| digits.len() > 1 && digits.starts_with('0');
    let width = if from.len() == to.len() { from.len() } else { 0 };
    if width == 0 && (padded(&from) || padded(&to)) {
        return Err("with leading zeros both ends need as many digits".to_owned());
    }
    Ok(Form::Range { prefix, first: first_value, last: last_value, width })
}

fn blank(node: &Node<'_>) -> Fault {
    let cure = "leave it out: a cell without a value is missing of itself, with the cause \"no value\"";
    Fault::new(node.span(), "codebook-empty", "a code is empty", cure)
}
