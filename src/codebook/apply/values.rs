//! Writes the value of each row, given what became of its combination of texts.

use crate::codebook::source::Source;
use crate::coding::{Code, with_codes};
use rayon::prelude::*;

/// The values of a variable, in the narrowest type that holds its levels.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Up to 127 levels; -1 is missing.
    I8(Vec<i8>),
    /// Up to 32,767 levels; -1 is missing.
    I16(Vec<i16>),
    /// More levels; -1 is missing.
    I32(Vec<i32>),
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
}

impl Values {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::I8(values) => values.len(),
            Self::I16(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::Numbers(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Levels of the rows: `table` has the level of each distinct text, and then that of no value.
    pub(in crate::codebook) fn of_levels(source: &Source, table: &[Option<usize>], levels: usize) -> Self {
        if i8::try_from(levels).is_ok() {
            Self::I8(scatter(source, &table.iter().map(|at| at.map_or(-1, |at| at as i8)).collect::<Vec<_>>()))
        } else if i16::try_from(levels).is_ok() {
            Self::I16(scatter(source, &table.iter().map(|at| at.map_or(-1, |at| at as i16)).collect::<Vec<_>>()))
        } else {
            Self::I32(scatter(source, &table.iter().map(|at| at.map_or(-1, |at| at as i32)).collect::<Vec<_>>()))
        }
    }

    /// Numbers of the rows: `table` has the number of each distinct text, and then NaN for no value.
    pub(in crate::codebook) fn of_numbers(source: &Source, table: &[f64]) -> Self {
        Self::Numbers(scatter(source, table))
    }
}

/// Rows written by one thread at a time, at least.
const LEAST: usize = 1 << 15;

fn scatter<V: Copy + Send + Sync>(source: &Source, table: &[V]) -> Vec<V> {
    let last = table.len() - 1;
    with_codes!(source.codes(), codes => {
        codes.par_iter().with_min_len(LEAST).map(|code| table[code.index().min(last)]).collect()
    })
}
