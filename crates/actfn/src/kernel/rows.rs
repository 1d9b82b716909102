//! Rowwise loops: one row after another, converted to the computing format where the storage format is another.

use alloc::vec;
use alloc::vec::Vec;

use super::format::{Format, Narrow};
use super::isa::{Task, dispatch};
use super::{Exact, threads};
use crate::{Real, Rowwise, Saved};

/// Rows of one storage format: every [`Rowwise`] function has it for every [`Format`], and [`Exact`] of it for every
/// [`Narrow`] one.
pub trait Row<T: Format>: Copy + Send + Sync {
    /// See [`Rowwise::SAVED`].
    fn saved(self) -> Saved;
    /// See [`Rowwise::outputs`].
    fn outputs(self, inputs: usize) -> Option<usize>;
    #[doc(hidden)]
    fn forward_rows(self, columns: usize, x: &[T], y: &mut [T]);
    #[doc(hidden)]
    fn backward_rows(self, columns: usize, saved: &[T], grad_y: &[T], grad_x: &mut [T]);
}

impl<T: Format, F: Rowwise> Row<T> for F {
    fn saved(self) -> Saved {
        F::SAVED
    }
    fn outputs(self, inputs: usize) -> Option<usize> {
        Rowwise::outputs(self, inputs)
    }
    #[inline(always)]
    fn forward_rows(self, columns: usize, x: &[T], y: &mut [T]) {
        let outputs = Rowwise::outputs(self, columns).unwrap_or(columns);
        let mut buffer = Buffer::new(columns, outputs, 0);
        for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact_mut(outputs)) {
            if let (Some(x), Some(y)) = (T::as_compute(x), T::as_compute_mut(y)) {
                self.forward(x, y);
                canonical::<T>(y);
            } else {
                buffer.forward(self, x, y, T::widen, T::narrow);
            }
        }
    }
    #[inline(always)]
    fn backward_rows(self, columns: usize, saved: &[T], grad_y: &[T], grad_x: &mut [T]) {
        let outputs = Rowwise::outputs(self, columns).unwrap_or(columns);
        let saves = if F::SAVED == Saved::Input { columns } else { outputs };
        let mut buffer = Buffer::new(saves, outputs, columns);
        let rows = saved.chunks_exact(saves).zip(grad_y.chunks_exact(outputs)).zip(grad_x.chunks_exact_mut(columns));
        for ((saved, grad_y), grad_x) in rows {
            if let (Some(saved), Some(grad_y), Some(grad_x)) =
                (T::as_compute(saved), T::as_compute(grad_y), T::as_compute_mut(grad_x))
            {
                self.backward(saved, grad_y, grad_x);
                canonical::<T>(grad_x);
            } else {
                buffer.backward(self, saved, grad_y, grad_x, T::widen, T::narrow);
            }
        }
    }
}

impl<T: Narrow, F: Rowwise> Row<T> for Exact<F> {
    fn saved(self) -> Saved {
        F::SAVED
    }
    fn outputs(self, inputs: usize) -> Option<usize> {
        Rowwise::outputs(self.0, inputs)
    }
    #[inline(always)]
    fn forward_rows(self, columns: usize, x: &[T], y: &mut [T]) {
        let outputs = Rowwise::outputs(self.0, columns).unwrap_or(columns);
        let mut buffer = Buffer::new(columns, outputs, 0);
        for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact_mut(outputs)) {
            buffer.forward(self.0, x, y, T::to_f64, T::from_f64);
        }
    }
    #[inline(always)]
    fn backward_rows(self, columns: usize, saved: &[T], grad_y: &[T], grad_x: &mut [T]) {
        let outputs = Rowwise::outputs(self.0, columns).unwrap_or(columns);
        let saves = if F::SAVED == Saved::Input { columns } else { outputs };
        let mut buffer = Buffer::new(saves, outputs, columns);
        let rows = saved.chunks_exact(saves).zip(grad_y.chunks_exact(outputs)).zip(grad_x.chunks_exact_mut(columns));
        for ((saved, grad_y), grad_x) in rows {
            buffer.backward(self.0, saved, grad_y, grad_x, T::to_f64, T::from_f64);
        }
    }
}

/// One row in the computing format: its input (or saved) numbers, its output (or the output's gradient), and its
/// input's gradient. Empty, and so free, until a row needs it.
struct Buffer<R> {
    lengths: [usize; 3],
    input: Vec<R>,
    output: Vec<R>,
    gradient: Vec<R>,
}

impl<R: Real> Buffer<R> {
    fn new(input: usize, output: usize, gradient: usize) -> Self {
        Self { lengths: [input, output, gradient], input: Vec::new(), output: Vec::new(), gradient: Vec::new() }
    }

