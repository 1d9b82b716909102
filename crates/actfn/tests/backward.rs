//! Products of gradients and slopes where a factor alone would be lost.

use actfn::{Activation, Format, catalogue};
use half::bf16;

fn gradient<T: Format>(f: &Activation, x: f64, grad_y: f64) -> T {
    let mut grad_x = [T::default()];
    f.backward(1, &[T::from_f64(x)], &[T::from_f64(grad_y)], &mut grad_x);
    grad_x[0]
}

fn named(name: &str) -> Activation {
    name.parse().unwrap()
}

#[test]
fn products_with_subnormal_slopes_keep_their_digits() {
    // From mpmath: σ′(−95) · 10³⁰, σ′(−104) · 10³⁸, where σ′ is subnormal in f32, and 0.
    let sigmoid = named("sigmoid");
    assert_eq!(gradient::<f32>(&sigmoid, -95.0, 1e30), 5.5210823e-12);
    assert_eq!(gradient::<f32>(&sigmoid, -104.0, 1e38), 6.8135566e-8);
    let as_bf16: bf16 = gradient(&sigmoid, -104.0, 1e38);
    assert!((as_bf16.to_f64() / 6.8e-8 - 1.0).abs() < 0.02, "{as_bf16}");
}

/// Of every function, at places of all sizes: within 4 ULP of the product that f64 gives, wherever that is a normal number; in the middle
/// of a block, and in what is left of a slice.
#[test]
fn products_are_right_wherever_they_are_normal() {
    for f in catalogue().filter(|f| !f.is_rowwise()) {
        let misses_root = f.info().max_ulp.is_some_and(|max| max.derivative_misses_root);
        let x: Vec<f32> =
            (0..200).flat_map(|i| [1.1f32.powi(i - 100) * 1.003, -(1.1f32.powi(i - 100))]).chain([0.0]).collect();
        for grad in [1e38f32, -1e20, 1e10, 0.5] {
            let grad_y = vec![grad; x.len()];
            let mut grad_x = vec![0.0; x.len()];
            f.backward(1, &x, &grad_y, &mut grad_x);
            for (x, got) in x.iter().zip(&grad_x) {
                let slope = f.scalar(*x as f64).unwrap().1;
                let right = slope * grad as f64;
                if right.abs() < f32::MIN_POSITIVE as f64
                    || right.abs() > f32::MAX as f64
                    || misses_root && slope.abs() < 0.2
                {
                    continue;
                }
                let error = (*got as f64 - right).abs() / (right.abs() * f32::EPSILON as f64);
                assert!(error <= 4.0, "{f}: gradient {grad:e} at {x:e} is {got:e}, not {right:e}: {error} ULP");
            }
        }
    }
}

/// Nothing passes where a function is flat, as in torch's and JAX's kernels, which select.
#[test]
fn infinite_gradients_do_not_pass_a_flat_side() {
    let flat = ["relu", "relu6", "hardtanh", "hardsigmoid", "hardswish", "threshold", "squared_relu", "sparse_plus"];
    for f in flat.map(named) {
        for exact in [f.clone(), f.clone().exact()] {
            for grad_y in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
                assert_eq!(gradient::<f32>(&exact, -100.0, grad_y), 0.0, "{exact:?}, {grad_y}");
            }
            assert!(gradient::<f32>(&exact, f64::NAN, f64::INFINITY).is_nan(), "{exact:?} of NaN");
        }
        assert_eq!(gradient::<f64>(&f, -100.0, f64::INFINITY), 0.0, "{f}");
    }
    assert_eq!(gradient::<f32>(&named("relu"), 1.0, f64::INFINITY), f32::INFINITY);
    assert!(gradient::<f32>(&named("relu"), 1.0, f64::NAN).is_nan());
    // σ′(−200) is 0 in f32, but not flat.
    assert_eq!(gradient::<f32>(&named("sigmoid"), -200.0, f64::INFINITY), f32::INFINITY);
}

/// By the published formulas, with parameters that frameworks allow.
#[test]
fn unusual_parameters() {
    let known: &[(&str, f64, f64, f64)] = &[
        ("elu(alpha=-2)", -2.0, 1.7293294335267746, -0.2706705664732254),
        ("elu(alpha=-2)", -1.0, 1.2642411176571153, -0.7357588823428847),
        ("elu(alpha=-2)", 0.0, 0.0, -2.0),
        ("elu(alpha=-2)", 2.0, 2.0, 1.0),
        ("celu(alpha=-2)", -1.0, -1.2974425414002564, 1.6487212707001282),
        ("celu(alpha=-2)", 3.0, 3.0, 1.0),
        ("hardshrink(lambd=-1)", 0.5, 0.5, 1.0),
        ("hardshrink(lambd=-1)", 0.0, 0.0, 1.0),
        ("selu(alpha=2, scale=3)", -1.0, -3.7927233529713461, 2.2072766470286539),
        ("selu(alpha=-2, scale=-3)", 1.0, -3.0, -3.0),
        ("onnx:Selu(alpha=2, gamma=3)", -1.0, -3.7927233529713461, 2.2072766470286539),
        ("snake(a=-0.5)", 0.5, 0.37758256189037272, 0.52057446139579706),
        ("snake(a=-0.5)", 1.0, 0.54030230586813972, 0.15852901519210350),
        ("snake(a=-0.5)", 10.0, 8.1609284709235477, 1.5440211108893698),
        ("snake(a=0)", 10.0, 10.0, 1.0),
        ("snake(a=1e-9)", 10.0, 10.0000001, 1.00000002),
        ("snake(a=-1e-30)", 10.0, 10.0, 1.0),
    ];
    for (name, x, value, slope) in known {
        let f = named(name);
        let (y, dy) = f.scalar(*x).unwrap();
        assert!((y - value).abs() <= 1e-15 * value.abs(), "{name} at {x} is {y}, not {value}");
        assert!((dy - slope).abs() <= 1e-15 * slope.abs(), "{name}′ at {x} is {dy}, not {slope}");
        let mut narrow = [0.0f32];
        f.forward(1, &[*x as f32], &mut narrow);
        assert!((narrow[0] as f64 - value).abs() <= 1.2e-7 * value.abs(), "{name} at {x} in f32 is {}", narrow[0]);
        f.clone().exact().forward(1, &[*x as f32], &mut narrow);
        assert_eq!(narrow[0], *value as f32, "{name} at {x}, exact");
    }
    let snake = named("snake(a=0)");
    assert_eq!(snake.backward_parameter("a", &[3.0f32], &[1.0]).unwrap(), 9.0); // the limit x²
    assert!("celu(alpha=0)".parse::<Activation>().is_err());
    let refused = "softshrink(lambd=-1)".parse::<Activation>().unwrap_err().to_string();
    assert_eq!(refused, "`lambd` of `softshrink` cannot be -1: it must be a finite number, 0 or more");
}
