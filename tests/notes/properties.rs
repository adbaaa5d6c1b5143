//! Random notes: places, a plain way of matching, and what must not change mentions.

use super::{lexicon, noted};
use melogit::notes::{Lexicon, Mention, apply};
use proptest::prelude::*;

/// Words, cues and punctuation of which random notes are made.
fn clause() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "self-harm",
        "self",
        "harm",
        "self harm scars",
        "cutting",
        "cutting grass",
        "OD",
        "od",
        "denies",
        "no",
        "not only",
        "but",
        "history of",
        "mother",
        "mum reports",
        "told",
        "years ago",
        "depression",
        "École",
        "漢字",
        "😀",
        "i\u{307}",
        "İ",
        "ﬁ",
        "’s",
        "x",
        "and",
        "is",
        "a",
        ",",
        "-",
        "(",
        "?",
        "self\u{ad}harm",
        "CPP",
        "maternal depression",
        "did not attend",
    ]);
    prop::collection::vec((word, prop::sample::select(vec![" ", " ", " ", "-", "/", "  "])), 0..25)
        .prop_map(|words| words.into_iter().flat_map(|(word, gap)| [word, gap]).collect())
}

fn note() -> impl Strategy<Value = String> {
    let stop = prop::sample::select(vec![". ", "\n", "; ", "! ", "…", ".", " "]);
    prop::collection::vec((clause(), stop), 0..6)
        .prop_map(|parts| parts.into_iter().map(|(clause, stop)| clause + stop).collect())
}

/// Words of a text with a break wherever a phrase must not go on, by the plain rules of the guide.
fn plain_words(text: &str) -> Vec<(usize, usize, String, bool)> {
    let letter = |c: char| c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c);
    let characters = text.char_indices().collect::<Vec<_>>();
    let mut words: Vec<(usize, usize, String, bool)> = Vec::new();
    let (mut at, mut joined) = (0, true);
    while at < characters.len() {
        if letter(characters[at].1) {
            let from = at;
            while at < characters.len() && letter(characters[at].1) {
                at += 1;
            }
            let end = characters.get(at).map_or(text.len(), |(byte, _)| *byte);
            let start = characters[from].0;
            words.push((start, end, text[start..end].to_lowercase(), joined));
            joined = true;
        } else {
            joined &= " -/".contains(characters[at].1);
            let lone = characters[at].1 == '-'
                && (at == 0 || !letter(characters[at - 1].1))
                && characters.get(at + 1).is_none_or(|(_, next)| !letter(*next));
            joined &= !lone;
            at += 1;
        }
    }
    words
}

