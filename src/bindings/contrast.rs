//! Contrasts as Python asks for them, and as it is shown them.

use crate::coding::Contrast;
use crate::error::{Error, Kind, Result};
use crate::formula::{ContrastKind, Hypothesis, Real};
use nalgebra::DMatrix;
use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// A contrast in an argument.
#[derive(FromPyObject)]
pub(super) enum Asked {
    /// `"sum"`.
    Name(String),
    /// Label and text of each comparison.
    Hypotheses(Vec<(String, String)>),
    /// Scores of polynomials, one per level.
    Scores(Vec<f64>),
}

impl Asked {
    /// The contrast; `option` names it in messages.
    pub(super) fn kind(self, option: &str) -> Result<ContrastKind> {
        match self {
            Self::Name(name) => ContrastKind::from_name(&name).ok_or_else(|| {
                let names = ContrastKind::NAMES.map(|known| format!("'{}'", known.to_lowercase())).join(", ");
                let message = format!("{option}: there is no contrast '{name}'; choose one of {names}");
                Error::new(Kind::Option, "unknown-contrast", message)
            }),
            Self::Hypotheses(all) => {
                Ok(ContrastKind::Custom(all.into_iter().map(|(label, text)| Hypothesis { label, text }).collect()))
            }
            Self::Scores(scores) => {
                let finite = scores.iter().map(|s| Real::new(*s)).collect::<Option<Vec<_>>>();
                finite.map(|scores| ContrastKind::Polynomial(Some(scores))).ok_or_else(|| {
                    let message = format!("{option}: the scores {scores:?} are not all finite numbers");
                    Error::new(Kind::Option, "scores-order", message)
                })
            }
        }
    }
}

/// A contrast over levels: name, labels, matrix (levels x columns), hypotheses (intercept and columns x levels), and these in
/// words.
#[pyfunction]
#[pyo3(signature = (kind, levels, reference))]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn contrast(
    py: Python<'_>,
    kind: Asked,
    levels: Vec<String>,
    reference: Option<String>,
) -> PyResult<Bound<'_, PyDict>> {
    let kind = kind.kind("contrast")?;
    let (contrast, reference) = Contrast::over(&kind, &levels, reference.as_deref())?;
    described(py, &contrast, &levels, reference)
}

/// A contrast as Python is shown it.
pub(super) fn described<'py>(
    py: Python<'py>,
    contrast: &Contrast,
    levels: &[String],
    reference: usize,
) -> PyResult<Bound<'py, PyDict>> {
    let labels = contrast.labels(levels, reference);
    let intercept = (*contrast != Contrast::Indicator).then(|| "(Intercept)".to_string());
    let coefficients = intercept.into_iter().chain(labels.iter().cloned()).collect::<Vec<_>>();
    let dict = PyDict::new(py);
    dict.set_item("name", contrast.name())?;
    dict.set_item("levels", levels)?;
    dict.set_item("reference", contrast.has_reference().then(|| &levels[reference]))?;
    dict.set_item("labels", labels)?;
    dict.set_item("matrix", array(py, &contrast.matrix(levels.len(), reference))?)?;
    dict.set_item("coefficients", coefficients)?;
    dict.set_item("hypotheses", array(py, &contrast.hypotheses(levels.len(), reference))?)?;
    dict.set_item("comparisons", contrast.words(levels, reference))?;
    Ok(dict)
}

fn array<'py>(py: Python<'py>, matrix: &DMatrix<f64>) -> PyResult<Bound<'py, PyArray2<f64>>> {
    matrix.transpose().as_slice().to_vec().into_pyarray(py).reshape([matrix.nrows(), matrix.ncols()])
}
