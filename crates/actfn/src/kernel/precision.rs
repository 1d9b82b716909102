//! In which format a slice is computed.

use alloc::vec::Vec;

use super::format::{Format, each};
use super::isa::{Isa, fence};
use super::loops::{Op, Target, map};
use crate::Real;

/// A function computed one format wider and rounded once: the correctly rounded result, at several times the cost.
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

/// How numbers of the storage format `T` are computed.
///
/// Only `f32`, `f64` and exact values of `f32` have loops of their own; the other pairs go through the first two in pieces that stay
/// in the L1 cache.
/// Tried before: every pair compiled for itself, which made five times as many loops to build.
#[doc(hidden)]
pub trait Precision<T>: Copy + Sync {
    type Real: Format<Compute = Self::Real> + Real;
    /// Whether that is a wider format than the default precision computes in.
    const WIDE: bool;
    fn widen(x: T) -> Self::Real;
    fn narrow(x: Self::Real) -> T;
    fn widen_all<I: Isa, const N: usize>(x: &[T; N]) -> [Self::Real; N];
    /// Each NaN is canonical already, as kernels leave it.
    fn narrow_all<I: Isa, const N: usize>(x: &[Self::Real; N]) -> [T; N];
    /// The slice itself, where it holds numbers of the computing format already.
    fn direct(slice: &[T]) -> Option<&[Self::Real]>;
    fn direct_mut(slice: &mut [T]) -> Option<&mut [Self::Real]>;
}

/// The default precision: half formats in `f32`, the others in themselves.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Default;

/// One format wider.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Wide;

impl<T: Format> Precision<T> for Default {
    type Real = T::Compute;
    const WIDE: bool = false;
    #[inline(always)]
    fn widen(x: T) -> T::Compute {
        x.widen()
    }
    #[inline(always)]
    fn narrow(x: T::Compute) -> T {
        T::narrow(x)
    }
    #[inline(always)]
    fn widen_all<I: Isa, const N: usize>(x: &[T; N]) -> [T::Compute; N] {
        T::widen_all::<I, N>(x)
    }
    #[inline(always)]
    fn narrow_all<I: Isa, const N: usize>(x: &[T::Compute; N]) -> [T; N] {
        T::narrow_all::<I, N>(x)
    }
    fn direct(slice: &[T]) -> Option<&[T::Compute]> {
        T::as_compute(slice)
    }
    fn direct_mut(slice: &mut [T]) -> Option<&mut [T::Compute]> {
        T::as_compute_mut(slice)
    }
}

impl<T: Format> Precision<T> for Wide {
    type Real = f64;
    const WIDE: bool = true;
    #[inline(always)]
    fn widen(x: T) -> f64 {
        x.to_f64()
    }
    #[inline(always)]
    fn narrow(x: f64) -> T {
        T::from_f64(x)
    }
    #[inline(always)]
    fn widen_all<I: Isa, const N: usize>(x: &[T; N]) -> [f64; N] {
        each(x, |_, x| x.to_f64())
    }
    #[inline(always)]
    fn narrow_all<I: Isa, const N: usize>(x: &[f64; N]) -> [T; N] {
        each(x, |_, x| T::from_f64(x))
    }
    fn direct(_: &[T]) -> Option<&[f64]> {
        None
    }
    fn direct_mut(_: &mut [T]) -> Option<&mut [f64]> {
        None
    }
}

#[derive(Clone, Copy)]
struct WidenOp<P>(P);
#[derive(Clone, Copy)]
struct NarrowOp<P>(P);

impl<T: Format, P: Precision<T>> Op<T, P::Real> for WidenOp<P> {
    type Function = P;
    #[inline(always)]
    fn apply<I: Isa, const N: usize>(self, _: usize, x: &[T; N]) -> [P::Real; N] {
        P::widen_all::<I, N>(x)
    }
}

impl<T: Format, P: Precision<T>> Op<P::Real, T> for NarrowOp<P> {
    type Function = P;
    #[inline(always)]
    fn apply<I: Isa, const N: usize>(self, _: usize, x: &[P::Real; N]) -> [T; N] {
        P::narrow_all::<I, N>(x)
    }
}

/// Work on an input and an output, given the number of its first row.
type Work<'a, R> = dyn Fn(usize, &[R], &mut [R], Target) + 'a;
/// Work on two inputs and an output, likewise.
type WorkOnTwo<'a, R> = dyn Fn(usize, &[R], &[R], &mut [R], Target) + 'a;

