//! Linear algebra: small blocks on slices, dense symmetric matrices, cones. The only room that names `faer`.

pub mod cone;
mod dense;
pub mod small;

pub use dense::{Spd, multiply_traces};
