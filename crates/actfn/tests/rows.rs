//! Functions of rows beyond their known ones.

use actfn::{
    Bilinear, Elementwise, Entmax15, Exact, Geglu, Gelu, GeluTanh, Glu, Hardmax, LogSoftmax, Maxout, QuietSoftmax,
    Reglu, Rowwise, Softmax, Softmin, Sparsemax, Swiglu, rows,
};

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

/// f32 rows of every length to 70 and some long ones, numbers near 0, spread wide, and far from 0 (where x − max rounds).
fn for_each_row(mut check: impl FnMut(&[f32])) {
    let mut state = 1u64;
    let mut uniform = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    for columns in (1..=70).chain([1000, 4096, 32_768]) {
        for (spread, shift) in [(2.0, 0.0), (40.0, 0.0), (150.0, 0.0), (20.0, 300.0), (1e4, -1e6), (1e-3, 17.0)] {
            let x: Vec<f32> = (0..columns).map(|_| uniform() * spread + shift).collect();
            check(&x);
        }
    }
}

/// The distance of y from the right number in units of its last place, or of `smallest`.
fn off(y: f32, right: f64, smallest: f64) -> f64 {
    let place = (right as f32).abs().max(f32::MIN_POSITIVE);
    let place = f32::from_bits(place.to_bits() & 0x7f80_0000) as f64 * f32::EPSILON as f64;
    (y as f64 - right).abs() / place.max(smallest)
}

/// The worst distance of f(x), in the default precision and exact, over all rows that `f` takes. `smallest` gives the
/// least unit that counts in the default precision.
fn worst<F: Rowwise>(
    f: F,
    smallest: impl Fn(&[f32], usize) -> f64,
    reference: impl Fn(&[f32]) -> Vec<f64>,
) -> [f64; 2] {
    let mut worst = [0.0f64; 2];
    for_each_row(|x| {
        let Some(outputs) = f.outputs(x.len()) else { return };
        let right = reference(x);
        let mut y = [vec![0.0; outputs], vec![0.0; outputs]];
        rows::forward(f, x.len(), x, &mut y[0]);
        rows::forward(Exact(f), x.len(), x, &mut y[1]);
        for (i, right) in right.iter().enumerate() {
            worst[0] = worst[0].max(off(y[0][i], *right, smallest(x, i)));
            worst[1] = worst[1].max(off(y[1][i], *right, 0.0));
        }
    });
    println!("{}: worst error: default {} ULP, exact {} ULP", F::INFO.name, worst[0], worst[1]);
    worst
}

/// e^(factor · x − max) and the sum. In f64 the difference is exact or as good as exact, and the rest is 2²⁹ times finer.
fn exponentials(x: &[f32], factor: f64) -> (Vec<f64>, f64) {
    let max = x.iter().fold(f64::NEG_INFINITY, |m, x| m.max(factor * *x as f64));
    let e: Vec<f64> = x.iter().map(|x| (factor * *x as f64 - max).exp()).collect();
    let sum = e.iter().sum();
    (e, sum)
}

#[test]
fn softmax_is_within_two_units_of_the_last_place() {
    let reference = |factor| {
        move |x: &[f32]| {
            let (e, sum) = exponentials(x, factor);
            e.iter().map(|e| e / sum).collect()
        }
    };
    for [default, exact] in [worst(Softmax, |_, _| 0.0, reference(1.0)), worst(Softmin, |_, _| 0.0, reference(-1.0))] {
        assert!(default <= 2.0 && exact <= 0.5001);
    }
    let [default, exact] = worst(
        QuietSoftmax,
        |_, _| 0.0,
        |x| {
            let with_zero: Vec<f32> = x.iter().copied().chain([0.0]).collect();
            let (e, sum) = exponentials(&with_zero, 1.0);
            e[..x.len()].iter().map(|e| e / sum).collect()
        },
    );
    assert!(default <= 2.0 && exact <= 0.5001);
    for_each_row(|x| {
        let mut y = vec![0.0f32; x.len()];
        rows::forward(Softmax, x.len(), x, &mut y);
        let total: f64 = y.iter().map(|y| *y as f64).sum();
        assert!((total - 1.0).abs() < 1e-6, "{} columns sum to {total}", x.len());
    });
}

