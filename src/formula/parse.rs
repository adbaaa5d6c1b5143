//! Tokens to tree: recursive descent, one function per rule of the grammar in the module's page.

use super::ast::{Atom, Response, Span, Transform, Variable};
use super::error::Fault;
use super::faults;
use super::layout::{self, Layout};
use super::lex::{Kind, Token};
use super::tree::{Bar, Crossing, Node, NodeKind, Sign, Tree};

/// The largest `n` of `(...)^n` and of `I(x^n)`: beyond it the reader meant something else.
pub(super) const MAX_POWER: u32 = 10;

pub(super) type Parsed<T> = Result<T, Fault>;

pub(super) struct Parser<'a> {
    tokens: &'a [Token],
    layout: Layout,
    position: usize,
}

/// Reads a whole formula.
pub(super) fn parse(tokens: &[Token]) -> Parsed<Tree> {
    let layout = layout::check(tokens)?;
    let mut parser = Parser { tokens, layout, position: 0 };
    let response = parser.response()?;
    let tilde = parser.bump();
    if *parser.kind() == Kind::End {
        return Err(faults::empty_right_side(tilde));
    }
    let right = parser.sum()?;
    match parser.kind() {
        Kind::End => Ok(Tree { response, right }),
        Kind::Bar | Kind::DoubleBar => Err(faults::bar_outside_parentheses(parser.span())),
        _ => Err(parser.unexpected()),
    }
}

// Moving over the tokens. Past the end every look is at the `End` token.
impl Parser<'_> {
    pub(super) fn kind_at(&self, ahead: usize) -> &Kind {
        self.tokens.get(self.position + ahead).map_or(&Kind::End, |token| &token.kind)
    }

    pub(super) fn kind(&self) -> &Kind {
        self.kind_at(0)
    }

    fn span_at(&self, position: usize) -> Span {
        self.tokens.get(position).or(self.tokens.last()).map(|token| token.span).unwrap_or_default()
    }

    pub(super) fn span(&self) -> Span {
        self.span_at(self.position)
    }

    /// Steps over a token and returns its place.
    pub(super) fn bump(&mut self) -> Span {
        let span = self.span();
        self.position += 1;
        span
    }

    pub(super) fn eat(&mut self, kind: &Kind) -> bool {
        let found = self.kind() == kind;
        self.position += usize::from(found);
        found
    }

    /// From `start` to the token before the current one.
    pub(super) fn span_since(&self, start: Span) -> Span {
        start.cover(self.span_at(self.position.saturating_sub(1)))
    }

    /// With the current token a `(`: the tokens inside, and their place.
    pub(super) fn inside(&self) -> (&[Token], Span) {
        let close = self.layout.close.get(self.position).copied().unwrap_or(self.position);
        let inside = self.tokens.get(self.position + 1..close).unwrap_or_default();
        let ends = inside.first().zip(inside.last());
        (inside, ends.map_or(self.span_at(close), |(first, last)| first.span.cover(last.span)))
    }

    /// The complaint about a token that cannot follow something complete.
    pub(super) fn unexpected(&self) -> Fault {
        match self.kind() {
            Kind::Name(_) | Kind::Backtick(_) | Kind::Text(_) | Kind::Number(_) | Kind::Open => {
                faults::missing_operator(self.span_at(self.position.saturating_sub(1)), self.span())
            }
            Kind::Caret => faults::repeated_power(self.span()),
            other => faults::unexpected_symbol(other, self.span()),
        }
    }
}

// The left-hand side.
impl Parser<'_> {
    /// `response = variable | variable "/" variable | "cbind" "(" variable "," variable ")"`
    fn response(&mut self) -> Parsed<Response> {
        let tilde = self.layout.tilde;
        if tilde == 0 {
            return Err(faults::missing_response(self.span()));
        }
        let whole = self.span().cover(self.span_at(tilde - 1));
        let response = self.response_forms()?.filter(|response| {
            let columns = response.columns();
            self.position == tilde && !(columns.len() == 2 && columns.first() == columns.last())
        });
        response.ok_or_else(|| faults::invalid_response(whole))
    }

    fn response_forms(&mut self) -> Parsed<Option<Response>> {
        if matches!(self.kind(), Kind::Name(name) if name == "cbind") && *self.kind_at(1) == Kind::Open {
            self.position += 2;
            let Some(events) = self.variable()?.filter(|_| self.eat(&Kind::Comma)) else {
                return Ok(None);
            };
            let Some(nonevents) = self.variable()?.filter(|_| self.eat(&Kind::Close)) else {
                return Ok(None);
            };
            return Ok(Some(Response::Counts { events, nonevents }));
        }
        let Some(events) = self.variable()? else { return Ok(None) };
        if !self.eat(&Kind::Slash) {
            return Ok(Some(Response::Single(events)));
        }
        Ok(self.variable()?.map(|trials| Response::Grouped { events, trials }))
    }

    /// `variable = name | "Q" "(" text ")"`, or nothing consumed.
    pub(super) fn variable(&mut self) -> Parsed<Option<Variable>> {
        let name = match self.kind() {
            Kind::Name(name) if *self.kind_at(1) == Kind::Open => {
                return if name == "Q" { self.quoted_name().map(Some) } else { Ok(None) };
            }
            Kind::Name(name) | Kind::Backtick(name) => name.clone(),
            _ => return Ok(None),
        };
        Ok(Some(Variable { name, span: self.bump() }))
    }
}

