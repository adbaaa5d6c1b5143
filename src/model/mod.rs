//! From a formula and a frame to a fitted model.

mod findings;
mod fit;
mod points;
mod prepare;
mod sample;

pub use fit::{Fit, GroupModes, LevelCount, fit, fit_near};
pub use prepare::{FitOptions, GroupSizes, MissingAccount, Prepared, prepare};
pub use sample::Sample;
