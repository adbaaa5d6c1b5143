//! The logistic function and its log-likelihood, in forms that do not overflow.

/// p, the probability at linear predictor `eta`.
#[inline]
pub fn probability(eta: f64) -> f64 {
    let e = (-eta.abs()).exp();
    (if eta >= 0.0 { 1.0 } else { e }) / (1.0 + e)
}

/// Replaces linear predictors by probabilities; returns the sum of y η − m log(1 + e^η).
///
/// The loop is written for the compiler to turn into vector instructions, chosen at run time. It uses no fused
/// multiplication, so that every machine rounds alike and gives the same bits.
pub fn probabilities(eta: &mut [f64], y: &[f64], m: &[f64]) -> f64 {
    pulp::Arch::new().dispatch(Kernel { eta, y, m })
}

/// Records whose terms are held before they are added up; they stay in the first-level cache.
const BLOCK: usize = 256;

/// Sums kept side by side: two vectors of four on common hardware.
const LANES: usize = 8;

struct Kernel<'a> {
    eta: &'a mut [f64],
    y: &'a [f64],
    m: &'a [f64],
}

impl pulp::WithSimd for Kernel<'_> {
    type Output = f64;

    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _simd: S) -> f64 {
        let mut sums = [0.0; LANES];
        let mut logs = 0.0;
        let (mut terms, mut factors) = ([0.0; BLOCK], [1.0; BLOCK]);
        let blocks = self.eta.chunks_mut(BLOCK).zip(self.y.chunks(BLOCK)).zip(self.m.chunks(BLOCK));
        for ((eta, y), m) in blocks {
            let n = eta.len();
            // Equal lengths in sight of the compiler: no bounds are checked inside the loop.
            let (terms, factors, y, m) = (&mut terms[..n], &mut factors[..n], &y[..n], &m[..n]);
            if is_moderate(eta, m) {
                for i in 0..n {
                    let x = eta[i];
                    let e = exp_negative(x.abs());
                    terms[i] = y[i] * x - x.max(0.0);
                    factors[i] = 1.0 + e;
                    eta[i] = (if x >= 0.0 { 1.0 } else { e }) / (1.0 + e);
                }
                logs += log_product(factors);
            } else {
                for i in 0..n {
                    let x = eta[i];
                    let e = exp_negative(x.abs());
                    terms[i] = y[i] * x - m[i] * (x.max(0.0) + log_one_plus(e));
                    eta[i] = (if x >= 0.0 { 1.0 } else { e }) / (1.0 + e);
                }
            }
            for row in terms.chunks(LANES) {
                sums.iter_mut().zip(row).for_each(|(sum, term)| *sum += term);
            }
        }
        sums.iter().sum::<f64>() - logs
    }
}

/// Whether all records are of one trial and none is near certain: then the logs of a block are the log of a product, and
/// 1 + e keeps twelve digits of e. (All of a certain record's log-likelihood is in e.)
#[expect(clippy::inline_always, reason = "a call would leave the vector instructions chosen at run time")]
#[inline(always)]
#[expect(clippy::float_cmp, reason = "a number of trials that is one")]
#[expect(clippy::needless_bitwise_bool, reason = "no early end: the loop is to become vector instructions")]
fn is_moderate(eta: &[f64], m: &[f64]) -> bool {
    eta.iter().zip(m).fold(true, |all, (x, m)| all & (x.abs() <= MODERATE) & (*m == 1.0))
}

/// e^−8 is 3e-4.
const MODERATE: f64 = 8.0;

/// Σ log of up to [`BLOCK`] numbers from 1 to 2: their product stays below 2^256.
#[expect(clippy::inline_always, reason = "a call would leave the vector instructions chosen at run time")]
#[inline(always)]
fn log_product(factors: &[f64]) -> f64 {
    let mut products = [1.0; LANES];
    for row in factors.chunks(LANES) {
        products.iter_mut().zip(row).for_each(|(product, factor)| *product *= factor);
    }
    let bits = products.iter().product::<f64>().to_bits();
    // 2^k (1 + f): the exponent, and the rest with the exponent of one.
    let k = (bits >> 52) as f64 - 1_023.0;
    let f = f64::from_bits((bits & MANTISSA) | 1.0f64.to_bits()) - 1.0;
    k * std::f64::consts::LN_2 + log_one_plus(f)
}

/// The lower 52 bits.
const MANTISSA: u64 = (1 << 52) - 1;

