//! How numbers are stored: `f32`, `f64`, and the half formats by bits, branch-free, so that the loops vectorise.

use super::isa::Isa;
use crate::Real;
use crate::catalogue::{Function, Run};

/// A storage format: `f32`, `f64`, and with the feature `half` `f16` and `bf16`.
pub trait Format: Copy + Default + PartialOrd + core::fmt::Debug + Send + Sync + 'static + sealed::Sealed {
    /// What the default precision computes in.
    type Compute: Format<Compute = Self::Compute> + Real;
    /// The format's name: `f32`.
    const NAME: &'static str;
    /// This number, exactly, in the computing format.
    fn widen(self) -> Self::Compute;
    /// The nearest number of this format, ties to even.
    fn narrow(x: Self::Compute) -> Self;
    /// [`widen`](Self::widen) of many numbers, by the instruction for it, where there is one.
    #[doc(hidden)]
    #[inline(always)]
    fn widen_all<I: Isa, const N: usize>(x: &[Self; N]) -> [Self::Compute; N] {
        each(x, |_, x| x.widen())
    }
    /// [`narrow`](Self::narrow) of many numbers, likewise, among which NaN is canonical already.
    #[doc(hidden)]
    #[inline(always)]
    fn narrow_all<I: Isa, const N: usize>(x: &[Self::Compute; N]) -> [Self; N] {
        each(x, |_, x| Self::narrow(x))
    }
    /// The nearest number to an `f64`, ties to even.
    fn from_f64(x: f64) -> Self;
    /// This number as an `f64`, exactly.
    fn to_f64(self) -> f64;
    #[doc(hidden)]
    fn as_compute(slice: &[Self]) -> Option<&[Self::Compute]>;
    #[doc(hidden)]
    fn as_compute_mut(slice: &mut [Self]) -> Option<&mut [Self::Compute]>;
    /// The kernels of this format.
    #[doc(hidden)]
    fn run(function: &dyn Function) -> &dyn Run<Self>;
}

/// f of each place and its number. `array::map` is no loop that LLVM vectorises.
#[inline(always)]
pub(super) fn each<T: Copy, U: Copy + Default, const N: usize>(x: &[T; N], f: impl Fn(usize, T) -> U) -> [U; N] {
    let mut y = [U::default(); N];
    for (lane, (y, x)) in y.iter_mut().zip(x).enumerate() {
        *y = f(lane, *x);
    }
    y
}

/// A storage format narrower than `f64`, which [`Exact`](crate::Exact) can compute in `f64` and round once.
pub trait Narrow: Format {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

impl Narrow for f32 {}

impl Format for f32 {
    type Compute = f32;
    const NAME: &'static str = "f32";
    #[inline(always)]
    fn widen(self) -> f32 {
        self
    }
    #[inline(always)]
    fn narrow(x: f32) -> f32 {
        x
    }
    #[inline(always)]
    fn from_f64(x: f64) -> f32 {
        x as f32
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self as f64
    }
    #[inline(always)]
    fn as_compute(slice: &[f32]) -> Option<&[f32]> {
        Some(slice)
    }
    #[inline(always)]
    fn as_compute_mut(slice: &mut [f32]) -> Option<&mut [f32]> {
        Some(slice)
    }
    fn run(function: &dyn Function) -> &dyn Run<f32> {
        function
    }
}

impl Format for f64 {
    type Compute = f64;
    const NAME: &'static str = "f64";
    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
    #[inline(always)]
    fn narrow(x: f64) -> f64 {
        x
    }
    #[inline(always)]
    fn from_f64(x: f64) -> f64 {
        x
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn as_compute(slice: &[f64]) -> Option<&[f64]> {
        Some(slice)
    }
    #[inline(always)]
    fn as_compute_mut(slice: &mut [f64]) -> Option<&mut [f64]> {
        Some(slice)
    }
    fn run(function: &dyn Function) -> &dyn Run<f64> {
        function
    }
}

#[cfg(feature = "half")]
mod half_formats {
    use super::{Format, Function, Isa, Narrow, Run, each, sealed::Sealed};
    use crate::kernel::isa;
    use half::{bf16, f16};

    impl Sealed for f16 {}
    impl Sealed for bf16 {}
    impl Narrow for f16 {}
    impl Narrow for bf16 {}

    impl Format for f16 {
        type Compute = f32;
        const NAME: &'static str = "f16";

