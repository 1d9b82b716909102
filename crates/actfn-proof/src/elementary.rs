//! Elementary functions in `f64` with a known bound on their error: Taylor's and the like, whose remainder anyone can
//! check, and nothing taken from the library under proof.
//!
//! Each bound is an analysis with a factor of two or more to spare; `tests/bounds.rs` holds it against the multi-precision
//! arithmetic.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, LOG2_E};

/// The relative error of all functions here is below this.
pub(crate) const ERROR: f64 = 1.0 / (1u64 << 48) as f64;

/// ln 2 in two parts; the first has 32 bits, so that a multiple by an exponent is exact.
const LN_2_HI: f64 = 6.931_471_803_691_238e-1;
const LN_2_LO: f64 = 1.908_214_929_270_587_7e-10;
/// What π/4 has beyond [`FRAC_PI_4`].
const FRAC_PI_4_LO: f64 = 3.061_616_997_868_383e-17;

/// c₀ + c₁x + …, with the fused multiply-add.
#[inline(always)]
fn horner<const N: usize>(x: f64, c: [f64; N]) -> f64 {
    let mut sum = c[N - 1];
    for i in (0..N - 1).rev() {
        sum = sum.mul_add(x, c[i]);
    }
    sum
}

/// 1/2!, 1/3!, …, 1/15!.
const INVERSE_FACTORIALS: [f64; 14] = {
    let mut c = [0.0; 14];
    let mut factorial = 1.0; // exact up to 18!
    let mut n = 2;
    while n <= 15 {
        factorial *= n as f64;
        c[n - 2] = 1.0 / factorial;
        n += 1;
    }
    c
};

/// 1/(start), 1/(start + 2), …, each times `sign` more than the one before.
const fn odd_reciprocals<const N: usize>(start: usize, sign: f64) -> [f64; N] {
    let mut c = [0.0; N];
    let mut s = sign;
    let mut n = 0;
    while n < N {
        c[n] = s / (start + 2 * n) as f64;
        s *= sign;
        n += 1;
    }
    c
}

/// x = k ln 2 + r, and eʳ − 1: |r| ≤ 0.347 leaves r¹⁶/16! < 2⁻⁶⁸ behind the last term.
#[inline(always)]
fn reduced_expm1(x: f64) -> (i64, f64) {
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
    let shifted = x.mul_add(LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = (-k).mul_add(LN_2_LO, (-k).mul_add(LN_2_HI, x));
    (shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i64, (r * r).mul_add(horner(r, INVERSE_FACTORIALS), r))
}

/// 2ᵏ for −1022 ≤ k ≤ 1023.
#[inline(always)]
fn power_of_two(k: i64) -> f64 {
    f64::from_bits(((k + 1023) as u64) << 52)
}

/// eˣ for −690 ≤ x ≤ 709.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let (k, u) = reduced_expm1(x);
    (1.0 + u) * power_of_two(k)
}

/// eˣ − 1 for −40 ≤ x ≤ 709: 2ᵏ(eʳ − 1) + (2ᵏ − 1), where nothing cancels that has an error.
#[inline(always)]
pub(crate) fn expm1(x: f64) -> f64 {
    let (k, u) = reduced_expm1(x);
    let scale = power_of_two(k);
    scale.mul_add(u, scale - 1.0)
}

/// ln x for normal numbers: 2 artanh s with s = (m − 1)/(m + 1) ≤ 0.172, whose 12th term is below 2⁻⁶¹ of the first.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    let k = (x.to_bits().wrapping_sub(SQRT_HALF) as i64) >> 52;
    let m = f64::from_bits(x.to_bits().wrapping_sub((k << 52) as u64));
    let s = (m - 1.0) / (m + 1.0);
    let s2 = s * s;
    let series = horner(s2, const { odd_reciprocals::<12>(3, 1.0) });
    let k = k as f64;
    let twice = s + s;
    k.mul_add(LN_2_HI, k.mul_add(LN_2_LO, (twice * s2).mul_add(series, twice)))
}

