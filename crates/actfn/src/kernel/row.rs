//! What definitions of rowwise functions are made of: maps, sums and maxima over a row, in an order that is fixed whatever
//! the instruction set.

use crate::math::pair;
use crate::{Elementwise, Real};

/// Elements of a vectorised step. What is left of a row is padded to one. With 16 LLVM unrolled the loops over a step before
/// it vectorised them, and made scalars of sums: softmax took twice the time.
const STEP: usize = 32;

/// A row's whole steps, and what is left of it followed by `with`.
///
/// Loops treat the last step after the others, by the same expression. Tried before: one loop body for both, which LLVM made
/// scalars of, or a call of `memcpy` in each step. What is called twice so must be small, or `#[inline(always)]`: what is not inlined
/// is compiled without the instruction set.
#[inline(always)]
fn steps<R: Real>(x: &[R], with: R) -> (&[[R; STEP]], Option<[R; STEP]>) {
    let (steps, rest) = x.as_chunks();
    let mut last = [with; STEP];
    last[..rest.len()].copy_from_slice(rest);
    (steps, (!rest.is_empty()).then_some(last))
}

/// Writes as many numbers of a block as there is room for.
#[inline(always)]
fn write<R: Real>(block: [R; STEP], rest: &mut [R]) {
    rest.copy_from_slice(&block[..rest.len()]);
}

/// y = f(x), element by element.
#[inline(always)]
pub(crate) fn map<R: Real>(x: &[R], y: &mut [R], f: impl Fn(R) -> R) {
    let (x_steps, last) = steps(x, x[0]);
    let (y_steps, rest) = y.as_chunks_mut();
    for (x, y) in x_steps.iter().zip(y_steps) {
        *y = by_lane(|lane| f(x[lane]));
    }
    if let Some(x) = last {
        write(by_lane(|lane| f(x[lane])), rest);
    }
}

/// y = f(y), element by element.
#[inline(always)]
pub(crate) fn map_in_place<R: Real>(y: &mut [R], f: impl Fn(R) -> R) {
    let (_, last) = steps(y, y[0]);
    let (y_steps, rest) = y.as_chunks_mut();
    for y in y_steps {
        *y = by_lane(|lane| f(y[lane]));
    }
    if let Some(y) = last {
        write(by_lane(|lane| f(y[lane])), rest);
    }
}

/// What [`map_indexed`] applies: no closure, for it would be too large to be sure of its place in the loop.
pub(crate) trait Indexed<R>: Copy {
    /// Must be `#[inline(always)]`.
    fn apply(self, index: usize, x: R) -> R;
}

/// y = op(i, xᵢ), element by element.
#[inline(always)]
pub(crate) fn map_indexed<R: Real>(x: &[R], y: &mut [R], op: impl Indexed<R>) {
    let (x_steps, last) = steps(x, x[0]);
    let (y_steps, rest) = y.as_chunks_mut();
    for (step, (x, y)) in x_steps.iter().zip(y_steps).enumerate() {
        *y = apply(op, step, x);
    }
    if let Some(x) = last {
        write(apply(op, x_steps.len(), &x), rest);
    }
}

#[inline(always)]
fn apply<R: Real>(op: impl Indexed<R>, step: usize, x: &[R; STEP]) -> [R; STEP] {
    let mut y = [R::ZERO; STEP];
    for lane in 0..STEP {
        y[lane] = op.apply(step * STEP + lane, x[lane]);
    }
    y
}

/// a = f(a, b), element by element.
#[inline(always)]
pub(crate) fn zip_in_place<R: Real>(a: &mut [R], b: &[R], f: impl Fn(R, R) -> R) {
    let (b_steps, b_last) = steps(b, b[0]);
    let (_, a_last) = steps(a, a[0]);
    let (a_steps, rest) = a.as_chunks_mut();
    for (a, b) in a_steps.iter_mut().zip(b_steps) {
        *a = by_lane(|lane| f(a[lane], b[lane]));
    }
    if let (Some(a), Some(b)) = (a_last, b_last) {
        write(by_lane(|lane| f(a[lane], b[lane])), rest);
    }
}

