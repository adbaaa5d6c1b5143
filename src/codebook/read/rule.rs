//! Reads how a value comes about: levels, a list, bands, a number or a precedence.

use crate::codebook::lists::{self, lists};
use crate::codebook::read::patterns::patterns;
use crate::codebook::read::settings::lookup;
use crate::codebook::read::step::steps;
use crate::codebook::read::tree::{Node, Read, Section, array, key_name, name, one_or_many, text};
use crate::codebook::{Band, Interval, Rule, Target};
use crate::declared::Fault;
use crate::declared::{choice, did_you_mean};
use toml::de::DeValue;

/// The keys that say which rule it is.
pub(in crate::codebook) const RULES: [&str; 5] = ["levels", "list", "bands", "number", "precedence"];
/// The keys that belong to some rules only, and to which.
const OWN_KEYS: [(&str, &[&str]); 10] = [
    ("from", &["levels", "list", "bands", "number"]),
    ("lookup", &["levels", "list"]),
    ("missing", &["levels", "list", "bands", "number"]),
    ("group", &["list"]),
    ("prefix", &["list"]),
    ("gaps", &["bands"]),
    ("order", &["levels", "list", "bands", "precedence"]),
    ("rare", &["levels", "list", "bands", "precedence"]),
    ("reference", &["levels", "list", "bands", "precedence"]),
    ("contrast", &["levels", "list", "bands", "precedence"]),
];

/// The rule of a variable.
pub(in crate::codebook) fn rule(section: &Section<'_, '_>) -> Read<Rule> {
    let kind = kind(section)?;
    if kind == "precedence" {
        let node = section.need(kind, "")?;
        return Ok(Rule::Precedence { steps: steps(node)? });
    }
    let from = name(section.need("from", "write from = and the column it is read from")?, "'from'")?;
    let lookup = section.get("lookup").map(lookup).transpose()?;
    let node = section.need(kind, "")?;
    match kind {
        "levels" => Ok(Rule::Map { from, lookup, targets: targets(node)? }),
        "list" => {
            let (list, group) = (list_name(node)?, section.get("group"));
            let group = group.map(|group| group_name(group, &list)).transpose()?;
            Ok(Rule::List { from, lookup, list, group, prefix: section.flag("prefix")?.unwrap_or(false) })
        }
        "bands" => Ok(Rule::Bands { from, bands: bands(node)?, gaps: gaps(section)? }),
        _ => {
            let (min, max) = number(node)?;
            Ok(Rule::Number { from, min, max })
        }
    }
}

/// Which of the rules it is: exactly one.
fn kind(section: &Section<'_, '_>) -> Read<&'static str> {
    let mut present = RULES.iter().filter(|rule| section.get(rule).is_some());
    let Some(kind) = present.next() else {
        let message = format!("{} has no rule that says how it is read", section.what);
        let cure = format!("write one of {}", choice(RULES));
        return Err(Fault::new(section.place.clone(), "codebook-no-rule", message, cure));
    };
    let at = |key: &str| section.key(key).map_or(section.place.clone(), toml::Spanned::span);
    if let Some(second) = present.next() {
        let message = format!("{} has two rules, '{kind}' and '{second}'", section.what);
        return Err(Fault::new(at(second), "codebook-two-rules", message, "keep one of the two"));
    }
    let misplaced = OWN_KEYS.iter().find(|(key, rules)| section.get(key).is_some() && !rules.contains(kind));
    if let Some((key, rules)) = misplaced {
        let message = format!("'{key}' has no meaning for {}, which is read by '{kind}'", section.what);
        let cure = match (*key, *kind) {
            ("from", _) => "leave it out: the columns are named in each 'when'".to_owned(),
            ("missing", _) => "write a step with missing = and the cause instead of a level".to_owned(),
            _ => format!("leave it out; it belongs to {}", choice(rules.iter().copied())),
        };
        return Err(Fault::new(at(key), "codebook-misplaced-key", message, cure));
    }
    Ok(kind)
}

