//! Random terms: `||` and `a/b` split, repeats dropped, contradictions refused (Bates et al. 2015, table 2).

use super::ast::{RandomTerm, Term, Variable};
use super::error::Fault;
use super::expand::{Expander, MAX_TERMS, Place};
use super::faults;
use super::tree::Bar;

pub(super) fn expand(expander: &mut Expander<'_>) -> Result<Vec<RandomTerm>, Fault> {
    let mut all = Vec::new();
    for bar in std::mem::take(&mut expander.bars) {
        let set = expander.evaluate(&bar.effects, Place::Effects)?;
        let terms = expander.terms(&set);
        let intercept = set.intercept.unwrap_or(true);
        if !intercept && terms.is_empty() {
            return Err(faults::nothing_varies(bar.span));
        }
        for (intercept, terms) in blocks(bar, intercept, terms) {
            for group in &bar.groups {
                let group = group.clone();
                let random = RandomTerm { intercept, terms: terms.clone(), group, span: bar.span };
                push(&mut all, random)?;
            }
        }
    }
    Ok(all)
}

/// The effects that share a covariance matrix: all of them, or with `||` each on its own.
fn blocks(bar: &Bar, intercept: bool, terms: Vec<Term>) -> Vec<(bool, Vec<Term>)> {
    if !bar.double {
        return vec![(intercept, terms)];
    }
    let first = intercept.then(|| (true, Vec::new()));
    first.into_iter().chain(terms.into_iter().map(|term| (false, vec![term]))).collect()
}

fn push(all: &mut Vec<RandomTerm>, random: RandomTerm) -> Result<(), Fault> {
    for earlier in all.iter().filter(|earlier| same_columns(&earlier.group, &random.group)) {
        if earlier.intercept == random.intercept && same_terms(&earlier.terms, &random.terms) {
            return Ok(());
        }
        let shared_term = random.terms.iter().find(|term| contains(&earlier.terms, term));
        if (earlier.intercept && random.intercept) || shared_term.is_some() {
            let what = shared_term.map_or("the intercept".to_owned(), |term| format!("`{}`", term.name()));
            return Err(faults::contradictory_random_terms(&what, &random));
        }
    }
    if all.len() == MAX_TERMS {
        return Err(faults::too_many_terms(random.span));
    }
    all.push(random);
    Ok(())
}

/// `a:b` and `b:a` are the same groups.
fn same_columns(left: &[Variable], right: &[Variable]) -> bool {
    left.len() == right.len() && left.iter().all(|variable| right.contains(variable))
}

fn same_terms(left: &[Term], right: &[Term]) -> bool {
    left == right || (left.len() == right.len() && left.iter().all(|term| contains(right, term)))
}

/// `a:b` and `b:a` are the same term.
fn contains(terms: &[Term], wanted: &Term) -> bool {
    terms
        .iter()
        .any(|term| term.atoms.len() == wanted.atoms.len() && term.atoms.iter().all(|atom| wanted.atoms.contains(atom)))
}
