//! Every elementwise function of the catalogue against its reference.

use actfn::Activation;
use actfn_proof::golden::Of;
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
            for (of, known) in [(Of::Value, value), (Of::Derivative, derivative)] {
                let exact = enclose(reference(&f).formula(of), &number(*x), 512).expect("a value");
                let y = Layout::F64.round(&exact.lo);
                // Known for parameters like 0.2 itself, and not for the f64 next to it.
                assert!(
                    (y - known).abs() <= 1e-14 * known.abs(),
                    "{f} {} at {x}: {y:e}, known is {known:e}",
                    of.name()
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
        let Reference { value, derivative, second_derivative, .. } = reference(&f);
        for x in [-29.3, -8.6, -4.4, -2.7, -1.4, -0.8, -0.3, -1e-3, 1e-3, 0.2, 0.7, 1.3, 2.8, 4.9, 9.6, 29.3] {
            let x = number(x);
            let (left, right) = (context.sub(&x, &h).unwrap().value(), context.add(&x, &h).unwrap().value());
            for (value, derivative) in [(&value, &derivative), (&derivative, &second_derivative)] {
                let at = |x| enclose(value, x, precision).expect("smooth there").lo;
                let rise = context.sub(&at(right.repr()), &at(left.repr())).unwrap().value();
                let slope = Layout::F64.round(rise.repr()) * 2f64.powi(159);
                let expected = Layout::F64.round(&enclose(derivative, &x, precision).expect("smooth there").lo);
                let close = (slope - expected).abs() <= 1e-14 * expected.abs() + 1e-60;
                assert!(close, "{f} at {x:?}: slope {slope:e}, derivative {expected:e}");
            }
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
        for of in Of::ALL {
            let name = format!("{f} {} {}", of.name(), T::NAME);
            let reference = reference(&f);
            let close = Demand::Close { allowance: reference.allowance(of, &T::LAYOUT, 0.0) };
            let exact = f.clone().exact();
            let compute_exact = |x: &[T], y: &mut [T]| of.compute(&exact, x, y);
            let compute = |x: &[T], y: &mut [T]| of.compute(&f, x, y);
            let subjects: [Subject<T>; 2] = [(close, &compute), (Demand::Exact, &compute_exact)];
            let subjects = &subjects[..golden::precisions(&f, of).len()];
            let outcomes = sweep(reference.formula(of), subjects, stride, |_| ());
            if let Some(exact) = outcomes.get(1)
                && let Some(first) = exact.first_wrong.first()
            {
                failures.push(format!("{name}: {} misrounded, first {first:?}", exact.wrong));
            }
            let ulps = outcomes[0].worst.map_or(0.0, |worst| worst.ulps);
            let same = |row: &&Row| {
                row.function == f.info().name
                    && row.of == of.name()
                    && row.format == T::NAME
                    && row.precision == "default"
            };
            let recorded = rows.iter().find(same).and_then(|row| row.worst_ulp);
            let limit = recorded.unwrap_or(f64::INFINITY).min(accuracy::promised(of));
            if ulps > limit {
                failures.push(format!("{name}: {:?}, at most {limit} was promised or recorded", outcomes[0].worst));
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
        for of in Of::ALL {
            let reference = reference(&f);
            let compute = |x: &[f64], y: &mut [f64]| of.compute(&f, x, y);
            let allowance = |x| reference.allowance(of, &Layout::F64, x);
            let outcome = sample(reference.formula(of), f.info(), allowance, 100_000, compute, |_| ());
            let same = |row: &&Row| row.function == f.info().name && row.of == of.name() && row.format == "f64";
            let recorded = rows.iter().find(same).and_then(|row| row.worst_ulp);
            let limit = recorded.unwrap_or(accuracy::promised(of));
            if outcome.worst.is_some_and(|worst| worst.ulps > limit) {
                failures.push(format!(
                    "{f} {}: {:?}, at most {limit} was promised or recorded",
                    of.name(),
                    outcome.worst
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
