//! Findings about a fit: data on the result, said once in words.

use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know; the estimates stand.
    Note,
    /// Part of the result should not be read as usual.
    Warning,
}

impl Severity {
    /// The word used at the Python edge.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
        }
    }
}

/// One finding: a stable slug, what it is about, and a sentence for a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable name, e.g. `separation`.
    pub slug: String,
    /// How much it matters.
    pub severity: Severity,
    /// Column, level, term or group it is about.
    pub subject: String,
    /// The sentence.
    pub message: String,
}

impl Finding {
    /// A note.
    pub fn note(slug: &str, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self { slug: slug.into(), severity: Severity::Note, subject: subject.into(), message: message.into() }
    }

    /// A warning.
    pub fn warning(slug: &str, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self { slug: slug.into(), severity: Severity::Warning, subject: subject.into(), message: message.into() }
    }
}
