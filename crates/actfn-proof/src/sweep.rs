//! Runs computations over the inputs of a format and holds each result against the reference.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rayon::prelude::*;

use crate::format::{Layout, Storage, same};
use crate::formula::Formula;
use crate::golden;
use crate::interval::{BLOCK, Bounds};
use crate::precise::{self, Number, number, power_of_two};
use crate::twofold::{self, Balls};

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

/// A computation, and what is asked of it.
pub type Subject<'a, T> = (Demand, &'a (dyn Fn(&[T], &mut [T]) + Sync));

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
    /// How long it took, with the other computations of the same run.
    pub seconds: f64,
    /// The [golden hash](golden) of the results, where every input was run.
    pub hash: Option<u64>,
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

/// Inputs that a thread takes at once, skipped ones included, consecutive in bits: 2¹⁶ of `f32`, more where many are
/// skipped, up to 2²³: all of them are finite, or none is.
fn chunk_bits<T: Storage>(stride: u64) -> u32 {
    if T::BITS == 32 { (16 + stride.ilog2()).min(23) } else { 7 }
}

/// Runs computations of one function over every `stride`-th input of the format T (in the order of their bits, and ±0, ±∞
/// and a NaN in any case). `progress` is told how many inputs are done, the skipped ones included.
pub fn sweep<T: Storage>(
    formula: &Formula,
    subjects: &[Subject<'_, T>],
    stride: u64,
    progress: impl Fn(u64) + Sync,
) -> Vec<Outcome> {
    let start = Instant::now();
    let chunk = 1u64 << chunk_bits::<T>(stride);
    let chunks = (1u64 << T::BITS) / chunk;
    let hashes: Vec<Vec<AtomicU64>> =
        subjects.iter().map(|_| (0..chunks).map(|_| AtomicU64::new(0)).collect()).collect();
    let none = || vec![Outcome::default(); subjects.len()];
    let outcomes = (0..chunks)
        .into_par_iter()
        .map_init(
            || Sweep::new(formula, subjects),
            |sweep, i| {
                let outcomes = sweep.chunk(i * chunk, (i + 1) * chunk, stride);
                for (subject, hashes) in sweep.subjects.iter().zip(&hashes) {
                    hashes[i as usize].store(golden::hash(&subject.y), Ordering::Relaxed);
                }
                progress(chunk);
                outcomes
            },
        )
        .reduce(none, |a, b| a.into_iter().zip(b).map(|(a, b)| a.merge(b)).collect());
    let seconds = start.elapsed().as_secs_f64();
    let whole = stride == 1 && chunk == golden::CHUNK as u64;
    let results = outcomes.into_iter().zip(hashes);
    results
        .map(|(outcome, hashes)| {
            let hashes = hashes.into_iter().map(AtomicU64::into_inner);
            Outcome { seconds, hash: whole.then(|| golden::combine(hashes)), ..outcome }
        })
        .collect()
}

impl Outcome {
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.first_wrong.extend(other.first_wrong);
        self.first_wrong.sort_by_key(|w| w.bits);
        self.first_wrong.truncate(LISTED);
        Self {
            inputs: self.inputs + other.inputs,
            precise: self.precise + other.precise,
            wrong: self.wrong + other.wrong,
            worst: Worst::of_two(self.worst, other.worst),
            ..self
        }
    }
}

impl Worst {
    /// The larger error; of equal ones that at the smaller input, so that the order of the work does not show.
    pub(crate) fn of_two(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if (b.ulps, -b.x) > (a.ulps, -a.x) { b } else { a }),
            (a, b) => a.or(b),
        }
    }
}

/// A thread's work space.
struct Sweep<'a, T> {
    formula: &'a Formula,
    bounds: Bounds,
    balls: Balls,
    x: Vec<T>,
    subjects: Vec<Run<'a, T>>,
}

/// One computation's part of it.
struct Run<'a, T> {
    subject: Subject<'a, T>,
    y: Vec<T>,
    outcome: Outcome,
    /// The largest error this thread has seen: smaller ones need no second look.
    seen: f64,
}

