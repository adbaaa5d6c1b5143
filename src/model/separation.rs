//! Separation on the result: which coefficients have no finite estimate, which cells show it, and the words for it.

use super::fit::Fit;
use crate::coding::Factor;
use crate::design::AtomSpec;
use crate::diagnostic::Finding;
use crate::likelihood::Problem;
use crate::optimise::Separation;
use std::ops::Range;

/// A level whose outcomes are all alike.
#[derive(Debug, Clone, PartialEq)]
pub struct OneSidedCell {
    /// Term of the formula.
    pub term: String,
    /// Its column of the data.
    pub column: String,
    /// The level.
    pub level: String,
    /// Records, or trials, with it.
    pub n: f64,
    /// Events among them: none or all.
    pub events: f64,
    /// Whether every coefficient of the term is a comparison with this level.
    reference: bool,
    /// Whether the coefficient is the level's own.
    own: bool,
    /// Columns of the term.
    columns: Range<usize>,
}

impl Fit {
    /// Levels of main effects with no event, or with nothing else.
    pub fn one_sided_cells(&self) -> Vec<OneSidedCell> {
        let mut cells = Vec::new();
        for term in &self.design.terms {
            let [AtomSpec::Factor { index, full }] = term.atoms.as_slice() else { continue };
            let factor: &Factor = &self.design.factors[*index];
            for (level, count) in self.counts[*index].iter().enumerate() {
                if count.n <= 0.0 || (count.events > 0.0 && count.events < count.n) {
                    continue;
                }
                cells.push(OneSidedCell {
                    term: term.name.clone(),
                    column: factor.column.clone(),
                    level: factor.levels[level].clone(),
                    n: count.n,
                    events: count.events,
                    reference: level == factor.reference && !*full,
                    own: factor.contrast.has_reference() || *full,
                    columns: term.start..term.start + term.width,
                });
            }
        }
        cells
    }
}

/// Coefficients without a finite estimate, as positions in `beta`: those of the separation by the fixed effects, and those that
/// ran off for another reason.
///
/// Groups can separate what the fixed effects do not, and no certificate covers that. At the tolerance of 1e-8 a separated
/// indicator stops near |β| = 20 with a standard error near 10⁴; a real effect with |β| > 10 per unit of its largest value has
/// data to support it and a standard error far below 40.
pub(super) fn diverging(problem: &Problem, fit: &Fit) -> Vec<usize> {
    const BETA: f64 = 10.0;
    const ERROR: f64 = 40.0;
    if fit.penalised_log_likelihood.is_some() {
        return Vec::new();
    }
    let p = problem.coefficients();
    let mut largest = vec![0.0f64; p];
    let mut row = vec![0.0; p];
    for pattern in 0..problem.x.patterns {
        problem.x.write_row(pattern, &mut row);
        largest.iter_mut().zip(&row).for_each(|(l, x)| *l = l.max(x.abs()));
    }
    let certified = |c: usize| fit.separation.iter().flat_map(|s| &s.coefficients).any(|(k, _)| *k == c);
    let error = |c: usize| fit.covariance[c * fit.free.len() + c].max(0.0).sqrt() * largest[c];
    let ran_off = |c: usize| fit.beta[c].abs() * largest[c] > BETA && error(c) > ERROR;
    (0..p).filter(|&c| certified(c) || ran_off(c)).collect()
}

/// Cells without events (or with nothing else), and coefficients that run off to infinity for another reason.
pub(super) fn separation(fit: &Fit, found: &mut Vec<Finding>) {
    let mut explained = Vec::new();
    for cell in fit.one_sided_cells() {
        found.push(Finding::warning("separation", format!("{}[{}]", cell.column, cell.level), in_words(fit, &cell)));
        explained.extend(cell.columns);
    }
    let without =
        fit.separation.iter().flat_map(|s| s.coefficients.iter().map(|(c, _)| *c)).chain(fit.diverging.clone());
    let mut others = without.map(|c| fit.estimated[c]).collect::<Vec<_>>();
    others.sort_unstable();
    others.dedup();
    let constant = |c: usize| c == 0 && fit.design.intercept && !explained.is_empty();
    others.retain(|&c| !explained.contains(&c) && !constant(c));
    if let Some(Separation { complete: true, trials, .. }) = &fit.separation {
        let message = format!(
            "The covariates predict every one of the {trials} outcomes without error (complete separation), so the likelihood has no maximum and no coefficient has a finite estimate. {}.",
            cure(fit, "Leave out covariates, or merge sparse levels")
        );
        found.push(Finding::warning("separation", "fit", message));
        return;
    }
    for column in others {
        let name = &fit.design.names[column];
        let message = format!(
            "The estimate of '{name}' runs off to infinity: together with the rest of the model it separates events from non-events perfectly. {}.",
            cure(
                fit,
                "Its odds ratio is infinite or zero and has no interval; simplify the model (covariates or random effects) or merge sparse levels"
            )
        );
        found.push(Finding::warning("separation", name, message));
    }
}

/// What to do, or that it has been done.
fn cure(fit: &Fit, without_penalty: &str) -> String {
    if fit.penalised_log_likelihood.is_some() {
        "That is what maximum likelihood would give; the penalty keeps this estimate finite, and its interval should come from the profile of the penalised likelihood".to_string()
    } else {
        format!("{without_penalty}; penalty='jeffreys' gives finite estimates")
    }
}

fn in_words(fit: &Fit, cell: &OneSidedCell) -> String {
    let (what, extreme, others) = if cell.events > 0.0 {
        ("Every outcome is an event", "infinite", "zero")
    } else {
        ("There is no event", "zero", "infinite")
    };
    let end = if !cell.own {
        "Coefficients of this term that involve the level have no finite value; merge it with a similar one, or leave its records out".to_string()
    } else if cell.reference {
        format!(
            "As it is the reference level, every other odds ratio of this term is {others}; choose another reference level or merge it with a similar one"
        )
    } else {
        format!(
            "Its odds ratio is {extreme}, and has no interval; merge the level with a similar one, or leave its records out"
        )
    };
    format!(
        "{what} among the {} {} of '{}' = '{}' (separation). {}.",
        cell.n,
        if fit.response.grouped { "trials" } else { "records" },
        cell.column,
        cell.level,
        cure(fit, &end)
    )
}
