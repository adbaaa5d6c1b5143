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

/// With `points="auto"`, the next rule may change the log-likelihood by this much per independent group, its integral by a
/// thousandth, and the points still count as enough. What the rule adds to every model of the same groups alike, comparisons
/// of them do not feel; what it adds unevenly moves estimates, which are held to a bound of their own.
pub const STILL_LOG_LIKELIHOOD: f64 = 1e-3;

/// With `points="auto"`, the next rule may move a parameter by this many standard errors and the points still count as enough.
pub const STILL_MOVE: f64 = 0.005;

/// A parameter that the next rule would move by more standard errors than this is worth a warning: a bias of a tenth of a
/// standard error takes an interval's coverage from 95.0 to 94.9 %.
pub const LARGE_MOVE: f64 = 0.1;

/// How many quadrature points per effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Points {
    /// As many as it takes for the log-likelihood and the estimates to hold still.
    Auto,
    /// So many, from 1, the Laplace approximation, to [`MOST_POINTS`].
    Fixed(usize),
}

impl Serialize for Points {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Fixed(points) => serializer.serialize_u64(*points as u64),
        }
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Saved {
            Number(usize),
            Word(String),
        }
        match Saved::deserialize(deserializer)? {
            Saved::Number(points) => Ok(Self::Fixed(points)),
            Saved::Word(word) if word == "auto" => Ok(Self::Auto),
            Saved::Word(word) => Err(serde::de::Error::custom(format!("'{word}' is no number of points"))),
        }
    }
}

/// Settings; a fit checks them before anything else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Settings {
    /// Quadrature points per effect.
    pub points: Points,
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
            points: Points::Auto,
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
        if let Points::Fixed(points) = self.points
            && !(1..=MOST_POINTS).contains(&points)
        {
            let message = format!(
                "points={points} must be 'auto', or from 1 (the Laplace approximation) to {MOST_POINTS} (adaptive quadrature)"
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
        assert_eq!(slug(Settings { points: Points::Fixed(0), ..Settings::default() }), "points");
        assert_eq!(slug(Settings { points: Points::Fixed(101), ..Settings::default() }), "points");
        assert!(Settings { points: Points::Fixed(100), ..Settings::default() }.check().is_ok());
        assert_eq!(slug(Settings { tolerance: f64::NAN, ..Settings::default() }), "tolerance");
        assert_eq!(slug(Settings { max_iterations: 0, ..Settings::default() }), "max-iterations");
    }

    #[test]
    fn points_are_saved_as_a_number_or_a_word() {
        for (points, text) in [(Points::Auto, "\"auto\""), (Points::Fixed(7), "7")] {
            assert_eq!(serde_json::to_string(&points).unwrap(), text);
            assert_eq!(serde_json::from_str::<Points>(text).unwrap(), points);
        }
        assert!(serde_json::from_str::<Points>("\"many\"").is_err());
    }
}
