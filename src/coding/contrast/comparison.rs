//! The text of a comparison to its weights, one per level.
//!
//! ```text
//! comparison = sum
//! sum        = [ sign ] product { ( "+" | "-" ) product }
//! product    = operand { ( "*" | "/" ) operand }
//! operand    = level | number | "(" sum ")"
//! level      = "`" any "`" | name of a level, bare
//! ```
//!
//! A bare name is the longest name of a level that the text goes on with, so names with blanks, signs or brackets need no
//! quotes: `Child protection plan - No involvement`. It must end where a word ends. (A name without any letter or digit, or
//! with a backtick, does need them.) A number is a level if there is a level
//! of that name, except before `*` and after `/`, where it is a weight: `(1 + 2)/2 - 3` compares levels. Backticks always
//! mean a level; in them `\` protects a backtick or a `\`.

use crate::declared::nearest;
use crate::error::{Error, Kind, Result};
use crate::formula::{Span, marked};

/// Parentheses within parentheses at most.
const DEEPEST: usize = 32;

/// What a comparison may miss zero by, as a share of its weights' sizes: the rounding of sums such as 1/3 + 1/3 + 1/3.
const ROUNDING: f64 = 1e-9;

/// A linear combination of levels, plus a constant.
struct Value {
    weights: Vec<f64>,
    constant: f64,
    /// Whether a level is in it.
    levels: bool,
}

/// Reads the weights, which sum to zero; `what` names the contrast in messages.
pub(super) fn weights(text: &str, what: &str, levels: &[String]) -> Result<Vec<f64>> {
    let reader = Reader { text, at: 0, depth: 0, what, levels };
    let weights = combination(text, what, levels)?;
    let whole = Span { start: 0, end: text.len() };
    let size: f64 = weights.iter().map(|w| w.abs()).sum();
    let sum: f64 = weights.iter().sum();
    if sum.abs() > ROUNDING * size {
        let help = format!(
            "A comparison takes away as much as it adds, such as a - b or (a + b)/2 - c; here the weights sum to {sum}"
        );
        return Err(reader.fault("comparison-sum", Kind::Option, whole, "the weights do not sum to zero", &help));
    }
    if weights.iter().all(|w| w.abs() <= ROUNDING * size) {
        let help = "Every level is taken away as often as it is added, so nothing is compared";
        return Err(reader.fault("comparison-empty", Kind::Option, whole, "the weights cancel out", help));
    }
    Ok(weights)
}

