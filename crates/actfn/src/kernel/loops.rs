//! Elementwise loops.

use super::float_mode::{DefaultMode, in_default_mode};
use super::format::{Format, Narrow, each};
use super::isa::{Isa, LINE, Task, dispatch, prefetch_past, store};
use super::precision::{self, Exact, PIECE, Precision, Wide, finish, through, through_two};
use super::threads;
use crate::activation::SmallSlopes;
use crate::math::rough::{MARGIN, UNSURE};
use crate::{Elementwise, Info, Real};

/// What the loops below take: an [`Elementwise`] function for slices of any [`Format`], or [`Exact`] of one for any
/// [`Narrow`] format.
///
/// NaN goes to the canonical NaN, whatever the definition makes of it.
pub trait Scalar<T: Format>: Copy + Send + Sync {
    #[doc(hidden)]
    type Function: Elementwise;
    #[doc(hidden)]
    type Precision: Precision<T>;
    #[doc(hidden)]
    const PRECISION: Self::Precision;
    #[doc(hidden)]
    fn function(self) -> Self::Function;
    #[doc(hidden)]
    fn starting_at(self, index: u64) -> Self;
}

impl<T: Format, F: Elementwise> Scalar<T> for F {
    type Function = F;
    type Precision = precision::Default;
    const PRECISION: precision::Default = precision::Default;
    fn function(self) -> F {
        self
    }
    fn starting_at(self, index: u64) -> F {
        self.at(index)
    }
}

impl<T: Narrow, F: Elementwise> Scalar<T> for Exact<F> {
    type Function = F;
    type Precision = precision::Wide;
    const PRECISION: precision::Wide = precision::Wide;
    fn function(self) -> F {
        self.0
    }
    fn starting_at(self, index: u64) -> Self {
        Exact(self.0.at(index))
    }
}

/// f(x) and f′(x) of one number.
pub(crate) fn scalar<T: Format, F: Scalar<T>>(f: F, x: T) -> (T, T) {
    in_default_mode(x, |x| {
        let (y, dy) = definition(f.function(), F::Precision::widen(x));
        (F::Precision::narrow(y), F::Precision::narrow(dy))
    })
}

/// Not inlined: with the widening in sight LLVM 22 turns `if x < 0.0 { 0.0 } else { x }` into `x <= 0.0`, which loses −0.
#[inline(never)]
fn definition<F: Elementwise, R: Real>(f: F, x: R) -> (R, R) {
    (keep_nan(x, f.value(x)), keep_nan(x, f.derivative(x)))
}

/// One comparison and one select: `fcmp uno x, y` is true where either is NaN.
#[inline(always)]
fn keep_nan<R: Real>(x: R, y: R) -> R {
    if x.is_nan() | y.is_nan() { R::from_f64(f64::NAN) } else { y }
}

/// y = f(x), element by element.
///
/// ```
/// let x = [-1.0f32, 0.0, 1.0];
/// let mut y = [0.0; 3];
/// actfn::forward(actfn::Sigmoid, &x, &mut y);
/// assert_eq!(y, [0.26894143, 0.5, 0.7310586]); // each within 2 units of the last place
/// ```
///
/// # Panics
///
/// If the slices differ in length.
pub fn forward<T: Format, F: Scalar<T>>(f: F, x: &[T], y: &mut [T]) {
    same_length("x", x, "y", y);
    let _mode = DefaultMode::enter();
    let f = f.function();
    let target = Target::of(y);
    threads::zip(x, y, &|first, x, y| values(F::PRECISION, f, first, x, y, target));
}

/// y = f(x), from the index `first` on.
fn values<T: Format, P: Precision<T>, F: Elementwise>(
    precision: P,
    f: F,
    first: usize,
    x: &[T],
    y: &mut [T],
    target: Target,
) {
    if P::WIDE
        && let (Some(x), Some(y)) = (T::as_compute(x), T::as_compute_mut(y))
    {
        roughly_first(f, first, x, y, target, |first, x, y| {
            let map = |i, x: &[f64], y: &mut [f64], target| map(Value(f), first + i, x, y, target);
            through(Wide, (x, 1), (y, 1), Target::Cache, &map);
        });
    } else {
        through(precision, (x, 1), (y, 1), target, &|i, x, y, target| direct_values(f, first + i, x, y, target));
    }
}

