//! Which data a network is trained on: the same words for every command.

use std::path::PathBuf;

use actfn_lab::{Missing, Source};
use clap::{Args, ValueEnum};

#[derive(Args)]
pub struct Data {
    /// A bundled data set (digits, iris, wine, breast-cancer or diabetes), or a file: CSV or TSV with a line of column names,
    /// IDX as MNIST has it, each with or without gzip, or NumPy's .npz with x and y [default: digits]
    #[arg(long, value_name = "FILE")]
    data: Option<String>,

    /// The column to predict [default: the last]
    #[arg(long, value_name = "COLUMN", requires = "data")]
    target: Option<String>,

    /// The labels of an IDX file, another IDX file
    #[arg(long, value_name = "FILE", requires = "data")]
    labels: Option<PathBuf>,

    /// What to do about missing values (empty cells, NA, NaN, null, None, ?): take the mean of the training rows, or leave the
    /// row out [default: they are errors]
    #[arg(long, value_enum)]
    missing: Option<Policy>,

    /// Another word that stands for a missing value; may be given several times
    #[arg(long, value_name = "WORD", requires = "data", allow_hyphen_values = true)]
    na: Vec<String>,

    /// What separates the fields of a CSV file: a character, or `tab` [default: found out from the first lines]
    #[arg(long, value_name = "CHARACTER", requires = "data", value_parser = delimiter, allow_hyphen_values = true)]
    delimiter: Option<char>,

    /// The CSV file has no line of column names; its columns are called column_1, column_2, …
    #[arg(long, requires = "data")]
    no_header: bool,

    /// Columns to leave out, separated by commas
    #[arg(long, value_name = "COLUMNS", requires = "data", value_delimiter = ',')]
    drop: Vec<String>,

    /// Columns to read as text (categories) though they hold numbers, separated by commas
    #[arg(long, value_name = "COLUMNS", requires = "data", value_delimiter = ',')]
    text: Vec<String>,
}

/// What separates fields, as people type it.
pub fn delimiter(text: &str) -> Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(one), None) => Ok(one),
        _ => Err("one character is needed, or `tab`".to_string()),
    }
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
            delimiter: self.delimiter,
            no_header: self.no_header,
            na: self.na.clone(),
            text: self.text.clone(),
            drop: self.drop.clone(),
        }
    }
}
