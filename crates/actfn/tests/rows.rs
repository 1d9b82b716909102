//! Softmax and maxout beyond their known rows.

use actfn::{Exact, Maxout, Rowwise, Softmax, rows};

const INFINITY: f64 = f64::INFINITY;

fn softmax(x: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; x.len()];
    rows::forward(Softmax, x.len(), x, &mut y);
    y
}

#[test]
fn softmax_of_extreme_rows() {
    assert_eq!(softmax(&[7.0]), [1.0]);
    assert_eq!(softmax(&[1000.0, 1000.0]), [0.5, 0.5]);
    assert_eq!(softmax(&[-1000.0, -1000.0]), [0.5, 0.5]);
    assert_eq!(softmax(&[1000.0, -1000.0]), [1.0, 0.0]);
    assert_eq!(softmax(&[0.0, -INFINITY, 0.0]), [0.5, 0.0, 0.5]);
    assert_eq!(softmax(&[-INFINITY; 4]), [0.25; 4]);
    assert_eq!(softmax(&[INFINITY, 3.0]), [1.0, 0.0]);
    assert!(softmax(&[f64::NAN, 3.0, 1.0]).iter().all(|y| y.to_bits() == f64::NAN.to_bits()));
    assert_eq!(softmax(&[f64::MAX, f64::MIN]), [1.0, 0.0]);
}

/// f32 rows of every length to 70 and some long ones, logits near 0, spread wide, and far from 0 (where x − max rounds).
#[test]
fn softmax_is_within_two_units_of_the_last_place() {
    let mut state = 1u64;
    let mut uniform = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    let mut worst = [0.0f64; 2];
    for columns in (1..=70).chain([1000, 4096, 32_768]) {
        for (spread, shift) in [(2.0, 0.0), (40.0, 0.0), (150.0, 0.0), (20.0, 300.0), (1e4, -1e6), (1e-3, 17.0)] {
            let x: Vec<f32> = (0..columns).map(|_| uniform() * spread + shift).collect();
            // In f64 the difference is exact or as good as exact, and the rest is 2²⁹ times finer.
            let max = x.iter().fold(f64::NEG_INFINITY, |m, x| m.max(*x as f64));
            let e: Vec<f64> = x.iter().map(|x| (*x as f64 - max).exp()).collect();
            let sum: f64 = e.iter().sum();
            let mut y = vec![0.0f32; columns];
            for exact in [false, true] {
                if exact {
                    rows::forward(Exact(Softmax), columns, &x, &mut y);
                } else {
                    rows::forward(Softmax, columns, &x, &mut y);
                }
                for (y, e) in y.iter().zip(&e) {
                    let right = e / sum;
                    let place = (right as f32).abs().max(f32::MIN_POSITIVE);
                    let place = f32::from_bits(place.to_bits() & 0x7f80_0000) as f64 * f32::EPSILON as f64;
                    worst[exact as usize] = worst[exact as usize].max((*y as f64 - right).abs() / place);
                }
                let total: f64 = y.iter().map(|y| *y as f64).sum();
                assert!((total - 1.0).abs() < 1e-6, "{columns} columns sum to {total}");
            }
        }
    }
    println!("worst error: default {} ULP, exact {} ULP", worst[0], worst[1]);
    assert!(worst[0] <= 2.0, "default: {} ULP", worst[0]);
    assert!(worst[1] <= 0.5001, "exact: {} ULP", worst[1]);
}

#[test]
fn softmax_jacobian_is_symmetric_and_its_rows_sum_to_zero() {
    let x = [0.5, -1.0, 2.0, 2.0];
    let y = softmax(&x);
    let jacobian = rows::jacobian(Softmax, &x);
    for i in 0..4 {
        for j in 0..4 {
            let right = y[i] * (if i == j { 1.0 } else { 0.0 } - y[j]);
            assert!((jacobian[4 * i + j] - right).abs() < 1e-16, "∂y{i}/∂x{j}");
        }
        assert!(jacobian[4 * i..4 * i + 4].iter().sum::<f64>().abs() < 1e-16);
    }
}

#[test]
fn maxout_ties() {
    let gradient = |f: Maxout, x: &[f32], g: &[f32]| {
        let mut grad_x = vec![0.0; x.len()];
        rows::backward(f, x.len(), x, g, &mut grad_x);
        grad_x
    };
    let first = Maxout { num_pieces: 3.0, ..Default::default() };
    let even = Maxout { even_split: 1.0, ..first };
    assert_eq!(gradient(first, &[1.0, 1.0, 0.0, -2.0, 5.0, 5.0], &[6.0, 8.0]), [6.0, 0.0, 0.0, 0.0, 8.0, 0.0]);
    assert_eq!(gradient(even, &[1.0, 1.0, 0.0, -2.0, 5.0, 5.0], &[6.0, 8.0]), [3.0, 3.0, 0.0, 0.0, 4.0, 4.0]);
    let x = [f32::NAN, 1.0, 2.0, -0.0, 0.0, -f32::INFINITY];
    let mut y = [0.0; 2];
    rows::forward(first, 6, &x, &mut y);
    assert!(y[0].to_bits() == f32::NAN.to_bits() && y[1].to_bits() == (-0.0f32).to_bits());
    assert_eq!(gradient(first, &x, &[1.0, 1.0]), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(Rowwise::outputs(first, 7), None);
    assert_eq!(Rowwise::outputs(first, 0), None);
}
