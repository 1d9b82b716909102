//! What definitions of rowwise functions are made of: maps, sums and maxima over a row, in an order that is fixed whatever
//! the instruction set.

use crate::math::pair;
use crate::{Elementwise, Real};

/// Elements of a vectorised step. What is left of a row is padded to one.
const STEP: usize = 16;

/// y = f(x), element by element.
#[inline(always)]
pub(crate) fn map<R: Real>(x: &[R], y: &mut [R], f: impl Fn(R) -> R) {
    for (x, y) in x.chunks(STEP).zip(y.chunks_mut(STEP)) {
        let x = load(x);
        let mut block = [R::ZERO; STEP];
        for (y, x) in block.iter_mut().zip(x) {
            *y = f(x);
        }
        store(block, y);
    }
}

/// y = f(y), element by element.
#[inline(always)]
pub(crate) fn map_in_place<R: Real>(y: &mut [R], f: impl Fn(R) -> R) {
    for y in y.chunks_mut(STEP) {
        let mut block = load(y);
        for y in &mut block {
            *y = f(*y);
        }
        store(block, y);
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
    for (step, (x, y)) in x.chunks(STEP).zip(y.chunks_mut(STEP)).enumerate() {
        let x = load(x);
        let mut block = [R::ZERO; STEP];
        for lane in 0..STEP {
            block[lane] = op.apply(step * STEP + lane, x[lane]);
        }
        store(block, y);
    }
}

/// a = f(a, b), element by element.
#[inline(always)]
pub(crate) fn zip_in_place<R: Real>(a: &mut [R], b: &[R], f: impl Fn(R, R) -> R) {
    for (a, b) in a.chunks_mut(STEP).zip(b.chunks(STEP)) {
        let (mut block, b) = (load(a), load(b));
        for (a, b) in block.iter_mut().zip(b) {
            *a = f(*a, b);
        }
        store(block, a);
    }
}

/// y = f(a, b), element by element.
#[inline(always)]
pub(crate) fn zip<R: Real>(a: &[R], b: &[R], y: &mut [R], f: impl Fn(R, R) -> R) {
    for ((a, b), y) in a.chunks(STEP).zip(b.chunks(STEP)).zip(y.chunks_mut(STEP)) {
        let (a, b) = (load(a), load(b));
        let mut block = [R::ZERO; STEP];
        for (y, (a, b)) in block.iter_mut().zip(a.into_iter().zip(b)) {
            *y = f(a, b);
        }
        store(block, y);
    }
}

/// y = f(a, b, c), element by element.
#[inline(always)]
pub(crate) fn zip3<R: Real>(a: &[R], b: &[R], c: &[R], y: &mut [R], f: impl Fn(R, R, R) -> R) {
    for (((a, b), c), y) in a.chunks(STEP).zip(b.chunks(STEP)).zip(c.chunks(STEP)).zip(y.chunks_mut(STEP)) {
        let (a, b, c) = (load(a), load(b), load(c));
        let mut block = [R::ZERO; STEP];
        for lane in 0..STEP {
            block[lane] = f(a[lane], b[lane], c[lane]);
        }
        store(block, y);
    }
}

/// A whole step, or what there is and the first number again and again. One call of the closure above serves both, so
/// that it is sure to be inlined; were it not, it would be compiled without the instruction set.
#[inline(always)]
fn load<R: Real>(x: &[R]) -> [R; STEP] {
    match x.try_into() {
        Ok(block) => block,
        Err(_) => {
            let mut block = [x[0]; STEP];
            block[..x.len()].copy_from_slice(x);
            block
        }
    }
}

#[inline(always)]
fn store<R: Real>(block: [R; STEP], y: &mut [R]) {
    if y.len() == STEP {
        y.copy_from_slice(&block);
    } else {
        y.copy_from_slice(&block[..y.len()]);
    }
}

/// The largest number; NaN where there is one.
#[inline(always)]
pub(crate) fn max<R: Real>(x: &[R]) -> R {
    max_by(x, |x| x)
}

/// The largest f(x); NaN where there is one.
#[inline(always)]
pub(crate) fn max_by<R: Real>(x: &[R], f: impl Fn(R) -> R + Copy) -> R {
    if x.len() < 16 * STEP { max_in::<R, STEP>(x, f) } else { max_in::<R, { 4 * STEP }>(x, f) }
}

#[inline(always)]
fn max_in<R: Real, const LANES: usize>(x: &[R], f: impl Fn(R) -> R) -> R {
    let mut lanes = [f(x[0]); LANES];
    let (blocks, rest) = x.as_chunks::<LANES>();
    for block in blocks {
        for (lane, x) in lanes.iter_mut().zip(block) {
            *lane = lane.max(f(*x));
        }
    }
    let mut padded = [x[0]; LANES];
    padded[..rest.len()].copy_from_slice(rest);
    for (lane, x) in lanes.iter_mut().zip(padded) {
        *lane = lane.max(f(x));
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = lanes[lane].max(lanes[half + lane]);
        }
        half /= 2;
    }
    lanes[0]
}

/// Σ xᵢ as `high + low`: the error does not grow with the number of terms.
#[inline(always)]
pub(crate) fn sum<R: Real>(x: &[R]) -> (R, R) {
    dot_by(x, x, |x, _| x)
}