impl<'a, T: Storage> Sweep<'a, T> {
    fn new(formula: &'a Formula, subjects: &[Subject<'a, T>]) -> Self {
        let run =
            |subject: &Subject<'a, T>| Run { subject: *subject, y: Vec::new(), outcome: Outcome::default(), seen: 0.0 };
        Self {
            formula,
            bounds: Bounds::new(formula),
            balls: Balls::new(formula),
            x: Vec::new(),
            subjects: subjects.iter().map(run).collect(),
        }
    }

    /// The inputs with these bits.
    fn chunk(&mut self, start: u64, end: u64, stride: u64) -> Vec<Outcome> {
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
        for run in &mut self.subjects {
            run.y.clear();
            run.y.resize(self.x.len(), T::default());
            (run.subject.1)(&self.x, &mut run.y);
            run.outcome = Outcome { inputs: self.x.len() as u64, ..Outcome::default() };
        }
        if first.to_f64().is_finite() {
            self.finite();
        } else {
            self.not_finite();
        }
        self.subjects.iter_mut().map(|run| std::mem::take(&mut run.outcome)).collect()
    }

    fn not_finite(&mut self) {
        for (i, x) in self.x.iter().enumerate() {
            let value = x.to_f64();
            let expected = if value.is_nan() {
                f64::NAN
            } else {
                // The limit: the value at a number far beyond all formats'.
                let far = power_of_two(value.signum() as i8, 300);
                let limit = precise::rounded(self.formula, &far, &T::LAYOUT);
                if self.formula.swings() && limit.is_finite() { f64::NAN } else { limit }
            };
            for run in &mut self.subjects {
                if T::bits_of(expected) != run.y[i].to_bits() {
                    run.wrong(i, *x, expected);
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
                let x = &self.x;
                let all = self.subjects.iter_mut().all(|run| run.flat(x, at..end, lo[n], hi[n]));
                if !all {
                    self.block(at, end);
                }
            }
            start = end;
        }
    }

    /// Element by element, in intervals, then in balls, and then precisely.
    fn block(&mut self, start: usize, end: usize) {
        let mut x = [0.0; BLOCK];
        for (x, from) in x.iter_mut().zip(&self.x[start..end]) {
            *x = from.to_f64();
        }
        let (lo, hi) = self.bounds.evaluate(&x, &x);
        let (lo, hi) = (*lo, *hi);
        let mut open = [false; BLOCK];
        for run in &mut self.subjects {
            run.judge(&self.x, start..end, &lo, &hi, &mut open);
        }
        if !open.contains(&true) {
            return;
        }
        let open: Vec<usize> = (0..end - start).filter(|i| open[*i]).collect();
        for open in open.chunks(twofold::BLOCK) {
            let mut at = [x[open[0]]; twofold::BLOCK];
            for (at, i) in at.iter_mut().zip(open) {
                *at = x[*i];
            }
            let [high, low, error] = self.balls.evaluate(&at);
            let balls: Vec<_> = (0..open.len()).map(|n| twofold::Truth::new(high[n], low[n], error[n])).collect();
            for (i, ball) in open.iter().zip(balls) {
                self.decide(start + i, lo[*i], hi[*i], ball);
            }
        }
    }

    /// One input whose bounds do not decide: by its ball, or precisely.
    fn decide(&mut self, i: usize, lo: f64, hi: f64, ball: twofold::Truth) {
        let x = self.x[i];
        let exact_x = || number(x.to_f64());
        for run in &mut self.subjects {
            match run.subject.0 {
                Demand::Exact => {
                    let expected = same(T::LAYOUT.round_f64(lo), T::LAYOUT.round_f64(hi), lo >= 0.0, hi <= 0.0);
                    // An exact zero's sign is for the precise arithmetic.
                    let expected = expected.filter(|y| *y != 0.0).or_else(|| ball.rounded(|y| T::LAYOUT.round_f64(y)));
                    let expected = expected.unwrap_or_else(|| {
                        run.outcome.precise += 1;
                        precise::rounded(self.formula, &exact_x(), &T::LAYOUT)
                    });
                    if T::bits_of(expected) != run.y[i].to_bits() {
                        run.wrong(i, x, expected);
                    }
                }
                Demand::Close { .. } => {
                    let (low, high) = ball.bounds();
                    if narrow(&T::LAYOUT, lo, hi) {
                        run.measure(i, x, lo, hi);
                    } else if narrow(&T::LAYOUT, low, high) {
                        run.measure(i, x, low, high);
                    } else {
                        run.outcome.precise += 1;
                        let exact = precise::rounded(self.formula, &exact_x(), &Layout::F64);
                        run.measure(i, x, exact, exact);
                    }
                }
            }
        }
    }

    /// A result of 0 at ±0 has the sign that f has on that side of 0; where f is 0 there too, or jumps, either.
    fn at_zero(&mut self) {
        let exact = precise::rounded(self.formula, &Number::zero(), &T::LAYOUT);
        let x = self.x[0];
        let beside = power_of_two(if x.to_f64().is_sign_negative() { -1 } else { 1 }, -1100);
        let side = precise::PRECISIONS.iter().find_map(|p| precise::enclose(self.formula, &beside, *p).ok());
        let small = power_of_two(1, -150);
        for run in &mut self.subjects {
            if let Demand::Close { .. } = run.subject.0 {
                run.measure(0, x, exact, exact);
                continue;
            }
            let y = run.y[0].to_f64();
            let right = match &side {
                _ if exact != 0.0 => T::bits_of(exact) == run.y[0].to_bits(),
                Some(side) if side.lo > Number::zero() && side.hi < small => y == 0.0 && y.is_sign_positive(),
                Some(side) if side.hi < Number::zero() && side.lo > -small.clone() => y == 0.0 && y.is_sign_negative(),
                _ => y == 0.0,
            };
            if !right {
                run.wrong(0, x, exact);
            }
        }
    }
}