/// Numbers taken at a time where a slice is gone through in pieces. The order of sums of a parameter's gradient depends on it.
pub(super) const PIECE: usize = 256;

/// Numbers converted at a time: input, gradient and result take 6 or 12 KiB. With 256, what it takes to begin a loop was a third of
/// relu's time in `f16`; 1024 gain a fifth more in cache and lose it from memory.
const CONVERTED: usize = 512;
/// As much as may be converted at once: a buffer is cleared before it is used.
const FEW: usize = 64;

/// Runs `work` on the slices in the computing format, whole or in pieces of a multiple of the columns. It comes behind a
/// pointer so that this is compiled for each format, and not for each function too.
pub(super) fn through<T: Format, P: Precision<T>>(
    precision: P,
    (x, x_columns): (&[T], usize),
    (y, y_columns): (&mut [T], usize),
    target: Target,
    work: &Work<'_, P::Real>,
) {
    let no_gradient: &[T] = &[];
    let work = &|row, x: &[_], _: &[_], y: &mut [_], target| work(row, x, y, target);
    through_two(precision, (x, x_columns), (no_gradient, 0), (y, y_columns), target, work);
}

/// As [`through`], with two inputs; the second may be empty, with 0 columns.
pub(super) fn through_two<T: Format, P: Precision<T>>(
    precision: P,
    (x, x_columns): (&[T], usize),
    (g, g_columns): (&[T], usize),
    (y, y_columns): (&mut [T], usize),
    target: Target,
    work: &WorkOnTwo<'_, P::Real>,
) {
    if let (Some(x), Some(g), Some(y)) = (P::direct(x), P::direct(g), P::direct_mut(y)) {
        work(0, x, g, y, target);
    } else if x.len().max(y.len()) <= FEW {
        in_pieces::<_, _, FEW>(precision, (x, x_columns), (g, g_columns), (y, y_columns), target, work);
    } else {
        in_pieces::<_, _, CONVERTED>(precision, (x, x_columns), (g, g_columns), (y, y_columns), target, work);
    }
    finish(target);
}

/// [`through_two`] with buffers of this length.
fn in_pieces<T: Format, P: Precision<T>, const N: usize>(
    precision: P,
    (x, x_columns): (&[T], usize),
    (g, g_columns): (&[T], usize),
    (y, y_columns): (&mut [T], usize),
    target: Target,
    work: &WorkOnTwo<'_, P::Real>,
) {
    let rows = (N / x_columns).min(x.len() / x_columns).max(1);
    let mut buffers = [[P::Real::ZERO; N]; 3];
    let [x_buffer, g_buffer, y_buffer] = &mut buffers;
    let mut vecs = [const { Vec::new() }; 3];
    let [x_vec, g_vec, y_vec] = &mut vecs;
    let wide_x = room(x_buffer, x_vec, rows * x_columns);
    let wide_g = room(g_buffer, g_vec, rows * g_columns);
    let wide_y = room(y_buffer, y_vec, rows * y_columns);
    let mut piece = |row, x: &[T], g: &[T], y: &mut [T], target| {
        let (wide_x, wide_g, wide_y) = (&mut wide_x[..x.len()], &mut wide_g[..g.len()], &mut wide_y[..y.len()]);
        map(WidenOp(precision), 0, x, wide_x, Target::Cache);
        map(WidenOp(precision), 0, g, wide_g, Target::Cache);
        work(row, wide_x, wide_g, wide_y, Target::Cache);
        map(NarrowOp(precision), 0, wide_y, y, target);
    };
    // Only single numbers go past the caches: the first aligned one begins a piece.
    let head = target.unaligned(y);
    let (g_head, g) = g.split_at(head.min(g.len()));
    piece(0, &x[..head], g_head, &mut y[..head], Target::Cache);
    let pieces = x[head..].chunks(rows * x_columns).zip(y[head..].chunks_mut(rows * y_columns));
    for (i, (x, y)) in pieces.enumerate() {
        let g = &g[i * rows * g_columns..][..x.len() / x_columns * g_columns];
        piece(head + i * rows, x, g, y, target);
    }
}

/// Ends a thread's share: one fence for all of it, and not one for each piece.
pub(super) fn finish(target: Target) {
    if target == Target::Memory {
        fence();
    }
}

/// A buffer of this length: the one given, or a larger one.
fn room<'a, R: Real>(buffer: &'a mut [R], vec: &'a mut Vec<R>, len: usize) -> &'a mut [R] {
    if len <= buffer.len() {
        return &mut buffer[..len];
    }
    vec.resize(len, R::ZERO);
    vec
}
