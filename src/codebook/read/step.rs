//! Reads the steps of a precedence.

use crate::codebook::read::patterns::{self, patterns};
use crate::codebook::read::rule::interval;
use crate::codebook::read::tree::{Node, Read, Section, array, key_name, name};
use crate::codebook::{Condition, Step, StepOutcome, Test};
use crate::declared::Fault;
use toml::de::DeValue;

/// The keys of a test that is not a code.
const TESTS: [&str; 3] = ["not", "blank", "within"];

pub(in crate::codebook) fn steps(node: &Node<'_>) -> Read<Vec<Step>> {
    let items = array(node, "'precedence'", "steps, each under [[variables.NAME.precedence]]")?;
    if items.is_empty() {
        let cure = "write each step with a level and a 'when'";
        return Err(Fault::new(node.span(), "codebook-empty", "'precedence' has no steps", cure));
    }
    items.iter().map(step).collect()
}

fn step(node: &Node<'_>) -> Read<Step> {
    let section = Section::of(node, "a step")?;
    section.only(&["level", "missing", "when", "otherwise"])?;
    let outcome = match (section.get("level"), section.get("missing")) {
        (Some(level), None) => StepOutcome::Level(name(level, "'level'")?),
        (None, Some(cause)) => StepOutcome::Missing(name(cause, "'missing'")?),
        (Some(_), Some(cause)) => {
            let message = "a step has both 'level' and 'missing'";
            return Err(Fault::new(cause.span(), "codebook-two-rules", message, "keep one of the two"));
        }
        (None, None) => {
            let message = "a step has neither 'level' nor 'missing'";
            return Err(Fault::new(
                node.span(),
                "codebook-missing-key",
                message,
                "write the level that the step gives",
            ));
        }
    };
    Ok(Step { outcome, when: conditions(&section)? })
}

fn conditions(section: &Section<'_, '_>) -> Read<Vec<Condition>> {
    let otherwise = section.flag("otherwise")?;
    match (section.get("when"), otherwise) {
        (None, Some(true)) => Ok(Vec::new()),
        (Some(when), None | Some(false)) => {
            let columns = Section::of(when, "'when'")?;
            let conditions = columns.entries().map(|(key, test_node)| {
                let column = key_name(key, "a column")?;
                Ok(Condition { test: test(test_node, &column)?, column })
            });
            let conditions = conditions.collect::<Read<Vec<_>>>()?;
            if conditions.is_empty() {
                let cure = "name a column and its code, or write otherwise = true for the last step";
                return Err(Fault::new(when.span(), "codebook-empty", "'when' asks for nothing", cure));
            }
            Ok(conditions)
        }
        (Some(when), Some(true)) => {
            let message = "a step has both 'when' and 'otherwise'";
            Err(Fault::new(when.span(), "codebook-two-rules", message, "keep one of the two"))
        }
        (None, _) => {
            let cure = "write when = { COLUMN = \"code\" }, or otherwise = true for the last step";
            let message = "a step does not say when it holds";
            Err(Fault::new(section.place.clone(), "codebook-missing-key", message, cure))
        }
    }
}

fn test(node: &Node<'_>, column: &str) -> Read<Test> {
    let what = format!("the test of '{column}'");
    let DeValue::Table(table) = node.get_ref() else { return Ok(Test::Codes(patterns(node, &what)?)) };
    if patterns::KEYS.iter().any(|key| table.contains_key(*key)) {
        return Ok(Test::Codes(patterns(node, &what)?));
    }
    let section = Section::of(node, &what)?;
    section.only(&[&TESTS[..], &patterns::KEYS[..]].concat())?;
    if let Some((second, _)) = section.entries().nth(1) {
        let message = format!("{what} asks two things at once");
        let cure = "keep one; a step's columns must all hold, and another step with the same level adds an alternative";
        return Err(Fault::new(second.span(), "codebook-two-rules", message, cure));
    }
    if let Some(codes) = section.get("not") {
        return Ok(Test::Not(patterns(codes, &what)?));
    }
    if let Some(within) = section.get("within") {
        return Ok(Test::Within(interval(within)?));
    }
    match (section.get("blank"), section.flag("blank")?) {
        (Some(_), Some(true)) => Ok(Test::Blank),
        (Some(blank), _) => {
            let cure = "for a cell with a value write { not = [...] } and the codes it must not be";
            Err(Fault::new(blank.span(), "codebook-type", "'blank' can only be true", cure))
        }
        _ => {
            let cure = "write a code, { not = [...] }, { blank = true } or { within = \"[0, 18)\" }";
            Err(Fault::new(node.span(), "codebook-empty", format!("{what} asks for nothing"), cure))
        }
    }
}
