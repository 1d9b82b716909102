//! The same bits on every instruction set, at every length and alignment, and on any number of threads.
//!
//! One test function: it forces paths, which holds for the whole process.

use actfn::{Activation, Format, Path, catalogue};
use half::{bf16, f16};

/// Numbers of all sizes and both signs, with the special ones among them.
fn inputs<T: Format>(count: usize) -> Vec<T> {
    let special = [0.0, -0.0, f64::INFINITY, -f64::INFINITY, f64::NAN, 1e-40, -1e-40, 88.73, -88.73, 1.0, -1.0];
    let mut state = 7u64;
    (0..count)
        .map(|i| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let unit = (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
            T::from_f64(match i % 8 {
                0 => special[i / 8 % special.len()],
                1 => unit * 400.0,
                2 => unit * 1e-4,
                _ => unit * 16.0,
            })
        })
        .collect()
}

fn same<T: Format>(bits: fn(T) -> u64, a: &[T], b: &[T]) -> Result<(), String> {
    match a.iter().zip(b).position(|(a, b)| bits(*a) != bits(*b)) {
        Some(i) => Err(format!("at {i}: {:?} and {:?}", a[i], b[i])),
        None => Ok(()),
    }
}

fn check_elementwise<T: Format>(f: &Activation, path: Path, bits: fn(T) -> u64) {
    let x = inputs::<T>(260);
    let g: Vec<T> = inputs::<T>(263)[3..].to_vec();
    let one = T::from_f64(1.0);
    let scalars: Vec<(T, T)> = x.iter().map(|x| f.scalar(*x).unwrap()).collect();
    let (values, slopes): (Vec<T>, Vec<T>) = scalars.into_iter().unzip();
    let products: Vec<T> = x
        .iter()
        .zip(&g)
        .map(|(x, g)| {
            let mut out = [T::default()];
            f.backward(1, &[*x], &[*g], &mut out);
            out[0]
        })
        .collect();
    for length in 0..=130 {
        for offset in [0, 1, 3, 7] {
            let range = offset..offset + length;
            let mut out = vec![one; length + 16];
            let what = format!("{f:?} in {} on {path:?}, length {length}, offset {offset}", T::NAME);
            f.forward(length.max(1), &x[range.clone()], &mut out[offset..offset + length]);
            same(bits, &out[offset..offset + length], &values[range.clone()]).unwrap_or_else(|e| panic!("{what}, {e}"));
            assert!(out[..offset].iter().chain(&out[offset + length..]).all(|o| *o == one), "{what}: wrote beyond");
            f.derivative(&x[range.clone()], &mut out[offset..offset + length]);
            same(bits, &out[offset..offset + length], &slopes[range.clone()])
                .unwrap_or_else(|e| panic!("{what}', {e}"));
            f.backward(length.max(1), &x[range.clone()], &g[range.clone()], &mut out[offset..offset + length]);
            same(bits, &out[offset..offset + length], &products[range.clone()])
                .unwrap_or_else(|e| panic!("{what}, backward, {e}"));
        }
    }
}

fn rows_of<T: Format>(f: &Activation, columns: usize, rows: usize) -> Option<[Vec<T>; 2]> {
    let outputs = f.outputs(columns)?;
    let x: Vec<T> = inputs::<T>(columns * rows);
    let g: Vec<T> = inputs::<T>(outputs * rows + 3)[3..].to_vec();
    let mut y = vec![T::default(); outputs * rows];
    let mut grad_x = vec![T::default(); columns * rows];
    f.forward(columns, &x, &mut y);
    f.backward(columns, &x, &g, &mut grad_x);
    Some([y, grad_x])
}

fn check_rowwise<T: Format>(f: &Activation, path: Path, bits: fn(T) -> u64) {
    for columns in (1..=130).chain([1000]) {
        Path::Portable.force();
        let Some(expected) = rows_of::<T>(f, columns, 3) else { continue };
        path.force();
        let got = rows_of::<T>(f, columns, 3).unwrap();
        for (got, expected) in got.iter().zip(&expected) {
            same(bits, got, expected)
                .unwrap_or_else(|e| panic!("{f:?} in {} on {path:?}, {columns} columns, {e}", T::NAME));
        }
    }
}

