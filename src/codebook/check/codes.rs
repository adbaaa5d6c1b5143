//! Codes that two levels or causes claim, and codes that depend on a month nobody named.

use crate::codebook::read::tree::{Read, Section};
use crate::codebook::{Pattern, Rule, Test, Variable};
use crate::declared::Fault;
use std::ops::Range;

/// A code, what it stands for and its place in the text.
struct Claim<'v> {
    pattern: &'v Pattern,
    owner: String,
    place: Range<usize>,
}

/// No text may in one month belong to two levels, to two causes or to a level and a cause.
pub(in crate::codebook) fn check_overlaps(variable: &Variable, section: &Section<'_, '_>) -> Read<()> {
    let claims = claims(variable, section);
    for (at, later) in claims.iter().enumerate() {
        let clash = claims[..at].iter().find(|c| c.owner != later.owner && c.pattern.overlaps(later.pattern));
        let Some(earlier) = clash else { continue };
        let (one, other) = (&earlier.pattern.form, &later.pattern.form);
        let message = if one == other {
            format!("the code '{other}' stands for {} and for {}", earlier.owner, later.owner)
        } else {
            format!("'{other}' for {} overlaps '{one}' for {}", later.owner, earlier.owner)
        };
        let cure =
            "keep it in one place; a code whose meaning changed takes { code = ..., to_month = ... } and from_month";
        return Err(Fault::new(later.place.clone(), "codebook-overlap", message, cure));
    }
    Ok(())
}

/// Where lost zeros are mended, `1` and `01` cannot mean two things: nobody could tell which a `1` was.
pub(in crate::codebook) fn check_zeros(variable: &Variable, section: &Section<'_, '_>) -> Read<()> {
    let claims = claims(variable, section);
    for (at, later) in claims.iter().enumerate() {
        let clash = claims[..at].iter().find(|c| c.owner != later.owner && c.pattern.shares_number(later.pattern));
        let Some(earlier) = clash else { continue };
        let message = format!(
            "'{}' for {} and '{}' for {} differ only in zeros, which are lost and mended",
            later.pattern.form, later.owner, earlier.pattern.form, earlier.owner
        );
        let cure = "keep one of the two, or write clean = false: codes then count only as they are written";
        return Err(Fault::new(later.place.clone(), "codebook-zeros", message, cure));
    }
    Ok(())
}

/// A code that counts in some months only needs a column of months.
pub(in crate::codebook) fn check_months(variable: &Variable, section: &Section<'_, '_>) -> Read<()> {
    let mut claims = claims(variable, section);
    claims.extend(tests(variable, section));
    let Some(claim) = claims.into_iter().find(|claim| claim.pattern.has_validity()) else { return Ok(()) };
    let message =
        format!("'{}' counts in some months only, and the codebook names no column of months", claim.pattern.form);
    let cure = "write month = \"UniqMonthID\", or the column's name, above the variables";
    Err(Fault::new(claim.place, "codebook-no-month", message, cure))
}

/// The codes of levels and causes that the codebook itself writes.
fn claims<'v>(variable: &'v Variable, section: &Section<'_, '_>) -> Vec<Claim<'v>> {
    let targets = match &variable.rule {
        Rule::Map { targets, .. } => targets.as_slice(),
        _ => &[],
    };
    let levels = targets.iter().map(|target| ("levels", &target.level, "the level", &target.codes));
    let causes = variable.missing.iter().map(|cause| ("missing", &cause.cause, "the missing cause", &cause.codes));
    let mut claims = Vec::new();
    for (key, name, kind, codes) in levels.chain(causes) {
        claims.extend(codes.iter().enumerate().map(|(at, pattern)| Claim {
            pattern,
            owner: format!("{kind} '{name}'"),
            place: section.at(&[key, name, &at.to_string()]),
        }));
    }
    claims
}

/// The codes that steps test for.
fn tests<'v>(variable: &'v Variable, section: &Section<'_, '_>) -> Vec<Claim<'v>> {
    let Rule::Precedence { steps } = &variable.rule else { return Vec::new() };
    let mut claims = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        for condition in &step.when {
            let (Test::Codes(codes) | Test::Not(codes)) = &condition.test else { continue };
            let place = section.at(&["precedence", &at.to_string(), "when", &condition.column]);
            let owner = format!("step {}", at + 1);
            claims.extend(codes.iter().map(|pattern| Claim { pattern, owner: owner.clone(), place: place.clone() }));
        }
    }
    claims
}
