//! ln(1 + x) = k ln 2 + ln(1 + f), where f takes in what the rounding of 1 + x leaves off.

use super::{ln, pair};

/// ln(1 + x); −∞ at −1, NaN below.
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    let (sum, low) = pair::sum(1.0, x);
    let (k, f) = ln::reduce_f32(sum);
    // (1 + f) / sum = 2⁻ᵏ, as the quotient of the two is exact. Far out the low part does not count, and may be NaN.
    let scale = (1.0 + f) / sum;
    let f = if x > 1e9 { f } else { f + low * scale };
    let y = ln::special_f32(sum, ln::reduced_f32(k, f));
    if x == 0.0 { x } else { y } // keeps −0
}

/// ln(1 + x); −∞ at −1, NaN below.
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    let (sum, low) = pair::sum(1.0, x);
    let (k, f) = ln::reduce_f64(sum);
    let scale = (1.0 + f) / sum;
    let f = if x > 1e18 { f } else { f + low * scale };
    let y = ln::special_f64(sum, ln::reduced_f64(k, f));
    if x == 0.0 { x } else { y } // keeps −0
}
