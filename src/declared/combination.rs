//! The text of a linear combination of names to its weights, one per name, and a constant.
//!
//! ```text
//! sum     = [ sign ] product { ( "+" | "-" ) product }
//! product = operand { ( "*" | "/" ) operand }
//! operand = name | number | "(" sum ")"
//! name    = "`" any "`" | a known name, bare
//! ```
//!
//! A bare name is the longest known name that the text goes on with, so names with blanks, signs or brackets need no quotes:
//! `Child protection plan - No involvement`, `social_work[CPP]:sex[F]`. It must end where a word ends. (A name without any
//! letter or digit, or with a backtick, does need them.) A number is a name if there is one that reads so, except before `*`
//! and after `/`, where it is a weight. Backticks always mean a name; in them `\` protects a backtick or a `\`.

use super::spelling::nearest;
use crate::error::{Error, Kind, Result};
use crate::formula::{Span, marked};

/// Parentheses within parentheses at most.
const DEEPEST: usize = 32;

/// What the names are called, and how complaints about them are classed.
pub(crate) struct Wording {
    /// One name: `level`.
    pub(crate) one: &'static str,
    /// Several: `levels`.
    pub(crate) many: &'static str,
    /// Slug of a text that is no combination.
    pub(crate) syntax: &'static str,
    /// Slug and kind of a name that is not known.
    pub(crate) unknown: (&'static str, Kind),
    /// Whether names are built like `a[x]:b[y]`: then one does not end before `:`, `[` or `(`, and what is in brackets belongs
    /// to it.
    pub(crate) built: bool,
}

/// The names that may be combined.
pub(crate) struct Vocabulary<'a> {
    /// They themselves.
    pub(crate) names: &'a [String],
    /// What stands before complaints, such as `contrast of 'source'`.
    pub(crate) what: &'a str,
    /// What the names are called.
    pub(crate) wording: &'static Wording,
    /// Says more about a name that is not known, in sentences without the last full stop.
    pub(crate) hint: &'a dyn Fn(&str) -> String,
}

impl Vocabulary<'_> {
    /// "Did you mean 'x'? ", or nothing.
    pub(crate) fn did_you_mean(word: &str, names: &[String]) -> String {
        nearest(word, names.iter().map(String::as_str)).map_or(String::new(), |near| format!("Did you mean '{near}'? "))
    }
}

/// A linear combination of names, plus a constant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Combination {
    /// Weight of each name.
    pub(crate) weights: Vec<f64>,
    /// What stands by itself.
    pub(crate) constant: f64,
    /// Whether a name is in it.
    pub(crate) named: bool,
}

/// Reads combinations from a text, from place to place.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    vocabulary: &'a Vocabulary<'a>,
}

impl<'a> Reader<'a> {
    /// A reader at the beginning of the text.
    pub(crate) fn new(text: &'a str, vocabulary: &'a Vocabulary<'a>) -> Self {
        Self { text, at: 0, depth: 0, vocabulary }
    }

