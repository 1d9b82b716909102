//! `f64` against the reference: nobody runs 2⁶⁴ inputs, so a fixed sample of any length.

use std::time::Instant;

use actfn::Info;
use dashu_base::Abs;
use dashu_float::{Context, round::mode::HalfEven};
use rayon::prelude::*;

use crate::format::Layout;
use crate::formula::Formula;
use crate::golden::mix;
use crate::precise::{self, Number, number};
use crate::sweep::{Outcome, Worst};
use crate::twofold::{BLOCK, Balls, Truth};

/// Inputs that a thread takes at once.
const CHUNK: usize = 1 << 14;

/// The inputs of a chunk, the same on every machine. Of 64,
///
/// - 26 are of every size from 2⁻⁴⁰ to 2¹⁰, evenly in the logarithm,
/// - 20 lie evenly between ±50, where most functions bend, and 8 between ±750, where eˣ ends,
/// - 6 have eight digits only, so that sums and products are exact or ties,
/// - 3 are within 16 places of an edge: 0, ±1, and where the derivative jumps,
/// - 1 has any bits but those of NaN and ±∞; for sines and cosines, below 2¹⁴⁰.
fn inputs(info: &Info, swings: bool, chunk: usize) -> Vec<f64> {
    let one = |i: usize| {
        let (kind, random) = (mix(2 * i as u64), mix(2 * i as u64 + 1));
        let unit = (random >> 11) as f64 / (1u64 << 53) as f64;
        let sign = if kind >> 63 == 1 { -1.0 } else { 1.0 };
        let exponent = |low: i64, count: u64| (low + ((kind >> 8 & 0xffff) % count) as i64 + 1023) as u64;
        let of = |exponent: u64, fraction: u64| sign * f64::from_bits(exponent << 52 | fraction);
        match kind % 64 {
            0..26 => of(exponent(-40, 50), random >> 12),
            26..46 => (unit - 0.5) * 100.0,
            46..54 => (unit - 0.5) * 1500.0,
            54..60 => of(exponent(-40, 50), random >> 57 << 45),
            60..63 => {
                let edges = [0.0, 1.0, -1.0];
                let edge =
                    *edges.iter().chain(info.kinks).nth(random as usize % (3 + info.kinks.len())).unwrap_or(&0.0);
                f64::from_bits(edge.to_bits().wrapping_add((random >> 32) % 32).wrapping_sub(16))
            }
            _ => of(exponent(-1023, if swings { 1163 } else { 2047 }), random >> 12),
        }
    };
    (chunk * CHUNK..(chunk + 1) * CHUNK).map(one).map(|x| if x.is_finite() { x } else { 1.0 }).collect()
}

/// Runs at least `count` inputs of the sample in the default precision and finds the worst error; errors up to `allowance`
/// do not count.
pub fn sample(
    formula: &Formula,
    info: &Info,
    allowance: f64,
    count: u64,
    compute: impl Fn(&[f64], &mut [f64]) + Sync,
    progress: impl Fn(u64) + Sync,
) -> Outcome {
    let start = Instant::now();
    let outcome = (0..(count as usize).div_ceil(CHUNK))
        .into_par_iter()
        .map_init(
            || Balls::new(formula),
            |balls, chunk| {
                let x = inputs(info, formula.swings(), chunk);
                let mut y = vec![0.0; CHUNK];
                compute(&x, &mut y);
                let outcome = run(formula, balls, &x, &y, allowance);
                progress(CHUNK as u64);
                outcome
            },
        )
        .reduce(Outcome::default, Outcome::merge);
    Outcome { seconds: start.elapsed().as_secs_f64(), ..outcome }
}

fn run(formula: &Formula, balls: &mut Balls, x: &[f64], y: &[f64], allowance: f64) -> Outcome {
    let mut outcome = Outcome { inputs: x.len() as u64, ..Outcome::default() };
    for (x, y) in x.as_chunks::<BLOCK>().0.iter().zip(y.as_chunks::<BLOCK>().0) {
        let [high, low, error] = balls.evaluate(x);
        for i in 0..BLOCK {
            let (x, found) = (x[i], y[i]);
            let known = Truth::new(high[i], low[i], error[i]).error_of(found);
            let (ulps, absolute) = known.unwrap_or_else(|| {
                // Values of 0, underflow and overflow come here too: most of them are what both bounds round to.
                outcome.precise += 1;
                error_of(formula, &number(x), found)
            });
            if absolute > allowance && outcome.worst.is_none_or(|w| ulps >= w.ulps) {
                outcome.worst = Worst::of_two(outcome.worst, Some(Worst { ulps, absolute, x, found }));
            }
        }
    }
    outcome
}

/// How far a result is off, in units in the last place of the true value, and absolutely.
fn error_of(formula: &Formula, x: &Number, found: f64) -> (f64, f64) {
    let context = Context::<HalfEven>::new(4096);
    for precision in precise::PRECISIONS {
        let Ok(exact) = precise::enclose(formula, x, precision) else { continue };
        let nearest = Layout::F64.round(&exact.lo);
        if nearest.is_infinite() || !found.is_finite() {
            return (Layout::F64.error(found, nearest, nearest), (found - nearest).abs());
        }
        // In units: where results are subnormal, an f64 could not hold the part of one.
        let unit = number(Layout::F64.ulp(nearest));
        let distance = |from: &Number, end: &Number| {
            let distance = context.sub(from, end).unwrap_or_else(|e| unreachable!("both are finite: {e}"));
            let distance = distance.value().abs();
            let units = context.div(distance.repr(), &unit).unwrap_or_else(|e| unreachable!("a unit is not 0: {e}"));
            (Layout::F64.round(units.value().repr()), Layout::F64.round(distance.repr()))
        };
        let (lower, upper) = (distance(&number(found), &exact.lo), distance(&number(found), &exact.hi));
        if distance(&exact.hi, &exact.lo).0 <= 1.0 / 1024.0 {
            return (lower.0.max(upper.0), lower.1.max(upper.1));
        }
    }
    panic!("undecided at {x:?}")
}