fn targets(node: &Node<'_>) -> Read<Vec<Target>> {
    let section = Section::of(node, "'levels'")?;
    let targets = section.entries().map(|(key, codes)| {
        let level = key_name(key, "a level")?;
        let codes = patterns(codes, &format!("the level '{level}'"))?;
        Ok(Target { level, codes })
    });
    let targets = targets.collect::<Read<Vec<_>>>()?;
    if targets.is_empty() {
        let cure = "write each level and its codes, such as \"Male\" = \"1\"";
        return Err(Fault::new(node.span(), "codebook-empty", "'levels' names no level", cure));
    }
    Ok(targets)
}

fn list_name(node: &Node<'_>) -> Read<String> {
    let list = text(node, "'list'")?;
    if lists::list(&list).is_some() {
        return Ok(list);
    }
    let known = || lists().iter().map(|list| list.name.as_str());
    let message = format!("'{list}' is not a list of this package{}", did_you_mean(&list, known()));
    Err(Fault::new(node.span(), "codebook-unknown-list", message, format!("the lists are {}", choice(known()))))
}

fn group_name(node: &Node<'_>, list: &str) -> Read<String> {
    let group = text(node, "'group'")?;
    let known = lists::list(list).map(|list| list.groupings.as_slice()).unwrap_or_default();
    if known.contains(&group) {
        return Ok(group);
    }
    let meant = did_you_mean(&group, known.iter().map(String::as_str));
    let message = format!("'{group}' is not a grouping of the list '{list}'{meant}");
    let cure = if known.is_empty() {
        "the list has no groupings; leave 'group' out for a level per code".to_owned()
    } else {
        format!(
            "its groupings are {}; without 'group' there is a level per code",
            choice(known.iter().map(String::as_str))
        )
    };
    Err(Fault::new(node.span(), "codebook-unknown-group", message, cure))
}

fn bands(node: &Node<'_>) -> Read<Vec<Band>> {
    let bands = if let DeValue::Table(_) = node.get_ref() {
        let mut bands = Vec::new();
        for (key, intervals) in Section::of(node, "'bands'")?.entries() {
            let level = key_name(key, "a band")?;
            let items = one_or_many(intervals);
            if items.is_empty() {
                let message = format!("the band '{level}' has no interval, so nothing can be it");
                return Err(Fault::new(
                    intervals.span(),
                    "codebook-empty",
                    message,
                    "write its interval, or leave it out",
                ));
            }
            for item in items {
                bands.push(Band { level: level.clone(), interval: interval(item)? });
            }
        }
        bands
    } else {
        let expected = "a table such as { \"0 to 4\" = \"[0, 5)\" } or an array such as [\"[0, 5)\"]";
        let band = |item| interval(item).map(|interval| Band { level: interval.to_string(), interval });
        array(node, "'bands'", expected)?.iter().map(band).collect::<Read<Vec<_>>>()?
    };
    if bands.is_empty() {
        return Err(Fault::new(
            node.span(),
            "codebook-empty",
            "'bands' names no band",
            "write bands such as \"[0, 5)\"",
        ));
    }
    Ok(bands)
}

/// An interval in quotes.
pub(in crate::codebook) fn interval(node: &Node<'_>) -> Read<Interval> {
    let written = text(node, "an interval")?;
    written.parse().map_err(|why: String| {
        let cure = "a square bracket takes the bound in, a round one leaves it out; \"[18, inf)\" has no end";
        Fault::new(node.span(), "codebook-interval", why, cure)
    })
}

fn gaps(section: &Section<'_, '_>) -> Read<bool> {
    let Some(node) = section.get("gaps") else { return Ok(false) };
    match text(node, "'gaps'")?.as_str() {
        "allow" => Ok(true),
        "refuse" => Ok(false),
        other => Err(crate::codebook::read::tree::unknown_word(
            node,
            "codebook-gap",
            "an answer to gaps",
            other,
            &["allow", "refuse"],
        )),
    }
}

fn number(node: &Node<'_>) -> Read<(Option<f64>, Option<f64>)> {
    let section = Section::of(node, "'number'")?;
    section.only(&["min", "max"])?;
    let (min, max) = (section.number("min")?, section.number("max")?);
    if let (Some(least), Some(most)) = (min, max)
        && least > most
    {
        let message = format!("no number lies between min = {least} and max = {most}");
        let span = section.get("max").map_or(node.span(), Node::span);
        return Err(Fault::new(span, "codebook-interval", message, "swap the two"));
    }
    Ok((min, max))
}