#[test]
fn every_path_gives_the_bits_of_the_definition() {
    fn check<T: Format>(f: &Activation, path: Path, bits: fn(T) -> u64) {
        path.force();
        if f.is_rowwise() { check_rowwise(f, path, bits) } else { check_elementwise(f, path, bits) }
    }
    let paths: Vec<Path> = Path::ALL.into_iter().filter(|path| path.available()).collect();
    println!("paths: {paths:?}");
    for f in catalogue() {
        for path in &paths {
            for f in [f.clone(), f.clone().exact()] {
                check::<f32>(&f, *path, |x| x.to_bits() as u64);
                check::<f16>(&f, *path, |x| x.to_bits() as u64);
                check::<bf16>(&f, *path, |x| x.to_bits() as u64);
            }
            check::<f64>(&f, *path, f64::to_bits);
        }
    }
    for path in &paths {
        path.force();
        for f in ["sigmoid", "softsign"].map(|name| name.parse::<Activation>().unwrap()) {
            for f in [f.clone(), f.clone().exact()] {
                large_slices_too::<f32>(&f, |x| x.to_bits() as u64);
                large_slices_too::<f16>(&f, |x| x.to_bits() as u64);
            }
            large_slices_too::<f64>(&f, f64::to_bits);
        }
        for f in ["softmax", "swiglu"].map(|name| name.parse::<Activation>().unwrap()) {
            large_rows_too::<f32>(&f, |x| x.to_bits() as u64);
            large_rows_too::<f16>(&f, |x| x.to_bits() as u64);
            large_rows_too::<f64>(&f, f64::to_bits);
        }
    }
    random_functions_have_the_same_bits_on_every_path(&paths);
    large_rows_draw_by_their_place();
    second_derivatives_have_the_same_bits_on_every_path(&paths);
    threads_give_the_same_bits();
    in_place_is_forward();
}

/// Results of more than 32 MiB are written past the caches.
fn large_slices_too<T: Format>(f: &Activation, bits: fn(T) -> u64) {
    let piece = 65_537;
    let count = (34 << 20) / size_of::<T>();
    let x: Vec<T> = inputs::<T>(piece).into_iter().cycle().take(count).collect();
    let mut expected = vec![T::default(); piece];
    let mut out = vec![T::default(); count + 1];
    let out = &mut out[1..]; // not aligned
    let check = |what: &str, out: &[T], expected: &[T]| {
        for (i, out) in out.chunks(piece).enumerate() {
            same(bits, out, expected).unwrap_or_else(|e| panic!("{what} of {f:?} in {}, piece {i}, {e}", T::NAME));
        }
    };
    f.forward(1, &x[..piece], &mut expected);
    f.forward(1, &x, out);
    check("forward", out, &expected);
    f.derivative(&x[..piece], &mut expected);
    f.derivative(&x, out);
    check("derivative", out, &expected);
    f.backward(1, &x[..piece], &x[..piece], &mut expected);
    f.backward(1, &x, &x, out);
    check("backward", out, &expected);
    f.second_derivative(&x[..piece], &mut expected);
    f.second_derivative(&x, out);
    check("second derivative", out, &expected);
}

