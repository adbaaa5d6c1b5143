//! Places in a note, counted in bytes and in characters.

/// Bytes whose count of characters before them is kept, one in this many.
const STEP: usize = 256;

/// A place in a note. Rust counts bytes, Python counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Byte behind the last.
    pub end: usize,
    /// First character.
    pub start_character: usize,
    /// Character behind the last.
    pub end_character: usize,
}

/// Turns places in bytes into places in characters.
pub(super) struct Places<'a> {
    note: &'a [u8],
    /// Characters before every [`STEP`]th byte; empty where bytes are characters.
    before: Vec<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn of(note: &'a str) -> Self {
        let bytes = note.as_bytes();
        let mut before = Vec::new();
        if !note.is_ascii() {
            let mut count = 0;
            for step in bytes.chunks(STEP) {
                before.push(count);
                count += begun(step);
            }
        }
        Self { note: bytes, before }
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span { start, end, start_character: self.characters(start), end_character: self.characters(end) }
    }

    fn characters(&self, at: usize) -> usize {
        if self.before.is_empty() {
            return at;
        }
        let step = (at / STEP).min(self.before.len() - 1);
        self.before[step] + begun(&self.note[step * STEP..at])
    }
}

/// How many characters begin in these bytes.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().map(|byte| usize::from(byte & 0xc0 != 0x80)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_those_of_python() {
        let note = "aé漢😀 ".repeat(200);
        let places = Places::of(&note);
        for (number, (at, c)) in note.char_indices().enumerate() {
            let span = places.span(at, at + c.len_utf8());
            assert_eq!((span.start_character, span.end_character), (number, number + 1));
        }
    }
}
