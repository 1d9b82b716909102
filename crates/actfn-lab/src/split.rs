//! Training, validation and test splits.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use crate::{Dataset, Error};

/// A data set parted into rows to train on, rows to choose the learning rate by, and rows to report on.
///
/// Of every class, 60 % of the rows are trained on, 20 % validate and 20 % test, drawn by a fixed seed. Columns are
/// standardised: mean 0 and standard deviation 1 over the training rows; a column that is constant there becomes 0.
///
/// ```
/// use actfn_lab::{Dataset, Splits};
///
/// let splits = Splits::new(&Dataset::digits())?;
/// assert_eq!((splits.train.rows(), splits.validation.rows(), splits.test.rows()), (1079, 359, 359));
/// # Ok::<(), actfn_lab::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Splits {
    /// The rows that the weights are fitted to.
    pub train: Split,
    /// The rows that choose the learning rate.
    pub validation: Split,
    /// The rows whose accuracy is reported, for the chosen learning rate only.
    pub test: Split,
    /// The number of classes.
    pub classes: usize,
}

/// Some rows of a data set, standardised.
#[derive(Clone, Debug)]
pub struct Split {
    /// The rows, one after another.
    pub values: Vec<f32>,
    /// The class of each row.
    pub labels: Vec<usize>,
    /// The length of a row.
    pub features: usize,
}

impl Split {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.labels.len()
    }
}

impl Splits {
    /// The test accuracy of always answering the class that is commonest among the training rows.
    pub fn baseline(&self) -> f64 {
        let count = |split: &Split, class| split.labels.iter().filter(|&&label| label == class).count();
        let commonest = (0..self.classes).max_by_key(|&class| count(&self.train, class)).unwrap_or(0);
        count(&self.test, commonest) as f64 / self.test.rows() as f64
    }

    /// Parts the data set.
    ///
    /// # Errors
    ///
    /// [`Error::OneClass`] and [`Error::SmallClass`]: there must be two classes at least, of three rows each at least.
    pub fn new(data: &Dataset) -> Result<Self, Error> {
        let classes = data.classes();
        if let [class] = classes {
            return Err(Error::OneClass { file: data.name().to_string(), class: class.clone() });
        }
        let mut rows_of: Vec<Vec<usize>> = vec![Vec::new(); classes.len()];
        for row in 0..data.rows() {
            rows_of[data.label(row)].push(row);
        }

        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let [mut train, mut validation, mut test] = [Vec::new(), Vec::new(), Vec::new()];
        for (rows, class) in rows_of.iter_mut().zip(classes) {
            let total = rows.len();
            if total < 3 {
                return Err(Error::SmallClass {
                    file: data.name().to_string(),
                    class: class.clone(),
                    rows: total,
                    total: data.rows(),
                });
            }
            rows.shuffle(&mut rng);
            let fifth = (total as f64 / 5.0).round().max(1.0) as usize;
            test.extend_from_slice(&rows[..fifth]);
            validation.extend_from_slice(&rows[fifth..2 * fifth]);
            train.extend_from_slice(&rows[2 * fifth..]);
        }
        // Class after class would make the first rows of a split one class.
        for rows in [&mut train, &mut validation, &mut test] {
            rows.shuffle(&mut rng);
        }

        let scale = Standardisation::of(data, &train);
        Ok(Self {
            train: scale.apply(data, &train),
            validation: scale.apply(data, &validation),
            test: scale.apply(data, &test),
            classes: classes.len(),
        })
    }
}

/// The mean and the standard deviation of every column.
struct Standardisation {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

impl Standardisation {
    fn of(data: &Dataset, rows: &[usize]) -> Self {
        let count = rows.len() as f64;
        let column = |column: usize| rows.iter().map(move |&row| data.row(row)[column]);
        let (mean, deviation) = (0..data.features())
            .map(|feature| {
                let mean = column(feature).sum::<f64>() / count;
                let variance = column(feature).map(|value| (value - mean).powi(2)).sum::<f64>() / count;
                (mean, variance.sqrt())
            })
            .unzip();
        Self { mean, deviation }
    }

    fn apply(&self, data: &Dataset, rows: &[usize]) -> Split {
        let mut values = Vec::with_capacity(rows.len() * data.features());
        for &row in rows {
            values.extend(data.row(row).iter().zip(&self.mean).zip(&self.deviation).map(
                |((value, mean), deviation)| {
                    // A constant column tells nothing; dividing by its rounding errors would make noise of it.
                    if *deviation > 1e-12 * mean.abs() { ((value - mean) / deviation) as f32 } else { 0.0 }
                },
            ));
        }
        Split { values, labels: rows.iter().map(|&row| data.label(row)).collect(), features: data.features() }
    }
}
