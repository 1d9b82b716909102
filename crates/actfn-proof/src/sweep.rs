//! Runs a computation over the inputs of a format and holds each result against the reference.

use std::time::Instant;

use rayon::prelude::*;

use crate::format::{Layout, Storage, same};
use crate::formula::Formula;
use crate::interval::{BLOCK, Bounds};
use crate::precise::{self, Number, number, power_of_two};

/// What is asked of the results.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Demand {
    /// Correct rounding, bit for bit: wrong results are listed.
    Exact,
    /// As small an error as may be: the worst is found.
    Close {
        /// Errors no larger than this do not count: 2⁻²⁴ for derivatives that have a root, next to which no number of
        /// units in the last place is few. Otherwise 0.
        allowance: f64,
    },
}

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Inputs that were run.
    pub inputs: u64,
    /// Inputs that only the multi-precision arithmetic could decide.
    pub precise: u64,
    /// Results that are not the correctly rounded ones ([`Demand::Exact`]).
    pub wrong: u64,
    /// The first of those.
    pub first_wrong: Vec<Wrong>,
    /// The result that is farthest off ([`Demand::Close`]).
    pub worst: Option<Worst>,
    /// How long it took.
    pub seconds: f64,
}

/// A result that is not the correctly rounded one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wrong {
    /// The input's bits.
    pub bits: u32,
    /// The input.
    pub x: f64,
    /// The result.
    pub found: f64,
    /// What it should be.
    pub expected: f64,
}

/// A result that is off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worst {
    /// The error in units in the last place, as [`Layout::error`] measures it.
    pub ulps: f64,
    /// The error.
    pub absolute: f64,
    /// The input.
    pub x: f64,
    /// The result.
    pub found: f64,
}

/// How many wrong results are listed.
const LISTED: usize = 10;

/// Inputs that a thread takes at once, consecutive in bits: 2¹⁶ of `f32`. The exponent field ends within the upper half, so
/// that all of them are finite, or none is.
fn chunk_bits<T: Storage>() -> u32 {
    if T::BITS == 32 { 16 } else { 7 }
}

/// Runs `compute` over every `stride`-th input of the format T (in the order of their bits, and ±0, ±∞ and a NaN in any
/// case). `progress` is told how many inputs are done, the skipped ones included.
pub fn sweep<T: Storage>(
    formula: &Formula,
    demand: Demand,
    stride: u64,
    compute: impl Fn(&[T], &mut [T]) + Sync,
    progress: impl Fn(u64) + Sync,
) -> Outcome {
    let start = Instant::now();
    let chunk = 1u64 << chunk_bits::<T>();
    let outcome = (0..(1u64 << T::BITS) / chunk)
        .into_par_iter()
        .map_init(
            || Sweep::new(formula, demand, &compute),
            |sweep, i| {
                let outcome = sweep.chunk(i * chunk, (i + 1) * chunk, stride);
                progress(chunk);
                outcome
            },
        )
        .reduce(Outcome::default, Outcome::merge);
    Outcome { seconds: start.elapsed().as_secs_f64(), ..outcome }
}

impl Outcome {
    fn merge(mut self, other: Self) -> Self {
        self.first_wrong.extend(other.first_wrong);
        self.first_wrong.sort_by_key(|w| w.bits);
        self.first_wrong.truncate(LISTED);
        let worse = |a: &Worst, b: &Worst| if b.ulps > a.ulps { *b } else { *a };
        Self {
            inputs: self.inputs + other.inputs,
            precise: self.precise + other.precise,
            wrong: self.wrong + other.wrong,
            worst: match (self.worst, other.worst) {
                (Some(a), Some(b)) => Some(worse(&a, &b)),
                (a, b) => a.or(b),
            },
            ..self
        }
    }
}

/// A thread's work space.
struct Sweep<'a, T, C> {
    formula: &'a Formula,
    demand: Demand,
    compute: &'a C,
    bounds: Bounds,
    x: Vec<T>,
    y: Vec<T>,
    outcome: Outcome,
}

