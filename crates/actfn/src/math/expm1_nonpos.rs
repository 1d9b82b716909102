//! eˣ − 1 for x ≤ 0.
//!
//! 2ᵏ eʳ − 1 = 2ᵏ (eʳ − 1) + (2ᵏ − 1), where 2ᵏ − 1 is exact for k ≥ −24 (`f64`: −53) and nothing is lost next to 0,
//! where k = 0.

use super::exp_nonpos::{expm1_reduced_f32, expm1_reduced_f64, power_f32, power_f64, reduce_f32, reduce_f64};

/// eˣ − 1 for x ≤ 0; +0 at −0.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    let clamped = if x < -20.0 { -20.0 } else { x };
    let (k, r) = reduce_f32::<127>(clamped);
    let scale = power_f32(k);
    mul_add(scale, expm1_reduced_f32(r), scale - 1.0)
}

/// eˣ − 1 for x ≤ 0; +0 at −0.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    let clamped = if x < -40.0 { -40.0 } else { x };
    let (k, r) = reduce_f64::<1023>(clamped);
    let scale = power_f64(k);
    mul_add(scale, expm1_reduced_f64(r), scale - 1.0)
}