/// y = f(x) in the format itself, from the index `first` on.
fn direct_values<R: Format + Real, F: Elementwise>(f: F, first: usize, x: &[R], y: &mut [R], target: Target) {
    if F::ROUGH_VALUE_FIRST && x.first().is_some_and(|x| x.as_f32().is_some()) {
        roughly_first(f, first, x, y, target, |first, x, y| map(Value(f), first, x, y, Target::Cache));
    } else {
        map(Value(f), first, x, y, target);
    }
}

/// x = f(x), element by element, in place.
///
/// ```
/// let mut x = [-3.0f64, 0.0, 2.0];
/// actfn::forward_in_place(actfn::Relu::default(), &mut x);
/// assert_eq!(x, [0.0, 0.0, 2.0]);
/// ```
pub fn forward_in_place<T: Format, F: Scalar<T>>(f: F, x: &mut [T]) {
    let _mode = DefaultMode::enter();
    let f = f.function();
    threads::each(x, &|first, x| {
        for (piece, y) in x.chunks_mut(PIECE).enumerate() {
            let mut x = [T::default(); PIECE];
            x[..y.len()].copy_from_slice(y);
            values(F::PRECISION, f, first + piece * PIECE, &x[..y.len()], y, Target::Cache);
        }
    });
}

/// dy = f′(x), element by element.
///
/// ```
/// let mut dy = [0.0f32; 2];
/// actfn::derivative(actfn::Tanh, &[0.0, 9.5], &mut dy);
/// assert_eq!(dy, [1.0, 2.2411186e-8]); // 1 − tanh² of the rounded output would say 0
/// ```
///
/// # Panics
///
/// If the slices differ in length.
pub fn derivative<T: Format, F: Scalar<T>>(f: F, x: &[T], dy: &mut [T]) {
    same_length("x", x, "dy", dy);
    let _mode = DefaultMode::enter();
    let f = f.function();
    share(F::PRECISION, x, dy, &|first, x, dy, target| slopes(f, first, x, dy, target));
}

/// Work on a share of an input and an output, from the index given on.
type ShareWork<'a, R> = dyn Fn(usize, &[R], &mut [R], Target) + Sync + 'a;

/// Has `work` done on each thread's share, from the index given on, in the format that `precision` computes in.
pub(super) fn share<T: Format, P: Precision<T>>(precision: P, x: &[T], y: &mut [T], work: &ShareWork<'_, P::Real>) {
    let target = Target::of(y);
    threads::zip(x, y, &|first, x, y| {
        through(precision, (x, 1), (y, 1), target, &|i, x, y, target| work(first + i, x, y, target));
    });
}

/// dy = f′(x), from the index `first` on: the backward pass of ones, which changes no bit and is one loop less to compile for each
/// function.
fn slopes<R: Format + Real, F: Elementwise>(f: F, first: usize, x: &[R], dy: &mut [R], target: Target) {
    let ones = [R::ONE; PIECE];
    // The first aligned number begins a piece: else each piece would have a head and a rest.
    let head = target.unaligned(dy);
    let (x_head, x) = x.split_at(head);
    let (dy_head, dy) = dy.split_at_mut(head);
    products(f, first, x_head, &ones[..head], dy_head, Target::Cache);
    for (piece, (x, dy)) in x.chunks(PIECE).zip(dy.chunks_mut(PIECE)).enumerate() {
        products(f, first + head + piece * PIECE, x, &ones[..x.len()], dy, target);
    }
}