        #[inline(always)]
        fn widen(self) -> f32 {
            let bits = self.to_bits() as u32;
            let magnitude = (bits & 0x7fff) << 13;
            // The exponent field moves from bias 15 to bias 127; infinity and NaN move on to the top.
            let normal = magnitude + ((127 - 15) << 23);
            let rebiased = if magnitude >= 31 << 23 { normal + ((127 - 15) << 23) } else { normal };
            // A subnormal has no hidden bit: give it one, and take it away again.
            let subnormal = f32::from_bits(normal + (1 << 23)) - f32::from_bits((127 - 14) << 23);
            let value = if magnitude < 1 << 23 { subnormal.to_bits() } else { rebiased };
            f32::from_bits(value | (bits & 0x8000) << 16)
        }

        #[inline(always)]
        fn narrow(x: f32) -> f16 {
            // Adding and taking away 1.5 · 2²³ places of the result rounds |x| to it, in the format's normal and
            // subnormal range alike. Beyond 2¹⁶ all is infinity.
            let a = x.abs();
            let a = if a > 65536.0 { 65536.0 } else { a };
            let exponent = a.to_bits() & 0x7f80_0000;
            let exponent = if exponent < (127 - 14) << 23 { (127 - 14) << 23 } else { exponent };
            let shift = f32::from_bits((exponent + (13 << 23)) | 0x0040_0000);
            pack_f16((a + shift) - shift, x.to_bits())
        }

        #[inline(always)]
        fn widen_all<I: Isa, const N: usize>(x: &[f16; N]) -> [f32; N] {
            isa::widen_f16::<I, N>(x)
        }
        #[inline(always)]
        fn narrow_all<I: Isa, const N: usize>(x: &[f32; N]) -> [f16; N] {
            isa::narrow_f16::<I, N>(x)
        }

        #[inline(always)]
        fn from_f64(x: f64) -> f16 {
            let a = x.abs();
            let a = if a > 65536.0 { 65536.0 } else { a };
            let exponent = a.to_bits() & 0x7ff0_0000_0000_0000;
            let exponent = if exponent < (1023 - 14) << 52 { (1023 - 14) << 52 } else { exponent };
            let shift = f64::from_bits((exponent + (42 << 52)) | 0x0008_0000_0000_0000);
            pack_f16(((a + shift) - shift) as f32, (x as f32).to_bits())
        }

        #[inline(always)]
        fn to_f64(self) -> f64 {
            self.widen() as f64
        }
        #[inline(always)]
        fn as_compute(_: &[f16]) -> Option<&[f32]> {
            None
        }
        #[inline(always)]
        fn as_compute_mut(_: &mut [f16]) -> Option<&mut [f32]> {
            None
        }
        fn run(function: &dyn Function) -> &dyn Run<f16> {
            function
        }
    }

    /// |a| is a number of the format, or 65536 for infinity, or NaN; the sign is taken from `sign`'s top bit.
    #[inline(always)]
    fn pack_f16(a: f32, sign: u32) -> f16 {
        let bits = a.to_bits();
        let normal = (bits.wrapping_sub((127 - 15) << 23)) >> 13;
        // Adding ½ leaves the number of 2⁻²⁴ths in the last bits.
        let subnormal = (a + 0.5).to_bits() - 0.5f32.to_bits();
        let magnitude = if a < f32::from_bits((127 - 14) << 23) { subnormal } else { normal };
        let signed = magnitude | (sign >> 16 & 0x8000);
        f16::from_bits(if a.is_nan() { 0x7e00 } else { signed as u16 })
    }

    /// The bits of the nearest number, also of a canonical NaN.
    #[inline(always)]
    fn round_bf16(x: f32) -> u16 {
        let bits = x.to_bits();
        (bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16) as u16
    }

    impl Format for bf16 {
        type Compute = f32;
        const NAME: &'static str = "bf16";

        #[inline(always)]
        fn widen(self) -> f32 {
            f32::from_bits((self.to_bits() as u32) << 16)
        }

        #[inline(always)]
        fn narrow(x: f32) -> bf16 {
            bf16::from_bits(if x.is_nan() { 0x7fc0 } else { round_bf16(x) })
        }

        #[inline(always)]
        fn narrow_all<I: Isa, const N: usize>(x: &[f32; N]) -> [bf16; N] {
            each(x, |_, x| bf16::from_bits(round_bf16(x)))
        }

