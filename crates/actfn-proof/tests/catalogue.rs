//! Every elementwise function of the catalogue against its reference.

use actfn::Activation;
use actfn_proof::precise::{enclose, number};
use actfn_proof::{Demand, Layout, Outcome, Reference, Storage, sweep};
use half::{bf16, f16};

fn elementwise() -> impl Iterator<Item = Activation> {
    actfn::catalogue().filter(|f| !f.is_rowwise())
}

fn reference(f: &Activation) -> Reference {
    Reference::of(f).unwrap_or_else(|| panic!("`{f}` has no reference: write one in actfn-proof/src/functions.rs"))
}

fn run<T: Storage>(f: &Activation, derivative: bool, demand: Demand, stride: u64) -> Outcome {
    let formula = reference(f);
    let f = if demand == Demand::Exact { f.clone().exact() } else { f.clone() };
    let compute = |x: &[T], y: &mut [T]| if derivative { f.derivative(x, y) } else { f.forward(x.len(), x, y) };
    sweep(formula.formula(derivative), demand, stride, compute, |_| ())
}

/// The references are independent of the definitions; the known values are independent of both.
#[test]
fn references_give_the_known_values() {
    for f in elementwise() {
        for [x, value, derivative] in f.info().known {
            for (derived, known) in [(false, value), (true, derivative)] {
                let exact = enclose(reference(&f).formula(derived), &number(*x), 512).expect("a value");
                let y = Layout::F64.round(&exact.lo);
                // Known for parameters like 0.2 itself, and not for the f64 next to it.
                assert!(
                    (y - known).abs() <= 1e-14 * known.abs(),
                    "{f}{} at {x}: {y:e}, known is {known:e}",
                    if derived { "′" } else { "" }
                );
            }
        }
    }
}

/// (f(x + h) − f(x − h)) / 2h with h = 2⁻¹⁶⁰ and some hundred digits.
#[test]
fn derivatives_are_those_of_the_values() {
    use dashu_float::{Context, round::mode::HalfEven};
    let (precision, h) = (600, actfn_proof::precise::power_of_two(1, -160));
    let context = Context::<HalfEven>::new(precision);
    for f in elementwise() {
        let Reference { value, derivative } = reference(&f);
        for x in [-29.3, -8.6, -4.4, -2.7, -1.4, -0.8, -0.3, -1e-3, 1e-3, 0.2, 0.7, 1.3, 2.8, 4.9, 9.6, 29.3] {
            let x = number(x);
            let at = |x| enclose(&value, x, precision).expect("smooth there").lo;
            let (left, right) = (context.sub(&x, &h).unwrap().value(), context.add(&x, &h).unwrap().value());
            let rise = context.sub(&at(right.repr()), &at(left.repr())).unwrap().value();
            let slope = Layout::F64.round(rise.repr()) * 2f64.powi(159);
            let expected = Layout::F64.round(&enclose(&derivative, &x, precision).expect("smooth there").lo);
            let close = (slope - expected).abs() <= 1e-14 * expected.abs() + 1e-60;
            assert!(close, "{f} at {x:?}: slope {slope:e}, derivative {expected:e}");
        }
    }
}

#[test]
fn exact_f32_is_correctly_rounded() {
    check_exact::<f32>(4099);
}

#[test]
fn exact_f16_is_correctly_rounded() {
    check_exact::<f16>(1);
}

#[test]
fn exact_bf16_is_correctly_rounded() {
    check_exact::<bf16>(1);
}

/// At most 2 units in the last place for values and 4 for derivatives, over all of `f32`.
#[test]
fn default_f32_is_close() {
    /// Their derivatives have a root.
    const ROOTS: &[&str] = &["gelu", "clipped_gelu", "xielu"];
    /// The value itself has a root that depends on its parameters: next to it the error is 2⁻²⁷, and many units.
    const NOT_YET: &[&str] = &["xielu"];
    let mut failures = Vec::new();
    for f in elementwise() {
        let name = f.info().name;
        // Sines of large angles: see below.
        let stride = if ["sine", "snake"].contains(&name) { 262_337 } else { 16_411 };
        for (derivative, limit) in [(false, 2.0), (true, 4.0)] {
            let allowance = if derivative && ROOTS.contains(&name) { 2f64.powi(-24) } else { 0.0 };
            let outcome = run::<f32>(&f, derivative, Demand::Close { allowance }, stride);
            let worst = outcome.worst.map_or(0.0, |w| w.ulps);
            let known = !derivative && NOT_YET.contains(&name);
            if (worst > limit) != known {
                failures.push(format!("{f}{}: {:?}", if derivative { "′" } else { "" }, outcome.worst));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Misrounded somewhere, and to be mended: where the true value is next to a tie of the narrow format, nearer than an `f64`
/// can tell, the definition's last `f64` rounding falls on the tie. Everything else is right.
const MISROUNDED: &[&str] = &["rrelu", "onnx_hard_sigmoid", "bent_identity", "xielu", "tanhshrink", "sine"];

fn check_exact<T: Storage>(stride: u64) {
    let mut failures = Vec::new();
    for f in elementwise() {
        for derivative in [false, true] {
            let name = format!("{f}{}", if derivative { "′" } else { "" });
            // Sines of large angles are for the multi-precision arithmetic, 70 µs each: there are fewer of them.
            let stride =
                if stride > 1 && ["sine", "snake"].contains(&f.info().name) { 64 * stride + 1 } else { stride };
            let outcome = run::<T>(&f, derivative, Demand::Exact, stride);
            let known = MISROUNDED.contains(&name.as_str());
            if outcome.wrong > 0 && !known {
                failures.push(format!("{name}: {} misrounded, first {:?}", outcome.wrong, outcome.first_wrong[0]));
            }
            if outcome.wrong == 0 && known && T::NAME == "f32" {
                failures.push(format!("{name} is right now: strike it from the list"));
            }
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", T::NAME, failures.join("\n"));
}