/// Replaces linear predictors by log(1 + e^η).
pub fn soft_plus(eta: &mut [f64]) {
    pulp::Arch::new().dispatch(SoftPlus(eta));
}

struct SoftPlus<'a>(&'a mut [f64]);

impl pulp::WithSimd for SoftPlus<'_> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _simd: S) {
        for x in self.0 {
            // Half of x + |x| is max(x, 0), but for a NaN, which it lets through.
            *x = 0.5 * (*x + x.abs()) + log_one_plus(exp_negative(x.abs()));
        }
    }
}

/// Replaces linear predictors by probabilities.
pub fn sigmoid(eta: &mut [f64]) {
    pulp::Arch::new().dispatch(Sigmoid(eta));
}

struct Sigmoid<'a>(&'a mut [f64]);

impl pulp::WithSimd for Sigmoid<'_> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _simd: S) {
        for x in self.0 {
            let e = exp_negative(x.abs());
            *x = (if *x >= 0.0 { 1.0 } else { e }) / (1.0 + e);
        }
    }
}

/// Replaces linear predictors by probabilities, and writes log(1 + e^η) to `log`.
pub fn logistic(eta: &mut [f64], log: &mut [f64]) {
    pulp::Arch::new().dispatch(Logistic { eta, log });
}

struct Logistic<'a> {
    eta: &'a mut [f64],
    log: &'a mut [f64],
}

impl pulp::WithSimd for Logistic<'_> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _simd: S) {
        for (x, log) in self.eta.iter_mut().zip(self.log) {
            let e = exp_negative(x.abs());
            *log = 0.5 * (*x + x.abs()) + log_one_plus(e);
            *x = (if *x >= 0.0 { 1.0 } else { e }) / (1.0 + e);
        }
    }
}

/// exp(−a) for a ≥ 0, within 2 units in the last place (p, after a sum and a division, within 3); 0 beyond 708, where the value is below 1e-307.
///
/// −a = k ln 2 + r with |r| ≤ ½ ln 2 (Cody & Waite 1980); exp(r) by its Chebyshev polynomial of degree 12, error 4e-20.
#[inline(always)]
fn exp_negative(a: f64) -> f64 {
    // ln 2 in two parts: the first has zeros at its end, so that its product with k is exact.
    const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    // Adding 1.5 · 2^52 rounds to a whole number and leaves it in the low bits.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    const EXP: [f64; 13] = [
        1.0,
        1.0,
        0.5,
        0.166_666_666_666_667_02,
        0.041_666_666_666_666_69,
        0.008_333_333_333_309_508,
        0.001_388_888_888_887_187_5,
        0.000_198_412_699_092_579_03,
        2.480_158_735_013_993e-5,
        2.755_722_492_065_214e-6,
        2.755_725_187_722_508_3e-7,
        2.511_488_209_588_034e-8,
        2.092_158_893_897_149e-9,
    ];
    let x = -a.min(708.0);
    let shifted = x * std::f64::consts::LOG2_E + SHIFT;
    let k = shifted - SHIFT;
    let r = (x - k * LN2_HIGH) - k * LN2_LOW;
    let p = polynomial(&EXP, r);
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    if a > 708.0 { 0.0 } else { p * power }
}

/// log(1 + e) for 0 ≤ e ≤ 1 as 2 artanh(s), s = e/(2 + e) ≤ 1/3; Chebyshev polynomial in s², error 1e-17.
#[inline(always)]
fn log_one_plus(e: f64) -> f64 {
    const ARTANH: [f64; 11] = [
        1.0,
        0.333_333_333_333_330_76,
        0.200_000_000_000_928_74,
        0.142_857_142_727_270_57,
        0.111_111_120_403_738_37,
        0.090_908_704_162_524_03,
        0.076_933_070_211_520_04,
        0.066_501_870_163_373_13,
        0.060_550_843_640_346_09,
        0.041_622_532_559_304_1,
        0.085_220_817_813_906_99,
    ];
    let s = e / (2.0 + e);
    let t = s * s;
    let p = polynomial(&ARTANH, t);
    2.0 * s * p
}

