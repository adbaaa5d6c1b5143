//! The second-order terms that Laplace's method leaves out of log L.
//!
//! With a the leverages, v = A⁻¹M'(W₁∘a), and cᵢⱼ = Mᵢ'A⁻¹Mⱼ, all at the mode (Shun & McCullagh 1995, *J R Stat Soc B* 57:749,
//! eq. 7; the terms of fourth derivatives, and of pairs of third derivatives):
//!
//! ```text
//! log L − Laplace ≈ −⅛ Σᵢ W₂a² + ⅛ Σᵢ W₁a (Mv) + ¹⁄₁₂ Σᵢⱼ W₁W₁' cᵢⱼ³
//! ```
//!
//! The last sum runs over all pairs of records. With one grouping factor it collapses within each group (`exact`); with crossed
//! ones it is a mean over draws (`drawn`).

mod drawn;
mod exact;

pub use drawn::{Expansion, expand};
pub use exact::{Series, expand_exactly};
