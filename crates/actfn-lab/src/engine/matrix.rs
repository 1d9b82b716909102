use alloc::vec;
use alloc::vec::Vec;

use actfn::matrix;

/// Numbers in rows of equal length, one row after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// The length of a row.
    pub columns: usize,
    /// All numbers.
    pub values: Vec<f32>,
}

impl Matrix {
    /// A matrix of these numbers.
    ///
    /// # Panics
    ///
    /// If they are no whole rows.
    pub fn new(columns: usize, values: Vec<f32>) -> Self {
        assert!(
            columns > 0 && values.len().is_multiple_of(columns),
            "{} numbers are no rows of {columns}",
            values.len()
        );
        Self { columns, values }
    }

    /// All 0.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self::new(columns, vec![0.0; rows * columns])
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// One row after another.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.columns)
    }

    /// The same numbers, for a product.
    pub(super) fn view(&self) -> matrix::Matrix<'_> {
        matrix::Matrix::new(&self.values, self.columns)
    }

    /// Adds the product of two matrices: each number's sum goes on from what stands there, term by term.
    pub(super) fn add_product(&mut self, a: matrix::Matrix, b: matrix::Matrix) {
        matrix::multiply_add(a, b, &mut self.values);
    }
}
