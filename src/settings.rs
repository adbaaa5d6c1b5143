//! Every choice about a fit, checked once and recorded on the result.

use crate::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

/// What to do with something that stands in the way: leave it out and say so, or refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Leave out, and report.
    Drop,
    /// Refuse with an error.
    Error,
}

impl Policy {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Error => "error",
        }
    }

    /// Reads `"drop"` or `"error"`.
    pub fn from_name(option: &str, name: &str) -> Result<Self> {
        match name {
            "drop" => Ok(Self::Drop),
            "error" => Ok(Self::Error),
            _ => {
                let message = format!("{option}='{name}' is not known; choose 'drop' or 'error'");
                Err(Error::new(Kind::Option, "unknown-policy", message))
            }
        }
    }
}

/// What is added to the log-likelihood before it is maximised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Penalty {
    /// Nothing: maximum likelihood.
    #[default]
    None,
    /// Half the log-determinant of the information about the coefficients (Firth 1993): estimates are finite, whatever the data.
    Jeffreys,
}

impl Penalty {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Jeffreys => "jeffreys",
        }
    }

    /// Reads `"none"` or `"jeffreys"`.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "none" => Ok(Self::None),
            "jeffreys" => Ok(Self::Jeffreys),
            _ => {
                let message = format!("penalty='{name}' is not known; choose 'jeffreys', or leave it out");
                Err(Error::new(Kind::Option, "unknown-penalty", message))
            }
        }
    }
}

/// Most quadrature points per effect: rules beyond this are no better in double precision.
pub const MOST_POINTS: usize = 100;

/// Settings; a fit checks them before anything else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Settings {
    /// Quadrature points per effect, 1 to [`MOST_POINTS`]; 1 is the Laplace approximation.
    pub points: usize,
    /// Rows with missing values.
    pub missing: Policy,
    /// Redundant columns.
    pub aliased: Policy,
    /// What is added to the log-likelihood.
    #[serde(default)]
    pub penalty: Penalty,
    /// The fit has converged when the deviance could still drop by less than this, ½ g'H⁻¹g. 1e-8 is a coefficient error of
    /// about 1e-4 standard errors, whatever the number of records.
    pub tolerance: f64,
    /// Most steps of the search over (β, θ); typical fits take 4 to 15.
    pub max_iterations: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            points: 1,
            missing: Policy::Drop,
            aliased: Policy::Drop,
            penalty: Penalty::None,
            tolerance: 1e-8,
            max_iterations: 200,
        }
    }
}

impl Settings {
    /// Checks every value.
    pub fn check(self) -> Result<Self> {
        let refuse = |slug, message: String| Err(Error::new(Kind::Option, slug, message));
        if !(1..=MOST_POINTS).contains(&self.points) {
            let message = format!(
                "points={} must be from 1 (the Laplace approximation) to {MOST_POINTS} (adaptive quadrature)",
                self.points
            );
            return refuse("points", message);
        }
        if !(self.tolerance > 0.0 && self.tolerance <= 1e-2) {
            return refuse("tolerance", format!("tolerance={} must lie above 0 and at most 0.01", self.tolerance));
        }
        if self.max_iterations == 0 {
            return refuse("max-iterations", "max_iterations must be at least 1".to_string());
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_refused() {
        assert!(Settings::default().check().is_ok());
        let slug = |s: Settings| s.check().unwrap_err().slug().to_string();
        assert_eq!(slug(Settings { points: 0, ..Settings::default() }), "points");
        assert_eq!(slug(Settings { points: 101, ..Settings::default() }), "points");
        assert!(Settings { points: 100, ..Settings::default() }.check().is_ok());
        assert_eq!(slug(Settings { tolerance: f64::NAN, ..Settings::default() }), "tolerance");
        assert_eq!(slug(Settings { max_iterations: 0, ..Settings::default() }), "max-iterations");
    }
}