/// Σ aᵢ bᵢ as `high + low`; each product is rounded.
#[inline(always)]
pub(crate) fn dot<R: Real>(a: &[R], b: &[R]) -> (R, R) {
    dot_by(a, b, |a, b| a * b)
}

/// Σ f(aᵢ, bᵢ) as `high + low`, for a term of few operations.
///
/// Short rows are summed in one step's lanes, which are soon added up; longer ones in four times as many, which hides
/// the latency of the compensated sum.
#[inline(always)]
pub(crate) fn dot_by<R: Real>(a: &[R], b: &[R], term: impl Fn(R, R) -> R + Copy) -> (R, R) {
    if a.len() < 16 * STEP { dot_in::<R, STEP>(a, b, term) } else { dot_in::<R, { 4 * STEP }>(a, b, term) }
}

#[inline(always)]
fn dot_in<R: Real, const LANES: usize>(a: &[R], b: &[R], term: impl Fn(R, R) -> R) -> (R, R) {
    let mut sums = [R::ZERO; LANES];
    let mut lows = [R::ZERO; LANES];
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            add(&mut sums[lane], &mut lows[lane], term(a[lane], b[lane]));
        }
    }
    let mut terms = [R::ZERO; LANES];
    for (padded, (a, b)) in terms.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *padded = term(*a, *b);
    }
    for lane in 0..LANES {
        add(&mut sums[lane], &mut lows[lane], terms[lane]);
    }
    reduce(sums, lows)
}

/// The sum of all lanes.
#[inline(always)]
fn reduce<R: Real, const LANES: usize>(mut sums: [R; LANES], mut lows: [R; LANES]) -> (R, R) {
    let mut half = LANES / 2;
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

/// Σ f(xᵢ) as `high + low`, for a term of many operations: they hide the latency of the sum in one step's lanes.
#[inline(always)]
pub(crate) fn sum_by<R: Real>(x: &[R], f: impl Fn(R) -> R) -> (R, R) {
    totals(x, |x| ((f(x), R::ZERO), R::ZERO)).0
}

/// Σ f(xᵢ).0, of pairs, as `high + low`, and Σ f(xᵢ).1, rounded as it goes.
#[inline(always)]
fn totals<R: Real>(x: &[R], f: impl Fn(R) -> ((R, R), R)) -> ((R, R), R) {
    let (mut sums, mut lows, mut others) = ([R::ZERO; STEP], [R::ZERO; STEP], [R::ZERO; STEP]);
    for x in x.chunks(STEP) {
        let block = load(x);
        let (mut terms, mut term_lows, mut other) = ([R::ZERO; STEP], [R::ZERO; STEP], [R::ZERO; STEP]);
        for lane in 0..STEP {
            ((terms[lane], term_lows[lane]), other[lane]) = f(block[lane]);
        }
        if x.len() < STEP {
            terms[x.len()..].fill(R::ZERO);
            term_lows[x.len()..].fill(R::ZERO);
            other[x.len()..].fill(R::ZERO);
        }
        for lane in 0..STEP {
            add(&mut sums[lane], &mut lows[lane], terms[lane]);
            lows[lane] = lows[lane] + term_lows[lane];
            others[lane] = others[lane] + other[lane];
        }
    }
    let mut half = STEP / 2;
    while half > 0 {
        for lane in 0..half {
            others[lane] = others[lane] + others[half + lane];
        }
        half /= 2;
    }
    (reduce(sums, lows), others[0])
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

/// e^(x − max) for x ≤ max; 1 where they are equal, even if infinite.
#[inline(always)]
pub(crate) fn exp_difference<R: Real>(x: R, max: R) -> R {
    let (d, low) = difference(x, max);
    d.exp_nonpos_with(low)
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
    for ((values, gates), y) in values.chunks(STEP).zip(gates.chunks(STEP)).zip(y.chunks_mut(STEP)) {
        let (values, gates) = (load(values), load(gates));
        let mut block = [R::ZERO; STEP];
        for lane in 0..STEP {
            let (value, g) = (values[lane], gates[lane]);
            block[lane] = keep_nan(value, g, value * gate.value_as_factor(g));
        }
        store(block, y);
    }
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
    let inputs = values.chunks(STEP).zip(gates.chunks(STEP)).zip(grad_y.chunks(STEP));
    let outputs = grad_values.chunks_mut(STEP).zip(grad_gates.chunks_mut(STEP));
    for (((values, gates), grad_y), (grad_values, grad_gates)) in inputs.zip(outputs) {
        let (values, gates, grad_y) = (load(values), load(gates), load(grad_y));
        let (mut by_value, mut by_gate) = ([R::ZERO; STEP], [R::ZERO; STEP]);
        for lane in 0..STEP {
            let (value, g) = (values[lane], gates[lane]);
            by_value[lane] = keep_nan(value, g, grad_y[lane] * gate.value_as_factor(g));
            by_gate[lane] = keep_nan(value, g, grad_y[lane] * (value * gate.derivative(g)));
        }
        store(by_value, grad_values);
        store(by_gate, grad_gates);
    }
}

/// y, or NaN where a or b is: definitions of single numbers may drop it in a select.
#[inline(always)]
fn keep_nan<R: Real>(a: R, b: R, y: R) -> R {
    if a.is_nan() | b.is_nan() { a + b } else { y }
}
