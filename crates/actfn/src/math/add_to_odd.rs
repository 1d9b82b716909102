//! The last addition of a result that is known to more digits than it can hold.
//!
//! In `f64` it rounds to odd: an inexact sum ends in a one. Rounded once more, to `f32`, it then never pretends to lie
//! in the middle between two numbers, and gives what the exact sum would give (Boldo & Melquiond 2008).

/// a + b rounded to nearest: nothing narrower is made from it that must be exact.
#[inline(always)]
pub(crate) fn f32(a: f32, b: f32) -> f32 {
    a + b
}

/// a + b rounded to odd, for |a| ≥ |b|.
#[inline(always)]
pub(crate) fn f64(a: f64, b: f64) -> f64 {
    let sum = a + b;
    let error = b - (sum - a);
    // Rounded away from 0: one step back. What was cut off, or stepped over, sets the last bit.
    let back = ((error.to_bits() ^ sum.to_bits()) as i64 >> 63) as u64;
    let odd = sum.to_bits().wrapping_add(back) | 1;
    let inexact = error.abs() > 0.0; // not for ∞ − ∞
    if inexact { f64::from_bits(odd) } else { sum }
}
