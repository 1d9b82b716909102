//! What is done to rows before a network sees them, and to its outputs.

use serde::{Deserialize, Serialize};

use crate::data::Column;
use crate::split::Targets;
use crate::{Dataset, Target};

/// What is done to rows before a network sees them, learnt from the training rows: columns of text become numbers that are 0
/// or 1, one for each text; all are standardised to mean 0 and standard deviation 1; what is missing becomes the mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// The columns, in the order of the network's inputs.
    pub columns: Vec<Column>,
    /// The mean of each feature.
    pub mean: Vec<f64>,
    /// The standard deviation of each feature.
    pub deviation: Vec<f64>,
    /// The target's name.
    pub target: String,
    /// What the network's outputs mean.
    pub outputs: Outputs,
}

/// What a network's outputs mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outputs {
    /// One logit for each of these classes.
    Classes(Vec<String>),
    /// (number − mean) / deviation.
    Number {
        /// The mean over the training rows, or 0.
        mean: f64,
        /// The standard deviation over the training rows, or 1.
        deviation: f64,
    },
}

/// The units in which a network learns numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Units {
    /// Standard deviations from the mean of the training rows.
    #[default]
    Standardised,
    /// Those of the data.
    Raw,
}

impl Preprocessing {
    /// From the training rows, given by number.
    pub(crate) fn of(data: &Dataset, rows: &[usize], units: Units) -> Self {
        let (mean, deviation) = (0..data.features())
            .map(|feature| moments(rows.iter().map(move |&row| data.row(row)[feature]).filter(|value| !value.is_nan())))
            .unzip();
        let outputs = match data.target() {
            Target::Classes { names, .. } => Outputs::Classes(names.clone()),
            Target::Numbers(_) if units == Units::Raw => Outputs::Number { mean: 0.0, deviation: 1.0 },
            Target::Numbers(numbers) => {
                let (mean, deviation) = moments(rows.iter().map(|&row| numbers[row]));
                // All training rows may be alike, though the whole is not.
                let deviation = if deviation > 0.0 { deviation } else { 1.0 };
                Outputs::Number { mean, deviation }
            }
        };
        Self { columns: data.columns().to_vec(), mean, deviation, target: data.target_name().to_string(), outputs }
    }

    /// Rows as the network's inputs.
    pub fn inputs(&self, values: &[f64]) -> Vec<f32> {
        let features = self.mean.len();
        let standardised = |(place, &value): (usize, &f64)| {
            let (mean, deviation) = (self.mean[place % features], self.deviation[place % features]);
            // A constant column tells nothing; dividing by its rounding errors would make noise of it.
            let tells = !value.is_nan() && deviation > 1e-12 * mean.abs();
            if tells { ((value - mean) / deviation) as f32 } else { 0.0 }
        };
        values.iter().enumerate().map(standardised).collect()
    }

    pub(crate) fn targets(&self, data: &Dataset, rows: &[usize]) -> Targets {
        match (data.target(), &self.outputs) {
            (Target::Numbers(numbers), Outputs::Number { mean, deviation }) => {
                Targets::Numbers(rows.iter().map(|&row| ((numbers[row] - mean) / deviation) as f32).collect())
            }
            _ => Targets::Classes(rows.iter().map(|&row| data.label(row)).collect()),
        }
    }
}

/// Mean and standard deviation; 0 of nothing.
fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = (values.clone().count() as f64).max(1.0);
    let mean = values.clone().sum::<f64>() / count;
    let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}
