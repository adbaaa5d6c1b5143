//! Two raters: Cohen's kappa, plain or weighted.

use super::{Agreement, interval, normal_quantile};
use crate::diagnostic::Finding;
use crate::error::{Error, Kind, Result};

/// How much a disagreement of two codes still counts as agreement. Other than plain ones need codes in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// None: codes are the same or not.
    Plain,
    /// Less by every step between the codes.
    Linear,
    /// Less by the square of the steps.
    Quadratic,
}

impl Weights {
    /// The weights of that name.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub fn from_name(name: Option<&str>) -> Result<Self> {
        match name {
            None => Ok(Self::Plain),
            Some("linear") => Ok(Self::Linear),
            Some("quadratic") => Ok(Self::Quadratic),
            Some(other) => {
                let message =
                    format!("weights='{other}' is not known; choose 'linear' or 'quadratic', or leave it out");
                Err(Error::new(Kind::Option, "weights-choice", message))
            }
        }
    }

    fn table(self, categories: usize) -> Vec<Vec<f64>> {
        let widest = categories.saturating_sub(1).max(1) as f64;
        let weight = |i: usize, j: usize| match self {
            Self::Plain => f64::from(u8::from(i == j)),
            Self::Linear => 1.0 - i.abs_diff(j) as f64 / widest,
            Self::Quadratic => 1.0 - (i.abs_diff(j) as f64 / widest).powi(2),
        };
        (0..categories).map(|i| (0..categories).map(|j| weight(i, j)).collect()).collect()
    }
}

/// Cohen's kappa of two raters' codes (0 to `categories` − 1, negative where there is none), with the standard error
/// that holds whatever kappa is: Fleiss, Cohen and Everitt (Psychological Bulletin 72, 1969, 323–327). Subjects
/// without both codes are left out.
///
/// ```
/// use melogit::notes::{Weights, cohen_kappa};
/// let first = [0, 0, 1, 1, 1, 0, 0, 1, 1, 1];
/// let second = [0, 0, 1, 1, 1, 0, 1, 1, 1, 0];
/// let kappa = cohen_kappa(&first, &second, 2, Weights::Plain, 0.95)?;
/// assert!((kappa.estimate - 0.58333).abs() < 1e-5);
/// # Ok::<(), melogit::error::Error>(())
/// ```
///
/// # Errors
///
/// If the raters' codes differ in number, or a code is not one of the categories.
pub fn cohen_kappa(
    first: &[i32],
    second: &[i32],
    categories: usize,
    weights: Weights,
    level: f64,
) -> Result<Agreement> {
    if first.len() != second.len() {
        let message = format!(
            "the first rater has {} codes and the second {}; there must be one each per subject",
            first.len(),
            second.len()
        );
        return Err(Error::new(Kind::Data, "raters-length", message));
    }
    let mut table = vec![vec![0.0; categories]; categories];
    let mut omitted = 0;
    for (&i, &j) in first.iter().zip(second) {
        match (usize::try_from(i), usize::try_from(j)) {
            (Ok(i), Ok(j)) if i < categories && j < categories => table[i][j] += 1.0,
            (Ok(_), Ok(_)) => return Err(super::not_a_category()),
            _ => omitted += 1,
        }
    }
    let mut kappa = of_table(&table, &weights.table(categories), level);
    kappa.omitted = omitted;
    Ok(kappa)
}

