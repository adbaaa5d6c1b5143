//! How far a search, or a run of many, has come, for whoever watches it from another thread. Watching changes nothing.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What a search has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Snapshot {
    /// Evaluations of the deviance.
    pub evaluations: usize,
    /// Sweeps over the records.
    pub sweeps: usize,
    /// Gradients.
    pub gradients: usize,
    /// Hessians, those that serve as a metric only included.
    pub hessians: usize,
    /// D at the last evaluation.
    pub deviance: Option<f64>,
    /// The drop in D that was still promised when it was last known: the search ends below its tolerance.
    pub promised: Option<f64>,
}

/// Written by the search, read by others. A reader may see numbers of two neighbouring evaluations side by side.
#[derive(Debug)]
pub struct Board {
    evaluations: AtomicUsize,
    sweeps: AtomicUsize,
    gradients: AtomicUsize,
    hessians: AtomicUsize,
    deviance: AtomicU64,
    promised: AtomicU64,
}

impl Default for Board {
    fn default() -> Self {
        let unknown = || AtomicU64::new(f64::NAN.to_bits());
        Self {
            evaluations: AtomicUsize::new(0),
            sweeps: AtomicUsize::new(0),
            gradients: AtomicUsize::new(0),
            hessians: AtomicUsize::new(0),
            deviance: unknown(),
            promised: unknown(),
        }
    }
}

impl Board {
    /// One more sweep over the records.
    pub fn swept(&self) {
        self.sweeps.fetch_add(1, Ordering::Relaxed);
    }

    /// One more evaluation, with its D.
    pub fn evaluated(&self, deviance: f64) {
        self.deviance.store(deviance.to_bits(), Ordering::Relaxed);
        self.evaluations.fetch_add(1, Ordering::Relaxed);
    }

    /// One more gradient.
    pub fn differentiated(&self) {
        self.gradients.fetch_add(1, Ordering::Relaxed);
    }

    /// One more Hessian.
    pub fn curved(&self) {
        self.hessians.fetch_add(1, Ordering::Relaxed);
    }

    /// The drop that is still promised.
    pub fn promised(&self, drop: f64) {
        self.promised.store(drop.to_bits(), Ordering::Relaxed);
    }

    /// What has been done so far.
    pub fn read(&self) -> Snapshot {
        let known = |cell: &AtomicU64| Some(f64::from_bits(cell.load(Ordering::Relaxed))).filter(|x| !x.is_nan());
        Snapshot {
            evaluations: self.evaluations.load(Ordering::Relaxed),
            sweeps: self.sweeps.load(Ordering::Relaxed),
            gradients: self.gradients.load(Ordering::Relaxed),
            hessians: self.hessians.load(Ordering::Relaxed),
            deviance: known(&self.deviance),
            promised: known(&self.promised),
        }
    }
}

/// How many of many pieces of work are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Pieces there are; zero before that is known.
    pub total: usize,
    /// Pieces that are over.
    pub done: usize,
    /// Those of them that gave no numbers.
    pub failed: usize,
}

/// Counted by every thread that works, read by others.
#[derive(Debug, Default)]
pub struct Tally {
    total: AtomicUsize,
    done: AtomicUsize,
    failed: AtomicUsize,
}

impl Tally {
    /// So many pieces there are.
    pub fn expect(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// One more is over.
    pub fn finished(&self, failed: bool) {
        // In this order, so that no reader meets more failures than pieces.
        self.done.fetch_add(1, Ordering::Release);
        self.failed.fetch_add(usize::from(failed), Ordering::Release);
    }

    /// How many there are so far.
    pub fn read(&self) -> Count {
        let failed = self.failed.load(Ordering::Acquire);
        Count { total: self.total.load(Ordering::Relaxed), done: self.done.load(Ordering::Acquire), failed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let board = Board::default();
        assert_eq!(board.read(), Snapshot::default());
        board.swept();
        board.evaluated(12.5);
        board.differentiated();
        board.curved();
        board.promised(0.25);
        let (deviance, promised) = (Some(12.5), Some(0.25));
        let expected = Snapshot { evaluations: 1, sweeps: 1, gradients: 1, hessians: 1, deviance, promised };
        assert_eq!(board.read(), expected);
    }

    #[test]
    fn every_thread_counts() {
        let tally = Tally::default();
        assert_eq!(tally.read(), Count::default());
        tally.expect(400);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|k| tally.finished(k % 10 == 0)));
            }
        });
        assert_eq!(tally.read(), Count { total: 400, done: 400, failed: 40 });
    }
}
