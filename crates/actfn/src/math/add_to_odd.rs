//! The last addition of a result that is known to more digits than it can hold.
//!
//! Rounded once more, to `f32`, a sum in `f64` must not pretend to lie in the middle between two numbers. Where it would,
//! an inexact sum is rounded to odd instead, which gives what the exact sum would give (Boldo & Melquiond 2008).

/// a + b rounded to nearest: nothing narrower is made from it that must be exact.
#[inline(always)]
pub(crate) fn f32(a: f32, b: f32) -> f32 {
    a + b
}

/// a + b rounded to nearest, or to odd where that is a tie of a narrower format, for |a| ≥ |b|.
///
/// Such a tie has 25 digits at most. All other sums stay the nearest ones, which is what the default precision wants.
#[inline(always)]
pub(crate) fn f64(a: f64, b: f64) -> f64 {
    let sum = a + b;
    let error = b - (sum - a);
    // Rounded away from 0: one step back. What was cut off, or stepped over, sets the last bit.
    let back = ((error.to_bits() ^ sum.to_bits()) as i64 >> 63) as u64;
    let odd = sum.to_bits().wrapping_add(back) | 1;
    let inexact = error.abs() > 0.0; // not for ∞ − ∞
    if inexact && sum.to_bits() & 0x0fff_ffff == 0 { f64::from_bits(odd) } else { sum }
}
