//! Hypotheses as text: what each compares, and one joint Wald test of all of them.

mod read;

use super::normal::{two_sided, two_sided_p};
use super::wald::{JointTest, Unknown, error, estimate, independent, joint_test, over_estimates, require_converged};
use crate::error::{Error, Kind, Result};
use crate::model::Fit;
use read::{Stated, read};

/// One hypothesis with its estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct HypothesisRow {
    /// As written.
    pub hypothesis: String,
    /// The combination of coefficients, in log odds.
    pub estimate: f64,
    /// Its standard error.
    pub std_error: f64,
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Its value under the hypothesis.
    pub value: f64,
    /// (estimate − value) / standard error.
    pub statistic: f64,
    /// Two-sided.
    pub p_value: f64,
}

/// All hypotheses, and their joint test.
#[derive(Debug, Clone, PartialEq)]
pub struct HypothesisTest {
    /// One by one.
    pub rows: Vec<HypothesisRow>,
    /// Together.
    pub joint: JointTest,
}

/// Reads and tests hypotheses such as `social_work[CPP] = social_work[Other]`, `2*age + 1 = 0`; several in one text stand on
/// lines of their own or between commas.
///
/// ```
/// use melogit::coding::{Column, Frame};
/// use melogit::inference::test_hypotheses;
/// use melogit::model::{FitOptions, fit};
/// let mut frame = Frame::new(12);
/// frame.insert("y", Column::Number(vec![0., 1., 1., 0., 1., 0., 1., 0., 1., 0., 1., 0.]))?;
/// let who = ["GP", "School", "Self", "GP", "School", "Self", "GP", "School", "Self", "GP", "Self", "GP"];
/// frame.insert("source", Column::from_text(&who))?;
/// let (fit, _) = fit("y ~ source", &frame, &FitOptions::default(), &|| false)?;
/// let test = test_hypotheses(&fit, &["source[School] = source[Self]"], 0.95)?;
/// assert!((test.rows[0].estimate - (fit.beta[1] - fit.beta[2])).abs() < 1e-12);
/// assert_eq!(test.joint.df, 1);
/// # Ok::<(), melogit::error::Error>(())
/// ```
pub fn test_hypotheses(fit: &Fit, texts: &[&str], level: f64) -> Result<HypothesisTest> {
    require_converged(fit, "test()")?;
    let z = two_sided(level)?;
    let mut stated = Vec::new();
    for text in texts {
        stated.extend(read(fit, text)?);
    }
    if stated.is_empty() {
        let message = "there is no hypothesis to test; write one such as 'age = 0' or 'source[GP] = source[School]'";
        return Err(Error::new(Kind::Option, "no-hypothesis", message));
    }
    let weights = stated.iter().map(|s| known(fit, s)).collect::<Result<Vec<_>>>()?;
    let values = stated.iter().map(|s| s.value).collect::<Vec<_>>();
    check_consistent(fit, &stated, &weights, &values)?;
    let row = |(s, w): (&Stated, &Vec<f64>)| {
        let (estimate, std_error) = (estimate(fit, w), error(fit, w));
        let statistic = (estimate - s.value) / std_error;
        HypothesisRow {
            hypothesis: s.text.clone(),
            estimate,
            std_error,
            lower: estimate - z * std_error,
            upper: estimate + z * std_error,
            value: s.value,
            statistic,
            p_value: if statistic.is_nan() { f64::NAN } else { two_sided_p(statistic) },
        }
    };
    let rows = stated.iter().zip(&weights).map(row).collect();
    Ok(HypothesisTest { rows, joint: joint_test(fit, &weights, &values) })
}

fn known(fit: &Fit, stated: &Stated) -> Result<Vec<f64>> {
    let refuse = |kind, slug, column: usize, why: &str| {
        let message = format!("hypothesis '{}': '{}' {why}", stated.text, fit.design.names[column]);
        Err(Error::new(kind, slug, message))
    };
    match over_estimates(fit, &stated.weights) {
        Ok(weights) => Ok(weights),
        Err(Unknown::Redundant(column)) => {
            let why = "was left out of the model as redundant, so there is no estimate of it; see fit.diagnostics for the columns it repeats";
            refuse(Kind::Option, "redundant-coefficient", column, why)
        }
        Err(Unknown::Diverging(column)) => {
            let why = "has no finite estimate (separation), so a Wald test of it means nothing; compare the fits with and without its term instead";
            refuse(Kind::Fit, "separated-coefficient", column, why)
        }
    }
}

/// Hypotheses that follow from others must not contradict them: `a = 0, a = 1`.
fn check_consistent(fit: &Fit, stated: &[Stated], weights: &[Vec<f64>], values: &[f64]) -> Result<()> {
    let p = fit.parameters();
    let with_value = weights.iter().zip(values).map(|(w, v)| [w.as_slice(), &[*v]].concat()).collect::<Vec<_>>();
    let kept = independent(fit, weights);
    for k in (0..stated.len()).filter(|k| !kept.contains(k)) {
        let before = kept.iter().copied().filter(|other| *other < k).collect::<Vec<_>>();
        let rows = nalgebra::DMatrix::from_fn(p, before.len(), |i, j| weights[before[j]][i]);
        let own = nalgebra::DVector::from_column_slice(&weights[k]);
        let Ok(shares) = rows.svd(true, true).solve(&own, 1e-12) else { continue };
        let implied: f64 = before.iter().zip(shares.iter()).map(|(&j, c)| c * with_value[j][p]).sum();
        let size = before.iter().zip(shares.iter()).map(|(&j, c)| (c * values[j]).abs()).sum::<f64>() + values[k].abs();
        if (implied - values[k]).abs() > 1e-8 * size {
            let message = format!(
                "hypothesis '{}' contradicts those before it: together they say that its combination is {implied}",
                stated[k].text
            );
            return Err(Error::new(Kind::Option, "contradiction", message));
        }
    }
    Ok(())
}
