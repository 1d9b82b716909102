//! The ruler and the search themselves: a planted error is found, and measured right.

use actfn::Activation;
use actfn_proof::{Demand, Layout, Reference, Storage, sweep};
use half::{bf16, f16};

#[test]
fn errors_are_in_units_of_the_true_value() {
    let f32 = f32::LAYOUT;
    let next = |x: f32| f32::from_bits(x.to_bits() + 1) as f64;
    assert_eq!(f32.error(1.0, 1.0, 1.0), 0.0);
    assert_eq!(f32.error(next(1.0), 1.0, 1.0), 1.0);
    // A power of two is the bottom of its binade: the number below it is half a unit away.
    assert_eq!(f32.error(1.0 - 2f64.powi(-24), 1.0, 1.0), 0.5);
    assert_eq!(f32.error(1.0, 1.0 - 2f64.powi(-24), 1.0 - 2f64.powi(-24)), 1.0);
    assert_eq!(f32.error(-next(1.0), -1.0, -1.0), 1.0);
    assert_eq!(f32.error(-1.0, 1.0, 1.0), 2f64.powi(24));
}

#[test]
fn next_to_zero_the_unit_is_the_smallest_number() {
    let tiny = 2f64.powi(-149);
    let f32 = f32::LAYOUT;
    assert_eq!(f32.error(tiny, 0.0, 0.0), 1.0);
    assert_eq!(f32.error(-tiny, 0.0, 0.0), 1.0);
    assert_eq!(f32.error(0.0, tiny / 4.0, tiny / 4.0), 0.25);
    assert!(f32.error(0.0, 1e-320, 1e-320) > 0.0);
    assert_eq!(f32.error(-0.0, 0.0, 0.0), 0.0);
    assert_eq!(f16::LAYOUT.error(2f64.powi(-24), 0.0, 0.0), 1.0);
    assert_eq!(bf16::LAYOUT.error(2f64.powi(-133), 0.0, 0.0), 1.0);
    assert_eq!(Layout::F64.error(5e-324, 0.0, 0.0), 1.0);
}

#[test]
fn infinity_counts_as_the_number_after_the_largest() {
    let f32 = f32::LAYOUT;
    let (max, unit) = (f32::MAX as f64, 2f64.powi(104));
    assert_eq!(f32.error(f64::INFINITY, max, max), 1.0);
    assert_eq!(f32.error(f64::INFINITY, max + unit / 2.0, max + unit / 2.0), 0.5);
    assert_eq!(f32.error(f64::INFINITY, 1e300, 1e300), 0.0);
    assert_eq!(f32.error(max, max + unit, max + unit), 1.0);
    assert!(f32.error(max, 1e300, 1e300) > 1e200);
    assert_eq!(f32.error(max, f64::INFINITY, f64::INFINITY), f64::INFINITY);
    assert!(f32.error(-f64::INFINITY, max, max) > 1e7);
    assert_eq!(f32.error(f64::NAN, 1.0, 1.0), f64::INFINITY);
}

#[test]
fn an_interval_counts_with_its_farther_end() {
    assert_eq!(f32::LAYOUT.error(1.0, 1.0, 1.0 + 2f64.powi(-24)), 0.5);
}

#[test]
fn rounding_agrees_with_the_processor() {
    let mut x = 1.0f64;
    for i in 0..200_000u64 {
        // Numbers, ties and neighbours of ties, in all binades and below.
        let random = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let exponent = (1023 - 180 + random % 320) << 52;
        x = f64::from_bits(exponent | (random & 0x000f_ffff_e000_0000) | (0x1000_0000 + i % 3 - 1));
        let rounded = f32::LAYOUT.round(&actfn_proof::precise::number(x));
        assert_eq!(rounded, x as f32 as f64, "{x:e}");
    }
    assert!(x > 0.0);
}

fn planted<T: Storage>(bits: u32, stride: u64, change: impl Fn(T) -> T + Sync) -> Vec<u32> {
    let f: Activation = "tanh".parse().unwrap();
    let reference = Reference::of(&f).unwrap();
    let exact = f.exact();
    let compute = |x: &[T], y: &mut [T]| {
        exact.forward(x.len(), x, y);
        for (x, y) in x.iter().zip(y) {
            if x.to_bits() == bits {
                *y = change(*y);
            }
        }
    };
    let outcome = sweep(&reference.value, &[(Demand::Exact, &compute)], stride, |_| ()).remove(0);
    assert_eq!(outcome.wrong as usize, outcome.first_wrong.len());
    outcome.first_wrong.iter().map(|w| w.bits).collect()
}

fn flip<T: Storage>(y: T, mask: u32) -> T {
    T::from_bits(Storage::to_bits(y) ^ mask)
}

/// One bit, up or down, at one input: flat and steep places, ends of blocks, subnormals, zeros, infinities, NaN.
#[test]
fn a_wrong_bit_is_found() {
    for x in [
        0.0f32,
        -0.0,
        1e-44,
        1e-40,
        -0.06905200332,
        0.5,
        -0.54,
        8.99,
        9.1,
        -10.0,
        1e30,
        f32::MAX,
        f32::INFINITY,
        f32::from_bits(0x7f80_0001),
    ] {
        for mask in [1, 1 << 31] {
            let flipped = planted::<f32>(x.to_bits(), 65537, |y| flip(y, mask));
            // With a stride, only some inputs are run: the planted one is if it is special.
            let run = x.to_bits() % 65537 == 0 || x == 0.0 || !x.is_finite();
            assert_eq!(flipped, if run { vec![x.to_bits()] } else { vec![] }, "{x:e}");
        }
    }
    for bits in
        (0..=u16::MAX as u32).step_by(251).chain([0x0000, 0x8000, 0x0001, 0x7c00, 0xfc00, 0x7c01, 0x7bff, 0x3c00])
    {
        assert_eq!(planted::<f16>(bits, 1, |y| flip(y, 1)), [bits], "{bits:#06x}");
        assert_eq!(planted::<bf16>(bits, 1, |y| flip(y, 1)), [bits], "{bits:#06x}");
    }
    for i in [1u32, 77, 16_256, 16_300, 65_534] {
        let bits = i * 65537;
        assert_eq!(planted::<f32>(bits, 65537, |y| flip(y, 1)), [bits], "{bits:#010x}");
    }
}

#[test]
fn the_worst_error_is_found() {
    let f: Activation = "tanh".parse().unwrap();
    let reference = Reference::of(&f).unwrap();
    let exact = f.exact();
    let at = 0x3f00_3f00u32 / 65537 * 65537;
    let compute = |x: &[f32], y: &mut [f32]| {
        exact.forward(x.len(), x, y);
        for (x, y) in x.iter().zip(y) {
            if x.to_bits() == at {
                *y = f32::from_bits(y.to_bits() + 9);
            }
        }
    };
    let outcome = sweep(&reference.value, &[(Demand::Close { allowance: 0.0 }, &compute)], 65537, |_| ()).remove(0);
    let worst = outcome.worst.unwrap();
    assert_eq!(worst.x, f32::from_bits(at) as f64);
    assert!((8.5..=9.5).contains(&worst.ulps), "{worst:?}");
}
