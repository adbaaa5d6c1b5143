//! Runs the core away from the calling thread, so that Ctrl-C is heard and a panic stays an exception.

use crate::error::{Error, Kind, Result};
use pyo3::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// How often Ctrl-C is looked for.
const LISTEN: Duration = Duration::from_millis(50);

/// Calls `work` with a flag that turns true after Ctrl-C; on a pool of `threads` threads if given.
///
/// The work runs on a thread of the pool, where its parallel loops start without handing over to another thread, and the
/// calling thread, the only one that Python tells of signals, listens.
pub(super) fn interruptible<T: Send>(
    py: Python<'_>,
    threads: Option<usize>,
    work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> Result<T> + Send,
) -> PyResult<T> {
    let pool = threads.map(pool_of).transpose()?;
    let stop = AtomicBool::new(false);
    let outcome = py.detach(|| {
        let (send, receive) = sync_channel(1);
        let stop = &stop;
        let run = move || {
            let asked = || stop.load(Ordering::Relaxed);
            let result = catch_unwind(AssertUnwindSafe(|| work(&asked)));
            // The receiver waits in this scope until something is sent.
            let _ = send.send(result.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))));
        };
        match &pool {
            Some(pool) => pool.in_place_scope(|scope| {
                scope.spawn(|_| run());
                listen(&receive, stop)
            }),
            None => rayon::in_place_scope(|scope| {
                scope.spawn(|_| run());
                listen(&receive, stop)
            }),
        }
    });
    Ok(outcome?)
}

/// The threads that short calls without a stop run on: a pool of its own, or the process's.
pub(super) struct Workers(Option<rayon::ThreadPool>);

impl Workers {
    pub(super) fn new(threads: Option<usize>) -> Result<Self> {
        Ok(Self(threads.map(pool_of).transpose()?))
    }

    /// Calls `work` on the pool, without the interpreter lock.
    pub(super) fn detached<T: Send>(&self, py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
        detached(py, || match &self.0 {
            Some(pool) => pool.install(work),
            None => work(),
        })
    }
}

fn pool_of(threads: usize) -> Result<rayon::ThreadPool> {
    let failed = |e| Error::new(Kind::Option, "threads", format!("{threads} threads could not be started: {e}"));
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(failed)
}

/// Waits for the result; raises the flag on Ctrl-C.
fn listen<T>(receive: &Receiver<Result<T>>, stop: &AtomicBool) -> Result<T> {
    loop {
        match receive.recv_timeout(LISTEN) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Timeout) => {
                let heard = Python::attach(|py: Python<'_>| -> PyResult<()> { py.check_signals() });
                stop.fetch_or(heard.is_err(), Ordering::Relaxed);
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::new(Kind::Internal, "lost", "the fit ended without a result"));
            }
        }
    }
}

/// Calls `work` without the interpreter lock; a panic becomes an error.
pub(super) fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    let run = || catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(panic.as_ref())));
    Ok(py.detach(run)?)
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let said = panic.downcast_ref::<&str>().map(ToString::to_string);
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    let message = format!(
        "melogit met a defect of its own ({said}); nothing was changed. Please report it with the formula and the shape of the data"
    );
    Error::new(Kind::Internal, "panic", message)
}
