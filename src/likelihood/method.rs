//! How u is integrated out where Laplace's method does not do: one grouping factor, or a chain of nested ones.

use super::hessian::{Curvature, Curved, laplace_hessian};
use super::laplace::{Gradient, laplace_gradient};
use super::mode::Mode;
use super::nested::{self, Nested};
use super::problem::Problem;
use super::quadrature::{self, OneFactor};
use crate::random::Lambda;

/// A rule, and the work cut for it.
#[derive(Debug, Clone)]
pub enum Quadrature {
    /// One grouping factor.
    OneFactor(OneFactor),
    /// Several, each nested in the next.
    Nested(Nested),
}

/// D at a mode, and what was found on the way.
pub(super) struct Value {
    /// D.
    pub(super) deviance: f64,
    /// π, what each node of a group contributes; for one grouping factor.
    pub(super) weights: Vec<f64>,
    /// ∂D/∂(β, θ), where it comes with the value.
    pub(super) slopes: Vec<f64>,
}

impl Quadrature {
    /// The rule with this many points per effect; `None` where it is not defined: without random effects, with grouping
    /// factors that are crossed, with more than [`MOST_EFFECTS`](super::MOST_EFFECTS) effects per group,
    /// [`MOST_POINTS`](crate::settings::MOST_POINTS) points, or [`MOST_NODES`](super::MOST_NODES) nodes that a record is read at.
    pub fn new(points: usize, problem: &Problem) -> Option<Self> {
        if problem.groupings.len() > 1 {
            return Nested::new(points, problem).map(Self::Nested);
        }
        OneFactor::new(points, &problem.layout).map(Self::OneFactor)
    }

    /// Points per effect.
    pub fn points(&self) -> usize {
        match self {
            Self::OneFactor(rule) => rule.points(),
            Self::Nested(rule) => rule.points(),
        }
    }

    /// Nodes that a record is read at.
    pub fn nodes(&self) -> usize {
        match self {
            Self::OneFactor(rule) => rule.nodes(),
            Self::Nested(rule) => rule.nodes(),
        }
    }

    /// The same rule with pieces of at least this many records.
    #[must_use]
    pub fn with_pieces(self, problem: &Problem, records: usize) -> Self {
        match self {
            Self::OneFactor(rule) => Self::OneFactor(rule.with_pieces(&problem.layout, records)),
            Self::Nested(rule) => Self::Nested(rule.with_pieces(records)),
        }
    }

    /// D at the modes `u` with their factors `chol`; `fixed` is Xβ per pattern.
    pub(super) fn value(&self, problem: &Problem, lambda: &Lambda, fixed: &[f64], u: &[f64], chol: &[f64]) -> Value {
        match self {
            Self::OneFactor(rule) => {
                let (weights, deviance) = quadrature::value(rule, problem, lambda, fixed, u, chol);
                Value { deviance, weights, slopes: Vec::new() }
            }
            Self::Nested(rule) => {
                let evaluated = rule.evaluate(problem, lambda, fixed, u);
                Value { deviance: evaluated.deviance, weights: Vec::new(), slopes: evaluated.gradient }
            }
        }
    }

    /// The exact gradient of D at `mode`. By nested quadrature what goes with it is that of Laplace's method.
    pub(super) fn gradient(&self, problem: &Problem, mode: &Mode) -> Gradient {
        match self {
            Self::OneFactor(rule) => quadrature::gradient(rule, problem, mode),
            Self::Nested(_) => Gradient { value: mode.slopes.clone(), ..laplace_gradient(problem, mode) },
        }
    }

    /// The Hessian of D at `mode`: exact, or by central differences of the exact gradient for nested factors. There the metric
    /// of the search is Laplace's.
    pub(super) fn hessian(&self, problem: &Problem, mode: &Mode, gradient: &Gradient, curvature: Curvature) -> Curved {
        match self {
            Self::OneFactor(rule) => quadrature::hessian(rule, problem, mode, gradient),
            Self::Nested(rule) => {
                let near = laplace_hessian(problem, mode, gradient, Curvature::Metric);
                if curvature == Curvature::Metric {
                    return near;
                }
                let hessian = nested::hessian(rule, problem, mode, &near.hessian, &near.moves);
                Curved { hessian, moves: near.moves }
            }
        }
    }
}
