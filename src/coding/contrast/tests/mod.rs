//! What the coefficients of each contrast compare.

mod custom;
mod named;
