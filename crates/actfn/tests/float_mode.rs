//! Slices that are shared among threads, and single numbers, of a caller whose threads take subnormal numbers for 0. (The golden
//! hashes of `actfn-proof` are computed on such threads as well.)

#![cfg(target_arch = "x86_64")]

use actfn::{Activation, catalogue};

/// MXCSR with flush-to-zero and denormals-are-zero, as XLA's threads and `torch.set_flush_denormal(True)` have it.
const FLUSH: u32 = 0x9fc0;

fn set(mode: u32) {
    // SAFETY: no reserved bit is set. Rust promises nothing for code in another mode; between the two calls of this function stands
    // the library's code, which leaves it, and a harness that moves numbers without computing with them.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &mode) };
}

fn mode() -> u32 {
    let mut mode = 0_u32;
    // SAFETY: it writes four bytes.
    unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &mut mode) };
    mode & !0x3f
}

/// The bits of all that is computed of these numbers, in rows of two.
fn results(f: &Activation, x: &[f32], g: &[f32]) -> Vec<u32> {
    let mut y = vec![0.0; f.outputs(2).unwrap_or(2) * x.len() / 2];
    let mut grad_x = vec![0.0; x.len()];
    f.forward(2, x, &mut y);
    f.backward(2, x, &g[..y.len()], &mut grad_x);
    let mut all = [y, grad_x].concat();
    if !f.is_rowwise() {
        let mut out = vec![0.0; x.len()];
        f.derivative(x, &mut out);
        all.extend_from_slice(&out);
        f.second_derivative(x, &mut out);
        all.extend_from_slice(&out);
        out.copy_from_slice(x);
        f.forward_in_place(&mut out);
        all.extend_from_slice(&out);
        let (y, dy) = f.scalar(x[0]).unwrap();
        all.extend([y, dy]);
    }
    let mut bits: Vec<u32> = all.into_iter().map(f32::to_bits).collect();
    for p in f.info().parameters.iter().filter(|p| p.learnable) {
        let sum = f.backward_parameter(p.name, x, &g[..x.len()]).unwrap();
        bits.extend([sum.to_bits() as u32, (sum.to_bits() >> 32) as u32]);
    }
    bits
}

#[test]
fn threads_that_flush_subnormals_get_the_same_bits() {
    // Every 2¹⁴th number, which makes 1024 of each binade, subnormal ones among them, and gradients of 1e-40 and 1.
    let x: Vec<f32> = (0..1 << 18).map(|i| f32::from_bits((i << 14) + 3)).collect();
    let g: Vec<f32> = (0..2 * x.len()).map(|i| if i % 3 == 0 { 1e-40 } else { 1.0 }).collect();
    for f in catalogue().flat_map(|f| [f.clone(), f.exact()]) {
        let expected = results(&f, &x, &g);
        set(FLUSH);
        // The threads inherit the mode.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(8).build().unwrap();
        let inside = pool.install(|| results(&f, &x, &g));
        let on_one = results(&f, &x, &g);
        let left = mode();
        set(0x1f80);
        assert_eq!(left, FLUSH, "{f:?} leaves another mode");
        assert!(inside == expected, "{f:?}: other bits on 8 threads that flush");
        assert!(on_one == expected, "{f:?}: other bits from a caller that flushes");
    }
}
