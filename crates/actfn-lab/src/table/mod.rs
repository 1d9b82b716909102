//! Files as columns of numbers or text, before anything is known of their meaning.

mod cell;
mod delimited;
mod idx;
mod npz;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::Error;

pub(crate) use cell::says_missing;

/// Columns of equal length, by name.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The file, or what stands for it in errors.
    pub name: String,
    pub columns: Vec<Column>,
    pub places: Places,
    pub format: Format,
}

/// How rows and columns stand in a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Format {
    Delimited {
        delimiter: char,
        /// What commas in numbers were understood as, if there are any.
        commas: Option<&'static str>,
        header: bool,
    },
    /// Rows of numbers, with the targets beside them or without.
    Arrays { targets: bool },
}

/// How to read a file of text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options<'a> {
    /// The labels that belong to an IDX file.
    pub labels: Option<&'a Path>,
    /// What separates fields; it is found out if none is given.
    pub delimiter: Option<u8>,
    /// Whether the first line names the columns.
    pub header: bool,
    /// Words for a missing value, beside the usual ones.
    pub missing: &'a [String],
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub name: String,
    pub cells: Cells,
}

impl Column {
    /// Whether the numbers are 0, 1, 2 … or 1, 2, 3 …
    pub fn counts_rows(&self) -> bool {
        let Cells::Numbers(numbers) = &self.cells else { return false };
        let counts = |first: f64| numbers.iter().enumerate().all(|(row, &number)| number == first + row as f64);
        numbers.len() >= 10 && (counts(0.0) || counts(1.0))
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Cells {
    /// NaN where a cell is empty: the readers refuse NaN as a number.
    Numbers(Vec<f64>),
    /// An empty text where a cell is empty.
    Text(Vec<String>),
}

impl Cells {
    /// Numbers as texts.
    pub fn make_text(&mut self) {
        if let Self::Numbers(numbers) = self {
            let text = |number: &f64| if number.is_nan() { String::new() } else { number.to_string() };
            *self = Self::Text(numbers.iter().map(text).collect());
        }
    }

    /// Takes words such as NA for missing values, unless a category is called so.
    pub fn clear_missing(&mut self, categories: &[String]) {
        let Self::Text(texts) = self else { return };
        texts.iter_mut().filter(|text| says_missing(text) && !categories.contains(text)).for_each(String::clear);
    }

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
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Numbers if most cells are, else text.
    Detect,
    /// The same, but kept as text.
    Target,
    Numbers,
    /// Text as it stands: only empty cells are missing.
    Text,
    /// Not at all: the column is of no interest.
    Skipped,
}

/// Networks of more inputs than this take gigabytes at ordinary widths; a file with more columns is a mistake.
pub(crate) const MOST_FEATURES: usize = 65_536;

impl Table {
    /// Reads a file. `kinds` says for the names of the columns what to read each of them as.
    pub fn read(
        path: &Path,
        options: &Options<'_>,
        kinds: impl Fn(&[String]) -> Result<Vec<Kind>, Error>,
    ) -> Result<Self, Error> {
        let name = path.display().to_string();
        let mut extension = path.extension().map_or(String::new(), |e| e.to_string_lossy().to_lowercase());
        if extension == "gz" {
            let stem = path.file_stem().map(Path::new).and_then(Path::extension);
            extension = stem.map_or(String::new(), |e| e.to_string_lossy().to_lowercase());
        }
        // MNIST's files have no extension, or one such as `idx3-ubyte`.
        const KNOWN: [&str; 7] = ["", "csv", "tsv", "tab", "txt", "data", "npz"];
        if !(KNOWN.contains(&extension.as_str()) || extension.starts_with("idx")) {
            return Err(Error::UnknownFormat { file: name, extension });
        }
        let file = File::open(path).map_err(|source| Error::Unreadable { file: name.clone(), source })?;
        Self::read_from(&name, file, options, kinds)
    }

    /// Reads bytes. What they begin with tells the format; a file's name may be wrong.
    pub fn read_from(
        name: &str,
        source: impl Read,
        options: &Options<'_>,
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
        let is_idx = begins(&mut source, &[0, 0])?;
        if let (Some(labels), false) = (options.labels, is_idx) {
            let what = format!("needs no labels file {}: only IDX files have one. Leave it out", labels.display());
            return Err(bad_file(name, what));
        }
        if begins(&mut source, b"PK")? {
            return npz::read(name, source, &kinds);
        }
        if begins(&mut source, b"\x93NUMPY")? {
            return Err(bad_file(
                name,
                "is one array of NumPy: save rows and target together, as numpy.savez(FILE, x=x, y=y)",
            ));
        }
        if is_idx {
            return idx::read(name, source, options.labels, &kinds);
        }
        // Read whole, since what a column is shows in its last cell only.
        let mut bytes = Vec::new();
        match source.read_to_end(&mut bytes) {
            Ok(_) => delimited::read(name, &bytes, options, kinds),
            Err(source) => {
                let line = 1 + bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
                Err(Error::BreaksOff { file: name.to_string(), line, source })
            }
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
