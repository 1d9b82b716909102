//! Second derivatives of all elementwise functions.

use actfn::{Activation, Format, Real, catalogue};
use half::{bf16, f16};

fn elementwise() -> impl Iterator<Item = Activation> {
    catalogue().filter(|f| !f.is_rowwise())
}

fn second<T: Format>(f: &Activation, x: T) -> T {
    let mut d2y = [T::default()];
    f.second_derivative(&[x], &mut d2y);
    d2y[0]
}

/// Points of both signs and all sizes from 10⁻³ to 40.
fn points() -> impl Iterator<Item = f64> {
    (0..120).map(|i| 1e-3 * 1.093f64.powi(i)).flat_map(|x| [x, -x])
}

#[test]
fn second_derivatives_agree_with_differences() {
    for f in elementwise() {
        for x in points() {
            let h = 1e-6 * x.abs().min(1.0);
            if f.info().kinks.iter().any(|k| (x - k).abs() <= 2.0 * h) {
                continue;
            }
            let slope = |x| f.scalar::<f64>(x).unwrap().1;
            let difference = (slope(x + h) - slope(x - h)) / (2.0 * h);
            let scale = 1.0 + slope(x).abs() / x.abs() + difference.abs();
            let got: f64 = second(&f, x);
            assert!((got - difference).abs() < 1e-7 * scale, "{f}''({x}) is {got}, by differences {difference}");
            let rounded = x as f32;
            assert_eq!(second(&f, rounded), second(&f, rounded as f64) as f32, "{f}''({x}) in f32");
        }
    }
}

#[test]
fn second_derivatives_agree_with_closed_forms() {
    let phi = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let slope = |s: f64| s * (1.0 - s);
    let forms: [(&str, &dyn Fn(f64) -> f64); 6] = [
        ("sigmoid", &|x| slope(x.sigmoid()) * (1.0 - 2.0 * x.sigmoid())),
        ("tanh", &|x| -2.0 * x.tanh() * (1.0 - x.tanh() * x.tanh())),
        ("softplus", &|x| slope(x.sigmoid())),
        ("gelu", &|x| phi(x) * (2.0 - x * x)),
        ("silu", &|x| slope(x.sigmoid()) * (2.0 + x * (1.0 - 2.0 * x.sigmoid()))),
        ("squared_relu", &|x| if x > 0.0 { 2.0 } else { 0.0 }),
    ];
    for (name, form) in forms {
        let f: Activation = name.parse().unwrap();
        for x in points() {
            let (got, right) = (second(&f, x), form(x));
            assert!((got - right).abs() < 3e-15, "{name}''({x}) is {got:e}, not {right:e}");
            for (got, size) in [
                (second(&f, f16::from_f64(x)).to_f64() - form(f16::from_f64(x).to_f64()), 5e-4),
                (second(&f, bf16::from_f64(x)).to_f64() - form(bf16::from_f64(x).to_f64()), 4e-3),
            ] {
                assert!(got.abs() <= size * (right.abs() + 1e-2), "{name}''({x}) in a half format is {got:e} off");
            }
        }
    }
}

/// Where a form by way of 1 − tanh² or σ (1 − σ) has lost everything: next to 0, and where a function saturates. From mpmath, with up to
/// 500 digits.
#[test]
fn second_derivatives_keep_their_digits_in_the_tails() {
    let known: [(&str, f64, f64); 22] = [
        ("tanh", 1e-300, -2e-300),
        ("tanh", 1e-8, -1.9999999999999997e-8),
        ("sigmoid", 1e-300, -1.25e-301),
        ("sigmoid", -1e-8, 1.25e-9),
        ("dsilu", 1e-300, -5e-301),
        ("lecun_tanh", 1e-300, -1.0168296296296296e-300),
        ("silu", 40.410841513445845, -1.0820525268131133e-16),
        ("softplus", 37.42994775023705, 5.551115123125775e-17),
        ("log_sigmoid", -37.42994775023705, -5.551115123125775e-17),
        ("logcosh", 20.0, 1.6993417021166355e-17),
        ("logcosh", 40.410841513445845, 3.1743077879124365e-35),
        ("mish", 20.0, -6.4574984070979e-16),
        ("mish", 40.410841513445845, -2.502042822886278e-33),
        ("mish", 100.0, -1.0960460491754961e-84),
        ("bent_identity", 1e6, 4.99999999999250e-19),
        ("squareplus", 1e6, 1.9999999999880000e-18),
        ("arctan", 1e100, -2e-300),
        ("gelu", -30.0, -1.3233342291209357e-193),
        ("gaussian", 20.0, 3.060441015548981e-171),
        ("lisht", 1e-300, 2.0),
        ("sqrt_softplus", -0.0, 0.041836967182255136),
        ("tanhshrink", 1e-300, 2e-300),
    ];
    for (name, x, right) in known {
        let f: Activation = name.parse().unwrap();
        let got = second(&f, x);
        assert!((got - right).abs() <= 4e-15 * right.abs(), "{name}''({x:e}) is {got:e}, not {right:e}");
        let got: f32 = second(&f, x as f32);
        // In f32 where both x and f″ are normal numbers of it, to its precision and that of the rounded x.
        if right.abs() > 1e-30 && x.abs() > 1e-30 {
            assert!(
                (got as f64 - right).abs() <= 1e-4 * right.abs(),
                "{name}''({x:e}) in f32 is {got:e}, not {right:e}"
            );
        }
    }
    assert_eq!(second(&"tanh".parse().unwrap(), 1e-30f32), -2e-30);
    assert_eq!(second(&"logcosh".parse().unwrap(), 20f32), 1.6993417e-17);
}

/// Every function has a second derivative, or its limit, at every number; sines have no limit at ±∞.
#[test]
fn second_derivatives_at_special_inputs() {
    for f in elementwise() {
        assert_eq!(second(&f, f32::NAN).to_bits(), f32::NAN.to_bits(), "{f}");
        for x in [-1e300, -1e30, -1e4, -1e-320, -0.0, 0.0, 1e-320, 1e4, 1e30, 1e300] {
            assert!(!second(&f, x).is_nan(), "{f}''({x:e})");
        }
        let periodic = ["sine", "snake"].contains(&f.info().name);
        for sign in [1.0, -1.0] {
            let (far, limit) = (second(&f, sign * 1e300), second(&f, sign * f64::INFINITY));
            assert!(second(&f, sign * f64::MAX) == far || periodic, "{f}''({sign}·MAX)");
            assert!(if periodic { limit.is_nan() } else { limit == far }, "{f}''({sign}∞) is {limit}, not {far}");
            let at_infinity = second(&f, bf16::from_f64(sign * f64::INFINITY)).to_f64();
            assert!(at_infinity == bf16::from_f64(limit).to_f64() || periodic, "{f}''({sign}∞) in bf16");
        }
    }
    for (name, right) in
        [("star_relu", 2.0 * 0.8944), ("xielu", 1.6), ("squared_relu", 2.0), ("tanh", 0.0), ("celu", 0.0)]
    {
        assert_eq!(second(&name.parse().unwrap(), f64::INFINITY), right, "{name}");
    }
}

#[test]
#[should_panic(expected = "`softmax` is a function of rows: it has no second derivative of each element")]
fn functions_of_rows_have_none() {
    second(&"softmax".parse().unwrap(), 1.0f32);
}
