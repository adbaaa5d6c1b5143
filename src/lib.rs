//! Multilevel logistic regression: the model in one page.
//!
//! Events yᵢ out of mᵢ trials follow a binomial law with probability σ(ηᵢ),
//!
//! ```text
//! η = Xβ + offset + Zb,   b ~ N(0, Σ),   Σ = ΛΛ',   b = Λu,   u ~ N(0, I)
//! ```
//!
//! and (β, θ), with θ the lower triangles of Λ, maximise the likelihood with u integrated out by Laplace's method:
//!
//! ```text
//! D(β, θ) = −2 Σ [yη − m log(1 + e^η)] + ‖u‖² + log|A|,   A = M'WM + I,   M = ZΛ,   logLik = −D/2 + Σ log C(m, y)
//! ```
//!
//! at the mode u. With one grouping factor of up to three effects, adaptive Gauss–Hermite quadrature does better: each group's
//! integral is a sum over nodes placed by its mode and its block of A (`likelihood/quadrature`), and Laplace's method is its
//! rule of one point. Where factors nest in each other the same is done level by level (`likelihood/nested`). The gradient of D
//! is exact for all, with modes and nodes moving, and so is the Hessian, but for nested factors: there it is a central
//! difference of the gradient. For crossed factors the terms of second order say what Laplace's method leaves out
//! (`likelihood/expansion`).
//!
//! Where events and non-events are separated (`optimise/separation`) there is no maximum; with Jeffreys' penalty, D* = D − log|S|
//! (`likelihood/penalty`), there is.
//!
//! # Notation
//!
//! | paper | code | meaning | shape |
//! |---|---|---|---|
//! | y, m | `successes`, `trials` | events out of trials (m = 1 for yes/no records) | n |
//! | X, β | `x`, `beta` | fixed-effects design, coefficients | n x p, p |
//! | Z, b | `z`, `modes` | random-effects design, effects | n x q, q |
//! | Λ(θ) | `lambda` | relative Cholesky factor, repeated per level of a grouping factor | k x k each |
//! | u | `u` | spherical effects | q |
//! | M | `m` | ZΛ | n x q |
//! | η | `eta` | linear predictor | n |
//! | p, W | `mu`, `w` | σ(η); m p (1 − p) | n |
//! | W₁, W₂, W₃ | `w1`, `w2`, `w3` | dW/dη = W(1 − 2p); d²W/dη² = W(1 − 6p(1 − p)); d³W/dη³ = W₁(1 − 12p(1 − p)) | n |
//! | g | `g` | y − m p | n |
//! | a | `leverage` | Mᵢ'A⁻¹Mᵢ | n |
//! | v | `v` | A⁻¹M'(W₁∘a) | q |
//! | ψ | | (β, θ), the parameters | p + t |
//!
//! # Rooms, in the direction data flow
//!
//! [`formula`] → [`coding`] → [`design`], [`random`] → [`likelihood`] (on [`linalg`]) → [`optimise`] → [`model`] →
//! [`inference`] → the Python boundary. Before all of them, [`codebook`] turns the codes of an extract into covariates. Used
//! everywhere: [`error`], [`diagnostic`], [`settings`], [`progress`].

pub mod codebook;
pub mod coding;
mod declared;
pub mod design;
pub mod diagnostic;
pub mod error;
pub mod formula;
pub mod inference;
pub mod likelihood;
pub mod linalg;
pub mod model;
pub mod notes;
pub mod optimise;
pub mod progress;
pub mod random;
pub mod settings;
pub mod simulate;

#[cfg(feature = "python")]
mod bindings;