/// y = f(a, b), element by element.
#[inline(always)]
pub(crate) fn zip<R: Real>(a: &[R], b: &[R], y: &mut [R], f: impl Fn(R, R) -> R) {
    let (a_steps, a_last) = steps(a, a[0]);
    let (b_steps, b_last) = steps(b, b[0]);
    let (y_steps, rest) = y.as_chunks_mut();
    for ((a, b), y) in a_steps.iter().zip(b_steps).zip(y_steps) {
        *y = by_lane(|lane| f(a[lane], b[lane]));
    }
    if let (Some(a), Some(b)) = (a_last, b_last) {
        write(by_lane(|lane| f(a[lane], b[lane])), rest);
    }
}

/// y = f(a, b, c), element by element.
#[inline(always)]
pub(crate) fn zip3<R: Real>(a: &[R], b: &[R], c: &[R], y: &mut [R], f: impl Fn(R, R, R) -> R) {
    let (a_steps, a_last) = steps(a, a[0]);
    let (b_steps, b_last) = steps(b, b[0]);
    let (c_steps, c_last) = steps(c, c[0]);
    let (y_steps, rest) = y.as_chunks_mut();
    for (((a, b), c), y) in a_steps.iter().zip(b_steps).zip(c_steps).zip(y_steps) {
        *y = by_lane(|lane| f(a[lane], b[lane], c[lane]));
    }
    if let (Some(a), Some(b), Some(c)) = (a_last, b_last, c_last) {
        write(by_lane(|lane| f(a[lane], b[lane], c[lane])), rest);
    }
}

#[inline(always)]
fn by_lane<R: Real>(f: impl Fn(usize) -> R) -> [R; STEP] {
    let mut block = [R::ZERO; STEP];
    for (lane, y) in block.iter_mut().enumerate() {
        *y = f(lane);
    }
    block
}

/// The largest number; NaN where there is one.
#[inline(always)]
pub(crate) fn max<R: Real>(x: &[R]) -> R {
    if has_nan(x) { R::from_f64(f64::NAN) } else { largest(x, |x| x) }
}

/// Whether a number is NaN.
#[inline(always)]
pub(crate) fn has_nan<R: Real>(x: &[R]) -> bool {
    let mut seen = [R::ZERO; STEP];
    let (x_steps, last) = steps(x, R::ZERO);
    for x in x_steps.iter().chain(&last) {
        seen = by_lane(|lane| if x[lane].is_nan() { x[lane] } else { seen[lane] });
    }
    // Zeros else.
    seen.into_iter().fold(R::ZERO, |a, b| a + b).is_nan()
}

/// The largest f(x). NaN may be passed over, or be the result.
#[inline(always)]
pub(crate) fn largest<R: Real>(x: &[R], f: impl Fn(R) -> R) -> R {
    const STEPS: usize = 2;
    let mut lanes = [[f(x[0]); STEP]; STEPS];
    let (x_steps, last) = steps(x, x[0]);
    let (blocks, rest) = x_steps.as_chunks::<STEPS>();
    for block in blocks {
        for (lanes, x) in lanes.iter_mut().zip(block) {
            *lanes = by_lane(|lane| larger(lanes[lane], f(x[lane])));
        }
    }
    for x in rest.iter().chain(&last) {
        lanes[0] = by_lane(|lane| larger(lanes[0][lane], f(x[lane])));
    }
    let [a, b] = lanes;
    let lanes = by_lane(|lane| larger(a[lane], b[lane]));
    lanes.into_iter().reduce(larger).unwrap_or(lanes[0])
}

/// One instruction, unlike [`Real::max`].
#[inline(always)]
fn larger<R: Real>(a: R, b: R) -> R {
    if b > a { b } else { a }
}

/// Σ xᵢ as `high + low`: the error does not grow with the number of terms.
#[inline(always)]
pub(crate) fn sum<R: Real>(x: &[R]) -> (R, R) {
    dot_by(x, x, |x, _| x)
}

