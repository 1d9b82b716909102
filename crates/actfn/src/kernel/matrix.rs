//! Products of matrices, which stand around the activations of every network.
//!
//! They are here because only the kernel knows instruction sets; the library itself multiplies no matrices.

use alloc::vec;

use super::float_mode::DefaultMode;
use super::isa::{Isa, Task, dispatch};
use super::threads;
use crate::math::mul_add;

/// A matrix to read, by rows or, [transposed](Self::transposed), by columns.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    /// From a row to the next, and from a column to the next.
    steps: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// Rows of `columns` numbers, one after another.
    ///
    /// # Panics
    ///
    /// If the numbers are no whole rows.
    pub fn new(values: &'a [f32], columns: usize) -> Self {
        assert!(
            columns > 0 && values.len().is_multiple_of(columns),
            "{} numbers are no rows of {columns}",
            values.len()
        );
        Self { values, rows: values.len() / columns, columns, steps: [columns, 1] }
    }

    /// The transposed matrix. Nothing is moved.
    pub fn transposed(self) -> Self {
        Self { rows: self.columns, columns: self.rows, steps: [self.steps[1], self.steps[0]], ..self }
    }
}

/// `sum += a · b`, for a `sum` stored by rows.
///
/// Every number of `sum` is one chain of fused multiply-adds, which begins with what stood there and goes through the columns
/// of `a` in their order. So its bits depend neither on the instruction set, nor on threads, nor on whether `a` and `b` come
/// whole or in parts, one call after another.
///
/// # Panics
///
/// If the shapes do not fit.
pub fn multiply_add(a: Matrix, b: Matrix, sum: &mut [f32]) {
    assert_eq!(a.columns, b.rows, "a has {} columns, and b has {} rows", a.columns, b.rows);
    assert_eq!(sum.len(), a.rows * b.columns, "the sum has other numbers than rows of a times columns of b");
    if sum.is_empty() || a.columns == 0 {
        return;
    }
    let _mode = DefaultMode::enter();
    threads::blocks(sum, b.columns, a.columns, &|first, sum| {
        dispatch(Product { a, first, b, sum });
    });
}

/// Some rows of a product.
struct Product<'a> {
    a: Matrix<'a>,
    /// The row of `a` that the first row of `sum` belongs to.
    first: usize,
    b: Matrix<'a>,
    sum: &'a mut [f32],
}

impl Task for Product<'_> {
    type Function = Product<'static>;
    #[inline(always)]
    fn run<I: Isa>(self) {
        if I::WIDE { self.in_blocks::<6, 32>() } else { self.in_blocks::<6, 16>() }
    }
}

impl Product<'_> {
    /// In blocks of ROWS × COLUMNS sums, which stay in registers from the first column of `a` to the last. What is left of
    /// the rows and the columns is padded with 0.
    #[inline(always)]
    fn in_blocks<const ROWS: usize, const COLUMNS: usize>(self) {
        let Self { a, first, b, sum } = self;
        let (inner, columns) = (a.columns, b.columns);
        // Of each block of columns of b, what belongs together stands together.
        let mut b_blocks = vec![[0.0; COLUMNS]; inner * columns.div_ceil(COLUMNS)];
        for (block, start) in b_blocks.chunks_exact_mut(inner).zip((0..columns).step_by(COLUMNS)) {
            pack(b.transposed(), start, block);
        }
        let mut a_block = vec![[0.0; ROWS]; inner];
        for (place, sum) in sum.chunks_mut(ROWS * columns).enumerate() {
            pack(a, first + place * ROWS, &mut a_block);
            for (b_block, start) in b_blocks.chunks_exact(inner).zip((0..columns).step_by(COLUMNS)) {
                let width = COLUMNS.min(columns - start);
                let mut sums = [[0.0; COLUMNS]; ROWS];
                for (sums, row) in sums.iter_mut().zip(sum.chunks_exact(columns)) {
                    sums[..width].copy_from_slice(&row[start..start + width]);
                }
                let sums = chains(&a_block, b_block, sums);
                for (sums, row) in sums.iter().zip(sum.chunks_exact_mut(columns)) {
                    row[start..start + width].copy_from_slice(&sums[..width]);
                }
            }
        }
    }
}

/// The chains of a block, side by side.
#[inline(always)]
fn chains<const ROWS: usize, const COLUMNS: usize>(
    a: &[[f32; ROWS]],
    b: &[[f32; COLUMNS]],
    mut sums: [[f32; COLUMNS]; ROWS],
) -> [[f32; COLUMNS]; ROWS] {
    for (a, b) in a.iter().zip(b) {
        for (sums, a) in sums.iter_mut().zip(a) {
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = mul_add::f32(*a, *b, *sum);
            }
        }
    }
    sums
}

/// The rows of `matrix` from `first` on, as many as a block has, column by column.
#[inline(always)]
fn pack<const ROWS: usize>(matrix: Matrix, first: usize, block: &mut [[f32; ROWS]]) {
    let Matrix { values, rows, steps: [row_step, column_step], .. } = matrix;
    let present = ROWS.min(rows - first);
    if row_step == 1 {
        for (column, to) in block.iter_mut().enumerate() {
            to[..present].copy_from_slice(&values[first + column * column_step..][..present]);
        }
        return;
    }
    for row in 0..present {
        let from = values[(first + row) * row_step..].iter().step_by(column_step);
        for (to, from) in block.iter_mut().zip(from) {
            to[row] = *from;
        }
    }
}
