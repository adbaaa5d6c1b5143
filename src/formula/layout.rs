//! What can be said about a formula before parsing it: brackets that match, one `~`, not too deep.

use super::error::Fault;
use super::faults;
use super::lex::{Kind, Token};

/// Parentheses inside parentheses. The parser recurses only on these.
pub(super) const MAX_DEPTH: usize = 32;

/// Where the pieces of a well-formed formula are, as positions in its list of tokens.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) tilde: usize,
    /// For each `(` the position of its `)`; for every other token its own position.
    pub(super) close: Vec<usize>,
}

pub(super) fn check(tokens: &[Token]) -> Result<Layout, Fault> {
    let mut close: Vec<usize> = (0..tokens.len()).collect();
    let mut open: Vec<(usize, &Token)> = Vec::new();
    let mut tilde = None;
    for (position, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open if open.len() == MAX_DEPTH => return Err(faults::too_deep(token.span)),
            Kind::Open => open.push((position, token)),
            Kind::Close => {
                let (start, _) = open.pop().ok_or_else(|| faults::extra_close(token.span))?;
                if let Some(slot) = close.get_mut(start) {
                    *slot = position;
                }
            }
            Kind::Tilde if tilde.is_some() => return Err(faults::two_tildes(token.span)),
            Kind::Tilde => tilde = Some((position, open.last().is_some(), token.span)),
            _ => {}
        }
    }
    if let Some((_, token)) = open.last() {
        return Err(faults::unclosed_parenthesis(token.span));
    }
    match (tilde, tokens) {
        (_, [] | [_]) => Err(faults::empty_formula()),
        (None, [first, .., end]) => Err(faults::missing_tilde(first.span.cover(end.span))),
        (Some((_, true, span)), _) => Err(faults::tilde_in_parentheses(span)),
        (Some((tilde, false, _)), _) => Ok(Layout { tilde, close }),
    }
}
