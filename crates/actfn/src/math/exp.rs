//! eˣ = 2ᵏ eʳ with k = round(x / ln 2), |r| ≤ ln 2 / 2.

use super::exp_nonpos::{exp_reduced_f32, exp_reduced_f64, reduce_f32, reduce_f64};

/// eˣ, at most 1.01 ULP from it over all inputs, subnormal results included.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    // e^89 is past the largest number, e^−104 below half the smallest. Written so that NaN passes.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let (k, r) = reduce_f32::<0>(x);
    // 2ᵏ in two steps: the first is exact, the second rounds a subnormal result or overflows.
    let half = k >> 1;
    let p = f32::from_bits(exp_reduced_f32(r).to_bits().wrapping_add_signed(half << 23));
    p * f32::from_bits(((k - half + 127) as u32) << 23)
}

/// eˣ, at most 1.01 ULP from it, subnormal results included.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    let x = if x > 710.0 { 710.0 } else { x };
    let x = if x < -746.0 { -746.0 } else { x };
    let (k, r) = reduce_f64::<0>(x);
    let half = k >> 1;
    let p = f64::from_bits(exp_reduced_f64(r).to_bits().wrapping_add_signed(half << 52));
    p * f64::from_bits(((k - half + 1023) as u64) << 52)
}
