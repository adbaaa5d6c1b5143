//! Runs the core away from the calling thread, so that Ctrl-C is heard and a panic stays an exception.

use crate::error::{Error, Kind, Result};
use pyo3::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
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
    watched(py, threads, |_| Ok(()), work)
}

/// The same, with `tick` called on the calling thread, holding the interpreter lock, each time that it listens: every 50 ms. An
/// exception of its own stops the work and is raised.
pub(super) fn watched<T: Send>(
    py: Python<'_>,
    threads: Option<usize>,
    mut tick: impl FnMut(Python<'_>) -> PyResult<()> + Send,
    work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> Result<T> + Send,
) -> PyResult<T> {
    default_threads()?;
    let pool = threads.map(pool_of).transpose()?;
    let mut raised = None;
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
                listen(&receive, stop, &mut tick, &mut raised)
            }),
            None => rayon::in_place_scope(|scope| {
                scope.spawn(|_| run());
                listen(&receive, stop, &mut tick, &mut raised)
            }),
        }
    });
    match raised {
        Some(error) => Err(error),
        None => Ok(outcome?),
    }
}

/// The threads that short calls without a stop run on: a pool of its own, or the process's.
pub(super) struct Workers(Option<rayon::ThreadPool>);

impl Workers {
    pub(super) fn new(threads: Option<usize>) -> Result<Self> {
        default_threads()?;
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

/// Threads at most, unless said otherwise: more of them gain little on data of a study, and a server has other users.
const MOST_THREADS: usize = 8;

/// Sets up the process's pool, once, before its first use: `MELOGIT_THREADS`, else `RAYON_NUM_THREADS`, else one thread per core
/// that this process may use, eight at most.
pub(super) fn default_threads() -> Result<()> {
    static DONE: OnceLock<std::result::Result<(), String>> = OnceLock::new();
    let done = DONE.get_or_init(|| {
        let threads = match std::env::var("MELOGIT_THREADS") {
            Ok(text) if !text.trim().is_empty() => match text.trim().parse::<usize>() {
                Ok(threads) if threads > 0 => threads,
                _ => return Err(text),
            },
            _ if std::env::var_os("RAYON_NUM_THREADS").is_some() => return Ok(()),
            _ => std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_THREADS)),
        };
        // It fails only where the pool has been set up already, which is then how the host wants it.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        Ok(())
    });
    done.clone().map_err(|text| {
        let message =
            format!("the environment variable MELOGIT_THREADS is '{text}'; it must be a whole number from 1 up");
        Error::new(Kind::Option, "threads", message)
    })
}

fn pool_of(threads: usize) -> Result<rayon::ThreadPool> {
    let failed = |e| Error::new(Kind::Option, "threads", format!("{threads} threads could not be started: {e}"));
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(failed)
}

/// Waits for the result; raises the flag on Ctrl-C, and when `tick` fails.
fn listen<T>(
    receive: &Receiver<Result<T>>,
    stop: &AtomicBool,
    tick: &mut impl FnMut(Python<'_>) -> PyResult<()>,
    raised: &mut Option<PyErr>,
) -> Result<T> {
    loop {
        match receive.recv_timeout(LISTEN) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Timeout) => {
                let heard = Python::attach(|py: Python<'_>| -> PyResult<bool> {
                    if py.check_signals().is_err() {
                        return Ok(true);
                    }
                    if raised.is_none() { tick(py).map(|()| false) } else { Ok(true) }
                });
                let stopped = heard.unwrap_or_else(|error| {
                    *raised = Some(error);
                    true
                });
                stop.fetch_or(stopped, Ordering::Relaxed);
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::new(Kind::Internal, "lost", "the fit ended without a result"));
            }
        }
    }
}

/// Calls `work` without the interpreter lock; a panic becomes an error.
pub(super) fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    default_threads()?;
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