/// Reads the weights, whatever their sum.
pub(super) fn combination(text: &str, what: &str, levels: &[String]) -> Result<Vec<f64>> {
    let mut reader = Reader { text, at: 0, depth: 0, what, levels };
    let value = reader.sum()?;
    reader.skip_blanks();
    if reader.at < text.len() {
        return Err(reader.syntax(reader.next_span(), "an operator is missing here", "Join levels by signs, a - b"));
    }
    let whole = Span { start: 0, end: text.len() };
    if value.constant != 0.0 {
        let help = "Numbers only multiply and divide levels. If one is the name of a level, check the name";
        return Err(reader.syntax(whole, "a number stands by itself", help));
    }
    if value.weights.iter().any(|w| !w.is_finite()) {
        return Err(reader.syntax(whole, "the weights are not finite", "Use weights such as 1/2 or 0.25"));
    }
    Ok(value.weights)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    what: &'a str,
    levels: &'a [String],
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Steps over one of the characters, if it is next.
    fn eat(&mut self, any: &[char]) -> Option<char> {
        self.skip_blanks();
        let found = self.rest().chars().next().filter(|c| any.contains(c))?;
        self.at += found.len_utf8();
        Some(found)
    }

    fn sum(&mut self) -> Result<Value> {
        let mut total = Value { weights: vec![0.0; self.levels.len()], constant: 0.0, levels: false };
        let mut sign = if self.level_next().is_some() { 1.0 } else { self.sign(1.0) };
        loop {
            let value = self.product()?;
            total.weights.iter_mut().zip(&value.weights).for_each(|(t, w)| *t += sign * w);
            total.constant += sign * value.constant;
            total.levels |= value.levels;
            sign = match self.eat(&['+', '-']) {
                None => return Ok(total),
                Some('-') => -1.0,
                Some(_) => 1.0,
            };
            if self.level_next().is_none() {
                sign = self.sign(sign);
            }
        }
    }

    /// Signs before an operand.
    fn sign(&mut self, mut sign: f64) -> f64 {
        while let Some(c) = self.eat(&['+', '-']) {
            if c == '-' {
                sign = -sign;
            }
        }
        sign
    }

    fn product(&mut self) -> Result<Value> {
        let start = self.at;
        let mut value = self.operand(false)?;
        while let Some(operator) = self.eat(&['*', '/']) {
            let right = self.operand(operator == '/')?;
            let span = Span { start, end: self.at };
            let (levels, number) = match (operator, value.levels, right.levels) {
                (_, _, false) => (value, if operator == '/' { 1.0 / right.constant } else { right.constant }),
                ('*', false, true) => {
                    let number = value.constant;
                    (right, number)
                }
                _ => {
                    let help = "Levels are multiplied and divided by numbers only. In a product, put levels whose names are numbers in backticks";
                    return Err(self.syntax(span, "a level is multiplied or divided by a level", help));
                }
            };
            if !number.is_finite() {
                return Err(self.syntax(span, "this divides by zero", "Use weights such as 1/2 or 0.25"));
            }
            let weights = levels.weights.iter().map(|w| w * number).collect();
            value = Value { weights, constant: levels.constant * number, levels: levels.levels };
        }
        Ok(value)
    }

    fn operand(&mut self, divides: bool) -> Result<Value> {
        self.skip_blanks();
        let level = self.level_next();
        let number = self.number_next();
        let weighs = |end: usize| divides || self.text[end..].trim_start().starts_with('*');
        let is_number = |end: usize| match level {
            None => true,
            Some((_, longest)) => (end == longest && weighs(end)) || end > longest || divides,
        };
        if let Some((constant, end)) = number.filter(|(_, end)| is_number(*end)) {
            self.at = end;
            return Ok(Value { weights: vec![0.0; self.levels.len()], constant, levels: false });
        }
        if let Some((level, end)) = level {
            self.at = end;
            return Ok(self.one(level));
        }
        if self.rest().starts_with('`') {
            return self.quoted();
        }
        if self.eat(&['(']).is_some() {
            return self.parenthesised();
        }
        Err(self.unknown())
    }

    fn parenthesised(&mut self) -> Result<Value> {
        let open = Span { start: self.at - 1, end: self.at };
        self.depth += 1;
        if self.depth > DEEPEST {
            let help = "No comparison needs that many; write the weights out";
            return Err(self.syntax(open, "too many parentheses are open here", help));
        }
        let value = self.sum()?;
        self.depth -= 1;
        if self.eat(&[')']).is_none() {
            return Err(self.syntax(open, "this ( is never closed", "Add the ) where the group ends"));
        }
        Ok(value)
    }

    fn one(&self, level: usize) -> Value {
        let mut weights = vec![0.0; self.levels.len()];
        weights[level] = 1.0;
        Value { weights, constant: 0.0, levels: true }
    }

    /// The level that the text goes on with, and where its name ends: the longest, ending where a word does.
    fn level_next(&self) -> Option<(usize, usize)> {
        let start = self.text.len() - self.rest().trim_start().len();
        let rest = &self.text[start..];
        let fits = |name: &str| can_be_bare(name) && rest.starts_with(name) && ends_word(rest, name.len());
        let known = self.levels.iter().enumerate().filter(|(_, name)| fits(name));
        known.max_by_key(|(_, name)| name.len()).map(|(l, name)| (l, start + name.len()))
    }

    /// The number that the text goes on with, and where it ends.
    fn number_next(&self) -> Option<(f64, usize)> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let value = rest[..length].parse::<f64>().ok().filter(|x| x.is_finite())?;
        ends_word(rest, length).then_some((value, self.at + length))
    }

    fn quoted(&mut self) -> Result<Value> {
        let start = self.at;
        let mut name = String::new();
        let mut characters = self.text[start + 1..].char_indices();
        while let Some((offset, c)) = characters.next() {
            match c {
                '`' => {
                    self.at = start + 1 + offset + 1;
                    let known = self.levels.iter().position(|l| *l == name);
                    let span = Span { start, end: self.at };
                    return known.map(|l| self.one(l)).ok_or_else(|| self.no_level(&name, span));
                }
                '\\' => name.extend(characters.next().map(|(_, protected)| protected)),
                other => name.push(other),
            }
        }
        let span = Span { start, end: self.text.len() };
        Err(self.syntax(span, "a backtick is opened here and never closed", "Add the closing ` after the name"))
    }

    /// The complaint where a level should be.
    fn unknown(&self) -> Error {
        let span = self.next_span();
        let word = &self.text[span.start..span.end];
        if word.is_empty() || word.starts_with(['+', '-', '*', '/', ')']) {
            return self.syntax(span, "a level is missing here", "Write the name of a level there");
        }
        self.no_level(word, span)
    }

    fn no_level(&self, word: &str, span: Span) -> Error {
        let hint = nearest(word, self.levels.iter().map(String::as_str))
            .map_or(String::new(), |near| format!("Did you mean '{near}'? "));
        let help = format!("{hint}The levels that have rows are: {}", crate::coding::factor::list(self.levels));
        self.fault("unknown-level", Kind::Level, span, "this is not a level", &help)
    }

    /// From here to the next operator; a sign within a word is part of the word.
    fn next_span(&self) -> Span {
        let rest = self.rest();
        let start = self.text.len() - rest.trim_start().len();
        let rest = &self.text[start..];
        let mut before = ' ';
        let end = rest.char_indices().skip(1).find(|(offset, c)| {
            let after = rest[offset + c.len_utf8()..].chars().next().unwrap_or(' ');
            let blanks = before.is_whitespace() || after.is_whitespace();
            before = *c;
            matches!(c, '(' | ')' | '*' | '/') || (matches!(c, '+' | '-') && blanks)
        });
        let word = &rest[..end.map_or(rest.len(), |(offset, _)| offset)];
        Span { start, end: start + word.trim_end().len() }
    }

    fn syntax(&self, span: Span, message: &str, help: &str) -> Error {
        self.fault("comparison-syntax", Kind::Option, span, message, help)
    }

    fn fault(&self, slug: &'static str, kind: Kind, span: Span, message: &str, help: &str) -> Error {
        Error::new(kind, slug, format!("{}: {message}\n{}{help}.", self.what, marked(self.text, span)))
    }
}

/// A name without a letter or digit would be taken for an operator, and a backtick opens a quoted name.
fn can_be_bare(name: &str) -> bool {
    name.contains(char::is_alphanumeric) && !name.contains('`')
}

/// Whether a word may end after `length` bytes: not between two letters or digits.
fn ends_word(text: &str, length: usize) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let inside =
        text[..length].chars().next_back().is_some_and(part) && text[length..].chars().next().is_some_and(part);
    !inside
}
