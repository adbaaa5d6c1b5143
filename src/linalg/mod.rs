//! Linear algebra: small blocks on slices, and dense symmetric matrices. The only room that names `faer`.

mod dense;
pub mod small;

pub use dense::{Spd, inverse_root, multiply_traces};
