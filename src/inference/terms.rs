//! What a term says beyond how it is coded: its effect as a function on the levels of its factors.
//!
//! A term T with factors a, b, … and columns C_a ⊗ C_b ⊗ … adds f_T(levels) = (C_a ⊗ C_b ⊗ …) β_T to the linear predictor. All
//! terms that hold the factors of S and the same numbers add to the effect of S once the other factors are averaged over their
//! levels, each with the same weight:
//!
//! ```text
//! L_S β = Σ over T ⊇ S of ⊗ over a in T of (Q_a C_a) β_T,   Q_a = I − J/n for a in S, 1'/n for the others
//! ```
//!
//! That is the effect of S in the sense of sum-to-zero contrasts, whatever the contrasts of the fit: tests of L_S β = 0 do
//! not depend on coding. A factor that S codes in full (an indicator per level, because the term without it is not in the
//! model) carries that absent term as well, so there Q_a = I. Source: Searle (1987), *Linear Models for Unbalanced Data*,
//! chapters 5 and 9.

use crate::design::{AtomSpec, DesignSpec, TermSpec};
use nalgebra::DMatrix;

/// One variable of a term, with its place among the term's columns.
struct Axis {
    key: Key,
    /// Columns, and how far apart two neighbours are.
    width: usize,
    stride: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Factor {
        index: usize,
        full: bool,
    },
    /// A number or a curve, by name.
    Number(String),
}

impl Key {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Factor { index: a, .. }, Self::Factor { index: b, .. }) => a == b,
            (a, b) => a == b,
        }
    }
}

/// Variables of a term, first column running fastest, curves slowest, as the columns of a design are ordered.
fn axes(design: &DesignSpec, term: &TermSpec) -> Vec<Axis> {
    let is_curve = |atom: &&AtomSpec| matches!(atom, AtomSpec::Basis(_));
    let (curves, others): (Vec<_>, Vec<_>) = term.atoms.iter().partition(is_curve);
    let mut stride = 1;
    let axis = |atom: &AtomSpec| {
        let (key, width) = match atom {
            AtomSpec::Factor { index, full } => {
                let levels = design.factors[*index].levels.len();
                (Key::Factor { index: *index, full: *full }, levels - usize::from(!*full))
            }
            AtomSpec::Number(number) => (Key::Number(number.name.clone()), 1),
            AtomSpec::Basis(basis) => (Key::Number(basis.name.clone()), basis.width()),
        };
        let axis = Axis { key, width, stride };
        stride *= width;
        axis
    };
    others.into_iter().chain(curves).map(axis).collect()
}

/// Whether every variable of `inner` is one of `outer`.
pub(super) fn contains(design: &DesignSpec, outer: &TermSpec, inner: &TermSpec) -> bool {
    let (outer, inner) = (axes(design, outer), axes(design, inner));
    inner.iter().all(|i| outer.iter().any(|o| o.key.is(&i.key)))
}

/// Whether a term adds to the effect of another: it holds its variables, and beside them factors only.
fn adds_to(outer: &[Axis], inner: &[Axis]) -> bool {
    inner.iter().all(|i| outer.iter().any(|o| o.key.is(&i.key)))
        && outer.iter().all(|o| matches!(o.key, Key::Factor { .. }) || inner.iter().any(|i| i.key.is(&o.key)))
}

/// What becomes of a factor's levels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    /// Each level.
    Each,
    /// Each level against their mean.
    Deviation,
    /// Their mean.
    Mean,
}

/// Q C for one factor: rows by columns of its contrast.
fn contrasted(design: &DesignSpec, index: usize, full: bool, over: Over) -> DMatrix<f64> {
    let factor = &design.factors[index];
    let n = factor.levels.len();
    let c = design.contrast(index, full).matrix(n, factor.reference);
    let mean = DMatrix::from_fn(1, c.ncols(), |_, k| c.column(k).sum() / n as f64);
    match over {
        Over::Each => c,
        Over::Mean => mean,
        Over::Deviation => DMatrix::from_fn(n, c.ncols(), |l, k| c[(l, k)] - mean[(0, k)]),
    }
}

