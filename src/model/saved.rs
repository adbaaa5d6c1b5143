//! A fit as versioned JSON.

use super::fit::Fit;
use crate::design::DesignSpec;
use crate::error::{Error, Kind, Result};

/// Version of the JSON form; raised when an older reader would misread it.
pub(super) const FORMAT: u32 = 1;

impl Fit {
    /// Reads a fit saved as JSON.
    pub fn from_json(text: &str) -> Result<Self> {
        let refuse = |message: String| Error::new(Kind::Load, "not-a-fit", message);
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|e| refuse(format!("this is not JSON: {e}")))?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(f) if f == u64::from(FORMAT) => {}
            Some(f) => {
                let message = format!(
                    "this fit was saved in format {f}, and this version of melogit reads format {FORMAT}; use the version that saved it"
                );
                return Err(Error::new(Kind::Load, "format", message));
            }
            None => return Err(refuse("this JSON is not a saved melogit fit: it has no 'format'".to_string())),
        }
        let fit: Self = serde_json::from_value(value).map_err(|e| refuse(format!("this saved fit is damaged: {e}")))?;
        if fit.is_consistent() {
            Ok(fit)
        } else {
            Err(refuse("this saved fit is damaged: its parts do not fit together".into()))
        }
    }

    /// The fit as JSON.
    pub fn to_json(&self) -> Result<String> {
        let failed =
            |e: serde_json::Error| Error::new(Kind::Internal, "to-json", format!("the fit could not be written: {e}"));
        serde_json::to_string(self).map_err(failed)
    }

    /// Lengths that later code relies on.
    fn is_consistent(&self) -> bool {
        let n = self.free.len();
        let modes = self.groupings.iter().zip(&self.modes).all(|(g, m)| {
            let effects = g.levels.len() * g.width();
            m.modes.len() == effects
                && m.covariances.len() == effects * g.width()
                && (m.tangents.is_empty() || m.tangents.len() == effects * n)
        });
        let groupings = self.groupings.iter().all(|g| {
            !g.factors.is_empty()
                && g.levels.len() >= 2
                && g.width() >= 1
                && g.parts.iter().all(DesignSpec::is_consistent)
        });
        self.design.is_consistent()
            && groupings
            && self.estimated.windows(2).all(|pair| pair[0] < pair[1])
            && self.settings.clone().check().is_ok()
            && self.beta.len() == self.estimated.len()
            && self.estimated.iter().all(|c| *c < self.design.width())
            && self.theta.len() == self.theta_map().len()
            && n == self.beta.len() + self.theta.len()
            && self.covariance.len() == n * n
            && self.integration.shifts.iter().all(|s| s.moves.is_empty() || s.moves.len() == n)
            && self.flat.iter().chain(&self.diverging).all(|k| *k < n)
            && self.modes.len() == self.groupings.len()
            && self.sizes.len() == self.groupings.len()
            && self.counts.len() == self.design.factors.len()
            && self.counts.iter().zip(&self.design.factors).all(|(c, f)| c.len() == f.levels.len())
            && modes
    }
}
