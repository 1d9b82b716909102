//! eˣ − 1 for x ≤ 0 as a pair: with what the last rounding of [`expm1_nonpos`](super::expm1_nonpos) leaves off.

use super::exp_nonpos::{expm1_beyond_linear_f32, expm1_beyond_linear_f64, reduce_f32, reduce_f64};

/// (u, u_low) with u + u_low = eˣ − 1.
#[inline(always)]
pub(crate) fn f32(x: f32) -> (f32, f32) {
    use super::mul_add::f32 as mul_add;
    let clamped = if x < -20.0 { -20.0 } else { x };
    let (k, r) = reduce_f32::<0>(clamped);
    let scale = f32::from_bits(1f32.to_bits().wrapping_add_signed(k << 23));
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
    let (k, r) = reduce_f64::<0>(clamped);
    let scale = f64::from_bits(1f64.to_bits().wrapping_add_signed(k << 52));
    let rest = r * r * expm1_beyond_linear_f64(r);
    let v = r + rest;
    let v_low = rest - (v - r);
    let u = mul_add(scale, v, scale - 1.0);
    (u, mul_add(scale, v_low, mul_add(scale, v, (scale - 1.0) - u)))
}
