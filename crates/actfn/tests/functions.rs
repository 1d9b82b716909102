//! Every function of the catalogue, against what its `Info` says of it.

use actfn::{Activation, Dual, Format, Gaussian, Saturates, Smoothness, catalogue, rows};
use half::{bf16, f16};

fn elementwise() -> impl Iterator<Item = Activation> {
    catalogue().filter(|f| !f.is_rowwise())
}

fn rowwise() -> impl Iterator<Item = Activation> {
    catalogue().filter(|f| f.is_rowwise())
}

/// f(x) and f′(x) through the slice kernels.
fn evaluate<T: Format>(f: &Activation, x: T) -> (T, T) {
    let (mut y, mut dy) = ([T::default()], [T::default()]);
    f.forward(1, &[x], &mut y);
    f.derivative(&[x], &mut dy);
    (y[0], dy[0])
}

/// |a − b| in units of `unit`, relative to the larger of |b| and the format's smallest normal number.
fn off(a: f64, b: f64, epsilon: f64, smallest: f64) -> f64 {
    if a == b { 0.0 } else { (a - b).abs() / (epsilon * b.abs().max(smallest)) }
}

#[test]
fn known_values_and_derivatives() {
    for f in elementwise() {
        let known = f.info().known;
        assert!(known.len() >= 8, "{f} needs known values on both sides and at 0");
        for &[x, y, dy] in known {
            let (got, derivative) = evaluate(&f, x);
            assert!(off(got, y, f64::EPSILON, f64::MIN_POSITIVE) <= 2.0, "{f}({x}) is {got:e}, not {y:e}");
            // Next to a root of the derivative what counts is the error beside f′'s own size.
            let near = off(derivative, dy, f64::EPSILON, 0.05);
            let derivative_off = off(derivative, dy, f64::EPSILON, f64::MIN_POSITIVE).min(near);
            assert!(derivative_off <= 4.0, "{f}'({x}) is {derivative:e}, not {dy:e}");

            if x as f32 as f64 == x {
                let (got, derivative) = evaluate(&f.clone().exact(), x as f32);
                assert_eq!(got, y as f32, "exact {f}({x})");
                assert_eq!(derivative, dy as f32, "exact {f}'({x})");
                let (got, derivative) = evaluate(&f.clone().exact(), f16::from_f64(x));
                assert_eq!(got, <f16 as Format>::from_f64(y), "exact {f}({x}) in f16");
                assert_eq!(derivative, <f16 as Format>::from_f64(dy), "exact {f}'({x}) in f16");
                let (got, derivative) = evaluate(&f.clone().exact(), bf16::from_f64(x));
                if bf16::from_f64(x).to_f64() == x {
                    assert_eq!(got, <bf16 as Format>::from_f64(y), "exact {f}({x}) in bf16");
                    assert_eq!(derivative, <bf16 as Format>::from_f64(dy), "exact {f}'({x}) in bf16");
                }
            }
        }
    }
}

#[test]
fn known_rows() {
    for f in rowwise() {
        let known = f.info().known_rows;
        assert!(known.len() >= 3, "{f} needs known rows");
        for &(x, y) in known {
            let mut got = vec![0.0; y.len()];
            assert_eq!(f.outputs(x.len()), Some(y.len()), "{f}({x:?})");
            f.forward(x.len(), x, &mut got);
            for (got, y) in got.iter().zip(y) {
                assert!(off(*got, *y, f64::EPSILON, f64::MIN_POSITIVE) <= 2.0, "{f}({x:?}) has {got:e}, not {y:e}");
            }
        }
    }
}

/// Points between the kinks, at every size from 10⁻⁶ to 40.
fn points(f: &Activation) -> Vec<f64> {
    let kinks = f.info().kinks;
    let sizes = (0..400).map(|i| 1e-6 * 1.0448f64.powi(i)).take_while(|x| *x < 40.0);
    sizes.flat_map(|x| [x, -x]).filter(|x| kinks.iter().all(|k| (x - k).abs() > 1e-9)).collect()
}

