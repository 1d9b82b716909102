//! What definitions of rowwise functions are made of: maps, sums and maxima over a row, in an order that is fixed whatever
//! the instruction set.

use crate::activation::Tail;
use crate::math::pair;
use crate::{Elementwise, Real};

/// Lanes of a sum: the order of its terms. What is left of a row is padded to as many.
const LANES: usize = 32;

/// Elements of a vectorised step of what has no order. Bodies of 32 short operations LLVM unrolled before it vectorised them,
/// and made gathers and scatters of the loop around them, for AVX-512: softmax took three times as long.
const STEP: usize = 64;

/// The last numbers of a row, which are computed whether or not others have been already, so that no step is shorter; a
/// row that has not as many is padded. Of memory written in place they are to be taken first. None where whole
/// steps are all.
///
/// Loops treat the last step after the others, by the same expression. Tried before: one loop body for both, which LLVM made
/// scalars of, or a call of `memcpy` in each step. What is called twice so must be small, or `#[inline(always)]`: what is not inlined
/// is compiled without the instruction set.
#[inline(always)]
fn ending<R: Real, const N: usize>(x: &[R]) -> Option<[R; N]> {
    if x.len().is_multiple_of(N) {
        return None;
    }
    Some(match x.last_chunk() {
        Some(last) => *last,
        None => padded(x, x[0]),
    })
}

/// A row's whole steps, and its [`ending`].
#[inline(always)]
fn steps<R: Real>(x: &[R]) -> (&[[R; STEP]], Option<[R; STEP]>) {
    (x.as_chunks().0, ending(x))
}

/// Where the results of whole steps go.
#[inline(always)]
fn steps_mut<R: Real>(y: &mut [R]) -> &mut [[R; STEP]] {
    y.as_chunks_mut().0
}

/// A row's [`ending`] becomes this block.
#[inline(always)]
fn end<R: Real>(block: [R; STEP], y: &mut [R]) {
    match y.last_chunk_mut() {
        Some(last) => *last = block,
        None => y.copy_from_slice(&block[..y.len()]),
    }
}

/// Less than a block, and the rest of it `with`.
#[inline(always)]
fn padded<R: Real, const N: usize>(x: &[R], with: R) -> [R; N] {
    let mut block = [with; N];
    block[..x.len()].copy_from_slice(x);
    block
}

/// A row's terms of a sum, and what is left of them followed by `with`.
#[inline(always)]
fn terms<R: Real>(x: &[R], with: R) -> (&[[R; LANES]], Option<[R; LANES]>) {
    let (terms, rest) = x.as_chunks();
    (terms, (!rest.is_empty()).then(|| padded(rest, with)))
}

/// y = f(x), element by element.
#[inline(always)]
pub(crate) fn map<R: Real>(x: &[R], y: &mut [R], f: impl Fn(R) -> R) {
    let (x_steps, last) = steps(x);
    for (x, y) in x_steps.iter().zip(steps_mut(y)) {
        *y = by_lane(|lane| f(x[lane]));
    }
    if let Some(x) = last {
        end(by_lane(|lane| f(x[lane])), y);
    }
}

