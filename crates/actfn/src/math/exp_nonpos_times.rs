//! factor · eˣ for x ≤ 0, nearly in one rounding: what the tails of gated functions need.
//!
//! With eʳ = 1 + u the product is factor + factor · u, so eʳ itself is never rounded; and 2ᵏ comes last, so the product
//! is accurate where eˣ alone would be subnormal.

use super::exp_nonpos::{expm1_reduced_f32, expm1_reduced_f64, power_f32, power_f64, reduce_f32, reduce_pair_f64};

/// (factor + factor_low) · e^(x + low), for a factor below 2⁴⁰; `low` may be NaN where eˣ is 0.
#[inline(always)]
pub(crate) fn f32(x: f32, low: f32, factor: f32, factor_low: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    // 2ᵏ is times 2⁶⁴, so that only the last product can round, to a subnormal number; and 0 where x ends, as in `exp_nonpos`.
    const LIMIT: f32 = (-191.0 * core::f64::consts::LN_2) as f32;
    let low = if x < LIMIT { 0.0 } else { low };
    let (k, r) = reduce_f32::<{ 127 + 64 }>(if x < LIMIT { LIMIT } else { x });
    let u = expm1_reduced_f32(r + low);
    let product = factor + mul_add(factor, u, mul_add(factor_low, u, factor_low));
    product * power_f32(k) * f32::from_bits((127 - 64) << 23)
}

/// (factor + factor_low) · e^(x + low), for a factor below 2⁷⁶⁰; `low` may be NaN where eˣ is 0.
#[inline(always)]
pub(crate) fn f64(x: f64, low: f64, factor: f64, factor_low: f64) -> f64 {
    with_sum(x, low, factor, factor_low, |a, b| a + b)
}

/// The same, rounded to odd where it is a tie of a narrower format: e^−x² was misrounded twice in `f32` without.
#[inline(always)]
pub(crate) fn to_odd_f64(x: f64, low: f64, factor: f64, factor_low: f64) -> f64 {
    with_sum(x, low, factor, factor_low, super::add_to_odd::f64)
}

#[inline(always)]
fn with_sum(x: f64, low: f64, factor: f64, factor_low: f64, sum: impl Fn(f64, f64) -> f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    const LIMIT: f64 = -1279.0 * core::f64::consts::LN_2;
    let low = if x < LIMIT { 0.0 } else { low };
    let (k, r, r_low) = reduce_pair_f64::<{ 1023 + 256 }>(if x < LIMIT { LIMIT } else { x }, low);
    let u = expm1_reduced_f64(r);
    // e^(r + r_low) − 1 is u + r_low (1 + u).
    let factor_low = mul_add(factor, r_low, factor_low);
    let product = sum(factor, mul_add(factor, u, mul_add(factor_low, u, factor_low)));
    product * power_f64(k) * f64::from_bits((1023 - 256) << 52)
}
