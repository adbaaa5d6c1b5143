//! The formula with carets under a span of it.

use super::ast::Span;
use super::width;

const INDENT: &str = "    ";
/// Long lines are cut to about this many columns around the carets: a terminal that wraps the line
/// would put the carets under the wrong part of it.
const MAX_COLUMNS: usize = 100;
/// Of a cut line, this much is kept before the first caret.
const LEAD: usize = 40;
/// Lines shown before and after those with carets.
const CONTEXT: usize = 3;
/// Lines with carets that are shown at most.
const MAX_MARKED: usize = 8;
const CUT: char = '…';

/// One line of the source and the part of `span` that lies on it.
struct Line<'a> {
    text: &'a str,
    marked: Option<(usize, usize)>,
}

/// Each line of `source`, indented and ended by a newline, with a line of carets where `span` is.
///
/// Any span is allowed, also one outside the text or inside a character.
pub(crate) fn render(source: &str, span: Span) -> String {
    let mut lines = lines(source, span);
    while lines.pop_if(|line| line.marked.is_none() && line.text.trim().is_empty()).is_some() {}
    let first = lines.iter().position(|line| line.marked.is_some()).unwrap_or(0);
    let last = lines.iter().rposition(|line| line.marked.is_some()).unwrap_or(0);
    let from = first.saturating_sub(CONTEXT);
    let to = last.min(first + MAX_MARKED - 1).saturating_add(CONTEXT).min(lines.len().saturating_sub(1));
    let mut out = String::new();
    if from > 0 {
        push_line(&mut out, &CUT.to_string());
    }
    for line in lines.iter().take(to + 1).skip(from) {
        push_marked(&mut out, line);
    }
    if to + 1 < lines.len() {
        push_line(&mut out, &CUT.to_string());
    }
    out
}

fn lines(source: &str, span: Span) -> Vec<Line<'_>> {
    let start = span.start.min(source.len());
    let end = span.end.clamp(start, source.len());
    let mut offset = 0;
    let mut lines = Vec::new();
    for text in source.split('\n') {
        let (line_start, line_end) = (offset, offset + text.len());
        offset = line_end + 1;
        let indent = text.len() - text.trim_start().len();
        // A span that goes on from the line above starts at the text, not in the indentation.
        let from = if start < line_start { line_start + indent } else { start };
        let to = end.min(line_end);
        let here = (line_start..=line_end).contains(&start);
        let marked = (here || from < to).then(|| (from - line_start, to.max(from) - line_start));
        lines.push(Line { text, marked });
    }
    lines
}

fn push_marked(out: &mut String, line: &Line<'_>) {
    // The marks are in bytes; everything from here on is in columns of the screen.
    let column_of = |byte: usize| -> usize {
        let before = line.text.char_indices().take_while(|(at, _)| *at < byte);
        before.map(|(_, character)| width::columns(width::shown(character))).sum()
    };
    let text = line.text.trim_end();
    let Some((from, to)) = line.marked.map(|(from, to)| (column_of(from), column_of(to.min(text.len())))) else {
        push_line(out, &window(text, 0).0);
        return;
    };
    let cut_before = if column_of(text.len()) > MAX_COLUMNS { from.saturating_sub(LEAD) } else { 0 };
    let (shown, dropped) = window(text, cut_before);
    push_line(out, &shown);
    let begin = from.saturating_sub(dropped);
    let count = to.saturating_sub(dropped).min(MAX_COLUMNS + 1).saturating_sub(begin).max(1);
    push_line(out, &(" ".repeat(begin) + &"^".repeat(count)));
}

/// About `MAX_COLUMNS` columns of `text` from column `from` on, and by how much that moved the rest left.
fn window(text: &str, from: usize) -> (String, usize) {
    let mut shown = String::new();
    let (mut column, mut dropped) = (0, 0);
    for character in text.chars().map(width::shown) {
        let wide = width::columns(character);
        if column < from {
            dropped += wide;
        } else if column - from >= MAX_COLUMNS && wide > 0 {
            shown.push(CUT);
            break;
        } else {
            shown.push(character);
        }
        column += wide;
    }
    if dropped > 0 {
        shown.insert(0, CUT);
        dropped -= 1;
    }
    (shown, dropped)
}

fn push_line(out: &mut String, line: &str) {
    let line = line.trim_end();
    if !line.is_empty() {
        out.push_str(INDENT);
        out.push_str(line);
    }
    out.push('\n');
}
