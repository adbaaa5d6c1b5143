//! Fits that `points="auto"` left at different numbers of points, brought to one.

use super::Fitted;
use crate::error::{Error, Kind, Result};
use crate::likelihood::Quadrature;
use crate::optimise::maximise_both_sides;
use crate::settings::Points;

/// A fit with the points and the log-likelihood that it is compared by: its own, or those of a refit.
#[derive(Clone, Copy)]
pub(super) struct Entrant<'a> {
    pub(super) fitted: Fitted<'a>,
    /// Points per effect; absent without random effects, where every number gives the same.
    pub(super) points: Option<usize>,
    pub(super) log_likelihood: f64,
}

impl<'a> Entrant<'a> {
    /// As it was fitted.
    fn new(fitted: Fitted<'a>) -> Self {
        let points = (!fitted.fit.groupings.is_empty()).then_some(fitted.fit.points());
        Self { fitted, points, log_likelihood: fitted.fit.log_likelihood }
    }

    fn left_to_the_search(&self) -> bool {
        self.fitted.fit.settings.points == Points::Auto
    }

    /// What a reader should know of its log-likelihood.
    pub(super) fn note(&self) -> String {
        match self.points {
            Some(points) if points != self.fitted.fit.points() => {
                format!(
                    "refitted with points={points} for this comparison; the fit itself has {}",
                    self.fitted.fit.points()
                )
            }
            _ => String::new(),
        }
    }

    /// The same model with more points, from its estimates; itself where there is no such rule.
    fn raised(self, points: usize, interrupt: &(dyn Fn() -> bool + Sync)) -> Result<Self> {
        let Fitted { fit, sample } = self.fitted;
        let Some(rule) = Quadrature::new(points, &sample.problem) else { return Ok(self) };
        let mut problem = sample.problem.clone();
        problem.quadrature = Some(rule);
        let (tolerance, most) = (fit.settings.tolerance, fit.settings.max_iterations);
        let found = maximise_both_sides(&problem, &sample.start(&[]), tolerance, most, interrupt)?;
        if !found.converged {
            let message = format!(
                "'{}' did not converge when it was refitted with points={points} to be compared; fit the models with one number in points=",
                fit.formula
            );
            return Err(Error::new(Kind::Fit, "refit-not-converged", message));
        }
        Ok(Self { points: Some(points), log_likelihood: found.mode.log_likelihood(&problem), ..self })
    }
}

/// The fits by one number of points, the largest among them, where that may be chosen: one with fewer is refitted if it, or one
/// that has the largest, left the number to the search. Where both were told their numbers, they keep them.
pub(super) fn level<'a>(fits: &[Fitted<'a>], interrupt: &(dyn Fn() -> bool + Sync)) -> Result<Vec<Entrant<'a>>> {
    let entrants = fits.iter().map(|f| Entrant::new(*f)).collect::<Vec<_>>();
    let Some(most) = entrants.iter().filter_map(|e| e.points).max() else { return Ok(entrants) };
    let largest_was_left = entrants.iter().any(|e| e.points == Some(most) && e.left_to_the_search());
    let one = |entrant: Entrant<'a>| {
        let fewer = entrant.points.is_some_and(|points| points < most);
        let may = largest_was_left || entrant.left_to_the_search();
        if fewer && may { entrant.raised(most, interrupt) } else { Ok(entrant) }
    };
    entrants.into_iter().map(one).collect()
}
