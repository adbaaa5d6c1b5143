//! The log-likelihood of a problem at (β, θ), by Laplace's method or by quadrature: mode, value, exact gradient, exact Hessian.

mod assemble;
mod cell;
mod change;
mod expansion;
mod hessian;
mod laplace;
mod layout;
pub mod logistic;
mod method;
mod mode;
mod nested;
mod penalty;
mod problem;
mod quadrature;
mod scalar;
mod slopes;
mod subset;
mod tangents;
mod touched;
mod traces;
mod weights;

pub use expansion::{Expansion, Series, expand, expand_exactly};
pub use hessian::{Curvature, Curved, hessian};
pub use laplace::{Gradient, gradient};
pub use layout::Layout;
pub use method::Quadrature;
pub use mode::{LAST_STEP_GAIN, Mode, find_mode};
pub use problem::{PIECE, Problem};
pub use quadrature::{MOST_EFFECTS, MOST_NODES};
pub use subset::Subset;
