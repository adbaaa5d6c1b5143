//! How far a search has come, for whoever watches it from another thread. Watching changes nothing.

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
}
