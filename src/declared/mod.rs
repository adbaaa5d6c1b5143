//! What every declaration that people write as TOML shares: complaints that show the place, and guesses at misspelt
//! words.

mod fault;
mod spelling;

pub(crate) use fault::Fault;
pub(crate) use spelling::{choice, did_you_mean, nearest};