/// grad_x = grad_y · f′(x), element by element: the backward pass.
///
/// Where f′(x) is 0 the gradient is 0, whatever flows in, ∞ and NaN too: torch's and JAX's kernels select there, so that what a flat
/// side hides does not come back. In `f32` and half formats the product has its digits also where f′(x) alone would be subnormal,
/// or 0: σ′(−104) · 10³⁸ is 6.8·10⁻⁸.
///
/// ```
/// let mut grad_x = [0.0f32; 2];
/// actfn::backward(actfn::Sigmoid, &[0.0, 0.0], &[1.0, -2.0], &mut grad_x);
/// assert_eq!(grad_x, [0.25, -0.5]);
/// ```
///
/// # Panics
///
/// If the slices differ in length.
pub fn backward<T: Format, F: Scalar<T>>(f: F, x: &[T], grad_y: &[T], grad_x: &mut [T]) {
    same_length("x", x, "grad_y", grad_y);
    same_length("x", x, "grad_x", grad_x);
    let _mode = DefaultMode::enter();
    let f = f.function();
    let target = Target::of(grad_x);
    threads::zip2(x, grad_y, grad_x, &|first, x, grad_y, grad_x| {
        through_two(F::PRECISION, (x, 1), (grad_y, 1), (grad_x, 1), target, &|i, x, grad_y, grad_x, target| {
            backward_blocks(f, first + i, x, grad_y, grad_x, target);
        });
    });
}

#[track_caller]
pub(super) fn same_length<T>(a_name: &str, a: &[T], b_name: &str, b: &[T]) {
    assert!(
        a.len() == b.len(),
        "`{a_name}` has {} elements and `{b_name}` has {}: they must have the same number",
        a.len(),
        b.len()
    );
}

/// A function of numbers, and of the index of the first, that a loop applies.
pub(super) trait Op<T: Format, U: Format>: Copy {
    /// As for [`Task`].
    type Function;
    fn apply<I: Isa, const N: usize>(self, first: usize, x: &[T; N]) -> [U; N];
}

#[derive(Clone, Copy)]
struct Value<F>(F);

impl<R: Format + Real, F: Elementwise> Op<R, R> for Value<F> {
    type Function = F;
    #[inline(always)]
    fn apply<I: Isa, const N: usize>(self, first: usize, x: &[R; N]) -> [R; N] {
        each(x, |lane, x| keep_nan(x, self.0.at((first + lane) as u64).value(x)))
    }
}

/// The loops run over whole blocks of this many elements, whose results are gathered before they are written: four vectors in
/// flight, and a tenth quicker than one.
const BLOCK: usize = 64;

/// What is left of a slice is gone through in steps of this many, the last one padded, so that no scalar remainder is compiled.
/// Padded to a block, gelu of 16 numbers took 66 ns in place of 18.
const STEP: usize = 16;

/// y = op(x), from the index `first` on.
#[inline]
pub(super) fn map<T: Format, U: Format, O: Op<T, U>>(op: O, first: usize, x: &[T], y: &mut [U], target: Target) {
    in_steps(first, x, y, target, |first, x, y, target| dispatch(Map { op, first, x, y, target }));
}

/// y = f(x) from the index `first` on: rounded from `rough_value`, and `precisely` where that does not tell how.
#[inline]
fn roughly_first<R: Format + Real, F: Elementwise>(
    f: F,
    first: usize,
    x: &[R],
    y: &mut [R],
    target: Target,
    precisely: impl Fn(usize, &[R], &mut [R]),
) {
    in_steps(first, x, y, target, |first, x, y, target| rough_steps(Value(f), first, x, y, target, &precisely));
    finish(target);
}

/// Runs `work` on whole steps: of what is aligned as the target asks, and of what lies before that.
#[inline(always)]
fn in_steps<T: Format, U: Format>(
    first: usize,
    x: &[T],
    y: &mut [U],
    target: Target,
    work: impl Fn(usize, &[T], &mut [U], Target),
) {
    let head = target.unaligned(y);
    let (x_head, x) = x.split_at(head);
    let (y_head, y) = y.split_at_mut(head);
    for (first, x, y, target) in [(first, x_head, y_head, Target::Cache), (first + head, x, y, target)] {
        let whole = x.len() / STEP * STEP;
        let (x, x_rest) = x.split_at(whole);
        let (y, y_rest) = y.split_at_mut(whole);
        if whole > 0 {
            work(first, x, y, target);
        }
        if !x_rest.is_empty() {
            let mut step = [U::default(); STEP];
            work(first + whole, &padded::<T, STEP>(x_rest), &mut step, Target::Cache);
            y_rest.copy_from_slice(&step[..y_rest.len()]);
        }
    }
}

