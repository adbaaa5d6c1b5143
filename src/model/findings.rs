//! What a reader of the fit should know, in words.

use super::fit::Fit;
use super::prepare::FitOptions;
use super::runaway::runaway;
use super::separation::separation;
use crate::coding::{Contrast, Factor};
use crate::design::{Alias, AtomSpec};
use crate::diagnostic::Finding;
use crate::formula::Transform;
use crate::formula::parse;
use crate::likelihood::MOST_EFFECTS;
use crate::settings::Points;

/// Below this many groups the variance between them is hardly known (a borough is a poor random effect).
const FEW_GROUPS: usize = 10;

/// Groups with no more records than this in the median, for a yes/no outcome, are where Laplace's method is known to fail
/// (Joe 2008, *Comput Stat Data Anal* 52:5066): it underestimates the variance between them.
const SMALL_GROUPS: f64 = 5.0;

/// |correlation| above this counts as a perfect one.
const PERFECT: f64 = 0.9999;

/// All findings about a fit; `spreads` are the largest SD of each grouping factor on the linear predictor.
pub(super) fn findings(fit: &Fit, aliased: &[Alias], options: &FitOptions, spreads: &[f64]) -> Vec<Finding> {
    let mut found = Vec::new();
    not_converged(fit, &mut found);
    penalised(fit, &mut found);
    for (index, factor) in fit.design.factors.iter().enumerate() {
        reference(fit, factor, options, &mut found);
        contrast(fit, index, &mut found);
        unused(factor, &mut found);
    }
    redundant(fit, aliased, &mut found);
    separation(fit, &mut found);
    groups(fit, &mut found);
    let ran_off = runaway(fit, spreads, &mut found);
    integration(fit, ran_off, &mut found);
    boundary(fit, &mut found);
    found
}

fn not_converged(fit: &Fit, found: &mut Vec<Finding>) {
    if fit.converged {
        return;
    }
    if fit.certificate < fit.settings.tolerance && !fit.flat.is_empty() {
        let p = fit.beta.len();
        let theta = fit.theta_names();
        let name = |&k: &usize| if k < p { fit.design.names[fit.estimated[k]].clone() } else { theta[k - p].clone() };
        let names = fit.flat.iter().map(name).collect::<Vec<_>>().join(", ");
        let message = format!(
            "The likelihood is flat along {names}: the data say nothing about {}, so values and standard errors there mean nothing. Remove an effect behind it; look for columns that are zero or repeat each other.",
            if fit.flat.len() == 1 { "this parameter" } else { "this combination of parameters" }
        );
        found.push(Finding::warning("not-identified", "fit", message));
        return;
    }
    let message = format!(
        "The search stopped after {} evaluations before it could certify a maximum: the deviance could still drop by {:.2e}, and the tolerance is {:.0e}. Do not report these estimates; look at the other findings, scale the covariates, or simplify the random effects.",
        fit.trace.len(),
        fit.certificate,
        fit.settings.tolerance
    );
    found.push(Finding::warning("not-converged", "fit", message));
}

/// Wald's intervals are what every table shows, and they are not what a penalised fit should be reported with.
fn penalised(fit: &Fit, found: &mut Vec<Finding>) {
    if fit.penalised_log_likelihood.is_none() {
        return;
    }
    let message = "Estimates maximise the likelihood with Jeffreys' penalty, so they are finite whatever the data and drawn a little towards zero. Intervals and p-values in tables are of Wald's kind; report those of penalised_intervals(), which follow the profile of the penalised likelihood.";
    found.push(Finding::note("penalised", "fit", message));
}

/// A reference level that nobody chose is named, because sorted order is an accident of spelling.
fn reference(fit: &Fit, factor: &Factor, options: &FitOptions, found: &mut Vec<Finding>) {
    let stated =
        factor.declared || options.coding.references.contains_key(&factor.column) || stated_in_formula(fit, factor);
    let coded =
        |a: &AtomSpec| matches!(a, AtomSpec::Factor { index, full: false } if fit.design.factors[*index] == *factor);
    let has_reference = fit.design.terms.iter().flat_map(|t| &t.atoms).any(coded);
    if stated || !has_reference || !factor.contrast.has_reference() {
        return;
    }
    let message = format!(
        "The levels of '{}' are in sorted order, so its reference level is '{}'. To choose another, declare the order of the categories or pass references={{'{}': …}}.",
        factor.column, factor.levels[factor.reference], factor.column
    );
    found.push(Finding::note("default-reference", &factor.column, message));
}

fn stated_in_formula(fit: &Fit, factor: &Factor) -> bool {
    let Ok(formula) = parse(&fit.formula) else { return false };
    let mut atoms = formula.terms.iter().flat_map(|t| &t.atoms);
    atoms.any(|a| a.column == factor.column && matches!(&a.transform, Transform::Category { reference: Some(_), .. }))
}

/// A contrast that was asked for, and that no term has: without an intercept, or a lower-order term, a factor has one column
/// per level.
fn contrast(fit: &Fit, index: usize, found: &mut Vec<Finding>) {
    let factor = &fit.design.factors[index];
    if factor.contrast == Contrast::Treatment || *fit.design.contrast_in_use(index) != Contrast::Indicator {
        return;
    }
    let message = format!(
        "The {} contrast of '{}' is not used: no other term carries the mean of its levels, so each level has a coefficient of its own. Keep the intercept, and the terms that an interaction is made of, for coefficients that compare levels.",
        factor.contrast.name(),
        factor.column
    );
    found.push(Finding::note("contrast-not-used", &factor.column, message));
}