/// Σ aᵢ bᵢ as `high + low`. Each product is rounded, and each sum of two: that is one operation, and adding to the compensated sum
/// is seven.
#[inline(always)]
pub(crate) fn dot<R: Real>(a: &[R], b: &[R]) -> (R, R) {
    let (mut sums, mut lows) = ([R::ZERO; STEP], [R::ZERO; STEP]);
    let (a_steps, a_last) = steps(a, R::ZERO);
    let (b_steps, b_last) = steps(b, R::ZERO);
    let (a_pairs, a_rest) = a_steps.as_chunks();
    let (b_pairs, b_rest) = b_steps.as_chunks();
    for ([a, a_next], [b, b_next]) in a_pairs.iter().zip(b_pairs) {
        for lane in 0..STEP {
            let terms = a[lane].mul_add(b[lane], a_next[lane] * b_next[lane]);
            add(&mut sums[lane], &mut lows[lane], terms);
        }
    }
    for (a, b) in a_rest.iter().chain(&a_last).zip(b_rest.iter().chain(&b_last)) {
        for lane in 0..STEP {
            add(&mut sums[lane], &mut lows[lane], a[lane] * b[lane]);
        }
    }
    reduce(sums, lows)
}

/// Σ f(aᵢ, bᵢ) as `high + low`, for an f that is 0 at (0, 0).
#[inline(always)]
pub(crate) fn dot_by<R: Real>(a: &[R], b: &[R], term: impl Fn(R, R) -> R) -> (R, R) {
    let (mut sums, mut lows) = ([R::ZERO; STEP], [R::ZERO; STEP]);
    let (a_steps, a_last) = steps(a, R::ZERO);
    let (b_steps, b_last) = steps(b, R::ZERO);
    for (a, b) in a_steps.iter().chain(&a_last).zip(b_steps.iter().chain(&b_last)) {
        for lane in 0..STEP {
            add(&mut sums[lane], &mut lows[lane], term(a[lane], b[lane]));
        }
    }
    reduce(sums, lows)
}

/// The sum of all lanes.
#[inline(always)]
fn reduce<R: Real>(mut sums: [R; STEP], mut lows: [R; STEP]) -> (R, R) {
    let mut half = STEP / 2;
    while half > 0 {
        for lane in 0..half {
            let other = sums[half + lane];
            lows[lane] = lows[lane] + lows[half + lane];
            add(&mut sums[lane], &mut lows[lane], other);
        }
        half /= 2;
    }
    (sums[0], lows[0])
}

/// Σ f(xᵢ).0, of pairs, as `high + low`, and Σ f(xᵢ).1, rounded as it goes, for an f that is 0 at NaN.
#[inline(always)]
fn totals<R: Real>(x: &[R], f: impl Fn(R) -> ((R, R), R)) -> ((R, R), R) {
    let mut totals = Totals { sums: [R::ZERO; STEP], lows: [R::ZERO; STEP], others: [R::ZERO; STEP] };
    let (x_steps, last) = steps(x, R::from_f64(f64::NAN));
    for x in x_steps {
        totals.add(x, &f);
    }
    if let Some(x) = last {
        totals.add(&x, &f);
    }
    let Totals { sums, lows, mut others } = totals;
    let mut half = STEP / 2;
    while half > 0 {
        for lane in 0..half {
            others[lane] = others[lane] + others[half + lane];
        }
        half /= 2;
    }
    (reduce(sums, lows), others[0])
}

/// What [`totals`] has added up.
struct Totals<R> {
    sums: [R; STEP],
    lows: [R; STEP],
    others: [R; STEP],
}

impl<R: Real> Totals<R> {
    #[inline(always)]
    fn add(&mut self, x: &[R; STEP], f: impl Fn(R) -> ((R, R), R)) {
        for (lane, x) in x.iter().enumerate() {
            let ((term, low), other) = f(*x);
            add(&mut self.sums[lane], &mut self.lows[lane], term);
            self.lows[lane] = self.lows[lane] + low;
            self.others[lane] = self.others[lane] + other;
        }
    }
}

/// One term more: `sum + low` is the true sum so far. [`pair::sum`] is exact whichever of the two is larger; Kahan's
/// four operations are not, and cost softmax half a unit of the last place when a small number comes first.
#[inline(always)]
fn add<R: Real>(sum: &mut R, low: &mut R, term: R) {
    let (next, error) = pair::sum(*sum, term);
    *low = *low + error;
    *sum = next;
}

/// x − max = d + low exactly, for x ≤ max. A number equal to `max` gives 0 even if both are infinite; below that, `low`
/// is NaN where d is −∞.
#[inline(always)]
pub(crate) fn difference<R: Real>(x: R, max: R) -> (R, R) {
    let (d, low) = pair::sum(x, -max);
    let equal = x == max;
    (if equal { R::ZERO } else { d }, if equal { R::ZERO } else { low })
}

