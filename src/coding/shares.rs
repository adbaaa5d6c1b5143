//! Shares of work too short to be handed over: whoever asks takes part.
//!
//! A parallel iterator that is asked for outside the pool puts its caller to sleep and wakes it in the end, which takes as long as
//! reading ten thousand labels. Here a thread of the pool only comes to help.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// `work(0)`, ..., `work(count − 1)`, in this order, whoever did them; on as many threads as the pool has, the caller's among them.
pub(super) fn map<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(count));
    let take = || {
        let own = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|k| *k < count));
        let own = own.map(|k| (k, work(k))).collect::<Vec<_>>();
        done.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
    };
    rayon::in_place_scope(|scope| {
        (1..rayon::current_num_threads().min(count)).for_each(|_| scope.spawn(|_| take()));
        take();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(k, _)| *k);
    done.into_iter().map(|(_, x)| x).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_their_order() {
        for count in [0, 1, 2, 1_000] {
            assert_eq!(map(count, |k| k * k), (0..count).map(|k| k * k).collect::<Vec<_>>());
        }
    }
}
