//! Random effects: grouping factors, their effects per level, and the relative Cholesky factor Λ(θ).

mod grouping;
mod nesting;
mod theta;

pub use grouping::{Grouping, GroupingSpec};
pub use nesting::nested_in;
pub use theta::{Lambda, ThetaEntry, ThetaMap};