#[test]
fn derivatives_agree_with_dual_numbers() {
    for f in elementwise() {
        for x in points(&f) {
            let (y, dy) = f.dual(Dual::variable(x)).unwrap();
            let tolerance = 1e-13 * (1.0 + dy.value.abs());
            assert!((y.derivative - dy.value).abs() <= tolerance, "{f}'({x}) is {} or {}", dy.value, y.derivative);
        }
    }
}

#[test]
fn second_derivatives_agree_with_differences() {
    for f in elementwise() {
        for x in points(&f).into_iter().filter(|x| x.abs() > 1e-3) {
            let h = 1e-6 * x.abs().min(1.0);
            if f.info().kinks.iter().any(|k| (x - k).abs() <= h) {
                continue;
            }
            let slope = |x| f.scalar::<f64>(x).unwrap().1;
            let difference = (slope(x + h) - slope(x - h)) / (2.0 * h);
            let second = f.dual(Dual::variable(x)).unwrap().1.derivative;
            let scale = 1.0 + slope(x).abs() / x.abs() + difference.abs();
            assert!((second - difference).abs() < 1e-7 * scale, "{f}''({x}) is {second}, by differences {difference}");
        }
    }
}

/// Rows without ties, and the Jacobian against central differences.
#[test]
fn jacobians_agree_with_differences() {
    let row = [0.3, -1.2, 2.0, 0.7, -0.1, 1.1];
    for f in rowwise() {
        let columns = row.len();
        let outputs = f.outputs(columns).unwrap();
        let forward = |x: &[f64]| {
            let mut y = vec![0.0; outputs];
            f.forward(columns, x, &mut y);
            y
        };
        for i in 0..outputs {
            let mut unit = vec![0.0; outputs];
            unit[i] = 1.0;
            let mut gradient = vec![0.0; columns];
            f.backward(columns, &row, &unit, &mut gradient);
            for j in 0..columns {
                let h = 1e-5;
                let (mut up, mut down) = (row, row);
                up[j] += h;
                down[j] -= h;
                let difference = (forward(&up)[i] - forward(&down)[i]) / (2.0 * h);
                assert!((gradient[j] - difference).abs() < 1e-9, "{f}: ∂y{i}/∂x{j} is {}", gradient[j]);
            }
        }
    }
}

#[test]
fn special_inputs() {
    fn check<T: Format>(canonical_nan: u64, bits: impl Fn(T) -> u64, nans: &[T]) {
        for f in elementwise() {
            for exact in [false, T::NAME != "f64"] {
                let f = if exact { f.clone().exact() } else { f.clone() };
                for nan in nans {
                    let (y, dy) = evaluate(&f, *nan);
                    assert_eq!(bits(y), canonical_nan, "{f:?}(NaN) in {}", T::NAME);
                    assert_eq!(bits(dy), canonical_nan, "{f:?}'(NaN) in {}", T::NAME);
                }
                for x in [f64::NEG_INFINITY, -1e300, -1e-300, -0.0, 0.0, 1e-300, 1e300, f64::INFINITY] {
                    let x = T::from_f64(x);
                    if x.to_f64().is_infinite() && ["sine", "snake"].contains(&f.info().name) {
                        continue; // they, or their derivatives, have no limit
                    }
                    let (y, dy) = evaluate(&f, x);
                    assert!(
                        !y.to_f64().is_nan() && !dy.to_f64().is_nan(),
                        "{f:?}({x:?}) is {y:?}, {dy:?} in {}",
                        T::NAME
                    );
                }
            }
        }
    }
    let odd_nans = [0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0xffff_ffff].map(f32::from_bits);
    check::<f32>(0x7fc0_0000, |x| x.to_bits() as u64, &odd_nans);
    check::<f64>(0x7ff8 << 48, f64::to_bits, &[f64::NAN, -f64::NAN, f64::from_bits(0x7ff0 << 48 | 1)]);
    check::<f16>(0x7e00, |x| x.to_bits() as u64, &[0x7e00, 0xfe00, 0x7c01].map(f16::from_bits));
    check::<bf16>(0x7fc0, |x| x.to_bits() as u64, &[0x7fc0, 0xffc0, 0x7f81].map(bf16::from_bits));
}