/// A polynomial by Estrin's scheme: pairs, then pairs of pairs, so that few multiplications wait for each other.
#[expect(clippy::inline_always, reason = "a call would leave the vector instructions chosen at run time")]
#[inline(always)]
fn polynomial<const N: usize>(c: &[f64; N], x: f64) -> f64 {
    let (x2, x4, x8) = (x * x, (x * x) * (x * x), ((x * x) * (x * x)) * ((x * x) * (x * x)));
    let at = |k: usize| if k < N { c[k] } else { 0.0 };
    let pair = |k: usize| at(k) + at(k + 1) * x;
    let four = |k: usize| pair(k) + pair(k + 2) * x2;
    (four(0) + four(4) * x4) + (four(8) + at(12) * x4) * x8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log1p_exp(eta: f64) -> f64 {
        eta.max(0.0) + (-eta.abs()).exp().ln_1p()
    }

    #[test]
    fn extremes_stay_finite() {
        assert!(probability(-800.0) >= 0.0 && probability(800.0) >= 1.0);
        assert!((probability(0.3) - 1.0 / (1.0 + f64::exp(-0.3))).abs() < 1e-16);
        let mut eta = [1e4, -1e4, f64::MAX, -f64::MAX];
        let value = probabilities(&mut eta, &[1.0, 0.0, 1.0, 0.0], &[1.0; 4]);
        assert!(value.abs() < 1e-300 && eta.map(f64::to_bits) == [1.0f64, 0.0, 1.0, 0.0].map(f64::to_bits));
    }

    #[test]
    fn vector_forms_agree_with_the_library() {
        let etas = (-4_000..4_000).map(|k| f64::from(k) * 0.0173).chain([0.0, 1e-300, -1e-17, 300.0, -707.9]);
        for eta in etas {
            let mut p = [eta];
            let value = probabilities(&mut p, &[0.0], &[1.0]);
            let (exact, log) = (probability(eta), log1p_exp(eta));
            assert!((p[0] - exact).abs() <= 3.0 * f64::EPSILON * exact, "{eta}: {} {exact}", p[0]);
            // Alone, a moderate one counts as 1 + e, rounded.
            let rounding = if eta.abs() <= MODERATE { f64::EPSILON } else { 0.0 };
            assert!((value + log).abs() <= 3.0 * f64::EPSILON * log + rounding, "{eta}: {value} {log}");
        }
    }

    #[test]
    fn logs_of_a_product_are_the_sum_of_logs() {
        for (n, size) in [(1, 7.9), (7, 3.0), (256, 0.0), (1_000, 7.9), (1_000, 9.0), (777, 40.0)] {
            let etas = (0..n).map(|k| size * f64::from(k * 7_919 % 1_009 - 504) / 504.0).collect::<Vec<_>>();
            let y = (0..n).map(|k| f64::from(k % 2)).collect::<Vec<_>>();
            let exact: f64 = etas.iter().zip(&y).map(|(x, y)| y * x - log1p_exp(*x)).sum();
            let found = probabilities(&mut etas.clone(), &y, &vec![1.0; n as usize]);
            let rounding = f64::EPSILON * (f64::from(n) + 50.0 * exact.abs());
            assert!((found - exact).abs() <= rounding, "{n} {size}: {found} {exact}");
        }
    }

    #[test]
    fn the_parts_are_those_of_the_whole() {
        let etas = (-400..400).map(|k| f64::from(k) * 0.173).chain([-1e4, 1e4]).collect::<Vec<_>>();
        let (mut p, mut log) = (etas.clone(), etas.clone());
        sigmoid(&mut p);
        soft_plus(&mut log);
        let (mut both, mut both_log) = (etas.clone(), etas.clone());
        logistic(&mut both, &mut both_log);
        for k in 0..etas.len() {
            assert_eq!((both[k].to_bits(), both_log[k].to_bits()), (p[k].to_bits(), log[k].to_bits()), "{}", etas[k]);
            // Two trials, so that the logs are not those of a product.
            let mut whole = [etas[k]];
            let value = probabilities(&mut whole, &[0.0], &[2.0]);
            assert_eq!(
                (p[k].to_bits(), log[k].to_bits()),
                (whole[0].to_bits(), (0.0 - value / 2.0).to_bits()),
                "{}",
                etas[k]
            );
        }
    }

    #[test]
    fn nothing_hides_a_nan() {
        let mut eta = [f64::NAN];
        assert!(probabilities(&mut eta, &[1.0], &[1.0]).is_nan());
        let mut log = [f64::NAN];
        soft_plus(&mut log);
        assert!(log[0].is_nan());
    }
}
