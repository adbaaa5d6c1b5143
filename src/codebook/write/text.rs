//! The pieces of canonical TOML: quoted text, keys, numbers, arrays and inline tables.

use std::fmt::Write;

/// The text in double quotes.
pub(in crate::codebook) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            character if character.is_control() => {
                write!(out, "\\u{:04X}", u32::from(character)).expect("a String takes all that is written");
            }
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

/// The key, in quotes if it needs them.
pub(in crate::codebook) fn key(name: &str) -> String {
    let bare = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}

/// The number as it is read back, without a point if it needs none.
pub(in crate::codebook) fn number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number}") } else { format!("{number:?}") }
}

/// `[a, b]`.
pub(in crate::codebook) fn array(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}

/// `{ a = 1, b = 2 }`, the keys being TOML already.
pub(in crate::codebook) fn inline(entries: impl IntoIterator<Item = (String, String)>) -> String {
    let entries = entries.into_iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>();
    if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
}

/// `key = value` on a line each.
pub(in crate::codebook) fn lines(entries: impl IntoIterator<Item = (String, String)>) -> String {
    entries.into_iter().map(|(key, value)| format!("{key} = {value}\n")).collect::<Vec<_>>().concat()
}

/// The one item, or an array of them.
pub(in crate::codebook) fn one_or_many(mut items: Vec<String>) -> String {
    if items.len() == 1 { items.swap_remove(0) } else { array(items) }
}
