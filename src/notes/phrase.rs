//! One phrase of a lexicon: what is searched for, and whether a place in a note is it.

use super::words::{Reading, is_letter};

/// Reading in capitals up to this length are abbreviations, and are matched as they are written.
const ABBREVIATION: usize = 4;
/// Letters that a word with a star has at least before it.
const STEM: usize = 3;

/// Reading that follow each other. `Ord` serves to find phrases that are the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Phrase {
    pieces: Vec<Piece>,
    /// Capitals only: "LAC", which "lac" is not.
    exact: bool,
}

/// A word of a phrase; an open one may have any ending.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    folded: Vec<u8>,
    open: bool,
}

impl Phrase {
    /// Reads a phrase. If it is none: what is wrong, and what to do.
    pub(super) fn read(text: &str) -> Result<Self, (&'static str, &'static str)> {
        let mut words = Reading::default();
        words.read(&text.replace('*', " "));
        if words.words.is_empty() {
            return Err(("has no word in it", "write a word or several; '*' stands for any ending of a word"));
        }
        if !(0..words.words.len() - 1).all(|number| words.joined(number)) {
            return Err((
                "has punctuation between its words",
                "phrases hold words, hyphens, apostrophes and slashes; write the parts as terms of their own",
            ));
        }
        let stars = text.match_indices('*').map(|(at, _)| at).collect::<Vec<_>>();
        let open = |end: usize| stars.binary_search(&end).is_ok();
        if stars.len() != words.words.iter().filter(|word| open(word.end)).count() {
            return Err(("has a '*' that does not end a word", "put '*' right behind the letters of a word: 'harm*'"));
        }
        let pieces = words.words.iter().map(|word| Piece { folded: words.folded(word).to_vec(), open: open(word.end) });
        let pieces = pieces.collect::<Vec<_>>();
        let letters = |piece: &Piece| String::from_utf8_lossy(&piece.folded).chars().count();
        if pieces.iter().any(|piece| piece.open && letters(piece) < STEM) {
            return Err(("has a '*' after fewer than three letters", "so short a beginning fits too many words"));
        }
        let capitals = text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase);
        let exact = capitals && pieces.len() == 1 && letters(&pieces[0]) <= ABBREVIATION;
        Ok(Self { pieces, exact })
    }

    /// The text to search for: up to the first open ending.
    pub(super) fn needle(&self) -> Vec<u8> {
        let mut needle = vec![b' '];
        for piece in &self.pieces {
            needle.extend_from_slice(&piece.folded);
            if piece.open {
                break;
            }
            needle.push(b' ');
        }
        needle
    }

    /// If the phrase stands in the note from word `first` on, where its needle was found: its last word.
    pub(super) fn ends_at(&self, words: &Reading, note: &str, first: usize) -> Option<usize> {
        let last = first + self.pieces.len() - 1;
        let open = self.pieces.iter().position(|piece| piece.open).unwrap_or(self.pieces.len());
        let fits = |(number, piece): (usize, &Piece)| {
            let joined = number == 0 || words.joined(first + number - 1);
            let word = words.words.get(first + number).map(|word| words.folded(word));
            joined && word.is_some_and(|w| if piece.open { w.starts_with(&piece.folded) } else { w == piece.folded })
        };
        if !self.pieces.iter().enumerate().skip(open).all(fits) {
            return None;
        }
        if self.exact {
            let word = words.words[first];
            let mut letters = note[word.start..word.end].chars().filter(|c| is_letter(*c)).take(self.letters());
            if letters.any(char::is_lowercase) {
                return None;
            }
        }
        Some(last)
    }

    fn letters(&self) -> usize {
        self.pieces.iter().map(|piece| String::from_utf8_lossy(&piece.folded).chars().count()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(phrase: &str, note: &str) -> bool {
        let phrase = Phrase::read(phrase).unwrap();
        let mut words = Reading::default();
        words.read(note);
        let needle = phrase.needle();
        let found = words.searched().windows(needle.len()).position(|window| window == needle);
        found.is_some_and(|at| phrase.ends_at(&words, note, words.at_folded(at + 1).unwrap()).is_some())
    }

    #[test]
    fn a_phrase_is_found_as_people_write_it() {
        assert!(stands("self-harm", "Self harm noted"));
        assert!(stands("self harm*", "SELF-HARMING"));
        assert!(!stands("self harm", "self-harming"));
        assert!(stands("at risk* of harm*", "at risks of harms"));
        assert!(!stands("at risk* of harm*", "at risks of, harms"));
        assert!(!stands("at risk* of harm*", "at risks"));
        assert!(stands("child's plan", "the child’s plan"));
        assert!(stands("CPP", "on a CPP.") && !stands("CPP", "on a cpp."));
        assert!(stands("LAC*", "two LACs") && !stands("LAC*", "lacks"));
        assert!(stands("STEPS", "steps"), "five letters are a word");
    }

    #[test]
    fn what_is_no_phrase_is_refused() {
        for text in ["", " ", "*", "...", "a, b", "no; yes", "ha*rm", "self * harm", "x's*", "ab*", "**"] {
            assert!(Phrase::read(text).is_err(), "{text:?}");
        }
    }
}
