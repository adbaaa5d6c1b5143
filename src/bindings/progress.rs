//! Tells a Python callable how far a fit, or a run of refits, has come.

use super::run::watched;
use crate::error::Result;
use crate::progress::{Board, Tally};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Nothing is told before: most fits are over by then.
const SILENT: Duration = Duration::from_secs(1);

/// Time between two tellings at least.
const PAUSE: Duration = Duration::from_millis(250);

/// When to tell: after the first second, and four times a second at most.
struct Pace {
    start: Instant,
    next: Duration,
}

impl Pace {
    fn new() -> Self {
        Self { start: Instant::now(), next: SILENT }
    }

    /// The time that has passed, if something is to be told now.
    fn due(&mut self) -> Option<Duration> {
        let elapsed = self.start.elapsed();
        (elapsed >= self.next).then(|| {
            self.next = elapsed + PAUSE;
            elapsed
        })
    }

    /// Whether anything was told.
    fn told(&self) -> bool {
        self.next > SILENT
    }
}

/// Calls the option `progress`, if there is one, with the numbers of a snapshot.
pub(super) fn reporter(
    options: &Bound<'_, PyDict>,
    board: &Arc<Board>,
) -> PyResult<impl FnMut(Python<'_>) -> PyResult<()> + Send + use<>> {
    let told: Option<Py<PyAny>> = options.get_item("progress")?.filter(|f| !f.is_none()).map(Bound::unbind);
    let (board, mut pace) = (Arc::clone(board), Pace::new());
    Ok(move |py: Python<'_>| {
        let Some(told) = &told else { return Ok(()) };
        let Some(elapsed) = pace.due() else { return Ok(()) };
        let now = board.read();
        let numbers = (elapsed.as_secs_f64(), now.evaluations, now.sweeps, now.deviance, now.promised);
        told.call1(py, numbers).map(|_| ())
    })
}

/// Runs `work`, which counts what is over, and calls `told`, if it is there, with the numbers of the tally; once more at the end
/// if it was called at all, so that a count that was shown is shown to its end.
pub(super) fn counted<T: Send>(
    py: Python<'_>,
    threads: Option<usize>,
    told: Option<&Py<PyAny>>,
    work: impl FnOnce(&Tally, &(dyn Fn() -> bool + Sync)) -> Result<T> + Send,
) -> PyResult<T> {
    let (tally, mut pace) = (Tally::default(), Pace::new());
    let tell = |py: Python<'_>, elapsed: Duration| {
        let now = tally.read();
        let tell = |f: &Py<PyAny>| f.call1(py, (elapsed.as_secs_f64(), now.total, now.done, now.failed)).map(|_| ());
        told.map_or(Ok(()), tell)
    };
    let tick = |py: Python<'_>| pace.due().map_or(Ok(()), |elapsed| tell(py, elapsed));
    let found = watched(py, threads, tick, |stop| work(&tally, stop))?;
    if pace.told() {
        tell(py, pace.start.elapsed())?;
    }
    Ok(found)
}
