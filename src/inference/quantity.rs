//! A number with its gradient over the parameters: what is computed from estimates carries its error along.

/// A value and its derivatives. A short gradient has zeros behind it, so a constant has none, and so has a value that is
/// wanted without an error (in a draw).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    /// The number.
    pub value: f64,
    /// Its derivatives over (β, θ), then over the modes b where it depends on them.
    pub gradient: Vec<f64>,
}

impl Quantity {
    /// A number without error.
    pub(super) fn constant(value: f64) -> Self {
        Self { value, gradient: Vec::new() }
    }

    /// f(a, b) with its two partial derivatives.
    fn combine(&self, other: &Self, value: f64, own: f64, others: f64) -> Self {
        let n = self.gradient.len().max(other.gradient.len());
        let at = |g: &[f64], k: usize| g.get(k).copied().unwrap_or(0.0);
        let slope = |k| own * at(&self.gradient, k) + others * at(&other.gradient, k);
        Self { value, gradient: (0..n).map(slope).collect() }
    }

    /// f(a) with its derivative.
    pub(super) fn map(&self, value: f64, slope: f64) -> Self {
        Self { value, gradient: self.gradient.iter().map(|g| slope * g).collect() }
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        self.combine(other, self.value + other.value, 1.0, 1.0)
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        self.combine(other, self.value - other.value, 1.0, -1.0)
    }

    pub(super) fn over(&self, other: &Self) -> Self {
        let ratio = self.value / other.value;
        self.combine(other, ratio, 1.0 / other.value, -ratio / other.value)
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        self.map(factor * self.value, factor)
    }

    pub(super) fn shifted(&self, by: f64) -> Self {
        Self { value: self.value + by, gradient: self.gradient.clone() }
    }

    pub(super) fn ln(&self) -> Self {
        self.map(self.value.ln(), 1.0 / self.value)
    }

    pub(super) fn exp(&self) -> Self {
        let e = self.value.exp();
        self.map(e, e)
    }

    pub(super) fn sqrt(&self) -> Self {
        let root = self.value.sqrt();
        self.map(root, 0.5 / root)
    }

    /// ln(p / (1 − p)).
    pub(super) fn logit(&self) -> Self {
        let p = self.value;
        self.map((p / (1.0 - p)).ln(), 1.0 / (p * (1.0 - p)))
    }

    /// p / (1 − p).
    pub(super) fn odds(&self) -> Self {
        let rest = 1.0 - self.value;
        self.map(self.value / rest, 1.0 / (rest * rest))
    }

    /// The sum, zero for none.
    pub(super) fn sum<'a>(terms: impl IntoIterator<Item = &'a Self>) -> Self {
        terms.into_iter().fold(Self::constant(0.0), |sum, term| sum.plus(term))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_those_of_differences() {
        let f = |x: f64, y: f64| {
            let (x, y) = (Quantity { value: x, gradient: vec![1.0] }, Quantity { value: y, gradient: vec![0.0, 1.0] });
            let part = x.plus(&x.exp()).over(&y.sqrt().shifted(2.0)).minus(&y.logit().scaled(0.3));
            part.plus(&x.odds().ln())
        };
        let (x, y, h) = (0.4, 0.7, 1e-6);
        let at = f(x, y);
        let slopes =
            [(f(x + h, y).value - f(x - h, y).value) / (2.0 * h), (f(x, y + h).value - f(x, y - h).value) / (2.0 * h)];
        for (own, slope) in at.gradient.iter().zip(slopes) {
            assert!((own - slope).abs() < 1e-8, "{own} {slope}");
        }
    }
}
