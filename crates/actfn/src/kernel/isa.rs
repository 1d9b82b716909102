//! The choice of the instruction set: the library's unsafe code, but for the [floating-point mode](super::float_mode).

use core::sync::atomic::{AtomicU8, Ordering};

use super::format::Format;
#[cfg(feature = "half")]
use super::format::each;
#[cfg(feature = "half")]
use half::f16;

/// An instruction set that the kernels are compiled for.
///
/// The best one the machine has is taken by itself; the results are the same bits on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Path {
    /// What the target always has. On AArch64 that includes NEON and a fused multiply-add; on x86-64 it is SSE2, where
    /// each fused multiply-add is a call.
    Portable = 1,
    /// x86-64 with AVX2, FMA and F16C.
    Avx2 = 2,
    /// x86-64 with AVX-512 F, BW, DQ and VL.
    Avx512 = 3,
}

static CURRENT: AtomicU8 = AtomicU8::new(0);

impl Path {
    /// All paths, slowest first.
    pub const ALL: [Path; 3] = [Path::Portable, Path::Avx2, Path::Avx512];

    /// Whether this machine can run it.
    pub fn available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Self::Avx2 => {
                std::is_x86_feature_detected!("avx2")
                    && std::is_x86_feature_detected!("fma")
                    && std::is_x86_feature_detected!("f16c")
            }
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Self::Avx512 => {
                Self::Avx2.available()
                    && std::is_x86_feature_detected!("avx512f")
                    && std::is_x86_feature_detected!("avx512bw")
                    && std::is_x86_feature_detected!("avx512dq")
                    && std::is_x86_feature_detected!("avx512vl")
            }
            #[cfg(not(all(target_arch = "x86_64", feature = "std")))]
            _ => false,
        }
    }

    /// The path in use.
    #[inline]
    pub fn current() -> Self {
        match CURRENT.load(Ordering::Relaxed) {
            1 => Self::Portable,
            2 => Self::Avx2,
            3 => Self::Avx512,
            _ => {
                let best = Self::ALL.into_iter().rfind(|path| path.available()).unwrap_or(Self::Portable);
                CURRENT.store(best as u8, Ordering::Relaxed);
                best
            }
        }
    }

    /// Makes every later call of this process use this path: for tests and measurements.
    ///
    /// # Panics
    ///
    /// If this machine cannot run it.
    pub fn force(self) {
        assert!(self.available(), "this machine cannot run the {self:?} path");
        CURRENT.store(self as u8, Ordering::Relaxed);
    }
}

/// Work whose body is compiled once per instruction set.
pub(crate) trait Task {
    /// The function it is of, beside which it is compiled: see [`Compiled`].
    type Function;
    /// Must be `#[inline(always)]`, and so must all that it calls in its loops.
    fn run<I: Isa>(self);
}

