//! Natural cubic splines, R's `splines::ns`: cubic B-splines without the first, restricted to a second derivative of zero at
//! the boundary knots, and straight beyond them.

use super::bspline::BSpline;

/// The curves, with what evaluating them needs.
#[derive(Debug, Clone)]
pub(super) struct Natural {
    cubic: BSpline,
    bounds: [f64; 2],
    /// Two reflections that turn the two constraints into the first two coordinates, which are then left out.
    reflections: [Vec<f64>; 2],
    /// Columns and their slopes at the boundary knots.
    ends: [(Vec<f64>, Vec<f64>); 2],
}

impl Natural {
    pub(super) fn new(knots: &[f64], bounds: [f64; 2]) -> Self {
        let cubic = BSpline::new(knots, bounds, 3);
        let [mut first, mut second] = bounds.map(|b| cubic.derivatives(b, 2)[1..].to_vec());
        reflector(&mut first, 0);
        reflect(&first, 0, &mut second);
        reflector(&mut second, 1);
        let mut natural = Self { cubic, bounds, reflections: [first, second], ends: Default::default() };
        natural.ends = bounds.map(|b| {
            let value = natural.project(natural.cubic.values(b));
            (value, natural.project(natural.cubic.derivatives(b, 1)))
        });
        natural
    }

    /// Appends the columns at `x`.
    pub(super) fn write(&self, x: f64, out: &mut Vec<f64>) {
        let end = usize::from(x > self.bounds[1]);
        if x < self.bounds[0] || x > self.bounds[1] {
            let (value, slope) = &self.ends[end];
            out.extend(value.iter().zip(slope).map(|(v, s)| v + s * (x - self.bounds[end])));
        } else {
            out.extend(self.project(self.cubic.values(x)));
        }
    }

    fn project(&self, mut values: Vec<f64>) -> Vec<f64> {
        values.remove(0);
        for (at, reflection) in self.reflections.iter().enumerate() {
            reflect(reflection, at, &mut values);
        }
        values.split_off(2)
    }
}

/// Turns a column into the vector of the reflection that leaves it with nothing below `at`, as LINPACK's `dqrdc` has it: R's
/// columns follow from this choice of sign.
fn reflector(column: &mut [f64], at: usize) {
    let norm = column[at..].iter().map(|x| x * x).sum::<f64>().sqrt();
    let signed = if column[at] < 0.0 { -norm } else { norm };
    column.iter_mut().for_each(|x| *x /= signed);
    column[at] += 1.0;
}

fn reflect(reflection: &[f64], at: usize, values: &mut [f64]) {
    let dot: f64 = reflection[at..].iter().zip(&values[at..]).map(|(r, v)| r * v).sum();
    let share = dot / reflection[at];
    values[at..].iter_mut().zip(&reflection[at..]).for_each(|(v, r)| *v -= share * r);
}

#[cfg(test)]
mod tests {
    use super::Natural;

    fn at(natural: &Natural, x: f64) -> Vec<f64> {
        let mut out = Vec::new();
        natural.write(x, &mut out);
        out
    }

    #[test]
    fn the_second_derivative_is_zero_at_the_boundary_and_beyond() {
        let natural = Natural::new(&[4.0, 9.0, 13.0], [0.0, 18.0]);
        let h = 1e-3;
        for x in [0.0, 18.0, -5.0, 30.0] {
            let [below, here, above] = [x - h, x, x + h].map(|x| at(&natural, x));
            for k in 0..4 {
                // At a boundary knot the third derivative jumps, which leaves a term of order h.
                assert!(((above[k] - 2.0 * here[k] + below[k]) / (h * h)).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn without_inner_knots_it_is_a_straight_line() {
        let natural = Natural::new(&[], [2.0, 6.0]);
        let y = [0.0, 2.0, 3.0, 6.0, 10.0].map(|x| at(&natural, x)[0]);
        let slope = (y[3] - y[1]) / 4.0;
        assert!(slope.abs() > 0.01);
        for (x, y) in [0.0, 2.0, 3.0, 6.0, 10.0].iter().zip(y) {
            assert!((y - slope * (x - 2.0)).abs() < 1e-13);
        }
    }
}
