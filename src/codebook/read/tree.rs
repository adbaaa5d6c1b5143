//! Typed access to the parsed text: each value is what its key asks for, or there is a complaint at its place.

use crate::declared::Fault;
use crate::declared::{choice, did_you_mean};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A value and its place.
pub(in crate::codebook) type Node<'t> = Spanned<DeValue<'t>>;
/// What a reader gives.
pub(in crate::codebook) type Read<T> = Result<T, Fault>;

/// A table, how a message names it, and where it begins.
#[derive(Clone)]
pub(in crate::codebook) struct Section<'a, 't> {
    pub(in crate::codebook) table: &'a DeTable<'t>,
    pub(in crate::codebook) what: String,
    pub(in crate::codebook) place: Range<usize>,
}

impl<'a, 't> Section<'a, 't> {
    /// The table that a value must be.
    pub(in crate::codebook) fn of(node: &'a Node<'t>, what: &str) -> Read<Self> {
        match node.get_ref() {
            DeValue::Table(table) => Ok(Self { table, what: what.to_owned(), place: node.span() }),
            _ => Err(wrong_type(node, what, "a table")),
        }
    }

    /// The same, with what to write instead.
    pub(in crate::codebook) fn with_cure(node: &'a Node<'t>, what: &str, cure: impl Fn() -> String) -> Read<Self> {
        Self::of(node, what).map_err(|mut fault| {
            fault.add_cure(&cure());
            fault
        })
    }

    /// Complains about the first key that is not among the known ones.
    pub(in crate::codebook) fn only(&self, known: &[&str]) -> Read<()> {
        let Some((key, _)) = self.table.iter().find(|(key, _)| !known.contains(&key.get_ref().as_ref())) else {
            return Ok(());
        };
        let meant = did_you_mean(key.get_ref(), known.iter().copied());
        let cure = format!("the keys of {} are {}", self.what, known.join(", "));
        let message = format!("'{}' is not a key of {}{meant}", key.get_ref(), self.what);
        Err(Fault::new(
            key.span(),
            "codebook-unknown-key",
            message,
            if meant.is_empty() { cure } else { String::new() },
        ))
    }

    pub(in crate::codebook) fn get(&self, key: &str) -> Option<&'a Node<'t>> {
        self.table.get(key)
    }

    /// The key itself, for its place.
    pub(in crate::codebook) fn key(&self, key: &str) -> Option<&'a Spanned<DeString<'t>>> {
        self.table.get_key_value(key).map(|(key, _)| key)
    }

    /// The value of a key that must be there.
    pub(in crate::codebook) fn need(&self, key: &str, cure: &str) -> Read<&'a Node<'t>> {
        self.get(key).ok_or_else(|| {
            Fault::new(self.place.clone(), "codebook-missing-key", format!("{} has no '{key}'", self.what), cure)
        })
    }

    /// Where the value stands that this path of keys and positions leads to, or the last value on the way.
    pub(in crate::codebook) fn at(&self, path: &[&str]) -> Range<usize> {
        self.reached(path).map_or(self.place.clone(), Node::span)
    }

