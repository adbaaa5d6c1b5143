//! A lexicon applied to many notes: mentions, and counts per note and theme.

use super::lexicon::Lexicon;
use super::scan::{Excluded, Memory, Mention, Scanner};
use crate::error::{Error, Kind, Result};
use rayon::prelude::*;

/// Notes that one thread takes at a time.
const CHUNK: usize = 64;

/// What a lexicon found in notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// How many themes there are.
    pub themes: usize,
    /// Whether each note is there at all.
    pub present: Vec<bool>,
    /// Notes that are there and hold no word.
    pub empty: usize,
    /// Every mention, by note, place and theme.
    pub mentions: Vec<Mention>,
    /// For each note, its themes.
    pub tallies: Vec<Tally>,
}

/// How often a note mentions a theme: every mention is counted in one of the fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Mentions that count; the note has the theme if there is one.
    pub counted: u32,
    /// Mentions that are denied.
    pub negated: u32,
    /// Mentions of the past that do not count.
    pub historical: u32,
    /// Mentions about somebody else.
    pub subject: u32,
}

impl Tally {
    /// All mentions.
    pub fn mentions(self) -> u32 {
        self.counted + self.negated + self.historical + self.subject
    }

    fn add(&mut self, mention: &Mention) {
        *match mention.excluded {
            None => &mut self.counted,
            Some(Excluded::Negated) => &mut self.negated,
            Some(Excluded::Historical) => &mut self.historical,
            Some(Excluded::Subject) => &mut self.subject,
        } += 1;
    }
}

/// Looks for the themes of a lexicon in notes; `None` is a note that is not there. `stop` says that nobody waits any
/// more.
///
/// ```
/// use melogit::notes::{Lexicon, apply};
/// let lexicon = Lexicon::parse("[themes.self_harm]\nterms = [\"self-harm*\"]", "lexicon.toml")?;
/// let notes = [Some("Self-harming since May."), Some("Denies self-harm."), None];
/// let noted = apply(&lexicon, &notes, &|| false)?;
/// let counted = noted.tallies.iter().map(|tally| tally.counted).collect::<Vec<_>>();
/// assert_eq!((counted, noted.tallies[1].negated), (vec![1, 0, 0], 1));
/// # Ok::<(), melogit::error::Error>(())
/// ```
///
/// # Errors
///
/// If a phrase of the lexicon cannot be searched for, or `stop` said so.
pub fn apply(lexicon: &Lexicon, notes: &[Option<&str>], stop: &(dyn Fn() -> bool + Sync)) -> Result<Noted> {
    let scanner = Scanner::new(lexicon)?;
    let chunks = notes.par_chunks(CHUNK).enumerate().map_init(Memory::default, |memory, (number, chunk)| {
        let mut mentions = Vec::new();
        let mut empty = 0;
        if stop() {
            return Err(Error::new(Kind::Interrupted, "interrupted", "the search was stopped"));
        }
        for (note, text) in (number * CHUNK..).zip(chunk) {
            if let Some(text) = text {
                empty += usize::from(!scanner.scan(text, note, memory, &mut mentions));
            }
        }
        Ok((mentions, empty))
    });
    let chunks = chunks.collect::<Result<Vec<_>>>()?;
    let themes = scanner.themes();
    let mut noted = Noted {
        themes,
        present: notes.iter().map(Option::is_some).collect(),
        empty: chunks.iter().map(|(_, empty)| empty).sum(),
        mentions: chunks.into_iter().flat_map(|(mentions, _)| mentions).collect(),
        tallies: vec![Tally::default(); notes.len() * themes],
    };
    for mention in &noted.mentions {
        noted.tallies[mention.note * themes + mention.theme].add(mention);
    }
    Ok(noted)
}
