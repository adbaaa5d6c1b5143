//! Reads the settings of a variable that are not its rule.

use crate::codebook::read::patterns::patterns;
use crate::codebook::read::tree::{
    Node, Read, Section, key_name, name, names, number, one_or_many, text, unknown_word, wrong_type,
};
use crate::codebook::{Cause, Contrast, Lookup, Rare, Uncovered};
use crate::declared::Fault;
use toml::de::DeValue;

/// The codings that have a name.
const CONTRASTS: [&str; 8] =
    ["treatment", "sum", "helmert", "polynomial", "successive", "backward", "forward", "simple"];
/// Share of values without an entry in a look-up table above which the table is taken for the wrong one.
const UNMATCHED: f64 = 0.01;

pub(in crate::codebook) fn lookup(node: &Node<'_>) -> Read<Lookup> {
    let cure = || format!("write lookup = {{ table = {} }}", quoted(node, "the name of the table"));
    let section = Section::with_cure(node, "'lookup'", cure)?;
    section.only(&["table", "unmatched"])?;
    let table =
        name(section.need("table", "name the table that is handed over when the codebook is applied")?, "'table'")?;
    let unmatched = section.number("unmatched")?.unwrap_or(UNMATCHED);
    if !(0.0..=1.0).contains(&unmatched) {
        return Err(share(section.get("unmatched").unwrap_or(node), "'unmatched'"));
    }
    Ok(Lookup { table, unmatched })
}

pub(in crate::codebook) fn missing(node: &Node<'_>) -> Read<Vec<Cause>> {
    let cure = || format!("write the cause before the code: missing = {{ \"Not known\" = {} }}", quoted(node, "Z"));
    let section = Section::with_cure(node, "'missing'", cure)?;
    let causes = section.entries().map(|(key, codes)| {
        let cause = key_name(key, "a cause")?;
        let codes = patterns(codes, &format!("the cause '{cause}'"))?;
        Ok(Cause { cause, codes })
    });
    causes.collect()
}

pub(in crate::codebook) fn uncovered(node: &Node<'_>) -> Read<Uncovered> {
    if let DeValue::Table(_) = node.get_ref() {
        let section = Section::of(node, "'uncovered'")?;
        section.only(&["level"])?;
        let level = section.need("level", "write uncovered = { level = \"Other\" }")?;
        return Ok(Uncovered::Level(name(level, "'level'")?));
    }
    match text(node, "'uncovered'")?.as_str() {
        "refuse" => Ok(Uncovered::Refuse),
        "missing" => Ok(Uncovered::Missing),
        other => {
            let mut fault = unknown_word(
                node,
                "codebook-uncovered",
                "a policy for what is not covered",
                other,
                &["refuse", "missing"],
            );
            fault.add_cure(&format!("; for a level write uncovered = {{ level = \"{other}\" }}"));
            Err(fault)
        }
    }
}

pub(in crate::codebook) fn rare(node: &Node<'_>) -> Read<Rare> {
    let section = Section::with_cure(node, "'rare'", || "write rare = { below = 10, into = \"Other\" }".to_owned())?;
    section.only(&["below", "share", "into", "merged"])?;
    let into =
        name(section.need("into", "name the level that takes the rare ones, such as into = \"Other\"")?, "'into'")?;
    let (below, least) = (section.whole("below")?, section.number("share")?);
    let merged = section.get("merged").map(|merged| names(merged, "'merged'")).transpose()?;
    if below.is_none() && least.is_none() {
        let cure = "write below = 10 for a number of rows, or share = 0.01";
        let message = "'rare' does not say which levels are rare";
        return Err(Fault::new(node.span(), "codebook-rare", message, cure));
    }
    if below == Some(0) {
        let span = section.get("below").map_or(node.span(), Node::span);
        return Err(Fault::new(
            span,
            "codebook-rare",
            "no level has fewer than 0 rows",
            "write a number of at least 1",
        ));
    }
    if least.is_some_and(|share| !(share > 0.0 && share <= 1.0)) {
        return Err(share(section.get("share").unwrap_or(node), "'share'"));
    }
    Ok(Rare { below, share: least, into, merged })
}

pub(in crate::codebook) fn contrast(node: &Node<'_>) -> Read<Contrast> {
    match node.get_ref() {
        DeValue::String(word) if CONTRASTS.contains(&word.as_ref()) => Ok(Contrast::Named(word.clone().into_owned())),
        DeValue::String(word) => Err(unknown_word(node, "codebook-unknown-contrast", "a contrast", word, &CONTRASTS)),
        DeValue::Array(_) => {
            let hypotheses =
                names(node, "'contrast'")?.into_iter().map(|text| (text.clone(), text)).collect::<Vec<_>>();
            some(hypotheses, node)
        }
        DeValue::Table(table) => {
            if let Some(scores) = table.get("polynomial").filter(|scores| matches!(scores.get_ref(), DeValue::Array(_)))
            {
                Section::of(node, "'contrast'")?.only(&["polynomial"])?;
                return polynomial(scores);
            }
            let hypotheses = Section::of(node, "'contrast'")?.entries().map(|(key, text)| {
                Ok((key_name(key, "a comparison")?, name(text, &format!("the comparison '{}'", key.get_ref()))?))
            });
            some(hypotheses.collect::<Read<Vec<_>>>()?, node)
        }
        _ => Err(wrong_type(node, "'contrast'", "a name, comparisons or { polynomial = [...] }")),
    }
}

fn some(hypotheses: Vec<(String, String)>, node: &Node<'_>) -> Read<Contrast> {
    if hypotheses.is_empty() {
        let cure = "write a comparison such as \"A - B\", or leave 'contrast' out";
        return Err(Fault::new(node.span(), "codebook-empty", "'contrast' names no comparison", cure));
    }
    Ok(Contrast::Hypotheses(hypotheses))
}

fn polynomial(node: &Node<'_>) -> Read<Contrast> {
    let mut scores = Vec::new();
    for item in one_or_many(node) {
        let score = number(item, "a score")?;
        if scores.last().is_some_and(|&last| score <= last) {
            let message = format!("the score {score} is not above the one before it");
            let cure = "scores must increase with the levels; 'order' puts the levels in another order";
            return Err(Fault::new(item.span(), "codebook-scores", message, cure));
        }
        scores.push(score);
    }
    Ok(Contrast::Polynomial(scores))
}

/// The text that stands there, or another in its place, in quotes.
fn quoted(node: &Node<'_>, otherwise: &str) -> String {
    let text = match node.get_ref() {
        DeValue::String(text) => text.as_ref(),
        _ => otherwise,
    };
    format!("\"{text}\"")
}

fn share(node: &Node<'_>, what: &str) -> Fault {
    let message = format!("{what} is a share of the rows and must lie between 0 and 1");
    Fault::new(node.span(), "codebook-share", message, "1 per cent is 0.01")
}
