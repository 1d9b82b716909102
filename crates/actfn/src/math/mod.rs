//! Elementary functions, one a file, each for `f32` and `f64`.
//!
//! All are branch-free, inline, and made of operations that IEEE 754 fixes to the last bit (+ − × ÷ √ and the fused
//! multiply-add), so a loop over them vectorises and every machine returns the same bits. Coefficients come from Sollya's
//! `fpminimax`; the call stands beside them.

pub(crate) mod add_to_odd;
pub(crate) mod atan;
pub(crate) mod erf;
pub(crate) mod exp;
pub(crate) mod exp_below;
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
pub(crate) mod rough;
pub(crate) mod scaled_normal_tail;
pub(crate) mod sigmoid;
pub(crate) mod sin_scaled;
pub(crate) mod sqrt;
pub(crate) mod tanh;

/// c₀ + c₁x + c₂x² + …: a short one by Horner's rule, the fewest operations. From eight terms on c₂ and those after it are taken
/// by fours (Estrin), a third of the steps that wait for each other: a processor looks a few hundred instructions ahead, which
/// is two or three vectors of a long function and not enough to hide a chain of ten multiplications. The first two terms round
/// last in any case.
#[inline(always)]
pub(crate) fn polynomial<R: crate::Real, const N: usize>(x: R, c: [R; N]) -> R {
    let square = x * x;
    let pair = |i: usize| if i + 1 < N { c[i + 1].mul_add(x, c[i]) } else { c[i] };
    let four = |i: usize| if i + 2 < N { pair(i + 2).mul_add(square, pair(i)) } else { pair(i) };
    let mut i = N - 1;
    let mut sum = c[i];
    if N >= 8 {
        i = (N - 3) / 4 * 4 + 2;
        sum = four(i);
        while i > 2 {
            i -= 4;
            sum = sum.mul_add(square * square, four(i));
        }
    }
    while i > 0 {
        i -= 1;
        sum = sum.mul_add(x, c[i]);
    }
    sum
}
