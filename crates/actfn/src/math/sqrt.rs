//! The square root, correctly rounded.
//!
//! With `std` it is the hardware's instruction. `core` has none: the one below is exact and portable, and slow.

#[cfg(feature = "std")]
#[inline(always)]
pub(crate) fn f32(x: f32) -> f32 {
    x.sqrt()
}

#[cfg(feature = "std")]
#[inline(always)]
pub(crate) fn f64(x: f64) -> f64 {
    x.sqrt()
}

#[cfg(not(feature = "std"))]
pub(crate) use soft::{f32, f64};

#[cfg(any(test, not(feature = "std")))]
mod soft {
    /// Rounding the root to `f64` first does no harm: 53 ≥ 2 · 24 + 2 bits.
    pub(crate) fn f32(x: f32) -> f32 {
        f64(x as f64) as f32
    }

    /// From the integer root of the mantissa, moved up to 107 or 108 bits.
    pub(crate) fn f64(x: f64) -> f64 {
        if x == 0.0 || x.is_nan() || x == f64::INFINITY {
            return x;
        }
        if x < 0.0 {
            return f64::NAN;
        }
        let bits = x.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = match (bits >> 52) as i32 {
            0 => (fraction, -1074),
            e => (fraction | 1 << 52, e - 1075),
        };
        let mut up = (mantissa as u128).leading_zeros() as i32 - 20;
        up -= (exponent - up) & 1; // the exponent must be even
        let root = ((mantissa as u128) << up).isqrt(); // 54 bits
        // The last bit is worth half a place. If it is set, the root lies above the half: a tie, whose square would be
        // odd, cannot be, since the mantissa was moved up.
        let rounded = (root as u64).div_ceil(2) as f64;
        rounded * f64::from_bits(((exponent - up) / 2 + 1 + 1023) as u64 * (1 << 52))
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::soft;

    #[test]
    fn f32_agrees_with_hardware() {
        for bits in (0..=f32::INFINITY.to_bits()).step_by(997) {
            let x = f32::from_bits(bits);
            assert_eq!(soft::f32(x).to_bits(), x.sqrt().to_bits(), "{x:e}");
        }
        assert!(soft::f32(-1.0).is_nan() && soft::f32(f32::NAN).is_nan());
        assert_eq!(soft::f32(-0.0).to_bits(), (-0f32).to_bits());
    }

    #[test]
    fn f64_agrees_with_hardware() {
        for bits in (0..=f64::INFINITY.to_bits()).step_by(9_123_456_789_101) {
            let x = f64::from_bits(bits);
            assert_eq!(soft::f64(x).to_bits(), x.sqrt().to_bits(), "{x:e}");
            // Next to a square the root is next to a tie.
            let square = (x.to_bits() >> 27 << 27 | 1 << 26) as f64;
            let near = f64::from_bits((square * square).to_bits() + 1);
            assert_eq!(soft::f64(near).to_bits(), near.sqrt().to_bits(), "{near:e}");
        }
    }
}
