//! Text to tokens.

use super::ast::Span;
use super::error::Fault;
use super::faults;
use super::width;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name without quotes: a column, or a function when `(` follows.
    Name(String),
    /// A name in backticks: always a column.
    Backtick(String),
    /// Text in single or double quotes.
    Text(String),
    Number(String),
    Tilde,
    Plus,
    Minus,
    Colon,
    Star,
    Slash,
    /// `^` or `**`.
    Caret,
    /// `%in%`.
    In,
    Bar,
    DoubleBar,
    Open,
    Close,
    Comma,
    Equals,
    /// After the last token, with an empty span.
    End,
}

/// Longer operators first, so that `**` is not read as two `*`.
const OPERATORS: [(&str, Kind); 15] = [
    ("%in%", Kind::In),
    ("**", Kind::Caret),
    ("||", Kind::DoubleBar),
    ("~", Kind::Tilde),
    ("+", Kind::Plus),
    ("-", Kind::Minus),
    (":", Kind::Colon),
    ("*", Kind::Star),
    ("/", Kind::Slash),
    ("^", Kind::Caret),
    ("|", Kind::Bar),
    ("(", Kind::Open),
    (")", Kind::Close),
    (",", Kind::Comma),
    ("=", Kind::Equals),
];

/// The tokens of `source`, always with [`Kind::End`] last.
pub(super) fn lex(source: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut end = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        let Some(first) = trimmed.chars().next() else { break };
        let (kind, length) = token(trimmed, first, at)?;
        end = at + length;
        tokens.push(Token { kind, span: Span { start: at, end } });
        at = end;
    }
    tokens.push(Token { kind: Kind::End, span: Span { start: end, end } });
    Ok(tokens)
}

/// Whether a name can stand in a formula without backticks.
pub(super) fn is_bare_name(name: &str) -> bool {
    starts_name(name) && name_length(name) == name.len() && !is_dots(name)
}

/// The token at the start of `rest`, and its length in bytes. `at` is the place of `rest`.
fn token(rest: &str, first: char, at: usize) -> Result<(Kind, usize), Fault> {
    if first == '`' || first == '"' || first == '\'' {
        return quoted(rest, first, at);
    }
    if starts_number(rest) {
        return number(rest, at);
    }
    if starts_name(rest) {
        return name(rest, at);
    }
    let operator = OPERATORS.iter().find(|(text, _)| rest.starts_with(text));
    operator.map(|(text, kind)| (kind.clone(), text.len())).ok_or_else(|| faults::unexpected_character(first, at))
}

fn name(rest: &str, at: usize) -> Result<(Kind, usize), Fault> {
    let length = name_length(rest);
    let text = rest.get(..length).unwrap_or_default();
    if is_dots(text) {
        return Err(faults::dot_unsupported(Span { start: at, end: at + length }));
    }
    Ok((Kind::Name(text.to_owned()), length))
}

fn number(rest: &str, at: usize) -> Result<(Kind, usize), Fault> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(rest);
    if let Some(fraction) = rest.get(length..).and_then(|tail| tail.strip_prefix('.')) {
        length += 1 + digits(fraction);
    }
    let tail = name_length(rest.get(length..).unwrap_or_default());
    if tail > 0 {
        let span = Span { start: at, end: at + length + tail };
        return Err(faults::bad_name(rest.get(..length + tail).unwrap_or_default(), span));
    }
    Ok((Kind::Number(rest.get(..length).unwrap_or_default().to_owned()), length))
}

/// Text up to the closing `quote`. A backslash protects a quote or a backslash and is otherwise itself.
fn quoted(rest: &str, quote: char, at: usize) -> Result<(Kind, usize), Fault> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((offset, character)) = characters.next() {
        if character == quote {
            return finish_quoted(text, quote, Span { start: at, end: at + offset + 1 });
        }
        let protected = |next: char| next == '\\' || next == '`' || next == '"' || next == '\'';
        match characters.next_if(|(_, next)| character == '\\' && protected(*next)) {
            Some((_, next)) => text.push(next),
            None => text.push(character),
        }
    }
    Err(faults::unclosed_quote(quote, Span { start: at, end: at + rest.trim_end().len() }))
}

fn finish_quoted(text: String, quote: char, span: Span) -> Result<(Kind, usize), Fault> {
    let length = span.end - span.start;
    if quote != '`' {
        return Ok((Kind::Text(text), length));
    }
    if text.is_empty() {
        return Err(faults::empty_name(span));
    }
    Ok((Kind::Backtick(text), length))
}

fn starts_number(text: &str) -> bool {
    text.strip_prefix('.').unwrap_or(text).starts_with(|first: char| first.is_ascii_digit())
}

/// As in R, a name may begin with a dot unless a digit follows; unlike R, also with an underscore.
fn starts_name(text: &str) -> bool {
    let opens = |first: char| first.is_alphabetic() || first == '_' || first == '.';
    text.starts_with(opens) && !starts_number(text)
}

fn name_length(text: &str) -> usize {
    let goes_on = |next: char| next.is_alphanumeric() || next == '_' || next == '.' || width::is_mark(next);
    text.find(|next| !goes_on(next)).unwrap_or(text.len())
}

fn is_dots(name: &str) -> bool {
    name.bytes().all(|byte| byte == b'.')
}
