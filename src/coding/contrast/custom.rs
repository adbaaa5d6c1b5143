//! Comparisons written out, completed to as many columns as the factor needs.

use super::{comparison, inverse};
use crate::error::{Error, Kind, Result};
use crate::formula::Hypothesis;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// Comparisons of more levels than this are a mistake; completing them takes time that grows with the cube.
const MOST_LEVELS: usize = 500;

/// What is left of a comparison after those before it are taken out, as a share of it: less is a repeat.
const SHARE_LEFT: f64 = 1e-8;

/// As many comparisons as the factor has levels, less one: those that were asked for, then the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Custom {
    /// Label of each column.
    pub(super) labels: Vec<String>,
    /// Weights of each comparison over the levels; they sum to zero.
    weights: Vec<Vec<f64>>,
}

impl Custom {
    /// Reads the comparisons over these levels; `what` names the contrast in messages.
    ///
    /// Where there are fewer than the factor has columns, the rest is filled with comparisons orthogonal to these and to each
    /// other, labelled `rest 1`, `rest 2`, …: what the levels differ by beyond what was asked. They change neither the
    /// estimates of the others nor the likelihood.
    pub(super) fn of(hypotheses: &[Hypothesis], what: &str, levels: &[String]) -> Result<Self> {
        let refuse = |kind, slug, message: String| Err(Error::new(kind, slug, format!("{what}: {message}")));
        if levels.len() > MOST_LEVELS {
            let message = format!("{} levels are too many to be compared one by one; merge some", levels.len());
            return refuse(Kind::Size, "too-many-levels", message);
        }
        let read = |h: &Hypothesis| comparison::weights(&h.text, what, levels);
        let mut weights = hypotheses.iter().map(read).collect::<Result<Vec<_>>>()?;
        let mut labels = hypotheses.iter().map(|h| h.label.clone()).collect::<Vec<_>>();
        if let Some(twice) = (1..labels.len()).find(|&k| labels[..k].contains(&labels[k])) {
            let message = format!("two comparisons are labelled '{}'; give each a label of its own", labels[twice]);
            return refuse(Kind::Option, "repeated-label", message);
        }
        let columns = levels.len() - 1;
        if weights.len() > columns {
            let message = format!(
                "{} comparisons of {} levels: at most {columns} can be independent; leave out those that follow from the others",
                weights.len(),
                levels.len()
            );
            return refuse(Kind::Option, "too-many-comparisons", message);
        }
        let mut space = Space::of_the_mean(levels.len());
        for (k, row) in weights.iter().enumerate() {
            if !space.add(row) {
                let others = labels[..k].iter().map(|l| format!("'{l}'")).collect::<Vec<_>>().join(", ");
                let message = format!(
                    "the comparison '{}' follows from those before it ({others}), so it has no coefficient of its own; leave it out",
                    labels[k]
                );
                return refuse(Kind::Option, "redundant-comparison", message);
            }
        }
        let rest = space.rest();
        let mut names = (1..).map(|k| format!("rest {k}")).filter(|name| !hypotheses.iter().any(|h| h.label == *name));
        labels.extend(names.by_ref().take(rest.len()));
        weights.extend(rest);
        Ok(Self { labels, weights })
    }

    /// The contrast matrix, levels x columns.
    pub(super) fn matrix(&self) -> DMatrix<f64> {
        let columns = self.weights.len();
        // Checked to exist when the comparisons were read, and when a saved fit was.
        inverse::contrast(&self.weights).unwrap_or_else(|| DMatrix::zeros(columns + 1, columns))
    }

    /// Whether it can code a factor of so many levels.
    pub(super) fn fits(&self, levels: usize) -> bool {
        let sums =
            |row: &Vec<f64>| row.iter().sum::<f64>().abs() <= SHARE_LEFT * row.iter().map(|w| w.abs()).sum::<f64>();
        levels <= MOST_LEVELS
            && self.labels.len() + 1 == levels
            && self.weights.len() + 1 == levels
            && self.weights.iter().all(|row| row.len() == levels && sums(row))
            && inverse::contrast(&self.weights).is_some()
    }
}

/// Orthonormal rows, grown one by one.
struct Space {
    rows: Vec<Vec<f64>>,
}

impl Space {
    fn of_the_mean(levels: usize) -> Self {
        Self { rows: vec![vec![1.0 / (levels as f64).sqrt(); levels]] }
    }

    /// What a row has beyond the space; twice, so that rounding leaves nothing of the space in it.
    fn beyond(&self, row: &[f64]) -> Vec<f64> {
        let mut left = row.to_vec();
        for _ in 0..2 {
            for own in &self.rows {
                let dot: f64 = own.iter().zip(&left).map(|(a, b)| a * b).sum();
                left.iter_mut().zip(own).for_each(|(x, a)| *x -= dot * a);
            }
        }
        left
    }

    /// Takes a row in, unless it is in the space already.
    fn add(&mut self, row: &[f64]) -> bool {
        let mut left = self.beyond(row);
        let norm = length(&left);
        if norm.is_nan() || norm <= SHARE_LEFT * length(row) {
            return false;
        }
        left.iter_mut().for_each(|x| *x /= norm);
        self.rows.push(left);
        true
    }

    /// Comparisons that fill the space up, orthogonal to it and to each other.
    ///
    /// Each is what one level has beyond the space, in the order of the levels, with what it adds scaled to 1: after `a - b`
    /// among four levels these are `(a + b)/2 - (c + d)/2` and `c - d`.
    fn rest(mut self) -> Vec<Vec<f64>> {
        let levels = self.rows[0].len();
        let mut rest = Vec::new();
        for l in 0..levels {
            let mut unit = vec![0.0; levels];
            unit[l] = 1.0;
            let left = self.beyond(&unit);
            if self.rows.len() < levels && self.add(&unit) {
                let added: f64 = left.iter().filter(|x| **x > 0.0).sum();
                rest.push(left.iter().map(|x| x / added).collect());
            }
        }
        rest
    }
}

fn length(row: &[f64]) -> f64 {
    row.iter().map(|x| x * x).sum::<f64>().sqrt()
}