        #[inline(always)]
        fn from_f64(x: f64) -> bf16 {
            // As for f16: the last place kept is 7 below the top bit, or 2⁻¹³³.
            let a = x.abs();
            let a = if a > 6.805_646_932_770_577e38 { 6.805_646_932_770_577e38 } else { a }; // 2¹²⁹
            let exponent = a.to_bits() & 0x7ff0_0000_0000_0000;
            let exponent = if exponent < (1023 - 126) << 52 { (1023 - 126) << 52 } else { exponent };
            let shift = f64::from_bits((exponent + (45 << 52)) | 0x0008_0000_0000_0000);
            let rounded = ((a + shift) - shift).copysign(x) as f32; // exact, or infinity
            bf16::from_bits(if x.is_nan() { 0x7fc0 } else { (rounded.to_bits() >> 16) as u16 })
        }

        #[inline(always)]
        fn to_f64(self) -> f64 {
            self.widen() as f64
        }
        #[inline(always)]
        fn as_compute(_: &[bf16]) -> Option<&[f32]> {
            None
        }
        #[inline(always)]
        fn as_compute_mut(_: &mut [bf16]) -> Option<&mut [f32]> {
            None
        }
        fn run(function: &dyn Function) -> &dyn Run<bf16> {
            function
        }
    }

    #[cfg(all(test, feature = "std"))]
    mod tests {
        use super::*;

        #[test]
        fn widening_and_rounding_agree_with_half() {
            for bits in 0..=u16::MAX {
                let h = f16::from_bits(bits);
                assert!(h.widen().to_bits() == h.to_f32().to_bits() || h.is_nan() && h.widen().is_nan(), "{bits:#06x}");
                let b = bf16::from_bits(bits);
                assert!(b.widen().to_bits() == b.to_f32().to_bits() || b.is_nan() && b.widen().is_nan(), "{bits:#06x}");
            }
        }

        /// Every number of the format, its neighbours half a place away, and a little beyond and before those.
        #[test]
        fn rounding_is_to_nearest_even() {
            fn check<T: Format<Compute = f32>>(bits: impl Fn(u16) -> T, to_bits: impl Fn(T) -> u16, infinity: u16) {
                for n in 0..infinity {
                    let (low, high) = (bits(n).to_f64(), bits(n + 1).to_f64());
                    // The number after the largest finite one is where the format's next binade would begin.
                    let high = if high.is_infinite() { low + (low - bits(n - 1).to_f64()) } else { high };
                    let middle = (low + high) / 2.0;
                    let even = if n & 1 == 0 { n } else { n + 1 };
                    let tiny = (high - low) * 1e-6;
                    for (x, expected) in [(low, n), (middle - tiny, n), (middle, even), (middle + tiny, n + 1)] {
                        assert_eq!(to_bits(T::from_f64(x)), expected, "{} of {x:e}", T::NAME);
                        assert_eq!(to_bits(T::from_f64(-x)), expected | 0x8000, "{} of {:e}", T::NAME, -x);
                        if x as f32 as f64 == x {
                            assert_eq!(to_bits(T::narrow(x as f32)), expected, "{} of {x:e}", T::NAME);
                            assert_eq!(to_bits(T::narrow(-x as f32)), expected | 0x8000, "{} of {:e}", T::NAME, -x);
                        }
                    }
                }
                assert_eq!(to_bits(T::narrow(f32::INFINITY)), infinity);
                assert_eq!(to_bits(T::from_f64(f64::MAX)), infinity);
                assert_eq!(to_bits(T::from_f64(-f64::INFINITY)), infinity | 0x8000);
            }
            check(f16::from_bits, f16::to_bits, 0x7c00);
            check(bf16::from_bits, bf16::to_bits, 0x7f80);
            for nan in [f32::NAN, -f32::NAN, f32::from_bits(0x7f80_0001)] {
                assert_eq!(<f16 as Format>::narrow(nan).to_bits(), 0x7e00);
                assert_eq!(<bf16 as Format>::narrow(nan).to_bits(), 0x7fc0);
                assert_eq!(<f16 as Format>::from_f64(nan as f64).to_bits(), 0x7e00);
                assert_eq!(<bf16 as Format>::from_f64(nan as f64).to_bits(), 0x7fc0);
            }
        }
    }
}
