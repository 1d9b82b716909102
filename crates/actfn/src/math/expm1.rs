//! eˣ − 1 = 2ᵏ (eʳ − 1) + (2ᵏ − 1) for all x, with half of 2ᵏ throughout, since 2ᵏ itself may overflow.

use super::exp_nonpos::{expm1_reduced_f32, expm1_reduced_f64, power_f32, power_f64, reduce_f32, reduce_f64};

/// eˣ − 1.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    let clamped = if x < -20.0 { -20.0 } else { x };
    let clamped = if clamped > 89.0 { 89.0 } else { clamped };
    let (k, r) = reduce_f32::<126>(clamped);
    let half = power_f32(k);
    let y = 2.0 * mul_add(half, expm1_reduced_f32(r), half - 0.5);
    if x.abs() < 1e-20 { x } else { y } // half of a subnormal number may not be one
}

/// eˣ − 1.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    let clamped = if x < -40.0 { -40.0 } else { x };
    let clamped = if clamped > 710.0 { 710.0 } else { clamped };
    let (k, r) = reduce_f64::<1022>(clamped);
    let half = power_f64(k);
    let y = 2.0 * mul_add(half, expm1_reduced_f64(r), half - 0.5);
    if x.abs() < 1e-20 { x } else { y } // half of a subnormal number may not be one
}
