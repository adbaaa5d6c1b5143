//! How formula terms became columns: recorded at the fit, replayed on new data.

use crate::coding::{Basis, Codes, Column, Contrast, Factor, Frame, Number};
use crate::error::{Error, Kind, Result};
use crate::formula::{Atom, ContrastKind, Term, Transform};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// More columns than this are a mistake: X'X alone would take 200 MB, and each level wants its own records.
const MOST_COLUMNS: usize = 5_000;

/// Contrasts and reference levels asked for by argument, by column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CodingOptions {
    /// Contrast by column.
    pub contrasts: BTreeMap<String, ContrastKind>,
    /// Reference level by column.
    pub references: BTreeMap<String, String>,
}

/// One variable of a term.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AtomSpec {
    /// Index into [`DesignSpec::factors`], and whether it is coded in full (an indicator per level).
    Factor {
        /// Which factor.
        index: usize,
        /// Indicator coding, where marginality asks for it.
        full: bool,
    },
    /// A numeric covariate.
    Number(Number),
    /// A curve of one.
    Basis(Basis),
}

/// One term: a main effect or an interaction, and the columns it became.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TermSpec {
    /// Name in the formula, e.g. `age:gender`.
    pub name: String,
    /// Its variables.
    pub atoms: Vec<AtomSpec>,
    /// First column.
    pub start: usize,
    /// Number of columns.
    pub width: usize,
}

/// The whole design.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DesignSpec {
    /// Whether column 0 is the constant.
    pub intercept: bool,
    /// Categorical covariates.
    pub factors: Vec<Factor>,
    /// Terms in order.
    pub terms: Vec<TermSpec>,
    /// Name of every column.
    pub names: Vec<String>,
}

impl DesignSpec {
    /// Learns the coding of `terms` from the `rows` of the frame.
    pub fn learn(
        intercept: bool,
        terms: &[Term],
        frame: &Frame,
        rows: &[u32],
        options: &CodingOptions,
    ) -> Result<Self> {
        let mut spec = Self { intercept, ..Self::default() };
        if intercept {
            spec.names.push("(Intercept)".to_string());
        }
        for term in terms {
            let atoms = term
                .atoms
                .iter()
                .map(|atom| spec.learn_atom(atom, is_full(term, atom, intercept, terms, frame), frame, rows, options))
                .collect::<Result<Vec<_>>>()?;
            let names = spec.column_names(&atoms, &term.name())?;
            spec.terms.push(TermSpec { name: term.name(), atoms, start: spec.names.len(), width: names.len() });
            spec.names.extend(names);
        }
        Ok(spec)
    }

    fn learn_atom(
        &mut self,
        atom: &Atom,
        full: bool,
        frame: &Frame,
        rows: &[u32],
        options: &CodingOptions,
    ) -> Result<AtomSpec> {
        let column = atom.column.as_str();
        let (contrast, reference) = match (&atom.transform, frame.get(column)?) {
            (Transform::Function(f), _) => {
                return Ok(AtomSpec::Number(Number::learn(frame, rows, column, atom.name(), Some(*f))?));
            }
            (Transform::Basis(kind), _) => {
                return Ok(AtomSpec::Basis(Basis::learn(frame, rows, column, atom.name(), kind)?));
            }
            (Transform::Identity, Column::Number(_)) => {
                return Ok(AtomSpec::Number(Number::learn(frame, rows, column, atom.name(), None)?));
            }
            (Transform::Identity, Column::Factor { .. }) => (None, None),
            (Transform::Category { contrast, reference }, _) => (contrast.as_ref(), reference.as_deref()),
        };
        let contrast = contrast.or_else(|| options.contrasts.get(column)).unwrap_or(&ContrastKind::Treatment);
        let reference = reference.or_else(|| options.references.get(column).map(String::as_str));
        let factor = Factor::learn(frame, rows, column, reference)?.coded(contrast)?;
        let index = self.factors.iter().position(|f| *f == factor).unwrap_or_else(|| {
            self.factors.push(factor);
            self.factors.len() - 1
        });
        Ok(AtomSpec::Factor { index, full })
    }

    /// The contrast of a factor atom: its own, or one indicator per level.
    pub fn contrast(&self, index: usize, full: bool) -> &Contrast {
        if full { &Contrast::Indicator } else { &self.factors[index].contrast }
    }

    /// The contrast of a factor in the terms that have it: indicators where every one of them codes it in full.
    pub fn contrast_in_use(&self, index: usize) -> &Contrast {
        let by_contrast = |atom: &AtomSpec| matches!(atom, AtomSpec::Factor { index: i, full: false } if *i == index);
        self.contrast(index, !self.terms.iter().flat_map(|t| &t.atoms).any(by_contrast))
    }

