//! From a formula and a frame to a fitted model.

mod findings;
mod fit;
mod integration;
mod modes;
mod points;
mod prepare;
mod rows;
mod runaway;
mod sample;
mod sandwich;
mod saved;
mod separation;

pub use fit::{Fit, LevelCount, fit, fit_near};
pub use integration::Integration;
pub use modes::GroupModes;
pub use prepare::{FitOptions, GroupSizes, Prepared, prepare};
pub use rows::MissingAccount;
pub use sample::Sample;
pub use sandwich::{Sandwich, SandwichKind};
pub use separation::OneSidedCell;