#[test]
fn log_softmax_is_within_two_units_of_the_last_place() {
    let [default, exact] = worst(
        LogSoftmax,
        |_, _| 0.0,
        |x| {
            let (mut e, _) = exponentials(x, 1.0);
            let first = e.iter().position(|e| *e == 1.0).unwrap();
            e[first] = 0.0; // the sum without it, small or not
            let log = e.iter().sum::<f64>().ln_1p();
            x.iter().map(|v| (*v as f64 - x[first] as f64) - log).collect()
        },
    );
    assert!(default <= 2.0 && exact <= 0.5001);
}

/// Sparsemax by sorting, in integers: exact but for the last division.
fn sparsemax_by_sorting(x: &[f32]) -> Vec<f64> {
    const ONE: i128 = 1 << 70;
    let z: Vec<i128> = x.iter().map(|x| (*x as f64 * ONE as f64) as i128).collect();
    let mut sorted = z.clone();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let (mut sum, mut support) = (0, (0, 0));
    for (k, z) in (1..).zip(sorted) {
        sum += z;
        if ONE + k * z > sum {
            support = (k, sum);
        }
    }
    let (k, sum) = support;
    z.iter().map(|z| (ONE + k * z - sum).max(0) as f64 / (k as f64 * ONE as f64)).collect()
}

/// 1.5-entmax by sorting: Peters, Niculae & Martins 2019, algorithm 2.
fn entmax15_by_sorting(x: &[f32]) -> Vec<f64> {
    let max = x.iter().fold(f32::NEG_INFINITY, |m, x| m.max(*x)) as f64;
    let z: Vec<f64> = x.iter().map(|x| (*x as f64 - max) / 2.0).collect();
    let mut sorted = z.clone();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut sum, mut squares, mut tau) = (0.0, 0.0, 0.0);
    for (k, z) in (1..).map(f64::from).zip(sorted) {
        sum += z;
        squares += z * z;
        let mean = sum / k;
        let delta = (1.0 - (squares - sum * mean)) / k;
        let candidate = mean - delta.max(0.0).sqrt();
        if delta < 0.0 || candidate > z {
            break;
        }
        tau = candidate;
    }
    z.iter().map(|z| (z - tau).max(0.0).powi(2)).collect()
}

#[test]
fn sparse_functions_agree_with_sorting() {
    let [default, exact] = worst(Sparsemax, |_, _| 0.0, sparsemax_by_sorting);
    assert!(default <= 2.0 && exact <= 0.5001);
    let [default, exact] = worst(Entmax15, |_, _| 0.0, entmax15_by_sorting);
    assert!(default <= 2.0 && exact <= 0.5001);
}

/// Rows that are hard for a search of the threshold: numbers crowded below the largest one, below the threshold, and
/// at it, and many equal ones. An entry that all but vanishes is right to 2⁻⁴⁶ rather than to its own last place.
#[test]
fn sparse_functions_find_the_threshold_of_hard_rows() {
    let row = |n: usize, f: &dyn Fn(f32) -> f32| (0..n).map(|k| f(k as f32)).collect::<Vec<f32>>();
    let mut rows = vec![vec![0.0, -1.0 + f32::EPSILON / 2.0], vec![0.0, -1.0], vec![0.0, -2.0 + f32::EPSILON]];
    for n in [2, 17, 300, 10_000] {
        rows.push(row(n, &|k| -(0.5f32.powf(k / 8.0))));
        rows.push(row(n, &|k| -(0.99f32.powf(k))));
        rows.push(row(n, &|k| 0.5f32.powf(k / 8.0)));
        rows.push(row(n, &|k| -(k / n as f32).powi(4)));
        rows.push(row(n, &|k| -(k / n as f32).powf(0.25)));
        rows.push(row(n, &|_| 0.3));
        rows.push(row(n, &|k| if k == 0.0 { 0.0 } else { -0.999_9 }));
        rows.push(row(n, &|k| if k == 0.0 { 0.7 } else { -0.3 + k * 1e-7 }));
    }
    for x in &rows {
        let mut y = [vec![0.0f32; x.len()], vec![0.0f32; x.len()]];
        for (f, right) in [("sparsemax", sparsemax_by_sorting(x)), ("entmax15", entmax15_by_sorting(x))] {
            let f: actfn::Activation = f.parse().unwrap();
            f.forward(x.len(), x, &mut y[0]);
            f.clone().exact().forward(x.len(), x, &mut y[1]);
            for (y, limit) in y.iter().zip([1.0, 0.51]) {
                for (y, right) in y.iter().zip(&right) {
                    let off = off(*y, *right, 0.5f64.powi(45));
                    assert!(off <= limit, "{f:?} of {:?} … has {y:e}, not {right:e}: {off}", &x[..2]);
                }
            }
        }
    }
}