/// As [`large_slices_too`], of rows.
fn large_rows_too<T: Format>(f: &Activation, bits: fn(T) -> u64) {
    let (columns, piece) = (1000, 67);
    let outputs = f.outputs(columns).unwrap();
    let rows = ((34 << 20) / size_of::<T>()).div_ceil(outputs);
    let cycle = |x: &[T]| x.iter().copied().cycle().take(x.len() / piece * rows).collect::<Vec<T>>();
    let (x, grad_y) = (inputs::<T>(columns * piece), inputs::<T>(outputs * piece));
    let (mut y, mut grad_x) = (vec![T::default(); outputs * piece], vec![T::default(); columns * piece]);
    f.forward(columns, &x, &mut y);
    f.backward(columns, &x, &grad_y, &mut grad_x);
    let mut out = vec![T::default(); columns * rows + 1];
    let check = |what: &str, out: &[T], expected: &[T]| {
        for (i, out) in out.chunks(expected.len()).enumerate() {
            same(bits, out, expected).unwrap_or_else(|e| panic!("{what} of {f:?} in {}, piece {i}, {e}", T::NAME));
        }
    };
    let out_y = &mut out[1..][..outputs * rows]; // not aligned
    f.forward(columns, &cycle(&x), out_y);
    check("forward", out_y, &y);
    let out_x = &mut out[1..];
    f.backward(columns, &cycle(&x), &cycle(&grad_y), out_x);
    check("backward", out_x, &grad_x);
}

/// Functions that draw from the index of an element, which the definition of one number does not know.
fn random() -> impl Iterator<Item = Activation> {
    ["rrelu(training=1, seed=7)", "gumbel_softmax(training=1, seed=7)"].into_iter().map(|text| text.parse().unwrap())
}

fn random_functions_have_the_same_bits_on_every_path(paths: &[Path]) {
    for f in random() {
        for path in paths {
            check_rowwise::<f32>(&f, *path, |x| x.to_bits() as u64);
            check_rowwise::<f64>(&f, *path, f64::to_bits);
            check_rowwise::<f16>(&f, *path, |x| x.to_bits() as u64);
        }
    }
}

fn large_rows_draw_by_their_place() {
    let f = actfn::GumbelSoftmax { training: 1.0, seed: 7.0, ..Default::default() };
    let (columns, rows) = (1000, 9000);
    let x = inputs::<f32>(columns * rows);
    let (mut y, mut one) = (vec![0f32; columns * rows], vec![0f32; columns]);
    actfn::rows::forward(f, columns, &x, &mut y);
    for row in (0..rows).step_by(97) {
        let range = row * columns..(row + 1) * columns;
        actfn::rows::forward(actfn::Rowwise::at(f, range.start as u64), columns, &x[range.clone()], &mut one);
        same(|x| x.to_bits() as u64, &y[range], &one).unwrap_or_else(|e| panic!("row {row} of gumbel_softmax, {e}"));
    }
}

fn second_derivatives_have_the_same_bits_on_every_path(paths: &[Path]) {
    let x = inputs::<f64>(260);
    for f in catalogue().filter(|f| !f.is_rowwise()) {
        for path in paths {
            path.force();
            let mut whole = vec![0.0; x.len()];
            f.second_derivative(&x, &mut whole);
            for (i, whole) in whole.iter().enumerate() {
                let mut one = [0.0];
                Path::Portable.force();
                f.second_derivative(&x[i..=i], &mut one);
                assert_eq!(whole.to_bits(), one[0].to_bits(), "{f}''({}) on {path:?}", x[i]);
            }
        }
    }
}

#[cfg(feature = "rayon")]
fn threads_give_the_same_bits() {
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (one, three) = (pool(1), pool(3));
    for f in catalogue().chain(random()) {
        let (columns, rows) = if f.is_rowwise() { (1000, 300) } else { (300_001, 1) };
        let alone = one.install(|| rows_of::<f32>(&f, columns, rows)).unwrap();
        let shared = three.install(|| rows_of::<f32>(&f, columns, rows)).unwrap();
        for (alone, shared) in alone.iter().zip(&shared) {
            same(|x| x.to_bits() as u64, alone, shared).unwrap_or_else(|e| panic!("{f} on three threads, {e}"));
        }
    }
}

#[cfg(not(feature = "rayon"))]
fn threads_give_the_same_bits() {}

fn in_place_is_forward() {
    for count in [0, 5, 64, 131, 1000] {
        let mut x = inputs::<f32>(count);
        let mut y = vec![0.0; count];
        actfn::forward(actfn::Tanh, &x, &mut y);
        actfn::forward_in_place(actfn::Tanh, &mut x);
        same(|x| x.to_bits() as u64, &x, &y).unwrap();
    }
}
