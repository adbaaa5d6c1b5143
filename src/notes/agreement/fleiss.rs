//! Any number of raters: Fleiss' kappa.

use super::{Agreement, interval, student_quantile};
use crate::diagnostic::Finding;
use crate::error::{Error, Kind, Result};

/// Fleiss' kappa, and that of every category against all others.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleiss {
    /// Over all categories.
    pub overall: Agreement,
    /// For each category.
    pub categories: Vec<Agreement>,
}

/// Fleiss' kappa (Psychological Bulletin 76, 1971, 378–382) of codes (0 to `categories` − 1, negative where there is
/// none), one row of `raters` codes per subject.
///
/// The standard error for intervals is Gwet's (British Journal of Mathematical and Statistical Psychology 61, 2008,
/// 29–48): it linearises kappa over the subjects, holds whatever kappa is, and allows for subjects that not every
/// rater coded; the interval takes Student's t with one degree of freedom less than there are subjects. `se_null` is
/// that of Fleiss, Nee and Landis (Psychological Bulletin 86, 1979, 974–977), which corrects Fleiss (1971) and holds
/// only if raters agree no more than by chance: for a test of that, not for intervals. It exists if every subject has
/// the same number of codes. Subjects with fewer than two codes are left out.
///
/// ```
/// let ratings = [0, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 0];
/// let kappa = melogit::notes::fleiss_kappa(&ratings, 3, 2, 0.95)?;
/// assert!((kappa.overall.estimate - 1.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), melogit::error::Error>(())
/// ```
///
/// # Errors
///
/// If there are fewer than two raters, rows are ragged, or a code is not one of the categories.
pub fn fleiss_kappa(ratings: &[i32], raters: usize, categories: usize, level: f64) -> Result<Fleiss> {
    if raters < 2 || !ratings.len().is_multiple_of(raters) {
        let message = format!(
            "{} codes by {raters} raters are no table with a row per subject and at least two raters",
            ratings.len()
        );
        return Err(Error::new(Kind::Data, "raters-shape", message));
    }
    let mut counts = Vec::new();
    let mut omitted = 0;
    for row in ratings.chunks(raters) {
        let mut count = vec![0.0; categories];
        for code in row.iter().filter_map(|code| usize::try_from(*code).ok()) {
            *count.get_mut(code).ok_or_else(super::not_a_category)? += 1.0;
        }
        if count.iter().sum::<f64>() < 2.0 {
            omitted += 1;
        } else {
            counts.push(count);
        }
    }
    let of = |counts: &[Vec<f64>]| Agreement { omitted, ..of_counts(counts, raters, level) };
    let against = |category: usize| {
        let pair = |count: &Vec<f64>| vec![count[category], count.iter().sum::<f64>() - count[category]];
        counts.iter().map(pair).collect::<Vec<_>>()
    };
    Ok(Fleiss { overall: of(&counts), categories: (0..categories).map(|category| of(&against(category))).collect() })
}