/// y = op(x) from the index `first` on, of whole steps.
fn rough_steps<R: Format + Real, O: Rough>(
    op: O,
    mut first: usize,
    x: &[R],
    y: &mut [R],
    target: Target,
    precisely: impl Fn(usize, &[R], &mut [R]),
) {
    let (mut x, _) = x.as_chunks();
    let (mut y, _) = y.as_chunks_mut();
    while !x.is_empty() {
        let mut done = 0;
        dispatch(Roughly { op, first, x, y, target, done: &mut done });
        let Some(step) = x.get(done) else { break };
        // A rough result of this step, which is not written yet, lies too close to the middle between two numbers.
        precisely(first + done * STEP, step, &mut y[done]);
        first += (done + 1) * STEP;
        x = &x[done + 1..];
        y = &mut y[done + 1..];
    }
}

/// What [`Roughly`] computes: both ends of what a result may be.
trait Rough: Copy {
    /// As for [`Task`].
    type Function;
    fn ends(self, index: u64, x: f64) -> (f64, f64);
}

#[inline(always)]
fn within_margin(y: f64) -> (f64, f64) {
    (y * (1.0 - MARGIN), y * (1.0 + MARGIN))
}

impl<F: Elementwise> Rough for Value<F> {
    type Function = F;
    #[inline(always)]
    fn ends(self, index: u64, x: f64) -> (f64, f64) {
        let f = self.0.at(index);
        match f.rough_value(x) {
            Some(y) => within_margin(y),
            None => {
                let y = f.value(x);
                (y, y)
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Slope<F>(F);

impl<F: Elementwise> Rough for Slope<F> {
    type Function = F;
    #[inline(always)]
    fn ends(self, index: u64, x: f64) -> (f64, f64) {
        within_margin(self.0.at(index).rough_derivative(x).unwrap_or(UNSURE))
    }
}

/// Computed in `f64` and rounded once: of as many steps, `done`, as rough values suffice for. With 32 or 64 numbers at a
/// time, as in [`Map`], registers ran out: silu took 1.15 × the time.
struct Roughly<'a, R, O> {
    op: O,
    first: usize,
    x: &'a [[R; STEP]],
    y: &'a mut [[R; STEP]],
    target: Target,
    done: &'a mut usize,
}

impl<R: Format + Real, O: Rough> Task for Roughly<'_, R, O> {
    type Function = O::Function;
    #[inline(always)]
    fn run<I: Isa>(self) {
        for (i, (x, y)) in self.x.iter().zip(self.y).enumerate() {
            prefetch_past(x);
            let mut step = [R::default(); STEP];
            let mut unsure = false;
            for (lane, (y, x)) in step.iter_mut().zip(x).enumerate() {
                let index = (self.first + i * STEP + lane) as u64;
                let (low, high) = self.op.ends(index, x.to_f64());
                let (low, high) = (<R as Format>::from_f64(low), <R as Format>::from_f64(high));
                *y = keep_nan(*x, low);
                unsure |= (low < high) | (low > high);
            }
            if unsure {
                *self.done = i;
                return;
            }
            store::<I, _, STEP>(step, y, self.target == Target::Memory);
        }
        *self.done = self.x.len();
    }
}

/// grad_x = grad_y · f′(x), from the index `first` on.
fn backward_blocks<R: Format + Real, F: Elementwise>(
    f: F,
    first: usize,
    x: &[R],
    grad_y: &[R],
    grad_x: &mut [R],
    target: Target,
) {
    if F::SMALL_SLOPES == SmallSlopes::Never || R::ZERO.as_f32().is_none() {
        return products(f, first, x, grad_y, grad_x, target);
    }
    // The first aligned number begins a piece.
    let head = target.unaligned(grad_x);
    let mut begin = 0;
    for end in (head..x.len()).step_by(LOOK).chain([x.len()]).filter(|end| *end > 0) {
        let (x, grad_y, grad_x) = (&x[begin..end], &grad_y[begin..end], &mut grad_x[begin..end]);
        products(f, first + begin, x, grad_y, grad_x, target);
        faint_products(f, first + begin, x, grad_y, grad_x, target);
        begin = end;
    }
}

/// The products as they come.
#[inline]
fn products<R: Format + Real, F: Elementwise>(
    f: F,
    first: usize,
    x: &[R],
    grad_y: &[R],
    grad_x: &mut [R],
    target: Target,
) {
    if F::ROUGH_DERIVATIVE_FIRST && x.first().is_some_and(|x| x.as_f32().is_some()) {
        rough_backward(f, first, x, grad_y, grad_x, target);
    } else {
        precise_backward(f, first, x, grad_y, grad_x, target);
    }
}

/// The same by way of f′(x) of some numbers, rounded from `rough_derivative` where that tells how.
fn rough_backward<R: Format + Real, F: Elementwise>(
    f: F,
    first: usize,
    x: &[R],
    grad_y: &[R],
    grad_x: &mut [R],
    target: Target,
) {
    let mut slopes = [R::ZERO; PIECE];
    // The first aligned number begins a piece.
    let head = target.unaligned(grad_x);
    let ends = (head..x.len()).step_by(PIECE).chain([x.len()]);
    let mut begin = 0;
    for end in ends {
        let (x, slopes) = (&x[begin..end], &mut slopes[..end - begin]);
        in_steps(first + begin, x, slopes, Target::Cache, |first, x, slopes, target| {
            rough_steps(Slope(f), first, x, slopes, target, |first, x, slopes| {
                precise_backward(f, first, x, &[R::ONE; STEP], slopes, Target::Cache);
            });
        });
        precise_backward(KnownSlope, first + begin, slopes, &grad_y[begin..end], &mut grad_x[begin..end], target);
        begin = end;
    }
}

/// The slope at x is x.
#[derive(Clone, Copy)]
struct KnownSlope;

impl Elementwise for KnownSlope {
    const INFO: Info = Info::new("known slope");
    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;
    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        R::from_f64(0.5) * x * x
    }
    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        x
    }
}

