//! eˣ = 2ᵏ eʳ with k = round(x / ln 2), |r| ≤ ln 2 / 2.

use super::exp_nonpos::{exp_reduced_f32, exp_reduced_f64, power_f32, power_f64, reduce_f32, reduce_f64};

/// eˣ, at most 1.01 ULP from it over all inputs, subnormal results included.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    // e^89 is past the largest number, and both powers are 0 where x ends, as in `exp_nonpos`. Written so that NaN passes.
    const LIMIT: f32 = (-254.0 * core::f64::consts::LN_2) as f32;
    let x = if x > 89.0 { 89.0 } else { x };
    let (k, r) = reduce_f32::<{ 2 * 127 }>(if x < LIMIT { LIMIT } else { x });
    // 2ᵏ in two steps: the first is exact, the second rounds a subnormal result or overflows. What stands above k's bits drops out.
    let half = k >> 1;
    exp_reduced_f32(r) * power_f32(half) * power_f32(k - half)
}

/// eˣ, at most 1.01 ULP from it, subnormal results included.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    const LIMIT: f64 = -2046.0 * core::f64::consts::LN_2;
    let x = if x > 710.0 { 710.0 } else { x };
    let (k, r) = reduce_f64::<{ 2 * 1023 }>(if x < LIMIT { LIMIT } else { x });
    let half = k >> 1;
    exp_reduced_f64(r) * power_f64(half) * power_f64(k - half)
}
