//! Which covariance a fit carries, where it is not that of the model.

use crate::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

/// How a sandwich allows for few clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SandwichKind {
    /// Not at all.
    #[serde(rename = "CR0")]
    Cr0,
    /// By the factor G/(G − 1).
    #[serde(rename = "CR1")]
    Cr1,
    /// By adjusting each cluster's residuals (Bell & McCaffrey 2002).
    #[serde(rename = "CR2")]
    Cr2,
}

impl SandwichKind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cr0 => "CR0",
            Self::Cr1 => "CR1",
            Self::Cr2 => "CR2",
        }
    }

    /// Reads `"CR0"`, `"CR1"` or `"CR2"`.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "CR0" => Ok(Self::Cr0),
            "CR1" => Ok(Self::Cr1),
            "CR2" => Ok(Self::Cr2),
            _ => {
                let message = format!("kind='{name}' is not known; choose 'CR0', 'CR1' or 'CR2'");
                Err(Error::new(Kind::Option, "robust-kind", message))
            }
        }
    }
}

/// The covariance is a sandwich over clusters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sandwich {
    /// Its kind.
    pub kind: SandwichKind,
    /// What the clusters are: a grouping factor, or `cluster` for a column that was passed.
    pub cluster: String,
    /// Number of clusters, G.
    pub clusters: usize,
}