// The right-hand side, loosest operators first.
impl Parser<'_> {
    /// `sum = [sign] product { sign product }`
    pub(super) fn sum(&mut self) -> Parsed<Node> {
        let start = self.span();
        let mut parts = Vec::new();
        loop {
            let sign = self.sign();
            parts.push((sign, self.product()?));
            if !matches!(self.kind(), Kind::Plus | Kind::Minus) {
                break;
            }
        }
        if matches!(parts.as_slice(), [(Sign::Plus, _)])
            && let Some((_, only)) = parts.pop()
        {
            return Ok(only);
        }
        Ok(Node { kind: NodeKind::Sum(parts), span: self.span_since(start) })
    }

    /// `sign = "+" | "-" | "+" "-"`: programs that join pieces with `+` write `x + -1`.
    fn sign(&mut self) -> Sign {
        while self.eat(&Kind::Plus) {}
        if self.eat(&Kind::Minus) { Sign::Minus } else { Sign::Plus }
    }

    /// `product = nested { ("*" | "/") nested }`
    fn product(&mut self) -> Parsed<Node> {
        let start = self.span();
        let first = self.nested()?;
        let mut rest = Vec::new();
        loop {
            let crossing = match self.kind() {
                Kind::Star => Crossing::Star,
                Kind::Slash => Crossing::Slash,
                _ => break,
            };
            self.bump();
            rest.push((crossing, self.nested()?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Node { kind: NodeKind::Product(Box::new(first), rest), span: self.span_since(start) })
    }

    /// `nested = interaction { "%in%" interaction }`
    fn nested(&mut self) -> Parsed<Node> {
        self.chain(&Kind::In, Self::interaction, NodeKind::Nested)
    }

    /// `interaction = power { ":" power }`
    fn interaction(&mut self) -> Parsed<Node> {
        self.chain(&Kind::Colon, Self::power, NodeKind::Interaction)
    }

    fn chain(
        &mut self,
        operator: &Kind,
        operand: fn(&mut Self) -> Parsed<Node>,
        wrap: fn(Vec<Node>) -> NodeKind,
    ) -> Parsed<Node> {
        let start = self.span();
        let first = operand(self)?;
        if self.kind() != operator {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.eat(operator) {
            operands.push(operand(self)?);
        }
        Ok(Node { kind: wrap(operands), span: self.span_since(start) })
    }

    /// `power = primary [ ("^" | "**") integer ]`
    fn power(&mut self) -> Parsed<Node> {
        let start = self.span();
        let base = self.primary()?;
        if !self.eat(&Kind::Caret) {
            return Ok(base);
        }
        let power = self.exponent()?;
        Ok(Node { kind: NodeKind::Power(Box::new(base), power), span: self.span_since(start) })
    }

    /// A whole number from 1 to [`MAX_POWER`].
    pub(super) fn exponent(&mut self) -> Parsed<u32> {
        let span = self.span();
        let Kind::Number(digits) = self.kind() else { return Err(faults::invalid_power(span)) };
        if digits.contains('.') {
            return Err(faults::invalid_power(span));
        }
        // Digits that do not fit are too many.
        match digits.parse().unwrap_or(u32::MAX) {
            0 => Err(faults::invalid_power(span)),
            power if power > MAX_POWER => Err(faults::power_too_large(span)),
            power => {
                self.bump();
                Ok(power)
            }
        }
    }

    /// `primary = "0" | "1" | variable | call | "(" sum ")" | random`
    fn primary(&mut self) -> Parsed<Node> {
        let span = self.span();
        match self.kind() {
            Kind::Open => return self.parenthesised(),
            Kind::Number(digits) => {
                let intercept = match digits.as_str() {
                    "0" => false,
                    "1" => true,
                    _ => return Err(faults::invalid_number(digits, span)),
                };
                return Ok(Node { kind: NodeKind::Intercept(intercept), span: self.bump() });
            }
            Kind::Text(text) => return Err(faults::text_as_term(text, span)),
            _ => {}
        }
        if let Some(Variable { name: column, span }) = self.variable()? {
            let atom = Atom { column, transform: Transform::Identity, span };
            return Ok(Node { kind: NodeKind::Atom(atom), span });
        }
        if matches!(self.kind(), Kind::Name(_)) { self.call() } else { Err(self.missing_term()) }
    }

    fn missing_term(&self) -> Fault {
        let before = self.position.checked_sub(1).and_then(|before| self.tokens.get(before));
        match (before, self.kind()) {
            (Some(before), Kind::End | Kind::Close) if before.kind != Kind::Open => {
                faults::missing_term(&before.kind, before.span, "after")
            }
            (_, found) => faults::missing_term(found, self.span(), "before"),
        }
    }

    /// `"(" sum ")"`, or `random = "(" sum ("|" | "||") group ")"`
    fn parenthesised(&mut self) -> Parsed<Node> {
        let start = self.bump();
        match self.kind() {
            Kind::Bar | Kind::DoubleBar => return Err(faults::no_effects(self.span())),
            Kind::Close => return Err(faults::empty_parentheses(start.cover(self.span()))),
            _ => {}
        }
        let inner = self.sum()?;
        let double = *self.kind() == Kind::DoubleBar;
        if double || *self.kind() == Kind::Bar {
            let bar = self.bump();
            let groups = self.groups(bar)?;
            let span = self.span_since(start);
            let bar = Bar { effects: Box::new(inner), double, groups, span };
            return Ok(Node { kind: NodeKind::Random(bar), span });
        }
        if self.eat(&Kind::Close) { Ok(inner) } else { Err(self.unexpected()) }
    }
}
