//! Curves of a numeric covariate: several columns that mean something together, and what they learned, for new data.
//!
//! Definitions are those of R: `splines::ns`, `splines::bs` (without intercept) and `stats::poly`.

mod bspline;
mod knots;
mod natural;
mod orthogonal;

use super::column::Frame;
use super::number;
use crate::error::{Error, Kind, Result};
use crate::formula::{BasisKind, CUBIC, LARGEST_DEGREE, LARGEST_DF};
use bspline::BSpline;
use knots::Placed;
use natural::Natural;
use orthogonal::Orthogonal;
use serde::{Deserialize, Serialize};

/// A numeric covariate as a curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// Source column.
    pub column: String,
    /// Name in the formula, e.g. `ns(age, df=4)`.
    pub name: String,
    shape: Shape,
}

/// Which curves, with what they learned from the rows of the fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    /// Cubic splines, straight beyond the boundary knots.
    Natural { knots: Vec<f64>, bounds: [f64; 2] },
    /// Splines of a degree, defined between the boundary knots only.
    Spline { degree: u32, knots: Vec<f64>, bounds: [f64; 2] },
    /// Polynomials that are orthonormal over the rows of the fit.
    Polynomial(Orthogonal),
}

/// The curves, ready to be evaluated.
enum Curves<'a> {
    Natural(Natural),
    Spline(BSpline),
    Polynomial(&'a Orthogonal),
}

impl Basis {
    /// Learns knots, or a polynomial's coefficients, from `rows` of the frame.
    pub fn learn(frame: &Frame, rows: &[u32], column: &str, name: String, kind: &BasisKind) -> Result<Self> {
        let values = number::checked(frame, rows, column)?;
        let x = rows.iter().map(|&i| values[i as usize]).collect::<Vec<_>>();
        let shape = match kind {
            BasisKind::Natural(asked) => {
                let Placed { knots, bounds } = knots::place(asked, 1, &x, column, &name)?;
                Shape::Natural { knots, bounds }
            }
            BasisKind::Spline(asked, degree) => {
                let Placed { knots, bounds } = knots::place(asked, *degree, &x, column, &name)?;
                Shape::Spline { degree: *degree, knots, bounds }
            }
            BasisKind::Polynomial(degree) => {
                knots::check_distinct(&x, *degree as usize, column, &name)?;
                Shape::Polynomial(Orthogonal::learn(&x, *degree as usize, column, &name)?)
            }
        };
        Ok(Self { column: column.to_string(), name, shape })
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        match &self.shape {
            Shape::Natural { knots, .. } => knots.len() + 1,
            Shape::Spline { degree, knots, .. } => knots.len() + *degree as usize,
            Shape::Polynomial(polynomial) => polynomial.degree(),
        }
    }

    /// `ns(age, df=4)[1]` and so on.
    pub fn labels(&self) -> Vec<String> {
        (1..=self.width()).map(|k| format!("{}[{k}]", self.name)).collect()
    }

    /// The covariate in `rows`, in that order. Values where the curves are not defined are an error that names its row.
    ///
    /// Natural splines go on in a straight line beyond their boundary knots, and polynomials as polynomials; the pieces of a
    /// `bs` end there.
    pub fn source(&self, frame: &Frame, rows: &[u32]) -> Result<Vec<f64>> {
        let values = frame.number(&self.column, "a curve")?;
        let read = |&i: &u32| {
            let x = values[i as usize];
            if !x.is_finite() || x.abs() > number::LARGEST {
                return Err(number::not_usable(&self.column, i, x));
            }
            match &self.shape {
                Shape::Spline { bounds, .. } if x < bounds[0] || x > bounds[1] => Err(self.outside(i, x, *bounds)),
                _ => Ok(x),
            }
        };
        rows.iter().map(read).collect()
    }

    /// The columns at each of `x`, one row of [`Basis::width`] numbers after the other.
    pub fn values(&self, x: &[f64]) -> Vec<f64> {
        let curves = self.curves();
        let mut out = Vec::with_capacity(x.len() * self.width());
        for &x in x {
            match &curves {
                Curves::Natural(natural) => natural.write(x, &mut out),
                Curves::Spline(spline) => out.extend(&spline.values(x)[1..]),
                Curves::Polynomial(polynomial) => polynomial.write(x, &mut out),
            }
        }
        out
    }

    fn curves(&self) -> Curves<'_> {
        match &self.shape {
            Shape::Natural { knots, bounds } => Curves::Natural(Natural::new(knots, *bounds)),
            Shape::Spline { degree, knots, bounds } => Curves::Spline(BSpline::new(knots, *bounds, *degree as usize)),
            Shape::Polynomial(polynomial) => Curves::Polynomial(polynomial),
        }
    }

    /// Whether it can be evaluated: a basis read from a file is data, not code.
    pub fn is_consistent(&self) -> bool {
        let placed = |knots: &[f64], bounds: &[f64; 2]| {
            let all = [&bounds[..1], knots, &bounds[1..]].concat();
            knots.len() <= LARGEST_DF as usize
                && all.iter().all(|k| k.is_finite())
                && all.windows(2).all(|pair| pair[0] < pair[1])
        };
        match &self.shape {
            Shape::Natural { knots, bounds } => placed(knots, bounds),
            Shape::Spline { degree, knots, bounds } => {
                (1..=LARGEST_DEGREE.max(CUBIC)).contains(degree) && placed(knots, bounds)
            }
            Shape::Polynomial(polynomial) => polynomial.is_consistent(),
        }
    }

    fn outside(&self, row: u32, x: f64, bounds: [f64; 2]) -> Error {
        let message = format!(
            "column '{}', row {row} (counted from 0), holds {x}, outside the boundary knots {} and {} of {}, where the curve is not known; leave the row out, fit with wider bounds=, or use ns({}, …), which goes on in a straight line",
            self.column, bounds[0], bounds[1], self.name, self.column
        );
        Error::new(Kind::Data, "outside-bounds", message)
    }
}
