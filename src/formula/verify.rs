//! Checks that only the whole formula allows.

use std::collections::HashMap;

use super::ast::{Atom, Formula, Response, Span, Transform, Variable};
use super::error::Fault;
use super::faults;

pub(super) fn verify(formula: &Formula, right: Span) -> Result<(), Fault> {
    if !formula.intercept && formula.terms.is_empty() && formula.random.is_empty() {
        return Err(faults::nothing_to_estimate(right));
    }
    one_coding_per_column(formula)?;
    response_stays_left(formula)
}

/// All atoms outside offsets; these are always numbers.
fn atoms(formula: &Formula) -> impl Iterator<Item = &Atom> {
    let random = formula.random.iter().flat_map(|random| &random.terms);
    formula.terms.iter().chain(random).flat_map(|term| &term.atoms)
}

/// `x` and `C(x, Sum)` have the same name, so one model cannot have both.
fn one_coding_per_column(formula: &Formula) -> Result<(), Fault> {
    let mut codings: HashMap<&str, &Transform> = HashMap::new();
    for atom in atoms(formula).filter(|atom| !matches!(atom.transform, Transform::Function(_) | Transform::Basis(_))) {
        if *codings.entry(&atom.column).or_insert(&atom.transform) != &atom.transform {
            return Err(faults::conflicting_coding(&atom.column, atom.span));
        }
    }
    Ok(())
}

/// The outcome cannot explain itself. The number of trials is not the outcome and may.
fn response_stays_left(formula: &Formula) -> Result<(), Fault> {
    let outcome = |variable: &Variable| match &formula.response {
        Response::Single(events) | Response::Grouped { events, .. } => variable == events,
        Response::Counts { events, nonevents } => variable == events || variable == nonevents,
    };
    let columns = atoms(formula).chain(&formula.offsets).map(Atom::variable);
    let groups = formula.random.iter().flat_map(|random| random.group.iter().cloned());
    match columns.chain(groups).find(outcome) {
        Some(variable) => Err(faults::response_on_right(&variable.name, variable.span)),
        None => Ok(()),
    }
}
