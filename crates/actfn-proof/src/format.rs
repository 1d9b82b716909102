//! Storage formats as the proof sees them: their layout, rounding to them, and the ruler that measures in their units.
//!
//! Nothing here is taken from the library under proof.

use actfn::Narrow;
use dashu_base::{BitTest, Sign, UnsignedAbs};
use half::{bf16, f16};

use crate::precise::{Enclosure, Number};

/// A binary floating-point format.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Bits of the significand, the hidden one among them.
    pub precision: i32,
    /// The exponent of the last place of subnormal numbers.
    pub least: i32,
    /// The exponent of the largest binade.
    pub largest: i32,
}

/// A format that is narrower than `f64`.
pub trait Storage: Narrow + crate::golden::Bits {
    /// Its layout.
    const LAYOUT: Layout;
    /// Its number of bits.
    const BITS: u32;
    /// The number with these bits.
    fn from_bits(bits: u32) -> Self;
    /// The bits of this number.
    fn to_bits(self) -> u32;
    /// The bits of the nearest number to an `f64`.
    fn bits_of(x: f64) -> u32;
}

macro_rules! storage {
    ($float:ident, $bits:ident, $precision:expr, $largest:expr, $bits_of:expr) => {
        impl Storage for $float {
            const LAYOUT: Layout =
                Layout { precision: $precision, least: 2 - $largest - $precision, largest: $largest };
            const BITS: u32 = $bits::BITS;
            fn from_bits(bits: u32) -> Self {
                $float::from_bits(bits as $bits)
            }
            fn to_bits(self) -> u32 {
                $float::to_bits(self) as u32
            }
            fn bits_of(x: f64) -> u32 {
                $bits_of(x)
            }
        }
    };
}
storage!(f32, u32, 24, 127, |x| (x as f32).to_bits());
// The conversions of `half` go by way of `f32`, and so round twice: they get numbers that need no rounding.
storage!(f16, u16, 11, 15, |x| f16::from_f64(Self::LAYOUT.round_f64(x)).to_bits() as u32);
storage!(bf16, u16, 8, 127, |x| bf16::from_f64(Self::LAYOUT.round_f64(x)).to_bits() as u32);

impl Layout {
    /// `f64`'s.
    pub const F64: Layout = Layout { precision: 53, least: -1074, largest: 1023 };

    /// The nearest number of the format, ties to even, as an `f64`; beyond the largest number and half a place, ∞.
    ///
    /// ```
    /// use actfn_proof::{Storage, precise::number};
    /// assert_eq!(half::f16::LAYOUT.round(&number(65519.0)), 65504.0);
    /// assert_eq!(half::f16::LAYOUT.round(&number(65520.0)), f64::INFINITY);
    /// assert_eq!(half::f16::LAYOUT.round(&number(1.5 / 16777216.0)), 2.0 / 16777216.0); // subnormal, a tie
    /// ```
    pub fn round(&self, x: &Number) -> f64 {
        let (significand, exponent) = (x.significand().unsigned_abs(), x.exponent() as i64);
        let top = significand.bit_len() as i64 + exponent - 1;
        let place = (top - self.precision as i64 + 1).max(self.least as i64);
        let down = place - exponent;
        let places = if down <= 0 {
            // At most `precision` bits, by the choice of the place.
            significand << (-down) as usize
        } else if down > significand.bit_len() as i64 + 1 {
            Default::default()
        } else {
            let kept = &significand >> down as usize;
            let rest = significand - (kept.clone() << down as usize);
            let half = dashu_int::UBig::ONE << (down - 1) as usize;
            let up = rest > half || rest == half && kept.bit(0);
            if up { kept + 1u8 } else { kept }
        };
        let places = u64::try_from(places).unwrap_or_else(|_| unreachable!("a significand fits")) as f64;
        let magnitude = places * power_of_two(place.clamp(-1074, 1023) as i32);
        let magnitude = if magnitude >= 2.0 * power_of_two(self.largest) { f64::INFINITY } else { magnitude };
        if x.sign() == Sign::Negative { -magnitude } else { magnitude }
    }

