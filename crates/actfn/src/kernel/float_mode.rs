//! The mode in which a thread computes with floating-point numbers, which whoever calls may have changed.
//!
//! XLA's threads, `torch.set_flush_denormal` and libraries linked with `-ffast-math` make the processor take subnormal numbers for 0.
//! Then `sigmoid(−100)` of `f32` would be 0 in place of 3.8·10⁻⁴⁴. Compiled Rust assumes the default mode, in which nothing
//! is flushed, results are rounded to nearest and no operation traps. So each public entry of the kernel, and each of rayon's threads
//! that it works on, which inherit the mode of whoever made them, sets that mode and puts the old one back.

use core::hint::black_box;

/// The default mode, for as long as this lives.
///
/// The reads and writes of the mode are opaque to the compiler and may change memory, as far as it knows: loads and stores of slices
/// stay between them. Numbers that are passed by value go through [`in_default_mode`].
pub(crate) struct DefaultMode {
    /// The mode to put back; none where the mode was the default one.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    before: Option<Control>,
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
impl DefaultMode {
    /// A read and a comparison, where there is nothing to do.
    #[inline(always)]
    pub(crate) fn enter() -> Self {
        let now = read();
        let differs = now & !FLAGS != DEFAULT;
        if differs {
            write(DEFAULT);
        }
        Self { before: differs.then_some(now) }
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
impl Drop for DefaultMode {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(before) = self.before {
            write(before);
        }
    }
}

/// Has work done on a number in the default mode.
#[inline(always)]
pub(crate) fn in_default_mode<T, U>(x: T, work: impl FnOnce(T) -> U) -> U {
    let _mode = DefaultMode::enter();
    black_box(work(black_box(x)))
}

/// The control register.
#[cfg(target_arch = "x86_64")]
type Control = u32;

/// MXCSR: no flushing (bits 15 and 6), to nearest (14 and 13), every exception masked (12 to 7).
#[cfg(target_arch = "x86_64")]
const DEFAULT: Control = 0x1f80;

/// What operations leave behind: which exceptions there were.
#[cfg(target_arch = "x86_64")]
const FLAGS: Control = 0x3f;

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn read() -> Control {
    let mut control = 0;
    // SAFETY: it writes the four bytes of `control`.
    unsafe { core::arch::asm!("stmxcsr [{}]", in(reg) &mut control, options(nostack, preserves_flags)) };
    control
}

#[cfg(target_arch = "x86_64")]
#[cold]
fn write(control: Control) {
    // SAFETY: it reads the four bytes of `control`, which came from the register or are the default, so that no reserved bit is
    // set. Rust's code runs in the default mode afterwards, or, as before the call, in the caller's.
    unsafe { core::arch::asm!("ldmxcsr [{}]", in(reg) &control, options(nostack, preserves_flags)) };
}

/// The control register.
#[cfg(target_arch = "aarch64")]
type Control = u64;

/// FPCR: no flushing, to nearest, no exception traps.
#[cfg(target_arch = "aarch64")]
const DEFAULT: Control = 0;

/// They stand in another register.
#[cfg(target_arch = "aarch64")]
const FLAGS: Control = 0;

#[cfg(target_arch = "aarch64")]
#[inline(always)]
fn read() -> Control {
    let control;
    // SAFETY: it reads the register. Memory counts as changed, so that loads stay behind it.
    unsafe { core::arch::asm!("mrs {}, fpcr", out(reg) control, options(nostack, preserves_flags)) };
    control
}

#[cfg(target_arch = "aarch64")]
#[cold]
fn write(control: Control) {
    // SAFETY: as on x86-64.
    unsafe { core::arch::asm!("msr fpcr, {}", in(reg) control, options(nostack, preserves_flags)) };
}

/// Targets whose mode cannot be changed, as that of WebAssembly, or is not known here.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
impl DefaultMode {
    #[inline(always)]
    pub(crate) fn enter() -> Self {
        Self {}
    }
}