fn precise_backward<R: Format + Real, F: Elementwise>(
    f: F,
    first: usize,
    x: &[R],
    grad_y: &[R],
    grad_x: &mut [R],
    target: Target,
) {
    let head = target.unaligned(grad_x);
    let (x_head, x) = x.split_at(head);
    let (grad_y_head, grad_y) = grad_y.split_at(head);
    let (grad_x_head, grad_x) = grad_x.split_at_mut(head);
    let parts = [(first, x_head, grad_y_head, grad_x_head, Target::Cache), (first + head, x, grad_y, grad_x, target)];
    for (first, x, grad_y, grad_x, target) in parts {
        let whole = x.len() / STEP * STEP;
        let (x, x_rest) = x.split_at(whole);
        let (grad_y, grad_y_rest) = grad_y.split_at(whole);
        let (grad_x, grad_x_rest) = grad_x.split_at_mut(whole);
        if whole > 0 {
            dispatch(Backward { f, first, x, grad_y, grad_x, target });
        }
        if !x_rest.is_empty() {
            let mut step = [R::default(); STEP];
            let (x, grad_y) = (&padded::<R, STEP>(x_rest), &padded::<R, STEP>(grad_y_rest));
            dispatch(Backward { f, first: first + whole, x, grad_y, grad_x: &mut step, target: Target::Cache });
            grad_x_rest.copy_from_slice(&step[..grad_x_rest.len()]);
        }
    }
}

fn padded<T: Format, const N: usize>(x: &[T]) -> [T; N] {
    let mut step = [T::default(); N];
    step[..x.len()].copy_from_slice(x);
    step
}

/// Where results go.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Target {
    /// Into the caches, for whoever reads them next.
    Cache,
    /// Past them, from an aligned address on; `through_two` and `roughly_first` end with the fence that this needs. Rows go there
    /// from a buffer.
    Memory,
}

impl Target {
    /// Results of this many bytes are more than a core's caches hold; the first ones are gone before the last are
    /// written. Measured at 64 MiB: 0.8 × the time.
    const MEMORY_FROM: usize = 32 << 20;