/// ln (1 + x) for x ≥ −1 + 2⁻⁵³: the logarithm of the rounded sum, and what the rounding took.
#[inline(always)]
pub(crate) fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    let lost = if x.abs() < 1e16 { x - (sum - 1.0) } else { 0.0 };
    ln(sum) + lost / sum
}

/// 1 / (1 + e⁻ˣ) for |x| ≤ 690.
#[inline(always)]
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// tanh x = ∓u/(2 + u) with u = e^(−2|x|) − 1.
#[inline(always)]
pub(crate) fn tanh(x: f64) -> f64 {
    let doubled = -2.0 * x.abs();
    let u = expm1(if doubled < -40.0 { -40.0 } else { doubled });
    (-u / (2.0 + u)).copysign(x)
}

/// atan x, reduced to |t| ≤ tan π/8, where the 21st term is below 2⁻⁵⁸ of the first.
#[inline(always)]
pub(crate) fn atan(x: f64) -> f64 {
    let a = x.abs();
    let (middle, large) = (a > 0.414_213_562_373_095, a > 2.414_213_562_373_095);
    let numerator = if large { -1.0 } else { a - 1.0 };
    let denominator = if large { a } else { a + 1.0 };
    let t = if middle { numerator / denominator } else { a };
    let base = if large { FRAC_PI_2 } else { FRAC_PI_4 };
    let low = if large { 2.0 * FRAC_PI_4_LO } else { FRAC_PI_4_LO };
    let (base, low) = if middle { (base, low) } else { (0.0, 0.0) };
    let t2 = t * t;
    let series = horner(t2, const { odd_reciprocals::<21>(3, -1.0) });
    (base + (low + (t * t2).mul_add(series, t))).copysign(x)
}

/// Φ(x) for x ≥ −37.
#[inline(always)]
pub(crate) fn normal_cdf(x: f64) -> f64 {
    const FRAC_1_SQRT_2PI: f64 = 0.398_942_280_401_432_7;
    // |x| < ½: ½ + x/√(2π) Σ (−x²/2)ⁿ / (n! (2n + 1)); the 12th term is below 2⁻⁶⁸.
    let z = -0.5 * x * x;
    const SERIES: [f64; 12] = {
        let mut c = [1.0; 12];
        let (mut n, mut factorial) = (1, 1.0);
        while n < 12 {
            factorial *= n as f64;
            c[n] = 1.0 / (factorial * (2 * n + 1) as f64);
            n += 1;
        }
        c
    };
    let near = (FRAC_1_SQRT_2PI * x).mul_add(horner(z, SERIES), 0.5);
    // Elsewhere the trapezoidal rule with step ½ for erfc's integral, at t = |x|/√2 (Chiarella & Reichel 1968):
    //     erfc t = t e^−t² / 2π · (1/t² + 2 Σ e^(−k²/4) / (t² + k²/4)) − 2 / (e^(4πt) − 1)
    // with a relative error of e^(−4π²) = 2⁻⁵⁶; the last term stands for a pole that is not passed from t = 2π on.
    const WEIGHTS: [f64; 13] = [
        0.778_800_783_071_404_9,
        0.367_879_441_171_442_33,
        0.105_399_224_561_864_33,
        0.018_315_638_888_734_18,
        1.930_454_136_227_709_3e-3,
        1.234_098_040_866_795_5e-4,
        4.785_117_392_129_009e-6,
        1.125_351_747_192_591_1e-7,
        1.605_228_055_185_611_6e-9,
        1.388_794_386_496_402_1e-11,
        7.287_724_095_819_692e-14,
        2.319_522_830_243_569_4e-16,
        4.477_732_441_718_301_4e-19,
    ];
    let a = if x.abs() > 37.0 { 37.0 } else { x.abs() };
    let square = a * a;
    let square_low = a.mul_add(a, -square);
    let t2 = 0.5 * square;
    let mut sum = 0.5 / t2;
    for (i, weight) in WEIGHTS.iter().enumerate() {
        let k = (i + 1) as f64;
        sum += weight / (t2 + 0.25 * k * k);
    }
    let t = a * std::f64::consts::FRAC_1_SQRT_2;
    let gauss = exp(-t2) * (1.0 - 0.5 * square_low);
    let pole = if t < 2.0 * std::f64::consts::PI { 1.0 / expm1(4.0 * std::f64::consts::PI * t) } else { 0.0 };
    let tail = (gauss * t * sum) * (0.5 * std::f64::consts::FRAC_1_PI) - pole;
    let far = if x < 0.0 { tail } else { 1.0 - tail };
    if x.abs() < 0.5 { near } else { far }
}

