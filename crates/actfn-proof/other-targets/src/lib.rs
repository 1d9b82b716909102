//! The hashes that golden.csv has for slow machines, and those of the networks that actfn-lab trains, from a program small enough
//! for any target.
//!
//! Without `std` they are written through a host's function: WebAssembly has no other way out.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use alloc::format;
use alloc::string::String;

use actfn::Activation;
use golden::{Bits, Of};
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
    for (f, of) in actfn::catalogue().flat_map(|f| Of::ALL.map(|of| (f.clone(), of))).filter(|(f, of)| of.is_of(f)) {
        let coarse = if f.is_rowwise() { 1 } else { golden::COARSE };
        let precisions = golden::precisions(&f, of);
        precisions.iter().for_each(|(precision, f)| print(&line::<f32>(f, of, precision, coarse)));
        precisions.iter().for_each(|(precision, f)| print(&line::<f16>(f, of, precision, 1)));
        precisions.iter().for_each(|(precision, f)| print(&line::<bf16>(f, of, precision, 1)));
        print(&line::<f64>(&f, of, "default", 1));
    }
    training::lines(print);
}

fn line<T: Bits>(f: &Activation, of: Of, precision: &str, stride: usize) -> String {
    let hash = if f.is_rowwise() { golden::of_rows::<T>(f, of) } else { golden::of_function::<T>(f, of, stride) };
    format!("{},{},{},{precision},{stride},{hash:016x}", f.info().name, of.name(), T::NAME)
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
