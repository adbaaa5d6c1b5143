//! The combinations of texts that occur in the rows of several columns.

use crate::codebook::source::builder::SourceBuilder;
use crate::codebook::source::{Source, word};
use crate::error::{Error, Kind, Result};

/// The distinct combinations of texts of some columns and where each stands.
#[derive(Debug)]
pub(in crate::codebook) struct Tuples<'s> {
    columns: Vec<&'s Source>,
    /// The combinations as a column of their own, if there are several columns. A combination is a number in a mixed radix:
    /// one digit per column, its largest value for no value.
    combined: Option<Source>,
}

impl<'s> Tuples<'s> {
    /// The combinations of these columns, which are of one length.
    pub(in crate::codebook) fn new(columns: Vec<&'s Source>) -> Result<Self> {
        if columns.len() == 1 {
            return Ok(Self { columns, combined: None });
        }
        let sizes = columns.iter().map(|column| column.distinct() as u64 + 1);
        if sizes.clone().try_fold(1u64, u64::checked_mul).is_none() {
            let sizes = sizes.map(|size| size.to_string()).collect::<Vec<_>>().join(", ");
            let message = format!(
                "the columns tested together hold too many different texts ({sizes}) to tell all combinations apart; \
                 is one of them an identifier, or free text?"
            );
            return Err(Error::new(Kind::Size, "too-many-combinations", message));
        }
        let rows = columns.first().map_or(0, |column| column.len());
        let mut builder = SourceBuilder::new(rows);
        builder.push_keys(rows, |row| {
            columns.iter().fold(0, |key, column| {
                let none = column.distinct();
                key * (none as u64 + 1) + column.codes().get(row).min(none) as u64
            })
        });
        Ok(Self { combined: Some(builder.finish()), columns })
    }

    /// The column whose codes tell the combinations apart; no value is a combination too, the last.
    pub(in crate::codebook) fn source(&self) -> &Source {
        self.combined.as_ref().unwrap_or(self.columns[0])
    }

    /// How many combinations there may be.
    pub(in crate::codebook) fn len(&self) -> usize {
        self.source().distinct() + 1
    }

    /// In how many rows a combination stands.
    pub(in crate::codebook) fn rows(&self, k: usize) -> u64 {
        let source = self.source();
        if k < source.distinct() { source.rows_of(k) } else { source.missing() }
    }

    /// The place of the text in each column.
    pub(in crate::codebook) fn cells(&self, k: usize) -> Vec<Option<usize>> {
        let Some(combined) = &self.combined else { return vec![(k < self.columns[0].distinct()).then_some(k)] };
        if k == combined.distinct() {
            return vec![None; self.columns.len()];
        }
        let mut key = word(combined.bytes(k));
        let mut cells = Vec::with_capacity(self.columns.len());
        for column in self.columns.iter().rev() {
            let size = column.distinct() as u64 + 1;
            let digit = (key % size) as usize;
            cells.push((digit < column.distinct()).then_some(digit));
            key /= size;
        }
        cells.reverse();
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(texts: &[Option<&str>]) -> Source {
        let mut builder = SourceBuilder::new(texts.len());
        texts.iter().for_each(|text| builder.push_text(text.map(str::as_bytes)));
        builder.finish()
    }

    #[test]
    fn combinations_are_counted_and_taken_apart() {
        let one = source(&[Some("a"), None, Some("b"), Some("a"), None]);
        let other = source(&[None, None, Some("x"), None, Some("x")]);
        let tuples = Tuples::new(vec![&one, &other]).unwrap();
        let seen = (0..tuples.len()).map(|k| (tuples.cells(k), tuples.rows(k))).collect::<Vec<_>>();
        let expected = [
            (vec![Some(0), None], 2),
            (vec![None, None], 1),
            (vec![Some(1), Some(0)], 1),
            (vec![None, Some(0)], 1),
            (vec![None, None], 0),
        ];
        assert_eq!(seen, expected);
        let single = Tuples::new(vec![&one]).unwrap();
        assert_eq!((single.len(), single.cells(2), single.rows(2)), (3, vec![None], 2));
    }
}
