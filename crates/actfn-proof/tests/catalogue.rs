//! Every elementwise function of the catalogue against its reference.

use actfn::Activation;
use actfn_proof::precise::{enclose, number};
use actfn_proof::record::{self, Row};
use actfn_proof::{Demand, Layout, Reference, Storage, Subject, accuracy, golden, sample, sweep};
use half::{bf16, f16};

fn elementwise() -> impl Iterator<Item = Activation> {
    actfn::catalogue().filter(|f| !f.is_rowwise())
}

fn reference(f: &Activation) -> Reference {
    Reference::of(f).unwrap_or_else(|| panic!("`{f}` has no reference: write one in actfn-proof/src/functions.rs"))
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
        let Reference { value, derivative, .. } = reference(&f);
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
fn f32_is_right_at_every_257th_input() {
    check::<f32>(golden::STRIDE as u64);
}

#[test]
fn f16_is_right() {
    check::<f16>(1);
}

#[test]
fn bf16_is_right() {
    check::<bf16>(1);
}

/// Exact results are correctly rounded. Default ones are as close as is promised, and as the record says: a change that
/// makes one worse needs a new record.
fn check<T: Storage>(stride: u64) {
    let rows: Vec<Row> = record::read(&record::path()).unwrap();
    let mut failures = Vec::new();
    for f in elementwise() {
        for derivative in [false, true] {
            let of = if derivative { "derivative" } else { "value" };
            let name = format!("{f} {of} {}", T::NAME);
            let reference = reference(&f);
            let close = Demand::Close { allowance: reference.allowance(derivative, &T::LAYOUT) };
            let run = |f: &Activation, x: &[T], y: &mut [T]| match derivative {
                false => f.forward(x.len(), x, y),
                true => f.derivative(x, y),
            };
            let exact = f.clone().exact();
            let compute_exact = |x: &[T], y: &mut [T]| run(&exact, x, y);
            let compute = |x: &[T], y: &mut [T]| run(&f, x, y);
            let subjects: [Subject<T>; 2] = [(Demand::Exact, &compute_exact), (close, &compute)];
            let outcomes = sweep(reference.formula(derivative), &subjects, stride, |_| ());
            if let Some(first) = outcomes[0].first_wrong.first() {
                failures.push(format!("{name}: {} misrounded, first {first:?}", outcomes[0].wrong));
            }
            let ulps = outcomes[1].worst.map_or(0.0, |worst| worst.ulps);
            let same = |row: &&Row| {
                row.function == f.info().name && row.of == of && row.format == T::NAME && row.precision == "default"
            };
            let recorded = rows.iter().find(same).and_then(|row| row.worst_ulp);
            let limit = recorded.unwrap_or(f64::INFINITY).min(accuracy::PROMISED[derivative as usize]);
            if ulps > limit {
                failures.push(format!("{name}: {:?}, at most {limit} was promised or recorded", outcomes[1].worst));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// `f64` against a sample too short for a record: the limits are the recorded worst errors.
#[test]
fn f64_is_as_close_as_recorded() {
    let rows: Vec<Row> = record::read(&record::path()).unwrap();
    let mut failures = Vec::new();
    for f in elementwise() {
        for derivative in [false, true] {
            let of = if derivative { "derivative" } else { "value" };
            let reference = reference(&f);
            let compute = |x: &[f64], y: &mut [f64]| match derivative {
                false => f.forward(x.len(), x, y),
                true => f.derivative(x, y),
            };
            let allowance = reference.allowance(derivative, &Layout::F64);
            let outcome = sample(reference.formula(derivative), f.info(), allowance, 100_000, compute, |_| ());
            let same = |row: &&Row| row.function == f.info().name && row.of == of && row.format == "f64";
            let recorded = rows.iter().find(same).and_then(|row| row.worst_ulp);
            let limit = recorded.unwrap_or(f64::INFINITY);
            if outcome.worst.is_some_and(|worst| worst.ulps > limit) {
                failures.push(format!("{f} {of}: {:?}, at most {limit} was promised or recorded", outcome.worst));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
