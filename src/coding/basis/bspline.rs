//! B-splines by the recursion of Cox and de Boor (de Boor, *A Practical Guide to Splines*, 2001, chapters IX and X).

/// All B-splines of a degree over knots; they add up to 1 between the boundary knots.
#[derive(Debug, Clone)]
pub(super) struct BSpline {
    /// Knots in order, each boundary knot as often as the order says.
    knots: Vec<f64>,
    order: usize,
}

impl BSpline {
    pub(super) fn new(inner: &[f64], bounds: [f64; 2], degree: usize) -> Self {
        let order = degree + 1;
        let knots = [&vec![bounds[0]; order][..], inner, &vec![bounds[1]; order]].concat();
        Self { knots, order }
    }

    /// Value of each B-spline at `x`, which lies between the boundary knots.
    pub(super) fn values(&self, x: f64) -> Vec<f64> {
        self.of_order(self.order, x)
    }

    /// Derivative of each B-spline at `x`.
    pub(super) fn derivatives(&self, x: f64, times: usize) -> Vec<f64> {
        self.derivatives_of_order(self.order, x, times)
    }

    fn derivatives_of_order(&self, order: usize, x: f64, times: usize) -> Vec<f64> {
        if times == 0 {
            return self.of_order(order, x);
        }
        let lower = self.derivatives_of_order(order - 1, x, times - 1);
        let slope = |i: usize| self.over_width(lower[i], i, order - 1);
        (0..self.knots.len() - order).map(|i| (order - 1) as f64 * (slope(i) - slope(i + 1))).collect()
    }

    fn of_order(&self, order: usize, x: f64) -> Vec<f64> {
        let mut values = vec![0.0; self.knots.len() - 1];
        values[self.interval(x)] = 1.0;
        for k in 2..=order {
            for i in 0..self.knots.len() - k {
                let rising = self.over_width(values[i], i, k - 1) * (x - self.knots[i]);
                let falling = self.over_width(values[i + 1], i + 1, k - 1) * (self.knots[i + k] - x);
                values[i] = rising + falling;
            }
        }
        values.truncate(self.knots.len() - order);
        values
    }

    /// A value over the width of `k` intervals from knot `i`; B-splines over an empty interval are zero.
    fn over_width(&self, value: f64, i: usize, k: usize) -> f64 {
        let width = self.knots[i + k] - self.knots[i];
        if width > 0.0 { value / width } else { 0.0 }
    }

    /// The interval between knots that holds `x`; the last one holds the upper boundary knot too.
    fn interval(&self, x: f64) -> usize {
        let last = self.knots.len() - self.order - 1;
        (self.order - 1..last).find(|&i| x < self.knots[i + 1]).unwrap_or(last)
    }
}

#[cfg(test)]
mod tests {
    use super::BSpline;

    #[test]
    fn they_add_up_to_one_and_their_derivatives_to_zero() {
        for degree in 1..=5 {
            let spline = BSpline::new(&[3.0, 4.5, 9.0], [0.0, 18.0], degree);
            for x in [0.0, 0.1, 3.0, 4.0, 9.0, 17.9, 18.0] {
                let values = spline.values(x);
                assert_eq!(values.len(), 3 + degree + 1);
                assert!(values.iter().all(|v| (-1e-15..=1.0 + 1e-15).contains(v)));
                assert!((values.iter().sum::<f64>() - 1.0).abs() < 1e-14);
                assert!(spline.derivatives(x, 1).iter().sum::<f64>().abs() < 1e-13);
            }
        }
    }

    #[test]
    fn derivatives_are_the_slopes_of_the_values() {
        let spline = BSpline::new(&[3.0, 4.5, 9.0], [0.0, 18.0], 3);
        let h = 1e-5;
        for x in [1.0, 4.0, 12.0] {
            for times in 1..=2 {
                let (above, below) = (spline.derivatives(x + h, times - 1), spline.derivatives(x - h, times - 1));
                for (i, d) in spline.derivatives(x, times).iter().enumerate() {
                    assert!(((above[i] - below[i]) / (2.0 * h) - d).abs() < 1e-7);
                }
            }
        }
    }
}