    /// Where to write these results.
    pub(super) fn of<T>(y: &[T]) -> Self {
        if size_of_val(y) < Self::MEMORY_FROM { Self::Cache } else { Self::Memory }
    }

    /// The number of results before the first aligned address.
    #[inline]
    pub(super) fn unaligned<T>(self, y: &[T]) -> usize {
        if self == Self::Cache { 0 } else { y.as_ptr().align_offset(LINE).min(y.len()) }
    }
}

/// Of whole steps.
struct Map<'a, T, U, O> {
    op: O,
    first: usize,
    x: &'a [T],
    y: &'a mut [U],
    target: Target,
}

impl<T: Format, U: Format, O: Op<T, U>> Task for Map<'_, T, U, O> {
    type Function = O::Function;
    #[inline(always)]
    fn run<I: Isa>(self) {
        if size_of::<U>() < 8 { self.by::<I, BLOCK>() } else { self.by::<I, { BLOCK / 2 }>() }
    }
}

impl<T: Format, U: Format, O: Op<T, U>> Map<'_, T, U, O> {
    /// `N` results are gathered before they are written.
    #[inline(always)]
    fn by<I: Isa, const N: usize>(self) {
        let (x, x_rest) = self.x.as_chunks::<N>();
        let (y, y_rest) = self.y.as_chunks_mut::<N>();
        let rest = self.first + x.len() * N;
        for (i, (x, y)) in x.iter().zip(y).enumerate() {
            prefetch_past(x);
            let block = self.op.apply::<I, N>(self.first + i * N, x);
            store::<I, _, N>(block, y, self.target == Target::Memory);
        }
        // Three steps at most, each of which LLVM compiles. Where it could not see how many there are, it made gathers of short ones.
        let (x, _) = x_rest.as_chunks::<STEP>();
        let (y, _) = y_rest.as_chunks_mut::<STEP>();
        for (i, (x, y)) in x.iter().zip(y).enumerate() {
            *y = self.op.apply::<I, STEP>(rest + i * STEP, x);
        }
    }
}

/// Of whole steps.
struct Backward<'a, R, F> {
    f: F,
    first: usize,
    x: &'a [R],
    grad_y: &'a [R],
    grad_x: &'a mut [R],
    target: Target,
}

impl<R: Format + Real, F: Elementwise> Task for Backward<'_, R, F> {
    type Function = F;
    #[inline(always)]
    fn run<I: Isa>(self) {
        if size_of::<R>() < 8 { self.by::<I, BLOCK>() } else { self.by::<I, { BLOCK / 2 }>() }
    }
}

impl<R: Format + Real, F: Elementwise> Backward<'_, R, F> {
    /// As for [`Map`].
    #[inline(always)]
    fn by<I: Isa, const N: usize>(self) {
        let (x, x_rest) = self.x.as_chunks::<N>();
        let (grad_y, grad_y_rest) = self.grad_y.as_chunks::<N>();
        let (grad_x, grad_x_rest) = self.grad_x.as_chunks_mut::<N>();
        let rest = self.first + x.len() * N;
        for (i, ((x, grad_y), grad_x)) in x.iter().zip(grad_y).zip(grad_x).enumerate() {
            prefetch_past(x);
            prefetch_past(grad_y);
            let block = gradients(self.f, self.first + i * N, x, grad_y);
            store::<I, _, N>(block, grad_x, self.target == Target::Memory);
        }
        let (x, _) = x_rest.as_chunks::<STEP>();
        let (grad_y, _) = grad_y_rest.as_chunks::<STEP>();
        let (grad_x, _) = grad_x_rest.as_chunks_mut::<STEP>();
        for (i, ((x, grad_y), grad_x)) in x.iter().zip(grad_y).zip(grad_x).enumerate() {
            *grad_x = gradients(self.f, rest + i * STEP, x, grad_y);
        }
    }
}

