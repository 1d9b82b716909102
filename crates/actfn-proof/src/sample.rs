//! `f64` against the reference: nobody runs 2⁶⁴ inputs, so a fixed sample of any length.

use std::time::Instant;

use actfn::Info;
use dashu_base::Abs;
use dashu_float::{Context, round::mode::HalfEven};
use rayon::prelude::*;

use crate::format::Layout;
use crate::formula::Formula;
use crate::golden::mix;
use crate::precise::{self, Enclosure, Number, number, power_of_two};
use crate::sweep::{Outcome, Worst};
use crate::twofold::{BLOCK, Balls, Truth};

/// Inputs that a thread takes at once.
const CHUNK: usize = 1 << 14;

/// The inputs of a chunk, the same on every machine. Of 1024,
///
/// - 560 are of every size from 2⁻⁴⁰ to 2¹⁰, evenly in the logarithm,
/// - 330 lie evenly between ±32, where most functions bend, and 32 between ±750, where eˣ ends,
/// - 100 have eight digits only, so that sums and products are exact or ties,
/// - 1 is within 16 places of an edge: 0, ±1, and where the derivative jumps; a hundred inputs that come often enough,
/// - 1 has any bits but those of NaN and ±∞; for sines and cosines, below 2¹⁰¹⁷.
fn inputs(info: &Info, swings: bool, chunk: usize) -> Vec<f64> {
    let one = |i: usize| {
        let (kind, random) = (mix(2 * i as u64), mix(2 * i as u64 + 1));
        let unit = (random >> 11) as f64 / (1u64 << 53) as f64;
        let sign = if kind >> 63 == 1 { -1.0 } else { 1.0 };
        let exponent = |low: i64, count: u64| (low + ((kind >> 16 & 0xffff) % count) as i64 + 1023) as u64;
        let of = |exponent: u64, fraction: u64| sign * f64::from_bits(exponent << 52 | fraction);
        match kind % 1024 {
            0..560 => of(exponent(-40, 50), random >> 12),
            560..890 => (unit - 0.5) * 64.0,
            890..922 => (unit - 0.5) * 1500.0,
            922..1022 => of(exponent(-40, 50), random >> 57 << 45),
            1022 => {
                let edges = [0.0, 1.0, -1.0];
                let edge =
                    *edges.iter().chain(info.kinks).nth(random as usize % (3 + info.kinks.len())).unwrap_or(&0.0);
                f64::from_bits(edge.to_bits().wrapping_add((random >> 32) % 32).wrapping_sub(16))
            }
            _ => of(exponent(-1023, if swings { 2040 } else { 2047 }), random >> 12),
        }
    };
    (chunk * CHUNK..(chunk + 1) * CHUNK).map(one).map(|x| if x.is_finite() { x } else { 1.0 }).collect()
}

/// Runs at least `count` inputs of the sample in the default precision and finds the worst error; errors up to its `allowance`
/// at an input do not count.
pub fn sample(
    formula: &Formula,
    info: &Info,
    allowance: impl Fn(f64) -> f64 + Sync,
    count: u64,
    compute: impl Fn(&[f64], &mut [f64]) + Sync,
    progress: impl Fn(u64) + Sync,
) -> Outcome {
    let start = Instant::now();
    let tails = Tails::new(formula);
    let outcome = (0..(count as usize).div_ceil(CHUNK))
        .into_par_iter()
        .map_init(
            || Balls::new(formula),
            |balls, chunk| {
                let x = inputs(info, formula.swings(), chunk);
                let mut y = vec![0.0; CHUNK];
                compute(&x, &mut y);
                let outcome = run(formula, &tails, balls, &x, &y, &allowance);
                progress(CHUNK as u64);
                outcome
            },
        )
        .reduce(Outcome::default, Outcome::merge);
    Outcome { seconds: start.elapsed().as_secs_f64(), ..outcome }
}

fn run(
    formula: &Formula,
    tails: &Tails,
    balls: &mut Balls,
    x: &[f64],
    y: &[f64],
    allowance: &dyn Fn(f64) -> f64,
) -> Outcome {
    let mut outcome = Outcome { inputs: x.len() as u64, ..Outcome::default() };
    for (x, y) in x.as_chunks::<BLOCK>().0.iter().zip(y.as_chunks::<BLOCK>().0) {
        let [high, low, error] = balls.evaluate(x);
        for i in 0..BLOCK {
            let (x, found) = (x[i], y[i]);
            // No function is NaN at a number.
            let nan = found.is_nan().then_some((f64::INFINITY, f64::INFINITY));
            let known = nan.or_else(|| Truth::new(high[i], low[i], error[i]).error_of(found));
            let known = known.or_else(|| tails.error_of(x, found));
            let (ulps, absolute) = known.unwrap_or_else(|| {
                // Values of 0 and subnormal ones come here too.
                outcome.precise += 1;
                error_of(formula, &number(x), found)
            });
            if absolute > allowance(x) && outcome.worst.is_none_or(|w| ulps >= w.ulps) {
                outcome.worst = Worst::of_two(outcome.worst, Some(Worst { ulps, absolute, x, found }));
            }
        }
    }
    outcome
}

/// Where a function is known to be beyond the format: there a table answers, and not the multi-precision arithmetic, to
/// which a million results of 0 are a minute's work.
struct Tails {
    /// One entry for each 64th of a binade from 1 on, of positive numbers and then of negative ones.
    beyond: Vec<Beyond>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Beyond {
    /// Some value may be a number of the format.
    No,
    /// |f| < 2⁻¹⁰⁸⁵: a thousandth of the smallest number at most.
    Below,
    /// f > 2¹⁰²⁵, or f < −2¹⁰²⁵.
    Above(f64),
}

impl Tails {
    /// The six upper bits of the fraction say which.
    const SHIFT: u32 = 46;
    const PER_BINADE: u64 = 1 << (52 - Self::SHIFT);
    const FIRST: u64 = 1f64.to_bits() >> Self::SHIFT;
    const COUNT: u64 = (f64::INFINITY.to_bits() >> Self::SHIFT) - Self::FIRST;

