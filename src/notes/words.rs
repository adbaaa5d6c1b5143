//! A note as words and sentences.
//!
//! Terms and cues are searched in the *folded* text: every word in lower case between single blanks, with a mark
//! wherever punctuation stands between two words. A phrase between blanks is then a phrase between word boundaries,
//! and cannot reach across a comma or into the next sentence.

/// Stands between two words that no phrase may span; no word contains it.
const MARK: u8 = 1;

/// Abbreviations that never end a sentence.
const TITLES: [&[u8]; 12] = [b"dr", b"mr", b"mrs", b"ms", b"miss", b"prof", b"st", b"rev", b"sr", b"jr", b"vs", b"cf"];

/// Abbreviations that end a sentence unless it goes on in lower case or with a number.
const SHORT: [&[u8]; 31] = [
    b"etc", b"approx", b"appt", b"appts", b"yr", b"yrs", b"wk", b"wks", b"mth", b"mths", b"hr", b"hrs", b"min",
    b"mins", b"mg", b"ml", b"kg", b"tel", b"ref", b"ext", b"inc", b"incl", b"dept", b"hx", b"pt", b"re", b"nb", b"jan",
    b"feb", b"dec", b"al",
];

/// A word: a run of letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// Where it begins in the note, in bytes.
    pub(super) start: usize,
    /// Where it ends in the note; a possessive 's is not part of it.
    pub(super) end: usize,
    /// Which sentence it is in.
    pub(super) sentence: usize,
    folded: (usize, usize),
}

/// A note, read. Kept between notes to reuse its memory.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The words in order.
    pub(super) words: Vec<Word>,
    folded: Vec<u8>,
    sentences: Vec<(usize, usize)>,
}

/// What one character does to the words around it.
enum Between {
    /// Reading may form a phrase across it.
    Nothing,
    /// Reading on its two sides belong to different phrases.
    Break,
    /// The sentence ends.
    End,
}

impl Reading {
    /// Reads a note.
    pub(super) fn read(&mut self, note: &str) {
        self.words.clear();
        self.sentences.clear();
        self.folded.clear();
        self.folded.push(b' ');
        let (mut at, mut sentence, mut broken) = (0, 0, false);
        while let Some(c) = char_at(note, at) {
            if is_letter(c) {
                if std::mem::take(&mut broken) {
                    self.folded.extend([MARK, b' ']);
                }
                at = self.word(note, at);
                continue;
            }
            let after = at + c.len_utf8();
            if c == ' ' {
                at = after;
                continue;
            }
            match self.between(note, at, c) {
                Between::Nothing => {}
                Between::Break => broken = true,
                Between::End => {
                    broken = true;
                    // Stops without words before them belong to no sentence.
                    if self.words.last().is_some_and(|word| word.start >= sentence) {
                        self.sentences.push((sentence, after));
                    }
                    sentence = after;
                }
            }
            at = after;
        }
        self.sentences.push((sentence, note.len()));
    }

    /// Takes the word that begins at `start`; gives the place behind it.
    fn word(&mut self, note: &str, start: usize) -> usize {
        let bytes = note.as_bytes();
        let (mut at, folded) = (start, self.folded.len());
        // Where the word would end if what follows an apostrophe turns out to be a possessive.
        let mut stem = None;
        loop {
            let plain = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            self.folded.extend(bytes[at..at + plain].iter().map(u8::to_ascii_lowercase));
            at += plain;
            let Some(c) = char_at(note, at) else { break };
            let after = at + c.len_utf8();
            if is_letter(c) {
                let mut space = [0; 4];
                c.to_lowercase().for_each(|c| self.folded.extend_from_slice(c.encode_utf8(&mut space).as_bytes()));
            } else if (is_apostrophe(c) || is_invisible(c)) && char_at(note, after).is_some_and(is_letter) {
                stem = is_apostrophe(c).then_some((at, self.folded.len())).or(stem);
            } else {
                break;
            }
            at = after;
        }
        let mut end = at;
        if let Some((before, length)) = stem.filter(|&(_, length)| self.folded[length..] == *b"s") {
            self.folded.truncate(length);
            end = before;
        }
        let folded = (folded, self.folded.len());
        self.words.push(Word { start, end, sentence: self.sentences.len(), folded });
        self.folded.push(b' ');
        at
    }