    fn column_names(&self, atoms: &[AtomSpec], term: &str) -> Result<Vec<String>> {
        let is_curve = |a: &usize| matches!(atoms[*a], AtomSpec::Basis(_));
        let (curves, others): (Vec<_>, Vec<_>) = (0..atoms.len()).partition(is_curve);
        let mut names = vec![vec![String::new(); atoms.len()]];
        // The first variable's levels run fastest, as in R, and curves after everything else.
        for a in others.into_iter().chain(curves) {
            let labels = match &atoms[a] {
                AtomSpec::Number(number) => vec![number.name.clone()],
                AtomSpec::Basis(basis) => {
                    check_size(names.len().saturating_mul(basis.width()) + self.names.len(), None, term)?;
                    basis.labels()
                }
                AtomSpec::Factor { index, full } => {
                    let f = &self.factors[*index];
                    let width = f.levels.len() - usize::from(!*full);
                    check_size(names.len().saturating_mul(width) + self.names.len(), Some(f), term)?;
                    let labels = self.contrast(*index, *full).labels(&f.levels, f.reference);
                    labels.iter().map(|l| format!("{}[{l}]", f.column)).collect()
                }
            };
            let with = |parts: &Vec<String>, label: &String| {
                let mut parts = parts.clone();
                parts[a].clone_from(label);
                parts
            };
            names = labels.iter().flat_map(|label| names.iter().map(move |parts| with(parts, label))).collect();
        }
        Ok(names.iter().map(|parts| parts.join(":")).collect())
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// Whether every index and width fits: a spec read from a file is data, not code.
    pub fn is_consistent(&self) -> bool {
        let coded = |f: &Factor| f.levels.len() >= 2 && f.reference < f.levels.len() && f.contrast.fits(f.levels.len());
        let factors = self.factors.iter().all(coded);
        let mut next = usize::from(self.intercept);
        for term in &self.terms {
            let width = term.atoms.iter().try_fold(1usize, |width, atom| match atom {
                AtomSpec::Number(_) => Some(width),
                AtomSpec::Basis(basis) => width.checked_mul(basis.width()).filter(|_| basis.is_consistent()),
                AtomSpec::Factor { index, full } => {
                    width.checked_mul(self.factors.get(*index)?.levels.len() - usize::from(!*full))
                }
            });
            if !factors || term.start != next || width != Some(term.width) {
                return false;
            }
            next += term.width;
        }
        factors && next == self.names.len()
    }

    /// Codes of `rows` for each of `factors`; a level that was not in the fit is an error.
    pub fn factor_codes(&self, frame: &Frame, rows: &[u32]) -> Result<Vec<Codes>> {
        self.factors.par_iter().map(|f| f.codes(frame, rows)).collect()
    }
}

fn check_size(columns: usize, factor: Option<&Factor>, term: &str) -> Result<()> {
    if columns <= MOST_COLUMNS {
        return Ok(());
    }
    let (levels, cure) = factor.map_or((String::new(), "use curves with fewer columns".to_string()), |f| {
        let levels = format!(" ('{}' has {} levels)", f.column, f.levels.len());
        (levels, format!("a factor with that many levels belongs in a random effect: (1 | {})", f.column))
    });
    let message = format!(
        "term '{term}' would bring the fixed effects to {columns} columns{levels}, above the {MOST_COLUMNS} that melogit estimates as fixed effects; {cure}"
    );
    Err(Error::new(Kind::Size, "too-many-columns", message))
}

/// R's rule: a factor is coded by contrasts when the term without it is in the model, else by one indicator per level.
fn is_full(term: &Term, atom: &Atom, intercept: bool, terms: &[Term], frame: &Frame) -> bool {
    let rest = term.atoms.iter().filter(|a| a.name() != atom.name()).map(Atom::name).collect::<Vec<_>>();
    if rest.is_empty() {
        // Without an intercept the first factor among the main effects carries the mean.
        let first = terms.iter().find(|t| t.atoms.len() == 1 && is_factor(&t.atoms[0], frame));
        return !intercept && first.is_some_and(|t| t.atoms[0].name() == atom.name());
    }
    let margin = |t: &Term| t.atoms.len() == rest.len() && t.atoms.iter().all(|a| rest.contains(&a.name()));
    !terms.iter().any(margin)
}

fn is_factor(atom: &Atom, frame: &Frame) -> bool {
    match atom.transform {
        Transform::Function(_) | Transform::Basis(_) => false,
        Transform::Category { .. } => true,
        Transform::Identity => matches!(frame.get(&atom.column), Ok(Column::Factor { .. })),
    }
}
