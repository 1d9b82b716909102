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
