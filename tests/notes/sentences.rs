//! Sentences judged by hand, right and wrong.

use super::{lexicon, noted};
use melogit::notes::{Excluded, Mention};

/// One letter for each mention of a theme: + counts, n denied, h past, s somebody else.
fn outcome(note: &str, theme: &str) -> String {
    let theme = lexicon().themes.iter().position(|held| held.name == theme).unwrap();
    let letter = |mention: &Mention| match mention.excluded {
        None => '+',
        Some(Excluded::Negated) => 'n',
        Some(Excluded::Historical) => 'h',
        Some(Excluded::Subject) => 's',
    };
    noted(&[note]).mentions.iter().filter(|mention| mention.theme == theme).map(letter).collect()
}

/// What a clinician reads, and what the rules make of it.
const SENTENCES: [(&str, &str, &str); 74] = [
    // Plain mentions.
    ("Self-harming most days.", "harm", "+"),
    ("SELF HARM disclosed at triage", "harm", "+"),
    ("Jane is cutting; also took an overdose.", "harm", "++"),
    ("Has self\u{2011}harmed and has suicidal thoughts.", "harm", "++"),
    ("Self harm scars on arm.", "harm", "+"),
    ("Enjoys cutting grass at weekends.", "harm", ""),
    ("Staff had self-harm training, then saw her self-harm.", "harm", "+"),
    ("Took an OD at home.", "harm", "+"),
    ("A very od* manner.", "harm", ""),
    ("Selfharmony choir on Mondays.", "harm", ""),
    ("On a CPP since June.", "plan", "+"),
    ("cpp of the lungs", "plan", ""),
    // Denied.
    ("Denies self-harm.", "harm", "n"),
    ("No self-harm or suicidal thoughts.", "harm", "nn"),
    ("There is no evidence of self-harm.", "harm", "n"),
    ("She isn't self-harming.", "harm", "n"),
    ("She isn’t self-harming.", "harm", "n"),
    ("No history of self-harm.", "harm", "n"),
    ("Not currently self-harming.", "harm", "n"),
    ("Self-harm: denied.", "harm", "n"),
    ("Self-harm and suicidal thoughts denied", "harm", "nn"),
    ("Self-harm: nil. Mood: low mood.", "harm", "n"),
    ("Self-harm: nil. Mood: low mood.", "mood", "+"),
    ("CPP: no, self-harm: yes", "plan", "n"),
    ("Overdose was ruled out by the paediatrician.", "harm", "n"),
    ("No concerns about self-harm.", "harm", "n"),
    ("Self-harm discussed, no concerns.", "harm", "n"),
    ("Without suicidal thoughts at present.", "harm", "n"),
    ("There is no child protection plan", "plan", "n"),
    ("Self-harm has not been ruled out.", "harm", "+"),
    // Phrases that hold a cue and are none.
    ("Not only low mood.", "mood", "+"),
    ("No change in low mood.", "mood", "+"),
    ("No increase in self-harm.", "harm", "+"),
    ("She does not deny self-harm.", "harm", "+"),
    ("Not sure whether this is self-harm.", "harm", "+"),
    // Where a cue ends.
    ("Denies self-harm but has low mood.", "mood", "+"),
    ("Denies self-harm but has low mood.", "harm", "n"),
    ("No concerns, although self-harm is known to school.", "harm", "+"),
    ("Denies suicidal thoughts. Self-harming weekly.", "harm", "n+"),
    ("No plans!\nSelf-harm last night", "harm", "+"),
    ("No friends at the new school, finds classes loud, self-harm on Monday.", "harm", "+"),
    ("Not sleeping because of self-harm.", "harm", "+"),
    ("No risks apart from self-harm.", "harm", "+"),
    ("Seen by Dr. No. Self-harm.", "harm", "+"),
    // A term's own words are no cue.
    ("Did not attend, self-harm suspected.", "plan", "+"),
    ("Did not attend, self-harm suspected.", "harm", "+"),
    ("No fixed abode and low mood.", "mood", "+"),
    // Past.
    ("History of self-harm.", "harm", "h"),
    ("h/o overdose", "harm", "h"),
    ("She previously self-harmed.", "harm", "h"),
    ("Self-harmed in the past.", "harm", "h"),
    ("As a child, she was self-harming.", "harm", "h"),
    ("Two years ago she had self-harmed.", "harm", "h"),
    ("Overdose two years ago.", "harm", "h"),
    ("No longer self-harming.", "harm", "h"),
    ("No further self-harm.", "harm", "h"),
    ("History of self-harm, currently low mood.", "mood", "+"),
    ("Self-harmed over the past week.", "harm", "+"),
    ("Previously on a child protection plan", "plan", "h"),
    ("In the past mother had depression.", "carer", "+"),
    // Whom it is about.
    ("Her mother has depression.", "mood", "s"),
    ("Her mother has depression.", "carer", "+"),
    ("Maternal depression noted.", "carer", "+"),
    ("She has depression.", "carer", "s"),
    ("Brother self-harms.", "harm", "s"),
    ("Anxiety in her mother.", "carer", "+"),
    ("Family history of depression.", "carer", "+"),
    ("Mum reports self-harm.", "harm", "+"),
    ("She told her mum about self-harm.", "harm", "+"),
    ("According to dad the overdose was planned.", "harm", "+"),
    ("Mum denies self-harm.", "harm", "n"),
    ("Sister on a CPP.", "plan", "+"),
    ("Mother denies depression.", "carer", "n"),
    ("Father's anxiety is known.", "carer", "+"),
];

