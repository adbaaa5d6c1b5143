//! The text of a lexicon to themes and cues, with every complaint at its place.

use super::lexicon::{Cues, LISTS, Lexicon, Subject, Theme};
use super::phrase::Phrase;
use crate::declared::{Fault, did_you_mean};
use crate::error::{Kind, Result};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

type Key<'t> = Spanned<DeString<'t>>;
type Node<'t> = Spanned<DeValue<'t>>;
type Read<T> = std::result::Result<T, Fault>;

/// Words that a cue can reach at most: sentences are shorter.
const WIDEST: usize = 100;

pub(super) fn lexicon(text: &str, name: &str) -> Result<Lexicon> {
    whole(text).map_err(|faults| Fault::report(faults, Kind::Lexicon, text, name))
}

/// The cues that the crate comes with.
pub(super) fn cues(text: &str) -> std::result::Result<Cues, Vec<Fault>> {
    let table = parsed(text).map_err(|fault| vec![fault])?;
    let empty = Cues { window: 0, lists: Default::default() };
    let cues = settle(empty, table.get_ref()).map_err(|fault| vec![fault])?;
    Ok(cues)
}

fn parsed(text: &str) -> Read<Spanned<DeTable<'_>>> {
    DeTable::parse(text).map_err(|error| {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        Fault::new(error.span().unwrap_or_default(), "lexicon-syntax", message, "texts stand in quotes, lists in [ ]")
    })
}

/// Collects the complaints about all themes, so that a file is mended in one go.
fn whole(text: &str) -> std::result::Result<Lexicon, Vec<Fault>> {
    let document = parsed(text).map_err(|fault| vec![fault])?;
    let table = document.get_ref();
    let mut faults = Vec::new();
    let mut keep = |fault: Fault| faults.push(fault);
    let _ = only(table, "a lexicon", &["title", "description", "themes", "cues"]).map_err(&mut keep);
    let title = said(table, "title").map_err(&mut keep).unwrap_or_default();
    let description = said(table, "description").map_err(&mut keep).unwrap_or_default();
    let cues = table.get("cues").map(|node| inside(node, "'cues'").and_then(|table| settle(Cues::default(), table)));
    let cues = cues.unwrap_or_else(|| Ok(Cues::default())).map_err(&mut keep).unwrap_or_default();
    let themes = match table.get("themes").map(|node| inside(node, "'themes'")) {
        Some(Ok(table)) if !table.is_empty() => {
            table.iter().filter_map(|(key, node)| theme(key, node).map_err(&mut keep).ok()).collect()
        }
        Some(Err(fault)) => {
            keep(fault);
            Vec::new()
        }
        _ => {
            let cure = "begin one with a line such as [themes.self_harm] and its terms = [\"self-harm*\"]";
            keep(Fault::new(0..0, "lexicon-no-theme", "the lexicon has no theme", cure));
            Vec::new()
        }
    };
    if faults.is_empty() { Ok(Lexicon { title, description, themes, cues }) } else { Err(faults) }
}

fn theme(key: &Key<'_>, node: &Node<'_>) -> Read<Theme> {
    let name = key.get_ref().clone().into_owned();
    if name.trim().is_empty() {
        return Err(Fault::new(key.span(), "lexicon-empty", "the name of a theme is empty", "write a name"));
    }
    let what = format!("theme '{name}'");
    let table = inside(node, &what)?;
    only(table, &what, &["label", "description", "terms", "not", "subject", "historical"])?;
    let Some(terms) = table.get("terms") else {
        let cure = "write terms = [\"...\"] with the phrases that mention it";
        return Err(Fault::new(key.span(), "lexicon-no-terms", format!("{what} has no 'terms'"), cure));
    };
    let terms = phrases(terms, "'terms'")?;
    if terms.is_empty() {
        return Err(Fault::new(key.span(), "lexicon-no-terms", format!("{what} has no term"), "write one"));
    }
    let not = table.get("not").map(|node| phrases(node, "'not'")).transpose()?.unwrap_or_default();
    let subjects = [Subject::Patient, Subject::Family, Subject::Any].map(|subject| (subject.as_str(), subject));
    Ok(Theme {
        name,
        label: said(table, "label")?,
        description: said(table, "description")?,
        terms,
        not,
        subject: word(table, "subject", &subjects)?.unwrap_or_default(),
        count_historical: word(table, "historical", &[("exclude", false), ("count", true)])?.unwrap_or_default(),
    })
}

/// Cues as declared: a list replaces the one there is, and `add` and `drop` change it.
fn settle(mut cues: Cues, table: &DeTable<'_>) -> Read<Cues> {
    only(table, "'cues'", &[&["window", "add", "drop"], &LISTS[..]].concat())?;
    if let Some(node) = table.get("window") {
        let number = match node.get_ref() {
            DeValue::Integer(number) => number.as_str().parse().ok().filter(|number| (1..=WIDEST).contains(number)),
            _ => None,
        };
        let cure = format!("it is how many words a cue reaches: 1 to {WIDEST}");
        let message = "'window' is not such a number";
        cues.window = number.ok_or_else(|| Fault::new(node.span(), "lexicon-window", message, cure))?;
    }
    for (name, list) in LISTS.iter().zip(&mut cues.lists) {
        if let Some(node) = table.get(*name) {
            *list = phrases(node, &format!("'{name}'"))?;
        }
    }
    for action in ["add", "drop"] {
        let Some(node) = table.get(action) else { continue };
        let what = format!("'cues.{action}'");
        let changes = inside(node, &what)?;
        only(changes, &what, &LISTS)?;
        for (name, list) in LISTS.iter().zip(&mut cues.lists) {
            let Some(node) = changes.get(*name) else { continue };
            for (phrase, place) in phrases(node, &format!("'{name}'"))?.into_iter().zip(places(node)) {
                let held = list.iter().position(|held| same(held, &phrase));
                match (held, action) {
                    (None, "add") => list.push(phrase),
                    (Some(at), "drop") => drop(list.remove(at)),
                    (Some(_), _) => {
                        let message = format!("'{phrase}' stands in '{name}' already");
                        return Err(Fault::new(place, "lexicon-duplicate", message, "leave it out here"));
                    }
                    (None, _) => {
                        let message = format!("'{phrase}' is not in '{name}'");
                        return Err(Fault::new(place, "lexicon-not-there", message, "leave it out here"));
                    }
                }
            }
        }
    }
    unambiguous(&cues, table)?;
    Ok(cues)
}

