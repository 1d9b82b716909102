//! What definitions of rowwise functions are made of: maps, sums and maxima over a row, in an order that is fixed whatever
//! the instruction set.

use crate::Real;

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
    if x.len() < 16 * STEP { max_in::<R, STEP>(x) } else { max_in::<R, { 4 * STEP }>(x) }
}

#[inline(always)]
fn max_in<R: Real, const LANES: usize>(x: &[R]) -> R {
    let mut lanes = [x[0]; LANES];
    let (blocks, rest) = x.as_chunks::<LANES>();
    for block in blocks {
        for (lane, x) in lanes.iter_mut().zip(block) {
            *lane = lane.max(*x);
        }
    }
    let mut padded = [x[0]; LANES];
    padded[..rest.len()].copy_from_slice(rest);
    for (lane, x) in lanes.iter_mut().zip(padded) {
        *lane = lane.max(x);
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

/// Short rows are summed in one step's lanes, which are soon added up; longer ones in four times as many, which hides
/// the latency of the compensated sum.
#[inline(always)]
fn dot_by<R: Real>(a: &[R], b: &[R], term: impl Fn(R, R) -> R + Copy) -> (R, R) {
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

/// One term more: `sum + low` is the true sum so far. 2Sum (Knuth) is exact whichever of the two is larger; Kahan's
/// four operations are not, and cost softmax half a unit of the last place when a small number comes first.
#[inline(always)]
fn add<R: Real>(sum: &mut R, low: &mut R, term: R) {
    let next = *sum + term;
    let back = next - *sum;
    *low = *low + ((*sum - (next - back)) + (term - back));
    *sum = next;
}
