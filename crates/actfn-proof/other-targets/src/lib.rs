//! The hashes that golden.csv has for slow machines, and those of the networks that actfn-lab trains, from a program small enough
//! for any target.
//!
//! Without `std` they are written through a host's function: WebAssembly has no other way out.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use alloc::format;
use alloc::string::String;

use actfn::Activation;
use golden::Bits;
use half::{bf16, f16};

#[path = "../../src/golden.rs"]
#[allow(dead_code, reason = "the stride of fast machines is not used here")]
mod golden;

#[path = "../../../actfn-lab/src/engine/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the lab uses more of it")]
mod engine;

#[path = "../../../actfn-lab/tests/training/mod.rs"]
mod training;

/// Hands each line of the two files to `print`: function, what of it, format, precision, stride, hash; and those of
/// `training`.
pub fn lines(mut print: impl FnMut(&str)) {
    for f in actfn::catalogue() {
        let coarse = if f.is_rowwise() { 1 } else { golden::COARSE };
        for derivative in [false, true] {
            let exact = f.clone().exact();
            print(&line::<f32>(&f, derivative, "default", coarse));
            print(&line::<f32>(&exact, derivative, "exact", coarse));
            print(&line::<f16>(&f, derivative, "default", 1));
            print(&line::<f16>(&exact, derivative, "exact", 1));
            print(&line::<bf16>(&f, derivative, "default", 1));
            print(&line::<bf16>(&exact, derivative, "exact", 1));
            print(&line::<f64>(&f, derivative, "default", 1));
        }
    }
    training::lines(print);
}

fn line<T: Bits>(f: &Activation, derivative: bool, precision: &str, stride: usize) -> String {
    let of = if derivative { "derivative" } else { "value" };
    let hash =
        if f.is_rowwise() { golden::of_rows::<T>(f, derivative) } else { golden::of::<T>(f, derivative, stride) };
    format!("{},{of},{},{precision},{stride},{hash:016x}", f.info().name, T::NAME)
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    #[global_allocator]
    static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo) -> ! {
        core::arch::wasm32::unreachable()
    }

    #[link(wasm_import_module = "host")]
    unsafe extern "C" {
        fn print(text: *const u8, length: usize);
    }

    #[unsafe(no_mangle)]
    extern "C" fn run() {
        // SAFETY: the host reads `length` bytes from `text` before it returns.
        super::lines(|line| unsafe { print(line.as_ptr(), line.len()) });
    }
}
