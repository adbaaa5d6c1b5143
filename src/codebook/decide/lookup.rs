//! Finds texts in a table that was handed over.

use crate::codebook::decide::clean::{Mends, single_blanks};
use crate::codebook::{Lookup, Lookups};
use crate::error::{Error, Kind, Result};
use std::collections::HashMap;
use std::sync::OnceLock;

/// A look-up table, ready to be searched.
#[derive(Debug)]
pub(in crate::codebook) struct Table<'l> {
    pub(in crate::codebook) lookup: &'l Lookup,
    entries: &'l HashMap<String, String>,
    /// Entries by their key without superfluous blanks and in lower case; `None` where such keys disagree.
    mended: OnceLock<HashMap<String, Option<&'l str>>>,
    clean: bool,
    /// Whether all keys are areas of England (lower layer super output areas, E01...).
    english: bool,
}

impl<'l> Table<'l> {
    /// The table that a variable names.
    pub(in crate::codebook) fn new(
        lookup: &'l Lookup,
        lookups: &'l Lookups,
        variable: &str,
        clean: bool,
    ) -> Result<Self> {
        let Some(entries) = lookups.get(&lookup.table) else {
            let given = lookups.keys().map(|name| format!("'{name}'")).collect::<Vec<_>>();
            let given = if given.is_empty() { "none".to_owned() } else { given.join(", ") };
            let message = format!(
                "the variable '{variable}' needs the look-up table '{}', which was not handed over (given: {given}); \
                 hand it over under this name when the codebook is applied",
                lookup.table
            );
            return Err(Error::new(Kind::Data, "lookup-missing", message));
        };
        let english = !entries.is_empty() && entries.keys().all(|key| single_blanks(key).starts_with("E01"));
        Ok(Self { lookup, entries, mended: OnceLock::new(), clean, english })
    }

    /// What the table has for the text, and what had to be mended in the text.
    pub(in crate::codebook) fn find(&self, text: &str) -> Option<(&'l str, Mends)> {
        if let Some(found) = self.entries.get(text) {
            return Some((found, Mends::NONE));
        }
        if !self.clean {
            return None;
        }
        let single = single_blanks(text);
        let mends = if single == text { Mends::NONE } else { Mends::BLANKS };
        if let Some(found) = self.entries.get(&*single) {
            return Some((found, mends));
        }
        let found = *self.mended.get_or_init(|| self.mended_keys()).get(&single.to_lowercase())?;
        // Where the blanks are the table's own and not the text's, there is nothing to report but the case.
        found.map(|found| (found, mends.and(Mends::CASE)))
    }

    fn mended_keys(&self) -> HashMap<String, Option<&'l str>> {
        let mut mended = HashMap::with_capacity(self.entries.len());
        for (key, found) in self.entries {
            let entry = mended.entry(single_blanks(key).to_lowercase()).or_insert(Some(found.as_str()));
            if entry.is_some_and(|other| other != found) {
                *entry = None;
            }
        }
        mended
    }

    /// Whether the text is an area outside England, or a code for no area, while the table has areas of England only. That
    /// such a text is not found says nothing about the vintage of the table.
    pub(in crate::codebook) fn is_elsewhere(&self, text: &str) -> bool {
        self.english && is_other_area(&single_blanks(text).to_uppercase())
    }
}

/// Areas of Wales, Scotland and Northern Ireland (W01..., S01..., N21..., 95GG01S1) and pseudo codes (E99999999, L99999999).
fn is_other_area(text: &str) -> bool {
    if text.starts_with("95") && text.len() == 8 {
        return text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    }
    let mut bytes = text.bytes();
    let first = bytes.next();
    text.len() == 9
        && text.bytes().skip(1).all(|byte| byte.is_ascii_digit())
        && match first {
            Some(b'W' | b'S' | b'N' | b'L' | b'M') => true,
            Some(letter) => letter.is_ascii_uppercase() && bytes.all(|byte| byte == b'9'),
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookups(entries: &[(&str, &str)]) -> Lookups {
        let entries = entries.iter().map(|(key, found)| ((*key).to_owned(), (*found).to_owned())).collect();
        Lookups::from([("imd2019".to_owned(), entries)])
    }

    fn lookup() -> Lookup {
        Lookup { table: "imd2019".into(), unmatched: 0.01 }
    }

    #[test]
    fn keys_are_mended_unless_they_disagree() {
        let lookups = lookups(&[("E01000001", "1"), (" E01000002", "2"), ("e01x", "3"), ("E01X", "4")]);
        let lookup = lookup();
        let table = Table::new(&lookup, &lookups, "imd", true).unwrap();
        assert_eq!(table.find("E01000001"), Some(("1", Mends::NONE)));
        assert_eq!(table.find("E01000001\u{a0}"), Some(("1", Mends::BLANKS)));
        assert_eq!(table.find(" e01000001"), Some(("1", Mends::BLANKS.and(Mends::CASE))));
        assert_eq!(table.find("e01x"), Some(("3", Mends::NONE)));
        assert_eq!(table.find("E01x"), None);
        let exact = Table::new(&lookup, &lookups, "imd", false).unwrap();
        assert_eq!(exact.find("e01000001"), None);
    }

    #[test]
    fn areas_outside_england() {
        let (lookup, english) = (lookup(), lookups(&[("E01000001", "1")]));
        let table = Table::new(&lookup, &english, "imd", true).unwrap();
        for text in ["W01000001", "s01000001", "N21000001", "95GG01S1", "E99999999", "Z99999999"] {
            assert!(table.is_elsewhere(text), "{text}");
        }
        for text in ["E02000001", "E01999999", "", "W", "LS1 4AP", "X01000001"] {
            assert!(!table.is_elsewhere(text), "{text}");
        }
        let welsh = lookups(&[("E01000001", "1"), ("W01000001", "1")]);
        assert!(!Table::new(&lookup, &welsh, "imd", true).unwrap().is_elsewhere("W01000002"));
    }

    #[test]
    fn a_table_that_was_not_handed_over_is_named() {
        let error = Table::new(&lookup(), &Lookups::new(), "imd", true).unwrap_err();
        assert_eq!(error.slug(), "lookup-missing");
        assert!(error.to_string().contains("'imd2019'"));
    }
}
