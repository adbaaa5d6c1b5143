//! Adaptive Gauss–Hermite quadrature for one grouping factor with one to three effects per group.
//!
//! The integral over a group's u is a sum over nodes, placed by the mode û and by R, with RR' = A⁻¹ there:
//!
//! ```text
//! f(u)   = Σ [yη − m log(1 + e^η)] − ‖u‖²/2,   η = Xβ + offset + Zb,   b = Λu,   uₖ = û + R zₖ
//! log Lⱼ = −½ log|Aⱼ| + log Σₖ wₖ exp(f(uₖ) + ‖zₖ‖²/2),   D = −2 Σⱼ log Lⱼ
//! ```
//!
//! with nodes zₖ and weights wₖ of N(0, I), a product of one-dimensional rules; R = L⁻ᵀ with A = LL'. One point is Laplace's
//! method. Sources: Liu & Pierce (1994), *Biometrika* 81:624; Pinheiro & Bates (1995), *J Comput Graph Stat* 4:12.
//!
//! | paper | code | meaning | shape |
//! |---|---|---|---|
//! | zₖ, wₖ | [`Rule`] | nodes and weights of N(0, I) | κ; 1 |
//! | uₖ, bₖ | `Nodes` | nodes of a group, as u and as b | κ |
//! | πₖ | `weights` | share of a node in its group's integral | 1 |
//! | γₖ | `gamma` | Z'g at the node | κ |
//! | sₖ | `s` | Λ'γₖ − uₖ, the slope of f at the node | κ |
//! | Q | `q` | Z'WZ at the mode, so that A = Λ'QΛ + I | κ x κ |

mod adjoint;
mod gradient;
mod hessian;
mod nodes;
mod records;
mod rule;
mod tangents;
mod value;

use super::hessian::Curved;
use super::laplace::Gradient;
use super::layout::Layout;
use super::mode::Mode;
use super::problem::{PIECE, Problem};
use crate::random::Lambda;
use crate::settings::MOST_POINTS;
use std::ops::Range;

/// Most effects per group.
pub const MOST_EFFECTS: usize = 3;

/// Most nodes per group, points^κ: what a group needs at once stays within a few megabytes.
pub const MOST_NODES: usize = 10_000;

pub(super) use rule::Rule;

/// A rule, and the work cut for it.
#[derive(Debug, Clone)]
pub struct OneFactor {
    rule: Rule,
    /// Groups in pieces of about equal work; fixed by the sizes, never by the number of threads.
    pieces: Vec<Range<usize>>,
}

impl OneFactor {
    /// The rule with this many points per effect; `None` where it is not defined: without random effects, with several
    /// grouping factors, with more than [`MOST_EFFECTS`] effects, [`MOST_POINTS`] points or [`MOST_NODES`] nodes.
    pub(super) fn new(points: usize, layout: &Layout) -> Option<Self> {
        let nodes = u32::try_from(layout.lead).ok().and_then(|k| points.checked_pow(k))?;
        let defined =
            (1..=MOST_POINTS).contains(&points) && (1..=MOST_EFFECTS).contains(&layout.lead) && layout.others == 0;
        if !defined || nodes > MOST_NODES {
            return None;
        }
        Some(Self { rule: Rule::new(points, layout.lead), pieces: cut(layout, PIECE.div_ceil(nodes)) })
    }

    /// Points per effect.
    pub(super) fn points(&self) -> usize {
        self.rule.points
    }

    /// Nodes per group.
    pub(super) fn nodes(&self) -> usize {
        self.rule.count()
    }

    /// The same rule with pieces of at least this many records.
    pub(super) fn with_pieces(self, layout: &Layout, records: usize) -> Self {
        Self { pieces: cut(layout, records), ..self }
    }
}

/// More pieces than this add memory and no speed.
const MOST_PIECES: usize = 64;

fn cut(layout: &Layout, records: usize) -> Vec<Range<usize>> {
    let levels = layout.levels();
    let size = layout.starts[levels].div_ceil(MOST_PIECES).max(records);
    let mut pieces = Vec::new();
    let mut begin = 0;
    for j in 0..levels {
        if layout.starts[j + 1] - layout.starts[begin] >= size || j + 1 == levels {
            pieces.push(begin..j + 1);
            begin = j + 1;
        }
    }
    pieces
}

/// Calls a function that is generic in the number of effects, so that its small matrices have a size known to the compiler.
macro_rules! by_width {
    ($quadrature:expr, $function:ident, $($argument:expr),*) => {
        match $quadrature.rule.width {
            1 => $function::<1>($($argument),*),
            2 => $function::<2>($($argument),*),
            _ => $function::<3>($($argument),*),
        }
    };
}

/// What the nodes of every group contribute, group after group, and D there. `fixed` is Xβ per pattern.
pub(super) fn value(
    quadrature: &OneFactor,
    problem: &Problem,
    lambda: &Lambda,
    fixed: &[f64],
    u: &[f64],
    chol: &[f64],
) -> (Vec<f64>, f64) {
    use value::integrate;
    by_width!(quadrature, integrate, quadrature, problem, lambda, fixed, u, chol)
}

/// The exact gradient of D at `mode`.
pub(super) fn gradient(quadrature: &OneFactor, problem: &Problem, mode: &Mode) -> Gradient {
    use gradient::differentiate;
    by_width!(quadrature, differentiate, quadrature, problem, mode)
}

/// The exact Hessian of D at `mode`.
pub(super) fn hessian(quadrature: &OneFactor, problem: &Problem, mode: &Mode, gradient: &Gradient) -> Curved {
    use hessian::curve;
    by_width!(quadrature, curve, quadrature, problem, mode, gradient)
}
