//! Elementary functions, one a file, each for `f32` and `f64`.
//!
//! All are branch-free, inline, and made of operations that IEEE 754 fixes to the last bit (+ − × ÷ √ and the fused
//! multiply-add), so a loop over them vectorises and every machine returns the same bits. Coefficients come from Sollya's
//! `fpminimax`; the call stands beside them.

pub(crate) mod add_to_odd;
pub(crate) mod atan;
pub(crate) mod erf;
pub(crate) mod exp;
pub(crate) mod exp_nonpos;
pub(crate) mod exp_nonpos_times;
pub(crate) mod expm1;
pub(crate) mod expm1_nonpos;
pub(crate) mod expm1_nonpos_pair;
pub(crate) mod gate;
pub(crate) mod gelu;
pub(crate) mod ln;
pub(crate) mod log1p;
pub(crate) mod log1p_unit;
pub(crate) mod mul_add;
pub(crate) mod pair;
pub(crate) mod random;
pub(crate) mod scaled_normal_tail;
pub(crate) mod sigmoid;
pub(crate) mod sin_scaled;
pub(crate) mod sqrt;
pub(crate) mod tanh;

/// c₀ + c₁x + c₂x² + …, by Horner's rule: the loops run many elements at once, so latency is hidden and fewest
/// operations win over Estrin's rule.
#[inline(always)]
pub(crate) fn polynomial<R: crate::Real, const N: usize>(x: R, coefficients: [R; N]) -> R {
    let mut sum = coefficients[N - 1];
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = sum.mul_add(x, coefficients[i]);
    }
    sum
}