/// Kappa of how many raters put each subject into each category; every subject has at least two.
fn of_counts(counts: &[Vec<f64>], raters: usize, level: f64) -> Agreement {
    let n = counts.len() as f64;
    let coded = |count: &Vec<f64>| count.iter().sum::<f64>();
    let agreed = |count: &Vec<f64>| {
        let m = coded(count);
        count.iter().map(|c| c * (c - 1.0)).sum::<f64>() / (m * (m - 1.0))
    };
    let size = counts.first().map_or(0, Vec::len);
    let shares =
        (0..size).map(|k| counts.iter().map(|count| count[k] / coded(count)).sum::<f64>() / n).collect::<Vec<_>>();
    let observed = counts.iter().map(agreed).sum::<f64>() / n;
    let expected = shares.iter().map(|p| p * p).sum::<f64>();
    let mut kappa = Agreement::undefined(counts.len(), raters, observed, expected);
    if counts.is_empty() {
        kappa.findings.push(Finding::warning("kappa-no-subjects", "kappa", "no subject has codes by two raters"));
        return kappa;
    }
    let unanimous = counts.iter().all(|count| count.iter().filter(|c| **c > 0.0).count() == 1);
    if unanimous && (0..size).any(|k| counts.iter().all(|count| count[k] > 0.0)) {
        kappa.findings.push(super::one_category());
        return kappa;
    }
    let beyond = 1.0 - expected;
    let estimate = (observed - expected) / beyond;
    kappa.estimate = estimate;
    let influence = |count: &Vec<f64>| {
        let chance = count.iter().zip(&shares).map(|(c, p)| c * p).sum::<f64>() / coded(count);
        (agreed(count) - expected) / beyond - 2.0 * (1.0 - estimate) * (chance - expected) / beyond
    };
    if counts.len() > 1 {
        let squares = counts.iter().map(|count| (influence(count) - estimate).powi(2)).sum::<f64>();
        kappa.se = (squares / (n * (n - 1.0))).sqrt();
        (kappa.lower, kappa.upper) = interval(estimate, kappa.se, student_quantile(level, n - 1.0));
    } else {
        kappa.findings.push(Finding::warning("kappa-one-subject", "kappa", "one subject gives no standard error"));
    }
    let m = coded(&counts[0]);
    if counts.iter().all(|count| (coded(count) - m).abs() < 0.5) {
        let spread = shares.iter().map(|p| p * (1.0 - p)).sum::<f64>();
        let skew = shares.iter().map(|p| p * (1.0 - p) * (1.0 - 2.0 * p)).sum::<f64>();
        kappa.se_null = (2.0 * (spread * spread - skew) / (n * m * (m - 1.0))).sqrt() / spread;
    }
    if unanimous {
        kappa.findings.push(super::no_spread(unanimous));
    }
    kappa
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fleiss (1971), table 1: how many of six psychiatrists gave each of 30 patients each of five diagnoses.
    const DIAGNOSES: [[i32; 5]; 30] = [
        [0, 0, 0, 6, 0],
        [0, 3, 0, 0, 3],
        [0, 1, 4, 0, 1],
        [0, 0, 0, 0, 6],
        [0, 3, 0, 3, 0],
        [2, 0, 4, 0, 0],
        [0, 0, 4, 0, 2],
        [2, 0, 3, 1, 0],
        [2, 0, 0, 4, 0],
        [0, 0, 0, 0, 6],
        [1, 0, 0, 5, 0],
        [1, 1, 0, 4, 0],
        [0, 3, 3, 0, 0],
        [1, 0, 0, 5, 0],
        [0, 2, 0, 3, 1],
        [0, 0, 5, 0, 1],
        [3, 0, 0, 1, 2],
        [5, 1, 0, 0, 0],
        [0, 2, 0, 4, 0],
        [1, 0, 2, 0, 3],
        [0, 0, 0, 0, 6],
        [0, 1, 0, 5, 0],
        [0, 2, 0, 1, 3],
        [2, 0, 0, 4, 0],
        [1, 0, 0, 4, 1],
        [0, 5, 0, 1, 0],
        [4, 0, 0, 0, 2],
        [0, 2, 0, 4, 0],
        [1, 0, 5, 0, 0],
        [0, 0, 0, 0, 6],
    ];

    fn codes() -> Vec<i32> {
        let row = |row: &[i32; 5]| (0..5).flat_map(|k| vec![k; row[k as usize] as usize]).collect::<Vec<i32>>();
        DIAGNOSES.iter().flat_map(row).collect()
    }

    #[test]
    fn the_diagnoses_of_fleiss() {
        let kappa = fleiss_kappa(&codes(), 6, 5, 0.95).unwrap();
        let close =
            |value: f64, published: f64| assert!((value - published).abs() < 5e-4, "{value} is not {published}");
        close(kappa.overall.observed, 0.556);
        close(kappa.overall.expected, 0.220);
        close(kappa.overall.estimate, 0.430);
        // Kappa and its ratio to the standard error of 1979, as R's irr prints them for these data.
        let ratio = kappa.overall.estimate / kappa.overall.se_null;
        assert!((ratio - 17.652).abs() < 5e-4, "{ratio}");
        let published = [(0.245, 5.192), (0.245, 5.192), (0.520, 11.031), (0.471, 9.994), (0.566, 12.009)];
        for (category, (estimate, ratio)) in kappa.categories.iter().zip(published) {
            close(category.estimate, estimate);
            close(category.estimate / category.se_null, ratio);
        }
    }

    #[test]
    fn the_standard_error_is_near_that_of_leaving_one_subject_out() {
        let all = codes();
        let kappa = fleiss_kappa(&all, 6, 5, 0.95).unwrap().overall;
        let without = |i: usize| {
            let rest = all.chunks(6).enumerate().filter(|(j, _)| *j != i).flat_map(|(_, row)| row.to_vec());
            fleiss_kappa(&rest.collect::<Vec<_>>(), 6, 5, 0.95).unwrap().overall.estimate
        };
        let left = (0..30).map(without).collect::<Vec<_>>();
        let mean = left.iter().sum::<f64>() / 30.0;
        let jackknife = (29.0 / 30.0 * left.iter().map(|x| (x - mean).powi(2)).sum::<f64>()).sqrt();
        assert!((kappa.se / jackknife - 1.0).abs() < 0.05, "{} {jackknife}", kappa.se);
    }

    #[test]
    fn kappa_without_a_value_says_why() {
        let slug = |ratings: &[i32]| fleiss_kappa(ratings, 2, 3, 0.95).unwrap().overall.findings[0].slug.clone();
        assert_eq!(slug(&[1, 1, 1, 1]), "kappa-one-category");
        assert_eq!(slug(&[1, -1]), "kappa-no-subjects");
        assert_eq!(slug(&[0, 1]), "kappa-one-subject");
        assert_eq!(slug(&[0, 0, 1, 1]), "kappa-no-spread");
        assert_eq!(fleiss_kappa(&[0, 1, 1], 2, 2, 0.95).unwrap_err().slug(), "raters-shape");
        assert_eq!(fleiss_kappa(&[0, 2], 2, 2, 0.95).unwrap_err().slug(), "not-a-category");
        let ragged = fleiss_kappa(&[0, 0, -1, 1, 1, 0, -1, -1, 1], 3, 2, 0.95).unwrap().overall;
        assert_eq!((ragged.n, ragged.omitted, ragged.se_null.is_nan()), (2, 1, true));
    }
}