impl<'a, T: Storage, C: Fn(&[T], &mut [T])> Sweep<'a, T, C> {
    fn new(formula: &'a Formula, demand: Demand, compute: &'a C) -> Self {
        let (x, y) = (Vec::new(), Vec::new());
        Self { formula, demand, compute, bounds: Bounds::new(formula), x, y, outcome: Outcome::default() }
    }

    /// The inputs with these bits.
    fn chunk(&mut self, start: u64, end: u64, stride: u64) -> Outcome {
        self.x.clear();
        self.x.extend((start.next_multiple_of(stride)..end).step_by(stride as usize).map(|b| T::from_bits(b as u32)));
        let first = T::from_bits(start as u32);
        // ±0, or ±∞ and the first NaN.
        let special = first.to_f64() == 0.0 || first.to_f64().is_infinite();
        if special && stride > 1 {
            self.x.retain(|x| x.to_bits() != start as u32);
            self.x.insert(0, first);
            self.x.insert(1, T::from_bits(start as u32 + 1));
        }
        self.y.clear();
        self.y.resize(self.x.len(), T::default());
        (self.compute)(&self.x, &mut self.y);
        self.outcome = Outcome { inputs: self.x.len() as u64, ..Outcome::default() };
        if first.to_f64().is_finite() {
            self.finite();
        } else {
            self.not_finite();
        }
        std::mem::take(&mut self.outcome)
    }

    fn not_finite(&mut self) {
        for i in 0..self.x.len() {
            let (x, y) = (self.x[i].to_f64(), self.y[i]);
            if x.is_nan() {
                if y.to_bits() != T::bits_of(f64::NAN) {
                    self.wrong(i, f64::NAN);
                }
            } else {
                // The limit: the value at a number far beyond all formats'.
                let far = power_of_two(x.signum() as i8, 300);
                let limit = precise::rounded(self.formula, &far, &T::LAYOUT);
                let limit = if self.formula.swings() && limit.is_finite() { f64::NAN } else { limit };
                if T::bits_of(limit) != y.to_bits() {
                    self.wrong(i, limit);
                }
            }
        }
    }

    fn finite(&mut self) {
        let skip = (self.x.first().is_some_and(|x| x.to_f64() == 0.0)) as usize;
        if skip == 1 {
            self.at_zero();
        }
        // Whole blocks first: where the function is flat, the bounds over all of a block's inputs decide it.
        let mut start = skip;
        while start < self.x.len() {
            let end = self.x.len().min(start + BLOCK * BLOCK);
            let blocks: Vec<_> = (start..end).step_by(BLOCK).map(|at| (at, end.min(at + BLOCK))).collect();
            let mut ends = [[0.0; BLOCK]; 2];
            for (n, (at, end)) in blocks.iter().enumerate() {
                let (a, b) = (self.x[*at].to_f64(), self.x[end - 1].to_f64());
                (ends[0][n], ends[1][n]) = (a.min(b), a.max(b));
            }
            let (lo, hi) = self.bounds.evaluate(&ends[0], &ends[1]);
            let (lo, hi) = (*lo, *hi);
            for (n, (at, end)) in blocks.into_iter().enumerate() {
                if !self.certified(at..end, |_| (lo[n], hi[n])) {
                    self.block(at, end);
                }
            }
            start = end;
        }
    }

    /// Element by element, in intervals and then precisely.
    fn block(&mut self, start: usize, end: usize) {
        let mut x = [0.0; BLOCK];
        for (x, from) in x.iter_mut().zip(&self.x[start..end]) {
            *x = from.to_f64();
        }
        let (lo, hi) = self.bounds.evaluate(&x, &x);
        if self.demand == Demand::Exact && all_certified(&self.y[start..end], lo, hi) {
            return;
        }
        let (lo, hi) = (*lo, *hi);
        for i in start..end {
            let (lo, hi) = (lo[i - start], hi[i - start]);
            if self.certified(i..i + 1, |_| (lo, hi)) {
                continue;
            }
            let decided = same(T::LAYOUT.round_f64(lo), T::LAYOUT.round_f64(hi), lo >= 0.0, hi <= 0.0);
            match decided {
                // An exact zero's sign is for the precise arithmetic.
                Some(expected) if self.demand == Demand::Exact && expected != 0.0 => self.wrong(i, expected),
                _ => self.precisely(i, &number(self.x[i].to_f64())),
            }
        }
    }