    /// The value that this path leads to, or the last value on the way.
    fn reached(&self, path: &[&str]) -> Option<&'a Node<'t>> {
        let mut node = self.get(path.first()?)?;
        for step in &path[1..] {
            let next = match node.get_ref() {
                DeValue::Table(table) => table.get(*step),
                DeValue::Array(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
                _ => None,
            };
            let Some(next) = next else { break };
            node = next;
        }
        Some(node)
    }

    /// Where a key stands in the table that this path leads to; without it, where the path leads.
    pub(in crate::codebook) fn key_at(&self, path: &[&str], key: &str) -> Range<usize> {
        let found = self.reached(path).and_then(|node| match node.get_ref() {
            DeValue::Table(table) => table.get_key_value(key),
            _ => None,
        });
        found.map_or_else(|| self.at(path), |(key, _)| key.span())
    }

    pub(in crate::codebook) fn text(&self, key: &str) -> Read<Option<String>> {
        self.get(key).map(|node| text(node, &format!("'{key}'"))).transpose()
    }

    pub(in crate::codebook) fn flag(&self, key: &str) -> Read<Option<bool>> {
        self.get(key).map(|node| flag(node, &format!("'{key}'"))).transpose()
    }

    pub(in crate::codebook) fn number(&self, key: &str) -> Read<Option<f64>> {
        self.get(key).map(|node| number(node, &format!("'{key}'"))).transpose()
    }

    pub(in crate::codebook) fn whole(&self, key: &str) -> Read<Option<u64>> {
        self.get(key).map(|node| whole(node, &format!("'{key}'"))).transpose()
    }

    /// The entries of the table, in the order written.
    pub(in crate::codebook) fn entries(
        &self,
    ) -> impl Iterator<Item = (&'a Spanned<DeString<'t>>, &'a Node<'t>)> + use<'a, 't> {
        self.table.iter()
    }
}

pub(in crate::codebook) fn text(node: &Node<'_>, what: &str) -> Read<String> {
    match node.get_ref() {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        _ => Err(wrong_type(node, what, "text in quotes")),
    }
}

/// Text that says something.
pub(in crate::codebook) fn name(node: &Node<'_>, what: &str) -> Read<String> {
    let text = text(node, what)?;
    if text.trim().is_empty() {
        return Err(Fault::new(node.span(), "codebook-empty", format!("{what} is empty"), "write a name"));
    }
    Ok(text)
}

/// A key that says something.
pub(in crate::codebook) fn key_name(key: &Spanned<DeString<'_>>, what: &str) -> Read<String> {
    if key.get_ref().trim().is_empty() {
        return Err(Fault::new(key.span(), "codebook-empty", format!("the name of {what} is empty"), "write a name"));
    }
    Ok(key.get_ref().clone().into_owned())
}

fn flag(node: &Node<'_>, what: &str) -> Read<bool> {
    match node.get_ref() {
        DeValue::Boolean(flag) => Ok(*flag),
        _ => Err(wrong_type(node, what, "true or false, without quotes")),
    }
}

pub(in crate::codebook) fn number(node: &Node<'_>, what: &str) -> Read<f64> {
    let parsed = match node.get_ref() {
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse::<f64>().ok(),
        DeValue::Float(float) => float.as_str().parse().ok(),
        _ => None,
    };
    parsed.filter(|number| number.is_finite()).ok_or_else(|| wrong_type(node, what, "a number"))
}

pub(in crate::codebook) fn whole(node: &Node<'_>, what: &str) -> Read<u64> {
    let parsed = match node.get_ref() {
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().trim_start_matches('+').parse().ok(),
        _ => None,
    };
    parsed.ok_or_else(|| wrong_type(node, what, "a whole number, not negative"))
}

pub(in crate::codebook) fn array<'a, 't>(node: &'a Node<'t>, what: &str, expected: &str) -> Read<&'a [Node<'t>]> {
    match node.get_ref() {
        DeValue::Array(items) => Ok(items),
        _ => Err(wrong_type(node, what, expected)),
    }
}

/// The items of an array, or the value itself as the only one.
pub(in crate::codebook) fn one_or_many<'a, 't>(node: &'a Node<'t>) -> &'a [Node<'t>] {
    match node.get_ref() {
        DeValue::Array(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// The names in an array, each once.
pub(in crate::codebook) fn names(node: &Node<'_>, what: &str) -> Read<Vec<String>> {
    let mut names = Vec::new();
    for item in array(node, what, "an array of texts such as [\"a\", \"b\"]")? {
        let name = name(item, &format!("an entry of {what}"))?;
        if names.contains(&name) {
            let message = format!("'{name}' stands twice in {what}");
            return Err(Fault::new(item.span(), "codebook-duplicate", message, "keep one of the two"));
        }
        names.push(name);
    }
    Ok(names)
}

/// A complaint that a value is not of the expected kind.
pub(in crate::codebook) fn wrong_type(node: &Node<'_>, what: &str, expected: &str) -> Fault {
    let found = match node.get_ref() {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    };
    Fault::new(node.span(), "codebook-type", format!("{what} should be {expected}, and is {found}"), "")
}

/// One of a closed set of words.
pub(in crate::codebook) fn unknown_word(
    node: &Node<'_>,
    slug: &'static str,
    what: &str,
    word: &str,
    known: &[&str],
) -> Fault {
    let meant = did_you_mean(word, known.iter().copied());
    let message = format!("'{word}' is not {what}{meant}");
    Fault::new(node.span(), slug, message, format!("write {}", choice(known.iter().copied())))
}
