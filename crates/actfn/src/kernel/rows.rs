//! Rowwise loops: one row after another.

use alloc::vec;
use alloc::vec::Vec;

use super::float_mode::DefaultMode;
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
    let _mode = DefaultMode::enter();
    let shape = Shape::new(f.function(), columns, x.len());
    let outputs = shape.outputs;
    shape.check("y", y.len(), outputs);
    if x.is_empty() {
        return;
    }
    let target = target::<T, F>(y);
    threads::rows((x, columns), (x, columns), (y, outputs), &|first, x, _, y| {
        forward_share::<T, F>(f.function(), first, (x, columns), (y, outputs), target);
    });
}

/// The rows of a share, of which the first has this number.
fn forward_share<T: Format, F: Row<T>>(
    f: F::Function,
    first: usize,
    (x, columns): (&[T], usize),
    (y, outputs): (&mut [T], usize),
    target: Target,
) {
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
    let _mode = DefaultMode::enter();
    let shape = Shape::new(f.function(), columns, grad_x.len());
    let outputs = shape.outputs;
    shape.check("x", x.len(), columns);
    shape.check("grad_y", grad_y.len(), outputs);
    if x.is_empty() {
        return;
    }
    let target = target::<T, F>(grad_x);
    threads::rows((x, columns), (grad_y, outputs), (grad_x, columns), &|first, x, grad_y, grad_x| {
        backward_share::<T, F>(f.function(), first, (x, columns), (grad_y, outputs), grad_x, target);
    });
}

/// As [`forward_share`].
fn backward_share<T: Format, F: Row<T>>(
    f: F::Function,
    first: usize,
    (x, columns): (&[T], usize),
    (grad_y, outputs): (&[T], usize),
    grad_x: &mut [T],
    target: Target,
) {
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
}

/// As [`rows_forward`], where a row consists of the entries whose `mask` is true. The others take no part, whatever they hold, and
/// get what [`Rowwise::MASKED`] says: 0, and log-softmax −∞. A row without an entry left gets only that.
///
/// ```
/// use actfn::{Softmax, rows};
/// let x = [0.0f32, f32::NAN, 0.0, 7.0, 8.0, 9.0]; // two rows
/// let mask = [true, false, true, false, false, false];
/// let mut y = [1.0; 6];
/// rows::forward_where(Softmax, 3, &x, &mask, &mut y);
/// assert_eq!(y, [0.5, 0.0, 0.5, 0.0, 0.0, 0.0]);
/// ```
///
/// The results are those of a shorter row, to the bit. A random function draws by an entry's place among those left of its row.
///
/// # Panics
///
/// As [`rows_forward`], if `mask` has not the length of `x`, and if the function takes no mask, since the numbers of its outputs do
/// not belong to inputs each.
pub fn rows_forward_where<T: Format, F: Row<T>>(f: F, columns: usize, x: &[T], mask: &[bool], y: &mut [T]) {
    let _mode = DefaultMode::enter();
    let f = f.function();
    let shape = Shape::new(f, columns, x.len());
    let masked = shape.masked::<T, F>(mask);
    shape.check("y", y.len(), columns);
    if x.is_empty() {
        return;
    }
    threads::rows((x, columns), (x, columns), (y, columns), &|first, x, _, y| {
        let rows = x.chunks_exact(columns).zip(y.chunks_exact_mut(columns));
        let (mut left, mut results) = (Vec::new(), vec![T::default(); columns]);
        for (i, (x, y)) in rows.enumerate() {
            let mask = &mask[(first + i) * columns..][..columns];
            gather(x, mask, &mut left);
            let results = &mut results[..left.len()];
            if !left.is_empty() {
                let f = f.at(((first + i) * columns) as u64);
                forward_share::<T, F>(f, 0, (&left, left.len()), (results, left.len()), Target::Cache);
            }
            scatter(results, mask, masked, y);
        }
    });
}