/// y = f(y), element by element.
#[inline(always)]
pub(crate) fn map_in_place<R: Real>(y: &mut [R], f: impl Fn(R) -> R) {
    let (_, last) = steps(y);
    for y in steps_mut(y) {
        *y = by_lane(|lane| f(y[lane]));
    }
    if let Some(last) = last {
        end(by_lane(|lane| f(last[lane])), y);
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
    let (x_steps, last) = steps(x);
    for (step, (x, y)) in x_steps.iter().zip(steps_mut(y)).enumerate() {
        *y = apply(op, step * STEP, x);
    }
    if let Some(last) = last {
        end(apply(op, x.len().saturating_sub(STEP), &last), y);
    }
}

#[inline(always)]
fn apply<R: Real>(op: impl Indexed<R>, first: usize, x: &[R; STEP]) -> [R; STEP] {
    let mut y = [R::ZERO; STEP];
    for lane in 0..STEP {
        y[lane] = op.apply(first + lane, x[lane]);
    }
    y
}

/// a = f(a, b), element by element.
#[inline(always)]
pub(crate) fn zip_in_place<R: Real>(a: &mut [R], b: &[R], f: impl Fn(R, R) -> R) {
    let (_, a_last) = steps(a);
    let (b_steps, b_last) = steps(b);
    for (a, b) in steps_mut(a).iter_mut().zip(b_steps) {
        *a = by_lane(|lane| f(a[lane], b[lane]));
    }
    if let (Some(a_last), Some(b_last)) = (a_last, b_last) {
        end(by_lane(|lane| f(a_last[lane], b_last[lane])), a);
    }
}

/// y = f(a, b, c), element by element.
#[inline(always)]
pub(crate) fn zip3<R: Real>(a: &[R], b: &[R], c: &[R], y: &mut [R], f: impl Fn(R, R, R) -> R) {
    let (a_steps, a_last) = steps(a);
    let (b_steps, b_last) = steps(b);
    let (c_steps, c_last) = steps(c);
    for (((a, b), c), y) in a_steps.iter().zip(b_steps).zip(c_steps).zip(steps_mut(y)) {
        *y = by_lane(|lane| f(a[lane], b[lane], c[lane]));
    }
    if let (Some(a), Some(b), Some(c)) = (a_last, b_last, c_last) {
        end(by_lane(|lane| f(a[lane], b[lane], c[lane])), y);
    }
}

#[inline(always)]
fn by_lane<R: Real, const N: usize>(f: impl Fn(usize) -> R) -> [R; N] {
    let mut block = [R::ZERO; N];
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

/// Every NaN becomes the canonical one.
#[inline(always)]
pub(crate) fn canonical<R: Real>(y: &mut [R]) {
    // Looked for first: of stores on a condition LLVM makes masked ones, which are microcode in AMD's processors and took half
    // of softmax.
    if has_nan(y) {
        map_in_place(y, canonical_nan);
    }
}

/// The number, or the canonical NaN.
#[inline(always)]
pub(crate) fn canonical_nan<R: Real>(y: R) -> R {
    if y.is_nan() { R::from_f64(f64::NAN) } else { y }
}

/// As [`canonical`], of gradients made of a mean or a sum of g, `mean + low`: unless that is NaN, infinite, or so large that differences
/// from it overflow, there is no NaN.
#[inline(always)]
pub(crate) fn canonical_if_large<R: Real>(gradients: &mut [R], (mean, low): (R, R)) {
    let moderate = mean.abs() + low.abs() < R::from_f64(1e30);
    if !moderate {
        canonical(gradients);
    }
}

/// Whether a number is NaN.
#[inline(always)]
fn has_nan<R: Real>(x: &[R]) -> bool {
    let mut seen = [R::ZERO; LANES];
    let (blocks, rest) = x.as_chunks::<{ 4 * LANES }>();
    for block in blocks {
        let [a, b, c, d] = block.as_chunks::<LANES>().0 else { continue };
        seen = by_lane(|lane| {
            // Two comparisons in an instruction each.
            let nan = (a[lane].is_nan() | b[lane].is_nan()) | (c[lane].is_nan() | d[lane].is_nan());
            if nan { R::from_f64(f64::NAN) } else { seen[lane] }
        });
    }
    let (steps, rest) = rest.as_chunks::<LANES>();
    for x in steps {
        seen = by_lane(|lane| if x[lane].is_nan() { x[lane] } else { seen[lane] });
    }
    if !rest.is_empty() {
        let last = ending::<R, LANES>(x).unwrap_or(seen);
        seen = by_lane(|lane| if last[lane].is_nan() { last[lane] } else { seen[lane] });
    }
    halved(seen, |a, b| if b.is_nan() { b } else { a }).is_nan()
}

/// The largest f(x). NaN may be passed over, or be the result.
#[inline(always)]
pub(crate) fn largest<R: Real>(x: &[R], f: impl Fn(R) -> R) -> R {
    let mut lanes = [f(x[0]); STEP];
    let (x_steps, last) = steps(x);
    for x in x_steps {
        lanes = by_lane(|lane| larger(lanes[lane], f(x[lane])));
    }
    if let Some(x) = last {
        lanes = by_lane(|lane| larger(lanes[lane], f(x[lane])));
    }
    halved(lanes, larger)
}

/// The largest number of a row, and what is known of the gradient beside it.
pub(crate) struct Top<R> {
    /// The largest f(x). NaN may be passed over, or be the result.
    pub(crate) x: R,
    /// The g beside it; of equal ones, beside one of them.
    pub(crate) g: R,
    /// The largest |g|.
    pub(crate) size: R,
}

/// The [`Top`] of f(x) and g.
#[inline(always)]
pub(crate) fn largest_and<R: Real>(x: &[R], g: &[R], f: impl Fn(R) -> R) -> Top<R> {
    let mut lanes = Tops { x: [f(x[0]); LANES], g: [g[0]; LANES], size: [R::ZERO; LANES] };
    let (x_terms, x_last) = terms(x, x[0]);
    let (g_terms, g_last) = terms(g, g[0]);
    for (x, g) in x_terms.iter().zip(g_terms) {
        lanes.add(x, g, &f);
    }
    if let (Some(x), Some(g)) = (x_last, g_last) {
        lanes.add(&x, &g, &f);
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes.take(lane, lanes.x[half + lane], lanes.g[half + lane]);
        }
        half /= 2;
    }
    Top { x: lanes.x[0], g: lanes.g[0], size: halved(lanes.size, larger) }
}

/// Lanes of a [`Top`].
struct Tops<R> {
    x: [R; LANES],
    g: [R; LANES],
    size: [R; LANES],
}

impl<R: Real> Tops<R> {
    #[inline(always)]
    fn add(&mut self, x: &[R; LANES], g: &[R; LANES], f: impl Fn(R) -> R) {
        for lane in 0..LANES {
            self.take(lane, f(x[lane]), g[lane]);
            self.size[lane] = larger(self.size[lane], g[lane].abs());
        }
    }

    #[inline(always)]
    fn take(&mut self, lane: usize, x: R, g: R) {
        let is_larger = x > self.x[lane];
        self.x[lane] = if is_larger { x } else { self.x[lane] };
        self.g[lane] = if is_larger { g } else { self.g[lane] };
    }
}

/// The lanes by twos, and so on: as many steps as 2 has to be taken to the power of.
#[inline(always)]
fn halved<R: Real, const N: usize>(mut lanes: [R; N], f: impl Fn(R, R) -> R) -> R {
    let mut half = N / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = f(lanes[lane], lanes[half + lane]);
        }
        half /= 2;
    }
    lanes[0]
}

