//! The data of a fit in the order the kernels want them.

use super::layout::Layout;
use super::method::Quadrature;
use crate::coding::Outcome;
use crate::design::Design;
use crate::error::Result;
use crate::progress::Board;
use crate::random::{Grouping, Lambda, ThetaMap};
use crate::settings::Penalty;
use std::sync::Arc;

/// One piece of coded data: outcome, design, groupings. The objective is a pure function of it, β and θ.
#[derive(Debug, Clone)]
pub struct Problem {
    /// y, m and the constant of the log-likelihood.
    pub outcome: Outcome,
    /// Added to the linear predictor, per record.
    pub offset: Option<Vec<f64>>,
    /// X, without redundant columns.
    pub x: Design,
    /// Grouping factors, most columns first; records are sorted by the first.
    pub groupings: Vec<Grouping>,
    /// Where θ sits in Λ.
    pub theta: ThetaMap,
    /// Structure of A.
    pub layout: Layout,
    /// Start of each grouping's effects in a record's row of M.
    pub row_offsets: Vec<usize>,
    /// How u is integrated out: `None` is Laplace's method.
    pub quadrature: Option<Quadrature>,
    /// Where the work done is written down for whoever watches.
    pub board: Arc<Board>,
    /// What is added to the log-likelihood.
    pub penalty: Penalty,
    /// Root mean square of z, grouping after grouping.
    units: Vec<f64>,
}

impl Problem {
    /// Puts the parts together.
    /// `piece` is the least number of records in one piece of work, [`PIECE`] but in tests.
    pub fn new(
        outcome: Outcome,
        offset: Option<Vec<f64>>,
        x: Design,
        groupings: Vec<Grouping>,
        theta: ThetaMap,
        piece: usize,
    ) -> Result<Self> {
        let layout = Layout::new(&groupings, outcome.trials.len(), piece)?;
        let units = groupings.iter().flat_map(|g| (0..g.width).map(|a| unit(g, a))).collect();
        let mut row_offsets = vec![0];
        for g in &groupings {
            row_offsets.push(row_offsets[row_offsets.len() - 1] + g.width);
        }
        Ok(Self {
            outcome,
            offset,
            x,
            groupings,
            theta,
            layout,
            row_offsets,
            quadrature: None,
            board: Arc::default(),
            penalty: Penalty::None,
            units,
        })
    }

    /// The same problem with other events, record after record.
    #[must_use]
    pub fn with_successes(&self, successes: Vec<f64>) -> Self {
        Self { outcome: self.outcome.with_successes(successes), ..self.clone() }
    }

    /// The same problem with other columns in the place of X.
    #[must_use]
    pub fn with_design(&self, x: Design) -> Self {
        Self { x, ..self.clone() }
    }

    /// The problem of some of the records, ascending. If they share no random effect with the others, its log-likelihood is
    /// what they add to the whole, but for the constant, which is left out.
    pub fn piece(&self, records: &[u32]) -> Result<Self> {
        let pick = |x: &[f64]| records.iter().map(|&i| x[i as usize]).collect::<Vec<_>>();
        let outcome =
            Outcome { successes: pick(&self.outcome.successes), trials: pick(&self.outcome.trials), constant: 0.0 };
        let groupings = self.groupings.iter().map(|g| g.pick(records)).collect();
        let offset = self.offset.as_deref().map(pick);
        let mut piece = Self::new(outcome, offset, self.x.pick(records), groupings, self.theta.clone(), PIECE)?;
        piece.quadrature = self.quadrature.as_ref().and_then(|q| Quadrature::new(q.points(), &piece));
        piece.penalty = self.penalty;
        Ok(piece)
    }

    /// What one unit of an effect does to the linear predictor: the root mean square of its z (1 where z is zero throughout).
    pub fn unit(&self, grouping: usize, effect: usize) -> f64 {
        self.units[self.row_offsets[grouping] + effect]
    }

    /// Number of records, n.
    pub fn rows(&self) -> usize {
        self.outcome.trials.len()
    }

    /// Number of coefficients, p.
    pub fn coefficients(&self) -> usize {
        self.x.width
    }

    /// Number of parameters, p + t.
    pub fn parameters(&self) -> usize {
        self.x.width + self.theta.len()
    }

    /// Effects in one record's row of M: the sum of k over groupings.
    pub fn row_width(&self) -> usize {
        self.row_offsets[self.groupings.len()]
    }

    /// Whether the only random effect is one intercept: the case with kernels of its own.
    pub fn is_scalar(&self) -> bool {
        self.groupings.len() == 1 && self.groupings[0].z.is_none()
    }

    /// z of grouping `g` in record `i`, effect `a`.
    #[inline]
    pub fn z(&self, g: usize, i: usize, a: usize) -> f64 {
        let grouping = &self.groupings[g];
        grouping.z.as_ref().map_or(1.0, |z| z[i * grouping.width + a])
    }

    /// Row `i` of M = ZΛ, grouping after grouping.
    #[inline]
    pub fn write_m(&self, lambda: &Lambda, i: usize, m: &mut [f64]) {
        for (g, grouping) in self.groupings.iter().enumerate() {
            let k = grouping.width;
            let (l, out) = (&lambda.0[g], &mut m[self.row_offsets[g]..self.row_offsets[g + 1]]);
            match &grouping.z {
                None => out[0] = l[0],
                Some(z) => {
                    let z = &z[i * k..(i + 1) * k];
                    for b in 0..k {
                        out[b] = (b..k).map(|a| z[a] * l[a * k + b]).sum();
                    }
                }
            }
        }
    }

    /// Index in u of the first effect of grouping `g` for record `i`, whose leading level is `j`.
    #[inline]
    pub fn effect(&self, g: usize, i: usize, j: usize) -> usize {
        if g == 0 {
            j * self.layout.lead
        } else {
            self.layout.leading() + self.layout.trailing_column[i * self.layout.others + g - 1] as usize
        }
    }

    /// Row `i` of M times a vector over effects.
    #[inline]
    pub fn m_times(&self, m: &[f64], i: usize, j: usize, u: &[f64]) -> f64 {
        let mut sum = 0.0;
        for g in 0..self.groupings.len() {
            let first = self.effect(g, i, j);
            for (d, x) in m[self.row_offsets[g]..self.row_offsets[g + 1]].iter().enumerate() {
                sum += x * u[first + d];
            }
        }
        sum
    }
}

/// Records per piece at least: waking another thread costs about as much as reading 5,000 records.
pub const PIECE: usize = 16_384;

fn unit(grouping: &Grouping, effect: usize) -> f64 {
    let Some(z) = &grouping.z else { return 1.0 };
    let square: f64 = z.iter().skip(effect).step_by(grouping.width).map(|z| z * z).sum();
    let unit = (square / grouping.codes.len() as f64).sqrt();
    if unit > 0.0 { unit } else { 1.0 }
}
