//! Separation: directions along which the likelihood rises without end, found from the data alone.
//!
//! Of records with the same covariates x (a pattern), all, none, or some are events. Let s = 1 for the first kind and −1 for the
//! second. A direction d ≠ 0 with
//!
//! ```text
//! s x'd ≥ 0 for patterns of one kind,   x'd = 0 for patterns of both
//! ```
//!
//! never lowers the likelihood, whatever the other parameters are, so there is no finite maximum; without such a d there is one
//! (Albert & Anderson 1984, *Biometrika* 71:1; Silvapulle & Burridge 1986, *J R Stat Soc B* 48:100). The same d raises every
//! group's integral over its random effects, since it raises the integrand for every value of them: separation by the fixed
//! effects is separation of the marginal likelihood too. The reverse does not hold: [`super::fit_plain`] knows nothing of groups.
//!
//! The question is one of linear programming (Konis 2007, *Linear programming algorithms for detecting separated data*). With
//! rows aᵢ = sx of length one, the point ρ of the cone {d : Ad ≥ 0} that is nearest to Σ aᵢ answers it: ρ = Σ λᵢaᵢ with every
//! λᵢ ≥ 1, so either ρ = 0, and these λ prove that no d exists (Stiemke's alternative), or ρ is such a d. Patterns with aᵢ'ρ > 0
//! are then separated; they are put aside and the question is asked again of the others, until ρ = 0. What the others leave
//! undetermined, N = {d : x'd = 0 for all of them}, is where the estimates are infinite.

use crate::likelihood::Problem;
use crate::linalg::cone::{Rows, nearest_in_cone, null_space};
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// Where the estimate of a coefficient lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// At plus infinity.
    Up,
    /// At minus infinity.
    Down,
    /// The likelihood rises along directions with either sign: there is no finite estimate, and none at infinity.
    Either,
}

impl Direction {
    /// The word used at the Python edge.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "+infinity",
            Self::Down => "-infinity",
            Self::Either => "undetermined",
        }
    }
}

/// What separates events from non-events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Separation {
    /// Whether every record is predicted perfectly (complete separation), or only some are.
    pub complete: bool,
    /// Records, or trials, that are predicted perfectly.
    pub trials: f64,
    /// Coefficients without a finite estimate, as positions among the estimated ones, and where theirs lies.
    pub coefficients: Vec<(usize, Direction)>,
}

/// A component of a direction below this, of one, is rounding.
const ZERO: f64 = 1e-8;

/// A pattern on the right side by less than this, as a cosine, is on the boundary.
const STRICT: f64 = 1e-7;

/// Finds separation by the fixed effects; `None` if there is none.
pub fn find_separation(problem: &Problem) -> Option<Separation> {
    if problem.coefficients() == 0 {
        return None;
    }
    let patterns = Patterns::new(problem)?;
    let separated = patterns.set_apart()?;
    let held = (0..patterns.a.count()).filter(|i| !separated[*i]).collect::<Vec<_>>();
    let free = null_space(&patterns.a.pick(&held).gram(), ZERO);
    let trials = patterns.places.iter().zip(&separated).filter(|(_, s)| **s).map(|(&k, _)| patterns.trials[k]).sum();
    Some(Separation {
        complete: patterns.mixed == 0 && held.is_empty() && patterns.a.count() == patterns.trials.len(),
        trials,
        coefficients: patterns.infinite(&free),
    })
}

/// The patterns in coordinates in which the columns of X are at right angles and what mixed patterns forbid is left out.
struct Patterns {
    /// sx of the patterns of one kind, of length one, but for those that are zero in these coordinates.
    a: Rows,
    /// Which patterns they are.
    places: Vec<usize>,
    /// Trials per pattern.
    trials: Vec<f64>,
    /// Patterns with events and non-events.
    mixed: usize,
    /// From these coordinates to β.
    to_beta: DMatrix<f64>,
    /// Root mean square of each column of X: what one unit of β does to the linear predictor.
    units: Vec<f64>,
}