/// One instruction, unlike [`Real::max`].
#[inline(always)]
fn larger<R: Real>(a: R, b: R) -> R {
    if b > a { b } else { a }
}

/// Σ of terms of aᵢ and bᵢ, each added by `add`, which leaves a sum as it is at (0, 0). The error does not grow with the number of
/// terms: no more than two are added before compensated sums take them. (Eight cost 6 ULP of a gradient over rows of 10 000.)
#[inline(always)]
pub(crate) fn sum_by<R: Real>(a: &[R], b: &[R], add: impl Fn(R, R, R) -> R) -> R {
    let (a_terms, a_last) = terms(a, R::ZERO);
    let (b_terms, b_last) = terms(b, R::ZERO);
    let mut block = [R::ZERO; LANES];
    if let (Some(a), Some(b)) = (a_last, b_last) {
        block = by_lane(|lane| add(block[lane], a[lane], b[lane]));
    }
    let mut sum = Sum::new();
    let (a_blocks, a_rest) = a_terms.as_chunks::<2>();
    let (b_blocks, b_rest) = b_terms.as_chunks::<2>();
    for (a, b) in a_rest.iter().zip(b_rest) {
        block = by_lane(|lane| add(block[lane], a[lane], b[lane]));
    }
    for (a_block, b_block) in a_blocks.iter().zip(b_blocks) {
        sum.add(|lane| block[lane]);
        block = [R::ZERO; LANES];
        for (a, b) in a_block.iter().zip(b_block) {
            block = by_lane(|lane| add(block[lane], a[lane], b[lane]));
        }
    }
    let Sum { sums, lows } = sum;
    halved(by_lane::<_, LANES>(|lane| (block[lane] + lows[lane]) + sums[lane]), |a, b| a + b)
}

/// A compensated sum.
struct Sum<R> {
    sums: [R; LANES],
    lows: [R; LANES],
}