/// The largest angle of [`sin`] and [`cos`].
pub(crate) const FAR: f64 = 1_048_576.0;

/// sin(x + quarters · π/2) for |x| ≥ [`FAR`].
fn far_sine(x: f64, quarters: i64) -> f64 {
    let (quadrant, rest, _) = crate::turns::reduce(x, 0.0);
    wave(rest * FRAC_PI_2, quadrant as i64 + quarters)
}

/// sin x for |x| ≥ [`FAR`].
pub(crate) fn far_sin(x: f64) -> f64 {
    far_sine(x, 0)
}

/// cos x for |x| ≥ [`FAR`].
pub(crate) fn far_cos(x: f64) -> f64 {
    far_sine(x, 1)
}

/// sin(x + quarters · π/2) for |x| ≤ 2²⁰, by the distance to the next multiple of π/2.
#[inline(always)]
fn sine(x: f64, quarters: i64) -> f64 {
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
    const FRAC_PI_2_LO: f64 = 6.123_233_995_736_766e-17;
    const FRAC_PI_2_LOWEST: f64 = -1.497_384_904_859_169_8e-33;
    let shifted = x.mul_add(std::f64::consts::FRAC_2_PI, ROUND);
    let k = shifted - ROUND;
    let r = (-k).mul_add(FRAC_PI_2, x);
    let r = (-k).mul_add(FRAC_PI_2_LOWEST, (-k).mul_add(FRAC_PI_2_LO, r));
    wave(r, (shifted.to_bits() as i64).wrapping_add(quarters))
}

/// sin(r + quadrant · π/2) for |r| ≤ π/4 and a little more.
#[inline(always)]
fn wave(r: f64, quadrant: i64) -> f64 {
    let r2 = r * r;
    // r¹⁹/19! and r²⁰/20! are below 2⁻⁶³.
    let sin = (r * r2).mul_add(horner(r2, const { alternating_factorials::<8>(3) }), r);
    let cos = r2.mul_add(horner(r2, const { alternating_factorials::<9>(2) }), 1.0);
    let y = if quadrant & 1 == 0 { sin } else { cos };
    if quadrant & 2 == 0 { y } else { -y }
}

/// −1/start!, 1/(start + 2)!, …
const fn alternating_factorials<const N: usize>(start: usize) -> [f64; N] {
    let mut c = [0.0; N];
    let (mut factorial, mut n) = (1.0, 1);
    while n < start + 2 * N {
        factorial *= n as f64;
        if n >= start && (n - start).is_multiple_of(2) {
            let i = (n - start) / 2;
            c[i] = if i.is_multiple_of(2) { -1.0 / factorial } else { 1.0 / factorial };
        }
        n += 1;
    }
    c
}

/// sin x for |x| ≤ 2²⁰.
#[inline(always)]
pub(crate) fn sin(x: f64) -> f64 {
    sine(x, 0)
}

/// cos x for |x| ≤ 2²⁰.
#[inline(always)]
pub(crate) fn cos(x: f64) -> f64 {
    sine(x, 1)
}

const _: () = assert!(LN_2_HI + LN_2_LO == LN_2);