    /// Whether bounds prove these results right, or their error known well enough.
    fn certified(&mut self, range: std::ops::Range<usize>, bounds: impl Fn(usize) -> (f64, f64)) -> bool {
        let (lo, hi) = bounds(0);
        match self.demand {
            Demand::Exact => {
                let (a, b) = (T::bits_of(lo), T::bits_of(hi));
                a == b && self.y[range].iter().all(|y| y.to_bits() == a)
            }
            Demand::Close { .. } => {
                // A thousandth of a unit is fine enough for a bound with two digits.
                let narrow = hi - lo <= T::LAYOUT.ulp(lo.abs().min(hi.abs())) / 1024.0;
                if narrow {
                    for i in range {
                        self.measure(i, lo, hi);
                    }
                }
                narrow
            }
        }
    }

    /// A result of 0 at ±0 has the sign that f has on that side of 0; where f is 0 there too, or jumps, either.
    fn at_zero(&mut self) {
        let exact = precise::rounded(self.formula, &Number::zero(), &T::LAYOUT);
        if let Demand::Close { .. } = self.demand {
            return self.measure(0, exact, exact);
        }
        let negative = self.x[0].to_f64().is_sign_negative();
        let beside = power_of_two(if negative { -1 } else { 1 }, -1100);
        let side = precise::PRECISIONS.iter().find_map(|p| precise::enclose(self.formula, &beside, *p).ok());
        let (y, small) = (self.y[0].to_f64(), power_of_two(1, -150));
        let right = match side {
            _ if exact != 0.0 => T::bits_of(exact) == self.y[0].to_bits(),
            Some(side) if side.lo > Number::zero() && side.hi < small => y == 0.0 && y.is_sign_positive(),
            Some(side) if side.hi < Number::zero() && side.lo > -small.clone() => y == 0.0 && y.is_sign_negative(),
            _ => y == 0.0,
        };
        if !right {
            self.wrong(0, exact);
        }
    }

    fn precisely(&mut self, i: usize, x: &Number) {
        self.outcome.precise += 1;
        match self.demand {
            Demand::Exact => {
                let expected = precise::rounded(self.formula, x, &T::LAYOUT);
                if T::bits_of(expected) != self.y[i].to_bits() {
                    self.wrong(i, expected);
                }
            }
            Demand::Close { .. } => {
                let exact = precise::rounded(self.formula, x, &Layout::F64);
                self.measure(i, exact, exact);
            }
        }
    }

    fn wrong(&mut self, i: usize, expected: f64) {
        self.outcome.wrong += 1;
        if self.outcome.first_wrong.len() < LISTED {
            let (x, found) = (self.x[i], self.y[i].to_f64());
            self.outcome.first_wrong.push(Wrong { bits: x.to_bits(), x: x.to_f64(), found, expected });
        }
    }

    fn measure(&mut self, i: usize, lo: f64, hi: f64) {
        let found = self.y[i].to_f64();
        let absolute = (found - lo).abs().max((found - hi).abs());
        if let Demand::Close { allowance } = self.demand
            && absolute <= allowance
        {
            return;
        }
        let ulps = T::LAYOUT.error(found, lo, hi);
        if self.outcome.worst.is_none_or(|w| ulps > w.ulps) {
            self.outcome.worst = Some(Worst { ulps, absolute, x: self.x[i].to_f64(), found });
        }
    }
}

/// Whether each result is what both of its bounds round to; their signs tell those of zeros.
fn all_certified<T: Storage>(y: &[T], lo: &[f64; BLOCK], hi: &[f64; BLOCK]) -> bool {
    let mut differ = 0;
    for ((y, lo), hi) in y.iter().zip(lo).zip(hi) {
        differ |= (T::bits_of(*lo) ^ y.to_bits()) | (T::bits_of(*hi) ^ y.to_bits());
    }
    differ == 0
}
