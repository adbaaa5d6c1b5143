//! Lexicons, notes, and how far codings of them agree.

use super::columns::to_vec;
use super::run::{detached, interruptible};
use super::tables::Table;
use crate::diagnostic::Finding;
use crate::error::{Error, Kind};
use crate::notes::{Agreement, Excluded, Noted, Span, Tally, Weights};
use crate::notes::{apply, cohen_kappa as cohen, compare, fleiss_kappa as fleiss};
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyList, PyString};

/// A lexicon that was read.
#[pyclass(frozen, module = "melogit._core")]
pub(super) struct Lexicon(crate::notes::Lexicon);

#[pymethods]
impl Lexicon {
    /// Reads a lexicon; `name` is that of its file, for messages.
    #[staticmethod]
    fn parse(py: Python<'_>, text: &str, name: &str) -> PyResult<Self> {
        detached(py, || crate::notes::Lexicon::parse(text, name)).map(Self)
    }

    /// The lexicon that comes with the package.
    #[staticmethod]
    fn starter() -> Self {
        Self(crate::notes::Lexicon::starter().clone())
    }

    fn to_toml(&self) -> String {
        self.0.to_toml()
    }

    #[getter]
    fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// One row per theme.
    fn themes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        Ok(Table::new(py, &self.0.themes)
            .column("name", |theme| theme.name.as_str())?
            .column("label", |theme| theme.label.as_deref())?
            .column("description", |theme| theme.description.as_deref())?
            .column("subject", |theme| theme.subject.as_str())?
            .column("count_historical", |theme| theme.count_historical)?
            .column("terms", |theme| theme.terms.clone())?
            .column("not", |theme| theme.not.clone())?
            .finish())
    }

    /// Mentions, and counts per note and theme, of a list of str, None and NaN.
    fn apply<'py>(&self, py: Python<'py>, notes: &Bound<'py, PyList>) -> PyResult<Bound<'py, PyDict>> {
        let held = notes.iter().collect::<Vec<_>>();
        let texts = held.iter().enumerate().map(|(row, note)| text(note, row)).collect::<PyResult<Vec<_>>>()?;
        let noted = interruptible(py, None, |stop| apply(&self.0, &texts, stop))?;
        let result = PyDict::new(py);
        result.set_item("mentions", mentions(py, &noted)?)?;
        result
            .set_item("missing", noted.present.iter().map(|present| !present).collect::<Vec<_>>().into_pyarray(py))?;
        result.set_item("empty", noted.empty)?;
        let column = |count: fn(&Tally) -> u32| noted.tallies.iter().map(count).collect::<Vec<_>>().into_pyarray(py);
        result.set_item("n_mentions", column(|tally| tally.mentions()))?;
        result.set_item("n_counted", column(|tally| tally.counted))?;
        result.set_item("n_negated", column(|tally| tally.negated))?;
        result.set_item("n_historical", column(|tally| tally.historical))?;
        result.set_item("n_subject", column(|tally| tally.subject))?;
        Ok(result)
    }
}

/// The text of a note as Python holds it; nothing is copied.
fn text<'a>(note: &'a Bound<'_, PyAny>, row: usize) -> PyResult<Option<&'a str>> {
    if let Ok(text) = note.cast::<PyString>() {
        let text = text.to_str().map_err(|_| {
            let message = format!(
                "note {row} (counted from 0) holds text that is not valid Unicode; read the file with its right encoding"
            );
            Error::new(Kind::Data, "not-unicode", message)
        })?;
        return Ok(Some(text));
    }
    let kind = note.get_type().name()?.to_string();
    let nan = note.cast::<PyFloat>().is_ok_and(|x| x.extract::<f64>().is_ok_and(f64::is_nan));
    if note.is_none() || nan || kind == "NAType" || kind == "NaTType" {
        return Ok(None);
    }
    let message = format!("note {row} (counted from 0) is of type {kind}; notes are text, or missing");
    Err(Error::new(Kind::Data, "notes-not-text", message).into())
}

