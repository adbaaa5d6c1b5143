//! All phrases of a lexicon found in a note at once, and the mentions that come of them.

use super::lexicon::{Lexicon, Subject, phrases};
use super::phrase::Phrase;
use super::scope::{self, Cue, Roles};
use super::span::{Places, Span};
use super::words::Reading;
use crate::error::{Error, Kind, Result};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// Needles up to this many bytes together are searched by a table of all states, which is faster and takes more memory.
const SMALL: usize = 1 << 17;

/// A place where a note mentions a theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// Number of the note, from 0.
    pub note: usize,
    /// Number of the theme in the lexicon.
    pub theme: usize,
    /// Number of the term in the theme.
    pub term: usize,
    /// The place of the term.
    pub span: Span,
    /// The place of the sentence around it.
    pub sentence: Span,
    /// The cue that denies it.
    pub negated: Option<Span>,
    /// The cue that puts it into the past.
    pub historical: Option<Span>,
    /// The words that make it a family member's.
    pub family: Option<Span>,
    /// Why it does not count, if it does not.
    pub excluded: Option<Excluded>,
}

/// Why a mention does not count. If several reasons hold, the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excluded {
    /// It is denied.
    Negated,
    /// It is past, and the theme does not count the past.
    Historical,
    /// It is about somebody else than the theme asks for.
    Subject,
}

/// A lexicon, ready to be searched for.
#[derive(Debug)]
pub struct Scanner {
    search: AhoCorasick,
    /// One for each needle.
    wanted: Vec<(Phrase, Wanted)>,
    themes: Vec<(Subject, bool)>,
    window: usize,
}

/// What a phrase is in the lexicon.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    Term { theme: usize, term: usize },
    Not { theme: usize },
    Cue(Roles),
}

/// A term, or a phrase that is none, by its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    theme: usize,
    first: usize,
    last: usize,
    term: usize,
}

/// The memory of a scan, reused from note to note.
#[derive(Debug, Default)]
pub(super) struct Memory {
    reading: Reading,
    terms: Vec<Found>,
    nots: Vec<Found>,
    cues: Vec<Cue>,
    family: Vec<Cue>,
    mentioned: Vec<bool>,
}

impl Scanner {
    /// Prepares the search.
    ///
    /// # Errors
    ///
    /// If a phrase cannot be searched for; those of a lexicon that was read always can.
    pub fn new(lexicon: &Lexicon) -> Result<Self> {
        let mut wanted = Vec::new();
        for (number, theme) in lexicon.themes.iter().enumerate() {
            for (term, phrase) in phrases(&theme.terms, &theme.name).enumerate() {
                wanted.push((phrase?, Wanted::Term { theme: number, term }));
            }
            for phrase in phrases(&theme.not, &theme.name) {
                wanted.push((phrase?, Wanted::Not { theme: number }));
            }
        }
        let mut cues: BTreeMap<Phrase, Roles> = BTreeMap::new();
        for (list, texts) in lexicon.cues.lists.iter().enumerate() {
            for phrase in phrases(texts, "the cues") {
                let roles = cues.entry(phrase?).or_default();
                *roles = roles.and(Roles::of_list(list));
            }
        }
        wanted.extend(cues.into_iter().map(|(phrase, roles)| (phrase, Wanted::Cue(roles))));
        let needles = wanted.iter().map(|(phrase, _)| phrase.needle()).collect::<Vec<_>>();
        let small = needles.iter().map(Vec::len).sum::<usize>() <= SMALL;
        let kind = small.then_some(AhoCorasickKind::DFA);
        let search = AhoCorasick::builder().kind(kind).build(&needles).map_err(|error| {
            let message = format!("the lexicon has too many phrases to search for at once ({error}); split it");
            Error::new(Kind::Size, "lexicon-size", message)
        })?;
        let themes = lexicon.themes.iter().map(|theme| (theme.subject, theme.count_historical)).collect();
        Ok(Self { search, wanted, themes, window: lexicon.cues.window })
    }

    /// How many themes it looks for.
    pub fn themes(&self) -> usize {
        self.themes.len()
    }

