//! The fixed-effects design, never written out: one block of codes (times a number) per term, and what is redundant in it.
//!
//! Blocks hold one row per *pattern* (distinct row of X) where that pays, else one per record. A block's part of Xβ is a
//! look-up, of X'r a scatter-add, of X'WX a weighted cross-tabulation of two code columns; contrasts are small matrices
//! applied afterwards (Li, Quan et al., *tabmat*, 2021, do the same for GLMs).

mod block;
mod build;
mod gram;
mod matrix;
mod patterns;
mod rank;
mod spec;
mod tally;

pub use block::Block;
pub use matrix::Design;
pub use patterns::{Patterns, densify};
pub use rank::{Alias, find_aliased};
pub use spec::{AtomSpec, CodingOptions, DesignSpec, TermSpec};
pub use tally::Tally;
