//! The fast certificates never exclude the true value: each elementary function in `f64` intervals, and in balls of twice
//! the digits, against the multi-precision arithmetic, at random and at the edges.

use actfn_proof::interval::{BLOCK, Bounds};
use actfn_proof::precise::{enclose, number};
use actfn_proof::twofold::{self, Balls};
use actfn_proof::{Formula, Term};

fn check(name: &str, inputs: &[f64], write: impl for<'p> FnOnce(Term<'p>) -> Term<'p>) {
    let formula = Formula::new(write);
    check_balls(name, inputs, &formula);
    let mut bounds = Bounds::new(&formula);
    for inputs in inputs.chunks(BLOCK) {
        let mut x = [0.5; BLOCK];
        x[..inputs.len()].copy_from_slice(inputs);
        let (lo, hi) = bounds.evaluate(&x, &x);
        for (i, x) in inputs.iter().enumerate() {
            let Ok(exact) = enclose(&formula, &number(*x), 192) else { continue };
            assert!(lo[i] == -f64::INFINITY || number(lo[i]) <= exact.hi, "{name} at {x:e}: at least {:e}?", lo[i]);
            assert!(hi[i] == f64::INFINITY || number(hi[i]) >= exact.lo, "{name} at {x:e}: at most {:e}?", hi[i]);
        }
        // Over an interval, the bounds hold at both of its ends.
        let ends = x.map(|x| (x + x.abs() * 1e-3).min(f64::MAX));
        let (lo, hi) = bounds.evaluate(&x, &ends);
        for (i, x) in x.into_iter().enumerate().chain(ends.into_iter().enumerate()) {
            let Ok(exact) = enclose(&formula, &number(x), 192) else { continue };
            let right = (lo[i] == -f64::INFINITY || number(lo[i]) <= exact.hi)
                && (hi[i] == f64::INFINITY || number(hi[i]) >= exact.lo);
            assert!(right, "{name} at {x:e}: between {:e} and {:e}?", lo[i], hi[i]);
        }
    }
}

/// Balls hold the true value, and for most inputs they are small.
fn check_balls(name: &str, inputs: &[f64], formula: &Formula) {
    use dashu_float::{Context, round::mode::HalfEven};
    let context = Context::<HalfEven>::new(4096);
    let mut balls = Balls::new(formula);
    let (mut small, mut count) = (0, 0);
    for inputs in inputs.chunks(twofold::BLOCK) {
        let mut x = [0.5; twofold::BLOCK];
        x[..inputs.len()].copy_from_slice(inputs);
        let [high, low, error] = balls.evaluate(&x);
        for (i, x) in inputs.iter().enumerate() {
            let Ok(exact) = enclose(formula, &number(*x), 192) else { continue };
            count += 1;
            if error[i].is_nan() || error[i] == f64::INFINITY {
                continue;
            }
            small += (error[i] <= high[i].abs() * 2f64.powi(-64)) as usize;
            let value = context.add(&number(high[i]), &number(low[i])).unwrap().value();
            let lower = context.sub(value.repr(), &number(error[i])).unwrap().value();
            let upper = context.add(value.repr(), &number(error[i])).unwrap().value();
            let (high, low, error) = (high[i], low[i], error[i]);
            assert!(
                *lower.repr() <= exact.hi && *upper.repr() >= exact.lo,
                "{name} at {x:e}: {high:e} + {low:e} ± {error:e}?"
            );
        }
    }
    assert!(2 * small >= count, "{name}: {small} of {count} are small");
}

/// Numbers of all sizes up to `largest`, and next to multiples of ln 2, π/2 and the ends of the reductions.
fn inputs(largest: f64) -> Vec<f64> {
    let mut x = Vec::new();
    for i in 1..2000u64 {
        let random = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let fraction = 1.0 + (random >> 12) as f64 / (1u64 << 52) as f64;
        x.push(fraction * 2f64.powi((random % 60) as i32 - 50));
        x.push((random >> 11) as f64 / (1u64 << 53) as f64 * largest.min(800.0));
    }
    for k in 1..60 {
        for edge in [std::f64::consts::LN_2 / 2.0, std::f64::consts::FRAC_PI_4, 0.5, 0.414_213_562_373_095] {
            let edge = edge * k as f64;
            x.extend([edge, f64::from_bits(edge.to_bits() + 1), f64::from_bits(edge.to_bits() - 1)]);
        }
    }
    x.retain(|x| *x <= largest);
    x.extend(x.clone().iter().map(|x| -x));
    x
}

#[test]
fn elementary_functions_stay_in_their_bounds() {
    check("exp", &inputs(700.0), |x| x.exp());
    check("expm1", &inputs(700.0), |x| x.expm1());
    check("ln", &inputs(1e9), |x| x.squared().ln());
    check("ln_1p", &inputs(1e9), |x| x.ln_1p());
    check("sigmoid", &inputs(800.0), |x| x.sigmoid());
    check("tanh", &inputs(1e3), |x| x.tanh());
    check("atan", &inputs(1e9), |x| x.atan());
    let fewer: Vec<f64> = inputs(38.0).into_iter().step_by(7).collect(); // Φ in 2 000 bits takes milliseconds
    check("normal_cdf", &fewer, |x| x.normal_cdf());
    check("sin", &inputs(1e6), |x| x.sin());
    check("cos", &inputs(1e6), |x| x.cos());
    let large: Vec<f64> = inputs(1e6).into_iter().step_by(9).map(|x| x * x * x * x * x * x).collect();
    check("sin of large angles", &large, |x| x.sin());
    check("cos of large angles", &large, |x| x.cos());
    // The multiple of π/2 that an f64 comes nearest to (Muller, Elementary Functions, 2006), and numbers of every size.
    let extremes = [6381956970095103.0 * 2f64.powi(797), 1e22, 1e100, 1e300, f64::MAX, -1e200, 5e-324, 1e-300];
    check("sin of extremes", &extremes, |x| x.sin());
    check("sqrt", &inputs(1e9), |x| x.squared().sqrt());
}

#[test]
fn arithmetic_stays_in_its_bounds() {
    check("sum", &inputs(1e9), |x| x + 0.1);
    check("product", &inputs(1e9), |x| x * 0.1 * x);
    check("product of both signs", &inputs(1e9), |x| (x - 1.0) * (0.1 * x));
    check("product with what is positive", &inputs(700.0), |x| (x - 1.0) * x.exp());
    check("quotient of both signs", &inputs(1e9), |x| (0.3 * x) / (x - 0.7));
    check("quotient", &inputs(1e9), |x| (x + 1.0) / (3.0 + x.squared()));
    check("difference", &inputs(1e9), |x| x - x.tanh());
}
