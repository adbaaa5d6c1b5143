//! Curves of a number: splines and orthogonal polynomials, each several columns in one term.

use super::real::{Real, listed};
use std::fmt;

/// Columns of one basis at most.
pub const LARGEST_DF: u32 = 100;

/// The largest degree of a polynomial or of the pieces of a spline.
pub const LARGEST_DEGREE: u32 = 10;

/// The degree of the pieces of `bs(x)` that goes without saying.
pub const CUBIC: u32 = 3;

/// Which curves a term stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BasisKind {
    /// `ns(x, ...)`: cubic splines, straight beyond the boundary knots.
    Natural(Knots),
    /// `bs(x, ...)`: splines of a degree.
    Spline(Knots, u32),
    /// `poly(x, degree)`: polynomials, orthogonal over the analysed rows.
    Polynomial(u32),
}

/// Where the knots of a spline are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Knots {
    /// The knots within.
    pub inner: InnerKnots,
    /// Boundary knots; the range of the analysed rows if not given.
    pub bounds: Option<[Real; 2]>,
}

/// Knots between the boundary knots.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum InnerKnots {
    /// At quantiles of the analysed rows, as many as make so many columns.
    Columns(u32),
    /// Here, in increasing order.
    At(Vec<Real>),
}

impl BasisKind {
    /// The functions of a formula that make one.
    pub const NAMES: [&str; 3] = ["ns", "bs", "poly"];

    /// The call as a formula has it, around the text of a column.
    pub(super) fn call(&self, column: &str) -> String {
        match self {
            Self::Natural(knots) => format!("ns({column}, {knots})"),
            Self::Spline(knots, CUBIC) => format!("bs({column}, {knots})"),
            Self::Spline(knots, degree) => format!("bs({column}, {knots}, degree={degree})"),
            Self::Polynomial(degree) => format!("poly({column}, {degree})"),
        }
    }
}

impl fmt::Display for Knots {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner {
            InnerKnots::Columns(df) => write!(out, "df={df}")?,
            InnerKnots::At(knots) => write!(out, "knots=\"{}\"", listed(knots))?,
        }
        self.bounds.map_or(Ok(()), |bounds| write!(out, ", bounds=\"{}\"", listed(&bounds)))
    }
}
