//! From a quantity to an estimate with an interval: delta method, or percentiles of draws.

use super::modes::ModesCovariance;
use super::normal::two_sided;
use super::quantity::Quantity;
use crate::error::{Error, Kind, Result};
use crate::likelihood::logistic::probability;
use crate::model::Fit;

/// A number, its standard error and interval; NaN where there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Its standard error, on its own scale.
    pub std_error: f64,
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

impl Estimate {
    /// A number that is what it is by definition, such as the ratio of a level to itself.
    pub(super) fn exact(value: f64) -> Self {
        Self { value, std_error: f64::NAN, lower: f64::NAN, upper: f64::NAN }
    }
}

/// The scale on which an interval is symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// As it is: differences.
    Plain,
    /// Logarithm: ratios.
    Log,
    /// Logit: shares and risks.
    Logit,
}

/// A quantity with the scale of its interval.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub quantity: Quantity,
    pub scale: Scale,
}

impl Measured {
    pub(super) fn new(quantity: Quantity, scale: Scale) -> Self {
        Self { quantity, scale }
    }
}

/// Errors by the delta method over the joint covariance of (β, θ), and the conditional covariance of the modes where a
/// quantity depends on them.
pub(super) struct Delta<'a> {
    fit: &'a Fit,
    modes: Option<&'a ModesCovariance<'a>>,
    level: f64,
    z: f64,
}

impl<'a> Delta<'a> {
    pub(super) fn new(fit: &'a Fit, level: f64) -> Result<Self> {
        Ok(Self { fit, modes: None, level, z: two_sided(level)? })
    }

    pub(super) fn with_modes(self, modes: Option<&'a ModesCovariance<'a>>) -> Self {
        Self { modes, ..self }
    }

    /// Variance of a quantity, g'Vg + c' Cov(b) c.
    pub(super) fn variance(&self, quantity: &Quantity) -> f64 {
        let n = self.fit.parameters();
        let (own, effects) = quantity.gradient.split_at(n.min(quantity.gradient.len()));
        let joint = super::delta::variance(self.fit, own);
        match self.modes {
            Some(modes) if !effects.is_empty() => joint + modes.quadratic(effects),
            _ => joint,
        }
    }

    /// The estimate, its interval symmetric on the scale of the measure.
    pub(super) fn estimate(&self, measured: &Measured) -> Estimate {
        let quantity = &measured.quantity;
        let error = |q: &Quantity| {
            let variance = self.variance(q);
            // A gradient of zeros is a parameter at its boundary: there is no error to give.
            if variance > 0.0 { variance.sqrt() } else { f64::NAN }
        };
        let bounds = |forward: &Quantity, back: &dyn Fn(f64) -> f64| {
            let e = error(forward);
            (back(forward.value - self.z * e), back(forward.value + self.z * e))
        };
        let (lower, upper) = match measured.scale {
            Scale::Plain => bounds(quantity, &|x| x),
            Scale::Log => bounds(&quantity.ln(), &f64::exp),
            Scale::Logit => bounds(&quantity.logit(), &probability),
        };
        Estimate { value: quantity.value, std_error: error(quantity), lower, upper }
    }

    /// The estimate with the percentiles of its draws.
    pub(super) fn percentiles(&self, measured: &Measured, mut draws: Vec<f64>) -> Estimate {
        draws.retain(|x| !x.is_nan());
        draws.sort_unstable_by(f64::total_cmp);
        let n = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / n;
        let square: f64 = draws.iter().map(|x| (x - mean).powi(2)).sum();
        Estimate {
            value: measured.quantity.value,
            std_error: (square / (n - 1.0)).sqrt(),
            lower: quantile(&draws, (1.0 - self.level) / 2.0),
            upper: quantile(&draws, f64::midpoint(1.0, self.level)),
        }
    }
}

/// The quantile of sorted numbers, interpolated between order statistics (Hyndman & Fan 1996, type 7); NaN for none.
pub(super) fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = probability * last as f64;
    let low = at.floor() as usize;
    let high = (low + 1).min(last);
    sorted[low] + (at - low as f64) * (sorted[high] - sorted[low])
}

/// Refuses what means nothing for a fit that did not reach the maximum.
pub(super) fn check_converged(fit: &Fit) -> Result<()> {
    if fit.converged {
        return Ok(());
    }
    let message = "the fit did not converge, so effects and risks computed from it would be those of no model; see its diagnostics, then centre and scale covariates, simplify the random effects, or raise max_iterations";
    Err(Error::new(Kind::Fit, "not-converged", message))
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_are_those_of_r() {
        let x = [1.0, 2.0, 4.0, 8.0];
        assert!((quantile(&x, 0.5) - 3.0).abs() < 1e-15 && (quantile(&x, 0.25) - 1.75).abs() < 1e-15);
        assert!(quantile(&[], 0.5).is_nan() && (quantile(&[3.0], 0.9) - 3.0).abs() < 1e-15);
    }
}