    fn allocate(&mut self) {
        if self.input.is_empty() {
            let [input, output, gradient] = self.lengths;
            self.input = vec![R::ZERO; input];
            self.output = vec![R::ZERO; output];
            self.gradient = vec![R::ZERO; gradient];
        }
    }

    #[inline(always)]
    fn forward<T: Copy>(
        &mut self,
        f: impl Rowwise,
        x: &[T],
        y: &mut [T],
        widen: impl Fn(T) -> R,
        narrow: impl Fn(R) -> T,
    ) {
        self.allocate();
        convert(x, &mut self.input, widen);
        f.forward(&self.input, &mut self.output);
        convert(&self.output, y, narrow);
    }

    #[inline(always)]
    fn backward<T: Copy>(
        &mut self,
        f: impl Rowwise,
        saved: &[T],
        grad_y: &[T],
        grad_x: &mut [T],
        widen: impl Fn(T) -> R,
        narrow: impl Fn(R) -> T,
    ) {
        self.allocate();
        convert(saved, &mut self.input, &widen);
        convert(grad_y, &mut self.output, widen);
        f.backward(&self.input, &self.output, &mut self.gradient);
        convert(&self.gradient, grad_x, narrow);
    }
}

#[inline(always)]
fn convert<T: Copy, U>(from: &[T], to: &mut [U], one: impl Fn(T) -> U) {
    for (from, to) in from.iter().zip(to) {
        *to = one(*from);
    }
}

/// NaN becomes the canonical one, as rounding to the storage format makes it elsewhere.
#[inline(always)]
fn canonical<T: Format>(y: &mut [T::Compute]) {
    for y in y {
        *y = if y.is_nan() { T::Compute::from_f64(f64::NAN) } else { *y };
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
    let shape = Shape::new(f, columns, x.len());
    shape.check("y", y.len(), shape.outputs);
    threads::rows((x, columns), (x, columns), (y, shape.outputs), |x, _, y| dispatch(Forward { f, columns, x, y }));
}

/// The vector–Jacobian product of each row, `grad_x[j] = Σᵢ grad_y[i] ∂yᵢ/∂xⱼ`: the backward pass.
///
/// `columns` is the length of an input row; `saved` holds the input or the output of the forward pass, as
/// [`Row::saved`] says.
///
/// ```
/// use actfn::{Softmax, rows};
/// let y = [0.25f64, 0.75];
/// let mut grad_x = [0.0; 2];
/// rows::backward(Softmax, 2, &y, &[1.0, 0.0], &mut grad_x);
/// assert_eq!(grad_x, [0.1875, -0.1875]);
/// ```
///
/// # Panics
///
/// If a slice is not made of as many whole rows as `grad_x`, or if a row of `columns` has no meaning for the function.
pub fn rows_backward<T: Format, F: Row<T>>(f: F, columns: usize, saved: &[T], grad_y: &[T], grad_x: &mut [T]) {
    let shape = Shape::new(f, columns, grad_x.len());
    let saves = if f.saved() == Saved::Input { columns } else { shape.outputs };
    shape.check("saved", saved.len(), saves);
    shape.check("grad_y", grad_y.len(), shape.outputs);
    threads::rows((saved, saves), (grad_y, shape.outputs), (grad_x, columns), |saved, grad_y, grad_x| {
        dispatch(Backward { f, columns, saved, grad_y, grad_x })
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
    let outputs = Shape::new(f, columns, columns).outputs;
    let mut y = vec![T::default(); outputs];
    rows_forward(f, columns, x, &mut y);
    let saved = if f.saved() == Saved::Input { x } else { &y };
    let mut jacobian = vec![T::default(); outputs * columns];
    let mut unit = vec![T::default(); outputs];
    for (i, row) in jacobian.chunks_exact_mut(columns).enumerate() {
        unit[i] = T::from_f64(1.0);
        rows_backward(f, columns, saved, &unit, row);
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
    fn new<T: Format, F: Row<T>>(f: F, columns: usize, elements: usize) -> Self {
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

struct Forward<'a, T, F> {
    f: F,
    columns: usize,
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Format, F: Row<T>> Task for Forward<'_, T, F> {
    #[inline(always)]
    fn run(self) {
        self.f.forward_rows(self.columns, self.x, self.y);
    }
}

struct Backward<'a, T, F> {
    f: F,
    columns: usize,
    saved: &'a [T],
    grad_y: &'a [T],
    grad_x: &'a mut [T],
}

impl<T: Format, F: Row<T>> Task for Backward<'_, T, F> {
    #[inline(always)]
    fn run(self) {
        self.f.backward_rows(self.columns, self.saved, self.grad_y, self.grad_x);
    }
}
