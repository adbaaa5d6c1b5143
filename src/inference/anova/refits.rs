//! Refits under linear hypotheses about the coefficients.

use super::{AnovaType, Hypothesis, relatives};
use crate::design::TermSpec;
use crate::error::{Error, Kind, Result};
use crate::inference::wald::{JointTest, independent};
use crate::model::{Fit, Sample};
use crate::optimise::{Optimum, Start, maximise};
use nalgebra::{DMatrix, DVector};

/// Twice the gain of the larger model over the smaller one.
pub(super) fn likelihood_ratio(
    fit: &Fit,
    sample: &Sample,
    hypothesis: &Hypothesis,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<JointTest> {
    let both = hypothesis.given.iter().chain(&hypothesis.tested).cloned().collect::<Vec<_>>();
    let (all, given) = (independent(fit, &both), independent(fit, &hypothesis.given));
    let pick = |rows: &[Vec<f64>], kept: &[usize]| kept.iter().map(|&k| rows[k].clone()).collect::<Vec<_>>();
    let smaller = deviance(fit, sample, &pick(&both, &all), interrupt)?;
    let larger = deviance(fit, sample, &pick(&hypothesis.given, &given), interrupt)?;
    Ok(JointTest::of((smaller - larger).max(0.0), all.len() - given.len()))
}

/// The same for columns that are zero whole, where some have no finite estimate.
pub(super) fn of_columns(
    fit: &Fit,
    sample: &Sample,
    term: &TermSpec,
    kind: AnovaType,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<JointTest> {
    let positions = |t: &TermSpec| (t.start..t.start + t.width).filter_map(|c| fit.position(c)).collect::<Vec<_>>();
    let others = relatives(fit, term).collect::<Vec<_>>();
    if kind == AnovaType::Three && !others.is_empty() {
        // An average over cells of which one is at infinity.
        return Ok(JointTest::undefined(term.width));
    }
    let given = others.into_iter().flat_map(positions).collect::<Vec<_>>();
    let tested = positions(term);
    let larger = if given.is_empty() { sample.deviance } else { held(fit, sample, &given, interrupt)? };
    let smaller = held(fit, sample, &[given, tested.clone()].concat(), interrupt)?;
    Ok(JointTest::of((smaller - larger).max(0.0), tested.len()))
}

/// D at the maximum under rows of weights times β = 0; the rows are independent.
fn deviance(fit: &Fit, sample: &Sample, rows: &[Vec<f64>], interrupt: &(dyn Fn() -> bool + Sync)) -> Result<f64> {
    if rows.is_empty() {
        return Ok(sample.deviance);
    }
    let single = |row: &Vec<f64>| {
        let mut used = row.iter().enumerate().filter(|(_, w)| **w != 0.0);
        let first = used.next().map(|(k, _)| k);
        first.filter(|_| used.next().is_none())
    };
    match rows.iter().map(single).collect::<Option<Vec<_>>>() {
        Some(positions) => held(fit, sample, &positions, interrupt),
        None => constrained(fit, sample, rows, interrupt),
    }
}

/// Coefficients held at zero.
fn held(fit: &Fit, sample: &Sample, positions: &[usize], interrupt: &(dyn Fn() -> bool + Sync)) -> Result<f64> {
    let mut beta = sample.beta.clone();
    positions.iter().for_each(|&k| beta[k] = 0.0);
    let start = Start { beta: &beta, ..sample.start(positions) };
    finished(fit, &maximise(&sample.problem, &start, fit.settings.tolerance, fit.settings.max_iterations, interrupt)?)
}

/// β = Nγ with N a basis of what the rows leave free: a fit of γ on the columns XN.
fn constrained(fit: &Fit, sample: &Sample, rows: &[Vec<f64>], interrupt: &(dyn Fn() -> bool + Sync)) -> Result<f64> {
    let p = sample.beta.len();
    let basis = null_space(rows, p);
    let problem = sample.problem.with_design(sample.problem.x.combined(&basis));
    // N is orthonormal, so N'β is the nearest γ.
    let gamma = basis.transpose() * DVector::from_column_slice(&sample.beta);
    let start = Start { beta: gamma.as_slice(), theta: &sample.theta, u: &sample.u, held: &[], nearby: None };
    finished(fit, &maximise(&problem, &start, fit.settings.tolerance, fit.settings.max_iterations, interrupt)?)
}

/// An orthonormal basis of the vectors that are orthogonal to every row.
fn null_space(rows: &[Vec<f64>], p: usize) -> DMatrix<f64> {
    let constraint = DMatrix::from_fn(p, rows.len(), |i, j| rows[j][i]);
    let q = constraint.qr().q();
    let projector = DMatrix::identity(p, p) - &q * q.transpose();
    // The projector's eigenvalues are 0 and 1.
    let eigen = projector.symmetric_eigen();
    let free = (0..p).filter(|&k| eigen.eigenvalues[k] > 0.5).collect::<Vec<_>>();
    eigen.eigenvectors.select_columns(&free)
}

fn finished(fit: &Fit, optimum: &Optimum) -> Result<f64> {
    if optimum.converged {
        return Ok(optimum.mode.deviance);
    }
    let message = format!(
        "a refit of '{}' without one of its terms did not converge; fit with more iterations, or use test='wald'",
        fit.formula
    );
    Err(Error::new(Kind::Fit, "refit-not-converged", message))
}