/// A phrase that is declared to be no cue must not be declared a cue.
fn unambiguous(cues: &Cues, table: &DeTable<'_>) -> Read<()> {
    let pseudo = LISTS.iter().position(|name| *name == "pseudo").map_or(&[][..], |at| &cues.lists[at]);
    for (name, list) in LISTS.iter().zip(&cues.lists).filter(|(name, _)| **name != "pseudo") {
        if let Some(phrase) = list.iter().find(|phrase| pseudo.iter().any(|other| same(other, phrase))) {
            let place = [*name, "pseudo", "add"].into_iter().find_map(|key| Some(table.get_key_value(key)?.0.span()));
            let message = format!("'{phrase}' stands in '{name}' and in 'pseudo', which says that it is no cue");
            let cure = format!("take it out of one, for example with drop = {{ pseudo = [\"{phrase}\"] }}");
            return Err(Fault::new(place.unwrap_or_default(), "lexicon-ambiguous-cue", message, cure));
        }
    }
    Ok(())
}

fn same(one: &str, other: &str) -> bool {
    one == other || Phrase::read(one).is_ok_and(|one| Phrase::read(other).is_ok_and(|other| one == other))
}

/// Phrases that can be searched for, each once.
fn phrases(node: &Node<'_>, what: &str) -> Read<Vec<String>> {
    let DeValue::Array(items) = node.get_ref() else {
        return Err(wrong(node, what, "a list such as [\"a\", \"b c\"]"));
    };
    let mut read: Vec<(Phrase, String)> = Vec::new();
    for item in items {
        let text = text(item, &format!("an entry of {what}"))?;
        let phrase = Phrase::read(&text)
            .map_err(|(fault, cure)| Fault::new(item.span(), "lexicon-phrase", format!("'{text}' {fault}"), cure))?;
        if let Some((_, other)) = read.iter().find(|(other, _)| *other == phrase) {
            let message = format!("'{text}' stands in {what} already, as '{other}'");
            let cure = "case, hyphens and possessives make no difference: keep one of the two";
            return Err(Fault::new(item.span(), "lexicon-duplicate", message, cure));
        }
        read.push((phrase, text));
    }
    Ok(read.into_iter().map(|(_, text)| text).collect())
}

fn places(node: &Node<'_>) -> Vec<Range<usize>> {
    match node.get_ref() {
        DeValue::Array(items) => items.iter().map(Spanned::span).collect(),
        _ => Vec::new(),
    }
}

fn inside<'a, 't>(node: &'a Node<'t>, what: &str) -> Read<&'a DeTable<'t>> {
    node.get_ref().as_table().ok_or_else(|| wrong(node, what, "a table"))
}

fn only(table: &DeTable<'_>, what: &str, known: &[&str]) -> Read<()> {
    let Some((key, _)) = table.iter().find(|(key, _)| !known.contains(&key.get_ref().as_ref())) else { return Ok(()) };
    let meant = did_you_mean(key.get_ref(), known.iter().copied());
    let message = format!("'{}' is not a key of {what}{meant}", key.get_ref());
    Err(Fault::new(key.span(), "lexicon-unknown-key", message, format!("the keys of {what} are {}", known.join(", "))))
}

fn said(table: &DeTable<'_>, key: &str) -> Read<Option<String>> {
    table.get(key).map(|node| text(node, &format!("'{key}'"))).transpose()
}

fn text(node: &Node<'_>, what: &str) -> Read<String> {
    node.get_ref().as_str().map(str::to_owned).ok_or_else(|| wrong(node, what, "text in quotes"))
}

/// One of a few words, by what it stands for.
fn word<T: Copy>(table: &DeTable<'_>, key: &str, known: &[(&str, T)]) -> Read<Option<T>> {
    let Some(node) = table.get(key) else { return Ok(None) };
    let text = text(node, &format!("'{key}'"))?;
    let names = known.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    known.iter().find(|(name, _)| *name == text).map(|(_, value)| Some(*value)).ok_or_else(|| {
        let message = format!("'{text}' is no choice of '{key}'{}", did_you_mean(&text, names.iter().copied()));
        Fault::new(node.span(), "lexicon-choice", message, format!("the choices are {}", names.join(", ")))
    })
}

fn wrong(node: &Node<'_>, what: &str, expected: &str) -> Fault {
    let found = node.get_ref().type_str();
    Fault::new(node.span(), "lexicon-type", format!("{what} should be {expected}, and is of type {found}"), "")
}