fn unused(factor: &Factor, found: &mut Vec<Finding>) {
    if factor.unused.is_empty() {
        return;
    }
    let names = factor.unused.iter().take(12).map(|l| format!("'{l}'")).collect::<Vec<_>>().join(", ");
    let message = format!(
        "No analysed row has these declared levels of '{}', so they have no coefficient: {names}.",
        factor.column
    );
    found.push(Finding::note("unused-levels", &factor.column, message));
}

fn redundant(fit: &Fit, aliased: &[Alias], found: &mut Vec<Finding>) {
    for alias in aliased {
        let name = &fit.design.names[alias.column];
        let of = alias.of.iter().map(|&c| fit.design.names[c].as_str()).collect::<Vec<_>>();
        let why = if of.is_empty() {
            "it is zero in every analysed row".to_string()
        } else {
            format!("it is a combination of {}", of.join(", "))
        };
        let message = format!("'{name}' was left out because {why}; its coefficient is not identified.");
        found.push(Finding::warning("aliased", name, message));
    }
}

fn groups(fit: &Fit, found: &mut Vec<Finding>) {
    for (spec, size) in fit.groupings.iter().zip(&fit.sizes) {
        let levels = spec.levels.len();
        if levels < FEW_GROUPS {
            let message = format!(
                "'{}' has only {levels} groups. The variation between so few groups is hardly known, and standard errors take no account of that; consider it as a fixed effect.",
                spec.name
            );
            found.push(Finding::warning("few-groups", &spec.name, message));
        }
        if size.median <= SMALL_GROUPS && !fit.response.grouped && fit.points() == 1 && unmeasured(fit) {
            let message = format!(
                "Half the groups of '{}' have {} records or fewer. With groups this small and a yes/no outcome, the Laplace approximation underestimates the variation between them, and draws odds ratios towards 1.",
                spec.name, size.median
            );
            found.push(Finding::warning("laplace-small-groups", &spec.name, message));
        }
    }
}

/// Whether it is not known what Laplace's method does to the estimates.
fn unmeasured(fit: &Fit) -> bool {
    fit.theta.iter().any(|t| *t != 0.0) && fit.next_rule().is_none_or(|shift| shift.moves.is_empty())
}

/// Estimates that the next rule would move far.
fn integration(fit: &Fit, ran_off: bool, found: &mut Vec<Finding>) {
    let Some(shift) = fit.next_rule().filter(|shift| shift.is_large()) else { return };
    let Some((k, _)) = shift.largest() else { return };
    let cure = match (fit.settings.points, shift.next) {
        _ if ran_off => "More points would not help: the variance itself is not told by the data.",
        (_, None) if !has_rules(fit) => {
            "There is no closer rule for crossed groups, or for many effects in one: treat these estimates as approximate, the variation between groups above all."
        }
        (Points::Fixed(_), _) => "Refit with points=\"auto\", which raises the points until nothing moves.",
        (Points::Auto, _) => "No rule within reach holds still: simplify the random effects.",
    };
    found.push(Finding::warning(
        "integration-moves",
        fit.parameter_name(k),
        format!("{} {cure}", fit.integration_words()),
    ));
}

/// Whether there is quadrature for the model's structure: nested factors, too, but they are looked at by a rule.
fn has_rules(fit: &Fit) -> bool {
    fit.groupings.len() == 1 && fit.groupings[0].width() <= MOST_EFFECTS
}

/// Variances at zero and correlations at one.
fn boundary(fit: &Fit, found: &mut Vec<Finding>) {
    let map = fit.theta_map();
    for (g, spec) in fit.groupings.iter().enumerate() {
        let sigma = map.covariance(&fit.theta, g);
        let k = map.widths[g];
        let names = spec.effects();
        for a in 0..k {
            if sigma[a * k + a] == 0.0 {
                let what = if names[a] == "(Intercept)" { "No variation" } else { "No variation in the effect of" };
                let subject = if names[a] == "(Intercept)" { String::new() } else { format!(" '{}'", names[a]) };
                let message = format!(
                    "{what}{subject} between levels of '{}' was found: its variance is estimated as zero, the boundary of what a variance can be. The other estimates stand; the random effect can be left out.",
                    spec.name
                );
                found.push(Finding::note("boundary", &spec.name, message));
            }
            for b in 0..a {
                let scale = (sigma[a * k + a] * sigma[b * k + b]).sqrt();
                if scale > 0.0 && (sigma[a * k + b] / scale).abs() > PERFECT {
                    let sign = if sigma[a * k + b] > 0.0 { "+1" } else { "−1" };
                    let message = format!(
                        "The random effects '{}' and '{}' of '{}' are estimated to be perfectly correlated ({sign}), the boundary of what a correlation can be: the data cannot tell them apart. Consider uncorrelated effects (||) or fewer of them.",
                        names[b], names[a], spec.name
                    );
                    found.push(Finding::warning("perfect-correlation", &spec.name, message));
                }
            }
        }
    }
}
