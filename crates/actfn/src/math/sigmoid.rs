//! The logistic sigmoid 1 / (1 + e⁻ˣ), from e = e^−|x|, which never overflows: 1 / (1 + e), or e / (1 + e) for x < 0.

use super::{add_to_odd, exp_nonpos};

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    let e = exp_nonpos::f32(-x.abs());
    let d = 1.0 + e;
    let low = e - (d - 1.0); // what rounding took from d
    let q = if x < 0.0 { e } else { 1.0 } / d;
    // n / (d + low) = q (1 − low/d + …); where low counts, d is close to 1. Without this 2.34 ULP, with it 1.87.
    mul_add(-low, q, q)
}

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    let e = exp_nonpos::f64(-x.abs());
    let d = 1.0 + e;
    let low = e - (d - 1.0);
    let q = if x < 0.0 { e } else { 1.0 } / d;
    let y = mul_add(-low, q, q);
    // Next to 0 the result is ½ + x/4 − x³/48 + …, and ½ + x/4 often lies in the middle between two numbers of f32: 78 of
    // them were rounded the wrong way without the cube. The next term, x⁵/480, is below 2⁻⁵⁴ here.
    let near = add_to_odd::f64(0.5, mul_add(x * x * x, -1.0 / 48.0, 0.25 * x));
    if x.abs() < 1.0 / 512.0 { near } else { y }
}
