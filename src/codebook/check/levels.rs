//! Levels that are named but not given, and the order in which they are printed.

use crate::codebook::read::tree::{Read, Section, names};
use crate::codebook::{Rule, Uncovered, Variable};
use crate::declared::{Fault, choice, did_you_mean};
use std::ops::Range;

/// The levels of the variable in printed order.
pub(in crate::codebook) fn ordered_levels(variable: &Variable, section: &Section<'_, '_>) -> Read<Vec<String>> {
    let natural = variable.natural_levels();
    let Some(node) = section.get("order") else { return Ok(natural) };
    let mut order = names(node, "'order'")?;
    let given = variable.given_levels();
    let merged_into = variable.rare.as_ref().map(|rare| &rare.into);
    let elsewhere = match &variable.uncovered {
        Uncovered::Level(level) => Some(level),
        Uncovered::Refuse | Uncovered::Missing => None,
    };
    for (at, level) in order.iter().enumerate() {
        if !given.contains(level) && Some(level) != merged_into && Some(level) != elsewhere {
            let meant = did_you_mean(level, given.iter().map(String::as_str));
            let message = format!("no rule gives the level '{level}' that 'order' names{meant}");
            let cure = format!("the levels are {}", choice(natural.iter().map(String::as_str)));
            return Err(Fault::new(section.at(&["order", &at.to_string()]), "codebook-order", message, cure));
        }
    }
    if let Some(level) = given.iter().find(|level| !order.contains(level)) {
        let message = format!("'order' leaves out the level '{level}'");
        return Err(Fault::new(node.span(), "codebook-order", message, "name every level once"));
    }
    order.extend(
        natural.into_iter().filter(|level| !given.contains(level)).filter(|level| !section_has(section, level)),
    );
    Ok(order)
}

/// Whether `order` names the level.
fn section_has(section: &Section<'_, '_>, level: &str) -> bool {
    let order = section.get("order").and_then(|node| node.get_ref().as_array());
    order.is_some_and(|items| items.iter().any(|item| item.get_ref().as_str() == Some(level)))
}

/// Every level that a setting names is one of the variable's.
pub(in crate::codebook) fn check_levels(variable: &Variable, section: &Section<'_, '_>) -> Read<()> {
    if variable.given_levels().is_empty() && !matches!(variable.rule, Rule::Number { .. }) {
        let (place, why, cure) = match variable.rule {
            Rule::Precedence { .. } => ("precedence", "every step gives a missing value", "write a step with a level"),
            _ => ("missing", "all codes of its list are declared missing", "take codes out of 'missing'"),
        };
        let message = format!("{} has no level: {why}", section.what);
        return Err(Fault::new(section.at(&[place]), "codebook-empty", message, cure));
    }
    if let Some(reference) = &variable.reference {
        known(variable, reference, "the reference", "codebook-unknown-reference", section.at(&["reference"]), "")?;
    }
    if let Uncovered::Level(level) = &variable.uncovered {
        let place = section.at(&["uncovered", "level"]);
        if matches!(variable.rule, Rule::Number { .. }) {
            let cure = "write uncovered = \"missing\", or leave it out to refuse such values";
            return Err(Fault::new(place, "codebook-unknown-level", "a number has no levels", cure));
        }
        let more = "; a level of uncovered values alone must be named in 'order'";
        known(variable, level, "the level of uncovered values", "codebook-unknown-level", place, more)?;
    }
    if let Some(merged) = variable.rare.as_ref().and_then(|rare| rare.merged.as_ref()) {
        for (at, level) in merged.iter().enumerate() {
            let place = section.at(&["rare", "merged", &at.to_string()]);
            known(variable, level, "a merged level", "codebook-unknown-level", place, "")?;
        }
    }
    Ok(())
}

fn known(
    variable: &Variable,
    level: &str,
    role: &str,
    slug: &'static str,
    place: Range<usize>,
    more: &str,
) -> Read<()> {
    if variable.levels.iter().any(|known| known == level) {
        return Ok(());
    }
    let levels = || variable.levels.iter().map(String::as_str);
    let message = format!("{role} '{level}' is not a level of '{}'{}", variable.name, did_you_mean(level, levels()));
    Err(Fault::new(place, slug, message, format!("the levels are {}{more}", choice(levels()))))
}
