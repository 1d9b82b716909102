//! The fused multiply-add, a·b + c rounded once.
//!
//! With `std` it is the hardware's instruction where the kernel was compiled for one, and the platform's correct `fma`
//! elsewhere. Without `std` there is no such function in `core`: the two below are exact and portable, and slow.

#[cfg(feature = "std")]
#[inline(always)]
pub(crate) fn f32(a: f32, b: f32, c: f32) -> f32 {
    a.mul_add(b, c)
}

#[cfg(feature = "std")]
#[inline(always)]
pub(crate) fn f64(a: f64, b: f64, c: f64) -> f64 {
    a.mul_add(b, c)
}

#[cfg(not(feature = "std"))]
pub(crate) use soft::{f32, f64};

#[cfg(any(test, not(feature = "std")))]
mod soft {
    /// The product of two `f32` is exact in `f64`; the sum is rounded to odd there, which makes the second rounding right.
    pub(crate) fn f32(a: f32, b: f32, c: f32) -> f32 {
        let product = a as f64 * b as f64;
        let c = c as f64;
        let sum = product + c;
        // 2Sum (Knuth): sum + error = product + c exactly.
        let back = sum - product;
        let error = (product - (sum - back)) + (c - back);
        if error == 0.0 || !sum.is_finite() {
            return sum as f32;
        }
        let bits = sum.to_bits();
        // Odd already: the rounding was away from a tie of the narrower format. Even: step towards the error.
        let odd = if bits & 1 == 1 {
            bits
        } else if (error > 0.0) == (sum > 0.0) {
            bits + 1
        } else {
            bits - 1
        };
        f64::from_bits(odd) as f32
    }

    /// In 192-bit integers: the product's 106 bits and the addend, aligned, with everything shifted out kept as one
    /// sticky bit, then rounded to nearest even.
    pub(crate) fn f64(a: f64, b: f64, c: f64) -> f64 {
        if !a.is_finite() || !b.is_finite() || !c.is_finite() || a == 0.0 || b == 0.0 {
            // Exact, or a matter of NaN and infinity, as the two operations have it.
            return if c.is_infinite() && a.is_finite() && b.is_finite() { c } else { a * b + c };
        }
        let (ma, ea) = decompose(a);
        let (mb, eb) = decompose(b);
        let negative = (a < 0.0) != (b < 0.0);
        let product = ma as u128 * mb as u128;
        let mut exponent = ea + eb;
        if c == 0.0 {
            return compose(negative, product, exponent, false);
        }
        let (mc, ec) = decompose(c);
        let c_negative = c < 0.0;

        // Both as (magnitude of at most 126 bits, exponent): the larger is moved up as far as it goes, then the smaller
        // down to meet it, its lost bits in `sticky`.
        let (mut big, mut big_exponent, mut big_negative) = (product, exponent, negative);
        let (mut small, mut small_exponent, mut small_negative) = (mc as u128, ec, c_negative);
        if top(small) + small_exponent > top(big) + big_exponent {
            core::mem::swap(&mut big, &mut small);
            core::mem::swap(&mut big_exponent, &mut small_exponent);
            core::mem::swap(&mut big_negative, &mut small_negative);
        }
        let up = 125 - top(big);
        big <<= up;
        exponent = big_exponent - up;
        let mut sticky = false;
        let down = exponent - small_exponent;
        if down > 126 {
            sticky = true;
            small = 0;
        } else if down > 0 {
            sticky = small & ((1 << down) - 1) != 0;
            small >>= down;
        } else {
            small <<= -down;
        }
        let (magnitude, negative) = if big_negative == small_negative {
            (big + small, big_negative)
        } else if sticky {
            // The true difference lies between big − small − 1 and big − small.
            (big - small - 1, big_negative)
        } else if big >= small {
            (big - small, big_negative)
        } else {
            (small - big, small_negative)
        };
        if magnitude == 0 {
            return 0.0;
        }
        compose(negative, magnitude, exponent, sticky)
    }

    /// |x| = mantissa · 2^exponent.
    fn decompose(x: f64) -> (u64, i32) {
        let bits = x.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        match (bits >> 52) as i32 & 0x7ff {
            0 => (fraction, -1074),
            e => (fraction | 1 << 52, e - 1075),
        }
    }

    /// The place of the highest bit.
    fn top(x: u128) -> i32 {
        127 - x.leading_zeros() as i32
    }

    /// ±magnitude · 2^exponent (plus a little, if sticky), rounded to nearest even.
    fn compose(negative: bool, magnitude: u128, exponent: i32, sticky: bool) -> f64 {
        // The last place kept: 52 below the top bit, or the last subnormal place.
        let place = (top(magnitude) + exponent - 52).max(-1074);
        let down = place - exponent;
        let (mantissa, rest, half) = if down <= 0 {
            ((magnitude << -down) as u64, 0, 1)
        } else if down > 127 {
            (0, 1, 2)
        } else {
            ((magnitude >> down) as u64, magnitude & ((1 << down) - 1), 1u128 << (down - 1))
        };
        let up = rest > half || rest == half && (sticky || mantissa & 1 == 1);
        let mantissa = mantissa + up as u64;
        // A carry to 2⁵³ moves into the exponent field by itself.
        let bits = if mantissa < 1 << 52 {
            mantissa
        } else if place + 1075 >= 0x7ff {
            0x7ff << 52
        } else {
            (((place + 1075) as u64) << 52) + (mantissa - (1 << 52))
        };
        f64::from_bits(bits.min(0x7ff << 52) | (negative as u64) << 63)
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::soft;

    /// A simple generator (SplitMix64) of bit patterns; exponents are drawn close together so that sums cancel.
    struct Bits(u64);
    impl Bits {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ z >> 31
        }
    }

    #[test]
    fn f32_agrees_with_hardware() {
        let mut bits = Bits(1);
        for i in 0..2_000_000 {
            let r = bits.next();
            let (a, b) = (f32::from_bits(r as u32), f32::from_bits((r >> 32) as u32));
            let c = match i % 3 {
                0 => f32::from_bits(bits.next() as u32),
                1 => -a * b,
                _ => f32::from_bits((-a * b).to_bits() ^ (bits.next() as u32 & 0x80ff_ffff)),
            };
            let (ours, theirs) = (soft::f32(a, b, c), a.mul_add(b, c));
            assert!(ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan(), "{a:e} {b:e} {c:e}");
        }
    }

    #[test]
    fn f64_agrees_with_hardware() {
        let mut bits = Bits(2);
        for i in 0..4_000_000 {
            let mut a = f64::from_bits(bits.next());
            let mut b = f64::from_bits(bits.next());
            if i % 4 > 0 {
                // Exponents near 0, or products near the subnormal edge.
                a = f64::from_bits(a.to_bits() & !(0x7ff << 52) | (1000 + (bits.next() & 31)) << 52);
                let e = if i % 4 == 1 { 1000 } else { 20 };
                b = f64::from_bits(b.to_bits() & !(0x7ff << 52) | (e + (bits.next() & 31)) << 52);
            }
            let c = match bits.next() % 4 {
                0 => f64::from_bits(bits.next()),
                1 => -a * b,
                2 => f64::from_bits((a * b).to_bits() ^ (bits.next() & 0x803f_ffff_ffff_ffff)),
                _ => f64::from_bits(bits.next() & 0x800f_ffff_ffff_ffff),
            };
            let (ours, theirs) = (soft::f64(a, b, c), a.mul_add(b, c));
            assert!(
                ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan(),
                "{a:e} {b:e} {c:e}: {ours:e} {theirs:e}"
            );
        }
    }
}
