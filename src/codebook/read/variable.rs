//! Reads one variable.

use crate::codebook::check::check;
use crate::codebook::check::levels::ordered_levels;
use crate::codebook::read::rule::rule;
use crate::codebook::read::settings::{contrast, missing, rare, uncovered};
use crate::codebook::read::tree::{Node, Read, Section, key_name};
use crate::codebook::{Uncovered, Variable};
use toml::Spanned;
use toml::de::DeString;

/// Every key a variable can have.
const KEYS: [&str; 19] = [
    "label",
    "description",
    "from",
    "levels",
    "list",
    "bands",
    "number",
    "precedence",
    "lookup",
    "group",
    "prefix",
    "gaps",
    "missing",
    "uncovered",
    "rare",
    "contrast",
    "reference",
    "order",
    "clean",
];

/// The variable, checked.
pub(in crate::codebook) fn variable(
    key: &Spanned<DeString<'_>>,
    node: &Node<'_>,
    month: Option<&str>,
) -> Read<Variable> {
    let name = key_name(key, "a variable")?;
    let section = Section { place: key.span(), ..Section::of(node, &format!("variable '{name}'"))? };
    section.only(&KEYS)?;
    let mut variable = Variable {
        name,
        label: section.text("label")?,
        description: section.text("description")?,
        rule: rule(&section)?,
        levels: Vec::new(),
        reference: section.text("reference")?,
        missing: section.get("missing").map(missing).transpose()?.unwrap_or_default(),
        uncovered: section.get("uncovered").map(uncovered).transpose()?.unwrap_or(Uncovered::Refuse),
        rare: section.get("rare").map(rare).transpose()?,
        contrast: section.get("contrast").map(contrast).transpose()?,
        clean: section.flag("clean")?.unwrap_or(true),
    };
    variable.levels = ordered_levels(&variable, &section)?;
    check(&variable, &section, month)?;
    Ok(variable)
}
