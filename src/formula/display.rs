//! A formula back to text, and the names its parts carry in tables.
//!
//! Two kinds of quoting. In formula text a name gets backticks whenever the lexer would otherwise not
//! read it as one name. In a *label* (`Term::name` and friends), which people read and nobody parses,
//! a name gets backticks only when the label would be ambiguous: `age band:sex` is clear as it is.

use std::borrow::Cow;
use std::fmt;

use super::ast::{Atom, Formula, Function, RandomTerm, Response, Term, Transform, Variable};
use super::contrast::{ContrastKind, Hypothesis};
use super::lex::is_bare_name;
use super::real::listed;

/// The canonical text: `parse(&formula.to_string())` gives an equal formula back.
impl fmt::Display for Formula {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = effects(self.intercept, &self.terms);
        parts.extend(self.offsets.iter().map(|atom| format!("offset({atom})")));
        // The intercept goes without saying, unless it would leave nothing to say.
        if self.intercept && (parts.len() > 1) {
            parts.remove(0);
        }
        parts.extend(self.random.iter().map(ToString::to_string));
        write!(out, "{} ~ {}", self.response, parts.join(" + "))
    }
}

impl fmt::Display for Response {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single(outcome) => write!(out, "{outcome}"),
            Self::Grouped { events, trials } => write!(out, "{events} / {trials}"),
            Self::Counts { events, nonevents } => write!(out, "cbind({events}, {nonevents})"),
        }
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&quoted(&self.name))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&joined(&self.atoms, ToString::to_string))
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = quoted(&self.column);
        let Transform::Category { contrast, reference } = &self.transform else {
            return out.write_str(&applied(&self.transform, &column));
        };
        write!(out, "C({column}")?;
        match contrast {
            None => {}
            Some(ContrastKind::Custom(hypotheses)) => {
                for Hypothesis { label, text } in hypotheses {
                    let label = if label == text { String::new() } else { format!("{}=", delimited(label, '"')) };
                    write!(out, ", {label}{}", delimited(text, '"'))?;
                }
            }
            Some(ContrastKind::Polynomial(Some(scores))) => write!(out, ", Poly, scores=\"{}\"", listed(scores))?,
            Some(named) => write!(out, ", {}", named.name())?,
        }
        if let Some(reference) = reference {
            write!(out, ", ref={}", delimited(reference, '"'))?;
        }
        out.write_str(")")
    }
}

impl fmt::Display for RandomTerm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effects = effects(self.intercept, &self.terms).join(" + ");
        write!(out, "({effects} | {})", joined(&self.group, ToString::to_string))
    }
}

impl Term {
    /// The name of the term in tables and the prefix of its parameters: `age:gender`.
    #[must_use]
    pub fn name(&self) -> String {
        joined(&self.atoms, Atom::name)
    }
}

impl Atom {
    /// The name of the atom in tables: `log(age)`, `age`; `C(x, Sum)` is just `x`.
    #[must_use]
    pub fn name(&self) -> String {
        applied(&self.transform, &label(&self.column))
    }
}

impl RandomTerm {
    /// The name of the grouping: `clinic`, or `a:b`.
    #[must_use]
    pub fn group_name(&self) -> String {
        joined(&self.group, |variable| label(&variable.name).into_owned())
    }
}

/// Intercept and terms as they stand in a sum, the intercept always said.
fn effects(intercept: bool, terms: &[Term]) -> Vec<String> {
    let first = if intercept { "1" } else { "0" };
    std::iter::once(first.to_owned()).chain(terms.iter().map(ToString::to_string)).collect()
}

fn joined<T>(parts: &[T], text: impl Fn(&T) -> String) -> String {
    parts.iter().map(text).collect::<Vec<_>>().join(":")
}

fn applied(transform: &Transform, column: &str) -> String {
    match transform {
        Transform::Identity | Transform::Category { .. } => column.to_owned(),
        Transform::Function(Function::Power(power)) => format!("I({column}^{power})"),
        Transform::Function(function) => format!("{}({column})", function.name()),
        Transform::Basis(basis) => basis.call(column),
    }
}

/// A name as it must stand in a formula.
pub(super) fn quoted(name: &str) -> Cow<'_, str> {
    if is_bare_name(name) { Cow::Borrowed(name) } else { Cow::Owned(delimited(name, '`')) }
}

/// A name as it stands in a label. The characters are those that give labels their structure.
fn label(name: &str) -> Cow<'_, str> {
    if name.contains([':', '(', ')', '[', ']', '`']) { Cow::Owned(delimited(name, '`')) } else { Cow::Borrowed(name) }
}

fn delimited(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for character in text.chars() {
        if character == quote || character == '\\' {
            out.push('\\');
        }
        out.push(character);
    }
    out.push(quote);
    out
}