impl<T: Storage> Run<'_, T> {
    /// Whether one pair of bounds for all these results proves them right, or their errors known well enough.
    fn flat(&mut self, x: &[T], range: std::ops::Range<usize>, lo: f64, hi: f64) -> bool {
        match self.subject.0 {
            Demand::Exact => {
                let (a, b) = (T::bits_of(lo), T::bits_of(hi));
                a == b && self.y[range].iter().all(|y| y.to_bits() == a)
            }
            Demand::Close { .. } if narrow(&T::LAYOUT, lo, hi) => {
                let (lo, hi) = T::LAYOUT.within(lo, hi);
                let mut last = None;
                for i in range {
                    // Where f is flat, so are most results.
                    if last != Some(self.y[i].to_bits()) {
                        self.measure(i, x[i], lo, hi);
                    }
                    last = Some(self.y[i].to_bits());
                }
                true
            }
            Demand::Close { .. } => false,
        }
    }

    /// Results of a block beside their bounds; `open` are those that need better ones.
    fn judge(
        &mut self,
        x: &[T],
        range: std::ops::Range<usize>,
        lo: &[f64; BLOCK],
        hi: &[f64; BLOCK],
        open: &mut [bool; BLOCK],
    ) {
        let start = range.start;
        let y = &self.y[range.clone()];
        if self.subject.0 == Demand::Exact {
            if !all_certified(y, lo, hi) {
                for (i, y) in y.iter().enumerate() {
                    let (a, b) = (T::bits_of(lo[i]), T::bits_of(hi[i]));
                    open[i] |= a != b || a != y.to_bits();
                }
            }
            return;
        }
        let mut found = [0.0; BLOCK];
        for (found, y) in found.iter_mut().zip(y) {
            *found = y.to_f64();
        }
        let errors = errors(&T::LAYOUT, &found, lo, hi);
        for i in range {
            let n = i - start;
            if errors[n] <= self.seen {
                continue;
            }
            if narrow(&T::LAYOUT, lo[n], hi[n]) {
                let (lo, hi) = T::LAYOUT.within(lo[n], hi[n]);
                self.measure(i, x[i], lo, hi);
            } else {
                open[n] = true;
            }
        }
    }

    fn wrong(&mut self, i: usize, x: T, expected: f64) {
        self.outcome.wrong += 1;
        if self.outcome.first_wrong.len() < LISTED {
            let found = self.y[i].to_f64();
            self.outcome.first_wrong.push(Wrong { bits: x.to_bits(), x: x.to_f64(), found, expected });
        }
    }

    fn measure(&mut self, i: usize, x: T, lo: f64, hi: f64) {
        let found = self.y[i].to_f64();
        let absolute = (found - lo).abs().max((found - hi).abs());
        if let Demand::Close { allowance } = self.subject.0
            && absolute <= allowance
        {
            return;
        }
        let ulps = T::LAYOUT.error(found, lo, hi);
        self.seen = self.seen.max(ulps);
        let worst = Worst { ulps, absolute, x: x.to_f64(), found };
        self.outcome.worst = Worst::of_two(self.outcome.worst, Some(worst));
    }
}

/// A thousandth of a unit is fine enough for a bound with two digits.
fn narrow(layout: &Layout, lo: f64, hi: f64) -> bool {
    let (lo, hi) = layout.within(lo, hi);
    hi - lo <= layout.ulp(lo.abs().min(hi.abs())) / 1024.0
}

/// No less than [`Layout::error`], and ∞ for what is not finite: a quick first look.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn errors(layout: &Layout, found: &[f64; BLOCK], lo: &[f64; BLOCK], hi: &[f64; BLOCK]) -> [f64; BLOCK] {
    let mut errors = [f64::INFINITY; BLOCK];
    let least = 2f64.powi(1 - layout.largest); // the smallest normal number
    for i in 0..BLOCK {
        let (a, b) = ((found[i] - lo[i]).abs(), (found[i] - hi[i]).abs());
        let distance = if a > b { a } else { b };
        let magnitude = if lo[i].abs() < hi[i].abs() { lo[i].abs() } else { hi[i].abs() };
        let magnitude = if magnitude < least { least } else { magnitude };
        let binade = f64::from_bits(magnitude.to_bits() & 0x7ff0_0000_0000_0000);
        let error = distance / (binade * layout.epsilon());
        errors[i] = if error < f64::INFINITY { error } else { f64::INFINITY };
    }
    errors
}

/// Whether each result is what both of its bounds round to; their signs tell those of zeros.
fn all_certified<T: Storage>(y: &[T], lo: &[f64; BLOCK], hi: &[f64; BLOCK]) -> bool {
    let mut differ = 0;
    for ((y, lo), hi) in y.iter().zip(lo).zip(hi) {
        differ |= (T::bits_of(*lo) ^ y.to_bits()) | (T::bits_of(*hi) ^ y.to_bits());
    }
    differ == 0
}