/// Functions that pass through the origin with a slope keep −0 and subnormal numbers.
/// The rounding of results that may be subnormal counts bits, which would make a number of NaN.
#[test]
fn laplace_of_parameters_that_are_nan_is_nan() {
    let default = actfn::Laplace::default();
    for f in [actfn::Laplace { mu: f64::NAN, ..default }, actfn::Laplace { sigma: f64::NAN, ..default }] {
        for x in [-5.0f32, -0.5, 0.0, 0.5, 5.0] {
            let (y, dy) = evaluate(&Activation::elementwise(f), x);
            assert!(y.is_nan() && dy.is_nan(), "{f:?} at {x}: {y}, {dy}");
        }
    }
}

#[test]
fn negative_zero_and_subnormals_are_kept() {
    let tiny = f32::from_bits(0x0001_2345);
    for name in ["tanh", "arctan", "relu", "leaky_relu", "selu", "identity"] {
        let f: Activation = name.parse().unwrap();
        for f in [f.clone(), f.exact()] {
            let (y, slope) = evaluate(&f, -0.0f32);
            assert_eq!(y.to_bits(), (-0.0f32).to_bits(), "{f:?}(-0)");
            assert_eq!(slope, evaluate(&f, 0.0f32).1, "{f:?}'(±0)");
            let (y, slope) = evaluate(&f, tiny);
            assert_eq!(y, (tiny as f64 * slope as f64) as f32, "{f:?} of a subnormal number");
        }
    }
    assert_eq!(evaluate(&"sigmoid".parse().unwrap(), -103.0f32).0, 1e-45);
}

#[test]
fn what_info_says_is_so() {
    for f in elementwise() {
        let info = f.info();
        let slope = |x: f64| f.scalar(x).unwrap().1;
        let xs: Vec<f64> = (-2400..=2400).map(|i| i as f64 / 100.0).collect();
        let values: Vec<f64> = xs.iter().map(|x| f.scalar(*x).unwrap().0).collect();

        let rising = values.windows(2).all(|w| w[1] >= w[0] - 1e-15 * w[0].abs());
        assert_eq!(rising, info.monotonic, "{f}: monotonic");

        let steepest = xs.iter().map(|x| slope(*x).abs()).fold(0.0, f64::max);
        assert!(steepest <= info.max_derivative * (1.0 + 1e-12), "{f}: |f'| reaches {steepest}");
        if info.max_derivative.is_finite() {
            assert!(steepest >= info.max_derivative * 0.99, "{f}: |f'| reaches only {steepest}");
        }

        let flat = |x: f64| slope(x).abs() < 0.011;
        let saturates = match (flat(-24.0), flat(24.0)) {
            (true, true) => Saturates::Both,
            (true, false) => Saturates::Left,
            (false, true) => Saturates::Right,
            (false, false) => Saturates::Nowhere,
        };
        assert_eq!(saturates, info.saturates, "{f}: saturates");

        let jump = |k: f64, g: &dyn Fn(f64) -> f64| (g(k + 1e-9) - g(k - 1e-9)).abs() > 1e-6;
        for k in info.kinks {
            let continuous = !jump(*k, &|x| f.scalar(x).unwrap().0);
            match info.smoothness {
                Smoothness::Discontinuous => assert!(!continuous, "{f} is continuous at {k}"),
                Smoothness::Continuous => assert!(continuous && jump(*k, &slope), "{f}: no kink at {k}"),
                Smoothness::Differentiable | Smoothness::Smooth => panic!("{f} is smooth and has a kink at {k}"),
            }
        }
        let largest = [-1e30, 1e30].map(|x| f.scalar::<f64>(x).unwrap().0.abs());
        assert_eq!(largest.iter().all(|y| *y < 1e3), info.is_bounded(), "{f}: range {}", info.range);
        if let Some((low, high)) = ends(info.range) {
            let values = xs.iter().map(|x| f.scalar(*x).unwrap().0);
            let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), y| (a.min(y), b.max(y)));
            assert!(low - 5e-5 <= least && most <= high + 5e-5, "{f}: values from {least} to {most}");
            assert!(low == f64::NEG_INFINITY || least - low < 0.05, "{f}: no value below {least}");
            assert!(high == f64::INFINITY || high - most < 0.05, "{f}: no value above {most}");
        }
    }
}

