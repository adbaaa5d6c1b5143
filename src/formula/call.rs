//! What is written `name(...)`: functions, `C`, `I`, `Q` and `offset`.

use super::ast::{Atom, Function, Span, Transform, Variable};
use super::basis::BasisKind;
use super::error::Fault;
use super::faults;
use super::lex::Kind;
use super::parse::{Parsed, Parser};
use super::tree::{Node, NodeKind};

impl Parser<'_> {
    /// `call = offset | category | power | function`, with a name and `(` next.
    pub(super) fn call(&mut self) -> Parsed<Node> {
        let Kind::Name(name) = self.kind() else { return Err(self.unexpected()) };
        if name == "offset" {
            return self.offset();
        }
        let atom = self.atom_call()?;
        Ok(Node { span: atom.span, kind: NodeKind::Atom(atom) })
    }

    fn atom_call(&mut self) -> Parsed<Atom> {
        let span = self.span();
        let Kind::Name(name) = self.kind().clone() else { return Err(self.unexpected()) };
        match name.as_str() {
            "C" => self.category(),
            "I" => self.protected_power(),
            "cbind" => Err(faults::misplaced_cbind(span)),
            "ns" | "bs" => self.spline(),
            "poly" => self.polynomial(),
            other => match Function::from_name(other) {
                Some(function) => self.function(&name, Transform::Function(function)),
                None => Err(self.unknown_function(&name)),
            },
        }
    }

    /// `x (1 | g)` looks like a call of `x`, but a bar inside shows that a `+` was forgotten.
    fn unknown_function(&mut self, name: &str) -> Fault {
        let span = self.bump();
        let bar = |kind: &Kind| matches!(kind, Kind::Bar | Kind::DoubleBar);
        if self.inside().0.iter().any(|token| bar(&token.kind)) {
            faults::missing_operator(span, self.span())
        } else {
            faults::unknown_function(name, span)
        }
    }

    /// `function = name "(" variable ")"`
    fn function(&mut self, name: &str, transform: Transform) -> Parsed<Atom> {
        let start = self.bump();
        let Variable { name: column, .. } = self.only_column(name)?;
        self.bump();
        Ok(Atom { column, transform, span: self.span_since(start) })
    }

    /// `power = "I" "(" variable [ ("^" | "**") integer ] ")"`
    fn protected_power(&mut self) -> Parsed<Atom> {
        let start = self.bump();
        let (_, inside) = self.inside();
        let Variable { name: column, .. } = self.first_column("I")?;
        let transform = if self.eat(&Kind::Caret) {
            // R takes `I(x^-1)` and `I(x^0.5)` too; here these are columns to be made.
            if *self.kind() == Kind::Minus {
                return Err(faults::arithmetic_in_function("I", inside));
            }
            Transform::Function(Function::Power(self.exponent()?))
        } else {
            Transform::Identity
        };
        if !self.eat(&Kind::Close) {
            return Err(self.bad_argument("I", inside));
        }
        Ok(Atom { column, transform, span: self.span_since(start) })
    }

    /// `offset = "offset" "(" ( variable | function | power ) ")"`
    fn offset(&mut self) -> Parsed<Node> {
        let start = self.bump();
        let (_, inside) = self.inside();
        let is_call = |name: &str| name == "I" || Function::from_name(name).is_some();
        let atom = match self.kind_at(1) {
            Kind::Name(name) if *self.kind_at(2) == Kind::Open && is_call(name) => {
                self.bump();
                self.atom_call()?
            }
            Kind::Name(name)
                if *self.kind_at(2) == Kind::Open && (name == "C" || BasisKind::NAMES.contains(&name.as_str())) =>
            {
                return Err(faults::nested_function("offset", inside));
            }
            _ => {
                let Variable { name: column, span } = self.first_column("offset")?;
                Atom { column, transform: Transform::Identity, span }
            }
        };
        if !self.eat(&Kind::Close) {
            return Err(self.bad_argument("offset", inside));
        }
        Ok(Node { kind: NodeKind::Offset(atom), span: self.span_since(start) })
    }

    /// `"Q" "(" text ")"`
    pub(super) fn quoted_name(&mut self) -> Parsed<Variable> {
        let start = self.bump();
        let (_, inside) = self.inside();
        self.bump();
        let Kind::Text(name) = self.kind().clone() else {
            return Err(faults::bad_arguments("Q", inside));
        };
        let span = self.bump();
        if name.is_empty() {
            return Err(faults::empty_name(span));
        }
        if !self.eat(&Kind::Close) {
            return Err(faults::bad_arguments("Q", inside));
        }
        Ok(Variable { name, span: self.span_since(start) })
    }

    /// With `(` next: one column and the `)` that must follow, which is not consumed.
    fn only_column(&mut self, function: &str) -> Parsed<Variable> {
        let (_, inside) = self.inside();
        let column = self.first_column(function)?;
        if *self.kind() == Kind::Close { Ok(column) } else { Err(self.bad_argument(function, inside)) }
    }

    /// With `(` next: the column that must come first.
    pub(super) fn first_column(&mut self, function: &str) -> Parsed<Variable> {
        let (_, inside) = self.inside();
        self.bump();
        if let Some(column) = self.variable()? {
            return Ok(column);
        }
        let Kind::Name(name) = self.kind().clone() else {
            return Err(self.bad_argument(function, inside));
        };
        let known = ["C", "I", "offset"].contains(&name.as_str())
            || BasisKind::NAMES.contains(&name.as_str())
            || Function::from_name(&name).is_some();
        if known {
            return Err(faults::nested_function(function, inside));
        }
        Err(self.unknown_function(&name))
    }

    /// The complaint about what stands in a function at the current token.
    pub(super) fn bad_argument(&self, function: &str, inside: Span) -> Fault {
        match self.kind() {
            Kind::Close | Kind::Comma | Kind::Equals | Kind::Text(_) | Kind::Tilde => {
                faults::bad_arguments(function, inside)
            }
            Kind::Name(_) | Kind::Backtick(_) => self.unexpected(),
            _ => faults::arithmetic_in_function(function, inside),
        }
    }
}
