//! Training, validation and test splits.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use crate::{Dataset, Error, Preprocessing, Target, Units};

/// A data set parted into rows to train on, rows to choose the learning rate by, and rows to report on.
///
/// Of every class, or of all rows if the target is a number, 60 % are trained on, 20 % validate and 20 % test, drawn by a
/// fixed seed. Columns are standardised: mean 0 and standard deviation 1 over the training rows; a column that is constant
/// there becomes 0.
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
    /// The number of classes; 1 if the target is a number.
    pub classes: usize,
    /// What was done to the rows.
    pub preprocessing: Preprocessing,
}

/// Some rows of a data set, standardised.
#[derive(Clone, Debug)]
pub struct Split {
    /// The rows, one after another.
    pub values: Vec<f32>,
    /// What is to be predicted from each row.
    pub targets: Targets,
    /// The length of a row.
    pub features: usize,
}

/// What is to be predicted from each row of a [`Split`].
#[derive(Clone, Debug)]
pub enum Targets {
    /// Its class.
    Classes(Vec<usize>),
    /// A number, in the units that the network learns it in.
    Numbers(Vec<f32>),
}

impl Split {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.features
    }

    /// The class of each row; none if the targets are numbers.
    pub fn labels(&self) -> &[usize] {
        match &self.targets {
            Targets::Classes(labels) => labels,
            Targets::Numbers(_) => &[],
        }
    }
}

impl Splits {
    /// The test accuracy of always answering the class that is commonest among the training rows.
    pub fn baseline(&self) -> f64 {
        let count = |split: &Split, class| split.labels().iter().filter(|&&label| label == class).count();
        let commonest = (0..self.classes).max_by_key(|&class| count(&self.train, class)).unwrap_or(0);
        count(&self.test, commonest) as f64 / self.test.rows() as f64
    }

    /// Parts the data set.
    ///
    /// # Errors
    ///
    /// [`Error::OneClass`] and [`Error::SmallClass`]: there must be two classes at least, of three rows each at least.
    /// [`Error::FewNumbers`]: numbers must differ, and be ten at least.
    pub fn new(data: &Dataset) -> Result<Self, Error> {
        Self::in_units(data, Units::default())
    }

    /// The same, with the units that numbers are learnt in.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn in_units(data: &Dataset, units: Units) -> Result<Self, Error> {
        let groups = match data.target() {
            Target::Classes { .. } => rows_by_class(data)?,
            Target::Numbers(numbers) => vec![all_rows(data, numbers)?],
        };
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let [mut train, mut validation, mut test] = [Vec::new(), Vec::new(), Vec::new()];
        for mut rows in groups {
            rows.shuffle(&mut rng);
            let fifth = (rows.len() as f64 / 5.0).round().max(1.0) as usize;
            test.extend_from_slice(&rows[..fifth]);
            validation.extend_from_slice(&rows[fifth..2 * fifth]);
            train.extend_from_slice(&rows[2 * fifth..]);
        }
        // Class after class would make the first rows of a split one class.
        for rows in [&mut train, &mut validation, &mut test] {
            rows.shuffle(&mut rng);
        }

        let preprocessing = Preprocessing::of(data, &train, units);
        let split = |rows: &[usize]| {
            let values: Vec<f64> = rows.iter().flat_map(|&row| data.row(row)).copied().collect();
            let targets = preprocessing.targets(data, rows);
            Split { values: preprocessing.inputs(&values), targets, features: data.features() }
        };
        Ok(Self {
            train: split(&train),
            validation: split(&validation),
            test: split(&test),
            classes: data.classes().len().max(1),
            preprocessing,
        })
    }
}

fn rows_by_class(data: &Dataset) -> Result<Vec<Vec<usize>>, Error> {
    let classes = data.classes();
    if let [class] = classes {
        return Err(Error::OneClass { file: data.name().to_string(), class: class.clone() });
    }
    let mut rows_of: Vec<Vec<usize>> = vec![Vec::new(); classes.len()];
    for row in 0..data.rows() {
        rows_of[data.label(row)].push(row);
    }
    match rows_of.iter().zip(classes).find(|(rows, _)| rows.len() < 3) {
        Some((rows, class)) => Err(Error::SmallClass {
            file: data.name().to_string(),
            class: class.clone(),
            rows: rows.len(),
            total: data.rows(),
        }),
        None => Ok(rows_of),
    }
}

fn all_rows(data: &Dataset, numbers: &[f64]) -> Result<Vec<usize>, Error> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    if numbers.len() < 10 || sorted.len() < 2 {
        return Err(Error::FewNumbers {
            file: data.name().to_string(),
            target: data.target_name().to_string(),
            rows: numbers.len(),
            different: sorted.len(),
        });
    }
    Ok((0..numbers.len()).collect())
}
