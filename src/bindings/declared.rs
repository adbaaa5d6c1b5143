//! What a codebook declares, as dictionaries: enough to say it in words and to draw it up as a table.

use crate::codebook::{
    Cause, Codebook, Condition, Contrast, Form, List, Pattern, Rare, Rule, StepOutcome, Test, Uncovered, Variable,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// What a variable declares.
pub(super) fn variable<'py>(py: Python<'py>, book: &Codebook, variable: &Variable) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let month = book.month.as_deref().filter(|_| variable.has_validity());
    dict.set_item("name", &variable.name)?;
    dict.set_item("label", &variable.label)?;
    dict.set_item("description", &variable.description)?;
    dict.set_item("columns", columns(variable, month))?;
    dict.set_item("months_ignored", variable.has_validity() && month.is_none())?;
    dict.set_item("levels", &variable.levels)?;
    dict.set_item("reference", &variable.reference)?;
    dict.set_item("missing", causes(py, variable)?)?;
    let (uncovered, level) = match &variable.uncovered {
        Uncovered::Refuse => ("refuse", None),
        Uncovered::Missing => ("missing", None),
        Uncovered::Level(level) => ("level", Some(level)),
    };
    dict.set_item("uncovered", uncovered)?;
    dict.set_item("uncovered_level", level)?;
    dict.set_item("rare", variable.rare.as_ref().map(|declared| rare(py, declared)).transpose()?)?;
    dict.set_item("contrast", variable.contrast.as_ref().map(|declared| contrast(py, declared)).transpose()?)?;
    dict.set_item("clean", variable.clean)?;
    rule(&dict, variable)?;
    Ok(dict)
}

/// Every column of the variable, that of months last, each once.
fn columns<'a>(variable: &'a Variable, month: Option<&'a str>) -> Vec<&'a str> {
    let mut columns = variable.sources();
    columns.extend(month.filter(|month| !columns.contains(month)));
    columns
}

/// The rule: its kind, its settings, and its outcomes, each with what leads to it.
fn rule(dict: &Bound<'_, PyDict>, variable: &Variable) -> PyResult<()> {
    let py = dict.py();
    let lookup = match &variable.rule {
        Rule::Map { lookup, .. } | Rule::List { lookup, .. } => lookup.as_ref(),
        _ => None,
    };
    dict.set_item("lookup", lookup.map(|lookup| &lookup.table))?;
    dict.set_item("unmatched", lookup.map(|lookup| lookup.unmatched))?;
    let targets = || {
        let targets = variable.targets();
        targets
            .iter()
            .map(|target| outcome(py, &target.level, false, texts(&target.codes)))
            .collect::<PyResult<Vec<_>>>()
    };
    let (kind, outcomes) = match &variable.rule {
        Rule::Map { .. } => ("map", targets()?),
        Rule::List { list, group, prefix, .. } => {
            dict.set_item("list", list)?;
            dict.set_item("group", group)?;
            dict.set_item("prefix", prefix)?;
            ("list", targets()?)
        }
        Rule::Bands { bands, .. } => {
            let bands = bands.iter().map(|band| outcome(py, &band.level, false, vec![band.interval.to_string()]));
            ("bands", bands.collect::<PyResult<Vec<_>>>()?)
        }
        Rule::Number { min, max, .. } => {
            dict.set_item("min", min)?;
            dict.set_item("max", max)?;
            ("number", Vec::new())
        }
        Rule::Precedence { steps } => {
            let steps = steps.iter().map(|step| {
                let when = step.when.iter().map(condition).collect();
                match &step.outcome {
                    StepOutcome::Level(level) => outcome(py, level, false, when),
                    StepOutcome::Missing(cause) => outcome(py, cause, true, when),
                }
            });
            ("precedence", steps.collect::<PyResult<Vec<_>>>()?)
        }
    };
    dict.set_item("kind", kind)?;
    dict.set_item("rule", outcomes)
}

