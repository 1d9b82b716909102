//! The choice of the instruction set: the only unsafe code of the library.

use core::sync::atomic::{AtomicU8, Ordering};

/// An instruction set that the kernels are compiled for.
///
/// The best one the machine has is taken by itself; the results are the same bits on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Path {
    /// What the target always has. On AArch64 that includes NEON and a fused multiply-add; on x86-64 it is SSE2, where
    /// each fused multiply-add is a call.
    Portable = 1,
    /// x86-64 with AVX2 and FMA.
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
            Self::Avx2 => std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma"),
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
    /// Must be `#[inline(always)]`, and so must all that it calls in its loops.
    fn run(self);
}

/// Runs the task compiled for the current path.
#[inline]
pub(crate) fn dispatch<T: Task>(task: T) {
    match Path::current() {
        Path::Portable => task.run(),
        // SAFETY: `current` and `force` yield only paths that this machine has been found to run.
        #[cfg(target_arch = "x86_64")]
        Path::Avx2 => unsafe { avx2(task) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Path::Avx512 => unsafe { avx512(task) },
        #[cfg(not(target_arch = "x86_64"))]
        _ => task.run(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<T: Task>(task: T) {
    task.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
fn avx512<T: Task>(task: T) {
    task.run()
}