/// Matching by trying every term at every word, longest first.
fn plain_matches(text: &str, terms: &[&str]) -> Vec<(usize, usize)> {
    let words = plain_words(text);
    let terms = terms.iter().map(|term| {
        let pieces = term.split([' ', '-']).map(|piece| (piece.trim_end_matches('*'), piece.ends_with('*')));
        pieces.collect::<Vec<_>>()
    });
    let terms = terms.collect::<Vec<_>>();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let fits = |term: &&Vec<(&str, bool)>| {
            term.iter().enumerate().all(|(number, (piece, open))| {
                words.get(at + number).is_some_and(|(_, _, word, joined)| {
                    (number == 0 || *joined) && if *open { word.starts_with(piece) } else { word == piece }
                })
            })
        };
        let longest = terms.iter().filter(fits).map(Vec::len).max();
        if let Some(length) = longest {
            found.push((words[at].0, words[at + length - 1].1));
        }
        at += longest.unwrap_or(1);
    }
    found
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,200}|(?s).{0,80}") {
        let noted = noted(&[&text]);
        for mention in noted.mentions {
            let cues = [mention.negated, mention.historical, mention.family];
            for span in cues.into_iter().flatten().chain([mention.span, mention.sentence]) {
                prop_assert!(text.get(span.start..span.end).is_some());
            }
        }
    }

    #[test]
    fn places_hold_the_term_within_its_sentence(text in note()) {
        let lexicon = lexicon();
        for mention in noted(&[&text]).mentions {
            let found = &text[mention.span.start..mention.span.end];
            let term = &lexicon.themes[mention.theme].terms[mention.term];
            let plain = |text: &str| {
                let spaced = text.to_lowercase().replace(['-', '/'], " ");
                spaced.split_whitespace().collect::<Vec<_>>().join(" ")
            };
            let fits = match term.strip_suffix('*') {
                Some(stem) => plain(found).starts_with(&plain(stem)),
                None => plain(found) == plain(term),
            };
            prop_assert!(fits, "{found:?} is not {term:?}");
            prop_assert!(mention.sentence.start <= mention.span.start && mention.span.end <= mention.sentence.end);
            let characters = text.chars().skip(mention.span.start_character);
            let characters = characters.take(mention.span.end_character - mention.span.start_character);
            prop_assert_eq!(characters.collect::<String>(), found);
            for cue in [mention.negated, mention.historical].into_iter().flatten() {
                prop_assert!(mention.sentence.start <= cue.start && cue.end <= mention.sentence.end);
                prop_assert!(cue.end <= mention.span.start || mention.span.end <= cue.start);
            }
        }
    }

    #[test]
    fn matching_is_that_of_trying_every_term(text in "[ab \\-,]{0,40}") {
        let terms = ["a", "a b", "ab a", "b-b a", "aba*", "bba* b"];
        let list = terms.map(|term| format!("\"{term}\"")).join(", ");
        let lexicon = Lexicon::parse(&format!("[themes.t]\nterms = [{list}]"), "test").unwrap();
        let noted = apply(&lexicon, &[Some(&text)], &|| false).unwrap();
        let found = noted.mentions.iter().map(|mention| (mention.span.start, mention.span.end)).collect::<Vec<_>>();
        prop_assert_eq!(found, plain_matches(&text, &terms));
    }

    #[test]
    fn an_unrelated_sentence_changes_no_mention(
        text in note(),
        other in "(Seen at home|Plan: review|Mother and dad came|No one else){1,3}",
    ) {
        let alone = noted(&[&text]);
        let with = noted(&[&format!("{text}\n{other}.")]);
        let kept = alone.mentions.iter().zip(&with.mentions).all(|(a, b)| {
            Mention { sentence: b.sentence, ..*a } == *b && a.sentence.start == b.sentence.start
        });
        prop_assert!(kept && alone.mentions.len() == with.mentions.len());
        prop_assert_eq!(&alone.tallies, &with.tallies);
    }

    #[test]
    fn two_notes_in_one_have_the_mentions_of_both(one in note(), two in note()) {
        let apart = noted(&[&one, &two]);
        let joined = noted(&[&format!("{one}\n{two}")]);
        let shift = one.len() + 1;
        let places = apart.mentions.iter().map(|m| (m.span.start + m.note * shift, m.theme, m.term, m.excluded));
        let found = joined.mentions.iter().map(|m| (m.span.start, m.theme, m.term, m.excluded));
        prop_assert_eq!(places.collect::<Vec<_>>(), found.collect::<Vec<_>>());
    }

    #[test]
    fn themes_keep_to_themselves_where_terms_do_not_touch_cues(text in note()) {
        let alone = "[themes.mood]\nterms = [\"depress*\", \"anxiety\"]\n[themes.harm]\nterms = [\"cutting\"]";
        let themes = [alone.split("[themes.harm]").next().unwrap(), alone];
        let counts = themes.map(|toml| {
            let lexicon = Lexicon::parse(toml, "test").unwrap();
            let mentions = apply(&lexicon, &[Some(&text)], &|| false).unwrap().mentions;
            mentions.into_iter().filter(|mention| mention.theme == 0).map(|mention| mention.span).collect::<Vec<_>>()
        });
        prop_assert_eq!(&counts[0], &counts[1]);
    }

    #[test]
    fn any_text_is_a_lexicon_or_is_refused(text in "(\\[themes.a\\]\nterms = \\[\")?\\PC{0,60}(\"\\])?") {
        if let Ok(lexicon) = Lexicon::parse(&text, "any") {
            prop_assert_eq!(Lexicon::parse(&lexicon.to_toml(), "again").unwrap(), lexicon);
        }
    }
}