fn outcome<'py>(py: Python<'py>, outcome: &str, missing: bool, when: Vec<String>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("outcome", outcome)?;
    dict.set_item("missing", missing)?;
    dict.set_item("when", when)?;
    Ok(dict)
}

fn causes<'py>(py: Python<'py>, variable: &Variable) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let text = |cause: &Cause| outcome(py, &cause.cause, true, texts(&cause.codes));
    variable.causes().iter().map(text).collect()
}

fn texts(patterns: &[Pattern]) -> Vec<String> {
    patterns.iter().map(text).collect()
}

/// A code, and the months in which it counts. One that only looks like a pattern stands in quotes.
fn text(pattern: &Pattern) -> String {
    let form = match &pattern.form {
        Form::Code(code) if code.contains('*') || code.contains("..") => format!("\"{code}\""),
        form => form.to_string(),
    };
    match (pattern.from_month, pattern.to_month) {
        (None, None) => form,
        (Some(from), None) => format!("{form} (from month {from})"),
        (None, Some(to)) => format!("{form} (to month {to})"),
        (Some(from), Some(to)) => format!("{form} (months {from} to {to})"),
    }
}

fn condition(condition: &Condition) -> String {
    let column = &condition.column;
    match &condition.test {
        Test::Codes(codes) => format!("{column} is {}", texts(codes).join(" or ")),
        Test::Not(codes) => format!("{column} is not {}", texts(codes).join(" or ")),
        Test::Blank => format!("{column} has no value"),
        Test::Within(interval) => format!("{column} is in {interval}"),
    }
}

fn rare<'py>(py: Python<'py>, rare: &Rare) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("below", rare.below)?;
    dict.set_item("share", rare.share)?;
    dict.set_item("into", &rare.into)?;
    dict.set_item("merged", &rare.merged)?;
    Ok(dict)
}

/// The contrast in the form that `contrasts=` takes.
fn contrast<'py>(py: Python<'py>, contrast: &Contrast) -> PyResult<Bound<'py, PyAny>> {
    let dict = PyDict::new(py);
    match contrast {
        Contrast::Named(name) => return Ok(name.into_pyobject(py)?.into_any()),
        Contrast::Polynomial(scores) => dict.set_item("polynomial", scores)?,
        Contrast::Hypotheses(hypotheses) if hypotheses.iter().all(|(label, text)| label == text) => {
            return Ok(hypotheses.iter().map(|(_, text)| text).collect::<Vec<_>>().into_pyobject(py)?.into_any());
        }
        Contrast::Hypotheses(hypotheses) => {
            hypotheses.iter().try_for_each(|(label, text)| dict.set_item(label, text))?;
        }
    }
    Ok(dict.into_any())
}

/// A code list.
pub(super) fn code_list<'py>(py: Python<'py>, list: &List) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("name", &list.name)?;
    dict.set_item("title", &list.title)?;
    dict.set_item("field", &list.field)?;
    dict.set_item("source", &list.source)?;
    dict.set_item("version", &list.version)?;
    dict.set_item("url", &list.url)?;
    dict.set_item("note", &list.note)?;
    dict.set_item("groupings", &list.groupings)?;
    let codes = list.codes.iter().map(|code| {
        let dict = PyDict::new(py);
        dict.set_item("code", &code.code)?;
        dict.set_item("label", &code.label)?;
        dict.set_item("groups", &code.groups)?;
        dict.set_item("from_month", code.from_month)?;
        dict.set_item("to_month", code.to_month)?;
        Ok(dict)
    });
    dict.set_item("codes", codes.collect::<PyResult<Vec<_>>>()?)?;
    let missing = list.missing.iter().map(|missing| {
        let dict = PyDict::new(py);
        dict.set_item("code", &missing.code)?;
        dict.set_item("cause", &missing.cause)?;
        Ok(dict)
    });
    dict.set_item("missing", missing.collect::<PyResult<Vec<_>>>()?)?;
    Ok(dict)
}