/// Whether [`Real::exp_below`] takes a row's largest number. Where it does not, [`difference`] is exact, or the exponential of
/// what it rounds is 0.
#[inline(always)]
pub(crate) fn is_moderate<R: Real>(max: R) -> bool {
    max.abs() < R::from_f64(1_048_576.0)
}

/// y = e^(f(x) − max) up to a factor, element by element, and Σ y as `high + low`. `max` is the [`largest`] f(x), or more, and f
/// its own inverse.
#[inline(always)]
pub(crate) fn exponentials<R: Real>(x: &[R], y: &mut [R], max: R, f: impl Fn(R) -> R) -> (R, R) {
    if !is_moderate(max) {
        map(x, y, f);
        return exponentials_in_place(y, max);
    }
    let mut sum = SumOfPositive::new(max.exp_below(max));
    let (x_steps, last) = steps(x, f(R::from_f64(f64::NEG_INFINITY)));
    let (y_steps, rest) = y.as_chunks_mut();
    for (x, y) in x_steps.iter().zip(y_steps) {
        *y = by_lane(|lane| f(x[lane]).exp_below(max));
        sum.add(y);
    }
    if let Some(x) = last {
        let y = by_lane(|lane| f(x[lane]).exp_below(max));
        sum.add(&y);
        write(y, rest);
    }
    sum.total()
}

/// y = e^(y − max) up to a factor, element by element, and Σ y as `high + low`.
#[inline(always)]
pub(crate) fn exponentials_in_place<R: Real>(y: &mut [R], max: R) -> (R, R) {
    let max = moderate(y, max);
    let mut sum = SumOfPositive::new(max.exp_below(max));
    let (_, last) = steps(y, R::from_f64(f64::NEG_INFINITY));
    let (y_steps, rest) = y.as_chunks_mut();
    for y in y_steps {
        *y = by_lane(|lane| y[lane].exp_below(max));
        sum.add(y);
    }
    if let Some(y) = last {
        let y = by_lane(|lane| y[lane].exp_below(max));
        sum.add(&y);
        write(y, rest);
    }
    sum.total()
}

/// Shifts a row so that [`Real::exp_below`] takes it, if it must be; returns its largest number. Those equal to the largest
/// count as equal even if they are infinite.
#[inline(always)]
fn moderate<R: Real>(y: &mut [R], max: R) -> R {
    if is_moderate(max) {
        return max;
    }
    map_in_place(y, |y| difference(y, max).0);
    R::ZERO
}

/// The factor of [`exponentials`], times e^(x − max).
#[inline(always)]
pub(crate) fn exponential<R: Real>(x: R, max: R) -> R {
    if is_moderate(max) { x.exp_below(max) } else { difference(x, max).0.exp_below(R::ZERO) }
}

/// ln Σ e^(x − max), for a [moderate](is_moderate) largest number `max`.
///
/// The logarithm is taken of 1 + the terms of all but the largest number, which keeps its digits where that outweighs the others.
#[inline(always)]
pub(crate) fn log_sum<R: Real>(x: &[R], max: R) -> R {
    let unit = max.exp_below(max);
    let mut sum = SumOfPositive::new(unit);
    let (x_steps, last) = steps(x, R::from_f64(f64::NEG_INFINITY));
    for x in x_steps {
        sum.add(&by_lane(|lane| x[lane].exp_below(max)));
    }
    if let Some(x) = last {
        sum.add(&by_lane(|lane| x[lane].exp_below(max)));
    }
    let (sum, low) = sum.total();
    (((sum - unit) + low) / unit).log1p()
}

/// A compensated sum of numbers from 0 to `most`, or a little more.
struct SumOfPositive<R> {
    start: R,
    sums: [R; STEP],
    lows: [R; STEP],
}

impl<R: Real> SumOfPositive<R> {
    #[inline(always)]
    fn new(most: R) -> Self {
        // More than any term: so three operations give what rounding takes away, and not six.
        let start = most + most;
        Self { start, sums: [start; STEP], lows: [R::ZERO; STEP] }
    }

