//! p-values and intervals of several comparisons at once.
//!
//! | method | p-value of comparison k of m | interval |
//! |---|---|---|
//! | `none` | P(&#124;Z&#124; > &#124;zₖ&#124;) | pointwise |
//! | `bonferroni` | m times that | level 1 − α/m |
//! | `sidak` | 1 − (1 − that)ᵐ | level (1 − α)^(1/m) |
//! | `holm` | step-down Bonferroni (Holm 1979, *Scand J Stat* 6:65) | Bonferroni's |
//! | `tukey` | studentised range of the levels, infinite degrees of freedom | the same |
//! | `mvt` | P(max &#124;Zⱼ&#124; > &#124;zₖ&#124;) under the estimates' correlations | the same |
//!
//! `mvt` is exact for any design but for the error of its integral, which is given (Hothorn, Bretz & Westfall 2008, *Biometrical
//! Journal* 50:346); `tukey` is exact where the levels' estimates are independent and alike, else nearly so, and on the safe side
//! for comparisons of all pairs (Hayter 1984, *Ann Stat* 12:61, for independent estimates).

mod maximum;
mod range;

use super::normal::{two_sided, two_sided_p};
use crate::error::{Error, Kind, Result};
use maximum::Maximum;
use nalgebra::DMatrix;

/// How to allow for the number of comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjust {
    /// Not at all.
    Unadjusted,
    /// Bonferroni.
    Bonferroni,
    /// Šidák.
    Sidak,
    /// Holm.
    Holm,
    /// Tukey.
    Tukey,
    /// The joint normal distribution of the estimates.
    Joint,
}

impl Adjust {
    /// Reads a name.
    pub fn from_name(name: &str) -> Result<Self> {
        Ok(match name {
            "none" => Self::Unadjusted,
            "bonferroni" => Self::Bonferroni,
            "sidak" => Self::Sidak,
            "holm" => Self::Holm,
            "tukey" => Self::Tukey,
            "mvt" => Self::Joint,
            _ => {
                let message = format!(
                    "adjust='{name}' is not known; choose 'holm', 'tukey', 'bonferroni', 'sidak', 'mvt' or 'none'"
                );
                return Err(Error::new(Kind::Option, "adjust", message));
            }
        })
    }
}

/// Adjusted p-values, and the z of simultaneous intervals.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Adjusted {
    pub(super) p_values: Vec<f64>,
    /// Standard error of the integrals behind them; zero where there are none.
    pub(super) errors: Vec<f64>,
    pub(super) z: f64,
}

/// Adjusts comparisons with these z statistics. `levels` is the number of levels that all pairs are of, and `correlation` that
/// between the comparisons.
pub(super) fn adjust(
    method: Adjust,
    z: &[f64],
    levels: usize,
    correlation: &DMatrix<f64>,
    level: f64,
) -> Result<Adjusted> {
    let single = z.iter().map(|z| two_sided_p(*z)).collect::<Vec<_>>();
    let m = z.len() as f64;
    let exact = |p_values: Vec<f64>, z: f64| Adjusted { errors: vec![0.0; p_values.len()], p_values, z };
    let bonferroni = || two_sided(1.0 - (1.0 - level) / m);
    Ok(match method {
        Adjust::Unadjusted => exact(single, two_sided(level)?),
        Adjust::Bonferroni => exact(single.iter().map(|p| (m * p).min(1.0)).collect(), bonferroni()?),
        Adjust::Sidak => {
            // −expm1(m log1p(−p)) keeps its digits for small p.
            let p_values = single.iter().map(|p| -(m * (-p).ln_1p()).exp_m1()).collect();
            exact(p_values, two_sided(level.powf(1.0 / m))?)
        }
        Adjust::Holm => exact(holm(&single), bonferroni()?),
        Adjust::Tukey => {
            let p_values = z.iter().map(|z| range::upper_tail(z.abs() * 2f64.sqrt(), levels)).collect();
            exact(p_values, range::quantile(level, levels) / 2f64.sqrt())
        }
        Adjust::Joint => {
            let maximum = Maximum::of(correlation);
            let found = z.iter().map(|z| maximum.upper_tail(z.abs()));
            let (p_values, errors) = found.unzip();
            Adjusted { p_values, errors, z: maximum.quantile(level) }
        }
    })
}

fn holm(p: &[f64]) -> Vec<f64> {
    let mut order = (0..p.len()).collect::<Vec<_>>();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut out = vec![0.0; p.len()];
    let mut largest = 0.0f64;
    for (rank, k) in order.into_iter().enumerate() {
        largest = largest.max((p.len() - rank) as f64 * p[k]).min(1.0);
        out[k] = largest;
    }
    out
}

/// The z with upper tail `1 − level` of a decreasing function, by halving an interval.
fn quantile_of(level: f64, tail: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while tail(high) > 1.0 - level && high < 64.0 {
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if tail(middle) > 1.0 - level {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_as_in_r() {
        // p.adjust(c(0.01, 0.04, 0.03), "holm")
        let found = holm(&[0.01, 0.04, 0.03]);
        let expected = [0.03, 0.06, 0.06];
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-15));
    }

    #[test]
    fn one_comparison_needs_no_adjustment() {
        let one = DMatrix::identity(1, 1);
        for method in ["none", "bonferroni", "sidak", "holm", "tukey", "mvt"] {
            let found = adjust(Adjust::from_name(method).unwrap(), &[1.7], 2, &one, 0.95).unwrap();
            assert!((found.p_values[0] - two_sided_p(1.7)).abs() < 1e-8, "{method} {:?}", found.p_values);
            assert!((found.z - 1.959_964).abs() < 1e-6, "{method} {}", found.z);
        }
    }
}