/// Runs the task compiled for the current path. Inlined: a task that was copied on its way here stalled for twenty cycles.
#[inline(always)]
pub(crate) fn dispatch<T: Task>(task: T) {
    match Path::current() {
        Path::Portable => T::Function::portable(task),
        // SAFETY: `current` and `force` yield only paths that this machine has been found to run.
        #[cfg(target_arch = "x86_64")]
        Path::Avx2 => unsafe { T::Function::avx2(task) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Path::Avx512 => unsafe { T::Function::avx512(task) },
        #[cfg(not(target_arch = "x86_64"))]
        _ => T::Function::portable(task),
    }
}

/// A task compiled for each instruction set. These are methods, of the activation function, since rustc makes its units of code by
/// modules, and puts a method to its type: as functions of this module all kernels were one unit, on which one core worked alone
/// while the library was built.
trait Compiled {
    /// Not inlined: each caller would have a copy of the loop, which took a third of the time to build.
    #[inline(never)]
    fn portable<T: Task>(task: T) {
        task.run::<Portable>()
    }

    /// # Safety
    ///
    /// The machine has AVX2, FMA and F16C.
    #[cfg(target_arch = "x86_64")]
    unsafe fn avx2<T: Task>(task: T);

    /// # Safety
    ///
    /// The machine has these and AVX-512 F, BW, DQ and VL.
    #[cfg(target_arch = "x86_64")]
    unsafe fn avx512<T: Task>(task: T);
}

impl<F> Compiled for F {
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn avx2<T: Task>(task: T) {
        align_frame();
        task.run::<Avx2>()
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn avx512<T: Task>(task: T) {
        align_frame();
        task.run::<Avx512>()
    }
}

/// Has the function that this is inlined into begin its frame at a line of the caches: of itself LLVM puts vectors anywhere there. One
/// of them across two pages, as in one process of six, is stored so slowly that past the caches gelu took 2.5 ns in place of 0.8.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn align_frame() {
    #[repr(align(64))]
    struct Line;
    core::hint::black_box(&core::mem::MaybeUninit::<(Line, u8)>::uninit());
}

/// The alignment of what is written past the caches: a line of them.
pub(crate) const LINE: usize = 64;

/// What the compiler cannot find for itself: how an instruction set writes past the caches, and how it converts `f16`.
pub trait Isa {
    /// Whether it has 32 registers of 16 `f32`.
    const WIDE: bool = false;

    /// Writes some lines straight to memory, which saves reading what stood there. [`fence`] must follow the last of them, and
    /// come before any other access to them.
    ///
    /// # Safety
    ///
    /// The machine has the instruction set, `to` is aligned to [`LINE`], and the block is a whole number of lines.
    unsafe fn stream<T: Format, const N: usize>(block: [T; N], to: &mut [T; N]);

    /// Each number as [`Format::widen`] has it; NaN may keep its payload.
    ///
    /// # Safety
    ///
    /// The machine has the instruction set.
    #[cfg(feature = "half")]
    #[inline(always)]
    unsafe fn widen_f16<const N: usize>(x: &[f16; N]) -> [f32; N] {
        each(x, |_, x| x.widen())
    }

    /// Each number as [`Format::narrow`] has it, if NaN is canonical already.
    ///
    /// # Safety
    ///
    /// As above.
    #[cfg(feature = "half")]
    #[inline(always)]
    unsafe fn narrow_f16<const N: usize>(x: &[f32; N]) -> [f16; N] {
        each(x, |_, x| f16::narrow(x))
    }
}

pub(crate) struct Portable;

impl Isa for Portable {
    #[inline(always)]
    unsafe fn stream<T: Format, const N: usize>(block: [T; N], to: &mut [T; N]) {
        *to = block;
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86_64::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use super::{Format, Isa};
    use core::arch::x86_64::*;
    #[cfg(feature = "half")]
    use half::f16;

    pub(crate) struct Avx2;

    impl Isa for Avx2 {
        #[inline(always)]
        unsafe fn stream<T: Format, const N: usize>(block: [T; N], to: &mut [T; N]) {
            let (from, to) = (block.as_ptr().cast::<__m256>(), to.as_mut_ptr().cast::<f32>());
            for i in 0..size_of::<[T; N]>() / 32 {
                // SAFETY: both are arrays of numbers, which any bits may be, and hold 32 bytes from here on; the rest is the
                // caller's promise.
                unsafe { _mm256_stream_ps(to.add(8 * i), from.add(i).read_unaligned()) };
            }
        }

        #[cfg(feature = "half")]
        #[inline(always)]
        unsafe fn widen_f16<const N: usize>(x: &[f16; N]) -> [f32; N] {
            const { assert!(N.is_multiple_of(8)) };
            let mut wide = [0.0; N];
            let (from, to) = (x.as_ptr().cast::<__m128i>(), wide.as_mut_ptr());
            for i in 0..N / 8 {
                // SAFETY: both arrays hold 8 numbers from here on; the rest is the caller's promise.
                unsafe { _mm256_storeu_ps(to.add(8 * i), _mm256_cvtph_ps(from.add(i).read_unaligned())) };
            }
            wide
        }

        #[cfg(feature = "half")]
        #[inline(always)]
        unsafe fn narrow_f16<const N: usize>(x: &[f32; N]) -> [f16; N] {
            const { assert!(N.is_multiple_of(16)) };
            let mut narrow = [f16::ZERO; N];
            let (from, to) = (x.as_ptr(), narrow.as_mut_ptr().cast::<__m256i>());
            for i in 0..N / 16 {
                // In whole registers, which `stream` takes.
                // SAFETY: as above, with 16 numbers.
                unsafe {
                    let low = _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(_mm256_loadu_ps(from.add(16 * i)));
                    let high = _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(_mm256_loadu_ps(from.add(16 * i + 8)));
                    to.add(i).write_unaligned(_mm256_set_m128i(high, low));
                }
            }
            narrow
        }
    }

    pub(crate) struct Avx512;

    impl Isa for Avx512 {
        const WIDE: bool = true;

        #[inline(always)]
        unsafe fn stream<T: Format, const N: usize>(block: [T; N], to: &mut [T; N]) {
            if size_of::<T>() == 2 {
                // Half formats come in half registers: a read of 64 bytes would wait for two writes of 32.
                // SAFETY: what has AVX-512 has AVX2; the rest is the caller's promise.
                return unsafe { Avx2::stream(block, to) };
            }
            let (from, to) = (block.as_ptr().cast::<__m512>(), to.as_mut_ptr().cast::<f32>());
            for i in 0..size_of::<[T; N]>() / 64 {
                // SAFETY: as above, with 64 bytes.
                unsafe { _mm512_stream_ps(to.add(16 * i), from.add(i).read_unaligned()) };
            }
        }

        #[cfg(feature = "half")]
        #[inline(always)]
        unsafe fn widen_f16<const N: usize>(x: &[f16; N]) -> [f32; N] {
            const { assert!(N.is_multiple_of(16)) };
            let mut wide = [0.0; N];
            let (from, to) = (x.as_ptr().cast::<__m256i>(), wide.as_mut_ptr());
            for i in 0..N / 16 {
                // SAFETY: as above.
                unsafe { _mm512_storeu_ps(to.add(16 * i), _mm512_cvtph_ps(from.add(i).read_unaligned())) };
            }
            wide
        }

        #[cfg(feature = "half")]
        #[inline(always)]
        unsafe fn narrow_f16<const N: usize>(x: &[f32; N]) -> [f16; N] {
            const { assert!(N.is_multiple_of(16)) };
            let mut narrow = [f16::ZERO; N];
            let (from, to) = (x.as_ptr(), narrow.as_mut_ptr().cast::<__m256i>());
            for i in 0..N / 16 {
                // SAFETY: as above.
                unsafe {
                    let x = _mm512_loadu_ps(from.add(16 * i));
                    to.add(i).write_unaligned(_mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x));
                }
            }
            narrow
        }
    }
}

/// Writes a block, of whole lines; past the caches if `streamed`, where `to` must be aligned to [`LINE`].
#[inline(always)]
pub(crate) fn store<I: Isa, T: Format, const N: usize>(block: [T; N], to: &mut [T; N], streamed: bool) {
    if streamed {
        const { assert!(size_of::<[T; N]>().is_multiple_of(LINE)) };
        assert!(to.as_ptr().align_offset(LINE) == 0, "a block written past the caches is aligned");
        // SAFETY: `dispatch` runs a task only with an instruction set that the machine has; the rest is asserted.
        unsafe { I::stream(block, to) }
    } else {
        *to = block;
    }
}

/// Has what lies a little past a block of a slice fetched. Where results go past the caches, processors fetch too little by
/// themselves: from memory, on AVX-512, sigmoid took 0.80 ns and 0.43 with this, mish 2.8 and 1.2. 4096 bytes ahead were no better, and 512
/// took 1.1 × the time.
#[inline(always)]
pub(crate) fn prefetch_past<T: Format, const N: usize>(block: &[T; N]) {
    const AHEAD: usize = 1024;
    for line in 0..size_of_val(block).div_ceil(LINE) {
        prefetch(block.as_ptr().cast::<u8>().wrapping_add(AHEAD + line * LINE));
    }
}

/// Copies past the caches, but for the first and the last few numbers, and meanwhile has as much fetched of what follows each slice of
/// `ahead`. [`fence`] must follow.
#[inline(always)]
pub(crate) fn stream<I: Isa, T: Format, const M: usize>(from: &[T], to: &mut [T], ahead: [&[T]; M]) {
    const N: usize = 16;
    let (from_head, from) = from.split_at(to.as_ptr().align_offset(LINE).min(from.len()));
    let (to_head, to) = to.split_at_mut(from_head.len());
    to_head.copy_from_slice(from_head);
    let (from, from_rest) = from.as_chunks::<N>();
    let (to, to_rest) = to.as_chunks_mut();
    for (i, (from, to)) in from.iter().zip(to).enumerate() {
        for ahead in ahead {
            let end = ahead.as_ptr_range().end.wrapping_add(i * N).cast::<u8>();
            for line in 0..size_of::<[T; N]>() / LINE {
                prefetch(end.wrapping_add(line * LINE));
            }
        }
        store::<I, T, N>(*from, to, true);
    }
    to_rest.copy_from_slice(from_rest);
}

#[inline(always)]
fn prefetch(address: *const u8) {
    // SAFETY: every x86-64 has SSE, and no address is a wrong one: nothing is read.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast())
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// [`Isa::widen_f16`], for a task that [`dispatch`] runs.
#[cfg(feature = "half")]
#[inline(always)]
pub(crate) fn widen_f16<I: Isa, const N: usize>(x: &[f16; N]) -> [f32; N] {
    // SAFETY: `dispatch` runs a task only with an instruction set that the machine has.
    unsafe { I::widen_f16(x) }
}

/// [`Isa::narrow_f16`], likewise.
#[cfg(feature = "half")]
#[inline(always)]
pub(crate) fn narrow_f16<I: Isa, const N: usize>(x: &[f32; N]) -> [f16; N] {
    // SAFETY: as above.
    unsafe { I::narrow_f16(x) }
}

/// Makes what was written past the caches visible to all threads.
#[inline]
pub(crate) fn fence() {
    // SAFETY: every x86-64 has SSE.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::x86_64::_mm_sfence()
    }
}