fn check_gated<F: Rowwise>(f: F, gate_first: bool, gate: impl Fn(f64) -> f64) {
    let halves = |x: &[f32]| {
        let (first, second) = x.split_at(x.len() / 2);
        if gate_first { (second.to_vec(), first.to_vec()) } else { (first.to_vec(), second.to_vec()) }
    };
    let [default, exact] = worst(
        f,
        |_, _| 0.0,
        |x| {
            let (values, gates) = halves(x);
            values.iter().zip(gates).map(|(v, g)| *v as f64 * gate(g as f64)).collect()
        },
    );
    assert!(default <= 2.0 && exact <= 0.5001);
}

#[test]
fn gated_units_are_within_two_units_of_the_last_place() {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    check_gated(Glu::default(), false, sigmoid);
    check_gated(Glu { gate_first: 1.0 }, true, sigmoid);
    check_gated(Swiglu::default(), true, |x| x * sigmoid(x));
    check_gated(Swiglu { alpha: 1.702, gate_first: 0.0 }, false, |x| x * sigmoid(1.702 * x));
    check_gated(Geglu::default(), true, |x| Gelu.value(x));
    check_gated(Geglu { approximate: 1.0, ..Default::default() }, true, |x| GeluTanh.value(x));
    check_gated(Reglu::default(), true, |x| x.max(0.0));
    check_gated(Bilinear, true, |x| x);
}