    /// What all numbers of an interval round to; `None` if not the same. A zero has the sign of the side it comes from, and
    /// none where the interval is 0 itself: then it is +0.
    pub fn round_enclosure(&self, y: &Enclosure) -> Option<f64> {
        let (lo, hi) = (self.round(&y.lo), self.round(&y.hi));
        same(lo, hi, zero_or(Sign::Positive, &y.lo), zero_or(Sign::Negative, &y.hi))
    }

    /// As [`round`](Self::round), of an `f64`.
    pub fn round_f64(&self, x: f64) -> f64 {
        if *self == f32::LAYOUT {
            return x as f32 as f64; // Rust's rule for this cast: to nearest, ties to even
        }
        if x.is_nan() || x.is_infinite() {
            return x;
        }
        self.round(&crate::precise::number(x)).copysign(x)
    }

    /// A unit in the last place at x: the distance of the format's numbers in the binade of x. Below the smallest normal
    /// number it is that of the subnormal ones, beyond the largest that of the largest.
    ///
    /// ```
    /// use actfn_proof::Storage;
    /// let f32 = f32::LAYOUT;
    /// assert_eq!((f32.ulp(1.0), f32.ulp(0.999)), (2f64.powi(-23), 2f64.powi(-24)));
    /// assert_eq!((f32.ulp(0.0), f32.ulp(1e-45), f32.ulp(-1e-320)), (2f64.powi(-149), 2f64.powi(-149), 2f64.powi(-149)));
    /// assert_eq!((f32.ulp(3e38), f32.ulp(1e300), f32.ulp(f64::INFINITY)), (2f64.powi(104), 2f64.powi(104), 2f64.powi(104)));
    /// ```
    pub fn ulp(&self, x: f64) -> f64 {
        let exponent = ((x.to_bits() >> 52) as i32 & 0x7ff) - 1023;
        let exponent = exponent.min(self.largest);
        power_of_two((exponent - self.precision + 1).max(self.least))
    }

    /// Bounds cut to what infinity counts as: beyond it nothing differs.
    pub(crate) fn within(&self, lo: f64, hi: f64) -> (f64, f64) {
        let beyond = 2.0 * power_of_two(self.largest);
        (lo.clamp(-beyond, beyond), hi.clamp(-beyond, beyond))
    }

    /// The distance from 1 to the next number.
    #[inline(always)]
    pub(crate) fn epsilon(&self) -> f64 {
        f64::from_bits(((1024 - self.precision) as u64) << 52)
    }

    /// How far a result is from the true value, which lies in [lo, hi], in units in the last place of the true value; at
    /// most, where the interval is wide.
    ///
    /// Infinity counts as the number that would follow the largest one: a result of ∞ for a true value that rounds to
    /// it, or beyond, is no error. NaN, and a finite result for a true infinity, are infinitely wrong.
    pub fn error(&self, result: f64, lo: f64, hi: f64) -> f64 {
        let beyond = 2.0 * power_of_two(self.largest);
        let (mut y, mut lo, mut hi) = (result, lo, hi);
        if y.is_infinite() {
            (y, lo, hi) = (beyond.copysign(y), lo.clamp(-beyond, beyond), hi.clamp(-beyond, beyond));
        }
        let distance = (y - lo).abs().max((y - hi).abs());
        let error = distance / self.ulp(smaller_magnitude(lo, hi));
        if error.is_nan() { f64::INFINITY } else { error }
    }
}

/// Whether a number is 0 or has this sign; −0 is a number of its own in `dashu-float`'s order.
fn zero_or(sign: Sign, x: &Number) -> bool {
    x.significand().is_zero() || x.sign() == sign
}

fn smaller_magnitude(a: f64, b: f64) -> f64 {
    if a.abs() < b.abs() { a } else { b }
}

/// `lo` if it is `hi` too.
pub(crate) fn same(lo: f64, hi: f64, not_negative: bool, not_positive: bool) -> Option<f64> {
    match lo {
        _ if lo != hi => None,
        0.0 if not_negative => Some(0.0),
        0.0 if not_positive => Some(-0.0),
        0.0 => None,
        _ => Some(lo),
    }
}

/// 2ᵏ for −1074 ≤ k ≤ 1023.
fn power_of_two(k: i32) -> f64 {
    if k < -1022 { f64::from_bits(1 << (k + 1074)) } else { f64::from_bits(((k + 1023) as u64) << 52) }
}