/// As [`rows_backward`] with the mask of [`rows_forward_where`]. The gradient of a masked entry is 0, and what stands in `x` and
/// `grad_y` there is not looked at.
///
/// ```
/// use actfn::{Softmax, rows};
/// let (x, grad_y) = ([0.0f64, f64::NAN, 0.0], [1.0, f64::NAN, 0.0]);
/// let mut grad_x = [7.0; 3];
/// rows::backward_where(Softmax, 3, &x, &[true, false, true], &grad_y, &mut grad_x);
/// assert_eq!(grad_x, [0.25, 0.0, -0.25]);
/// ```
///
/// # Panics
///
/// As there, and if `grad_y` or `grad_x` has not the length of `x`.
pub fn rows_backward_where<T: Format, F: Row<T>>(
    f: F,
    columns: usize,
    x: &[T],
    mask: &[bool],
    grad_y: &[T],
    grad_x: &mut [T],
) {
    let _mode = DefaultMode::enter();
    let f = f.function();
    let shape = Shape::new(f, columns, x.len());
    shape.masked::<T, F>(mask);
    shape.check("grad_y", grad_y.len(), columns);
    shape.check("grad_x", grad_x.len(), columns);
    if x.is_empty() {
        return;
    }
    threads::rows((x, columns), (grad_y, columns), (grad_x, columns), &|first, x, grad_y, grad_x| {
        let rows = x.chunks_exact(columns).zip(grad_y.chunks_exact(columns)).zip(grad_x.chunks_exact_mut(columns));
        let (mut left, mut grad_left, mut results) = (Vec::new(), Vec::new(), vec![T::default(); columns]);
        for (i, ((x, grad_y), grad_x)) in rows.enumerate() {
            let mask = &mask[(first + i) * columns..][..columns];
            gather(x, mask, &mut left);
            gather(grad_y, mask, &mut grad_left);
            let (n, results) = (left.len(), &mut results[..left.len()]);
            if n > 0 {
                let f = f.at(((first + i) * columns) as u64);
                backward_share::<T, F>(f, 0, (&left, n), (&grad_left, n), results, Target::Cache);
            }
            scatter(results, mask, T::default(), grad_x);
        }
    });
}

/// The entries of a row that the mask leaves.
fn gather<T: Copy>(x: &[T], mask: &[bool], left: &mut Vec<T>) {
    left.clear();
    left.extend(x.iter().zip(mask).filter(|(_, is_left)| **is_left).map(|(x, _)| *x));
}

/// The results of the entries that the mask leaves to their places, and `masked` to the others.
fn scatter<T: Copy>(results: &[T], mask: &[bool], masked: T, y: &mut [T]) {
    let mut results = results.iter();
    for (y, is_left) in y.iter_mut().zip(mask) {
        *y = if *is_left { *results.next().unwrap_or(&masked) } else { masked };
    }
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
    if columns == 0 {
        return Vec::new();
    }
    let mut jacobian = vec![T::default(); outputs * columns];
    let mut unit = vec![T::default(); outputs];
    for (i, row) in jacobian.chunks_exact_mut(columns).enumerate() {
        unit[i] = T::from_f64(1.0);
        rows_backward(f, columns, x, &unit, row);
        unit[i] = T::default();
    }
    jacobian
}

/// The number of rows, and the length of an output row. There is none of length 0.
struct Shape {
    rows: usize,
    outputs: usize,
}

impl Shape {
    #[track_caller]
    fn new(f: impl Rowwise, columns: usize, elements: usize) -> Self {
        let Some(outputs) = f.outputs(columns) else {
            panic!("the function has no meaning for a row of {columns} numbers")
        };
        assert!(elements.is_multiple_of(columns), "{elements} elements are no whole number of rows of {columns}");
        Self { rows: elements.checked_div(columns).unwrap_or(0), outputs }
    }

    #[track_caller]
    fn check(&self, name: &str, len: usize, columns: usize) {
        let rows = self.rows;
        assert!(len == rows * columns, "`{name}` has {len} elements: {rows} rows of {columns} need {}", rows * columns);
    }

    /// What masked entries get.
    #[track_caller]
    fn masked<T: Format, F: Row<T>>(&self, mask: &[bool]) -> T {
        let Some(masked) = F::Function::MASKED else {
            panic!("`{}` takes no mask: its outputs do not belong to inputs each", F::Function::INFO.name)
        };
        self.check("mask", mask.len(), self.outputs);
        T::from_f64(masked)
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