/// A gate that is subnormal, or 0 in its format, times a value that makes a normal number of it. Right values with mpmath.
#[test]
fn gated_units_with_a_tiny_gate() {
    let close = |y: f32, right: f64, what: &str| assert!(off(y, right, 0.0) <= 4.0, "{what}: {y:e}, not {right:e}");
    for exact in [false, true] {
        let get = |f: &str| {
            let f: actfn::Activation = f.parse().unwrap();
            if exact { f.exact() } else { f }
        };
        for (f, x, right) in [
            ("glu", [1e30f32, -100.0], 3.7200760319985535e-14),
            ("glu", [1e6, -100.0], 3.720075976020836e-38),
            ("glu", [100.0, -90.0], 8.194012623990515e-38),
            ("glu", [3e38, -170.0], 4.4366925250602574e-36),
            ("swiglu", [-100.0, 1e30], -3.7200760319985535e-12),
            ("geglu", [-13.8, 1e38], -1.7584784562574655e-4),
            ("geglu(approximate=1)", [-10.5, 1e38], -7.4249003186943458e-5),
        ] {
            let mut y = [0.0];
            get(f).forward(2, &x, &mut y);
            close(y[0], right, f);
        }
        let mut y = [half::f16::ZERO];
        get("swiglu").forward(2, &[-20.0, 60_000.0].map(half::f16::from_f64), &mut y);
        assert_eq!(y[0], half::f16::from_f64(-0.0024738));
        // [value, gate]: grad · σ(g) and grad · value · σ′(g), which are alike here
        let mut grad_x = [0.0; 2];
        get("glu").backward(2, &[2.0f32, -95.0], &[1e30], &mut grad_x);
        close(grad_x[0], 5.521082360106832e-12, "by value");
        close(grad_x[1], 2.0 * 5.521082360106832e-12, "by gate");
        get("glu").backward(2, &[1e38f32, -104.0], &[1e-3], &mut grad_x);
        close(grad_x[1], 6.813556927332711e-11, "by gate, whose derivative is 0 in its format");
        get("glu").backward(2, &[1e38f32, -170.0], &[1e38], &mut grad_x);
        close(grad_x[1], 147.88974110782763, "of two large numbers");
        // [gate, value]: grad · value · swish′(g) = (1 + g) e^g
        get("swiglu").backward(2, &[-100.0f32, 1e20], &[1e20], &mut grad_x);
        close(grad_x[0], -0.036828753638767301, "by gate");
        close(grad_x[1], -3.7200760505744223e-22, "by value");
    }
    let mut y = [0.0f64];
    rows::forward(Glu::default(), 2, &[1e300, -745.0], &mut y);
    assert!((y[0] / 2.822_350_730_471_937_2e-24 - 1.0).abs() < 1e-15, "{:e}", y[0]);
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

/// The vector–Jacobian product in f32 beside the one in f64, relative to the largest terms.
#[test]
fn gradients_in_f32_are_those_in_f64() {
    for f in actfn::catalogue().filter(actfn::Activation::is_rowwise) {
        for_each_row(|x| {
            let Some(outputs) = f.outputs(x.len()).filter(|_| x.len() <= 1000) else { return };
            let gradient: Vec<f32> = (0..outputs).map(|i| (i as f32 * 0.7).sin()).collect();
            let wide_x: Vec<f64> = x.iter().map(|x| *x as f64).collect();
            let wide_gradient: Vec<f64> = gradient.iter().map(|g| *g as f64).collect();
            let (mut got, mut right) = (vec![0.0f32; x.len()], vec![0.0f64; x.len()]);
            f.backward(x.len(), x, &gradient, &mut got);
            f.backward(x.len(), &wide_x, &wide_gradient, &mut right);
            let size = if outputs == x.len() { 1.0 } else { x.iter().fold(1.0, |m, x| x.abs().max(m)) as f64 };
            for (got, right) in got.iter().zip(&right) {
                let off = (*got as f64 - right).abs();
                assert!(off <= 1e-6 * size, "{f}: {got} and {right} for {} columns", x.len());
            }
        });
    }
}

/// Where one probability rounds to 1, its gradient is what the others are. Right values with mpmath at 60 digits.
#[test]
fn gradients_of_a_number_that_outweighs_the_others() {
    let gradient = |f: &str, x: &[f32], g: &[f32]| {
        let f: actfn::Activation = f.parse().unwrap();
        let mut grad_x = [vec![0.0; x.len()], vec![0.0; x.len()]];
        f.backward(x.len(), x, g, &mut grad_x[0]);
        f.exact().backward(x.len(), x, g, &mut grad_x[1]);
        grad_x
    };
    for (x, of_softmax, of_log_softmax) in [
        (20.0, 2.0611536139418493e-9, 2.0611536181902036e-9),
        (17.5, 2.5109990296416514e-8, 2.5109990926928158e-8),
        (16.7, 5.5883265043734438e-8, 5.5883268166674099e-8),
        (12.0, 6.1441368513331753e-6, 6.1441746022147183e-6),
    ] {
        for (f, sign, right) in [
            ("softmax", 1.0, of_softmax),
            ("softmin", -1.0, of_softmax),
            ("gumbel_softmax", 1.0, of_softmax),
            ("log_softmax", 1.0, of_log_softmax),
        ] {
            let [default, exact] = gradient(f, &[sign * x, 0.0], &[1.0, 0.0]);
            for (i, right) in [right, -right].into_iter().enumerate() {
                assert!(off(default[i], sign as f64 * right, 0.0) <= 4.0, "{f} {x}: {default:?}");
                assert!(off(exact[i], sign as f64 * right, 0.0) <= 1.0, "{f} {x}: {exact:?}");
            }
        }
    }
    // Cross-entropy: −3 e⁻¹² / (1 + 3 e⁻¹²) for the class that is right
    for grad_x in gradient("log_softmax", &[12.0, 0.0, 0.0, 0.0], &[-1.0, 0.0, 0.0, 0.0]) {
        assert!(off(grad_x[0], -1.8432297353711893e-5, 0.0) <= 2.0, "{grad_x:?}");
    }
    let x = [37.42994775023705f64, 0.0];
    for (jacobian, right) in
        [(rows::jacobian(Softmax, &x), 5.551115123125775e-17), (rows::jacobian(LogSoftmax, &x), 5.551115123125776e-17)]
    {
        for (found, right) in jacobian[..2].iter().zip([right, -right]) {
            assert!((found / right - 1.0).abs() <= 2.0 * f64::EPSILON, "{jacobian:?}");
        }
    }
    // Two that outweigh the third together, one whose g is far from all others, and products with what is subnormal
    let [default, _] = gradient("softmax", &[30.0, 30.0, 0.0], &[1.0, 1.0, 0.0]);
    assert!(off(default[0], 2.3394057420982097e-14, 0.0) <= 2.0, "{default:?}");
    assert_eq!(gradient("softmax", &[0.0; 8], &[8e6, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])[0][2], -124_999.89);
    let [default, _] = gradient("softmax", &[95.0, 0.0], &[0.0, 1e30]);
    assert!(off(default[1], 5.5210822770285327e-12, 0.0) <= 4.0, "{default:?}");
}

/// In half formats, over more numbers than f16 counts to. The right gradient is 1 − 65537 pᵢ, and its sum 0.
#[test]
fn gradients_of_long_rows_in_half_formats() {
    fn check<T: actfn::Narrow + PartialEq>(first: f64, others: f64) {
        let n = 65_537;
        let x: Vec<T> = (0..n).map(|i| T::from_f64(if i == 0 { 4.0 } else { 0.0 })).collect();
        let ones = vec![T::from_f64(1.0); n];
        let mut grad_x = [vec![T::default(); n], vec![T::default(); n]];
        rows::backward(LogSoftmax, n, &x, &ones, &mut grad_x[0]);
        rows::backward(Exact(LogSoftmax), n, &x, &ones, &mut grad_x[1]);
        for grad_x in grad_x {
            assert!(grad_x[0] == T::from_f64(first), "{:?}", grad_x[0]);
            assert!(grad_x[1..].iter().all(|g| *g == T::from_f64(others)), "{:?}", grad_x[1]);
        }
    }
    check::<half::f16>(-53.5535344949, 8.1716208641e-4);
    check::<half::bf16>(-53.5535344949, 8.1716208641e-4);
}

/// The gradient of a function that no shift changes sums to 0, but for the rounding of its numbers.
#[test]
fn gradients_sum_to_zero() {
    for name in ["softmax", "softmin", "log_softmax", "gumbel_softmax", "sparsemax", "entmax15"] {
        let f: actfn::Activation = name.parse().unwrap();
        for_each_row(|x| {
            let gradient: Vec<f32> = (0..x.len()).map(|i| (i as f32 * 0.7).sin()).collect();
            let mut grad_x = vec![0.0; x.len()];
            f.backward(x.len(), x, &gradient, &mut grad_x);
            let total: f64 = grad_x.iter().map(|g| *g as f64).sum();
            let size: f64 = grad_x.iter().map(|g| g.abs() as f64).sum();
            assert!(total.abs() <= 4.0 * f32::EPSILON as f64 * size + 1e-44, "{name}: {total:e} beside {size:e}");
        });
    }
}

#[test]
fn log_softmax_of_extreme_rows() {
    let log_softmax = |x: &[f64]| {
        let mut y = vec![0.0; x.len()];
        rows::forward(LogSoftmax, x.len(), x, &mut y);
        y
    };
    let ln_2 = std::f64::consts::LN_2;
    assert_eq!(log_softmax(&[7.0]), [0.0]);
    assert_eq!(log_softmax(&[1000.0, 1000.0]), [-ln_2; 2]);
    assert_eq!(log_softmax(&[-1000.0, -1000.0]), [-ln_2; 2]);
    assert_eq!(log_softmax(&[1000.0, -1000.0]), [0.0, -2000.0]);
    assert_eq!(log_softmax(&[0.0, -INFINITY, 0.0]), [-ln_2, -INFINITY, -ln_2]);
    assert_eq!(log_softmax(&[-INFINITY; 2]), [-ln_2; 2]);
    assert_eq!(log_softmax(&[INFINITY, 3.0, -INFINITY]), [0.0, -INFINITY, -INFINITY]);
    assert_eq!(log_softmax(&[INFINITY, INFINITY]), [-ln_2; 2]);
    assert_eq!(log_softmax(&[f64::MAX, f64::MIN]), [0.0, -INFINITY]);
    let mut grad_x = [0.0; 3];
    rows::backward(LogSoftmax, 3, &[0.0, -INFINITY, 0.0], &[1.0, 2.0, 0.0], &mut grad_x);
    assert_eq!(grad_x, [-0.5, 2.0, -1.5]);
}

#[test]
fn rows_with_infinities_have_their_limits() {
    let forward = |name: &str, x: &[f64]| {
        let f: actfn::Activation = name.parse().unwrap();
        let mut y = vec![0.0; f.outputs(x.len()).unwrap()];
        f.forward(x.len(), x, &mut y);
        y
    };
    for name in ["softmax", "sparsemax", "entmax15"] {
        assert_eq!(forward(name, &[INFINITY, 3.0, INFINITY, -INFINITY]), [0.5, 0.0, 0.5, 0.0], "{name}");
        assert_eq!(forward(name, &[-INFINITY; 4]), [0.25; 4], "{name}");
        assert_eq!(forward(name, &[f64::MAX, f64::MIN]), [1.0, 0.0], "{name}");
        assert_eq!(forward(name, &[-1e-310, 1e-310]), [0.5, 0.5], "{name}");
    }
    assert_eq!(forward("softmin", &[-INFINITY, 3.0, INFINITY]), [1.0, 0.0, 0.0]);
    assert_eq!(forward("quiet_softmax", &[-INFINITY; 2]), [0.0, 0.0]);
    assert_eq!(forward("quiet_softmax", &[INFINITY, 3.0]), [1.0, 0.0]);
    assert_eq!(forward("hardmax", &[-INFINITY, -INFINITY, -INFINITY]), [1.0, 0.0, 0.0]);
    assert_eq!(forward("hardmax", &[0.0, INFINITY, INFINITY]), [0.0, 1.0, 0.0]);
    assert_eq!(forward("crelu", &[INFINITY, -INFINITY]), [INFINITY, 0.0, 0.0, INFINITY]);
    assert_eq!(forward("swiglu", &[-INFINITY, INFINITY, 2.0, 2.0]), [0.0, INFINITY]);
}

/// A NaN spoils its row, and no other; in functions that part a row, only what depends on it.
#[test]
fn nan_spoils_its_row() {
    let x = [0.5f32, f32::NAN, 0.25, -1.0, 1.0, 2.0, 3.0, 4.0];
    for f in actfn::catalogue().filter(actfn::Activation::is_rowwise) {
        let outputs = f.outputs(4).unwrap();
        let mut y = vec![0.0; 2 * outputs];
        f.forward(4, &x, &mut y);
        let nans = y[..outputs].iter().filter(|y| y.to_bits() == f32::NAN.to_bits()).count();
        let touched = match f.info().name {
            "maxout" | "glu" | "swiglu" | "geglu" | "reglu" | "bilinear" => 1,
            "crelu" => 2,
            _ => 4,
        };
        assert_eq!(nans, touched, "{f}: {y:?}");
        assert!(y[outputs..].iter().all(|y| !y.is_nan()), "{f}: {y:?}");
        if f.info().name != "maxout" {
            let mut grad_x = [0.0f32; 8];
            f.backward(4, &x, &vec![1.0; 2 * outputs], &mut grad_x);
            assert!(grad_x[1].is_nan() && grad_x[4..].iter().all(|g| !g.is_nan()), "{f}: {grad_x:?}");
        }
    }
}

#[test]
fn hardmax_takes_the_first_of_equal_ones() {
    for columns in [1, 5, 16, 17, 70, 1000] {
        for first in [0, columns / 2, columns - 1] {
            let mut x = vec![-0.0f32; columns];
            x[first..].fill(0.5);
            let mut y = vec![7.0; columns];
            rows::forward(Hardmax, columns, &x, &mut y);
            assert!(y.iter().enumerate().all(|(i, y)| *y == (i == first) as u8 as f32), "{first} of {columns}");
        }
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
    assert_eq!(Rowwise::outputs(first, 0), Some(0));
}

/// Functions that take a mask, default and exact.
fn masked() -> impl Iterator<Item = actfn::Activation> {
    let masked = actfn::catalogue().filter(|f| f.masked().is_some());
    masked.chain(["gumbel_softmax(training=1, seed=3)".parse().unwrap()]).flat_map(|f| [f.clone(), f.exact()])
}

/// A masked row is the shorter row, and its masked entries take no part.
#[test]
fn masks_leave_the_rest_of_a_row() {
    fn check<T: actfn::Format + PartialEq>(f: &actfn::Activation) {
        let (columns, rows) = (37, 9);
        let number = |i: usize| T::from_f64(((i * 7919) % 1000) as f64 / 125.0 - 4.0);
        let mut x: Vec<T> = (0..columns * rows).map(number).collect();
        let mut grad_y: Vec<T> = (0..columns * rows).map(|i| number(i + 500)).collect();
        // Row r leaves the entries whose number r + 1 divides; row 0 is whole, and the last one has nothing left.
        let mask: Vec<bool> = (0..columns * rows)
            .map(|i| i / columns < rows - 1 && (i % columns).is_multiple_of(i / columns + 1))
            .collect();
        for (i, is_left) in mask.iter().enumerate() {
            if !is_left {
                (x[i], grad_y[i]) = (T::from_f64(f64::NAN), T::from_f64(f64::INFINITY));
            }
        }
        let (mut y, mut grad_x) = (x.clone(), x.clone());
        f.forward_where(columns, &x, &mask, &mut y);
        f.backward_where(columns, &x, &mask, &grad_y, &mut grad_x);
        for row in 0..rows {
            let range = row * columns..(row + 1) * columns;
            let left = |a: &[T]| -> Vec<T> { range.clone().filter(|i| mask[*i]).map(|i| a[i]).collect() };
            let (x, grad_y) = (left(&x), left(&grad_y));
            let (mut short_y, mut short_grad_x) = (x.clone(), x.clone());
            let f = f.at((row * columns) as u64);
            f.forward(x.len(), &x, &mut short_y);
            f.backward(x.len(), &x, &grad_y, &mut short_grad_x);
            assert!(left(&y) == short_y && left(&grad_x) == short_grad_x, "{f:?} in {}, row {row}", T::NAME);
            for i in range.clone().filter(|i| !mask[*i]) {
                assert_eq!(Some(y[i].to_f64()), f.masked(), "{f:?}");
                assert_eq!(grad_x[i].to_f64().to_bits(), 0, "{f:?}");
            }
        }
    }
    for f in masked() {
        check::<f32>(&f);
        check::<half::f16>(&f);
        check::<half::bf16>(&f);
        if f != f.clone().exact() {
            check::<f64>(&f);
        }
    }
}

#[test]
fn nan_stays_unless_it_is_masked() {
    for f in masked() {
        let x = [-f32::INFINITY, f32::NAN, -f32::INFINITY];
        let mut y = [0.0; 3];
        f.forward_where(3, &x, &[true, true, false], &mut y);
        assert!(y[0].is_nan() && y[1].is_nan() && Some(y[2] as f64) == f.masked(), "{f:?}: {y:?}");
        f.backward_where(3, &x, &[true, true, false], &[1.0, 0.0, 0.0], &mut y);
        assert!(y[0].is_nan() && y[1].is_nan() && y[2] == 0.0, "{f:?}: {y:?}");
        f.forward_where(3, &x, &[true, false, true], &mut y);
        assert!(!y[0].is_nan() && !y[2].is_nan(), "{f:?}: {y:?}");
    }
}

#[test]
#[should_panic(expected = "`glu` takes no mask")]
fn a_function_that_keeps_no_entries_takes_no_mask() {
    rows::forward_where(Glu::default(), 2, &[1.0f32, 2.0], &[true; 2], &mut [0.0]);
}

/// Rows are shared among threads, and a row's mask with them.
#[test]
fn masks_of_many_rows() {
    let (columns, rows) = (1000, 300);
    let x: Vec<f32> = (0..columns * rows).map(|i| ((i * 7919) % 1009) as f32 / 100.0).collect();
    let mask: Vec<bool> = (0..columns * rows).map(|i| (i * 31) % 7 < 4).collect();
    let mut y = vec![1.0; columns * rows];
    rows::forward_where(Softmax, columns, &x, &mask, &mut y);
    let mut alone = vec![1.0; columns];
    for ((x, mask), y) in x.chunks(columns).zip(mask.chunks(columns)).zip(y.chunks(columns)) {
        rows::forward_where(Softmax, columns, x, mask, &mut alone);
        assert_eq!(y, alone);
    }
}

#[test]
fn rows_of_no_numbers() {
    for f in actfn::catalogue().filter(actfn::Activation::is_rowwise) {
        assert_eq!(f.outputs(0), Some(0), "{f}");
        f.forward::<f32>(0, &[], &mut []);
        f.backward::<f32>(0, &[], &[], &mut []);
        f.forward::<f32>(4, &[], &mut []);
        f.backward::<f32>(4, &[], &[], &mut []);
    }
    rows::forward_where::<f32, _>(Softmax, 0, &[], &[], &mut []);
    assert!(rows::jacobian::<f32, _>(Softmax, &[]).is_empty());
}
