//! ln x = k ln 2 + ln(1 + f) with x = 2ᵏ (1 + f) and √½ ≤ 1 + f < √2.

use super::exp_nonpos::{LN_2_HI_F32, LN_2_HI_F64, LN_2_LO_F32, LN_2_LO_F64};
use super::polynomial;

/// k and f of a positive number that is not subnormal.
#[inline(always)]
pub(super) fn reduce_f32(x: f32) -> (f32, f32) {
    const MAGIC: f32 = 12_582_912.0; // 1.5 · 2²³
    let bits = x.to_bits().wrapping_sub(core::f32::consts::FRAC_1_SQRT_2.to_bits());
    let k = f32::from_bits(MAGIC.to_bits().wrapping_add_signed(bits as i32 >> 23)) - MAGIC;
    let mantissa = f32::from_bits((bits & 0x007f_ffff) + core::f32::consts::FRAC_1_SQRT_2.to_bits());
    (k, mantissa - 1.0)
}

/// As [`reduce_f32`].
#[inline(always)]
pub(super) fn reduce_f64(x: f64) -> (f64, f64) {
    const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
    let bits = x.to_bits().wrapping_sub(core::f64::consts::FRAC_1_SQRT_2.to_bits());
    let k = f64::from_bits(MAGIC.to_bits().wrapping_add_signed(bits as i64 >> 52)) - MAGIC;
    let mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + core::f64::consts::FRAC_1_SQRT_2.to_bits());
    (k, mantissa - 1.0)
}

/// k ln 2 + ln(1 + f).
#[inline(always)]
pub(super) fn reduced_f32(k: f32, f: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    // fpminimax((log1p(x) - x + x^2 / 2) / x^3, 8, [|24...|], [-0.293, 0.4143], absolute): relative error 2⁻²⁷·⁷
    let p = polynomial(
        f,
        [
            0.333_333_313_465_118_4,
            -0.249_999_806_284_904_48,
            0.200_006_812_810_897_83,
            -0.166_691_869_497_299_2,
            0.142_513_185_739_517_2,
            -0.123_960_316_181_182_86,
            0.116_328_060_626_983_64,
            -0.116_638_265_550_136_57,
            0.073_417_149_484_157_56,
        ],
    );
    let rest = mul_add(f * f, mul_add(f, p, -0.5), k * LN_2_LO_F32);
    mul_add(k, LN_2_HI_F32, f + rest)
}

/// k ln 2 + ln(1 + f).
#[inline(always)]
pub(super) fn reduced_f64(k: f64, f: f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    // With s = f / (2 + f) and h = f² / 2: ln(1 + f) = 2 s + s³ p(s²) = f − (h − s (h + s² p(s²))).
    let s = f / (2.0 + f);
    let z = s * s;
    // fpminimax((log((1 + sqrt(x)) / (1 - sqrt(x))) / sqrt(x) - 2) / x, 6, [|53...|], [1e-20, 0.02945], absolute):
    // relative error 2⁻⁵⁷·⁶
    let p = polynomial(
        z,
        [
            0.666_666_666_666_667,
            0.399_999_999_998_992_8,
            0.285_714_286_262_102_05,
            0.222_222_110_905_232_4,
            0.181_828_924_628_685_55,
            0.153_316_108_420_546_74,
            0.146_177_971_253_742_43,
        ],
    );
    let h = 0.5 * f * f;
    let rest = mul_add(s, mul_add(z, p, h), k * LN_2_LO_F64) - h;
    mul_add(k, LN_2_HI_F64, f + rest)
}

/// ln x; −∞ at 0, NaN for x < 0.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let (k, f) = reduce_f32(if subnormal { x * 8_388_608.0 } else { x });
    let y = reduced_f32(if subnormal { k - 23.0 } else { k }, f);
    special_f32(x, y)
}

/// ln x; −∞ at 0, NaN for x < 0.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    let subnormal = x < f64::MIN_POSITIVE;
    let (k, f) = reduce_f64(if subnormal { x * 4_503_599_627_370_496.0 } else { x });
    let y = reduced_f64(if subnormal { k - 52.0 } else { k }, f);
    special_f64(x, y)
}

/// y = ln x, and what it is outside the positive numbers.
#[inline(always)]
pub(super) fn special_f32(x: f32, y: f32) -> f32 {
    let y = if x < f32::INFINITY { y } else { x };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x < 0.0 { f32::NAN } else { y }
}

/// As [`special_f32`].
#[inline(always)]
pub(super) fn special_f64(x: f64, y: f64) -> f64 {
    let y = if x < f64::INFINITY { y } else { x };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    if x < 0.0 { f64::NAN } else { y }
}
