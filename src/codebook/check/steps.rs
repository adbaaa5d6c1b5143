//! Steps of a precedence that can never decide.

use crate::codebook::read::tree::{Read, Section};
use crate::codebook::{Condition, Form, Pattern, Rule, Step, Test, Variable};
use crate::declared::Fault;

/// Steps with more combinations of codes than this are compared as a whole.
const MAX_COMBINATIONS: usize = 4096;

/// `otherwise` is last, and no step is foreseen by those before it.
pub(in crate::codebook) fn check_steps(variable: &Variable, section: &Section<'_, '_>) -> Read<()> {
    let Rule::Precedence { steps } = &variable.rule else { return Ok(()) };
    for (at, step) in steps.iter().enumerate() {
        let place = || section.at(&["precedence", &at.to_string()]);
        if at > 0 && steps[at - 1].when.is_empty() {
            let message = format!("step {} comes after the step with 'otherwise', and is never reached", at + 1);
            return Err(Fault::new(place(), "codebook-unreachable", message, "put the step with 'otherwise' last"));
        }
        let Some(by) = foreseen(&step.when, &steps[..at]) else { continue };
        let message = format!("step {} is never reached: {by} already decides every record it asks for", at + 1);
        let cure = "the first step that holds decides; move this step up, or take it out";
        return Err(Fault::new(place(), "codebook-unreachable", message, cure));
    }
    Ok(())
}

/// Which earlier steps decide everything these conditions ask for, if they do.
fn foreseen(conditions: &[Condition], earlier: &[Step]) -> Option<String> {
    let whole = earlier.iter().position(|step| implies(conditions, step));
    if let Some(step) = whole {
        return Some(format!("step {}", step + 1));
    }
    let combinations = combinations(conditions)?;
    let decided = |combination: &Vec<Condition>| earlier.iter().any(|step| implies(combination, step));
    combinations.iter().all(decided).then(|| "one or another of the steps before it".to_owned())
}

/// The conditions with one code each, in every combination. `None` if there is nothing to take apart, or too much.
fn combinations(conditions: &[Condition]) -> Option<Vec<Vec<Condition>>> {
    let mut combinations = vec![Vec::new()];
    for condition in conditions {
        let tests = match &condition.test {
            Test::Codes(codes) => codes.iter().map(|code| Test::Codes(vec![code.clone()])).collect(),
            test => vec![test.clone()],
        };
        if combinations.len() * tests.len() > MAX_COMBINATIONS {
            return None;
        }
        let extend = |combination: &Vec<Condition>| {
            let with = |test: &Test| {
                let condition = Condition { column: condition.column.clone(), test: test.clone() };
                combination.iter().cloned().chain([condition]).collect::<Vec<_>>()
            };
            tests.iter().map(with).collect::<Vec<_>>()
        };
        combinations = combinations.iter().flat_map(extend).collect();
    }
    (combinations.len() > 1).then_some(combinations)
}

/// Whether the step holds wherever the conditions do.
fn implies(conditions: &[Condition], step: &Step) -> bool {
    !conditions.is_empty()
        && step.when.iter().all(|asked| {
            conditions.iter().any(|known| known.column == asked.column && test_implies(&known.test, &asked.test))
        })
}

/// Whether the second test holds wherever the first does.
fn test_implies(known: &Test, asked: &Test) -> bool {
    match (known, asked) {
        (Test::Codes(inner), Test::Codes(outer)) | (Test::Not(outer), Test::Not(inner)) => all_within(inner, outer),
        (Test::Codes(codes), Test::Not(others)) => {
            !codes.iter().any(|code| others.iter().any(|other| code.overlaps(other)))
        }
        (Test::Codes(codes), Test::Within(interval)) => codes.iter().all(|code| match &code.form {
            Form::Code(text) => text.parse().is_ok_and(|number| interval.holds(number)),
            Form::Prefix(_) | Form::Range { .. } => false,
        }),
        (Test::Within(inner), Test::Within(outer)) => outer.covers(inner),
        (Test::Blank, Test::Blank) => true,
        _ => false,
    }
}

fn all_within(inner: &[Pattern], outer: &[Pattern]) -> bool {
    inner.iter().all(|code| outer.iter().any(|other| other.covers(code)))
}
