//! What the words around a mention make of it: denied, past, or about somebody else.
//!
//! The rules are those of NegEx (Chapman et al., Journal of Biomedical Informatics 34, 2001, 301–310) and of its
//! extension ConText (Harkema et al., Journal of Biomedical Informatics 42, 2009, 839–851): a cue before a term, or of
//! some kinds behind it, reaches a few words within its sentence, unless a word in between ends its scope; some
//! phrases hold a cue and are none. Added to them: a phrase that is a cue in both directions chooses one by the
//! punctuation behind it, and a family word that names who tells ("Mum reports ...") is no cue.

use super::words::Reading;
use std::ops::Range;

/// What a phrase does as a cue; a phrase may do several things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Roles(u16);

/// A phrase of a lexicon's cues found in a note, by its first and last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cue {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) roles: Roles,
}

/// For each kind of cue, the one that reaches a mention.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) negated: Option<Cue>,
    pub(super) historical: Option<Cue>,
    pub(super) family: Option<Cue>,
}

/// A kind of cue: its bit when it reaches forwards, and when backwards.
#[derive(Debug, Clone, Copy)]
struct Kind {
    forwards: Roles,
    backwards: Roles,
}

const NEGATION: Kind = Kind { forwards: Roles(1), backwards: Roles(1 << 1) };
const HISTORICAL: Kind = Kind { forwards: Roles(1 << 2), backwards: Roles(1 << 3) };
const FAMILY: Kind = Kind { forwards: Roles(1 << 4), backwards: Roles(1 << 5) };
const INFORMANT_AFTER: Roles = Roles(1 << 6);
const INFORMANT_BEFORE: Roles = Roles(1 << 7);
const PSEUDO: Roles = Roles(1 << 8);
const ENDS: Roles = Roles(1 << 9);

/// Words from a family word to the one that makes it an informant.
const INFORMANT_REACH: usize = 2;

impl Roles {
    /// The role of the list of that place in [`super::LISTS`].
    pub(super) fn of_list(place: usize) -> Self {
        Self(1 << place)
    }

    /// Both.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a cue names somebody of the family.
    pub(super) fn names_family(self) -> bool {
        self.has(FAMILY.forwards)
    }

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// The cues of a note that hold: the longest where several overlap, none that touches a mention, each with the roles
/// it has at its place. `mentioned` says which words belong to a mention.
pub(super) fn settle(cues: &mut Vec<Cue>, reading: &Reading, mentioned: &[bool], window: usize) {
    cues.retain(|cue| !mentioned[cue.first..=cue.last].contains(&true));
    cues.sort_unstable_by_key(|cue| (cue.first, std::cmp::Reverse(cue.last)));
    let mut free = 0;
    cues.retain(|cue| {
        let held = cue.first >= free;
        free = if held { cue.last + 1 } else { free };
        held
    });
    cues.retain(|cue| !cue.roles.has(PSEUDO));
    for number in 0..cues.len() {
        let cue = cues[number];
        let mut roles = cue.roles;
        if roles.has(FAMILY.forwards) && is_informant(cues, number, reading) {
            roles = roles.without(FAMILY.forwards);
        }
        for kind in [NEGATION, HISTORICAL, FAMILY] {
            if roles.has(kind.forwards) && roles.has(kind.backwards) {
                let closes =
                    !reading.joined(cue.last) || follows(cues, number).is_some_and(|next| next.roles.has(ENDS));
                let back = closes && has_mention_before(cues, number, reading, mentioned, window);
                roles = roles.without(if back { kind.forwards } else { kind.backwards });
            }
        }
        cues[number].roles = roles;
    }
}

/// The cues that reach a mention with these words, the nearest of each kind.
pub(super) fn reached(mention: Range<usize>, cues: &[Cue], reading: &Reading, window: usize) -> Reached {
    let sentence = |word: usize| reading.words[word].sentence;
    let here = sentence(mention.start);
    let mut found = Reached::default();
    let split = cues.partition_point(|cue| cue.first < mention.start);
    let before = cues[..split].iter().rev();
    let near = before.take_while(|cue| cue.last + window >= mention.start && sentence(cue.last) == here);
    for cue in near.take_while(|cue| !cue.roles.has(ENDS)) {
        found.take(cue, |kind| kind.forwards);
    }
    let near = cues[split..].iter().take_while(|cue| cue.first < mention.end + window && sentence(cue.first) == here);
    for cue in near.take_while(|cue| !cue.roles.has(ENDS)) {
        found.take(cue, |kind| kind.backwards);
    }
    found
}

impl Reached {
    fn take(&mut self, cue: &Cue, direction: impl Fn(Kind) -> Roles) {
        let slots = [(NEGATION, &mut self.negated), (HISTORICAL, &mut self.historical), (FAMILY, &mut self.family)];
        for (kind, slot) in slots {
            if slot.is_none() && cue.roles.has(direction(kind)) {
                *slot = Some(*cue);
            }
        }
    }
}

/// Whether the family word of a cue says who tells.
fn is_informant(cues: &[Cue], number: usize, reading: &Reading) -> bool {
    let cue = cues[number];
    let one_phrase = |from: usize, to: usize| (from..to).all(|word| reading.joined(word));
    let after = cues[number + 1..].iter().take_while(|other| other.first <= cue.last + INFORMANT_REACH);
    let before = cues[..number].iter().rev().take_while(|other| other.last + INFORMANT_REACH >= cue.first);
    after.clone().any(|other| other.roles.has(INFORMANT_AFTER) && one_phrase(cue.last, other.first))
        || before.clone().any(|other| other.roles.has(INFORMANT_BEFORE) && one_phrase(other.last, cue.first))
}

/// The cue that begins right behind another.
fn follows(cues: &[Cue], number: usize) -> Option<&Cue> {
    cues.get(number + 1).filter(|next| next.first == cues[number].last + 1)
}

/// Whether a mention stands where the cue reaches backwards.
fn has_mention_before(cues: &[Cue], number: usize, reading: &Reading, mentioned: &[bool], window: usize) -> bool {
    let cue = cues[number];
    let sentence = reading.words[cue.first].sentence;
    let end = cues[..number].iter().rev().find(|other| other.roles.has(ENDS)).map_or(0, |other| other.last + 1);
    (cue.first.saturating_sub(window).max(end)..cue.first)
        .any(|word| mentioned[word] && reading.words[word].sentence == sentence)
}
