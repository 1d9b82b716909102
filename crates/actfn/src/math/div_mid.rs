//! Division for divisors of middling size.

/// The hardware's division, rounded once.
#[inline(always)]
pub(crate) fn f32(a: f32, b: f32) -> f32 {
    a / b
}

/// a/b to within 1 ULP by Newton's iteration on a reciprocal in `f32`, for 2⁻⁶⁴ ≤ |b| ≤ 2⁶⁴.
///
/// 512-bit division takes 16 cycles for 8 numbers on Intel, and 256-bit `f32` division 5; the rest runs beside it.
#[inline(always)]
pub(crate) fn f64(a: f64, b: f64) -> f64 {
    use super::mul_add::f64 as mul_add;
    let r = (1.0 / b as f32) as f64; // relative error below 2⁻²³
    let r = mul_add(mul_add(-b, r, 1.0), r, r); // below 2⁻⁴⁵
    let q = a * r;
    mul_add(mul_add(-b, q, a), r, q) // 2⁻⁹⁰ and the last rounding
}
