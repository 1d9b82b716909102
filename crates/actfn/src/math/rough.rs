//! Elementary functions in `f64` within 2⁻⁴¹ of the result, for what is rounded to `f32`.
//!
//! That many digits tell how to round all but one number in 2¹⁵ ([`MARGIN`]), and they take shorter polynomials, no pairs, and no care
//! of ties. The numbers that they cannot tell are computed again with all the digits of `f64`.

use super::mul_add::f64 as mul_add;

/// How far a result of these may be off, relative, with room for a few operations on it.
pub(crate) const MARGIN: f64 = 1.0 / (1u64 << 40) as f64;

/// The middle between two numbers of `f32`, of which no margin tells how to round it: for what a formula cannot tell.
pub(crate) const UNSURE: f64 = 1.0 + f32::EPSILON as f64 / 2.0;

/// c₀ + c₁x + c₂x² + …, the even terms and the odd ones each by Horner's rule.
///
/// What limits these loops is the number of vectors that a processor can have begun, times how long each takes: Horner's rule, which
/// waits for longer, took 1.1 × the time, and [`super::polynomial`], which holds more constants, 1.3 ×.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, c: [f64; N]) -> f64 {
    let square = x * x;
    let half = |first: usize| {
        let mut i = first + (N - 1 - first) / 2 * 2;
        let mut sum = c[i];
        while i > first {
            i -= 2;
            sum = mul_add(sum, square, c[i]);
        }
        sum
    };
    mul_add(half(1), x, half(0))
}

/// 2ᵏ with the integer k nearest to x / ln 2, and r = x − k ln 2, for |x| ≤ 700.
#[inline(always)]
fn reduce(x: f64) -> (f64, f64) {
    const MAGIC: f64 = 6_755_399_441_055_744.0 + 1023.0; // 1.5 · 2⁵², and the exponent's bias
    let shifted = mul_add(x, core::f64::consts::LOG2_E, MAGIC);
    let r = mul_add(shifted - MAGIC, -core::f64::consts::LN_2, x);
    (f64::from_bits(shifted.to_bits() << 52), r)
}

/// eˣ, and e^±700 far out: no `f32`, even times the largest one.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let x = if x < -700.0 { -700.0 } else { x };
    exp_within(if x > 700.0 { 700.0 } else { x })
}

#[inline(always)]
fn exp_within(x: f64) -> f64 {
    let (power, r) = reduce(x);
    // fpminimax(exp(x), [|1, …, 9|], [|D…|], [-0.34665, 0.34665], relative, 1): relative error 2⁻⁴⁵·⁹
    let p = polynomial(
        r,
        [
            1.0,
            0.999_999_999_999_913_1,
            0.499_999_999_996_095_73,
            0.166_666_666_677_475_54,
            0.041_666_666_985_649_636,
            8.333_333_007_374_96e-3,
            1.388_880_811_043_091_3e-3,
            1.984_160_335_936_618_2e-4,
            2.488_203_696_823_715e-5,
            2.747_676_944_566_461_5e-6,
        ],
    );
    p * power
}

/// eˣ − 1 for x ≤ 0.
#[inline(always)]
pub(crate) fn expm1_nonpos(x: f64) -> f64 {
    let (power, r) = reduce(if x < -40.0 { -40.0 } else { x });
    // fpminimax(expm1(x) / x, 8, [|D…|], [-0.34665, 0.34665], relative): relative error 2⁻⁴³·⁶
    let p = polynomial(
        r,
        [
            0.999_999_999_999_989,
            0.499_999_999_997_998_66,
            0.166_666_666_669_415_57,
            0.041_666_666_889_728_73,
            8.333_333_231_506_266e-3,
            1.388_882_187_236_044e-3,
            1.984_137_165_178_218_4e-4,
            2.487_607_606_826_455e-5,
            2.755_727_289_274_8e-6,
        ],
    );
    mul_add(power * r, p, power - 1.0)
}

/// x, and ±10³⁹ in place of ±∞, which `f32` rounds to that: so that ∞ · 0 does not arise.
#[inline(always)]
fn finite(x: f64) -> f64 {
    let x = if x < -1e39 { -1e39 } else { x };
    if x > 1e39 { 1e39 } else { x }
}

/// x σ(u).
#[inline(always)]
pub(crate) fn gate(x: f64, u: f64) -> f64 {
    finite(x) / (1.0 + exp(-u))
}

/// tanh x.
#[inline(always)]
pub(crate) fn tanh(x: f64) -> f64 {
    let t = expm1_nonpos(-2.0 * x.abs());
    (t / (-2.0 - t)).copysign(x)
}

/// ln(1 + x) for 0 ≤ x ≤ 1.
#[inline(always)]
fn log1p_unit(x: f64) -> f64 {
    let s = x / (2.0 + x);
    // fpminimax(log((1 + sqrt(x)) / (1 - sqrt(x))) / sqrt(x), 7, [|D…|], [1e-20, 0.1112], relative): relative error 2⁻⁴³·⁸
    s * polynomial(
        s * s,
        [
            1.999_999_999_999_868_5,
            0.666_666_666_816_714_7,
            0.399_999_971_944_147_44,
            0.285_716_278_944_699,
            0.222_152_983_251_572_68,
            0.183_114_194_952_852_08,
            0.140_615_511_548_566_47,
            0.200_923_491_175_090_5,
        ],
    )
}