    /// What the character at `at`, which is no part of a word, does.
    fn between(&self, note: &str, at: usize, c: char) -> Between {
        let before = note[..at].chars().next_back();
        let after = char_at(note, at + c.len_utf8());
        match c {
            // Before a word, a question mark is the clinician's doubt: "?self-harm".
            '?' | '？' => match before {
                Some(b) if is_letter(b) || matches!(b, ')' | ']' | '"' | '”' | '\'' | '’' | '.' | '!' | '?') => {
                    Between::End
                }
                _ => Between::Break,
            },
            '.' if self.goes_on(note, at, before, after) => Between::Nothing,
            '.' | '!' | ';' | '。' | '！' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                Between::End
            }
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {
                let beside_word = before.is_some_and(is_letter) || after.is_some_and(is_letter);
                if beside_word { Between::Nothing } else { Between::Break }
            }
            '/' | '&' | '_' | '+' => Between::Nothing,
            c if c.is_whitespace() || is_apostrophe(c) || is_invisible(c) => Between::Nothing,
            _ => Between::Break,
        }
    }

    /// Whether the sentence goes on after a full stop.
    fn goes_on(&self, note: &str, at: usize, before: Option<char>, after: Option<char>) -> bool {
        let Some(word) = self.words.last().filter(|word| word.end == at) else { return false };
        if before.is_some_and(|c| c.is_ascii_digit()) {
            return after.is_some_and(|c| c.is_ascii_digit());
        }
        let folded = self.folded(word);
        let initial = note[word.start..at].chars().nth(1).is_none();
        if initial || TITLES.contains(&folded) {
            return true;
        }
        let next = note[at + 1..].chars().find(|c| *c == '\n' || !c.is_whitespace());
        SHORT.contains(&folded) && next.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit() || c == ',')
    }

    /// The text that phrases are searched in.
    pub(super) fn searched(&self) -> &[u8] {
        &self.folded
    }

    /// A word as it is searched.
    pub(super) fn folded(&self, word: &Word) -> &[u8] {
        &self.folded[word.folded.0..word.folded.1]
    }

    /// The number of the word that begins at a place of the searched text.
    pub(super) fn at_folded(&self, place: usize) -> Option<usize> {
        self.words.binary_search_by_key(&place, |word| word.folded.0).ok()
    }

    /// Whether word `number` and the next may be in one phrase.
    pub(super) fn joined(&self, number: usize) -> bool {
        let next = self.words.get(number + 1);
        next.is_some_and(|next| next.folded.0 == self.words[number].folded.1 + 1)
    }

    /// Where a sentence begins and ends in the note, blanks around it left out.
    pub(super) fn sentence(&self, note: &str, number: usize) -> (usize, usize) {
        let (start, end) = self.sentences[number];
        let text = &note[start..end];
        let start = start + text.len() - text.trim_start().len();
        (start, start + text.trim().len())
    }
}

fn char_at(note: &str, at: usize) -> Option<char> {
    match note.as_bytes().get(at) {
        Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
        _ => note[at..].chars().next(),
    }
}

/// Letters, digits, and accents written as signs of their own.
pub(super) fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c) }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{ff07}' | '`' | '\u{b4}')
}

/// Soft hyphens and joiners, which readers do not see.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(note: &str) -> Vec<&str> {
        let mut words = Reading::default();
        words.read(note);
        let mut used = words.words.iter().map(|word| word.sentence).collect::<Vec<_>>();
        used.dedup();
        let place = |number| words.sentence(note, number);
        used.into_iter().map(|number| &note[place(number).0..place(number).1]).collect()
    }

    fn searched(note: &str) -> String {
        let mut words = Reading::default();
        words.read(note);
        String::from_utf8(words.searched().to_vec()).unwrap().replace('\u{1}', "|").trim().to_owned()
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        assert_eq!(sentences("Seen by Dr. Shah. No risk! Well?"), ["Seen by Dr. Shah.", "No risk!", "Well?"]);
        assert_eq!(sentences("Risks, e.g. self-harm, i.e. cutting."), ["Risks, e.g. self-harm, i.e. cutting."]);
        assert_eq!(sentences("Took 2.5 mg. at 10.30. Slept."), ["Took 2.5 mg. at 10.30.", "Slept."]);
        assert_eq!(sentences("J. Smith came.Left early"), ["J. Smith came.", "Left early"]);
        assert_eq!(sentences("Risk\nNone; safe\r\n\r\nPlan: ..."), ["Risk", "None;", "safe", "Plan: ."]);
        assert_eq!(sentences("?self-harm ? low mood"), ["?self-harm ? low mood"]);
        assert_eq!(
            sentences("Friends etc. in place. Sees friends etc. She is well."),
            ["Friends etc. in place.", "Sees friends etc.", "She is well."]
        );
        assert_eq!(sentences("... \n ; 。"), Vec::<&str>::new());
    }

    #[test]
    fn folding_keeps_phrases_and_marks_breaks() {
        assert_eq!(searched("Self-harm; SELF harm"), "self harm | self harm");
        assert_eq!(searched("child's, children's, parents' don’t"), "child | children | parents dont");
        assert_eq!(searched("mood - low, h/o (A&E)"), "mood | low | h o | a e");
        assert_eq!(searched("self- harm self -harm self\u{ad}harm"), "self harm self harm selfharm");
        assert_eq!(searched("École n\u{303}o STRASSE"), "école n\u{303}o strasse");
        assert_eq!(searched("'quoted' 's it's O'Brien's"), "quoted s it obrien");
    }
}
