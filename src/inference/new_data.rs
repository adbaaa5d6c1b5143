//! New rows, coded as the fit coded its own.

use super::logistic_normal::LogisticNormal;
use crate::coding::Frame;
use crate::design::{AtomSpec, Design, DesignSpec};
use crate::error::{Error, Kind, Result};
use crate::model::Fit;
use crate::random::{Lambda, ThetaEntry, ThetaMap};

/// The complete rows of a frame, ready for prediction.
pub(super) struct NewData {
    /// Complete rows of the frame.
    pub rows: Vec<u32>,
    /// X of the estimated columns.
    pub x: Design,
    /// Xβ per pattern.
    pub fixed: Vec<f64>,
    /// Offset per complete row, where the model has one.
    pub offset: Option<Vec<f64>>,
    /// Rows of Z per grouping; `None` for a lone intercept.
    pub z: Vec<Option<Vec<f64>>>,
    lambda: Lambda,
}

impl NewData {
    /// Codes the complete rows; `groups` tells whether grouping columns must be present too. `compress` finds patterns.
    pub(super) fn read(
        fit: &Fit,
        frame: &Frame,
        argument: Option<&[f64]>,
        groups: bool,
        compress: bool,
    ) -> Result<Self> {
        check_offset(fit, frame, argument)?;
        let rows = complete(fit, frame, groups)?;
        Self::of_rows(fit, frame, argument, rows, compress)
    }

    /// Codes `rows`, which are complete.
    pub(super) fn of_rows(
        fit: &Fit,
        frame: &Frame,
        argument: Option<&[f64]>,
        rows: Vec<u32>,
        compress: bool,
    ) -> Result<Self> {
        let codes = fit.design.factor_codes(frame, &rows)?;
        let blocks = fit.design.blocks(&codes, frame, &rows)?;
        let width = fit.design.width();
        let x =
            if compress { Design::new(blocks, rows.len(), width) } else { Design::plain(blocks, rows.len(), width) };
        let x = x.keep(&(0..width).map(|c| fit.position(c).is_some()).collect::<Vec<_>>());
        let fixed = x.times(&fit.beta);
        let mut offset = argument.map(|o| rows.iter().map(|&i| o[i as usize]).collect::<Vec<_>>());
        for number in &fit.offsets {
            let values = number.values(frame, &rows)?;
            match &mut offset {
                None => offset = Some(values),
                Some(sum) => sum.iter_mut().zip(values).for_each(|(s, x)| *s += x),
            }
        }
        let z = fit.groupings.iter().map(|g| g.z(frame, &rows)).collect::<Result<Vec<_>>>()?;
        Ok(Self { rows, x, fixed, offset, z, lambda: fit.theta_map().lambda(&fit.theta) })
    }

    /// Xβ + offset of complete row `k`.
    pub(super) fn linear(&self, k: usize) -> f64 {
        self.fixed[self.x.pattern(k)] + self.offset.as_ref().map_or(0.0, |o| o[k])
    }

    /// z of grouping `g`, effect `a`, complete row `k`.
    pub(super) fn z(&self, g: usize, width: usize, k: usize, a: usize) -> f64 {
        self.z[g].as_ref().map_or(1.0, |z| z[k * width + a])
    }

    /// Λ of the fit.
    pub(super) fn lambda(&self) -> &Lambda {
        &self.lambda
    }

    /// Whether the variance of the random part is the same in every row.
    pub(super) fn constant_variance(&self) -> bool {
        self.z.iter().all(Option::is_none)
    }

    /// Variance of the random part of row `k`, z'Σz summed over groupings, and its gradient in θ.
    pub(super) fn variance(&self, fit: &Fit, k: usize) -> (f64, Vec<f64>) {
        self.variance_over(&fit.theta_map(), &self.lambda, k, |_| true)
    }

    /// The same at another Λ, and over the groupings for which `counts` holds.
    pub(super) fn variance_over(
        &self,
        map: &ThetaMap,
        lambda: &Lambda,
        k: usize,
        counts: impl Fn(usize) -> bool,
    ) -> (f64, Vec<f64>) {
        let mut total = 0.0;
        let mut m = Vec::with_capacity(map.widths.len());
        for (g, &width) in map.widths.iter().enumerate() {
            let l = &lambda.0[g];
            let project = |c: usize| (0..width).map(|a| self.z(g, width, k, a) * l[a * width + c]).sum::<f64>();
            let row = if counts(g) { (0..width).map(project).collect() } else { vec![0.0; width] };
            total += row.iter().map(|x| x * x).sum::<f64>();
            m.push(row);
        }
        let slope =
            |e: &ThetaEntry| 2.0 * self.z(e.grouping, map.widths[e.grouping], k, e.row) * m[e.grouping][e.column];
        (total, map.entries.iter().map(slope).collect())
    }

    /// The averaging rule for one variance.
    pub(super) fn rule(variance: f64) -> LogisticNormal {
        LogisticNormal::new(variance.sqrt())
    }
}

/// A model with an offset cannot predict without one.
pub(super) fn check_offset(fit: &Fit, frame: &Frame, argument: Option<&[f64]>) -> Result<()> {
    let refuse = |slug, message: String| Err(Error::new(Kind::Option, slug, message));
    match argument {
        None if fit.offset_argument => {
            refuse("offset-needed", "the model was fitted with offset=…, so new data need one too: pass offset=".into())
        }
        Some(_) if !fit.offset_argument => {
            refuse("offset-unknown", "the model was fitted without offset=…, so it cannot use one now".into())
        }
        Some(o) if o.len() != frame.rows() => {
            refuse("vector-length", format!("offset has {} values but the data have {} rows", o.len(), frame.rows()))
        }
        _ => Ok(()),
    }
}

/// Rows with a value in every column that the fit reads.
pub(super) fn complete(fit: &Fit, frame: &Frame, groups: bool) -> Result<Vec<u32>> {
    let mut complete = vec![true; frame.rows()];
    for name in fit.predictors(groups) {
        frame.get(&name)?.clear_missing(&mut complete);
    }
    Ok((0..frame.rows() as u32).filter(|&i| complete[i as usize]).collect())
}

/// Columns that a design is coded from.
pub(super) fn spec_columns(spec: &DesignSpec) -> Vec<String> {
    let column = |atom: &AtomSpec| match atom {
        AtomSpec::Number(number) => Some(number.column.clone()),
        AtomSpec::Basis(basis) => Some(basis.column.clone()),
        AtomSpec::Factor { .. } => None,
    };
    let factors = spec.factors.iter().map(|f| f.column.clone());
    factors.chain(spec.terms.iter().flat_map(|t| &t.atoms).filter_map(column)).collect()
}

impl Fit {
    /// Columns that predictions read: covariates and offsets, and the grouping columns if asked for.
    pub fn predictors(&self, groups: bool) -> Vec<String> {
        let parts = self.groupings.iter().flat_map(|g| &g.parts).chain(std::iter::once(&self.design));
        let mut names = parts.flat_map(spec_columns).collect::<Vec<_>>();
        names.extend(self.offsets.iter().map(|n| n.column.clone()));
        if groups {
            names.extend(self.groupings.iter().flat_map(|g| g.factors.iter().map(|f| f.column.clone())));
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}
