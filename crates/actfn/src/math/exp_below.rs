//! e^(x − max) for the numbers of a row and the largest of them.
//!
//! The difference is never rounded, which would cost |x − max| / 2 ULP: x and max are reduced each for itself, x = k ln 2 + r
//! and max = K ln 2 + R, and what is left of them is subtracted. r and R are exact but for ln 2's lower digits, which count
//! k − K times and no more.

use super::exp_nonpos::{LN_2_HI_F32, LN_2_HI_F64, LN_2_LO_F32, LN_2_LO_F64, exp_reduced_f32, exp_reduced_f64};

/// 2⁸⁰ e^(x − max), a normal number, for x ≤ max and |max| < 2²⁰; below e⁻¹³⁰ it stays there. NaN gives NaN.
#[inline(always)]
pub(crate) fn f32(x: f32, max: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    const MAGIC: f32 = 12_582_912.0; // 1.5 · 2²³: a sum with it ends in the integer nearest to the other term
    const BIAS: f32 = 80.0 + 127.0;
    let top = mul_add(max, core::f32::consts::LOG2_E, MAGIC) - MAGIC;
    let top_rest = mul_add(-top, LN_2_HI_F32, max);
    let x = if x < max - 130.0 { max - 130.0 } else { x };
    let shifted = mul_add(x - max, core::f32::consts::LOG2_E, MAGIC + BIAS);
    let below = shifted - (MAGIC + BIAS);
    let rest = mul_add(-(below + top), LN_2_HI_F32, x);
    let r = mul_add(-below, LN_2_LO_F32, rest - top_rest);
    exp_reduced_f32(r) * f32::from_bits(shifted.to_bits() << 23)
}

/// 2²⁵⁶ e^(x − max), a normal number, for x ≤ max and |max| < 2²⁰; below e⁻⁸⁵⁰ it stays there. NaN gives NaN.
#[inline(always)]
pub(crate) fn f64(x: f64, max: f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
    const BIAS: f64 = 256.0 + 1023.0;
    let top = mul_add(max, core::f64::consts::LOG2_E, MAGIC) - MAGIC;
    let top_rest = mul_add(-top, LN_2_HI_F64, max);
    let x = if x < max - 850.0 { max - 850.0 } else { x };
    let shifted = mul_add(x - max, core::f64::consts::LOG2_E, MAGIC + BIAS);
    let below = shifted - (MAGIC + BIAS);
    let rest = mul_add(-(below + top), LN_2_HI_F64, x);
    let r = mul_add(-below, LN_2_LO_F64, rest - top_rest);
    exp_reduced_f64(r) * f64::from_bits(shifted.to_bits() << 52)
}