/// Kappa of a table of counts with any weights of agreement.
pub(super) fn of_table(table: &[Vec<f64>], weights: &[Vec<f64>], level: f64) -> Agreement {
    let n: f64 = table.iter().flatten().sum();
    let size = table.len();
    let share = |i: usize, j: usize| table[i][j] / n;
    let rows = (0..size).map(|i| (0..size).map(|j| share(i, j)).sum()).collect::<Vec<f64>>();
    let columns = (0..size).map(|j| (0..size).map(|i| share(i, j)).sum()).collect::<Vec<f64>>();
    let over = |term: &dyn Fn(usize, usize) -> f64| -> f64 {
        (0..size).flat_map(|i| (0..size).map(move |j| (i, j))).map(|(i, j)| term(i, j)).sum()
    };
    let observed = over(&|i, j| weights[i][j] * share(i, j));
    let expected = over(&|i, j| weights[i][j] * rows[i] * columns[j]);
    let mut kappa = Agreement::undefined(n as usize, 2, observed, expected);
    if n == 0.0 {
        kappa.findings.push(Finding::warning("kappa-no-subjects", "kappa", "no subject has a code by both raters"));
        return kappa;
    }
    // Shares of a table with one category used are exact, so that nothing but equality is needed.
    if rows.contains(&1.0) && columns.contains(&1.0) && rows == columns {
        kappa.findings.push(super::one_category());
        return kappa;
    }
    let beyond = 1.0 - expected;
    let estimate = (observed - expected) / beyond;
    let row_mean = (0..size).map(|i| (0..size).map(|j| columns[j] * weights[i][j]).sum()).collect::<Vec<f64>>();
    let column_mean = (0..size).map(|j| (0..size).map(|i| rows[i] * weights[i][j]).sum()).collect::<Vec<f64>>();
    let moved = |i: usize, j: usize| weights[i][j] - (row_mean[i] + column_mean[j]) * (1.0 - estimate);
    // The published form, divided through by (1 - expected) squared: no digits are lost when agreement is high.
    let mean = over(&|i, j| share(i, j) * moved(i, j));
    let variance = over(&|i, j| share(i, j) * (moved(i, j) - mean).powi(2)) / n;
    let null = over(&|i, j| rows[i] * columns[j] * (weights[i][j] - row_mean[i] - column_mean[j]).powi(2));
    let agreed = (0..size).all(|i| (0..size).all(|j| i == j || table[i][j] <= 0.0));
    kappa.estimate = if agreed { 1.0 } else { estimate };
    kappa.se = if agreed { 0.0 } else { variance.sqrt() / beyond };
    kappa.se_null = ((null - expected.powi(2)) / n).max(0.0).sqrt() / beyond;
    (kappa.lower, kappa.upper) = interval(kappa.estimate, kappa.se, normal_quantile(level));
    if kappa.se == 0.0 {
        kappa.findings.push(super::no_spread(agreed));
    }
    kappa
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, published: f64, digits: i32) {
        assert!((value - published).abs() <= 0.5 * 10f64.powi(-digits), "{value} is not {published}");
    }

    fn counts(shares: [[f64; 3]; 3], n: f64) -> Vec<Vec<f64>> {
        shares.iter().map(|row| row.iter().map(|share| (share * n).round()).collect()).collect()
    }

    #[test]
    fn cohens_own_example() {
        // Cohen (1960), two clinicians and 200 patients: agreement 0.70, by chance 0.41, kappa 0.492.
        let table = counts([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]], 200.0);
        let kappa = of_table(&table, &Weights::Plain.table(3), 0.95);
        close(kappa.observed, 0.70, 9);
        close(kappa.expected, 0.41, 9);
        close(kappa.estimate, 0.492, 3);
        // Cohen (1968) weighs the disagreements of the same table 0, 1, 3 / 1, 0, 6 / 3, 6, 0: kappa 0.348.
        let disagreement: [[f64; 3]; 3] = [[0.0, 1.0, 3.0], [1.0, 0.0, 6.0], [3.0, 6.0, 0.0]];
        let weights = disagreement.iter().map(|row| row.iter().map(|v| 1.0 - v / 6.0).collect()).collect::<Vec<_>>();
        close(of_table(&table, &weights, 0.95).estimate, 0.348, 3);
    }

    #[test]
    fn the_example_of_fleiss_cohen_and_everitt() {
        let table = counts([[0.53, 0.05, 0.02], [0.11, 0.14, 0.05], [0.01, 0.06, 0.03]], 200.0);
        let plain = of_table(&table, &Weights::Plain.table(3), 0.95);
        close(plain.estimate, 0.429, 3);
        close(plain.se.powi(2), 0.002_885, 6);
        let weights = vec![vec![1.0, 0.0, 0.4444], vec![0.0, 1.0, 0.6667], vec![0.4444, 0.6667, 1.0]];
        let weighted = of_table(&table, &weights, 0.95);
        close(weighted.estimate, 0.507, 3);
        close(weighted.se.powi(2), 0.003_248, 6);
    }

    #[test]
    fn kappa_without_a_value_says_why() {
        let one = cohen_kappa(&[1, 1, -1], &[1, 1, 0], 2, Weights::Plain, 0.95).unwrap();
        assert!(one.estimate.is_nan() && one.se.is_nan() && one.lower.is_nan());
        assert_eq!((one.n, one.omitted, one.findings[0].slug.as_str()), (2, 1, "kappa-one-category"));
        let none = cohen_kappa(&[], &[], 2, Weights::Linear, 0.95).unwrap();
        assert_eq!((none.n, none.findings[0].slug.as_str()), (0, "kappa-no-subjects"));
        let perfect = cohen_kappa(&[0, 1, 1], &[0, 1, 1], 2, Weights::Plain, 0.95).unwrap();
        assert_eq!((perfect.estimate, perfect.se, perfect.findings[0].slug.as_str()), (1.0, 0.0, "kappa-no-spread"));
        // One rater used one category: kappa is 0 whatever the other did.
        let constant = cohen_kappa(&[0, 0, 0], &[0, 1, 0], 2, Weights::Plain, 0.95).unwrap();
        assert!(constant.estimate.abs() < 1e-15);
        assert_eq!(cohen_kappa(&[2], &[0], 2, Weights::Plain, 0.95).unwrap_err().slug(), "not-a-category");
        assert_eq!(cohen_kappa(&[1], &[], 2, Weights::Plain, 0.95).unwrap_err().slug(), "raters-length");
    }
}
