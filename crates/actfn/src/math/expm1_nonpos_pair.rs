//! eˣ − 1 for x ≤ 0 as a pair: with what the last rounding of [`expm1_nonpos`](super::expm1_nonpos) leaves off.

use super::exp_nonpos::{
    LN_2_HI_F64, LN_2_LO_F64, expm1_beyond_linear_f32, expm1_beyond_linear_f64, power_f32, power_f64, reduce_f32,
    reduce_f64,
};
use super::{pair, polynomial};

/// (u, u_low) with u + u_low = eˣ − 1.
#[inline(always)]
pub(crate) fn f32(x: f32) -> (f32, f32) {
    use super::mul_add::f32 as mul_add;
    let clamped = if x < -20.0 { -20.0 } else { x };
    let (k, r) = reduce_f32::<127>(clamped);
    let scale = power_f32(k);
    let rest = r * r * expm1_beyond_linear_f32(r);
    let v = r + rest;
    let v_low = rest - (v - r);
    let u = mul_add(scale, v, scale - 1.0);
    (u, mul_add(scale, v_low, mul_add(scale, v, (scale - 1.0) - u)))
}

/// As [`f32`], with all the digits that two numbers hold: computed in `f64`, at twice the cost.
#[inline(always)]
pub(crate) fn accurate_f32(x: f32) -> (f32, f32) {
    let u = super::expm1_nonpos::f64(x as f64);
    let high = u as f32;
    (high, (u - high as f64) as f32)
}

/// (u, u_low) with u + u_low = eˣ − 1.
#[inline(always)]
pub(crate) fn f64(x: f64) -> (f64, f64) {
    use super::mul_add::f64 as mul_add;
    let clamped = if x < -40.0 { -40.0 } else { x };
    let (k, r) = reduce_f64::<1023>(clamped);
    let scale = power_f64(k);
    let rest = r * r * expm1_beyond_linear_f64(r);
    let v = r + rest;
    let v_low = rest - (v - r);
    let u = mul_add(scale, v, scale - 1.0);
    (u, mul_add(scale, v_low, mul_add(scale, v, (scale - 1.0) - u)))
}

/// As [`f64`], within 2⁻⁶⁹ of eˣ − 1.
#[inline(always)]
pub(crate) fn accurate_f64(x: f64) -> (f64, f64) {
    use super::mul_add::f64 as mul_add;
    const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
    const LN_2_LOWEST: f64 = 1.161_222_722_936_253_2e-26; // ln 2 less its upper two parts
    // Taylor's coefficients, with what their rounding leaves off
    const COEFFICIENTS: [(f64, f64); 4] = [
        (0.008_333_333_333_333_333, 1.156_482_317_317_871_4e-19),
        (0.041_666_666_666_666_664, 2.312_964_634_635_742_7e-18),
        (0.166_666_666_666_666_66, 9.251_858_538_542_97e-18),
        (0.5, 0.0),
    ];
    let clamped = if x < -40.0 { -40.0 } else { x };
    let shifted = mul_add(clamped, core::f64::consts::LOG2_E, MAGIC);
    let k = shifted - MAGIC;
    let scale = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1f64.to_bits()));
    let (product, product_low) = pair::product(k, LN_2_LO_F64);
    let (r, r_low) = pair::sum(mul_add(-k, LN_2_HI_F64, clamped), -product);
    let r_low = r_low - mul_add(k, LN_2_LOWEST, product_low);
    // fpminimax((expm1(x) - x - x^2/2 - x^3/6 - x^4/24 - x^5/120 - x^6/720) / x^7, 7, [|53...|], [-0.3466, 0.3466], absolute)
    let rest = polynomial(
        r,
        [
            0.000_198_412_698_412_697_17,
            2.480_158_730_158_667_8e-5,
            2.755_731_922_730_441_5e-6,
            2.755_731_922_969_141e-7,
            2.505_209_457_728_916_3e-8,
            2.087_674_231_320_254e-9,
            1.607_742_934_057_926_8e-10,
            1.148_511_113_319_225e-11,
        ],
    );
    let (sum, sum_low) = pair::fast_sum(0.001_388_888_888_888_889, r * rest);
    let mut p = (sum, sum_low - 5.300_543_954_373_577e-20);
    for (c, c_low) in COEFFICIENTS {
        let (product, product_low) = pair::times(p, (r, r_low));
        let (sum, sum_low) = pair::fast_sum(c, product);
        p = (sum, sum_low + (product_low + c_low));
    }
    let (beyond, beyond_low) = pair::times(pair::times((r, r_low), (r, r_low)), p);
    let (v, v_low) = pair::fast_sum(r, beyond);
    let (base, base_low) = pair::fast_sum(-1.0, scale);
    let (u, u_low) = pair::sum(base, scale * v);
    (u, u_low + mul_add(scale, v_low + (beyond_low + r_low), base_low))
}
