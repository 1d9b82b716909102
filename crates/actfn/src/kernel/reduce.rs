//! Sums and maxima over a row, in an order that is fixed: sixteen running lanes, whatever the instruction set.

use crate::Real;

const LANES: usize = 16;

/// The largest number; NaN where there is one.
#[inline(always)]
pub(crate) fn max<R: Real>(x: &[R]) -> R {
    let (blocks, rest) = x.as_chunks::<LANES>();
    let mut lanes = [x[0]; LANES];
    for block in blocks {
        for (lane, x) in lanes.iter_mut().zip(block) {
            *lane = lane.max(*x);
        }
    }
    for (lane, x) in lanes.iter_mut().zip(rest) {
        *lane = lane.max(*x);
    }
    let mut largest = lanes[0];
    for lane in &lanes[1..] {
        largest = largest.max(*lane);
    }
    largest
}

/// Σ xᵢ as `high + low`, each lane compensated after Kahan: the error does not grow with the number of terms.
#[inline(always)]
pub(crate) fn sum<R: Real>(x: &[R]) -> (R, R) {
    let mut lanes = Lanes::new();
    let (blocks, rest) = x.as_chunks::<LANES>();
    for block in blocks {
        for (lane, x) in block.iter().enumerate() {
            lanes.add(lane, *x);
        }
    }
    for (lane, x) in rest.iter().enumerate() {
        lanes.add(lane, *x);
    }
    lanes.total()
}

/// Σ aᵢ bᵢ as `high + low`, as [`sum`] does it; each product is rounded.
#[inline(always)]
pub(crate) fn dot<R: Real>(a: &[R], b: &[R]) -> (R, R) {
    let mut lanes = Lanes::new();
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            lanes.add(lane, a[lane] * b[lane]);
        }
    }
    for (lane, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
        lanes.add(lane, *a * *b);
    }
    lanes.total()
}

/// Running sums, and what rounding has added to each (Kahan 1965): `sums − excess` is the true sum so far.
struct Lanes<R> {
    sums: [R; LANES],
    excess: [R; LANES],
}

impl<R: Real> Lanes<R> {
    #[inline(always)]
    fn new() -> Self {
        Self { sums: [R::ZERO; LANES], excess: [R::ZERO; LANES] }
    }

    #[inline(always)]
    fn add(&mut self, lane: usize, term: R) {
        let term = term - self.excess[lane];
        let sum = self.sums[lane] + term;
        self.excess[lane] = (sum - self.sums[lane]) - term;
        self.sums[lane] = sum;
    }

    #[inline(always)]
    fn total(mut self) -> (R, R) {
        let mut low = -self.excess[0];
        self.excess[0] = R::ZERO;
        for lane in 1..LANES {
            low = low - self.excess[lane];
            self.add(0, self.sums[lane]);
        }
        (self.sums[0], low - self.excess[0])
    }
}