/// What the rules get wrong: the sentence, the theme, what they say, and what a reader says. Kept so that nobody
/// believes otherwise, and so that a change which mends one shows.
const KNOWN_ERRORS: [(&str, &str, &str, &str); 18] = [
    ("She would self-harm if discharged.", "harm", "+", "not yet"),
    ("Worried that she might self-harm.", "harm", "+", "feared, not done"),
    ("?self-harm", "harm", "+", "in doubt"),
    ("Risk of self-harm is low.", "harm", "+", "a risk, judged low"),
    ("Self-harm at 12, stopped at 14.", "harm", "+", "past"),
    ("In 2016 she took an overdose.", "harm", "+", "past"),
    ("Moved in years ago and is self-harming.", "harm", "h", "now"),
    ("Witnessed by mother cutting her arm.", "harm", "s", "her own"),
    ("Argued with dad, then self-harmed.", "harm", "s", "her own"),
    ("Depression (mother).", "carer", "s", "the mother's"),
    ("Mum said that she herself has depression.", "carer", "s", "the mother's"),
    ("Lives with mother and has low mood.", "mood", "s", "her own"),
    ("No, self-harm is still a problem.", "harm", "n", "self-harms"),
    (
        "Nobody knows about the self-harm.",
        "harm",
        "+",
        "self-harms, rightly counted, though \"nobody\" is read by no rule",
    ),
    ("School did not refer her for self-harm.", "harm", "n", "self-harms"),
    ("Denies that she is at any time at home or school cutting.", "harm", "+", "denied, beyond six words"),
    ("Selfharm, selfharming and slef-harm", "harm", "", "three mentions, spelt in ways no term has"),
    ("Denies low mood\nor suicidal thoughts", "harm", "+", "denied, on the next line"),
];

#[test]
fn sentences_are_read_as_a_clinician_reads_them() {
    let wrong = SENTENCES.iter().filter(|(note, theme, expected)| outcome(note, theme) != *expected);
    let wrong = wrong.map(|(note, theme, expected)| format!("{note} [{theme}] {expected} {}", outcome(note, theme)));
    let wrong = wrong.collect::<Vec<_>>();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn known_errors_are_still_these() {
    for (note, theme, said, reader) in KNOWN_ERRORS {
        assert_eq!(outcome(note, theme), said, "{note}; a reader says: {reader}");
    }
}
