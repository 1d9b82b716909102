//! Numbers from files and to files: CSV, and NumPy's `.npy`.

use std::io::Read;
use std::path::Path;

use actfn::Format;
use half::{bf16, f16};
use npyz::{DType, TypeChar, WriterBuilder};

use crate::table;

/// A format that numbers are stored in.
pub trait Stored: Format {
    /// The bytes of a `.npy` file.
    fn to_npy(values: &[Self], shape: &[u64]) -> Result<Vec<u8>, String>;

    /// The numbers of a `.npy` file, which stores this format.
    fn from_npy(file: npyz::NpyFile<&[u8]>) -> Result<Vec<Self>, String>;
}

fn to_npy<T: npyz::AutoSerialize + Copy>(values: &[T], shape: &[u64]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let written = || -> std::io::Result<()> {
        let mut writer = npyz::WriteOptions::new().default_dtype().shape(shape).writer(&mut bytes).begin_nd()?;
        writer.extend(values.iter().copied())?;
        writer.finish()
    }();
    written.map_err(|error| format!("cannot write the numbers: {error}"))?;
    Ok(bytes)
}

fn from_npy<T: npyz::Deserialize>(file: npyz::NpyFile<&[u8]>) -> Result<Vec<T>, String> {
    file.into_vec().map_err(|error| error.to_string())
}

impl Stored for f32 {
    fn to_npy(values: &[Self], shape: &[u64]) -> Result<Vec<u8>, String> {
        to_npy(values, shape)
    }
    fn from_npy(file: npyz::NpyFile<&[u8]>) -> Result<Vec<Self>, String> {
        from_npy(file)
    }
}

impl Stored for f64 {
    fn to_npy(values: &[Self], shape: &[u64]) -> Result<Vec<u8>, String> {
        to_npy(values, shape)
    }
    fn from_npy(file: npyz::NpyFile<&[u8]>) -> Result<Vec<Self>, String> {
        from_npy(file)
    }
}

impl Stored for f16 {
    fn to_npy(values: &[Self], shape: &[u64]) -> Result<Vec<u8>, String> {
        to_npy(values, shape)
    }
    fn from_npy(file: npyz::NpyFile<&[u8]>) -> Result<Vec<Self>, String> {
        from_npy(file)
    }
}

impl Stored for bf16 {
    fn to_npy(_: &[Self], _: &[u64]) -> Result<Vec<u8>, String> {
        Err("NumPy has no bf16: write .csv, or use f16 or f32".to_string())
    }
    fn from_npy(_: npyz::NpyFile<&[u8]>) -> Result<Vec<Self>, String> {
        Err("NumPy has no bf16".to_string())
    }
}

/// Numbers in rows: the last axis of the shape.
pub struct Numbers<T> {
    pub shape: Vec<u64>,
    pub values: Vec<T>,
    /// The names of the columns, if the file has them.
    pub header: Option<Vec<String>>,
}

impl<T: Stored> Numbers<T> {
    /// The length of a row.
    pub fn columns(&self) -> usize {
        self.shape.last().map_or(1, |columns| *columns as usize)
    }

    /// As lines of text.
    pub fn csv(&self) -> Result<String, String> {
        let rows: Vec<Vec<String>> = self
            .values
            .chunks(self.columns().max(1))
            .map(|row| row.iter().map(|number| format!("{number:?}")).collect())
            .collect();
        table::csv(self.header.iter().chain(&rows))
    }

    /// The content of a file of this name: `.npy`, or CSV.
    pub fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        if is_npy(path) { T::to_npy(&self.values, &self.shape) } else { Ok(self.csv()?.into_bytes()) }
    }

    /// From CSV. A first line that holds a word names the columns.
    pub fn from_csv(name: &str, reader: impl Read) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(reader);
        let (mut header, mut values, mut rows, mut columns) = (None, Vec::new(), 0, 0);
        for record in reader.records() {
            let record = record.map_err(|error| unreadable(name, &error))?;
            let line = record.position().map_or(0, |position| position.line());
            columns = record.len();
            if rows == 0 && header.is_none() && record.iter().any(|field| field.parse::<f64>().is_err()) {
                header = Some(record.iter().map(String::from).collect());
                continue;
            }
            for (i, field) in record.iter().enumerate() {
                let number: f64 = field
                    .parse()
                    .map_err(|_| format!("{name}: line {line}, column {}: `{field}` is not a number", i + 1))?;
                values.push(T::from_f64(number));
            }
            rows += 1;
        }
        if rows == 0 {
            return Err(format!("{name}: there are no numbers in it"));
        }
        Ok(Self { shape: vec![rows, columns as u64], values, header })
    }

    /// From the bytes of a `.npy` file.
    pub fn from_npy(name: &str, bytes: &[u8]) -> Result<Self, String> {
        let file = npyz::NpyFile::new(bytes).map_err(|error| format!("{name}: is no .npy file: {error}"))?;
        if file.order() == npyz::Order::Fortran && file.shape().len() > 1 {
            return Err(format!("{name}: is in Fortran's order: save numpy.ascontiguousarray of it"));
        }
        let shape = file.shape().to_vec();
        let values = T::from_npy(file).map_err(|error| format!("{name}: {error}"))?;
        Ok(Self { shape, values, header: None })
    }
}

fn unreadable(name: &str, error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("{name}: line {line} has {len} numbers, those before it have {expected_len}")
        }
        _ => format!("{name}: {error}"),
    }
}

/// Whether the name is that of a `.npy` file.
pub fn is_npy(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy"))
}

/// The size in bytes of the floating-point numbers in a `.npy` file.
pub fn npy_size(name: &str, bytes: &[u8]) -> Result<u64, String> {
    let file = npyz::NpyFile::new(bytes).map_err(|error| format!("{name}: is no .npy file: {error}"))?;
    match file.dtype() {
        DType::Plain(kind) if kind.type_char() == TypeChar::Float => Ok(kind.size_field()),
        other => Err(format!("{name}: holds {}: save it as float16, float32 or float64", other.descr())),
    }
}
