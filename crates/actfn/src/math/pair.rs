//! A sum and a product with what their rounding leaves off, as two numbers: high + low, exactly.

use crate::Real;

/// a + b = high + low exactly, barring overflow (Knuth's 2Sum).
#[inline(always)]
pub(crate) fn sum<R: Real>(a: R, b: R) -> (R, R) {
    let high = a + b;
    let b_part = high - a;
    (high, (a - (high - b_part)) + (b - b_part))
}

/// a · b = high + low exactly, barring overflow and underflow.
#[inline(always)]
pub(crate) fn product<R: Real>(a: R, b: R) -> (R, R) {
    let high = a * b;
    (high, a.mul_add(b, -high))
}