impl Patterns {
    /// `None` where patterns with events and non-events leave no direction.
    fn new(problem: &Problem) -> Option<Self> {
        let (x, p) = (&problem.x, problem.coefficients());
        let (y, m) = (x.by_pattern(&problem.outcome.successes), x.by_pattern(&problem.outcome.trials));
        let gram = x.gram(&vec![1.0; x.patterns]);
        let units = (0..p).map(|c| (gram[(c, c)] / x.patterns as f64).sqrt()).collect::<Vec<_>>();
        let scaled = DMatrix::from_fn(p, p, |i, j| gram[(i, j)] / (units[i] * units[j]));
        // X L⁻ᵀ has columns at right angles.
        let whiten = scaled.cholesky()?.l().transpose().try_inverse()?;
        let whiten = DMatrix::from_fn(p, p, |i, j| whiten[(i, j)] / units[i]);
        let kind = |k: usize| if y[k] >= m[k] { 1.0 } else { f64::from(u8::from(y[k] > 0.0)) - 1.0 };
        let mut row = DVector::zeros(p);
        let mut unit_row = |k: usize| {
            x.write_row(k, row.as_mut_slice());
            let z = whiten.tr_mul(&row);
            let length = z.norm();
            if length > 0.0 { z / length } else { z }
        };
        let mut both = DMatrix::zeros(p, p);
        let mut mixed = 0;
        for k in (0..x.patterns).filter(|&k| kind(k) == 0.0) {
            let z = unit_row(k);
            both.ger(1.0, &z, &z, 1.0);
            mixed += 1;
        }
        let left = null_space(&both, ZERO);
        if left.ncols() == 0 {
            return None;
        }
        let mut a = Rows { values: Vec::new(), width: left.ncols() };
        let mut places = Vec::new();
        for k in (0..x.patterns).filter(|&k| kind(k) != 0.0) {
            let z = left.tr_mul(&unit_row(k));
            let length = z.norm();
            if length > STRICT {
                a.values.extend(z.iter().map(|z| z * kind(k) / length));
                places.push(k);
            }
        }
        Some(Self { a, places, trials: m, mixed, to_beta: &whiten * left, units })
    }

    /// Which rows of `a` some direction has strictly on their side; `None` if there is none.
    fn set_apart(&self) -> Option<Vec<bool>> {
        let mut separated = vec![false; self.a.count()];
        loop {
            let places = (0..separated.len()).filter(|&i| !separated[i]).collect::<Vec<_>>();
            let rows = self.a.pick(&places);
            let sum = rows.iter().fold(DVector::zeros(rows.width), |sum, row| sum + DVector::from_column_slice(row));
            if sum.norm() <= ZERO {
                break;
            }
            let rho = nearest_in_cone(&rows, &(&sum / sum.norm()));
            if rho.norm() <= ZERO {
                break;
            }
            let sides = rows.times(&(&rho / rho.norm()));
            let apart =
                places.iter().zip(&sides).filter(|(_, side)| **side > STRICT).map(|(&k, _)| k).collect::<Vec<_>>();
            if apart.is_empty() {
                break;
            }
            apart.into_iter().for_each(|k| separated[k] = true);
        }
        separated.contains(&true).then_some(separated)
    }

    /// Coefficients that take part in a direction of `free`, and to which side directions of the cone take them.
    fn infinite(&self, free: &DMatrix<f64>) -> Vec<(usize, Direction)> {
        let moves = &self.to_beta * free;
        let within = self.within(free);
        let size = |j: usize| moves.row(j).norm() * self.units[j];
        let largest = (0..moves.nrows()).map(size).fold(0.0, f64::max);
        let infinite = (0..moves.nrows()).filter(|&j| size(j) > STRICT * largest);
        infinite.map(|j| (j, direction(&within, &moves.row(j).transpose()))).collect()
    }

    /// The rows in coordinates of `free`; those that are zero there are not separated.
    fn within(&self, free: &DMatrix<f64>) -> Rows {
        let mut out = Rows { values: Vec::new(), width: free.ncols() };
        for row in self.a.iter() {
            let z = free.tr_mul(&DVector::from_column_slice(row));
            let length = z.norm();
            if length > STRICT {
                out.values.extend(z.iter().map(|z| z / length));
            }
        }
        out
    }
}

/// The sign of c'd over the cone {d : Ad ≥ 0}. It is never negative when c is a sum of the rows with weights ≥ 0, that is, when
/// the point of the cone nearest to −c is zero (Farkas).
fn direction(a: &Rows, c: &DVector<f64>) -> Direction {
    let unit = c / c.norm();
    let never = |sign: f64| nearest_in_cone(a, &(&unit * -sign)).norm() <= STRICT;
    if never(1.0) {
        Direction::Up
    } else if never(-1.0) {
        Direction::Down
    } else {
        Direction::Either
    }
}
