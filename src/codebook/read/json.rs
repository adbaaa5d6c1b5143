//! Reads a codebook from JSON: the same tree, as another language builds it.

use crate::codebook::Codebook;
use crate::codebook::write::text::{self, array, inline, key, number, quoted};
use crate::error::{Error, Kind, Result};
use toml::{Table, Value};

/// Tables that get a section of their own, so that a complaint about them shows a short line.
const SECTIONS: [&str; 3] = ["levels", "missing", "bands"];

impl Codebook {
    /// Reads the tree of a codebook written as JSON. The order of levels and steps is kept.
    ///
    /// ```
    /// use melogit::codebook::Codebook;
    ///
    /// let json = r#"{"variables": {"sex": {"from": "Gender", "levels": {"Male": "1", "Female": ["2"]}}}}"#;
    /// let book = Codebook::from_json(json).unwrap();
    /// assert_eq!(book.variables[0].levels, ["Male", "Female"]);
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Codebook::parse`]; the lines shown are those of the tree written out as TOML.
    pub fn from_json(text: &str) -> Result<Self> {
        let tree = serde_json::from_str::<Table>(text).map_err(|error| {
            let message =
                format!("the codebook cannot be read as JSON: {error}; every entry needs a value other than null");
            Error::new(Kind::Codebook, "codebook-json", message)
        })?;
        Self::parse(&written_out(&tree), "the codebook written out as TOML")
    }
}

fn written_out(tree: &Table) -> String {
    let (variables, rest): (Vec<_>, Vec<_>) =
        tree.iter().partition(|(name, value)| *name == "variables" && value.as_table().is_some_and(|v| !v.is_empty()));
    let mut out = vec![lines(rest)];
    for (name, declared) in variables.iter().filter_map(|(_, variables)| variables.as_table()).flatten() {
        let path = format!("variables.{}", key(name));
        let Some(declared) = declared.as_table() else {
            out.insert(0, format!("{path} = {}\n", value(declared)));
            continue;
        };
        let in_section = |name: &str, value: &Value| SECTIONS.contains(&name) && value.is_table();
        let (sections, entries): (Vec<_>, Vec<_>) = declared.iter().partition(|(name, value)| in_section(name, value));
        let (steps, entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(name, value)| is_steps(name, value));
        out.push(format!("\n[{path}]\n{}", lines(entries)));
        for (name, entries) in sections {
            out.push(format!("\n[{path}.{name}]\n{}", lines(entries.as_table().into_iter().flatten())));
        }
        for step in steps.iter().filter_map(|(_, steps)| steps.as_array()).flatten() {
            out.push(format!("\n[[{path}.precedence]]\n{}", lines(step.as_table().into_iter().flatten())));
        }
    }
    out.concat()
}

/// Whether the value is what `[[...]]` writes.
fn is_steps(name: &str, value: &Value) -> bool {
    let steps = value.as_array().filter(|steps| !steps.is_empty());
    name == "precedence" && steps.is_some_and(|steps| steps.iter().all(Value::is_table))
}

fn lines<'v>(entries: impl IntoIterator<Item = (&'v String, &'v Value)>) -> String {
    text::lines(entries.into_iter().map(|(name, entry)| (key(name), value(entry))))
}

fn value(entry: &Value) -> String {
    match entry {
        Value::String(text) => quoted(text),
        Value::Float(float) => number_with_point(*float),
        Value::Array(items) => array(items.iter().map(value)),
        Value::Table(table) => inline(table.iter().map(|(name, entry)| (key(name), value(entry)))),
        Value::Integer(_) | Value::Boolean(_) | Value::Datetime(_) => entry.to_string(),
    }
}

/// A number that was written with a point keeps it, so that it is not taken for a code.
fn number_with_point(float: f64) -> String {
    let text = number(float);
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') { format!("{text}.0") } else { text }
}