/// The ends of a range like `[−0.17, ∞)`; `None` where they depend on parameters.
fn ends(range: &str) -> Option<(f64, f64)> {
    let inside = range.strip_prefix(['(', '['])?.strip_suffix([')', ']'])?;
    let (low, high) = inside.split_once(", ")?;
    let end = |text: &str| match text.replace('−', "-").replace('∞', "inf").split_once('/') {
        Some((p, q)) => Some(p.parse::<f64>().ok()? / q.parse::<f64>().ok()?),
        None => text.replace('−', "-").replace('∞', "inf").parse().ok(),
    };
    Some((end(low)?, end(high)?))
}

#[test]
fn no_fact_is_missing() {
    for f in catalogue() {
        let info = f.info();
        let texts = [
            info.title,
            info.formula,
            info.formula_latex,
            info.derivative,
            info.derivative_latex,
            info.range,
            info.uses,
            info.problems,
            info.source,
        ];
        assert!(texts.iter().all(|text| !text.trim().is_empty() && !text.ends_with('.')), "{f}: {texts:?}");
        assert_ne!(info.title, info.name, "{f}: the title is its name in prose");
        match info.year {
            Some(year) => {
                assert!(info.source.contains(&year.to_string()), "{f}: {year} is not in its source");
                assert!((1940..2030).contains(&year), "{f}: {year}");
            }
            None => {
                let said = ["elementary", "no paper is known"].iter().any(|said| info.source.contains(said));
                assert!(said, "{f}: a source without a year");
            }
        }
        assert_eq!(f.is_rowwise(), info.gaussian.is_none(), "{f}: moments");
        for latex in [info.formula_latex, info.derivative_latex] {
            let count = |text: &str| latex.matches(text).count();
            assert_eq!(count("{"), count("}"), "{f}: braces of {latex}");
            assert_eq!(count(r"\left"), count(r"\right"), "{f}: {latex}");
            assert_eq!(count(r"\begin{cases}"), count(r"\end{cases}"), "{f}: {latex}");
            assert!(latex.is_ascii(), "{f}: {latex}");
        }
        for parameter in info.parameters {
            assert!(!parameter.meaning.is_empty(), "{f}: {}", parameter.name);
        }
    }
}

/// The documentation of each type has the formula, the picture of the reference and the source.
#[test]
fn rustdoc_says_what_info_says() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/functions");
    let mut documented = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let Some(f) = catalogue().find(|f| text.contains(&format!("Info::new(\"{}\")", f.info().name))) else {
            continue; // mod.rs
        };
        let (head, _) = text.split_once("pub struct").unwrap();
        let doc: Vec<&str> = head.lines().filter_map(|line| line.strip_prefix("///")).map(str::trim).collect();
        let doc = doc.join(" ");
        let info = f.info();
        assert!(doc.contains(info.formula), "{f}: its documentation lacks `{}`", info.formula);
        let picture = format!("#[doc = include_str!(\"../../docs/reference/{}.svg\")]", info.name);
        assert!(head.contains(&picture), "{f}: its documentation lacks {picture}");
        if let Some(year) = info.year {
            assert!(doc.contains(&year.to_string()), "{f}: its documentation lacks the year of its source");
        }
        documented += 1;
    }
    assert_eq!(documented, catalogue().len());
}

/// Mean and variance of f(z) and the second moment of f′(z), for z of mean 0 and a variance, by the trapezoidal rule.
fn propagate(f: &Activation, variance: f64) -> (f64, f64, f64) {
    let (mut mean, mut second, mut slope) = (0.0, 0.0, 0.0);
    let n = 40_000;
    for i in 0..=n {
        let z = -10.0 + 20.0 * (i as f64 + 0.37) / n as f64;
        let weight = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * 20.0 / n as f64;
        let (y, dy) = f.scalar(z * variance.sqrt()).unwrap();
        mean += weight * y;
        second += weight * y * y;
        slope += weight * dy * dy;
    }
    (mean, second - mean * mean, slope)
}

