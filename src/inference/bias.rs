//! How strong an unmeasured confounder would have to be.

use super::coefficients::{OddsRatioRow, odds_ratio_table};
use crate::error::{Error, Kind, Result};
use crate::likelihood::logistic::probability;
use crate::model::Fit;

/// What a ratio is, for the purpose of an E-value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// A risk ratio, or the odds ratio of a rare outcome, which is near one.
    Risk,
    /// The odds ratio of an outcome with a risk above about 15 %; its square root is near the risk ratio.
    CommonOdds,
}

/// E-values of an estimate, and of the end of its interval nearer to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EValue {
    /// Of the estimate.
    pub estimate: f64,
    /// Of the nearer end; 1 when the interval includes 1.
    pub bound: f64,
}

/// E = RR + √(RR(RR − 1)), a ratio below 1 inverted first (VanderWeele & Ding 2017, *Ann Intern Med* 167:268).
pub fn e_value(ratio: f64, lower: f64, upper: f64, measure: Measure) -> Result<EValue> {
    let fits = [lower, ratio, upper].iter().all(|x| x.is_finite() && *x > 0.0) && lower <= ratio && ratio <= upper;
    if !fits {
        let message = format!("an E-value needs a positive ratio inside its interval, not {ratio} ({lower}-{upper})");
        return Err(Error::new(Kind::Option, "e-value", message));
    }
    let scale = |x: f64| if measure == Measure::CommonOdds { x.sqrt() } else { x };
    let formula = |x: f64| x + (x * (x - 1.0)).sqrt();
    let (ratio, nearer) = if ratio < 1.0 { (1.0 / ratio, 1.0 / upper) } else { (ratio, lower) };
    Ok(EValue { estimate: formula(scale(ratio)), bound: formula(scale(nearer).max(1.0)) })
}

/// Odds ratios with E-values, reference rows left out; NaN where there is no finite odds ratio.
pub fn e_value_table(fit: &Fit, level: f64, measure: Measure) -> Result<Vec<(OddsRatioRow, EValue)>> {
    let rows = odds_ratio_table(fit, level)?.into_iter().filter(|r| !r.reference);
    let none = EValue { estimate: f64::NAN, bound: f64::NAN };
    Ok(rows
        .map(|r| (e_value(r.odds_ratio, r.lower, r.upper, measure).unwrap_or(none), r))
        .map(|(e, r)| (r, e))
        .collect())
}

/// A yes/no confounder that would make an odds ratio one, were it adjusted for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TippingPoint {
    /// Odds ratio between the confounder and the outcome, given the exposure and the covariates.
    pub confounder: f64,
    /// Its prevalence among the unexposed.
    pub unexposed: f64,
    /// Its prevalence among the exposed that would explain the whole estimate; NaN if no prevalence would.
    pub estimate: f64,
    /// That which would move the nearer end of the interval to 1; `unexposed` if the interval includes 1.
    pub bound: f64,
}

/// For every strength of the confounder and every prevalence among the unexposed: what prevalence among the exposed leaves
/// nothing of `odds_ratio`, or of its interval.
///
/// With no effect of the exposure, a confounder U of odds ratio γ makes the risks r = Σ P(U = u) σ(α + u log γ) in both groups;
/// α follows from the `risk` of the unexposed, and the prevalence among the exposed from their risk, which is linear in it. For
/// a rare outcome this is OR = (1 + p₁(γ − 1)) / (1 + p₀(γ − 1)) (Bross 1966, *J Chronic Dis* 19:637; Lin, Psaty & Kronmal
/// 1998, *Biometrics* 54:948), which for a common one is not the bias of an odds ratio.
pub fn tipping_points(
    odds_ratio: (f64, f64, f64),
    risk: f64,
    confounders: &[f64],
    prevalences: &[f64],
) -> Result<Vec<TippingPoint>> {
    check_grid(odds_ratio, risk, confounders, prevalences)?;
    let (ratio, lower, upper) = odds_ratio;
    let nearer = if lower <= 1.0 && upper >= 1.0 {
        1.0
    } else if ratio > 1.0 {
        lower
    } else {
        upper
    };
    let grid = confounders.iter().flat_map(|g| prevalences.iter().map(move |p| (*g, *p)));
    let point = |(confounder, unexposed): (f64, f64)| {
        let tip = |ratio: f64| prevalence(ratio, risk, confounder, unexposed);
        TippingPoint { confounder, unexposed, estimate: tip(ratio), bound: tip(nearer) }
    };
    Ok(grid.map(point).collect())
}

