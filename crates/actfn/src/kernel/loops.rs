//! Elementwise loops.

use super::format::{Format, Narrow};
use super::isa::{Task, dispatch};
use super::threads;
use crate::{Elementwise, Real};

/// A function computed one format wider and rounded once: the correctly rounded result, at about thrice the time.
///
/// `f32`, `f16` and `bf16` are computed in `f64`. There is nothing wider than `f64`: it has the default precision only.
///
/// ```
/// use actfn::{Exact, Tanh};
/// let mut y = [0.0f32; 2];
/// actfn::forward(Exact(Tanh), &[0.5, -9.0], &mut y);
/// assert_eq!(y, [0.46211717, -0.99999994]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Exact<F>(pub F);

/// One element of one storage format: what the loops below run. Every [`Elementwise`] function has it for every
/// [`Format`], and [`Exact`] of it for every [`Narrow`] one.
///
/// NaN goes to the canonical NaN, whatever the definition makes of it.
pub trait Scalar<T: Format>: Copy + Send + Sync {
    /// f(x).
    fn forward_one(self, x: T) -> T;
    /// f′(x).
    fn derivative_one(self, x: T) -> T;
    /// g · f′(x).
    fn backward_one(self, x: T, grad_y: T) -> T;
}

/// One comparison and one select: `fcmp uno x, y` is true where either is NaN.
#[inline(always)]
fn keep_nan<R: Real>(x: R, y: R) -> R {
    if x.is_nan() | y.is_nan() { R::from_f64(f64::NAN) } else { y }
}

impl<T: Format, F: Elementwise> Scalar<T> for F {
    #[inline(always)]
    fn forward_one(self, x: T) -> T {
        let x = x.widen();
        T::narrow(keep_nan(x, self.value(x)))
    }
    #[inline(always)]
    fn derivative_one(self, x: T) -> T {
        let x = x.widen();
        T::narrow(keep_nan(x, self.derivative(x)))
    }
    #[inline(always)]
    fn backward_one(self, x: T, grad_y: T) -> T {
        let x = x.widen();
        T::narrow(keep_nan(x, grad_y.widen() * self.derivative(x)))
    }
}

/// The number in `f64`, by way of a select that changes nothing.
///
/// LLVM 22 turns `if x < 0.0 { 0.0 } else { x }` of a widened x into `x <= 0.0`, which loses
/// −0. With the select it no longer sees the widening. It costs two of some forty instructions.
#[inline(always)]
fn widen_exact<T: Narrow>(x: T) -> f64 {
    let wide = x.to_f64();
    if x.widen().is_nan() { f64::NAN } else { wide }
}

impl<T: Narrow, F: Elementwise> Scalar<T> for Exact<F> {
    #[inline(always)]
    fn forward_one(self, x: T) -> T {
        let x = widen_exact(x);
        T::from_f64(keep_nan(x, self.0.value(x)))
    }
    #[inline(always)]
    fn derivative_one(self, x: T) -> T {
        let x = widen_exact(x);
        T::from_f64(keep_nan(x, self.0.derivative(x)))
    }
    #[inline(always)]
    fn backward_one(self, x: T, grad_y: T) -> T {
        let x = widen_exact(x);
        T::from_f64(keep_nan(x, grad_y.to_f64() * self.0.derivative(x)))
    }
}

/// f(x) and f′(x).
pub(crate) fn scalar<T: Format, F: Scalar<T>>(f: F, x: T) -> (T, T) {
    (f.forward_one(x), f.derivative_one(x))
}

/// y = f(x), element by element.
///
/// ```
/// let x = [-1.0f32, 0.0, 1.0];
/// let mut y = [0.0; 3];
/// actfn::forward(actfn::Sigmoid, &x, &mut y);
/// assert_eq!(y, [0.26894143, 0.5, 0.7310586]);
/// ```
///
/// # Panics
///
/// If the slices differ in length.
pub fn forward<T: Format, F: Scalar<T>>(f: F, x: &[T], y: &mut [T]) {
    same_length("x", x, "y", y);
    threads::zip(x, y, |x, y| dispatch(Map { op: Value(f), x, y }));
}

/// x = f(x), element by element, in place.
///
/// ```
/// let mut x = [-3.0f64, 0.0, 2.0];
/// actfn::forward_in_place(actfn::Relu::default(), &mut x);
/// assert_eq!(x, [0.0, 0.0, 2.0]);
/// ```
pub fn forward_in_place<T: Format, F: Scalar<T>>(f: F, x: &mut [T]) {
    threads::each(x, |x| dispatch(MapInPlace { op: Value(f), x }));
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
    threads::zip(x, dy, |x, y| dispatch(Map { op: Derivative(f), x, y }));
}

