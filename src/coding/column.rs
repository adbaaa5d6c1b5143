//! The only data that cross into the core: numbers, and integer codes with their labels.

use crate::error::{Error, Kind, Result};
use std::collections::BTreeMap;

/// The code of a missing value.
pub const MISSING: i32 = -1;

/// One column of a frame.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Codes into `levels`; [`MISSING`] where there is no value.
    Factor {
        /// Code per row.
        codes: Vec<i32>,
        /// Label per code.
        levels: Vec<String>,
        /// Whether the frame declared this order (otherwise labels are sorted).
        declared: bool,
    },
    /// Numbers; NaN where there is no value.
    Number(Vec<f64>),
}

impl Column {
    /// A factor from text, levels sorted; `None` is missing.
    ///
    /// ```
    /// use melogit::coding::Column;
    /// let Column::Factor { codes, levels, .. } = Column::from_text(&["b", "a", "b"]) else { unreachable!() };
    /// assert_eq!((codes, levels), (vec![1, 0, 1], vec!["a".to_string(), "b".to_string()]));
    /// ```
    pub fn from_text<S: AsRef<str>>(values: &[S]) -> Self {
        let mut levels: Vec<String> = values.iter().map(|s| s.as_ref().to_string()).collect();
        levels.sort_unstable();
        levels.dedup();
        let codes = values
            .iter()
            .map(|s| levels.binary_search_by(|l| l.as_str().cmp(s.as_ref())).map_or(MISSING, |k| k as i32));
        Self::Factor { codes: codes.collect(), levels, declared: false }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Factor { codes, .. } => codes.len(),
            Self::Number(v) => v.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Clears the flag of every row without a value; returns how many such rows there are.
    pub fn clear_missing(&self, complete: &mut [bool]) -> usize {
        // Whole columns without branches: this reads every cell of the data.
        match self {
            Self::Factor { codes, .. } => {
                complete.iter_mut().zip(codes).for_each(|(ok, c)| *ok &= *c >= 0);
                codes.iter().filter(|c| **c < 0).count()
            }
            Self::Number(v) => {
                complete.iter_mut().zip(v).for_each(|(ok, x)| *ok &= !x.is_nan());
                v.iter().filter(|x| x.is_nan()).count()
            }
        }
    }
}

/// Named columns of equal length.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    rows: usize,
    columns: BTreeMap<String, Column>,
}

impl Frame {
    /// An empty frame of `rows` rows.
    pub fn new(rows: usize) -> Self {
        Self { rows, columns: BTreeMap::new() }
    }

    /// Adds a column; codes are checked against their labels and the length against the frame.
    pub fn insert(&mut self, name: &str, column: Column) -> Result<()> {
        if column.len() != self.rows {
            let message = format!("column '{name}' has {} rows but the frame has {}", column.len(), self.rows);
            return Err(Error::new(Kind::Data, "length", message));
        }
        if let Column::Factor { codes, levels, .. } = &column {
            let top = i32::try_from(levels.len()).unwrap_or(i32::MAX);
            if let Some(row) = codes.iter().position(|&c| c < MISSING || c >= top) {
                let message = format!("column '{name}', row {row}: code {} has no label", codes[row]);
                return Err(Error::new(Kind::Data, "code-range", message));
            }
        }
        self.columns.insert(name.to_string(), column);
        Ok(())
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A column by name.
    pub fn get(&self, name: &str) -> Result<&Column> {
        self.columns.get(name).ok_or_else(|| {
            let known = self.columns.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let message = format!("the data have no column '{name}'; the columns given are: {known}");
            Error::new(Kind::ColumnNotFound, "unknown-column", message)
        })
    }

    /// A column of numbers; text is refused with the reason why numbers are needed.
    pub fn number(&self, name: &str, why: &str) -> Result<&[f64]> {
        match self.get(name)? {
            Column::Number(v) => Ok(v),
            Column::Factor { .. } => {
                let message = format!("column '{name}' holds categories, but {why} needs numbers; convert it first");
                Err(Error::new(Kind::Data, "not-a-number", message))
            }
        }
    }
}
