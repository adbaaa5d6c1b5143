//! A codebook and the data it is applied to: the columns they share, and what was settled with them.

use crate::codebook::read::tree::Section;
use crate::codebook::{Codebook, Rule};
use crate::declared::{Fault, did_you_mean};
use crate::error::{Error, Kind, Result};
use std::ops::Range;
use toml::de::DeTable;

/// Columns named as those that there are.
const NAMED: usize = 40;

impl Codebook {
    /// Whether the data have every column that the codebook reads. Those that are not there are shown in `text`, from which
    /// the codebook was read and which messages call `name`.
    pub fn check_columns(&self, present: &[&str], text: &str, name: &str) -> Result<()> {
        let columns = self.columns();
        let absent = columns.iter().filter(|(column, _)| !present.contains(&column.as_str()));
        let table = DeTable::parse(text).ok();
        let section = table.as_ref().map(|table| Section { table: table.get_ref(), what: String::new(), place: 0..0 });
        let faults = absent.map(|(column, variables)| {
            let place = section.as_ref().map_or(0..0, |section| self.place(section, column));
            let meant = did_you_mean(column, present.iter().copied());
            let message = format!("the data have no column '{column}', which {} needs{meant}", variables.join(", "));
            Fault::new(place, "codebook-column", message, "")
        });
        let faults = faults.collect::<Vec<_>>();
        if faults.is_empty() {
            return Ok(());
        }
        let report = Fault::report(faults, Kind::ColumnNotFound, text, name);
        let known = present.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let more =
            present.len().checked_sub(NAMED + 1).map(|more| format!(" and {} more", more + 1)).unwrap_or_default();
        let message = format!(
            "{report}\nthe columns given are: {known}{more}; mend the name in the codebook, or rename the column"
        );
        Err(Error::new(Kind::ColumnNotFound, "codebook-column", message))
    }

    /// Where the text first names a column.
    fn place(&self, section: &Section<'_, '_>, column: &str) -> Range<usize> {
        for variable in &self.variables {
            let Rule::Precedence { steps } = &variable.rule else {
                if variable.sources().contains(&column) {
                    return section.at(&["variables", &variable.name, "from"]);
                }
                continue;
            };
            let reads = |step: &crate::codebook::Step| step.when.iter().any(|condition| condition.column == column);
            if let Some(at) = steps.iter().position(reads) {
                let path = ["variables", &variable.name, "precedence", &at.to_string(), "when"];
                return section.key_at(&path, column);
            }
        }
        section.at(&["month"])
    }

    /// The codebook with the merged levels of the named variables settled, so that applying it again merges the same ones
    /// whatever their rows.
    #[must_use]
    pub fn settled(&self, merged: &[(&str, &[String])]) -> Self {
        let mut settled = self.clone();
        for (name, levels) in merged {
            let variable = settled.variables.iter_mut().find(|variable| variable.name == *name);
            if let Some(rare) = variable.and_then(|variable| variable.rare.as_mut()) {
                rare.merged = Some(levels.to_vec());
            }
        }
        settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[variables.gender]\nfrom = \"GenderIDCode\"\nlevels = { Male = \"1\", Female = \"2\" }\n\
                        rare = { below = 5, into = \"Other\" }\n[variables.age]\nfrom = \"Age\"\nnumber = {}\n";

    #[test]
    fn absent_columns_are_shown_where_the_text_names_them() {
        let text = format!(
            "month = \"Month\"\n{TEXT}[[variables.work.precedence]]\nlevel = \"In care\"\nwhen = {{ Age = {{ blank = true }}, LAC = {{ \
             code = \"Y\", to_month = 1458 }} }}\n"
        );
        let book = Codebook::parse(&text, "book.toml").unwrap();
        assert!(book.check_columns(&["Age", "GenderIDCode", "LAC", "Month", "x"], &text, "book.toml").is_ok());
        let error = book.check_columns(&["GenderIdCode", "Age"], &text, "book.toml").unwrap_err();
        assert_eq!((error.kind(), error.slug()), (Kind::ColumnNotFound, "codebook-column"));
        let shown = error.to_string();
        let lines = shown.lines().map(str::trim_end).collect::<Vec<_>>();
        assert_eq!(lines[0], "book.toml, line 1: the data have no column 'Month', which work needs");
        assert_eq!(lines[2], "    |         ^^^^^^^");
        assert_eq!(
            lines[4],
            "book.toml, line 3: the data have no column 'GenderIDCode', which gender needs; did you mean 'GenderIdCode'?"
        );
        assert_eq!(lines[5..7], ["  3 | from = \"GenderIDCode\"", "    |        ^^^^^^^^^^^^^^"]);
        assert_eq!(lines[8], "book.toml, line 11: the data have no column 'LAC', which work needs");
        assert_eq!(lines[10].find('^').map(|at| &lines[9][at..at + 3]), Some("LAC"));
        assert_eq!(
            lines[11],
            "the columns given are: GenderIdCode, Age; mend the name in the codebook, or rename the column"
        );
    }

    #[test]
    fn settling_writes_what_was_merged() {
        let book = Codebook::parse(TEXT, "book.toml").unwrap();
        let settled = book.settled(&[("gender", &["Female".to_owned()]), ("age", &[])]);
        assert_eq!(settled.variables[0].rare.as_ref().unwrap().merged, Some(vec!["Female".to_owned()]));
        assert_eq!(settled.variables[1], book.variables[1]);
        assert_eq!(Codebook::parse(&settled.to_toml(), "book.toml").unwrap(), settled);
    }
}