#[inline(always)]
fn gradients<R: Format + Real, F: Elementwise, const N: usize>(
    f: F,
    first: usize,
    x: &[R; N],
    grad_y: &[R; N],
) -> [R; N] {
    let mut block = [R::default(); N];
    for (lane, (grad_x, (x, grad_y))) in block.iter_mut().zip(x.iter().zip(grad_y)).enumerate() {
        let slope = f.at((first + lane) as u64).derivative(*x);
        let product = *grad_y * slope;
        // Where f is flat nothing passes, not even ∞ or NaN: a select, as the kernels of torch and JAX have it.
        let product = if (slope == R::ZERO) & product.is_nan() { slope } else { product };
        *grad_x = keep_nan(*x, product);
    }
    block
}

/// Numbers after which [`backward_blocks`] looks for faint products: they are in the caches then.
const LOOK: usize = 4096;

/// Whether a slope of `f32` has lost digits, or all of them, below the smallest normal number, and a large gradient may have brought the
/// product back among these. So small a product of a gradient above 1 tells.
#[inline(always)]
fn is_faint<R: Real>(grad_y: R, grad_x: R) -> bool {
    (grad_y.abs() > R::ONE) & (grad_x.abs() < R::from_f64(f32::MIN_POSITIVE as f64) * grad_y.abs())
}

/// Whether any product [is faint](is_faint), of whole blocks.
struct AnyFaint<'a, R> {
    grad_y: &'a [[R; BLOCK]],
    grad_x: &'a [[R; BLOCK]],
    found: &'a mut bool,
}

impl<R: Format + Real> Task for AnyFaint<'_, R> {
    type Function = R;
    #[inline(always)]
    fn run<I: Isa>(self) {
        let mut found = false;
        for (grad_y, grad_x) in self.grad_y.iter().zip(self.grad_x) {
            for (grad_y, grad_x) in grad_y.iter().zip(grad_x) {
                found |= is_faint(*grad_y, *grad_x);
            }
        }
        *self.found |= found;
    }
}

/// Whether any gradient is above 1, without which no product is faint; of whole blocks.
struct AnyLarge<'a, R> {
    grad_y: &'a [[R; BLOCK]],
    found: &'a mut bool,
}

impl<R: Format + Real> Task for AnyLarge<'_, R> {
    type Function = R;
    #[inline(always)]
    fn run<I: Isa>(self) {
        let mut found = false;
        for grad_y in self.grad_y {
            for grad_y in grad_y {
                found |= grad_y.abs() > R::ONE;
            }
        }
        *self.found |= found;
    }
}

/// Faint products anew, by way of `f64`, which has the slope's digits. They are rare.
fn faint_products<R: Format + Real, F: Elementwise>(
    f: F,
    first: usize,
    x: &[R],
    grad_y: &[R],
    grad_x: &mut [R],
    target: Target,
) {
    let (blocks, rest) = grad_y.as_chunks();
    let rest = [padded::<R, BLOCK>(rest)];
    let (mut any_large, mut any_faint) = (false, false);
    dispatch(AnyLarge { grad_y: blocks, found: &mut any_large });
    dispatch(AnyLarge { grad_y: &rest, found: &mut any_large });
    if !any_large {
        return;
    }
    finish(target); // before what was written past the caches is read
    let (products, products_rest) = grad_x.as_chunks();
    dispatch(AnyFaint { grad_y: blocks, grad_x: products, found: &mut any_faint });
    dispatch(AnyFaint { grad_y: &rest, grad_x: &[padded(products_rest)], found: &mut any_faint });
    if !any_faint {
        return;
    }
    let numbers = x.iter().zip(grad_y).zip(grad_x).enumerate();
    for (i, ((x, grad_y), grad_x)) in numbers.filter(|(_, ((_, grad_y), grad_x))| is_faint(**grad_y, **grad_x)) {
        let flat = F::SMALL_SLOPES == SmallSlopes::Subnormal && *grad_x == R::ZERO;
        if flat || x.to_f64().is_infinite() {
            continue;
        }
        let (_, slope) = definition(f.at((first + i) as u64), x.to_f64());
        if slope != 0.0 {
            *grad_x = <R as Format>::from_f64(grad_y.to_f64() * slope);
        }
    }
}
