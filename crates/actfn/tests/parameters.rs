//! Gradients of learned parameters, and parameters that differ from channel to channel.

use actfn::{Activation, Error, Exact, Format, Path, Prelu, Snake, Swish, catalogue, channels};
use half::{bf16, f16};

/// Every learned parameter of every function.
fn learned() -> impl Iterator<Item = (Activation, &'static str)> {
    catalogue().flat_map(|f| {
        let parameters = f.info().parameters.iter().filter(|p| p.learnable);
        parameters.map(move |p| (f.clone(), p.name)).collect::<Vec<_>>()
    })
}

/// Numbers in (−½, ½).
fn random(count: usize) -> Vec<f64> {
    let mut state = 3u64;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        })
        .collect()
}

#[test]
fn parameter_gradients_agree_with_differences() {
    let mut names = Vec::new();
    for (f, name) in learned() {
        names.push(format!("{}.{name}", f.info().name));
        for factor in [1.0, 0.3, 2.5] {
            let p = f.parameter(name).unwrap() * factor + if factor == 1.0 { 0.0 } else { 0.1 };
            let at = |p: f64| f.with_parameter(name, p).unwrap();
            let h = 1e-5;
            for x in random(200).into_iter().map(|x| 12.0 * x).filter(|x| (x - p).abs() > 1e-3 && x.abs() > 1e-3) {
                let value = |p: f64| at(p).scalar(x).unwrap().0;
                let difference = (value(p + h) - value(p - h)) / (2.0 * h);
                let gradient = at(p).backward_parameter(name, &[x], &[1.0]).unwrap();
                let tolerance = 1e-7 * (1.0 + difference.abs() + x * x);
                assert!(
                    (gradient - difference).abs() < tolerance,
                    "∂{f}({x})/∂{name} at {p}: {gradient}, {difference}"
                );
            }
        }
    }
    let expected = [
        "prelu.negative_slope",
        "star_relu.scale",
        "star_relu.bias",
        "tlu.tau",
        "tlu.alpha",
        "xielu.alpha_p",
        "xielu.alpha_n",
        "swish.beta",
        "snake.a",
    ];
    assert_eq!(names, expected);
}

/// What `torch.nn.PReLU` has: the sum of grad_y x over the negative x.
#[test]
fn prelu_by_hand() {
    let (x, grad_y) = ([-2.0f32, -0.5, 0.0, 3.0], [1.0f32, -2.0, 5.0, 7.0]);
    assert_eq!(actfn::backward_parameter(Prelu::default(), "negative_slope", &x, &grad_y), Some(-1.0));
    assert_eq!(actfn::backward_parameter(Exact(Prelu::default()), "negative_slope", &x, &grad_y), Some(-1.0));
    let empty: [f32; 0] = [];
    assert_eq!(actfn::backward_parameter(Prelu::default(), "negative_slope", &empty, &empty), Some(0.0));
    let nan = actfn::backward_parameter(Prelu::default(), "negative_slope", &[f32::NAN, -1.0], &[1.0, 1.0]);
    assert!(nan.unwrap().is_nan());
    let infinite =
        actfn::backward_parameter(Prelu::default(), "negative_slope", &[f32::NEG_INFINITY, -1.0], &[1.0, 1.0]);
    assert_eq!(infinite, Some(f64::NEG_INFINITY));
}

/// A sum of a million terms with cancellation, to the digits of single terms.
#[test]
fn long_sums_keep_their_digits_and_bits() {
    let n = 1_000_003;
    let x: Vec<f32> = random(n).iter().map(|x| (8.0 * x) as f32).collect();
    let grad_y: Vec<f32> = random(n).iter().rev().map(|g| *g as f32).collect();
    for (f, name) in learned() {
        let got = f.backward_parameter(name, &x, &grad_y).unwrap();
        let wide: [Vec<f64>; 2] = [&x, &grad_y].map(|v| v.iter().map(|v| *v as f64).collect());
        let right = f.backward_parameter(name, &wide[0], &wide[1]).unwrap();
        assert!((got - right).abs() < 0.02, "{f}, {name}: {got}, in f64 {right}"); // √n terms' rounding
        let exact = f.clone().exact().backward_parameter(name, &x, &grad_y).unwrap();
        assert!((exact - right).abs() < 1e-8, "{f}, {name}: exact {exact}, in f64 {right}");

        for path in Path::ALL.into_iter().filter(|path| path.available()) {
            path.force();
            for length in [0, 1, 31, 33, 1000, 1025, 70_000, n] {
                let sum = |x: &[f32]| f.backward_parameter(name, &x[..length], &grad_y[..length]).unwrap().to_bits();
                Path::Portable.force();
                let portable = sum(&x);
                path.force();
                assert_eq!(sum(&x), portable, "{f}, {name} on {path:?}, length {length}");
            }
        }
    }
}

