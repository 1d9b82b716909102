//! Products of matrices: the same chain of fused multiply-adds for every number, on every path and for every way to split.
//!
//! One test function: it forces paths, which holds for the whole process.

use actfn::Path;
use actfn::matrix::{Matrix, multiply_add};

/// Numbers of different sizes and signs, so that any other order of a sum has other bits.
fn numbers(count: usize, mut seed: u32) -> Vec<f32> {
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed >> 8
    };
    (0..count).map(|_| (next() as f32 / 8_388_608.0 - 1.0) * 2f32.powi(next() as i32 % 12)).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|c| (0..rows).map(move |r| values[r * columns + c])).collect()
}

fn is_chains(rows: usize, inner: usize, columns: usize) {
    let what = format!("{:?}, {rows} × {inner} × {columns}", Path::current());
    let (a, b) = (numbers(rows * inner, 1), numbers(inner * columns, 2));
    let start = numbers(rows * columns, 3);
    let mut chains = start.clone();
    for (place, sum) in chains.iter_mut().enumerate() {
        for k in 0..inner {
            *sum = a[place / columns * inner + k].mul_add(b[k * columns + place % columns], *sum);
        }
    }
    let (a_turned, b_turned) = (transposed(&a, rows, inner), transposed(&b, inner, columns));
    let matrices_a = [Matrix::new(&a, inner), Matrix::new(&a_turned, rows).transposed()];
    let matrices_b = [Matrix::new(&b, columns), Matrix::new(&b_turned, inner).transposed()];
    for (a, b) in matrices_a.into_iter().flat_map(|a| matrices_b.map(|b| (a, b))) {
        let mut sum = start.clone();
        multiply_add(a, b, &mut sum);
        assert!(bits(&sum) == bits(&chains), "{what}");
    }
    // In two parts, one call after the other.
    let mut sum = start;
    for part in [0..inner / 2, inner / 2..inner] {
        let a = Matrix::new(&a_turned[part.start * rows..part.end * rows], rows).transposed();
        let b = Matrix::new(&b[part.start * columns..part.end * columns], columns);
        multiply_add(a, b, &mut sum);
    }
    assert!(bits(&sum) == bits(&chains), "{what}, in two parts");
}

#[test]
fn every_number_is_one_chain_on_every_path() {
    const SIZES: [usize; 10] = [1, 2, 5, 6, 7, 16, 31, 33, 64, 70];
    for path in Path::ALL.into_iter().filter(|path| path.available()) {
        path.force();
        for (rows, columns) in SIZES.into_iter().flat_map(|rows| SIZES.map(|columns| (rows, columns))) {
            is_chains(rows, 1 + (rows * 7 + columns) % 66, columns);
        }
        // Large enough to be shared among threads.
        is_chains(300, 130, 120);
    }
}