/// L_S over the columns of the design, a row per cell of the term's factors and column of its curves.
pub(super) fn effect(design: &DesignSpec, term: &TermSpec) -> Vec<Vec<f64>> {
    let own = axes(design, term);
    let over = |key: &Key| match key {
        Key::Factor { full: true, .. } => Over::Each,
        _ => Over::Deviation,
    };
    let wanted = own.iter().map(|axis| (axis, over(&axis.key))).collect::<Vec<_>>();
    combined(design, &wanted)
}

/// Whether the effect of a term is in its own columns alone.
pub(super) fn stands_alone(design: &DesignSpec, term: &TermSpec) -> bool {
    let own = axes(design, term);
    design.terms.iter().filter(|t| t.start != term.start).all(|t| !adds_to(&axes(design, t), &own))
}

/// The linear predictor of each level of a factor, over the columns of the design: the other factors averaged over their levels,
/// numbers at whatever value. `Err` names a number that the factor's effect depends on.
pub(super) fn by_level(design: &DesignSpec, factor: usize) -> Result<Vec<Vec<f64>>, String> {
    for term in &design.terms {
        let axes = axes(design, term);
        let holds = axes.iter().any(|a| matches!(a.key, Key::Factor { index, .. } if index == factor));
        let number = axes.iter().find_map(|a| match &a.key {
            Key::Number(name) => Some(name.clone()),
            Key::Factor { .. } => None,
        });
        if let Some(name) = number.filter(|_| holds) {
            return Err(name);
        }
    }
    let axis = Axis { key: Key::Factor { index: factor, full: true }, width: 0, stride: 0 };
    Ok(combined(design, &[(&axis, Over::Each)]))
}

/// Adds up what every term says about the cells of the wanted variables.
fn combined(design: &DesignSpec, wanted: &[(&Axis, Over)]) -> Vec<Vec<f64>> {
    let sizes = wanted.iter().map(|(axis, _)| match &axis.key {
        Key::Factor { index, .. } => design.factors[*index].levels.len(),
        Key::Number(_) => axis.width,
    });
    let sizes = sizes.collect::<Vec<_>>();
    let mut rows = vec![vec![0.0; design.width()]; sizes.iter().product()];
    for term in &design.terms {
        let axes = axes(design, term);
        let matches = |axis: &Axis| wanted.iter().position(|(w, _)| w.key.is(&axis.key));
        let found = axes.iter().map(matches).collect::<Vec<_>>();
        let all = (0..wanted.len()).all(|w| found.contains(&Some(w)));
        let strange = axes.iter().zip(&found).any(|(a, f)| f.is_none() && matches!(a.key, Key::Number(_)));
        if !all || strange {
            continue;
        }
        // One matrix per variable of the term: cells (or one, for the mean) by columns.
        let parts = axes.iter().zip(&found).map(|(axis, found)| match (&axis.key, found) {
            (Key::Factor { index, full }, Some(w)) => contrasted(design, *index, *full, wanted[*w].1),
            (Key::Factor { index, full }, None) => contrasted(design, *index, *full, Over::Mean),
            (Key::Number(_), _) => DMatrix::identity(axis.width, axis.width),
        });
        let parts = parts.collect::<Vec<_>>();
        for (cell, row) in rows.iter_mut().enumerate() {
            let at = places(cell, &sizes);
            for column in 0..term.width {
                let entry =
                    axes.iter().zip(&found).zip(&parts).map(|((axis, found), part)| {
                        part[(found.map_or(0, |w| at[w]), column / axis.stride % axis.width)]
                    });
                row[term.start + column] += entry.product::<f64>();
            }
        }
    }
    rows
}

/// The digits of a cell's number, first variable fastest.
fn places(mut cell: usize, sizes: &[usize]) -> Vec<usize> {
    let digit = |&size: &usize| {
        let digit = cell % size;
        cell /= size;
        digit
    };
    sizes.iter().map(digit).collect()
}