#[test]
fn self_normalising_functions_keep_mean_0_and_variance_1() {
    for f in elementwise() {
        let (mean, variance, slope) = propagate(&f, 1.0);
        let fixed = mean.abs() < 1e-3 && (variance - 1.0).abs() < 1e-3;
        let back = |from: f64| (propagate(&f, from).1 - 1.0).abs() < 0.95 * (from - 1.0).abs();
        assert_eq!(fixed && back(0.8) && back(1.25) && slope > 0.5, f.info().self_normalising, "{f}");
    }
}

#[test]
fn gains_follow_from_the_moments() {
    let gaussian = |name: &str| name.parse::<Activation>().unwrap().info().gaussian.unwrap();
    assert_eq!(gaussian("relu").forward_gain(), Some(2f64.sqrt()));
    assert_eq!(gaussian("identity").backward_gain(), Some(1.0));
    assert_eq!(gaussian("perceptron").backward_gain(), None);
    // torch's calculate_gain("tanh") is 5/3, near the forward gain.
    assert!((gaussian("tanh").forward_gain().unwrap() - 1.5925).abs() < 1e-4);
}

/// Simpson's rule over ±12 standard deviations, in pieces that end at the kinks.
#[test]
fn gaussian_moments() {
    for f in elementwise() {
        let Gaussian { mean, second_moment, derivative_second_moment } = f.info().gaussian.expect("moments");
        let mut ends = vec![-12.0, 12.0];
        ends.extend(f.info().kinks);
        ends.sort_by(f64::total_cmp);
        let integrate = |g: &dyn Fn(f64, f64) -> f64| -> f64 {
            let piece = |a: f64, b: f64| {
                let n = 4000;
                let h = (b - a) / n as f64;
                let at = |i: usize| {
                    // The ends belong to this piece: take the limit from inside.
                    let x = (a + h * i as f64).clamp(a + 1e-12, b - 1e-12);
                    let (y, dy) = f.scalar(x).unwrap();
                    g(y, dy) * (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
                };
                (0..n / 2).map(|i| h / 3.0 * (at(2 * i) + 4.0 * at(2 * i + 1) + at(2 * i + 2))).sum::<f64>()
            };
            ends.windows(2).map(|w| piece(w[0], w[1])).sum()
        };
        let close = |name: &str, measured: f64, said: f64| {
            assert!((measured - said).abs() < 2e-6 * (1.0 + said), "{f}: {name} is {measured}, not {said}");
        };
        close("mean", integrate(&|y, _| y), mean);
        close("second moment", integrate(&|y, _| y * y), second_moment);
        close("second moment of the derivative", integrate(&|_, dy| dy * dy), derivative_second_moment);
        assert_eq!(f.info().zero_centred, mean.abs() < 5e-4, "{f}: zero-centred");
    }
}

#[test]
fn defaults_are_the_parameters_of_info() {
    for f in catalogue() {
        for p in f.info().parameters {
            assert_eq!(f.parameter(p.name), Some(p.default), "{f}: {}", p.name);
            let other = |name: &str| f.parameter(name);
            assert!(p.domain.contains(p.default, other), "{f}: default of {}", p.name);
            let value = if p.default == 1.0 { 0.0 } else { 1.0 };
            if p.domain.contains(value, other) {
                assert_eq!(f.with_parameter(p.name, value).unwrap().parameter(p.name), Some(value), "{f}: {}", p.name);
            }
        }
    }
}

#[test]
fn names_are_unique_and_read_back() {
    let mut names: Vec<&str> = Vec::new();
    for f in catalogue() {
        names.push(f.info().name);
        names.extend(f.info().aliases);
        assert_eq!(f.to_string().parse::<Activation>().unwrap(), f);
        assert!(f.info().name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{f}");
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name stands for two functions");
    let text = "Leaky-ReLU( negative_slope = 0.25 , weight_at_zero=0 )";
    assert_eq!(text.parse::<Activation>().unwrap().to_string(), "leaky_relu(negative_slope=0.25, weight_at_zero=0)");
    assert_eq!("leaky_relu(0.25)".parse::<Activation>().unwrap().to_string(), "leaky_relu(negative_slope=0.25)");
}

#[test]
fn errors_name_the_thing_and_the_remedy() {
    let error = |text: &str| text.parse::<Activation>().unwrap_err().to_string();
    assert_eq!(error("sigmod"), "there is no activation `sigmod`: did you mean `sigmoid`?");
    assert_eq!(error("sigmoid(slope=1)"), "`sigmoid` has no parameter `slope`: it has none");
    assert_eq!(
        error("leaky_relu(slope=1)"),
        "`leaky_relu` has no parameter `slope`: it has `negative_slope`, `weight_at_zero`"
    );
    assert_eq!(
        error("maxout(num_pieces=0)"),
        "`num_pieces` of `maxout` cannot be 0: it must be a whole number, 1 or more"
    );
    assert_eq!(error("maxout(2.5)"), "`num_pieces` of `maxout` cannot be 2.5: it must be a whole number, 1 or more");
    assert_eq!(error("leaky_relu(NaN)"), "`negative_slope` of `leaky_relu` cannot be NaN: it must be a finite number");
    assert_eq!(error("relu(2)"), "`derivative_at_zero` of `relu` cannot be 2: it must be a number from 0 to 1");
    assert_eq!(error("celu(0)"), "`alpha` of `celu` cannot be 0: it must be a finite number other than 0");
    assert_eq!(error("softshrink(-1)"), "`lambd` of `softshrink` cannot be -1: it must be a finite number, 0 or more");
    assert_eq!(
        error("hardtanh(2)"),
        "`min_val` of `hardtanh` cannot be 2: it must be a finite number, at most `max_val`"
    );
    assert_eq!(error("rrelu(upper=0)"), "`upper` of `rrelu` cannot be 0: it must be a finite number, at least `lower`");
    assert_eq!("hardtanh(2, 3)".parse::<Activation>().unwrap().parameter("min_val"), Some(2.0));
    let usage = "write name, name(value) or name(parameter=value)";
    assert_eq!(error("relu(1"), format!("cannot read `relu(1`: the closing parenthesis is missing; {usage}"));
    assert_eq!(error("relu(x)"), format!("cannot read `relu(x)`: `x` is no number; {usage}"));
    assert_eq!(error("relu(1, 2)"), format!("cannot read `relu(1, 2)`: `relu` has 1 parameter; {usage}"));
    assert!(error("").starts_with("there is no activation ``"));
}

#[test]
fn lengths_that_differ_are_named() {
    fn message(work: impl FnOnce() + std::panic::UnwindSafe) -> String {
        let payload = std::panic::catch_unwind(work).unwrap_err();
        payload.downcast_ref::<String>().expect("a formatted message").clone()
    }
    let both = "`x` has 3 elements and `y` has 2: they must have the same number";
    assert_eq!(message(|| actfn::forward(actfn::Sigmoid, &[0.0f32; 3], &mut [0.0; 2])), both);
    assert_eq!(message(|| "sigmoid".parse::<Activation>().unwrap().forward(3, &[0.0f32; 3], &mut [0.0; 2])), both);
    assert_eq!(
        message(|| actfn::backward(actfn::Sigmoid, &[0.0f32; 3], &[0.0; 4], &mut [0.0; 3])),
        "`x` has 3 elements and `grad_y` has 4: they must have the same number"
    );
    assert_eq!(
        message(|| rows::forward(actfn::Softmax, 2, &[0.0f32; 3], &mut [0.0; 3])),
        "3 elements are no whole number of rows of 2"
    );
    assert_eq!(
        message(|| rows::forward(actfn::Softmax, 3, &[0.0f32; 6], &mut [0.0; 3])),
        "`y` has 3 elements: 2 rows of 3 need 6"
    );
    assert_eq!(
        message(|| rows::forward(actfn::Maxout::default(), 3, &[0.0f32; 3], &mut [0.0; 1])),
        "the function has no meaning for a row of 3 numbers"
    );
}
