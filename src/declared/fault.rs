//! A complaint about a place in the text of a declaration, and how it is shown.

use crate::error::{Error, Kind};
use std::ops::Range;

/// Complaints that are shown at most at once.
const MAX_SHOWN: usize = 5;
/// Long lines are cut to about this many characters around the carets.
const MAX_COLUMNS: usize = 100;
/// Of a cut line, this much is kept before the carets.
const LEAD: usize = 30;

/// A complaint: where, which, what, and what to do about it.
#[derive(Debug)]
pub(crate) struct Fault {
    span: Range<usize>,
    slug: &'static str,
    message: String,
    cure: String,
}

impl Fault {
    pub(crate) fn new(
        span: Range<usize>,
        slug: &'static str,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self { span, slug, message: message.into(), cure: cure.into() }
    }

    /// Goes on with what to do.
    pub(crate) fn add_cure(&mut self, more: &str) {
        self.cure.push_str(more);
    }

    /// Several complaints about one text as one error: in order of place, the slug that of the first.
    pub(crate) fn report(mut faults: Vec<Self>, kind: Kind, text: &str, name: &str) -> Error {
        faults.sort_by_key(|fault| fault.span.start);
        let slug = faults.first().map_or("declaration", |fault| fault.slug);
        let mut shown = faults.iter().take(MAX_SHOWN).map(|fault| fault.render(text, name)).collect::<Vec<_>>();
        match faults.len().saturating_sub(MAX_SHOWN) {
            0 => {}
            1 => shown.push("and one more complaint".to_owned()),
            more => shown.push(format!("and {more} more complaints")),
        }
        Error::new(kind, slug, shown.join("\n\n"))
    }

    /// The complaint with the line it is about and carets under the place.
    fn render(&self, text: &str, name: &str) -> String {
        let start = self.span.start.min(text.len());
        let before = &text.as_bytes()[..start];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let number = text[..line_start].lines().count() + 1;
        let line = text[line_start..].split('\n').next().unwrap_or_default().trim_end();
        let column = |byte: usize| line.char_indices().take_while(|(at, _)| line_start + at < byte).count();
        let (from, to) = (column(start), column(self.span.end));
        let (line, from) = window(line, from);
        let carets = "^".repeat(to.saturating_sub(column(start)).min(MAX_COLUMNS.saturating_sub(from)).max(1));
        let margin = " ".repeat(number.to_string().len());
        let Self { message, cure, .. } = self;
        let mut shown = format!("{name}, line {number}: {message}\n  {number} | {line}\n  {margin} | ");
        shown.push_str(&" ".repeat(from));
        shown.push_str(&carets);
        if !cure.is_empty() {
            shown.push('\n');
            shown.push_str(cure);
        }
        shown
    }
}

/// The part of a long line around a column, and where the column is in it. Tabs become blanks, so that carets stay in
/// place.
fn window(line: &str, column: usize) -> (String, usize) {
    let shown = line.chars().map(|character| if character.is_control() { ' ' } else { character });
    let length = line.chars().count();
    if length <= MAX_COLUMNS {
        return (shown.collect(), column);
    }
    let skipped = column.saturating_sub(LEAD);
    let mut part = shown.skip(skipped).take(MAX_COLUMNS).collect::<String>();
    if skipped + MAX_COLUMNS < length {
        part.push('…');
    }
    if skipped == 0 { (part, column) } else { (format!("…{part}"), column - skipped + 1) }
}
