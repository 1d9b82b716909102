//! Which data a network is trained on: the same words for every command.

use std::path::PathBuf;

use actfn_lab::{Missing, Source};
use clap::{Args, ValueEnum};

#[derive(Args)]
pub struct Data {
    /// digits, iris, wine, breast-cancer or diabetes, which are in the program; or a file: CSV with a line of column names
    /// (text becomes one feature for each text), IDX as MNIST has it, both compressed by gzip or not, or NumPy's .npz with
    /// x and y [default: digits]
    #[arg(long, value_name = "FILE")]
    data: Option<String>,

    /// The column to be told from the others [default: the last]
    #[arg(long, value_name = "COLUMN", requires = "data")]
    target: Option<String>,

    /// The labels of an IDX file, another IDX file
    #[arg(long, value_name = "FILE", requires = "data")]
    labels: Option<PathBuf>,

    /// What to do about empty cells: take the mean of the training rows, or drop the row [default: they are errors]
    #[arg(long, value_enum)]
    missing: Option<Policy>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Policy {
    Mean,
    Drop,
}

impl Data {
    pub fn source(&self) -> Source {
        Source {
            data: self.data.clone().unwrap_or_else(|| "digits".to_string()),
            target: self.target.clone(),
            labels: self.labels.clone(),
            missing: self.missing.map(|policy| match policy {
                Policy::Mean => Missing::Mean,
                Policy::Drop => Missing::Drop,
            }),
        }
    }
}
