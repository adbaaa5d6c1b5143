//! Variance components: SDs and correlations of the random effects, with errors from the joint covariance.

use super::delta::{interval, variance};
use super::normal::two_sided;
use crate::error::Result;
use crate::model::Fit;

/// An SD (then `with_term` is empty) or a correlation between two effects of one term.
#[derive(Debug, Clone, PartialEq)]
pub struct VarianceRow {
    /// Grouping factor.
    pub group: String,
    /// Effect.
    pub term: String,
    /// The other effect of a correlation.
    pub with_term: Option<String>,
    /// SD; NaN in a correlation row.
    pub sd: f64,
    /// Variance, or covariance in a correlation row.
    pub variance: f64,
    /// Correlation; NaN in an SD row.
    pub correlation: f64,
    /// Standard error of the SD or of the correlation; NaN at the boundary.
    pub std_error: f64,
    /// Lower bound: log scale for an SD, Fisher's z for a correlation.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

/// Everything about one grouping's Σ = ΛΛ' that rows need.
pub(super) struct Covariance<'a> {
    fit: &'a Fit,
    grouping: usize,
    k: usize,
    lambda: Vec<f64>,
    sigma: Vec<f64>,
}

impl<'a> Covariance<'a> {
    /// Σ of a grouping factor.
    pub(super) fn new(fit: &'a Fit, grouping: usize) -> Self {
        let map = fit.theta_map();
        let k = map.widths[grouping];
        let lambda = map.lambda(&fit.theta).0[grouping].clone();
        Self { fit, grouping, k, lambda, sigma: map.covariance(&fit.theta, grouping) }
    }

    /// Σ_ab.
    pub(super) fn get(&self, a: usize, b: usize) -> f64 {
        self.sigma[a * self.k + b]
    }

    /// ∂Σ_ab/∂(β, θ).
    pub(super) fn gradient(&self, a: usize, b: usize) -> Vec<f64> {
        let p = self.fit.beta.len();
        let mut gradient = vec![0.0; self.fit.parameters()];
        for (t, e) in self.fit.theta_map().entries.iter().enumerate() {
            if e.grouping == self.grouping {
                let l = |row: usize| self.lambda[row * self.k + e.column];
                gradient[p + t] = f64::from(u8::from(e.row == a)) * l(b) + f64::from(u8::from(e.row == b)) * l(a);
            }
        }
        gradient
    }

    /// SD of effect a and its standard error; the error is NaN at zero, where there is none.
    pub(super) fn sd(&self, a: usize) -> (f64, f64) {
        let v = self.get(a, a);
        let sd = v.sqrt();
        let error = variance(self.fit, &self.gradient(a, a)).max(0.0).sqrt() / (2.0 * sd);
        (sd, if sd > 0.0 && error > 0.0 { error } else { f64::NAN })
    }

    /// Correlation of effects a and b and its standard error.
    fn correlation(&self, a: usize, b: usize) -> (f64, f64) {
        let (va, vb, c) = (self.get(a, a), self.get(b, b), self.get(a, b));
        let scale = (va * vb).sqrt();
        if scale <= 0.0 {
            return (f64::NAN, f64::NAN);
        }
        let rho = c / scale;
        let (ga, gb, gc) = (self.gradient(a, a), self.gradient(b, b), self.gradient(a, b));
        let gradient = (0..gc.len()).map(|k| gc[k] / scale - rho * (ga[k] / va + gb[k] / vb) / 2.0).collect::<Vec<_>>();
        let error = variance(self.fit, &gradient).max(0.0).sqrt();
        // At ±1 the formula leaves rounding only: there is no error to give at the boundary.
        (rho, if error > 1e-10 { error } else { f64::NAN })
    }
}

/// SDs and correlations of all random effects.
pub fn variance_table(fit: &Fit, level: f64) -> Result<Vec<VarianceRow>> {
    let z = two_sided(level)?;
    let mut rows = Vec::new();
    for (g, spec) in fit.groupings.iter().enumerate() {
        let sigma = Covariance::new(fit, g);
        let names = spec.effects();
        for (a, name) in names.iter().enumerate() {
            let (sd, std_error) = sigma.sd(a);
            let (lower, upper) = interval(sd.ln(), std_error / sd, z, f64::exp);
            rows.push(VarianceRow {
                group: spec.name.clone(),
                term: (*name).to_string(),
                with_term: None,
                sd,
                variance: sigma.get(a, a),
                correlation: f64::NAN,
                std_error,
                lower,
                upper,
            });
        }
        let mut start = 0;
        for part in &spec.parts {
            let effects = start..start + part.width();
            for a in effects.clone() {
                for b in start..a {
                    rows.push(correlation_row(&spec.name, &names, &sigma, a, b, z));
                }
            }
            start = effects.end;
        }
    }
    Ok(rows)
}

fn correlation_row(group: &str, names: &[&str], sigma: &Covariance, a: usize, b: usize, z: f64) -> VarianceRow {
    let (rho, std_error) = sigma.correlation(a, b);
    let (lower, upper) = interval(rho.atanh(), std_error / (1.0 - rho * rho), z, f64::tanh);
    VarianceRow {
        group: group.to_string(),
        term: names[b].to_string(),
        with_term: Some(names[a].to_string()),
        sd: f64::NAN,
        variance: sigma.get(a, b),
        correlation: rho,
        std_error,
        lower,
        upper,
    }
}