impl<R: Real> Sum<R> {
    #[inline(always)]
    fn new() -> Self {
        Self { sums: [R::ZERO; LANES], lows: [R::ZERO; LANES] }
    }

    #[inline(always)]
    fn add(&mut self, term: impl Fn(usize) -> R) {
        for lane in 0..LANES {
            add(&mut self.sums[lane], &mut self.lows[lane], term(lane));
        }
    }

    #[inline(always)]
    fn total(self) -> (R, R) {
        reduce(self.sums, self.lows)
    }
}

/// The sum of all lanes.
#[inline(always)]
fn reduce<R: Real>(mut sums: [R; LANES], mut lows: [R; LANES]) -> (R, R) {
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

/// Σ f(xᵢ).0, of pairs, as `high + low`, and Σ f(xᵢ).1, rounded as it goes, for an f that is 0 at NaN.
#[inline(always)]
fn totals<R: Real>(x: &[R], f: impl Fn(R) -> ((R, R), R)) -> ((R, R), R) {
    let mut totals = Totals { sum: Sum::new(), others: [R::ZERO; LANES] };
    let (terms, last) = terms(x, R::from_f64(f64::NAN));
    for x in terms {
        totals.add(x, &f);
    }
    if let Some(x) = last {
        totals.add(&x, &f);
    }
    (totals.sum.total(), halved(totals.others, |a, b| a + b))
}

/// What [`totals`] has added up.
struct Totals<R> {
    sum: Sum<R>,
    others: [R; LANES],
}

impl<R: Real> Totals<R> {
    #[inline(always)]
    fn add(&mut self, x: &[R; LANES], f: impl Fn(R) -> ((R, R), R)) {
        let Sum { sums, lows } = &mut self.sum;
        for (lane, x) in x.iter().enumerate() {
            let ((term, low), other) = f(*x);
            add(&mut sums[lane], &mut lows[lane], term);
            lows[lane] = lows[lane] + low;
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
    let (x_terms, last) = terms(x, f(R::from_f64(f64::NEG_INFINITY)));
    let (y_terms, rest) = y.as_chunks_mut();
    for (x, y) in x_terms.iter().zip(y_terms) {
        *y = by_lane(|lane| f(x[lane]).exp_below(max));
        sum.add(y);
    }
    if let Some(x) = last {
        let y = by_lane(|lane| f(x[lane]).exp_below(max));
        sum.add(&y);
        rest.copy_from_slice(&y[..rest.len()]);
    }
    sum.total()
}

/// y = e^(y − max) up to a factor, element by element, and Σ y as `high + low`.
#[inline(always)]
pub(crate) fn exponentials_in_place<R: Real>(y: &mut [R], max: R) -> (R, R) {
    let max = moderate(y, max);
    let mut sum = SumOfPositive::new(max.exp_below(max));
    let (_, last) = terms(y, R::from_f64(f64::NEG_INFINITY));
    let (y_terms, rest) = y.as_chunks_mut();
    for y in y_terms {
        *y = by_lane(|lane| y[lane].exp_below(max));
        sum.add(y);
    }
    if let Some(y) = last {
        let y = by_lane(|lane| y[lane].exp_below(max));
        sum.add(&y);
        rest.copy_from_slice(&y[..rest.len()]);
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

/// Weights e^(f(x) − max), up to a factor that keeps them from underflow, and what a gradient needs to know of them.
pub(crate) struct Weights<R> {
    /// Their sum, as `high + low`.
    pub(crate) sum: (R, R),
    /// The weight of the largest number.
    pub(crate) largest: R,
}

/// The factor of [`Real::exp_below`].
#[inline(always)]
fn factor<R: Real>() -> R {
    // 2⁸⁰, 2²⁵⁶
    R::from_f64(if R::ONE.as_f32().is_some() { 1_208_925_819_614_629_174_706_176.0 } else { TWO_TO_256 })
}

/// One over the [`factor`].
#[inline(always)]
fn inverse_factor<R: Real>() -> R {
    R::ONE / factor::<R>()
}

const TWO_TO_256: f64 = f64::from_bits((1023 + 256) << 52);

/// As [`exponentials`], for a gradient: what is too far below `max` to count weighs 0 and not nearly so, whatever it will be
/// multiplied with.
#[inline(always)]
pub(crate) fn weights<R: Real>(x: &[R], y: &mut [R], max: R, f: impl Fn(R) -> R) -> Weights<R> {
    if !is_moderate(max) {
        map(x, y, f);
        return weights_in_place(y, max);
    }
    let weigh = Weigh::new(max);
    let mut sum = SumOfPositive::new(weigh.largest);
    let (x_terms, last) = terms(x, f(R::from_f64(f64::NEG_INFINITY)));
    let (y_terms, rest) = y.as_chunks_mut();
    for (x, y) in x_terms.iter().zip(y_terms) {
        *y = by_lane(|lane| weigh.weight(f(x[lane])));
        sum.add(y);
    }
    if let Some(x) = last {
        let y = by_lane(|lane| weigh.weight(f(x[lane])));
        sum.add(&y);
        rest.copy_from_slice(&y[..rest.len()]);
    }
    weigh.weights(sum)
}

/// As [`weights`] of y in its place.
#[inline(always)]
pub(crate) fn weights_in_place<R: Real>(y: &mut [R], max: R) -> Weights<R> {
    let weigh = Weigh::new(moderate(y, max));
    let mut sum = SumOfPositive::new(weigh.largest);
    let (_, last) = terms(y, R::from_f64(f64::NEG_INFINITY));
    let (y_terms, rest) = y.as_chunks_mut();
    for y in y_terms {
        *y = by_lane(|lane| weigh.weight(y[lane]));
        sum.add(y);
    }
    if let Some(y) = last {
        let y = by_lane(|lane| weigh.weight(y[lane]));
        sum.add(&y);
        rest.copy_from_slice(&y[..rest.len()]);
    }
    weigh.weights(sum)
}

#[derive(Clone, Copy)]
struct Weigh<R> {
    max: R,
    /// What [`Real::exp_below`] gives for `max`, and for what is far below.
    largest: R,
    least: R,
}

impl<R: Real> Weigh<R> {
    #[inline(always)]
    fn new(max: R) -> Self {
        Self { max, largest: max.exp_below(max), least: R::from_f64(f64::NEG_INFINITY).exp_below(max) }
    }

    #[inline(always)]
    fn weight(self, x: R) -> R {
        let e = x.exp_below(self.max);
        if e <= self.least { R::ZERO } else { e } // NaN stays
    }

    #[inline(always)]
    fn weights(self, sum: SumOfPositive<R>) -> Weights<R> {
        let (sum, low) = sum.total();
        Weights { sum: pair::fast_sum(sum, low), largest: self.largest }
    }
}

/// The gradient of softmax of f(x), times `scale`: `scale · pⱼ (gⱼ − Σ pᵢ gᵢ)`. f is its own inverse. One more number may stand
/// `beside` the row, whose output is dropped.
#[inline(always)]
pub(crate) fn softmax_backward<R: Real>(
    x: &[R],
    grad_y: &[R],
    grad_x: &mut [R],
    f: impl Fn(R) -> R,
    beside: Option<R>,
    scale: R,
) {
    let mut top = largest_and(x, grad_y, &f);
    if let Some(beside) = beside {
        let is_largest = top.x <= beside; // false for NaN, which stays
        top.x = if is_largest { beside } else { top.x };
        top.g = if is_largest { R::ZERO } else { top.g };
    }
    let weights = weights(x, grad_x, top.x, f);
    let beside = beside.map_or(R::ZERO, |beside| exponential(beside, top.x));
    softmax_backward_in_place(weights, beside, top, grad_y, grad_x, scale);
}

/// The same, where grad_x holds the weights.
#[inline(always)]
pub(crate) fn softmax_backward_in_place<R: Real>(
    Weights { sum: (sum, low), largest }: Weights<R>,
    beside: R,
    top: Top<R>,
    grad_y: &[R],
    grad_x: &mut [R],
    scale: R,
) {
    let (sum, rest) = pair::sum(sum, beside);
    let (sum, low) = pair::fast_sum(sum, rest + low);
    if sum.is_nan() {
        return grad_x.fill(R::from_f64(f64::NAN));
    }
    let (inverse, inverse_low) = factor_over((sum, low));
    let mean = Mean { sum: (sum, low), largest, beside, from: top.g, down: scale_of(top.size) };
    let scale = scale * inverse_factor::<R>() / mean.down;
    mean.distances(grad_y, grad_x, |weight, distance, low| {
        let p = weight * inverse;
        let p_low = weight.mul_add(inverse, -p) + weight * inverse_low;
        p.mul_add(distance, p_low.mul_add(distance, -p * low)) * scale
    });
}

/// [`factor`] / (d + low), as a pair.
#[inline(always)]
fn factor_over<R: Real>((d, low): (R, R)) -> (R, R) {
    let inverse = factor::<R>() / d;
    let rest = (-low).mul_add(inverse, (-d).mul_add(inverse, factor::<R>()));
    (inverse, inverse * (rest * inverse_factor::<R>()))
}

/// What numbers of this size are multiplied with, so that [`weights`] times them do not overflow: a power of 2.
#[inline(always)]
pub(crate) fn scale_of<R: Real>(size: R) -> R {
    let two_to = |power: i64| R::from_f64(f64::from_bits(((1023 + power) as u64) << 52));
    if R::ONE.as_f32().is_none() {
        return if size < two_to(512) { R::ONE } else { two_to(-512) };
    }
    let much = if size < two_to(84) { two_to(-60) } else { two_to(-104) };
    if size < two_to(40) { R::ONE } else { much }
}

/// A weighted mean of g times `down`, and where it is taken from.
pub(crate) struct Mean<R> {
    /// The sum of all weights, as `high + low`.
    pub(crate) sum: (R, R),
    /// The largest of them.
    pub(crate) largest: R,
    /// The weight of one more g, which is 0.
    pub(crate) beside: R,
    /// The g that the largest weight belongs to.
    pub(crate) from: R,
    /// A power of 2.
    pub(crate) down: R,
}

impl<R: Real> Mean<R> {
    /// The mean less c. As a closure that is called twice it was not inlined, and lost the instruction set.
    #[inline(always)]
    fn offset(&self, c: R, grad_y: &[R], weights: &[R]) -> (R, R) {
        let sum = sum_by(weights, grad_y, |sum, weight, g| weight.mul_add(g.mul_add(self.down, -c), sum));
        pair::quotient(((-c).mul_add(self.beside, sum), R::ZERO), self.sum)
    }

    /// grad_x = apply(weight, d, low), where grad_x holds the weights and d − low is down · g − mean.
    ///
    /// With d = g − c for some c it is dⱼ − Σ w d / Σ w. Where one number weighs so much that the mean would round to its g, that must be
    /// c; where none outweighs the others the rounded mean is better, since a g far from all others would be in every d.
    #[inline(always)]
    pub(crate) fn distances(self, grad_y: &[R], grad_x: &mut [R], apply: impl Fn(R, R, R) -> R) {
        let Self { sum, largest, from, down, .. } = self;
        let mut c = from * down;
        if sum.0 > largest + largest {
            c = c + self.offset(c, grad_y, grad_x).0;
        }
        let (offset, offset_low) = self.offset(c, grad_y, grad_x);
        let (mean, low) = pair::sum(c, offset);
        let low = low + offset_low;
        zip_in_place(grad_x, grad_y, |weight, g| apply(weight, g.mul_add(down, -mean), low));
        canonical_if_large(grad_x, (mean, low));
    }
}

/// The gradient of log-softmax: gⱼ − pⱼ Σ gᵢ.
///
/// Where one probability p outweighs all others, for that it is g (1 − p) − p Σ gᵢ of the others, with 1 − p from their weights.
#[inline(always)]
pub(crate) fn log_softmax_backward<R: Real>(x: &[R], grad_y: &[R], grad_x: &mut [R]) {
    let top = largest_and(x, grad_y, |x| x);
    let Weights { sum: (sum, low), largest } = weights(x, grad_x, top.x, |x| x);
    if sum.is_nan() {
        return grad_x.fill(R::from_f64(f64::NAN));
    }
    let (inverse, inverse_low) = factor_over((sum, low));
    let others = (sum - largest) + low;
    let outweighs = others < largest;
    let is_left_out = |weight: R| outweighs & (weight == largest);
    let rest = sum_by(grad_x, grad_y, |sum, weight, g| if is_left_out(weight) { sum } else { sum + g });
    let total = if outweighs { rest + top.g } else { rest };
    // What is times `factor` takes `down` before or after the product, so that neither is subnormal.
    let down = inverse_factor::<R>();
    let sides = |size: R| if size.abs() < R::ONE { (R::ONE, down) } else { (down, R::ONE) };
    let of_largest = {
        let (before, after) = sides(top.g);
        let own = others / (sum * down) * (top.g * before) * after;
        (-(largest / sum)).mul_add(rest, own)
    };
    let (before, after) = sides(total);
    let scaled = -total * before;
    zip_in_place(grad_x, grad_y, |weight, g| {
        let p = weight.mul_add(inverse, weight * inverse_low);
        let y = (p * scaled).mul_add(after, g);
        if is_left_out(weight) { of_largest } else { y }
    });
    canonical_if_large(grad_x, (total, R::ZERO));
}

/// ln Σ e^(x − max), for a [moderate](is_moderate) largest number `max`.
///
/// The logarithm is taken of 1 + the terms of all but the largest number, which keeps its digits where that outweighs the others.
#[inline(always)]
pub(crate) fn log_sum<R: Real>(x: &[R], max: R) -> R {
    let unit = max.exp_below(max);
    let mut sum = SumOfPositive::new(unit);
    let (terms, last) = terms(x, R::from_f64(f64::NEG_INFINITY));
    for x in terms {
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
    sums: [R; LANES],
    lows: [R; LANES],
}

impl<R: Real> SumOfPositive<R> {
    #[inline(always)]
    fn new(most: R) -> Self {
        // More than any term: so three operations give what rounding takes away, and not six.
        let start = most + most;
        Self { start, sums: [start; LANES], lows: [R::ZERO; LANES] }
    }

    #[inline(always)]
    fn add(&mut self, terms: &[R; LANES]) {
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

/// y / (sum + low), element by element: two products a number, rounded but once. If the sum is NaN, all are the canonical NaN.
#[inline(always)]
pub(crate) fn divide<R: Real>(y: &mut [R], (sum, low): (R, R)) {
    if sum.is_nan() {
        return y.fill(R::from_f64(f64::NAN));
    }
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
    inputs.is_multiple_of(2).then_some(inputs / 2)
}

/// y = value · gate(g), where the row x is [values, gates], or [gates, values] if `gate_first`. NaN in either gives NaN.
///
/// The gate is no closure here: it would be too large to be sure of its place in the loop.
#[inline(always)]
pub(crate) fn gated<R: Real>(gate: impl Elementwise, gate_first: bool, x: &[R], y: &mut [R]) {
    let (first, second) = x.split_at(x.len() / 2);
    let (values, gates) = if gate_first { (second, first) } else { (first, second) };
    let (value_steps, value_last) = steps(values);
    let (gate_steps, gate_last) = steps(gates);
    for ((values, gates), y) in value_steps.iter().zip(gate_steps).zip(steps_mut(y)) {
        *y = gated_step(gate, values, gates);
    }
    if let (Some(values), Some(gates)) = (value_last, gate_last) {
        end(gated_step(gate, &values, &gates), y);
    }
}

#[inline(always)]
fn gated_step<R: Real>(gate: impl Elementwise, values: &[R; STEP], gates: &[R; STEP]) -> [R; STEP] {
    let mut y = [R::ZERO; STEP];
    for lane in 0..STEP {
        let (value, g) = (values[lane], gates[lane]);
        y[lane] = keep_nan(value, g, times_pair(value, gate.value_as_factor(g)));
    }
    if has_tail(gates, |g| gate.tail(g).map(|tail| tail.v)) {
        for lane in 0..STEP {
            y[lane] = times_tail(gate, values[lane], gates[lane], y[lane]);
        }
    }
    y
}

/// Whether one of the gates has a factor e^v next to the end of the format, or beyond it. Such are rare, and looked at apart.
#[inline(always)]
fn has_tail<R: Real>(gates: &[R; STEP], v: impl Fn(R) -> Option<R>) -> bool {
    let v = by_lane::<_, STEP>(|lane| v(gates[lane]).map_or(R::ZERO, |v| -v));
    halved(v, larger) > -R::from_f64(Shifted::<R>::END)
}

/// factor · e^(v + low) without two powers of 2, which are to be multiplied with later, so that it is a normal number where the whole
/// is none.
struct Shifted<R> {
    factor: R,
    powers: (R, R),
}

impl<R: Real> Shifted<R> {
    /// From here on v needs it.
    const END: f64 = if size_of::<R>() == 4 { -84.0 } else { -700.0 };

    #[inline(always)]
    fn new(v: R, low: R, (factor, factor_low): (R, R)) -> Self {
        // ln 2 times the exponents
        let (is_far, power, exponent) = match R::ONE.as_f32() {
            Some(_) => (v < R::from_f64(-126.0), 1.0 / (1u128 << 64) as f64, 64.0),
            None => (v < R::from_f64(-1040.0), f64::from_bits((1023 - 512) << 52), 512.0),
        };
        let (power, exponent) = (R::from_f64(power), if is_far { 2.0 * exponent } else { exponent });
        let (shift, shift_low) = R::pair_from_f64(LN_2.0 * exponent, LN_2.1 * exponent);
        let (v, rest) = pair::sum(v, shift);
        let factor = v.exp_nonpos_times(rest + (shift_low + low), factor, factor_low);
        Self { factor, powers: (power, if is_far { power } else { R::ONE }) }
    }
}

const LN_2: (f64, f64) = (core::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);

/// value · gate(g) where the gate is in its tail, else y.
#[inline(always)]
fn times_tail<R: Real>(gate: impl Elementwise, value: R, g: R, y: R) -> R {
    let Some(Tail { v, low, value: of_gate, .. }) = gate.tail(g) else { return y };
    let Shifted { factor, powers } = Shifted::new(v, low, of_gate);
    let product = value * factor * powers.0 * powers.1;
    if v < R::from_f64(Shifted::<R>::END) { product } else { y }
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
    let (value_steps, value_last) = steps(values);
    let (gate_steps, gate_last) = steps(gates);
    let (grad_y_steps, grad_y_last) = steps(grad_y);
    let inputs = value_steps.iter().zip(gate_steps).zip(grad_y_steps);
    let outputs = steps_mut(grad_values).iter_mut().zip(steps_mut(grad_gates));
    for (((values, gates), grad_y), (grad_values, grad_gates)) in inputs.zip(outputs) {
        (*grad_values, *grad_gates) = gated_backward_step(gate, values, gates, grad_y);
    }
    if let (Some(values), Some(gates), Some(grad_y)) = (value_last, gate_last, grad_y_last) {
        let (by_value, by_gate) = gated_backward_step(gate, &values, &gates, &grad_y);
        end(by_value, grad_values);
        end(by_gate, grad_gates);
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
        // The smallest factor meets the largest one first, so that no product is subnormal before the last.
        let (large, small) = by_size(grad_y[lane], value);
        by_gate[lane] = keep_nan(value, g, large * gate.derivative(g) * small);
    }
    if has_tail(gates, |g| gate.tail(g).map(|tail| tail.slope_v)) {
        for lane in 0..STEP {
            let (value, g) = (values[lane], gates[lane]);
            by_value[lane] = keep_nan(value, g, times_tail(gate, grad_y[lane], g, by_value[lane]));
            by_gate[lane] = slope_of_tail(gate, value, g, grad_y[lane], by_gate[lane]);
        }
    }
    (by_value, by_gate)
}

/// Two factors, that of the larger magnitude first.
#[inline(always)]
fn by_size<R: Real>(a: R, b: R) -> (R, R) {
    let is_larger = a.abs() > b.abs();
    (if is_larger { a } else { b }, if is_larger { b } else { a })
}

/// grad_y · value · gate′(g) where that is in its tail, else y.
#[inline(always)]
fn slope_of_tail<R: Real>(gate: impl Elementwise, value: R, g: R, grad_y: R, y: R) -> R {
    let Some(Tail { slope_v: v, low, derivative, .. }) = gate.tail(g) else { return y };
    let (large, small) = by_size(grad_y, value);
    let Shifted { factor, powers } = Shifted::new(v, low, (derivative, R::ZERO));
    let first = large * factor;
    // Either order keeps the product in the range of the format, if its end is.
    let product = if small.abs() < R::ONE {
        first * small * powers.0 * powers.1
    } else {
        (first * powers.1) * (small * powers.0)
    };
    if v < R::from_f64(Shifted::<R>::END) { product } else { y }
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
