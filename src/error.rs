//! Every way in which a call can be refused: one enum, a stable slug each, text that says what, where, why and what to do.
//!
//! Findings about a fit that did run are not errors; they are [`crate::diagnostic::Finding`]s on the result.

use crate::formula::FormulaError;
use thiserror::Error;

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

/// Which Python exception an [`enum@Error`] becomes (see `python/melogit/errors.py`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The formula text is not a model.
    Formula,
    /// A column is not in the data.
    ColumnNotFound,
    /// The data cannot be used as asked.
    Data,
    /// The outcome is not a yes/no outcome.
    Outcome,
    /// Counts of events and trials do not make sense.
    Count,
    /// A grouping column cannot carry a random effect.
    Grouping,
    /// A factor's levels are too few or unknown.
    Level,
    /// The model is too large for what it asks.
    Size,
    /// Columns are redundant and the caller asked to be refused.
    Aliased,
    /// A codebook is not one, or contradicts itself.
    Codebook,
    /// A lexicon is not one, or contradicts itself.
    Lexicon,
    /// An option has no meaning.
    Option,
    /// The numbers broke down.
    Fit,
    /// A saved model cannot be read.
    Load,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// A defect of melogit itself.
    Internal,
}

/// Why a call was refused.
#[derive(Debug, Clone, Error)]
pub enum Error {
    /// A formula that does not parse; the text carries a caret.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// Everything else: a kind, a slug and a sentence.
    #[error("{message}")]
    Refused {
        /// Decides the Python class.
        kind: Kind,
        /// Stable name of the cause, for tests and scripts.
        slug: &'static str,
        /// What, where, likely cause, what to do.
        message: String,
    },
}

impl Error {
    /// A refusal of the given kind.
    pub fn new(kind: Kind, slug: &'static str, message: impl Into<String>) -> Self {
        Self::Refused { kind, slug, message: message.into() }
    }

    /// Which exception this becomes.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Formula(_) => Kind::Formula,
            Self::Refused { kind, .. } => *kind,
        }
    }

    /// The stable name of the cause.
    pub fn slug(&self) -> &str {
        match self {
            Self::Formula(e) => e.slug,
            Self::Refused { slug, .. } => slug,
        }
    }
}
