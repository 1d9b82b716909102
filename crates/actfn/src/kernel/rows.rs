//! Rowwise loops: one row after another.

use alloc::vec;
use alloc::vec::Vec;

use super::format::{Format, Narrow};
use super::isa::{Isa, Task, dispatch, stream};
use super::loops::Target;
use super::precision::{self, Exact, Precision, through, through_two};
use super::{row, threads};
use crate::{Real, Rowwise};

/// What the loops below take: a [`Rowwise`] function for slices of any [`Format`], or [`Exact`] of one for any
/// [`Narrow`] format.
pub trait Row<T: Format>: Copy + Send + Sync {
    #[doc(hidden)]
    type Function: Rowwise;
    #[doc(hidden)]
    type Precision: Precision<T>;
    #[doc(hidden)]
    const PRECISION: Self::Precision;
    #[doc(hidden)]
    fn function(self) -> Self::Function;
}

impl<T: Format, F: Rowwise> Row<T> for F {
    type Function = F;
    type Precision = precision::Default;
    const PRECISION: precision::Default = precision::Default;
    fn function(self) -> F {
        self
    }
}

impl<T: Narrow, F: Rowwise> Row<T> for Exact<F> {
    type Function = F;
    type Precision = precision::Wide;
    const PRECISION: precision::Wide = precision::Wide;
    fn function(self) -> F {
        self.0
    }
}

/// y = f(x) for rows of `columns` numbers.
///
/// ```
/// use actfn::{Softmax, rows};
/// let x = [1000.0f32, 1000.0, 0.0, f32::NEG_INFINITY]; // two rows
/// let mut y = [0.0; 4];
/// rows::forward(Softmax, 2, &x, &mut y);
/// assert_eq!(y, [0.5, 0.5, 1.0, 0.0]);
/// ```
///
/// # Panics
///
/// If `x` is not made of whole rows, if a row of `columns` has no meaning for the function, or if `y` has not the length
/// that follows.
pub fn rows_forward<T: Format, F: Row<T>>(f: F, columns: usize, x: &[T], y: &mut [T]) {
    let f = f.function();
    let shape = Shape::new(f, columns, x.len());
    let outputs = shape.outputs;
    shape.check("y", y.len(), outputs);
    let target = target::<T, F>(y);
    threads::rows((x, columns), (x, columns), (y, outputs), &|first, x, _, y| {
        through(F::PRECISION, (x, columns), (y, outputs), target, &|row, x, y, target| {
            let first = first + row;
            let Some((buffer, rows)) = &mut buffer(outputs, target) else {
                return dispatch(Forward { f, first, columns, outputs, x, y });
            };
            let pieces = x.chunks(*rows * columns).zip(y.chunks_mut(*rows * outputs));
            for (i, (x, y)) in pieces.enumerate() {
                let results = &mut buffer[..y.len()];
                dispatch(Forward { f, first: first + i * *rows, columns, outputs, x, y: results });
                dispatch(Stream { from: results, to: y, ahead: [x] });
            }
        });
    });
}

/// The vector–Jacobian product of each row, `grad_x[j] = Σᵢ grad_y[i] ∂yᵢ/∂xⱼ`: the backward pass.
///
/// `columns` is the length of an input row. The gradient comes from the input, since an output that rounds to 1 has lost what is
/// left of it.
///
/// ```
/// use actfn::{Softmax, rows};
/// let mut grad_x = [0.0f32; 2];
/// rows::backward(Softmax, 2, &[20.0, 0.0], &[1.0, 0.0], &mut grad_x); // softmax gives [1, 2.0611537e-9]
/// assert_eq!(grad_x, [2.0611537e-9, -2.0611537e-9]);
/// ```
///
/// # Panics
///
/// If a slice is not made of as many whole rows as `grad_x`, or if a row of `columns` has no meaning for the function.
pub fn rows_backward<T: Format, F: Row<T>>(f: F, columns: usize, x: &[T], grad_y: &[T], grad_x: &mut [T]) {
    let f = f.function();
    let shape = Shape::new(f, columns, grad_x.len());
    let outputs = shape.outputs;
    shape.check("x", x.len(), columns);
    shape.check("grad_y", grad_y.len(), outputs);
    let target = target::<T, F>(grad_x);
    threads::rows((x, columns), (grad_y, outputs), (grad_x, columns), &|first, x, grad_y, grad_x| {
        let (x, grad_y, grad_x) = ((x, columns), (grad_y, outputs), (grad_x, columns));
        through_two(F::PRECISION, x, grad_y, grad_x, target, &|row, x, grad_y, grad_x, target| {
            let first = first + row;
            let Some((buffer, rows)) = &mut buffer(columns, target) else {
                return dispatch(Backward { f, first, columns, outputs, x, grad_y, grad_x });
            };
            let pieces = x.chunks(*rows * columns).zip(grad_y.chunks(*rows * outputs));
            for (i, ((x, grad_y), grad_x)) in pieces.zip(grad_x.chunks_mut(*rows * columns)).enumerate() {
                let results = &mut buffer[..grad_x.len()];
                dispatch(Backward { f, first: first + i * *rows, columns, outputs, x, grad_y, grad_x: results });
                dispatch(Stream { from: results, to: grad_x, ahead: [x, grad_y] });
            }
        });
    });
}

