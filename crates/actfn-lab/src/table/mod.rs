//! Files as columns of numbers or text, before anything is known of their meaning.

mod delimited;
mod idx;
mod npz;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::Error;

/// Columns of equal length, by name.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The file, or what stands for it in errors.
    pub name: String,
    pub columns: Vec<Column>,
    pub places: Places,
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub name: String,
    pub cells: Cells,
}

#[derive(Clone, Debug)]
pub(crate) enum Cells {
    /// NaN where a cell is empty: the readers refuse NaN as a number.
    Numbers(Vec<f64>),
    /// An empty text where a cell is empty.
    Text(Vec<String>),
}

impl Cells {
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Numbers(numbers) => numbers[row].is_nan(),
            Self::Text(texts) => texts[row].is_empty(),
        }
    }
}

/// Where rows stand in the file.
#[derive(Clone, Debug)]
pub(crate) enum Places {
    /// The line of each row, from 1.
    Lines(Vec<u64>),
    /// The file has no lines but this many rows, counted from 1 in errors.
    Rows(usize),
}

impl Places {
    pub fn rows(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.len(),
            Self::Rows(rows) => *rows,
        }
    }
}

/// What a column's cells are to be read as.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Numbers if the first cell with anything in it is one, else text.
    Told,
    Numbers,
    Text,
    /// Not at all: the column is of no interest.
    Skipped,
}

/// Networks of more inputs than this take gigabytes at ordinary widths; a file with more columns is a mistake.
pub(crate) const MOST_FEATURES: usize = 65_536;

impl Table {
    /// Reads a file. `kinds` tells from the header what to read each column as.
    pub fn read(
        path: &Path,
        labels: Option<&Path>,
        kinds: impl Fn(&[String]) -> Result<Vec<Kind>, Error>,
    ) -> Result<Self, Error> {
        let name = path.display().to_string();
        let mut extension = path.extension().map_or(String::new(), |e| e.to_string_lossy().to_lowercase());
        if extension == "gz" {
            let stem = path.file_stem().map(Path::new).and_then(Path::extension);
            extension = stem.map_or(String::new(), |e| e.to_string_lossy().to_lowercase());
        }
        // MNIST's files have no extension, or one such as `idx3-ubyte`.
        if !(["", "csv", "txt", "npz"].contains(&extension.as_str()) || extension.starts_with("idx")) {
            return Err(Error::UnknownFormat { file: name, extension });
        }
        let file = File::open(path).map_err(|source| Error::Unreadable { file: name.clone(), source })?;
        Self::read_from(&name, file, labels, kinds)
    }

    /// Reads bytes. What they begin with tells the format; a file's name may be wrong.
    pub fn read_from(
        name: &str,
        source: impl Read,
        labels: Option<&Path>,
        kinds: impl Fn(&[String]) -> Result<Vec<Kind>, Error>,
    ) -> Result<Self, Error> {
        let mut source = BufReader::new(source);
        let begins = |source: &mut dyn BufRead, bytes: &[u8]| match source.fill_buf() {
            Ok(begin) => Ok(begin.starts_with(bytes)),
            Err(source) => Err(Error::Unreadable { file: name.to_string(), source }),
        };
        let mut source: Box<dyn BufRead + '_> = if begins(&mut source, &[0x1f, 0x8b])? {
            Box::new(BufReader::new(MultiGzDecoder::new(source)))
        } else {
            Box::new(source)
        };
        let table = if begins(&mut source, b"PK")? {
            npz::read(name, source, &kinds)?
        } else if begins(&mut source, b"\x93NUMPY")? {
            return Err(bad_file(
                name,
                "is one array of NumPy: save rows and target together, as numpy.savez(FILE, x=x, y=y)",
            ));
        } else if begins(&mut source, &[0, 0])? {
            idx::read(name, source, labels)?
        } else {
            delimited::read(name, source, &kinds)?
        };
        match labels {
            Some(labels) if !table.columns.iter().any(|column| column.name == idx::LABEL) => {
                let what = format!("needs no labels file {}: only IDX files have one. Leave it out", labels.display());
                Err(bad_file(name, what))
            }
            _ => Ok(table),
        }
    }

    /// An error at a cell.
    pub fn bad_cell(&self, row: usize, column: &str, problem: impl Into<String>) -> Error {
        let (file, column, problem) = (self.name.clone(), column.to_string(), problem.into());
        match &self.places {
            Places::Lines(lines) => Error::Value { file, line: lines[row], column, problem },
            Places::Rows(_) => Error::Entry { file, row: row + 1, column, problem },
        }
    }
}

fn bad_file(name: &str, problem: impl Into<String>) -> Error {
    Error::File { file: name.to_string(), problem: problem.into() }
}

/// Networks compute in 32-bit floats: what overflows there is no use here.
fn is_usable(number: f64) -> bool {
    (number as f32).is_finite()
}

fn check_width(name: &str, features: usize) -> Result<(), Error> {
    if features > MOST_FEATURES {
        let problem = format!("has {features} columns, and {MOST_FEATURES} is the most: choose those to learn from");
        return Err(bad_file(name, problem));
    }
    Ok(())
}
