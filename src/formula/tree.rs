//! The formula as written, before anything is expanded.
//!
//! Chains are flat lists (`a:b:c` is one node with three children), so the tree is only as deep as the
//! parentheses, and these are counted before parsing: no input can exhaust the stack.

use super::ast::{Atom, Response, Span, Variable};

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) response: Response,
    pub(super) right: Node,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum NodeKind {
    /// `1` or `0`.
    Intercept(bool),
    Atom(Atom),
    Offset(Atom),
    Random(Bar),
    /// `a + b - c`.
    Sum(Vec<(Sign, Node)>),
    /// `a * b / c`, from left to right; the operator of each node is the one before it.
    Product(Box<Node>, Vec<(Crossing, Node)>),
    /// `a %in% b`.
    Nested(Vec<Node>),
    /// `a:b`.
    Interaction(Vec<Node>),
    /// `(a + b)^2`.
    Power(Box<Node>, u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crossing {
    Star,
    Slash,
}

/// `(effects | group)`, or with `double` `(effects || group)`.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) effects: Box<Node>,
    pub(super) double: bool,
    /// The groupings: `a/b` has two, `a` and `a:b`.
    pub(super) groups: Vec<Vec<Variable>>,
    pub(super) span: Span,
}
