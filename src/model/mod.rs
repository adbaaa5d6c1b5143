//! From a formula and a frame to a fitted model.

mod findings;
mod fit;
mod integration;
mod points;
mod prepare;
mod runaway;
mod sample;
mod sandwich;
mod separation;

pub use fit::{Fit, GroupModes, LevelCount, fit, fit_near};
pub use integration::Integration;
pub use prepare::{FitOptions, GroupSizes, MissingAccount, Prepared, prepare};
pub use sample::Sample;
pub use sandwich::{Sandwich, SandwichKind};
pub use separation::OneSidedCell;
