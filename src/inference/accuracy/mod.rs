//! How good predictions are: what they explain, how well they rank, whether they mean what they say.

mod bins;
mod discrimination;
mod explained;
mod goodness;
mod hosmer;
mod recalibration;
mod smooth;

pub use bins::{Bin, bins};
pub use discrimination::{Auc, discrimination};
pub use explained::{Explained, explained};
pub use goodness::{Goodness, goodness};
pub use hosmer::{HosmerLemeshow, hosmer_lemeshow};
pub use recalibration::{Recalibration, recalibrate};
pub use smooth::{CalibrationCurve, calibration_curve};
