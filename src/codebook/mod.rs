//! The codebook: how the columns of an extract become the variables of a model, as an analyst declares it.

mod apply;
mod book;
mod check;
mod decide;
mod interval;
mod levels;
mod lists;
mod pattern;
mod read;
mod relation;
mod source;
mod write;

pub use apply::account::Entry;
pub use apply::refusal::refusal;
pub use apply::unmatched::Unmatched;
pub use apply::values::Values;
pub use apply::{Coded, Lookups, apply};
pub use book::{
    Band, Cause, Codebook, Condition, Contrast, Lookup, Rare, Rule, Step, StepOutcome, Target, Test, Uncovered,
    Variable,
};
pub use interval::Interval;
pub use lists::{List, ListCode, ListMissing, list, lists};
pub use pattern::{Form, Pattern};
pub use source::Source;
pub use source::builder::SourceBuilder;
