//! What the declarations that people write share: complaints that show the place, guesses at misspelt words, and linear
//! combinations of names.

mod combination;
mod fault;
mod spelling;

pub(crate) use combination::{Combination, Reader, Vocabulary, Wording};
pub(crate) use fault::Fault;
pub(crate) use spelling::{choice, did_you_mean, nearest};