    #[inline(always)]
    fn add(&mut self, terms: &[R; STEP]) {
        for (lane, term) in terms.iter().enumerate() {
            let (sum, error) = pair::fast_sum(self.sums[lane], *term);
            self.sums[lane] = sum;
            self.lows[lane] = self.lows[lane] + error;
        }
    }

    #[inline(always)]
    fn total(self) -> (R, R) {
        reduce(by_lane(|lane| self.sums[lane] - self.start), self.lows)
    }
}

/// 1 for the largest number, the first of equal ones, and 0 for the others; NaN where there is one.
#[inline(always)]
pub(crate) fn first_largest<R: Real>(y: &mut [R]) {
    let max = max(y);
    let first = y.iter().position(|y| *y == max);
    y.fill(if max.is_nan() { max } else { R::ZERO });
    if let Some(first) = first {
        y[first] = R::ONE;
    }
}

/// y / (sum + low), element by element: two products a number, rounded but once.
#[inline(always)]
pub(crate) fn divide<R: Real>(y: &mut [R], (sum, low): (R, R)) {
    let inverse = R::ONE / sum;
    let inverse_low = inverse * (-low).mul_add(inverse, (-sum).mul_add(inverse, R::ONE));
    map_in_place(y, |y| y.mul_add(inverse, y * inverse_low));
}

/// A row's place above a threshold: `scale` · (x − max) − τ where that is positive, else 0, as a pair.
///
/// `scale` is a power of two. `max` is not NaN.
#[inline(always)]
pub(crate) fn above<R: Real>(x: R, max: R, scale: R, (tau, tau_low): (R, R)) -> (R, R) {
    let (d, low) = difference(x, max);
    let (high, rest) = pair::sum(scale * d, -tau);
    let (high, low) = pair::fast_sum(high, rest + scale.mul_add(low, -tau_low));
    let positive = high > R::ZERO; // false for −∞, where `low` is NaN
    (if positive { high } else { R::ZERO }, if positive { low } else { R::ZERO })
}

/// The threshold τ ∈ [−1, 0) at which Σ f([`above`]) = 1, as a pair.
///
/// `term` gives f and −f′ up to a factor; `step` takes Σ f − 1, Σ f and the sum of the latter to Newton's step. Σ f is
/// convex and falls, so that steps from −1 come nearer to the root from one side. The root is no further off than Σ f − 1
/// is large, since the largest number alone makes a slope of 1: the last step is taken where that is below the pair's
/// own precision, or rounding keeps it from falling. (How short a step is says less: its slope may be that of many
/// numbers between here and the root.)
///
/// By the same convexity a step that leaves the fraction a of Σ f − 1 leaves at most 1 − a of the slope (Radzik 1998), so
/// their product falls by 4 at least: for sparsemax of n numbers in p bits there are no more than about log₂ n + p steps.
#[inline(always)]
pub(crate) fn threshold<R: Real>(
    x: &[R],
    max: R,
    scale: R,
    term: impl Fn((R, R)) -> ((R, R), R),
    step: impl Fn(R, R, R) -> R,
) -> (R, R) {
    let epsilon = (R::from_f64(4.0 / 3.0) - R::ONE) * R::from_f64(3.0) - R::ONE; // the rounding of 4/3 three times
    let enough = epsilon * epsilon;
    let mut tau = (-R::ONE, R::ZERO);
    let mut last = R::from_f64(f64::INFINITY);
    for _ in 0..MOST_STEPS {
        let ((sum, low), slope) = totals(x, |x| term(above(x, max, scale, tau)));
        let excess = (sum - R::ONE) + low;
        let (next, rest) = pair::sum(tau.0, step(excess, sum, slope));
        tau = pair::fast_sum(next, rest + tau.1);
        let falls = excess > enough && excess < last;
        if !falls {
            break;
        }
        last = excess;
    }
    tau
}

/// More than [`threshold`] needs: it ends whatever rounding does.
const MOST_STEPS: usize = 100;

/// The outputs of a gated row: half of an even number of inputs.
pub(crate) fn half_of(inputs: usize) -> Option<usize> {
    (inputs > 0 && inputs.is_multiple_of(2)).then_some(inputs / 2)
}

