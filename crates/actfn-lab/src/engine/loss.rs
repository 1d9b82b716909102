use alloc::vec;

use actfn::{LogSoftmax, Softmax, rows};

use super::Matrix;

/// How far outputs are from what is wanted: the mean over the rows.
#[derive(Clone, Copy, Debug)]
pub enum Loss<'a> {
    /// The cross-entropy between the softmax of each row of outputs and its class: −ln of the probability of the class.
    CrossEntropy(&'a [usize]),
    /// The squared difference between each output and the number wanted, one for each number of the outputs.
    SquaredError(&'a [f32]),
}

impl Loss<'_> {
    /// The loss.
    ///
    /// # Panics
    ///
    /// If there is not one class for each row, or one number for each output.
    pub fn value(self, outputs: &Matrix) -> f64 {
        self.check(outputs);
        let mut sum = 0.0;
        match self {
            Self::CrossEntropy(classes) => {
                let mut log_probabilities = vec![0.0; outputs.values.len()];
                rows::forward(LogSoftmax, outputs.columns, &outputs.values, &mut log_probabilities);
                for (row, class) in log_probabilities.chunks_exact(outputs.columns).zip(classes) {
                    sum -= f64::from(row[*class]);
                }
                sum / classes.len() as f64
            }
            Self::SquaredError(numbers) => {
                for (output, number) in outputs.values.iter().zip(numbers) {
                    let difference = f64::from(output - number);
                    sum += difference * difference;
                }
                sum / numbers.len() as f64
            }
        }
    }

    /// The gradient of the loss with respect to the outputs.
    ///
    /// # Panics
    ///
    /// As [`value`](Self::value).
    pub fn gradient(self, outputs: &Matrix) -> Matrix {
        self.check(outputs);
        let mut gradient = Matrix::zeros(outputs.rows(), outputs.columns);
        match self {
            // (p − 1) / n at the class of the row, and p / n at the others.
            Self::CrossEntropy(classes) => {
                rows::forward(Softmax, outputs.columns, &outputs.values, &mut gradient.values);
                for (row, class) in gradient.values.chunks_exact_mut(outputs.columns).zip(classes) {
                    row[*class] -= 1.0;
                    row.iter_mut().for_each(|gradient| *gradient /= classes.len() as f32);
                }
            }
            // 2 (y − t) / n.
            Self::SquaredError(numbers) => {
                let factor = 2.0 / numbers.len() as f32;
                for ((gradient, output), number) in gradient.values.iter_mut().zip(&outputs.values).zip(numbers) {
                    *gradient = factor * (output - number);
                }
            }
        }
        gradient
    }

    fn check(self, outputs: &Matrix) {
        match self {
            Self::CrossEntropy(classes) => assert_eq!(classes.len(), outputs.rows(), "each row has one class"),
            Self::SquaredError(numbers) => {
                assert_eq!(numbers.len(), outputs.values.len(), "each output has one number wanted");
            }
        }
    }
}
