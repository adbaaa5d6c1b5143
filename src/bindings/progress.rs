//! Tells a Python callable how far a fit has come.

use crate::progress::Board;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Nothing is told before: most fits are over by then.
const SILENT: Duration = Duration::from_secs(1);

/// Time between two tellings at least.
const PAUSE: Duration = Duration::from_millis(250);

/// Calls the option `progress`, if there is one, with the numbers of a snapshot, after the first second and four times a second
/// at most.
pub(super) fn reporter(
    options: &Bound<'_, PyDict>,
    board: &Arc<Board>,
) -> PyResult<impl FnMut(Python<'_>) -> PyResult<()> + Send + use<>> {
    let told: Option<Py<PyAny>> = options.get_item("progress")?.filter(|f| !f.is_none()).map(Bound::unbind);
    let (board, start) = (Arc::clone(board), Instant::now());
    let mut next = SILENT;
    Ok(move |py: Python<'_>| {
        let elapsed = start.elapsed();
        let Some(told) = told.as_ref().filter(|_| elapsed >= next) else { return Ok(()) };
        next = elapsed + PAUSE;
        let now = board.read();
        let numbers = (elapsed.as_secs_f64(), now.evaluations, now.sweeps, now.deviance, now.promised);
        told.call1(py, numbers).map(|_| ())
    })
}
