//! What a likelihood-ratio statistic is compared with, when a variance may lie at the edge of its range.

use super::normal::chi_squared_p;

/// The distribution of twice a gain in log-likelihood under the smaller model.
///
/// A variance cannot be negative, so an effect with variance zero sits on an edge and half the time gains nothing. For one
/// further effect the distribution is an equal mixture of χ² with all degrees of freedom and with one fewer: its covariances
/// count only where its variance is positive. For several it is a mixture whose weights depend on the data; χ² with all
/// degrees of freedom is then an upper bound of the p-value. Sources: Self & Liang (1987), *JASA* 82:605, cases 5 and 6;
/// Stram & Lee (1994), *Biometrics* 50:1171, cases 1 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// χ².
    ChiSquared(usize),
    /// ½ χ² with one degree of freedom fewer, ½ χ² with these.
    Mixture(usize),
    /// χ² with these, as a bound.
    Bound(usize),
}

impl Reference {
    /// The distribution for `df` parameters, among them those of `effects` further random effects.
    pub fn of(df: usize, effects: usize) -> Self {
        match effects {
            0 => Self::ChiSquared(df),
            1 => Self::Mixture(df),
            _ => Self::Bound(df),
        }
    }

    /// P(statistic > x), or a bound of it.
    pub fn p_value(self, x: f64) -> f64 {
        match self {
            Self::ChiSquared(df) | Self::Bound(df) => tail(x, df),
            Self::Mixture(df) => f64::midpoint(tail(x, df - 1), tail(x, df)),
        }
    }

    /// Its name.
    pub fn name(self) -> String {
        match self {
            Self::ChiSquared(df) => format!("chi2({df})"),
            Self::Mixture(df) => format!("0.5 chi2({}) + 0.5 chi2({df})", df - 1),
            Self::Bound(df) => format!("chi2({df}), an upper bound"),
        }
    }
}

/// Upper tail of χ²; with no degrees of freedom all mass is at zero.
fn tail(x: f64, df: usize) -> f64 {
    match (df, x > 0.0) {
        (_, _) if x.is_nan() => f64::NAN,
        (0, true) => 0.0,
        (_, false) => 1.0,
        (df, true) => chi_squared_p(x, df),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_is_half_of_each() {
        let x = 2.705_543_454_095_404;
        assert!((Reference::of(1, 1).p_value(x) - 0.05).abs() < 1e-9);
        assert!((Reference::of(1, 0).p_value(x) - 0.10).abs() < 1e-9);
        // 5.138 is the 5 % point of ½χ²₁ + ½χ²₂ (Verbeke & Molenberghs 2000, p. 70).
        assert!((Reference::of(2, 1).p_value(5.138) - 0.05).abs() < 5e-5);
        assert!((Reference::of(1, 1).p_value(0.0) - 1.0).abs() < 1e-15);
        assert!(Reference::of(2, 1).p_value(f64::NAN).is_nan());
        assert_eq!(Reference::of(2, 1).name(), "0.5 chi2(1) + 0.5 chi2(2)");
    }
}
