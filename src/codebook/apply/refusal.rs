//! Refuses values that no rule covers, all variables at once.

use crate::codebook::apply::account::Entry;
use crate::codebook::{Coded, Rule, Uncovered, Variable};
use crate::error::{Error, Kind, Result};

/// Values named of each variable.
const NAMED: usize = 12;

/// One error that names every variable whose codebook refuses what is not covered, with its values and their rows.
pub fn refusal(coded: &[(&Variable, &Coded)]) -> Result<()> {
    let refused =
        coded.iter().filter(|(variable, coded)| variable.uncovered == Uncovered::Refuse && !coded.uncovered.is_empty());
    let refused = refused.collect::<Vec<_>>();
    if refused.is_empty() {
        return Ok(());
    }
    let rows = |entries: &[Entry]| entries.iter().map(|entry| entry.rows).sum::<u64>();
    let lines = refused.iter().map(|(variable, coded)| {
        let entries = &coded.uncovered;
        format!(
            "  {} (from {}): {} in {}: {}; {}",
            variable.name,
            variable.sources().join(", "),
            counted(entries.len() as u64, "value"),
            counted(rows(entries), "row"),
            values(entries),
            cure(variable)
        )
    });
    let message = format!(
        "the codebook does not cover every value of {}:\n{}\nor write uncovered = \"missing\", or uncovered = {{ level = \"...\" }}, \
         in the variable's section; either way the account counts them",
        counted(refused.len() as u64, "variable"),
        lines.collect::<Vec<_>>().join("\n")
    );
    Err(Error::new(Kind::Data, "uncovered-codes", message))
}

fn values(entries: &[Entry]) -> String {
    let value = |entry: &Entry| {
        let why = entry.cause.strip_prefix("not covered: ").map(|why| format!(", {why}")).unwrap_or_default();
        format!("'{}' ({}{why})", entry.source, counted(entry.rows, "row"))
    };
    let mut values = entries.iter().take(NAMED).map(value).collect::<Vec<_>>();
    if entries.len() > NAMED {
        values.push(format!("and {} more", entries.len() - NAMED));
    }
    values.join(", ")
}

fn cure(variable: &Variable) -> &'static str {
    match &variable.rule {
        Rule::Map { .. } => "add each code to a level or to 'missing'",
        Rule::List { .. } => "add each code to 'missing', or write the levels out",
        Rule::Bands { .. } => "add a band, or the value to 'missing'",
        Rule::Number { .. } => "widen 'number', or add the value to 'missing'",
        Rule::Precedence { .. } => "add a step that holds for them, or a last one with otherwise = true",
    }
}

/// "1 row", "2 rows".
pub(in crate::codebook) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::{Codebook, Lookups, SourceBuilder, apply};

    fn error(text: &str, rows: &[&str]) -> Result<()> {
        let book = Codebook::parse(text, "book.toml").unwrap();
        let mut builder = SourceBuilder::new(rows.len());
        rows.iter().for_each(|row| builder.push_text(Some(row.as_bytes())));
        let source = builder.finish();
        let coded = book.variables.iter().map(|variable| apply(variable, &[&source], None, &Lookups::new()).unwrap());
        let coded = coded.collect::<Vec<_>>();
        refusal(&book.variables.iter().zip(&coded).collect::<Vec<_>>())
    }

    #[test]
    fn every_variable_is_named_with_its_values_and_a_cure() {
        let text = "[variables.a]\nfrom = \"X\"\nlevels = { One = \"1\" }\n\
                    [variables.b]\nfrom = \"X\"\nnumber = { min = 0, max = 2 }\n\
                    [variables.c]\nfrom = \"X\"\nlevels = { One = \"1\" }\nuncovered = \"missing\"\n";
        assert!(error(text, &["1", "", "1"]).is_ok());
        let error = error(text, &["1", "3", "3", "x"]).unwrap_err();
        assert_eq!((error.kind(), error.slug()), (Kind::Data, "uncovered-codes"));
        let text = error.to_string();
        for part in [
            "every value of 2 variables",
            "a (from X): 2 values in 3 rows: '3' (2 rows), 'x' (1 row); add each code to a level or to 'missing'",
            "'3' (2 rows, outside [0, 2]), 'x' (1 row, not a number)",
            "uncovered = \"missing\"",
        ] {
            assert!(text.contains(part), "{part} not in {text}");
        }
        assert!(!text.contains("c (from"));
    }

    #[test]
    fn no_more_than_a_dozen_values_are_named() {
        let rows = (10..40).map(|k| k.to_string()).collect::<Vec<_>>();
        let rows = rows.iter().map(String::as_str).collect::<Vec<_>>();
        let error = error("[variables.a]\nfrom = \"X\"\nlevels = { One = \"1\" }\n", &rows).unwrap_err();
        assert!(error.to_string().contains("'21' (1 row), and 18 more;"), "{error}");
    }
}
