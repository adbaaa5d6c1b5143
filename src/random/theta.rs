//! θ and the relative Cholesky factor: Σ = ΛΛ', one small lower triangle per grouping factor, on the linear scale.

use super::grouping::GroupingSpec;

/// Where one element of θ sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThetaEntry {
    /// Grouping factor.
    pub grouping: usize,
    /// Row of its Λ.
    pub row: usize,
    /// Column of its Λ (at most the row).
    pub column: usize,
}

/// The order of θ: grouping by grouping, part by part, column by column of the lower triangle (lme4's order).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ThetaMap {
    /// Effects per level of each grouping.
    pub widths: Vec<usize>,
    /// Position of each element.
    pub entries: Vec<ThetaEntry>,
}

/// Λ of every grouping, k x k row after row.
#[derive(Debug, Clone, PartialEq)]
pub struct Lambda(pub Vec<Vec<f64>>);

impl ThetaMap {
    /// The map for these grouping factors.
    pub fn new(specs: &[GroupingSpec]) -> Self {
        let mut map = Self::default();
        for (grouping, spec) in specs.iter().enumerate() {
            let mut start = 0;
            for part in &spec.parts {
                let k = part.width();
                for column in start..start + k {
                    map.entries.extend((column..start + k).map(|row| ThetaEntry { grouping, row, column }));
                }
                start += k;
            }
            map.widths.push(start);
        }
        map
    }

    /// Number of elements of θ.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no random effects.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Λ(θ).
    pub fn lambda(&self, theta: &[f64]) -> Lambda {
        let mut lambda = self.widths.iter().map(|&k| vec![0.0; k * k]).collect::<Vec<_>>();
        for (entry, t) in self.entries.iter().zip(theta) {
            lambda[entry.grouping][entry.row * self.widths[entry.grouping] + entry.column] = *t;
        }
        Lambda(lambda)
    }

    /// Flips the sign of columns so that every diagonal element is non-negative; Σ does not change.
    pub fn make_positive(&self, theta: &mut [f64]) {
        for d in 0..self.len() {
            let diagonal = self.entries[d];
            if diagonal.row == diagonal.column && theta[d] < 0.0 {
                for (entry, t) in self.entries.iter().zip(theta.iter_mut()) {
                    if entry.grouping == diagonal.grouping && entry.column == diagonal.column {
                        *t = -*t;
                    }
                }
            }
        }
    }

    /// Σ = ΛΛ' of one grouping, k x k row after row.
    pub fn covariance(&self, theta: &[f64], grouping: usize) -> Vec<f64> {
        let k = self.widths[grouping];
        let l = &self.lambda(theta).0[grouping];
        let dot = |a: usize, b: usize| (0..k).map(|c| l[a * k + c] * l[b * k + c]).sum();
        (0..k * k).map(|ab| dot(ab / k, ab % k)).collect()
    }
}