/// ln(1 + e^(β x)) / β for β > 0.
#[inline(always)]
pub(crate) fn softplus(x: f64, beta: f64) -> f64 {
    let tail = log1p_unit(exp(-(beta * x).abs())) / beta;
    if x < 0.0 { tail } else { x + tail }
}

/// x tanh(ln(1 + eˣ)) = x n / (n + 2) with n = eˣ (eˣ + 2).
#[inline(always)]
pub(crate) fn mish(x: f64) -> f64 {
    let e = exp(if x > 40.0 { 40.0 } else { x });
    let n = e * (e + 2.0);
    finite(x) * n / (n + 2.0)
}

/// x Φ(x), where Φ is the normal distribution.
#[inline(always)]
pub(crate) fn gelu(x: f64) -> f64 {
    // max(x, 0) − a Φ(−a), and there is nothing left of it in `f32` from 14.4 on.
    let a = x.abs();
    let a = if a > 14.4 { 14.4 } else { a };
    let q = a / (a + 4.0);
    // fpminimax(erfc(a/sqrt(2))*exp(a^2/2)/2*(a+4), 14, [|D…|], [0, 14.4/18.4], relative), a = 4x/(1−x): relative error 2⁻⁴²·⁴
    let p = polynomial(
        q,
        [
            2.000_000_000_000_341_5,
            -4.383_076_486_460_644,
            5.233_847_024_908_774,
            -3.192_303_837_437_490_4,
            0.295_389_537_880_535_3,
            0.716_124_120_893_287_3,
            -0.121_149_677_938_150_28,
            -0.212_804_905_671_150_82,
            -0.023_251_076_936_897_25,
            0.133_826_696_936_231_75,
            -0.108_709_353_045_094_59,
            0.181_953_479_701_981_09,
            -0.208_339_969_077_992_38,
            0.109_167_834_812_973_17,
            -0.021_731_710_328_173_13,
        ],
    );
    let tail = q * p * exp_within(-0.5 * a * a);
    (if x < 0.0 { 0.0 } else { x } - tail).copysign(x)
}

/// tan⁻¹ x.
#[inline(always)]
pub(crate) fn atan(x: f64) -> f64 {
    let (numerator, denominator, base) = super::atan::reduce_f64(x.abs());
    let t = numerator / denominator;
    // fpminimax(atan(sqrt(x)) / sqrt(x), 9, [|D…|], [1e-20, 0.25], relative): relative error 2⁻⁴⁵
    let p = polynomial(
        t * t,
        [
            0.999_999_999_999_971_6,
            -0.333_333_333_310_248_67,
            0.199_999_996_902_823_14,
            -0.142_856_981_173_708_07,
            0.111_106_803_690_803_02,
            -0.090_842_666_138_918_71,
            0.076_291_463_291_412_3,
            -0.062_864_134_059_036_14,
            0.044_347_818_973_487_7,
            -0.018_657_962_142_189_854,
        ],
    );
    mul_add(t, p, base).copysign(x)
}

/// sin(factor · x + eighths · π/4), and whether it is one that this can tell: not of angles that are huge, next to a root, or next to
/// 0 and not 0, where a sine of `f32` may be subnormal.
#[inline(always)]
pub(crate) fn sin_scaled(x: f64, factor: f64, eighths: i32) -> (f64, bool) {
    const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
    const PI_LOW: f64 = 1.224_646_799_147_353_2e-16;
    let shift = 0.25 * eighths as f64;
    let (angle, angle_low) = super::pair::product(x, factor);
    // Half turns. What is left is exact next to a root, a multiple of 2⁻⁵³ below 1, but for π's lower digits, which are short of 2⁻¹⁰⁷
    // for each half turn.
    let shifted = if eighths == 0 {
        mul_add(angle, core::f64::consts::FRAC_1_PI, MAGIC)
    } else {
        mul_add(angle, core::f64::consts::FRAC_1_PI, shift) + MAGIC
    };
    let halves = (shifted - MAGIC) - shift;
    let rest = mul_add(-halves, core::f64::consts::PI, angle);
    let r = rest + mul_add(-halves, PI_LOW, angle_low);
    let size = angle.abs();
    let near_root = rest.abs() < size * (1.0 / (1u64 << 30) as f64);
    let unsure = (size > (1u64 << 36) as f64) | near_root;
    // fpminimax((sin(sqrt(x)) / sqrt(x) - 1) / x, 6, [|D...|], [1e-20, 2.469], relative): relative error of the sine 2⁻⁵⁰
    let p = polynomial(
        r * r,
        [
            -0.166_666_666_666_666_46,
            8.333_333_333_325_522e-3,
            -1.984_126_983_628_274_4e-4,
            2.755_731_802_394_579e-6,
            -2.505_197_045_251_296e-8,
            1.605_088_329_155_704_4e-10,
            -7.406_849_836_585_081e-13,
        ],
    );
    let sin = mul_add(r * r * r, p, r);
    let sin = f64::from_bits(sin.to_bits() ^ shifted.to_bits() << 63);
    if eighths != 0 {
        return (sin, !unsure);
    }
    let zero = angle == 0.0;
    (if zero { angle } else { sin }, zero | !(unsure | (size < 1e-30)))
}
