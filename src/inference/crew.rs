//! Many independent pieces of work on a few threads, each of which runs its inner loops alone.
//!
//! A refit of a small model is too short to be shared between threads; many refits are not. Every worker has a pool of one
//! thread, so a parallel loop inside the work stays where it is, and a waiting thread never takes up a second refit before it
//! has finished the first. Results are in the order of the pieces, whoever did them.

use crate::error::{Error, Kind, Result};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `work(0)`, ..., `work(count − 1)`, on as many threads as the current pool has.
pub(super) fn map<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Result<Vec<T>> {
    let workers = rayon::current_num_threads().clamp(1, count.max(1));
    let next = AtomicUsize::new(0);
    let one = || -> Result<Vec<(usize, T)>> {
        let failed = |e| Error::new(Kind::Internal, "crew", format!("a thread could not be started: {e}"));
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().map_err(failed)?;
        Ok(alone.install(|| {
            let mut done = Vec::new();
            loop {
                let k = next.fetch_add(1, Ordering::Relaxed);
                if k >= count {
                    return done;
                }
                done.push((k, work(k)));
            }
        }))
    };
    let mut found = Vec::with_capacity(count);
    std::thread::scope(|scope| {
        let crew = (0..workers).map(|_| scope.spawn(one)).collect::<Vec<_>>();
        for worker in crew {
            found.extend(worker.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok::<(), Error>(())
    })?;
    found.sort_unstable_by_key(|(k, _)| *k);
    Ok(found.into_iter().map(|(_, x)| x).collect())
}

/// Refuses another piece of work after Ctrl-C: a million that each begin before they ask would keep a reader waiting.
pub(super) fn unless_stopped(interrupt: &(dyn Fn() -> bool + Sync)) -> Result<()> {
    if interrupt() { Err(Error::new(Kind::Interrupted, "interrupted", "the refits were interrupted")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_their_order() {
        let squares = map(100, |k| k * k).unwrap();
        assert_eq!(squares, (0..100).map(|k| k * k).collect::<Vec<_>>());
        assert!(map(0, |k| k).unwrap().is_empty());
    }

    #[test]
    fn nothing_begins_after_a_stop() {
        assert!(unless_stopped(&|| false).is_ok());
        assert_eq!(unless_stopped(&|| true).unwrap_err().kind(), Kind::Interrupted);
    }
}