    /// The place where it stands, behind blanks.
    pub(crate) fn place(&mut self) -> usize {
        self.skip_blanks();
        self.at
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Steps over one of the characters, if it is next.
    pub(crate) fn eat(&mut self, any: &[char]) -> Option<char> {
        self.skip_blanks();
        let found = self.rest().chars().next().filter(|c| any.contains(c))?;
        self.at += found.len_utf8();
        Some(found)
    }

    /// A whole sum.
    pub(crate) fn sum(&mut self) -> Result<Combination> {
        let mut total = Combination { weights: vec![0.0; self.vocabulary.names.len()], constant: 0.0, named: false };
        let mut sign = if self.name_next().is_some() { 1.0 } else { self.sign(1.0) };
        loop {
            let value = self.product()?;
            total.weights.iter_mut().zip(&value.weights).for_each(|(t, w)| *t += sign * w);
            total.constant += sign * value.constant;
            total.named |= value.named;
            sign = match self.eat(&['+', '-']) {
                None => return Ok(total),
                Some('-') => -1.0,
                Some(_) => 1.0,
            };
            if self.name_next().is_none() {
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

    fn product(&mut self) -> Result<Combination> {
        let start = self.at;
        let mut value = self.operand(false)?;
        while let Some(operator) = self.eat(&['*', '/']) {
            let right = self.operand(operator == '/')?;
            let span = Span { start, end: self.at };
            let (names, number) = match (operator, value.named, right.named) {
                (_, _, false) => (value, if operator == '/' { 1.0 / right.constant } else { right.constant }),
                ('*', false, true) => {
                    let number = value.constant;
                    (right, number)
                }
                _ => {
                    let Wording { one, many, .. } = self.vocabulary.wording;
                    let help = format!(
                        "{} are multiplied and divided by numbers only. In a product, put {many} whose names are numbers in backticks",
                        capital(many)
                    );
                    let message = format!("a {one} is multiplied or divided by a {one}");
                    return Err(self.syntax(span, &message, &help));
                }
            };
            if !number.is_finite() {
                return Err(self.syntax(span, "this divides by zero", "Use weights such as 1/2 or 0.25"));
            }
            let weights = names.weights.iter().map(|w| w * number).collect();
            value = Combination { weights, constant: names.constant * number, named: names.named };
        }
        Ok(value)
    }

    fn operand(&mut self, divides: bool) -> Result<Combination> {
        self.skip_blanks();
        let name = self.name_next();
        let number = self.number_next();
        let weighs = |end: usize| divides || self.text[end..].trim_start().starts_with('*');
        let is_number = |end: usize| match name {
            None => true,
            Some((_, longest)) => (end == longest && weighs(end)) || end > longest || divides,
        };
        if let Some((constant, end)) = number.filter(|(_, end)| is_number(*end)) {
            self.at = end;
            return Ok(Combination { weights: vec![0.0; self.vocabulary.names.len()], constant, named: false });
        }
        if let Some((name, end)) = name {
            self.at = end;
            return Ok(self.one(name));
        }
        if self.rest().starts_with('`') {
            return self.quoted();
        }
        if self.eat(&['(']).is_some() {
            return self.parenthesised();
        }
        Err(self.unknown())
    }

    fn parenthesised(&mut self) -> Result<Combination> {
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

    fn one(&self, name: usize) -> Combination {
        let mut weights = vec![0.0; self.vocabulary.names.len()];
        weights[name] = 1.0;
        Combination { weights, constant: 0.0, named: true }
    }

    /// The name that the text goes on with, and where its name ends: the longest, ending where a word does.
    fn name_next(&self) -> Option<(usize, usize)> {
        let start = self.text.len() - self.rest().trim_start().len();
        let rest = &self.text[start..];
        let built = self.vocabulary.wording.built;
        let goes_on = |end: usize| built && rest[end..].starts_with([':', '[', '(']);
        let fits = |name: &str| {
            can_be_bare(name) && rest.starts_with(name) && ends_word(rest, name.len()) && !goes_on(name.len())
        };
        let known = self.vocabulary.names.iter().enumerate().filter(|(_, name)| fits(name));
        known.max_by_key(|(_, name)| name.len()).map(|(l, name)| (l, start + name.len()))
    }

    /// The number that the text goes on with, and where it ends.
    fn number_next(&self) -> Option<(f64, usize)> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let value = rest[..length].parse::<f64>().ok().filter(|x| x.is_finite())?;
        ends_word(rest, length).then_some((value, self.at + length))
    }

    fn quoted(&mut self) -> Result<Combination> {
        let start = self.at;
        let mut name = String::new();
        let mut characters = self.text[start + 1..].char_indices();
        while let Some((offset, c)) = characters.next() {
            match c {
                '`' => {
                    self.at = start + 1 + offset + 1;
                    let known = self.vocabulary.names.iter().position(|l| *l == name);
                    let span = Span { start, end: self.at };
                    return known.map(|l| self.one(l)).ok_or_else(|| self.no_name(&name, span));
                }
                '\\' => name.extend(characters.next().map(|(_, protected)| protected)),
                other => name.push(other),
            }
        }
        let span = Span { start, end: self.text.len() };
        Err(self.syntax(span, "a backtick is opened here and never closed", "Add the closing ` after the name"))
    }

    /// The complaint where a name should be.
    fn unknown(&self) -> Error {
        let span = self.next_span();
        let word = &self.text[span.start..span.end];
        if word.is_empty() || word.starts_with(['+', '-', '*', '/', ')', '=', ',', ';']) {
            let one = self.vocabulary.wording.one;
            return self.syntax(span, &format!("a {one} is missing here"), &format!("Write the name of a {one} there"));
        }
        self.no_name(word, span)
    }

    fn no_name(&self, word: &str, span: Span) -> Error {
        let Wording { one, unknown: (slug, kind), .. } = self.vocabulary.wording;
        self.fault(slug, *kind, span, &format!("this is not a {one}"), &(self.vocabulary.hint)(word))
    }

    /// From here to the next operator; a sign within a word is part of the word, and so is what stands in brackets of a
    /// built name.
    pub(crate) fn next_span(&self) -> Span {
        let rest = self.rest();
        let start = self.text.len() - rest.trim_start().len();
        let rest = &self.text[start..];
        let built = self.vocabulary.wording.built;
        let mut depth = 0usize;
        let mut before = ' ';
        let mut end = rest.len();
        for (offset, c) in rest.char_indices() {
            let after = rest[offset + c.len_utf8()..].chars().next().unwrap_or(' ');
            let blanks = before.is_whitespace() || after.is_whitespace();
            let opens = built && (c == '[' || (c == '(' && ends_word_with(before)));
            let closes = depth > 0 && matches!(c, ']' | ')');
            let stops = matches!(c, '(' | ')' | '*' | '/') || (matches!(c, '+' | '-') && blanks);
            let separates = built && matches!(c, '=' | ',' | ';');
            before = c;
            if opens {
                depth += 1;
            } else if closes {
                depth -= 1;
            } else if offset > 0 && depth == 0 && (stops || separates) {
                end = offset;
                break;
            }
        }
        Span { start, end: start + rest[..end].trim_end().len() }
    }

    /// A complaint about how the text is built.
    pub(crate) fn syntax(&self, span: Span, message: &str, help: &str) -> Error {
        self.fault(self.vocabulary.wording.syntax, Kind::Option, span, message, help)
    }

    /// A complaint about a place.
    pub(crate) fn fault(&self, slug: &'static str, kind: Kind, span: Span, message: &str, help: &str) -> Error {
        Error::new(kind, slug, format!("{}: {message}\n{}{help}.", self.vocabulary.what, marked(self.text, span)))
    }
}

/// A name without a letter or digit would be taken for an operator, and a backtick opens a quoted name.
fn can_be_bare(name: &str) -> bool {
    name.contains(char::is_alphanumeric) && !name.contains('`')
}

fn ends_word_with(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Whether a word may end after `length` bytes: not between two letters or digits.
fn ends_word(text: &str, length: usize) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let inside =
        text[..length].chars().next_back().is_some_and(part) && text[length..].chars().next().is_some_and(part);
    !inside
}