    fn new(formula: &Formula) -> Self {
        let end = |at: u64| f64::from_bits((Self::FIRST + at) << Self::SHIFT);
        // From 1024 on one answer for a binade.
        let single = 10 * Self::PER_BINADE;
        let binades = (single..Self::COUNT).step_by(Self::PER_BINADE as usize);
        let blocks: Vec<_> = (0..single).map(|at| (at, 1)).chain(binades.map(|at| (at, Self::PER_BINADE))).collect();
        let beyond = [false, true].into_par_iter().flat_map(|negative| {
            blocks.par_iter().flat_map_iter(move |(at, length)| {
                let (low, high) = (end(*at), end(at + length).next_down());
                let (low, high) = if negative { (-high, -low) } else { (low, high) };
                std::iter::repeat_n(Self::of_block(formula, low, high), *length as usize)
            })
        });
        let beyond = beyond.collect();
        Self { beyond }
    }

    fn of_block(formula: &Formula, low: f64, high: f64) -> Beyond {
        let x = Enclosure { lo: number(low), hi: number(high) };
        let Ok(y) = precise::enclose_all(formula, &x, precise::PRECISIONS[0]) else { return Beyond::No };
        if power_of_two(-1, -1085) < y.lo && y.hi < power_of_two(1, -1085) {
            Beyond::Below
        } else if y.lo > power_of_two(1, 1025) {
            Beyond::Above(f64::INFINITY)
        } else if y.hi < power_of_two(-1, 1025) {
            Beyond::Above(f64::NEG_INFINITY)
        } else {
            Beyond::No
        }
    }

    fn error_of(&self, x: f64, found: f64) -> Option<(f64, f64)> {
        let block = (x.abs().to_bits() >> Self::SHIFT).checked_sub(Self::FIRST)?;
        match self.beyond[(block + if x < 0.0 { Self::COUNT } else { 0 }) as usize] {
            Beyond::No => None,
            Beyond::Below => Some((found.abs() / Layout::F64.ulp(0.0) + 1.0 / 2048.0, found.abs())),
            Beyond::Above(nearest) => Some(error_beside_infinity(found, nearest)),
        }
    }
}

/// How far a result is off where it, or the right one, is infinite.
fn error_beside_infinity(found: f64, nearest: f64) -> (f64, f64) {
    if found == nearest { (0.0, 0.0) } else { (f64::INFINITY, f64::INFINITY) }
}

/// How far a result is off, in units in the last place of the true value, and absolutely.
fn error_of(formula: &Formula, x: &Number, found: f64) -> (f64, f64) {
    let context = Context::<HalfEven>::new(4096);
    for precision in precise::PRECISIONS {
        let Ok(exact) = precise::enclose(formula, x, precision) else { continue };
        let nearest = Layout::F64.round(&exact.lo);
        if nearest.is_infinite() || !found.is_finite() {
            return error_beside_infinity(found, nearest);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reference;
    use crate::golden::Of;

    fn tails(name: &str) -> Tails {
        let f = name.parse().expect("a function of the catalogue");
        Tails::new(Reference::of(&f).expect("it has a reference").formula(Of::Value))
    }

    #[test]
    fn tails_are_known_where_results_end() {
        let sigmoid = tails("sigmoid");
        assert_eq!(sigmoid.error_of(-700.0, 0.0), None);
        assert_eq!(sigmoid.error_of(-745.0, 0.0), None);
        let (ulps, _) = sigmoid.error_of(-800.0, 0.0).expect("e⁻⁷⁶⁸ is far below 2⁻¹⁰⁸⁵");
        assert!(ulps < 1e-3);
        assert_eq!(sigmoid.error_of(1e300, 1.0), None);
        let exponential = tails("exponential");
        assert_eq!(exponential.error_of(709.0, f64::MAX), None);
        assert_eq!(exponential.error_of(1e300, f64::INFINITY), Some((0.0, 0.0)));
    }

    #[test]
    fn a_wrong_tail_is_seen() {
        let sigmoid = tails("sigmoid");
        assert!(sigmoid.error_of(-1e200, f64::from_bits(3)).is_some_and(|(ulps, _)| ulps > 2.9));
        let exponential = tails("exponential");
        assert_eq!(exponential.error_of(1e200, f64::MAX), Some((f64::INFINITY, f64::INFINITY)));
        assert!(tails("gelu").error_of(-40.5, -1e-300).is_some_and(|(ulps, _)| ulps > 1e9));
    }

    #[test]
    fn nan_and_infinity_are_wrong_results() {
        let f = "sigmoid".parse().expect("a function of the catalogue");
        let reference = Reference::of(&f).expect("it has a reference");
        let formula = reference.formula(Of::Value);
        for x in [-1e200, -800.0, -0.5, 3.0] {
            let x = [x; BLOCK];
            for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut y = [0.0; BLOCK];
                f.forward(BLOCK, &x, &mut y);
                y[7] = wrong;
                let outcome = run(formula, &tails("sigmoid"), &mut Balls::new(formula), &x, &y, &|_| 0.0);
                assert!(outcome.worst.is_some_and(|worst| worst.ulps > 1e9), "{wrong} at {}", x[0]);
            }
        }
    }
}
