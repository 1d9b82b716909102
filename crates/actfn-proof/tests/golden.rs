//! The golden hashes: every instruction set and number of threads gives the same bits, also to callers whose threads take
//! subnormal numbers for 0.
//!
//! One test function: it forces paths, which holds for the whole process.

use actfn::Path;
use actfn_proof::golden_file::{self, Golden};
use actfn_proof::record;

#[test]
fn every_path_gives_the_golden_hashes() {
    let recorded: Vec<Golden> = record::read(&golden_file::path()).unwrap();
    for path in Path::ALL.into_iter().filter(|path| path.available()) {
        path.force();
        // The portable path calls a function for each fused multiply-add: it gets the inputs for slow machines.
        let fine = path != Path::Portable;
        compare(&recorded, golden_file::compute(fine), fine, &format!("on {path:?}"));
    }
    for path in Path::ALL.into_iter().filter(|path| path.available() && *path != Path::Portable) {
        path.force();
        for threads in [1, 8] {
            let flush = |_| flush_subnormals();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).start_handler(flush).build().unwrap();
            let (hashes, flushes) = pool.install(|| (golden_file::compute(false), flushes_subnormals()));
            let what = format!("on {path:?}, {threads} threads that flush subnormal numbers");
            assert!(flushes, "{what}: the mode was not put back");
            compare(&recorded, hashes, false, &what);
        }
    }
}

fn compare(recorded: &[Golden], hashes: Vec<Golden>, fine: bool, what: &str) {
    let expected: Vec<_> = recorded.iter().filter(|row| fine || !row.is_fine()).collect();
    let names = |rows: &[&Golden]| rows.iter().map(|row| row.name()).collect::<Vec<_>>();
    let hashes: Vec<_> = hashes.iter().collect();
    assert_eq!(names(&hashes), names(&expected), "make the file anew: cargo run --release -p actfn-proof -- golden");
    let differ: Vec<_> = hashes.iter().zip(&expected).filter(|(a, b)| a != b).map(|(a, _)| a.name()).collect();
    assert!(differ.is_empty(), "{what}, other bits in:\n{}", differ.join("\n"));
}

/// Has this thread take subnormal numbers for 0, in operands and results, as XLA's threads do.
#[allow(unused_unsafe, reason = "elsewhere there is no such mode")]
fn flush_subnormals() {
    // SAFETY: Rust promises nothing for code in this mode; what follows on these threads is the library's, which leaves it,
    // and what the harness does with numbers that are not subnormal.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        std::arch::asm!("ldmxcsr [{}]", in(reg) &0x9fc0_u32);
        #[cfg(target_arch = "aarch64")]
        std::arch::asm!("msr fpcr, {}", in(reg) 1_u64 << 24);
    }
}

/// Whether it does: half of the smallest normal number is 0 then.
fn flushes_subnormals() -> bool {
    let half = std::hint::black_box(f32::MIN_POSITIVE) * std::hint::black_box(0.5);
    half.to_bits() == 0 || cfg!(not(any(target_arch = "x86_64", target_arch = "aarch64")))
}
