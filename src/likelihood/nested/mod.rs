//! Adaptive Gauss–Hermite quadrature for grouping factors that form a chain, each nested in the next.
//!
//! A unit c of any level is integrated given the effects v of the units around it, and those inside it are integrated in turn at
//! every node:
//!
//! ```text
//! L_c(v) = ∫ Πₘ Lₘ(u, v) φ(u) du,   m over the units inside c (records, at the finest level)
//! log L_c = −½ log|S| + log Σₖ wₖ exp(Σₘ log Lₘ(uₖ, v) − ‖uₖ‖²/2 + ‖zₖ‖²/2),   uₖ = û + R zₖ,   RR' = S⁻¹
//! ```
//!
//! û is the unit's part of the joint mode of everything inside it, given v, and S the Schur complement of A there when what is
//! inside has been eliminated: one point at every level is Laplace's method. Nodes inside are placed anew at every node outside.
//! D = −2 Σ log L over the units of the top level. Source: Rabe-Hesketh, Skrondal & Pickles (2005), *J Econometrics* 128:301,
//! for the recursion; centre and scale by the joint mode after Pinheiro & Chao (2006), *J Comput Graph Stat* 15:58.
//!
//! The gradient is that of the value as computed, by one pass back through the recursion: a unit's nodes move with û and S
//! ([`joint`]), and what its units inside answer to their offsets tells what moving a node does. The derivation, checked against
//! central differences, is that of one grouping factor with NBN' for the inverse of A, N being how the inside follows û.
//!
//! | paper | code | meaning | shape |
//! |---|---|---|---|
//! | κ | `width` | effects per unit of a level | 1 |
//! | uₖ or vₖ, πₖ | `v`, `weights` | node, and its share of the unit's integral | κ; 1 |
//! | N | `moves` | d(effects inside)/d(effects of the unit) along the joint mode | path x κ |
//! | B | [`adjoint`] | what takes the place of S⁻¹ | κ x κ |

mod adjoint;
mod branch;
mod fronts;
mod hessian;
mod joint;
mod leaf;
mod rows;
mod settle;
mod tree;
mod unit;

use super::problem::{PIECE, Problem};
use super::quadrature::{MOST_EFFECTS, MOST_NODES, Rule};
use crate::random::Lambda;
use crate::settings::MOST_POINTS;
use rayon::prelude::*;
use rows::Rows;
use std::ops::Range;
use tree::Tree;

pub(super) use hessian::hessian;

/// A rule for every level, and the work cut for it.
#[derive(Debug, Clone)]
pub struct Nested {
    tree: Tree,
    /// Finest level first.
    rules: Vec<Rule>,
    /// Units of the top level in pieces of about equal work; fixed by the sizes, never by the number of threads.
    pieces: Vec<Range<usize>>,
}

/// D and its gradient.
pub(super) struct Evaluated {
    pub(super) deviance: f64,
    /// ∂D/∂(β, θ).
    pub(super) gradient: Vec<f64>,
}

/// What all units share at one (β, θ).
pub(super) struct Shared<'a> {
    problem: &'a Problem,
    tree: &'a Tree,
    rules: &'a [Rule],
    lambda: &'a Lambda,
    /// Xβ per pattern.
    fixed: &'a [f64],
}

/// Where to look for the mode of a unit first: point, level, unit of the tree; writes its own effects.
type Start<'a> = dyn Fn(usize, usize, usize, &mut [f64]) + 'a;

/// What a unit gives, at every point of the effects around it.
struct Out<'a> {
    /// log L, added up over units.
    log: &'a mut [f64],
    /// Its derivative by each record's linear predictor: records by points.
    slopes: &'a mut [f64],
    /// Its derivative by Λ, point after point, level after level, added up over units.
    by_lambda: &'a mut [f64],
}

/// More pieces than this add no speed.
const MOST_PIECES: usize = 64;

