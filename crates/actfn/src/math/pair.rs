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

/// a · b by way of [`Real::add_to_odd`]: in `f64` an inexact product never pretends to lie in the middle between two numbers
/// of a narrower format, as 0.1 x does for one subnormal `f32` in ten.
#[inline(always)]
pub(crate) fn product_to_odd<R: Real>(a: R, b: R) -> R {
    // Nothing is narrower that an `f32` would be rounded to again.
    if a.as_f32().is_some() {
        return a * b;
    }
    to_odd(product(a, b))
}

/// high + low by way of [`Real::add_to_odd`], and high where it is infinite, with any low, or 0, with its sign.
#[inline(always)]
pub(crate) fn to_odd<R: Real>((high, low): (R, R)) -> R {
    let sum = high.add_to_odd(low);
    if sum.is_nan() | (high == R::ZERO) { high } else { sum }
}

/// √(a² + b) to twice the digits; far out, where a² might overflow and b no longer counts, a.
#[inline(always)]
pub(crate) fn root_of_square_and<R: Real>(b: R, a: R) -> (R, R) {
    let (z, z_low) = product(a, a);
    let (w, w_low) = sum(z, b);
    let s = w.sqrt();
    let low = ((-s).mul_add(s, w) + (w_low + z_low)) / (s + s);
    if a > R::from_f64(1e18) { (a, R::ZERO) } else { (s, low) }
}

/// (1 + α x²)^(−3/2).
#[inline(always)]
pub(crate) fn inverse_root_cubed<R: Real>(alpha: R, x: R) -> R {
    let (z, z_low) = times(product(alpha, x), (x, R::ZERO));
    let (d, d_low) = sum(z, R::ONE);
    let s = d.sqrt();
    let s_low = ((-s).mul_add(s, d) + (d_low + z_low)) / (s + s);
    let r = quotient((R::ONE, R::ZERO), (s, s_low));
    to_odd(times(r, times(r, r)))
}

/// As [`sum`], for |a| ≥ |b|.
#[inline(always)]
pub(crate) fn fast_sum<R: Real>(a: R, b: R) -> (R, R) {
    let high = a + b;
    (high, b - (high - a))
}

/// (n + n_low) / (d + d_low) to twice the digits, nearly; n and d in the middle of the range.
#[inline(always)]
pub(crate) fn quotient<R: Real>((n, n_low): (R, R), (d, d_low): (R, R)) -> (R, R) {
    let r = R::ONE / d;
    let q = n * r;
    // n − q d is exact
    (q, (q.mul_add(-d, n) + q.mul_add(-d_low, n_low)) * r)
}

/// x · factor, with the digits of the factor that its rounding to this type leaves off.
#[inline(always)]
pub(crate) fn scaled<R: Real>(x: R, factor: f64) -> (R, R) {
    let (factor, factor_low) = R::pair_from_f64(factor, 0.0);
    let (high, low) = product(x, factor);
    (high, factor_low.mul_add(x, low))
}

/// −|x|.
#[inline(always)]
pub(crate) fn negative_magnitude<R: Real>((x, low): (R, R)) -> (R, R) {
    if x < R::ZERO { (x, low) } else { (-x, -low) }
}

/// The product of two pairs.
#[inline(always)]
pub(crate) fn times<R: Real>((a, a_low): (R, R), (b, b_low): (R, R)) -> (R, R) {
    let (high, low) = product(a, b);
    (high, a.mul_add(b_low, a_low.mul_add(b, low)))
}
