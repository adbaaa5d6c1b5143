//! A lexicon as text, in one canonical form.

use super::lexicon::{Cues, LISTS, Lexicon, Theme};
use std::fmt::Write;

/// Lines are broken before this many characters.
const WIDTH: usize = 100;

pub(super) fn lexicon(lexicon: &Lexicon) -> String {
    let mut out = String::new();
    said(&mut out, "title", lexicon.title.as_deref());
    said(&mut out, "description", lexicon.description.as_deref());
    for each in &lexicon.themes {
        theme(&mut out, each);
    }
    cues(&mut out, &lexicon.cues);
    out.trim_start().to_owned()
}

fn theme(out: &mut String, theme: &Theme) {
    let _ = writeln!(out, "\n[themes.{}]", key(&theme.name));
    said(out, "label", theme.label.as_deref());
    said(out, "description", theme.description.as_deref());
    said(out, "subject", Some(theme.subject.as_str()));
    said(out, "historical", Some(if theme.count_historical { "count" } else { "exclude" }));
    list(out, "terms", &theme.terms);
    if !theme.not.is_empty() {
        list(out, "not", &theme.not);
    }
}

fn cues(out: &mut String, cues: &Cues) {
    let _ = writeln!(out, "\n[cues]\nwindow = {}", cues.window);
    for (name, phrases) in LISTS.iter().zip(&cues.lists) {
        list(out, name, phrases);
    }
}

fn said(out: &mut String, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        let _ = writeln!(out, "{name} = {}", quoted(text));
    }
}

fn list(out: &mut String, name: &str, phrases: &[String]) {
    let items = phrases.iter().map(|phrase| quoted(phrase)).collect::<Vec<_>>();
    let short = format!("{name} = [{}]", items.join(", "));
    if short.chars().count() <= WIDTH {
        let _ = writeln!(out, "{short}");
        return;
    }
    let _ = writeln!(out, "{name} = [");
    let mut line = String::new();
    for item in items {
        if !line.is_empty() && line.chars().count() + item.chars().count() + 6 > WIDTH {
            let _ = writeln!(out, "   {line}");
            line.clear();
        }
        let _ = write!(line, " {item},");
    }
    let _ = writeln!(out, "   {line}\n]");
}

fn key(name: &str) -> String {
    let bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if bare && !name.is_empty() { name.to_owned() } else { quoted(name) }
}

/// A basic string of TOML on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
