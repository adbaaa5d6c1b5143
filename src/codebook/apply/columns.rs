//! A codebook and the data it is applied to: the columns they share, and what was settled with them.

use crate::codebook::Codebook;
use crate::declared::did_you_mean;
use crate::error::{Error, Kind, Result};

/// Columns named as those that there are.
const NAMED: usize = 40;

impl Codebook {
    /// Whether the data have every column that the codebook reads; one error names all that are not there.
    pub fn check_columns(&self, present: &[&str]) -> Result<()> {
        let columns = self.columns();
        let absent = columns.iter().filter(|(column, _)| !present.contains(&column.as_str())).collect::<Vec<_>>();
        if absent.is_empty() {
            return Ok(());
        }
        let lines = absent.iter().map(|(column, variables)| {
            let meant = did_you_mean(column, present.iter().copied());
            format!("'{column}' for {}{meant}", variables.join(", "))
        });
        let lines = lines.collect::<Vec<_>>().join("; ");
        let known = present.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let more =
            present.len().checked_sub(NAMED + 1).map(|more| format!(" and {} more", more + 1)).unwrap_or_default();
        let what = if absent.len() == 1 { "a column" } else { "columns" };
        let message = format!(
            "the codebook reads {what} that the data do not have: {lines}; the columns given are: {known}{more}; mend the name in the \
             codebook, or rename the column"
        );
        Err(Error::new(Kind::ColumnNotFound, "codebook-column", message))
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
    fn absent_columns_are_named_with_their_variables() {
        let book = Codebook::parse(TEXT, "book.toml").unwrap();
        assert!(book.check_columns(&["Age", "GenderIDCode", "x"]).is_ok());
        let error = book.check_columns(&["GenderIdCode"]).unwrap_err();
        assert_eq!((error.kind(), error.slug()), (Kind::ColumnNotFound, "codebook-column"));
        let text = error.to_string();
        assert!(text.contains("'GenderIDCode' for gender; did you mean 'GenderIdCode'?"), "{text}");
        assert!(text.contains("'Age' for age"), "{text}");
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
