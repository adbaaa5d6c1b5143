//! Notes to themes: sentences judged by hand, places, and what must not change them.

mod properties;
mod sentences;

use melogit::notes::{Excluded, Lexicon, Noted, Tally, apply};

const LEXICON: &str = r#"
[themes.harm]
terms = ["self-harm*", "self harm scars", "cutting", "overdose*", "suicidal thoughts", "OD"]
not = ["cutting grass", "self-harm training"]
[themes.mood]
terms = ["low mood", "depress*", "anxiety"]
[themes.carer]
subject = "family"
historical = "count"
terms = ["depress*", "anxiety", "mental illness", "maternal depression"]
[themes.plan]
subject = "any"
terms = ["CPP", "child protection plan", "did not attend", "no fixed abode"]
"#;

fn lexicon() -> Lexicon {
    Lexicon::parse(LEXICON, "test").unwrap()
}

fn noted(notes: &[&str]) -> Noted {
    let notes = notes.iter().map(|note| Some(*note)).collect::<Vec<_>>();
    apply(&lexicon(), &notes, &|| false).unwrap()
}

#[test]
fn a_mention_shows_its_place_its_sentence_and_its_cues() {
    let note = "Café visit. « Élodie » previously denied self-harming, mum said. End";
    let noted = noted(&[note]);
    let [mention] = noted.mentions[..] else { panic!("one mention") };
    assert_eq!(&note[mention.span.start..mention.span.end], "self-harming");
    let characters = note.chars().collect::<Vec<_>>();
    let text =
        |span: melogit::notes::Span| characters[span.start_character..span.end_character].iter().collect::<String>();
    assert_eq!(text(mention.span), "self-harming");
    assert_eq!(text(mention.sentence), "« Élodie » previously denied self-harming, mum said.");
    assert_eq!(text(mention.negated.unwrap()), "denied");
    assert_eq!(text(mention.historical.unwrap()), "previously");
    assert_eq!((mention.family, mention.excluded), (None, Some(Excluded::Negated)));
}

#[test]
fn every_mention_is_in_one_tally() {
    let notes = ["Self-harm. No self-harm. Past self-harm. Sister's self-harm. Self-harm", "", "  \n", "Well."];
    let noted = noted(&notes);
    assert_eq!(noted.tallies[0], Tally { counted: 2, negated: 1, historical: 1, subject: 1 });
    assert_eq!((noted.tallies[0].mentions(), noted.empty, noted.mentions.len()), (5, 2, 5));
    let absent = apply(&lexicon(), &[None, Some("Self-harm")], &|| false).unwrap();
    assert_eq!((absent.present, absent.empty, absent.mentions[0].note), (vec![false, true], 0, 1));
}

#[test]
fn a_stopped_search_says_so() {
    let error = apply(&lexicon(), &[Some("Self-harm")], &|| true).unwrap_err();
    assert_eq!(error.slug(), "interrupted");
}

#[test]
fn complaints_name_line_place_and_cure() {
    let said = |text: &str| Lexicon::parse(text, "book.toml").unwrap_err();
    let cases = [
        (
            "[themes.a]\nterms = [\"x y\", \"X-Y\"]",
            "lexicon-duplicate",
            "  2 | terms = [\"x y\", \"X-Y\"]\n    |                 ^^^^^",
        ),
        ("[themes.a]\nterms = [\"x, y\"]", "lexicon-phrase", "'x, y' has punctuation between its words"),
        ("[themes.a]\nterms = []", "lexicon-no-terms", "theme 'a' has no term"),
        ("[themes.a]\nlabel = \"A\"", "lexicon-no-terms", "theme 'a' has no 'terms'"),
        ("[themes.a]\nterms = \"x\"", "lexicon-type", "'terms' should be a list"),
        ("[themes.a]\nterms = [1]", "lexicon-type", "an entry of 'terms' should be text in quotes"),
        ("[themes.a]\nterms = [\"x\"]\nsubject = \"familly\"", "lexicon-choice", "did you mean 'family'?"),
        ("[themes.a]\nterms = [\"x\"]\n[cues]\nwindow = 0", "lexicon-window", "1 to 100"),
        ("[themes.a]\nterms = [\"x\"]\n[cues]\nnegations = []", "lexicon-unknown-key", "did you mean 'negation'?"),
        (
            "[themes.a]\nterms = [\"x\"]\n[cues.drop]\nnegation = [\"x\"]",
            "lexicon-not-there",
            "'x' is not in 'negation'",
        ),
        ("[themes.a]\nterms = [\"x\"]\n[cues.add]\nends = [\"But\"]", "lexicon-duplicate", "stands in 'ends' already"),
        ("[themes.a]\nterms = [\"x\"]\n[cues]\nnegation = [\"not only\"]", "lexicon-ambiguous-cue", "drop = { pseudo"),
        ("[themes]", "lexicon-no-theme", "the lexicon has no theme"),
        ("", "lexicon-no-theme", "the lexicon has no theme"),
        ("themes = 3", "lexicon-type", "'themes' should be a table"),
        ("[themes.a]\nterms = [\"x\"", "lexicon-syntax", "book.toml, line 2"),
    ];
    for (text, slug, part) in cases {
        let error = said(text);
        assert_eq!(error.slug(), slug, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let both = said("[themes.a]\nterms = []\n[themes.b]\nterms = [\"*\"]").to_string();
    assert!(both.contains("line 1") && both.contains("line 4"), "{both}");
}

#[test]
fn cues_can_be_replaced_added_and_dropped() {
    let theme = "[themes.a]\nterms = [\"harm\"]\n[cues]\n";
    let excluded = |cues: &str, note: &str| {
        let lexicon = Lexicon::parse(&format!("{theme}{cues}"), "test").unwrap();
        assert_eq!(Lexicon::parse(&lexicon.to_toml(), "again").unwrap(), lexicon);
        apply(&lexicon, &[Some(note)], &|| false).unwrap().mentions[0].excluded
    };
    assert_eq!(excluded("", "declines harm"), None);
    assert_eq!(excluded("add = { negation = [\"declines\"] }", "declines harm"), Some(Excluded::Negated));
    assert_eq!(excluded("drop = { negation = [\"denies\"] }", "denies harm"), None);
    assert_eq!(excluded("negation = []", "not harm"), None);
    assert_eq!(excluded("window = 1", "no sort of harm"), None);
    assert_eq!(excluded("window = 3", "no sort of harm"), Some(Excluded::Negated));
}