#[cfg(feature = "rayon")]
#[test]
fn threads_do_not_change_the_bits() {
    let n = 500_001;
    let x: Vec<f32> = random(n).iter().map(|x| (8.0 * x) as f32).collect();
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (one, three) = (pool(1), pool(3));
    for (f, name) in learned() {
        let sum = || f.backward_parameter(name, &x, &x).unwrap().to_bits();
        assert_eq!(one.install(sum), three.install(sum), "{f}, {name}");
    }
}

#[test]
fn each_channel_has_its_function() {
    fn check<T: Format>(bits: fn(T) -> u64) {
        for (outer, count, inner) in
            [(3, 2, 1), (1, 5, 1), (700, 3, 1), (4, 3, 7), (200, 2, 9), (3, 2, 64), (2, 3, 1100), (0, 2, 3)]
        {
            let n = outer * count * inner;
            let x: Vec<T> = random(n).iter().map(|x| T::from_f64(8.0 * x)).collect();
            let grad_y: Vec<T> = random(n + 5)[5..].iter().map(|g| T::from_f64(*g)).collect();
            let snakes: Vec<Snake> = (0..count).map(|c| Snake { a: 0.5 + c as f64 }).collect();
            let mut out = [vec![T::default(); n], vec![T::default(); n]];
            channels::forward(&snakes, inner, &x, &mut out[0]);
            channels::backward(&snakes, inner, &x, &grad_y, &mut out[1]);
            let gradients = channels::backward_parameter(&snakes, "a", inner, &x, &grad_y).unwrap();
            let mut right = vec![0.0; count];
            for i in 0..n {
                let c = i / inner % count;
                let mut one = [[T::default()]; 2];
                actfn::forward(snakes[c], &x[i..=i], &mut one[0]);
                actfn::backward(snakes[c], &x[i..=i], &grad_y[i..=i], &mut one[1]);
                for (out, one) in out.iter().zip(&one) {
                    assert_eq!(bits(out[i]), bits(one[0]), "{i} of {outer}×{count}×{inner} in {}", T::NAME);
                }
                right[c] += actfn::backward_parameter(snakes[c], "a", &x[i..=i], &grad_y[i..=i]).unwrap();
            }
            for (gradient, right) in gradients.iter().zip(&right) {
                assert!((gradient - right).abs() < 1e-5 * (1.0 + n as f64).sqrt(), "{gradient} and {right}");
            }

            let activations: Vec<Activation> = snakes.into_iter().map(Activation::elementwise).collect();
            let mut same = [vec![T::default(); n], vec![T::default(); n]];
            Activation::forward_channels(&activations, inner, &x, &mut same[0]);
            Activation::backward_channels(&activations, inner, &x, &grad_y, &mut same[1]);
            assert_eq!(same, out);
            let same = Activation::backward_parameter_channels(&activations, "a", inner, &x, &grad_y).unwrap();
            assert_eq!(same, gradients);
        }
    }
    check::<f32>(|x| x.to_bits() as u64);
    check::<f64>(f64::to_bits);
    check::<f16>(|x| x.to_bits() as u64);
    check::<bf16>(|x| x.to_bits() as u64);

    let x = [-1.0f32, 1.0, -2.0, 2.0];
    let mut y = [0.0f32; 4];
    channels::forward(&[Exact(Swish { beta: 1.0 }), Exact(Swish { beta: 0.0 })], 1, &x, &mut y);
    assert_eq!(y, [-0.26894143, 0.5, -0.23840584, 1.0]);
}

#[test]
fn errors_name_the_parameter() {
    let error = |text: &str, name: &str| {
        let f: Activation = text.parse().unwrap();
        let alone = f.backward_parameter(name, &[1.0f32], &[1.0]).unwrap_err();
        if !f.is_rowwise() {
            let all = Activation::backward_parameter_channels(&[f], name, 1, &[1.0f32], &[1.0]).unwrap_err();
            assert_eq!(all, alone);
        }
        alone
    };
    let threshold = error("softplus", "beta");
    assert!(matches!(threshold, Error::NotLearned { function: "softplus", .. }));
    assert_eq!(threshold.to_string(), "`beta` of `softplus` is not learned: it has no gradient");
    assert_eq!(
        error("prelu", "slope").to_string(),
        "`prelu` has no parameter `slope`: it has `negative_slope`, `weight_at_zero`"
    );
    assert_eq!(
        error("maxout", "num_pieces").to_string(),
        "`num_pieces` of `maxout` is not learned: it has no gradient"
    );
}

#[test]
#[should_panic(expected = "7 elements are no whole number of groups of 2 channels of 3")]
fn shapes_that_do_not_fit_are_named() {
    channels::forward(&[Prelu::default(); 2], 3, &[0.0f32; 7], &mut [0.0; 7]);
}
