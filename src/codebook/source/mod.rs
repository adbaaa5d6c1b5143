//! A column as it was read: which distinct texts there are, where each stands, and how often.

pub(super) mod arrow;
pub(super) mod builder;
pub(super) mod numbering;

use crate::codebook::source::numbering::Width;
use crate::coding::{Codes, TextList, with_codes};
use rayon::prelude::*;
use std::borrow::Cow;

/// A column of an extract, its distinct texts numbered as they first appear. Built by a [`crate::codebook::SourceBuilder`].
///
/// ```
/// use melogit::codebook::SourceBuilder;
///
/// let mut builder = SourceBuilder::new(4);
/// builder.push_floats(&[2.0, 1.0, f64::NAN, 2.0]);
/// let source = builder.finish();
/// assert_eq!((source.len(), source.distinct(), source.missing()), (4, 2, 1));
/// assert_eq!((source.text(0).as_ref(), source.rows_of(0)), ("2", 2));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Number of the text in each row; the largest number of the width where there is no value.
    codes: Codes,
    texts: TextList,
    /// Whether a text is the eight bytes of a number instead.
    numbers: bool,
    rows: Vec<u64>,
    missing: u64,
}

impl Source {
    /// Counts the rows of each text.
    pub(in crate::codebook) fn new(codes: Codes, texts: TextList, numbers: bool) -> Self {
        let rows = with_codes!(&codes, codes => count(codes, texts.len()));
        let missing = codes.len() as u64 - rows.iter().sum::<u64>();
        Self { codes, texts, numbers, rows, missing }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// How many distinct texts there are.
    pub fn distinct(&self) -> usize {
        self.texts.len()
    }

    /// A distinct text; that of a number is its shortest decimal form.
    pub fn text(&self, k: usize) -> Cow<'_, str> {
        match self.number(k) {
            Some(number) => Cow::Owned(number.to_string()),
            None => String::from_utf8_lossy(self.texts.get(k)),
        }
    }

    /// In how many rows a text stands.
    pub fn rows_of(&self, k: usize) -> u64 {
        self.rows[k]
    }

    /// How many rows have no value.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// The bytes of a distinct text, or of a number.
    pub(in crate::codebook) fn bytes(&self, k: usize) -> &[u8] {
        self.texts.get(k)
    }

    /// The number, if the column holds numbers.
    pub(in crate::codebook) fn number(&self, k: usize) -> Option<f64> {
        self.numbers.then(|| f64::from_bits(word(self.texts.get(k))))
    }

    pub(in crate::codebook) fn codes(&self) -> &Codes {
        &self.codes
    }
}

/// Eight bytes as a number.
pub(in crate::codebook) fn word(bytes: &[u8]) -> u64 {
    bytes.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Rows counted by one thread at a time, at least.
const LEAST: usize = 1 << 17;

fn count<T: Width>(codes: &[T], texts: usize) -> Vec<u64> {
    let part = |codes: &[T]| {
        // Two counters for each text: rows next to each other often hold the same one. The last is for no value.
        let mut even = vec![0u64; texts + 1];
        let mut odd = even.clone();
        for pair in codes.chunks(2) {
            even[pair[0].index().min(texts)] += 1;
            if let Some(code) = pair.get(1) {
                odd[code.index().min(texts)] += 1;
            }
        }
        even.iter_mut().zip(odd).for_each(|(a, b)| *a += b);
        even
    };
    let length = codes.len().div_ceil(rayon::current_num_threads()).max(LEAST);
    let parts = codes.par_chunks(length).map(part).collect::<Vec<_>>();
    let mut rows = vec![0; texts];
    for part in parts {
        rows.iter_mut().zip(part).for_each(|(a, b)| *a += b);
    }
    rows
}