    /// The mentions in one note, by place, then by theme. Says whether there was any word in it.
    pub(super) fn scan(&self, note: &str, number: usize, memory: &mut Memory, mentions: &mut Vec<Mention>) -> bool {
        memory.reading.read(note);
        self.find(note, memory);
        memory.settle_terms();
        if memory.terms.is_empty() {
            return !memory.reading.words.is_empty();
        }
        memory.mark();
        let Memory { reading, cues, family, mentioned, terms, .. } = memory;
        family.clear();
        family.extend(cues.iter().filter(|cue| cue.roles.names_family()));
        family.sort_unstable_by_key(|cue| cue.first);
        scope::settle(cues, reading, mentioned, self.window);
        let places = Places::of(note);
        let span =
            |words: Range<usize>| places.span(reading.words[words.start].start, reading.words[words.end - 1].end);
        for found in terms.iter() {
            let words = found.first..found.last + 1;
            let mut reached = scope::reached(words.clone(), cues, reading, self.window);
            let inside = family[family.partition_point(|cue| cue.first < words.start)..]
                .iter()
                .take_while(|cue| cue.first < words.end)
                .find(|cue| cue.last < words.end);
            reached.family = inside.copied().or(reached.family);
            let (start, end) = reading.sentence(note, reading.words[words.start].sentence);
            let place = |cue: Option<Cue>| cue.map(|cue| span(cue.first..cue.last + 1));
            mentions.push(Mention {
                note: number,
                theme: found.theme,
                term: found.term,
                span: span(words),
                sentence: places.span(start, end),
                negated: place(reached.negated),
                historical: place(reached.historical),
                family: place(reached.family),
                excluded: self.excluded(found.theme, &reached),
            });
        }
        true
    }

    /// Every place where a phrase of the lexicon stands.
    fn find(&self, note: &str, memory: &mut Memory) {
        memory.terms.clear();
        memory.nots.clear();
        memory.cues.clear();
        let reading = &memory.reading;
        for hit in self.search.find_overlapping_iter(reading.searched()) {
            let (phrase, wanted) = &self.wanted[hit.pattern().as_usize()];
            let Some(first) = reading.at_folded(hit.start() + 1) else { continue };
            let Some(last) = phrase.ends_at(reading, note, first) else { continue };
            match *wanted {
                Wanted::Term { theme, term } => memory.terms.push(Found { theme, first, last, term }),
                Wanted::Not { theme } => memory.nots.push(Found { theme, first, last, term: 0 }),
                Wanted::Cue(roles) => memory.cues.push(Cue { first, last, roles }),
            }
        }
    }

    fn excluded(&self, theme: usize, reached: &scope::Reached) -> Option<Excluded> {
        let (subject, count_historical) = self.themes[theme];
        let right = match subject {
            Subject::Patient => reached.family.is_none(),
            Subject::Family => reached.family.is_some(),
            Subject::Any => true,
        };
        match reached {
            scope::Reached { negated: Some(_), .. } => Some(Excluded::Negated),
            scope::Reached { historical: Some(_), .. } if !count_historical => Some(Excluded::Historical),
            _ => (!right).then_some(Excluded::Subject),
        }
    }
}

impl Memory {
    /// Of the terms found: per theme the leftmost, the longest of these, none inside a phrase that is no mention.
    fn settle_terms(&mut self) {
        let order = |found: &Found| (found.theme, found.first, Reverse(found.last), found.term);
        self.terms.sort_unstable_by_key(order);
        self.nots.sort_unstable_by_key(order);
        let mut nots = self.nots.iter().peekable();
        // How far the phrases that are no mention reach, of those that begin no later than the term.
        let mut reach = (usize::MAX, 0);
        let mut free = (usize::MAX, 0);
        self.terms.retain(|term| {
            while let Some(not) = nots.next_if(|not| (not.theme, not.first) <= (term.theme, term.first)) {
                reach = if reach.0 == not.theme { (not.theme, reach.1.max(not.last)) } else { (not.theme, not.last) };
            }
            let none = reach.0 == term.theme && term.last <= reach.1;
            let overlaps = free.0 == term.theme && term.first < free.1;
            let held = !none && !overlaps;
            free = if held { (term.theme, term.last + 1) } else { free };
            held
        });
        self.terms.sort_unstable_by_key(|found| (found.first, found.theme));
    }

    /// Marks the words of mentions.
    fn mark(&mut self) {
        self.mentioned.clear();
        self.mentioned.resize(self.reading.words.len(), false);
        for term in &self.terms {
            self.mentioned[term.first..=term.last].fill(true);
        }
    }
}
