//! The grouping columns, right of the bar of a random term.

use super::ast::{Span, Variable};
use super::expand::MAX_DEGREE;
use super::faults;
use super::lex::Kind;
use super::parse::{Parsed, Parser};

impl Parser<'_> {
    /// `group ")"`, with `group = cell { "/" cell }` and `cell = single { ":" single }`.
    ///
    /// One list of columns per grouping: `a/b` is `a` and `a:b`.
    pub(super) fn groups(&mut self, bar: Span) -> Parsed<Vec<Vec<Variable>>> {
        if matches!(self.kind(), Kind::Close | Kind::End) {
            return Err(faults::missing_group(self.span()));
        }
        let start = self.span();
        let groups = self.nesting(bar)?;
        if self.eat(&Kind::Close) {
            return Ok(groups);
        }
        Err(match self.kind() {
            Kind::Bar | Kind::DoubleBar => faults::nested_bar(self.span()),
            Kind::Plus | Kind::Minus | Kind::Star | Kind::Caret | Kind::In => {
                faults::invalid_group(start.cover(self.span()))
            }
            _ => self.unexpected(),
        })
    }

    fn nesting(&mut self, bar: Span) -> Parsed<Vec<Vec<Variable>>> {
        let mut groups = self.cell(bar)?;
        while self.eat(&Kind::Slash) {
            let outer = groups.last().cloned().unwrap_or_default();
            for inner in self.cell(bar)? {
                let within = merged(outer.clone(), inner);
                if within.len() > MAX_DEGREE {
                    return Err(faults::group_too_large(bar));
                }
                groups.push(within);
            }
        }
        Ok(groups)
    }

    fn cell(&mut self, bar: Span) -> Parsed<Vec<Vec<Variable>>> {
        let start = self.span();
        let mut groups = self.single(bar)?;
        while self.eat(&Kind::Colon) {
            let right = self.single(bar)?;
            // `(a/b):c` would be well defined, but who writes it means something else.
            let (Some(left), [], [right]) = (groups.pop(), groups.as_slice(), right.as_slice()) else {
                return Err(faults::invalid_group(self.span_since(start)));
            };
            let both = merged(left, right.clone());
            if both.len() > MAX_DEGREE {
                return Err(faults::group_too_large(bar));
            }
            groups.push(both);
        }
        Ok(groups)
    }

    /// `single = variable | "(" group ")"`
    fn single(&mut self, bar: Span) -> Parsed<Vec<Vec<Variable>>> {
        if let Some(variable) = self.variable()? {
            return Ok(vec![vec![variable]]);
        }
        if *self.kind() != Kind::Open {
            return Err(match self.kind() {
                Kind::Close | Kind::End | Kind::Slash | Kind::Colon => faults::missing_group(self.span()),
                Kind::Bar | Kind::DoubleBar => faults::nested_bar(self.span()),
                _ => faults::invalid_group(self.span()),
            });
        }
        let (inside, _) = self.inside();
        if let Some(nested) = inside.iter().find(|token| matches!(token.kind, Kind::Bar | Kind::DoubleBar)) {
            return Err(faults::nested_bar(nested.span));
        }
        self.bump();
        self.groups(bar)
    }
}

fn merged(mut group: Vec<Variable>, more: Vec<Variable>) -> Vec<Variable> {
    for variable in more {
        if !group.contains(&variable) {
            group.push(variable);
        }
    }
    group
}