/// The Jacobian of one row at x: `outputs` rows of `x.len()` numbers, ∂yᵢ/∂xⱼ in row i and column j.
///
/// ```
/// use actfn::{Softmax, rows};
/// let jacobian = rows::jacobian(Softmax, &[0.0f64, 0.0]);
/// assert_eq!(jacobian, [0.25, -0.25, -0.25, 0.25]);
/// ```
///
/// # Panics
///
/// If a row of this length has no meaning for the function.
pub fn jacobian<T: Format, F: Row<T>>(f: F, x: &[T]) -> Vec<T> {
    let columns = x.len();
    let outputs = Shape::new(f.function(), columns, columns).outputs;
    let mut jacobian = vec![T::default(); outputs * columns];
    let mut unit = vec![T::default(); outputs];
    for (i, row) in jacobian.chunks_exact_mut(columns).enumerate() {
        unit[i] = T::from_f64(1.0);
        rows_backward(f, columns, x, &unit, row);
        unit[i] = T::default();
    }
    jacobian
}

/// The number of rows, and the length of an output row.
struct Shape {
    rows: usize,
    outputs: usize,
}

impl Shape {
    #[track_caller]
    fn new(f: impl Rowwise, columns: usize, elements: usize) -> Self {
        let Some(outputs) = f.outputs(columns).filter(|_| columns > 0) else {
            panic!("the function has no meaning for a row of {columns} numbers")
        };
        assert!(elements.is_multiple_of(columns), "{elements} elements are no whole number of rows of {columns}");
        Self { rows: elements / columns, outputs }
    }

    #[track_caller]
    fn check(&self, name: &str, len: usize, columns: usize) {
        let rows = self.rows;
        assert!(len == rows * columns, "`{name}` has {len} elements: {rows} rows of {columns} need {}", rows * columns);
    }
}

struct Forward<'a, R, F> {
    f: F,
    /// The number of the first row.
    first: usize,
    columns: usize,
    outputs: usize,
    x: &'a [R],
    y: &'a mut [R],
}

impl<R: Real, F: Rowwise> Task for Forward<'_, R, F> {
    type Function = F;
    #[inline(always)]
    fn run<I: Isa>(self) {
        let rows = self.x.chunks_exact(self.columns).zip(self.y.chunks_exact_mut(self.outputs));
        for (i, (x, y)) in rows.enumerate() {
            self.f.at(((self.first + i) * self.columns) as u64).forward(x, y);
            if !F::NAN_IS_CANONICAL {
                row::canonical(y);
            }
        }
    }
}

struct Backward<'a, R, F> {
    f: F,
    /// The number of the first row.
    first: usize,
    columns: usize,
    outputs: usize,
    x: &'a [R],
    grad_y: &'a [R],
    grad_x: &'a mut [R],
}

impl<R: Real, F: Rowwise> Task for Backward<'_, R, F> {
    type Function = F;
    #[inline(always)]
    fn run<I: Isa>(self) {
        let inputs = self.x.chunks_exact(self.columns).zip(self.grad_y.chunks_exact(self.outputs));
        for (i, ((x, grad_y), grad_x)) in inputs.zip(self.grad_x.chunks_exact_mut(self.columns)).enumerate() {
            self.f.at(((self.first + i) * self.columns) as u64).backward(x, grad_y, grad_x);
            if !F::NAN_IS_CANONICAL {
                row::canonical(grad_x);
            }
        }
    }
}

/// Where the results of rows go: numbers that are converted, or rounded from a wider format, into the caches.
fn target<T: Format, F: Row<T>>(y: &[T]) -> Target {
    if F::Precision::direct(y).is_none() { Target::Cache } else { Target::of(y) }
}

/// Room for results on their way past the caches, and for how many rows: some, which stay in the L1 cache, or one. None if they go
/// into the caches, or rows are so long that one would leave the L2 cache.
///
/// From memory, on AVX-512, rows of 1000 took 0.92 (softmax), 0.75 (its gradient) and 0.84 (log_softmax) of the time so; pieces of half
/// or four times the length took 1.1 × that.
fn buffer<R: Real>(columns: usize, target: Target) -> Option<(Vec<R>, usize)> {
    // Bytes.
    const FEW: usize = 16 << 10;
    const MOST: usize = 256 << 10;
    let row = columns * size_of::<R>();
    if target == Target::Cache || row > MOST {
        return None;
    }
    let rows = (FEW / row).max(1);
    Some((vec![R::ZERO; rows * columns], rows))
}

/// Writes results past the caches, and meanwhile has as much fetched of what follows each slice of `ahead`.
struct Stream<'a, R, const M: usize> {
    from: &'a [R],
    to: &'a mut [R],
    ahead: [&'a [R]; M],
}

impl<R: Format, const M: usize> Task for Stream<'_, R, M> {
    type Function = R;
    #[inline(always)]
    fn run<I: Isa>(self) {
        stream::<I, _, M>(self.from, self.to, self.ahead);
    }
}