/// y = value · gate(g), where the row x is [values, gates], or [gates, values] if `gate_first`. NaN in either gives NaN.
///
/// The gate is no closure here: it would be too large to be sure of its place in the loop.
#[inline(always)]
pub(crate) fn gated<R: Real>(gate: impl Elementwise, gate_first: bool, x: &[R], y: &mut [R]) {
    let (first, second) = x.split_at(x.len() / 2);
    let (values, gates) = if gate_first { (second, first) } else { (first, second) };
    let (value_steps, value_last) = steps(values, values[0]);
    let (gate_steps, gate_last) = steps(gates, gates[0]);
    let (y_steps, rest) = y.as_chunks_mut();
    for ((values, gates), y) in value_steps.iter().zip(gate_steps).zip(y_steps) {
        *y = gated_step(gate, values, gates);
    }
    if let (Some(values), Some(gates)) = (value_last, gate_last) {
        write(gated_step(gate, &values, &gates), rest);
    }
}

#[inline(always)]
fn gated_step<R: Real>(gate: impl Elementwise, values: &[R; STEP], gates: &[R; STEP]) -> [R; STEP] {
    let mut y = [R::ZERO; STEP];
    for lane in 0..STEP {
        let (value, g) = (values[lane], gates[lane]);
        y[lane] = keep_nan(value, g, times_pair(value, gate.value_as_factor(g)));
    }
    y
}

/// The backward pass of [`gated`].
#[inline(always)]
pub(crate) fn gated_backward<R: Real>(
    gate: impl Elementwise,
    gate_first: bool,
    x: &[R],
    grad_y: &[R],
    grad_x: &mut [R],
) {
    let half = x.len() / 2;
    let (first, second) = x.split_at(half);
    let (grad_first, grad_second) = grad_x.split_at_mut(half);
    let (values, gates) = if gate_first { (second, first) } else { (first, second) };
    let (grad_values, grad_gates) = if gate_first { (grad_second, grad_first) } else { (grad_first, grad_second) };
    let (value_steps, value_last) = steps(values, values[0]);
    let (gate_steps, gate_last) = steps(gates, gates[0]);
    let (grad_y_steps, grad_y_last) = steps(grad_y, grad_y[0]);
    let (grad_value_steps, grad_value_rest) = grad_values.as_chunks_mut();
    let (grad_gate_steps, grad_gate_rest) = grad_gates.as_chunks_mut();
    let inputs = value_steps.iter().zip(gate_steps).zip(grad_y_steps);
    let outputs = grad_value_steps.iter_mut().zip(grad_gate_steps);
    for (((values, gates), grad_y), (grad_values, grad_gates)) in inputs.zip(outputs) {
        (*grad_values, *grad_gates) = gated_backward_step(gate, values, gates, grad_y);
    }
    if let (Some(values), Some(gates), Some(grad_y)) = (value_last, gate_last, grad_y_last) {
        let (by_value, by_gate) = gated_backward_step(gate, &values, &gates, &grad_y);
        write(by_value, grad_value_rest);
        write(by_gate, grad_gate_rest);
    }
}

#[inline(always)]
fn gated_backward_step<R: Real>(
    gate: impl Elementwise,
    values: &[R; STEP],
    gates: &[R; STEP],
    grad_y: &[R; STEP],
) -> ([R; STEP], [R; STEP]) {
    let (mut by_value, mut by_gate) = ([R::ZERO; STEP], [R::ZERO; STEP]);
    for lane in 0..STEP {
        let (value, g) = (values[lane], gates[lane]);
        by_value[lane] = keep_nan(value, g, times_pair(grad_y[lane], gate.value_as_factor(g)));
        by_gate[lane] = keep_nan(value, g, grad_y[lane] * (value * gate.derivative(g)));
    }
    (by_value, by_gate)
}

/// x (y + low), rounded once.
#[inline(always)]
fn times_pair<R: Real>(x: R, (y, low): (R, R)) -> R {
    let product = x * y;
    let accurate = x.mul_add(y, x * low);
    // At 0 it keeps the sign, and at ±∞ the low parts are ∞ − ∞.
    if accurate.is_nan() | (product == R::ZERO) { product } else { accurate }
}

/// y, or NaN where a or b is: definitions of single numbers may drop it in a select.
#[inline(always)]
fn keep_nan<R: Real>(a: R, b: R, y: R) -> R {
    if a.is_nan() | b.is_nan() { a + b } else { y }
}
