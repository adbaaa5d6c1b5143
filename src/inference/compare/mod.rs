//! Likelihood-ratio tests between nested fits of the same rows.

mod level;
mod nested;
mod same_data;

use super::reference::Reference;
use super::wald::{require_converged, require_likelihood, require_model_covariance};
use crate::error::{Error, Kind, Result};
use crate::model::{Fit, Sample};
use level::Entrant;

/// A fit, and the rows it was fitted to.
#[derive(Clone, Copy)]
pub struct Fitted<'a> {
    /// Estimates.
    pub fit: &'a Fit,
    /// Rows.
    pub sample: &'a Sample,
}

/// One fit, tested against the one before it.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonRow {
    /// The formula.
    pub model: String,
    /// Parameters.
    pub df: usize,
    /// log-likelihood.
    pub log_likelihood: f64,
    /// −2 log-likelihood.
    pub deviance: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// The test against the model before; absent for the first.
    pub test: Option<Gain>,
    /// Empty, or with how many points the model was refitted.
    pub note: String,
}

/// A likelihood-ratio test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    /// Twice the gain in log-likelihood.
    pub statistic: f64,
    /// Further parameters.
    pub df: usize,
    /// p-value.
    pub p_value: f64,
    /// What the statistic was compared with.
    pub reference: Reference,
}

/// A larger model may fit worse than a smaller one by rounding alone.
const ROUNDING: f64 = 1e-5;

/// The fits from the fewest to the most parameters, each tested against the one before. Those that `points="auto"` left with
/// fewer points than others are refitted with as many.
pub fn compare(fits: &[Fitted], interrupt: &(dyn Fn() -> bool + Sync)) -> Result<Vec<ComparisonRow>> {
    if fits.len() < 2 {
        let message = format!("a comparison needs at least two fits, and {} was given", fits.len());
        return Err(Error::new(Kind::Option, "one-fit", message));
    }
    for fitted in fits {
        require_converged(fitted.fit, "compare()")?;
        require_model_covariance(fitted.fit, "compare()")?;
        require_likelihood(fitted.fit, "compare()")?;
    }
    let mut ordered = fits.to_vec();
    ordered.sort_by_key(|f| f.fit.parameters());
    // What refuses a comparison comes before refits that might take long.
    let of = |pair: &[Fitted]| {
        same_data::check(pair[0], pair[1])?;
        nested::further_effects(pair[0], pair[1])
    };
    let effects = ordered.windows(2).map(of).collect::<Result<Vec<_>>>()?;
    let entrants = level::level(&ordered, interrupt)?;
    let gain = |(pair, effects): (&[Entrant], usize)| {
        same_data::check_points(&pair[0], &pair[1])?;
        test(&pair[0], &pair[1], effects)
    };
    let tests = entrants.windows(2).zip(effects).map(gain).collect::<Result<Vec<_>>>()?;
    let tests = std::iter::once(None).chain(tests.into_iter().map(Some));
    Ok(entrants.iter().zip(tests).map(|(entrant, test)| row(entrant, test)).collect())
}

fn row(entrant: &Entrant, test: Option<Gain>) -> ComparisonRow {
    let fit = entrant.fitted.fit;
    let (df, deviance) = (fit.parameters(), -2.0 * entrant.log_likelihood);
    ComparisonRow {
        model: fit.formula.clone(),
        df,
        log_likelihood: entrant.log_likelihood,
        deviance,
        aic: deviance + 2.0 * df as f64,
        bic: deviance + (fit.records as f64).ln() * df as f64,
        test,
        note: entrant.note(),
    }
}

fn test(small: &Entrant, large: &Entrant, effects: usize) -> Result<Gain> {
    let statistic = 2.0 * (large.log_likelihood - small.log_likelihood);
    let (small, large) = (small.fitted, large.fitted);
    let df = large.fit.parameters() - small.fit.parameters();
    if statistic < -ROUNDING {
        let message = format!(
            "'{}' contains '{}' and yet has a lower log-likelihood, by {:.2e}: its search ended on another hill; fit it again with a smaller tolerance or more iterations",
            large.fit.formula,
            small.fit.formula,
            -statistic / 2.0
        );
        return Err(Error::new(Kind::Fit, "larger-fits-worse", message));
    }
    let (reference, statistic) = (Reference::of(df, effects), statistic.max(0.0));
    Ok(Gain { statistic, df, p_value: reference.p_value(statistic), reference })
}