/// One row per mention, places in characters.
fn mentions<'py>(py: Python<'py>, noted: &Noted) -> PyResult<Bound<'py, PyDict>> {
    let place = |span: Option<Span>| span.map(|span| (span.start_character, span.end_character));
    let reason = |excluded: Excluded| match excluded {
        Excluded::Negated => "negated",
        Excluded::Historical => "historical",
        Excluded::Subject => "subject",
    };
    Ok(Table::new(py, &noted.mentions)
        .column("note", |mention| mention.note)?
        .column("theme", |mention| mention.theme)?
        .column("term", |mention| mention.term)?
        .column("start", |mention| mention.span.start_character)?
        .column("end", |mention| mention.span.end_character)?
        .column("sentence_start", |mention| mention.sentence.start_character)?
        .column("sentence_end", |mention| mention.sentence.end_character)?
        .column("negated", |mention| place(mention.negated))?
        .column("historical", |mention| place(mention.historical))?
        .column("family", |mention| place(mention.family))?
        .column("excluded", |mention| mention.excluded.map(reason))?
        .finish())
}

/// Cohen's kappa of two raters' codes, -1 where there is none.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn cohen_kappa<'py>(
    py: Python<'py>,
    first: PyReadonlyArray1<'py, i32>,
    second: PyReadonlyArray1<'py, i32>,
    categories: usize,
    weights: Option<&str>,
    level: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let (first, second, weights) = (to_vec(&first), to_vec(&second), Weights::from_name(weights)?);
    agreement(py, &detached(py, || cohen(&first, &second, categories, weights, level))?)
}

/// Fleiss' kappa of codes, a row of `raters` per subject, -1 where there is none: over all categories, and for each.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn fleiss_kappa<'py>(
    py: Python<'py>,
    ratings: PyReadonlyArray1<'py, i32>,
    raters: usize,
    categories: usize,
    level: f64,
) -> PyResult<(Bound<'py, PyDict>, Vec<Bound<'py, PyDict>>)> {
    let ratings = to_vec(&ratings);
    let kappa = detached(py, || fleiss(&ratings, raters, categories, level))?;
    let each = kappa.categories.iter().map(|category| agreement(py, category)).collect::<PyResult<Vec<_>>>()?;
    Ok((agreement(py, &kappa.overall)?, each))
}

/// A coding of one theme (1, 0, -1 missing) against a human's.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn compare_codings<'py>(
    py: Python<'py>,
    lexicon: PyReadonlyArray1<'py, i32>,
    human: PyReadonlyArray1<'py, i32>,
    level: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let (lexicon, human) = (to_vec(&lexicon), to_vec(&human));
    let theme = detached(py, || compare(&lexicon, &human, level))?;
    let result = agreement(py, &theme.kappa)?;
    for (name, count) in [
        ("both", theme.both),
        ("lexicon_only", theme.lexicon_only),
        ("human_only", theme.human_only),
        ("neither", theme.neither),
    ] {
        result.set_item(name, count)?;
    }
    result.set_item("positive_agreement", theme.positive)?;
    result.set_item("negative_agreement", theme.negative)?;
    for (name, share) in
        [("sensitivity", theme.sensitivity), ("specificity", theme.specificity), ("ppv", theme.predictive)]
    {
        result.set_item(name, (share.estimate, share.lower, share.upper))?;
    }
    Ok(result)
}

fn agreement<'py>(py: Python<'py>, kappa: &Agreement) -> PyResult<Bound<'py, PyDict>> {
    let result = PyDict::new(py);
    for (name, value) in [
        ("estimate", kappa.estimate),
        ("se", kappa.se),
        ("se_null", kappa.se_null),
        ("lower", kappa.lower),
        ("upper", kappa.upper),
        ("observed", kappa.observed),
        ("expected", kappa.expected),
    ] {
        result.set_item(name, value)?;
    }
    for (name, count) in [("n", kappa.n), ("omitted", kappa.omitted), ("raters", kappa.raters)] {
        result.set_item(name, count)?;
    }
    result.set_item(
        "findings",
        kappa.findings.iter().map(|finding| finding_of(py, finding)).collect::<PyResult<Vec<_>>>()?,
    )?;
    Ok(result)
}

fn finding_of<'py>(py: Python<'py>, finding: &Finding) -> PyResult<Bound<'py, PyDict>> {
    let result = PyDict::new(py);
    result.set_item("slug", &finding.slug)?;
    result.set_item("severity", finding.severity.as_str())?;
    result.set_item("subject", &finding.subject)?;
    result.set_item("message", &finding.message)?;
    Ok(result)
}
