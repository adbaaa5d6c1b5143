//! Linear algebra: small blocks on slices, dense symmetric matrices, and sparse ones kept in fronts. The only room that names `faer`.

mod dense;
mod factor;
mod fronts;
mod order;
mod panel;
pub mod small;
mod split;
#[cfg(test)]
mod tests;

pub use dense::Spd;
pub use factor::Factor;
pub use fronts::{Fronts, Reach};
pub use order::Graph;
pub use split::traces;