fn check_grid((ratio, lower, upper): (f64, f64, f64), risk: f64, strengths: &[f64], shares: &[f64]) -> Result<()> {
    let refuse = |message: String| Err(Error::new(Kind::Option, "tipping-point", message));
    let positive = |x: &f64| x.is_finite() && *x > 0.0;
    if ![ratio, lower, upper].iter().all(positive) || lower > ratio || ratio > upper {
        return refuse(format!(
            "there is no finite odds ratio with an interval to be explained: {ratio} ({lower}-{upper})"
        ));
    }
    if !(risk > 0.0 && risk < 1.0) {
        return refuse(format!("the risk of the unexposed must lie between 0 and 1, not {risk}"));
    }
    if let Some(x) = strengths.iter().find(|x| !positive(x) || (**x - 1.0).abs() < 1e-9) {
        return refuse(format!("an odds ratio of the confounder must be positive and other than 1, not {x}"));
    }
    if let Some(x) = shares.iter().find(|x| !(**x >= 0.0 && **x <= 1.0)) {
        return refuse(format!("a prevalence of the confounder must lie between 0 and 1, not {x}"));
    }
    Ok(())
}

/// The prevalence among the exposed that makes `ratio` out of no effect; NaN outside 0 to 1.
fn prevalence(ratio: f64, risk: f64, confounder: f64, unexposed: f64) -> f64 {
    let shift = confounder.ln();
    let alpha = baseline(risk, shift, unexposed);
    let odds = ratio * risk / (1.0 - risk);
    let (without, with) = (probability(alpha), probability(alpha + shift));
    let found = (odds / (1.0 + odds) - without) / (with - without);
    // A ratio of 1 comes back as the prevalence it started from, but for rounding at the ends.
    let near = found.clamp(0.0, 1.0);
    if (found - near).abs() < 1e-12 { near } else { f64::NAN }
}

/// α with (1 − p)σ(α) + pσ(α + shift) = risk. With x = e^α and c = e^shift that is a quadratic in x with one positive root:
/// c(1 − r)x² + [(1 − p) + pc − r(1 + c)]x − r = 0.
fn baseline(risk: f64, shift: f64, share: f64) -> f64 {
    let c = shift.exp();
    let (a, b) = (c * (1.0 - risk), (1.0 - share) + share * c - risk * (1.0 + c));
    let root = (b * b + 4.0 * a * risk).sqrt();
    // The form without cancellation.
    let x = if b > 0.0 { 2.0 * risk / (b + root) } else { (root - b) / (2.0 * a) };
    x.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_values_of_the_paper_and_of_common_odds() {
        // VanderWeele & Ding 2017: RR 3.9 (1.8 to 8.7) has E-values 7.26 and 3.0.
        let e = e_value(3.9, 1.8, 8.7, Measure::Risk).unwrap();
        assert!((e.estimate - 7.26).abs() < 0.005 && (e.bound - 3.0).abs() < 0.005);
        let e = e_value(2.65, 2.43, 2.88, Measure::CommonOdds).unwrap();
        assert!((e.estimate - 2.639).abs() < 5e-4 && (e.bound - 2.492).abs() < 5e-4);
        let (up, down) = (
            e_value(2.0, 1.5, 3.0, Measure::Risk).unwrap(),
            e_value(0.5, 1.0 / 3.0, 1.0 / 1.5, Measure::Risk).unwrap(),
        );
        assert!((up.estimate - down.estimate).abs() < 1e-12 && (up.bound - down.bound).abs() < 1e-12);
        assert!((e_value(1.2, 0.9, 1.6, Measure::Risk).unwrap().bound - 1.0).abs() < 1e-15);
    }

    #[test]
    fn the_confounder_found_makes_the_odds_ratio() {
        for risk in [0.02, 0.4, 0.85] {
            for point in tipping_points((1.6, 1.2, 2.1), risk, &[0.2, 3.0, 8.0], &[0.0, 0.3, 0.7]).unwrap() {
                for (prevalence, ratio) in [(point.estimate, 1.6), (point.bound, 1.2)] {
                    if prevalence.is_nan() {
                        continue;
                    }
                    let alpha = baseline(risk, point.confounder.ln(), point.unexposed);
                    let risk_of =
                        |p: f64| (1.0 - p) * probability(alpha) + p * probability(alpha + point.confounder.ln());
                    let odds = |p: f64| risk_of(p) / (1.0 - risk_of(p));
                    assert!((risk_of(point.unexposed) - risk).abs() < 1e-12);
                    assert!((odds(prevalence) / odds(point.unexposed) - ratio).abs() < 1e-10);
                }
            }
        }
    }

    #[test]
    fn a_rare_outcome_has_the_classical_bias() {
        let point = tipping_points((1.8, 1.3, 2.5), 1e-7, &[5.0], &[0.1]).unwrap()[0];
        let classical = |ratio: f64| (ratio * (1.0 + 0.1 * 4.0) - 1.0) / 4.0;
        assert!((point.estimate - classical(1.8)).abs() < 1e-5 && (point.bound - classical(1.3)).abs() < 1e-5);
    }

    #[test]
    fn an_interval_across_one_needs_no_confounder() {
        let point = tipping_points((1.1, 0.9, 1.4), 0.3, &[2.0], &[0.2]).unwrap()[0];
        assert!((point.bound - 0.2).abs() < 1e-12);
    }
}
