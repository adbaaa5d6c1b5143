//! `ns(x, df=4)`, `bs(x, knots="8 12", bounds="0 18", degree=2)`, `poly(x, 3)`.

use super::ast::{Atom, Span, Transform, Variable};
use super::basis::{BasisKind, CUBIC, InnerKnots, Knots, LARGEST_DEGREE, LARGEST_DF};
use super::faults;
use super::lex::Kind;
use super::parse::{Parsed, Parser};
use super::real::{Real, increasing};

/// What was said about a spline so far.
#[derive(Default)]
struct Said {
    df: Option<(u32, Span)>,
    knots: Option<Vec<Real>>,
    bounds: Option<[Real; 2]>,
    degree: Option<u32>,
}

impl Parser<'_> {
    /// `( "ns" | "bs" ) "(" variable { "," knots } ")"`
    pub(super) fn spline(&mut self) -> Parsed<Atom> {
        let function = if matches!(self.kind(), Kind::Name(name) if name == "ns") { "ns" } else { "bs" };
        let start = self.bump();
        let (_, inside) = self.inside();
        let Variable { name: column, .. } = self.first_column(function)?;
        let mut said = Said::default();
        while self.eat(&Kind::Comma) {
            if self.spline_argument(function, &mut said)? {
                return Err(faults::bad_arguments(function, inside));
            }
        }
        if !self.eat(&Kind::Close) {
            return Err(self.bad_argument(function, inside));
        }
        let degree = said.degree.unwrap_or(CUBIC);
        let inner = match (said.df, said.knots) {
            (Some((df, span)), None) if function == "bs" && df < degree => {
                return Err(faults::df_below_degree(degree, span));
            }
            (Some((df, _)), None) => InnerKnots::Columns(df),
            (None, Some(knots)) => InnerKnots::At(knots),
            _ => return Err(faults::bad_arguments(function, inside)),
        };
        let knots = Knots { inner, bounds: said.bounds };
        let basis = if function == "ns" { BasisKind::Natural(knots) } else { BasisKind::Spline(knots, degree) };
        Ok(Atom { column, transform: Transform::Basis(basis), span: self.span_since(start) })
    }

    /// One argument of a spline; tells whether it was said before. As in R, a bare number is the number of columns.
    fn spline_argument(&mut self, function: &str, said: &mut Said) -> Parsed<bool> {
        let keyword = self.span();
        let named = match self.kind() {
            Kind::Name(name) if *self.kind_at(1) == Kind::Equals => name.clone(),
            _ => {
                let span = self.span();
                return Ok(said.df.replace((self.whole("df", LARGEST_DF)?, span)).is_some());
            }
        };
        self.bump();
        self.bump();
        let span = self.span();
        Ok(match named.as_str() {
            "df" => said.df.replace((self.whole("df", LARGEST_DF)?, span)).is_some(),
            "knots" => said.knots.replace(self.numbers("knots")?).is_some(),
            "bounds" | "Boundary.knots" => {
                let numbers = self.numbers("bounds")?;
                let [lower, upper] = numbers[..] else { return Err(faults::invalid_numbers("bounds", span)) };
                said.bounds.replace([lower, upper]).is_some()
            }
            "degree" if function == "bs" => said.degree.replace(self.whole("degree", LARGEST_DEGREE)?).is_some(),
            _ => return Err(faults::unknown_argument(function, keyword)),
        })
    }

    /// `"poly" "(" variable "," [ "degree" "=" ] integer ")"`
    pub(super) fn polynomial(&mut self) -> Parsed<Atom> {
        let start = self.bump();
        let (_, inside) = self.inside();
        let Variable { name: column, .. } = self.first_column("poly")?;
        if !self.eat(&Kind::Comma) {
            return Err(match self.kind() {
                Kind::Close => faults::bad_arguments("poly", inside),
                _ => self.bad_argument("poly", inside),
            });
        }
        if let Kind::Name(name) = self.kind()
            && *self.kind_at(1) == Kind::Equals
        {
            if name != "degree" {
                return Err(faults::unknown_argument("poly", self.span()));
            }
            self.bump();
            self.bump();
        }
        let degree = self.whole("degree", LARGEST_DEGREE)?;
        if !self.eat(&Kind::Close) {
            return Err(self.bad_argument("poly", inside));
        }
        let transform = Transform::Basis(BasisKind::Polynomial(degree));
        Ok(Atom { column, transform, span: self.span_since(start) })
    }

    /// A whole number from 1 to `largest`.
    fn whole(&mut self, argument: &str, largest: u32) -> Parsed<u32> {
        let span = self.span();
        let value = match self.kind() {
            Kind::Number(digits) => digits.parse().ok().filter(|n| (1..=largest).contains(n)),
            _ => None,
        };
        let value = value.ok_or_else(|| faults::invalid_df(argument, largest, span))?;
        self.bump();
        Ok(value)
    }

    /// Numbers in quotes, or a single one without.
    pub(super) fn numbers(&mut self, argument: &str) -> Parsed<Vec<Real>> {
        let start = self.span();
        let minus = self.eat(&Kind::Minus);
        let text = match self.kind() {
            Kind::Text(text) if !minus => text.clone(),
            Kind::Number(digits) => format!("{}{digits}", if minus { "-" } else { "" }),
            _ => return Err(faults::invalid_numbers(argument, self.span())),
        };
        self.bump();
        increasing(&text).ok_or_else(|| faults::invalid_numbers(argument, self.span_since(start)))
    }
}
