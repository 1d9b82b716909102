//! tanh x = ±(1 − e^(−2|x|)) / (1 + e^(−2|x|)) = ∓u / (2 + u) with u = e^(−2|x|) − 1.

use super::expm1_nonpos;

/// tanh x.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    let u = expm1_nonpos::f32(-2.0 * x.abs());
    (-u / (2.0 + u)).copysign(x)
}

/// tanh x.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    let u = expm1_nonpos::f64(-2.0 * x.abs());
    (-u / (2.0 + u)).copysign(x)
}