/// grad_x = grad_y · f′(x), element by element: the backward pass.
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
    threads::zip2(x, grad_y, grad_x, |x, grad_y, grad_x| dispatch(Backward { f, x, grad_y, grad_x }));
}

#[track_caller]
fn same_length<T>(a_name: &str, a: &[T], b_name: &str, b: &[T]) {
    assert!(
        a.len() == b.len(),
        "`{a_name}` has {} elements and `{b_name}` has {}: they must have the same number",
        a.len(),
        b.len()
    );
}

/// A function of one element that a loop applies.
trait Op<T>: Copy {
    fn apply(self, x: T) -> T;
}

#[derive(Clone, Copy)]
struct Value<F>(F);
#[derive(Clone, Copy)]
struct Derivative<F>(F);

impl<T: Format, F: Scalar<T>> Op<T> for Value<F> {
    #[inline(always)]
    fn apply(self, x: T) -> T {
        self.0.forward_one(x)
    }
}

impl<T: Format, F: Scalar<T>> Op<T> for Derivative<F> {
    #[inline(always)]
    fn apply(self, x: T) -> T {
        self.0.derivative_one(x)
    }
}

/// The main loops run over a multiple of this many elements, so that no scalar remainder is compiled; what is left is
/// padded to a multiple of [`LANES`] in a block on the stack.
const BLOCK: usize = 64;
/// Elements of the smallest vectorised step.
const LANES: usize = 16;

struct Map<'a, T, O> {
    op: O,
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Format, O: Op<T>> Task for Map<'_, T, O> {
    #[inline(always)]
    fn run(self) {
        let main = self.x.len() & !(BLOCK - 1);
        let (x, x_rest) = self.x.split_at(main);
        let (y, y_rest) = self.y.split_at_mut(main);
        for (x, y) in x.iter().zip(y) {
            *y = self.op.apply(*x);
        }
        y_rest.copy_from_slice(x_rest);
        rest(self.op, y_rest);
    }
}

struct MapInPlace<'a, T, O> {
    op: O,
    x: &'a mut [T],
}

impl<T: Format, O: Op<T>> Task for MapInPlace<'_, T, O> {
    #[inline(always)]
    fn run(self) {
        let main = self.x.len() & !(BLOCK - 1);
        let (x, x_rest) = self.x.split_at_mut(main);
        for x in x {
            *x = self.op.apply(*x);
        }
        rest(self.op, x_rest);
    }
}

/// Fewer than [`BLOCK`] elements, in place.
#[inline(always)]
fn rest<T: Format, O: Op<T>>(op: O, x: &mut [T]) {
    let mut block = [T::default(); BLOCK];
    block[..x.len()].copy_from_slice(x);
    for lanes in block.as_chunks_mut::<LANES>().0.iter_mut().take(x.len().div_ceil(LANES)) {
        for x in lanes {
            *x = op.apply(*x);
        }
    }
    x.copy_from_slice(&block[..x.len()]);
}

struct Backward<'a, T, F> {
    f: F,
    x: &'a [T],
    grad_y: &'a [T],
    grad_x: &'a mut [T],
}

impl<T: Format, F: Scalar<T>> Task for Backward<'_, T, F> {
    #[inline(always)]
    fn run(self) {
        let main = self.x.len() & !(BLOCK - 1);
        let (x, x_rest) = self.x.split_at(main);
        let (grad_y, grad_y_rest) = self.grad_y.split_at(main);
        let (grad_x, grad_x_rest) = self.grad_x.split_at_mut(main);
        for ((x, grad_y), grad_x) in x.iter().zip(grad_y).zip(grad_x) {
            *grad_x = self.f.backward_one(*x, *grad_y);
        }

        let rest = x_rest.len();
        let mut x = [T::default(); BLOCK];
        let mut g = [T::default(); BLOCK];
        x[..rest].copy_from_slice(x_rest);
        g[..rest].copy_from_slice(grad_y_rest);
        let lanes = x.as_chunks::<LANES>().0.iter().zip(g.as_chunks_mut::<LANES>().0);
        for (x, g) in lanes.take(rest.div_ceil(LANES)) {
            for (x, g) in x.iter().zip(g) {
                *g = self.f.backward_one(*x, *g);
            }
        }
        grad_x_rest.copy_from_slice(&g[..rest]);
    }
}
