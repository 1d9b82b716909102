//! Data sets: rows of numbers, each with a class.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::Error;

/// Rows of numbers, each with a class.
///
/// ```
/// let digits = actfn_lab::Dataset::digits();
/// assert_eq!((digits.rows(), digits.features(), digits.classes().len()), (1797, 64, 10));
/// assert_eq!(digits.classes()[3], "3");
/// ```
#[derive(Clone, Debug)]
pub struct Dataset {
    name: String,
    classes: Vec<String>,
    features: usize,
    values: Vec<f64>,
    labels: Vec<usize>,
}

impl Dataset {
    /// Handwritten digits, 8 × 8 pixels each: 1797 rows of 64 numbers from 0 to 16, in 10 classes.
    ///
    /// Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits" (test part), UCI Machine Learning Repository,
    /// CC BY 4.0. Compiled into the program.
    pub fn digits() -> Self {
        let file: &[u8] = include_bytes!("../../../data/digits.csv.gz");
        Self::from_reader("digits", file, Some("digit")).expect("the embedded file is well-formed")
    }

    /// Reads a CSV file, compressed by gzip or not, with a header line.
    ///
    /// `target` names the column that holds the class, as text or as a number; without it, that is the last column. All
    /// other columns hold numbers.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the file, named with its line and column: see [`Error`].
    pub fn from_path(path: impl AsRef<Path>, target: Option<&str>) -> Result<Self, Error> {
        let name = path.as_ref().display().to_string();
        match File::open(&path) {
            Ok(file) => Self::from_reader(&name, file, target),
            Err(source) => Err(Error::Unreadable { file: name, source }),
        }
    }

    /// Reads the same from anything that gives bytes. `name` stands for the file in errors.
    ///
    /// ```
    /// use actfn_lab::Dataset;
    ///
    /// let text = "height,width,kind\n1,2,cat\n3,4,dog\n5,oops,dog\n";
    /// let error = Dataset::from_reader("pets.csv", text.as_bytes(), Some("kind")).unwrap_err();
    /// assert_eq!(error.to_string(), "pets.csv, line 4, column `width`: `oops` is not a number");
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_path`](Self::from_path).
    pub fn from_reader(name: &str, source: impl Read, target: Option<&str>) -> Result<Self, Error> {
        let file = name.to_string();
        let mut source = BufReader::new(source);
        // The first bytes tell gzip from text; the file's name may be wrong.
        let is_gzip = match source.fill_buf() {
            Ok(bytes) => bytes.starts_with(&[0x1f, 0x8b]),
            Err(source) => return Err(Error::Unreadable { file, source }),
        };
        if is_gzip { read_csv(file, MultiGzDecoder::new(source), target) } else { read_csv(file, source, target) }
    }

    /// The name it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.labels.len()
    }

    /// The number of numbers in a row.
    pub fn features(&self) -> usize {
        self.features
    }

    /// The names of the classes, sorted: by value if all are numbers, else as text.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The numbers of one row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.features..][..self.features]
    }

    /// The class of one row, as an index into [`classes`](Self::classes).
    pub fn label(&self, row: usize) -> usize {
        self.labels[row]
    }
}

fn read_csv(file: String, source: impl Read, target: Option<&str>) -> Result<Dataset, Error> {
    let mut reader = csv::Reader::from_reader(source);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Err(bad_record(file, 1, error)),
    };
    if header.is_empty() {
        return Err(Error::Empty { file });
    }
    let target = target_column(&file, &header, target)?;
    if header.len() == 1 {
        return Err(Error::NoFeatures { file, target: header[0].to_string() });
    }

    let mut values = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(bad_record(file, line, error)),
        }
        let line = record.position().map_or(line, csv::Position::line);
        for (column, text) in record.iter().enumerate() {
            let text = text.trim();
            let bad = |problem: String| Error::Value {
                file: file.clone(),
                line,
                column: header[column].to_string(),
                problem,
            };
            if text.is_empty() {
                return Err(bad("is empty".to_string()));
            }
            if column == target {
                texts.push(text.to_string());
                continue;
            }
            match text.parse::<f64>() {
                // Networks compute in 32-bit floats: what overflows there is no use here.
                Ok(value) if (value as f32).is_finite() => values.push(value),
                Ok(_) => return Err(bad(format!("`{text}` is not a finite 32-bit number"))),
                Err(_) => return Err(bad(format!("`{text}` is not a number"))),
            }
        }
    }
    if texts.is_empty() {
        return Err(Error::NoRows { file });
    }

    let classes = sorted_classes(&texts);
    let index: HashMap<&str, usize> =
        classes.iter().enumerate().map(|(index, class)| (class.as_str(), index)).collect();
    let labels = texts.iter().map(|text| index[text.as_str()]).collect();
    Ok(Dataset { name: file, classes, features: header.len() - 1, values, labels })
}

fn target_column(file: &str, header: &csv::StringRecord, target: Option<&str>) -> Result<usize, Error> {
    let Some(target) = target else {
        return Ok(header.len() - 1);
    };
    let mut found = header.iter().enumerate().filter(|(_, name)| name.trim() == target);
    match (found.next(), found.next()) {
        (Some((column, _)), None) => Ok(column),
        (Some(_), Some(_)) => Err(Error::AmbiguousTarget { file: file.to_string(), target: target.to_string() }),
        (None, _) => Err(Error::NoTarget {
            file: file.to_string(),
            target: target.to_string(),
            columns: header.iter().map(String::from).collect(),
        }),
    }
}

fn sorted_classes(texts: &[String]) -> Vec<String> {
    let mut classes = texts.to_vec();
    classes.sort_unstable();
    classes.dedup();
    if let Ok(mut numbered) = classes
        .iter()
        .map(|text| text.parse::<f64>().map(|number| (number, text.clone())))
        .collect::<Result<Vec<_>, _>>()
    {
        numbered.sort_by(|a, b| a.0.total_cmp(&b.0));
        classes = numbered.into_iter().map(|(_, text)| text).collect();
    }
    classes
}

fn bad_record(file: String, line: u64, error: csv::Error) -> Error {
    let line = error.position().map_or(line, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Error::Ragged { file, line, fields: len, columns: expected_len }
        }
        csv::ErrorKind::Utf8 { err, .. } => Error::NotText { file, line, field: err.field() + 1 },
        csv::ErrorKind::Io(source) => Error::BreaksOff { file, line, source },
        kind => Error::BreaksOff { file, line, source: std::io::Error::other(format!("{kind:?}")) },
    }
}
