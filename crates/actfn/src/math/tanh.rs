//! tanh x = ±(1 − e^(−2|x|)) / (1 + e^(−2|x|)) = ∓u / (2 + u) with u = e^(−2|x|) − 1.
//!
//! The quotient is mended by what is left of the numerator: −u − (d + low) q, with low what rounding took from d = 2 + u.
//! Without that the worst error in `f32` is 2.49 ULP, with it 1.995 over all inputs.

use super::expm1_nonpos;

/// tanh x.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    use super::mul_add::f32 as mul_add;
    let u = expm1_nonpos::f32(-2.0 * x.abs());
    let d = 2.0 + u;
    let low = u - (d - 2.0);
    let inverse = 1.0 / d;
    let q = -u * inverse;
    let left = mul_add(-low, q, mul_add(-d, q, -u));
    mul_add(left, inverse, q).copysign(x)
}

/// tanh x.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    let u = expm1_nonpos::f64(-2.0 * x.abs());
    let d = 2.0 + u;
    let low = u - (d - 2.0);
    let inverse = 1.0 / d;
    let q = -u * inverse;
    let left = mul_add(-low, q, mul_add(-d, q, -u));
    mul_add(left, inverse, q).copysign(x)
}
