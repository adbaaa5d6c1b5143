//! A numeric covariate: a column, a function of it, and what the function learned (centre, scale), for new data.

use super::column::Frame;
use crate::error::{Error, Kind, Result};
use crate::formula::Function;
use serde::{Deserialize, Serialize};

/// A numeric covariate as coded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// Source column.
    pub column: String,
    /// Name in the formula, e.g. `log(age)`.
    pub name: String,
    function: Option<Shape>,
}

/// A function with what it learned from the rows of the fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Log,
    Log2,
    Log10,
    Log1p,
    Exp,
    Sqrt,
    Abs,
    Power(u32),
    Linear { centre: f64, scale: f64 },
}

/// Numbers beyond this, infinity included, overflow when they are squared and added up.
pub(super) const LARGEST: f64 = 1e100;

impl Number {
    /// Learns the coding of `column` from `rows` of the frame.
    pub fn learn(frame: &Frame, rows: &[u32], column: &str, name: String, function: Option<Function>) -> Result<Self> {
        let values = checked(frame, rows, column)?;
        let function = match function {
            None => None,
            Some(f) => Some(Self::shape(f, values, rows, column)?),
        };
        Ok(Self { column: column.to_string(), name, function })
    }

    fn shape(function: Function, values: &[f64], rows: &[u32], column: &str) -> Result<Shape> {
        Ok(match function {
            Function::Log => Shape::Log,
            Function::Log2 => Shape::Log2,
            Function::Log10 => Shape::Log10,
            Function::Log1p => Shape::Log1p,
            Function::Exp => Shape::Exp,
            Function::Sqrt => Shape::Sqrt,
            Function::Abs => Shape::Abs,
            Function::Power(k) => Shape::Power(k),
            Function::Center => Shape::Linear { centre: mean(values, rows), scale: 1.0 },
            Function::Scale => {
                let centre = mean(values, rows);
                let ss: f64 = rows.iter().map(|&i| (values[i as usize] - centre).powi(2)).sum();
                let scale = (ss / (rows.len() as f64 - 1.0)).sqrt();
                if scale.is_nan() || scale <= 0.0 {
                    let message =
                        format!("scale({column}): the column does not vary, so it has no scale; drop the term");
                    return Err(Error::new(Kind::Data, "constant-scale", message));
                }
                Shape::Linear { centre, scale }
            }
        })
    }

    /// The values of `rows`, in that order; a non-finite value is an error that names its row.
    pub fn values(&self, frame: &Frame, rows: &[u32]) -> Result<Vec<f64>> {
        let source = frame.number(&self.column, "a numeric term")?;
        rows.iter()
            .map(|&i| {
                let x = self.apply(source[i as usize]);
                if x.is_finite() { Ok(x) } else { Err(self.not_finite(i, source[i as usize])) }
            })
            .collect()
    }

    fn apply(&self, x: f64) -> f64 {
        match self.function {
            None => x,
            Some(Shape::Log) => x.ln(),
            Some(Shape::Log2) => x.log2(),
            Some(Shape::Log10) => x.log10(),
            Some(Shape::Log1p) => x.ln_1p(),
            Some(Shape::Exp) => x.exp(),
            Some(Shape::Sqrt) => x.sqrt(),
            Some(Shape::Abs) => x.abs(),
            Some(Shape::Power(k)) => x.powi(i32::try_from(k).unwrap_or(i32::MAX)),
            Some(Shape::Linear { centre, scale }) => (x - centre) / scale,
        }
    }

    fn not_finite(&self, row: u32, value: f64) -> Error {
        let what = if value.is_finite() {
            format!("{} of {value} is not a finite number", self.name)
        } else {
            format!("column '{}' holds {value}", self.column)
        };
        let message = format!("{what} (row {row}, counted from 0); correct the value or set it to missing");
        Error::new(Kind::Data, "not-finite", message)
    }
}

/// The numbers of a column, none of them too large in `rows`.
pub(super) fn checked<'a>(frame: &'a Frame, rows: &[u32], column: &str) -> Result<&'a [f64]> {
    let values = frame.number(column, "a numeric term")?;
    match rows.iter().find(|&&i| values[i as usize].abs() > LARGEST) {
        Some(&row) => Err(not_usable(column, row, values[row as usize])),
        None => Ok(values),
    }
}

/// The complaint about a value that no arithmetic can use.
pub(super) fn not_usable(column: &str, row: u32, value: f64) -> Error {
    let message = format!(
        "column '{column}', row {row} (counted from 0), holds {value}; correct the value, set it to missing, or bring the column to a sensible unit"
    );
    Error::new(Kind::Data, "not-finite", message)
}

fn mean(values: &[f64], rows: &[u32]) -> f64 {
    rows.iter().map(|&i| values[i as usize]).sum::<f64>() / rows.len() as f64
}