impl Nested {
    /// The rule with this many points per effect at every level; `None` unless the grouping factors of the problem, two or
    /// more, form a chain, and each has at most [`MOST_EFFECTS`] effects.
    pub(super) fn new(points: usize, problem: &Problem) -> Option<Self> {
        let widths = problem.groupings.iter().map(|g| g.width);
        let nodes = u32::try_from(widths.clone().sum::<usize>()).ok().and_then(|k| points.checked_pow(k))?;
        let defined = (1..=MOST_POINTS).contains(&points) && widths.clone().all(|k| (1..=MOST_EFFECTS).contains(&k));
        if !defined || nodes > MOST_NODES {
            return None;
        }
        let tree = Tree::new(problem)?;
        let rules = tree.levels.iter().map(|level| Rule::new(points, level.width)).collect();
        let pieces = cut(&tree, PIECE.div_ceil(nodes));
        Some(Self { tree, rules, pieces })
    }

    /// Points per effect.
    pub(super) fn points(&self) -> usize {
        self.rules[0].points
    }

    /// Nodes that a record is read at.
    pub(super) fn nodes(&self) -> usize {
        self.rules.iter().map(Rule::count).product()
    }

    /// The same rule with pieces of at least this many records.
    pub(super) fn with_pieces(self, records: usize) -> Self {
        Self { pieces: cut(&self.tree, records), ..self }
    }

    /// D and its gradient; `u` is where the joint mode is looked for first, `fixed` Xβ per pattern.
    pub(super) fn evaluate(&self, problem: &Problem, lambda: &Lambda, fixed: &[f64], u: &[f64]) -> Evaluated {
        let shared = Shared { problem, tree: &self.tree, rules: &self.rules, lambda, fixed };
        let parts = self.pieces.par_iter().map(|units| shared.piece(units.clone(), u)).collect::<Vec<_>>();
        let mut slopes = vec![0.0; problem.rows()];
        let mut by_lambda = vec![0.0; self.tree.levels.iter().map(|l| l.width * l.width).sum()];
        let mut log = 0.0;
        let mut place = 0;
        for part in parts {
            log += part.log;
            by_lambda.iter_mut().zip(&part.by_lambda).for_each(|(x, y)| *x += y);
            for slope in part.slopes {
                slopes[self.tree.order[place] as usize] = slope;
                place += 1;
            }
        }
        let r = problem.x.transpose_times(&problem.x.by_pattern(&slopes));
        let mut gradient = r.iter().map(|r| -2.0 * r).collect::<Vec<_>>();
        for entry in &problem.theta.entries {
            let level = self.tree.levels.iter().position(|l| l.grouping == entry.grouping).unwrap_or_default();
            let first: usize = self.tree.levels[..level].iter().map(|l| l.width * l.width).sum();
            let k = self.tree.levels[level].width;
            gradient.push(-2.0 * by_lambda[first + entry.row * k + entry.column]);
        }
        Evaluated { deviance: -2.0 * log, gradient }
    }
}

/// What one piece gives.
struct Share {
    log: f64,
    slopes: Vec<f64>,
    by_lambda: Vec<f64>,
}

impl Shared<'_> {
    fn piece(&self, units: Range<usize>, u: &[f64]) -> Share {
        let levels = &self.tree.levels;
        let start = |_: usize, level: usize, unit: usize, own: &mut [f64]| {
            own.copy_from_slice(&u[levels[level].effects(unit)]);
        };
        let mut share = Share {
            log: 0.0,
            slopes: Vec::new(),
            by_lambda: vec![0.0; levels.iter().map(|l| l.width * l.width).sum()],
        };
        let mut log = [0.0];
        for top in units {
            let rows = Rows::new(self, top);
            let mut slopes = vec![0.0; rows.y.len()];
            let mut out = Out { log: &mut log, slopes: &mut slopes, by_lambda: &mut share.by_lambda };
            unit::integrate(self, &rows, (self.tree.top(), top), (&rows.fixed, 1), &start, &mut out);
            share.slopes.extend(slopes);
        }
        share.log = log[0];
        share
    }
}

fn cut(tree: &Tree, records: usize) -> Vec<Range<usize>> {
    let top = &tree.levels[tree.top()];
    let size = tree.order.len().div_ceil(MOST_PIECES).max(records);
    let mut pieces = Vec::new();
    let mut begin = 0;
    for unit in 0..top.units() {
        if top.starts[unit + 1] - top.starts[begin] >= size || unit + 1 == top.units() {
            pieces.push(begin..unit + 1);
            begin = unit + 1;
        }
    }
    pieces
}
