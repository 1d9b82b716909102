//! Exact values of `f32` are those of `f64` rounded once, also where fewer digits were looked at first; and default values are the same
//! whether they were or not.
//!
//! A rough value that is off by twice what [`Exact`](actfn::Exact) allows for would show in one number of 2¹⁶.

use actfn::{Activation, Elementwise, Exact, Info, Real, catalogue};

/// Half of them all `f32` at equal distances, half from −10 to 10, with neighbours of what is special.
fn inputs() -> Vec<f32> {
    let mut state = 5u64;
    let middle = (0..1 << 19).map(|_| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        20.0 * ((state >> 40) as f32 / (1 << 24) as f32 - 0.5)
    });
    let all = (0..1 << 19).map(|i| f32::from_bits(i * 8191 + 5));
    let special = [0.0f32, f32::MIN_POSITIVE, f32::MAX, f32::INFINITY, 3.0, 14.4, 88.72, 103.97]
        .into_iter()
        .flat_map(|x| [x.next_down(), x, x.next_up(), -x, -x.next_up()]);
    middle.chain(all).chain(special).collect()
}

/// The function as it is, and with other values of each of its parameters.
fn variations(f: Activation) -> Vec<Activation> {
    let parameters = f.info().parameters;
    let others = parameters.iter().flat_map(|p| {
        let values = [p.default * 0.37 + 0.01, -p.default * 2.3, 1e-3, 0.375, 50.0, 0.0, 1e-13, -1e30];
        values.into_iter().filter_map(|value| f.with_parameter(p.name, value).ok()).collect::<Vec<_>>()
    });
    others.chain([f.clone()]).collect()
}

fn check(f: &Activation, x: &[f32], wide: &[f64]) -> Result<(), String> {
    let (mut y, mut expected) = (vec![0f32; x.len()], vec![0f64; x.len()]);
    let exact = f.clone().exact();
    exact.forward(x.len(), x, &mut y);
    f.forward(x.len(), wide, &mut expected);
    for x in x.iter().step_by(9973) {
        let (one, mut same) = (exact.scalar(*x).unwrap().0, [0.0]);
        exact.forward(1, &[*x], &mut same);
        assert_eq!(same[0].to_bits(), one.to_bits(), "{f} of {x:e}, alone");
    }
    let wrong = y.iter().zip(&expected).position(|(y, expected)| y.to_bits() != (*expected as f32).to_bits());
    match wrong {
        Some(i) => Err(format!("{f} of {:e}: {:e}, not {:e}", x[i], y[i], expected[i])),
        None => Ok(()),
    }
}

#[test]
fn exact_values_are_those_of_f64_rounded_once() {
    let x = inputs();
    let wide: Vec<f64> = x.iter().map(|x| f64::from(*x)).collect();
    let mut wrong = Vec::new();
    for f in catalogue().filter(|f| !f.is_rowwise()).flat_map(variations) {
        wrong.extend(check(&f, &x, &wide).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Single numbers are computed from the definition, slices of some functions from rough values first. rrelu draws by place.
#[test]
fn default_values_do_not_depend_on_the_way() {
    let mut x: Vec<f32> = inputs().into_iter().step_by(3).collect();
    // With these the numbers of a pair of f32 are too small, or too large.
    let extreme = [1e300, 1e38, 1e-46, 1e-40, 1e-38, 2e-30, 1e-25, 2e-21];
    let quarters = extreme.map(|extreme| (core::f64::consts::FRAC_PI_2 / extreme) as f32);
    x.extend(quarters.into_iter().flat_map(|x| [x.next_down(), x, x.next_up(), 0.003 * x, 0.004 * x, 0.0051 * x]));
    let parameters = [("sine", "omega_0"), ("snake", "a")];
    let others = parameters.into_iter().flat_map(|(name, parameter)| {
        let f: Activation = name.parse().unwrap();
        extreme.map(|extreme| f.with_parameter(parameter, extreme).unwrap())
    });
    let grad_y: Vec<f32> = (0..x.len()).map(|i| (i % 7) as f32 - 3.1).collect();
    let (mut y, mut grad_x) = (vec![0f32; x.len()], vec![0f32; x.len()]);
    let drawn = |f: &Activation| f.is_rowwise() || f.info().name == "rrelu";
    for f in catalogue().filter(|f| !drawn(f)).flat_map(variations).chain(others) {
        f.forward(x.len(), &x, &mut y);
        f.backward(x.len(), &x, &grad_y, &mut grad_x);
        for (i, x) in x.iter().enumerate() {
            let (one, slope) = f.scalar(*x).unwrap();
            // Of slopes that are subnormal, or 0 by rounding, gradients above 1 may have more digits: by way of f64.
            let wide = (grad_y[i] as f64 * f.scalar(*x as f64).unwrap().1) as f32;
            let faint = slope.abs() < f32::MIN_POSITIVE && grad_y[i].abs() > 1.0;
            let product = grad_y[i] * slope;
            let product = if faint && wide != 0.0 && grad_x[i] == wide { wide } else { product };
            let product = if product.is_nan() { f32::NAN } else { product };
            let same = y[i].to_bits() == one.to_bits() && grad_x[i].to_bits() == product.to_bits();
            assert!(same, "{f} of {x:e}: {:e} and {:e} in a slice, {one:e} and {product:e} alone", y[i], grad_x[i]);
        }
    }
}

/// eˣ, with a rough value that is off by as much as is asked.
#[derive(Clone, Copy)]
struct Off(f64);

impl Elementwise for Off {
    const INFO: Info = Info::new("off");

    fn value<R: Real>(self, x: R) -> R {
        x.exp()
    }
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(x.exp() * (1.0 + self.0))
    }
    fn derivative<R: Real>(self, x: R) -> R {
        x.exp()
    }
}

#[test]
fn a_rough_value_that_is_too_rough_is_seen() {
    let x = inputs();
    let wide: Vec<f64> = x.iter().map(|x| f64::from(*x)).collect();
    let margin = 1.0 / (1u64 << 40) as f64;
    for (off, right) in [(0.9 * margin, true), (-0.9 * margin, true), (2.0 * margin, false), (-2.0 * margin, false)] {
        assert_eq!(check(&Activation::elementwise(Off(off)), &x, &wide).is_ok(), right, "off by {off:e}");
    }
    // By hand, the type's own way in.
    let mut y = [0.0f32; 2];
    actfn::forward(Exact(Off(0.0)), &[0.0, 1.0], &mut y);
    assert_eq!(y, [1.0, core::f32::consts::E]);
}
