//! Free-text notes to covariates: which notes mention a theme, and the places where they do.

mod agreement;
mod apply;
mod lexicon;
mod phrase;
mod read;
mod scan;
mod scope;
mod span;
mod words;
mod write;

pub use agreement::{Agreement, Comparison, Fleiss, Share, Weights, cohen_kappa, compare, fleiss_kappa};
pub use apply::{Noted, Tally, apply};
pub use lexicon::{Cues, LISTS, Lexicon, Subject, Theme};
pub use scan::{Excluded, Mention, Scanner};
pub use span::Span;
