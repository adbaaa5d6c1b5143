//! Linear algebra: small blocks on slices, dense symmetric matrices, sparse ones kept in fronts, cones. The only room that names
//! `faer`.

pub mod cone;
mod dense;
mod factor;
mod fronts;
mod order;
mod panel;
pub mod small;
mod split;
#[cfg(test)]
mod tests;

pub use dense::{Spd, inverse_root};
pub use factor::Factor;
pub use fronts::{Fronts, Reach};
pub use order::Graph;
pub use split::traces;
