//! `actfn predict`

use std::path::PathBuf;

use actfn_lab::{Model, Predictions};
use clap::Args;
use serde_json::{Map, Value, json};

use crate::data::delimiter;
use crate::{output, table};

/// Predict classes or numbers for rows of data, with a network that `actfn train` has trained.
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn train --data iris --out iris-model
  actfn predict iris-model flowers.csv     classes and probabilities, as CSV
  actfn predict iris-model flowers.csv --output predictions.csv
  actfn predict iris-model iris --json

The file needs the columns that the network was trained on, by their names, in any order. Other columns, \
such as the target, are ignored. There is one row of output for each row of input.")]
pub struct Predict {
    /// The folder that `actfn train` has written
    #[arg(value_name = "MODEL")]
    model: PathBuf,

    /// The rows: a file of any kind that `actfn train` reads, or the name of a bundled data set
    #[arg(value_name = "DATA")]
    data: String,

    /// What separates the fields of a CSV file: a character, or `tab` [default: found out from the first lines]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter, allow_hyphen_values = true)]
    delimiter: Option<char>,

    /// Write to a file instead of stdout
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// JSON instead of CSV
    #[arg(long)]
    json: bool,
}

impl Predict {
    pub fn run(self) -> Result<String, String> {
        let text = |error: actfn_lab::Error| error.to_string();
        let predictions = Model::load(&self.model).map_err(text)?.predict(&self.data, self.delimiter).map_err(text)?;
        table::note(&predictions.summary);
        let result = if self.json { json_of(&predictions)? } else { csv_of(&predictions)? };
        match &self.output {
            Some(path) => output::write(path, result.as_bytes()).map(|()| String::new()),
            None => Ok(result),
        }
    }
}

fn csv_of(predictions: &Predictions) -> Result<String, String> {
    let mut header = vec![predictions.target.clone()];
    header.extend(predictions.classes.iter().map(|class| format!("probability_{class}")));
    let line = |row: &[f64]| match predictions.classes.is_empty() {
        true => vec![row[0].to_string()],
        false => std::iter::once(predictions.class(row).to_string()).chain(row.iter().map(f64::to_string)).collect(),
    };
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(predictions.rows().map(line)).collect();
    table::csv(&lines)
}

fn json_of(predictions: &Predictions) -> Result<String, String> {
    let row = |row: &[f64]| {
        if predictions.classes.is_empty() {
            return json!({ &predictions.target: row[0] });
        }
        let probabilities: Map<String, Value> = predictions
            .classes
            .iter()
            .zip(row)
            .map(|(class, &probability)| (class.clone(), probability.into()))
            .collect();
        json!({ &predictions.target: predictions.class(row), "probabilities": probabilities })
    };
    let rows: Vec<Value> = predictions.rows().map(row).collect();
    serde_json::to_string_pretty(&rows).map(|text| text + "\n").map_err(|error| error.to_string())
}
