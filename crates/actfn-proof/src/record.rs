//! The record of full runs: what was run, on what code, and what was found.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use actfn::Activation;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// One row: a function's values or derivatives, in a format and a precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The function.
    pub function: String,
    /// `value` or `derivative`.
    pub of: String,
    /// The storage format.
    pub format: String,
    /// `exact` or `default`.
    pub precision: String,
    /// Inputs that were run.
    pub inputs: u64,
    /// Results that are not the correctly rounded ones; only `exact` promises none.
    pub misrounded: Option<u64>,
    /// The worst error, in units in the last place of the true value.
    pub worst_ulp: Option<f64>,
    /// The worst error's input.
    pub worst_at: Option<f64>,
    /// Errors up to this do not count, next to a root of the derivative.
    pub allowance: Option<f64>,
    /// The hash of all results, in hexadecimal: see [`golden`](crate::golden).
    pub hash: Option<String>,
    /// Inputs that only the multi-precision arithmetic could decide.
    pub multi_precision: u64,
    /// How long it took; both precisions of a format are run at once.
    pub seconds: f64,
    /// [`shared_code`] at the time.
    pub shared_code: String,
    /// [`own_code`] at the time.
    pub own_code: String,
    /// The day, in universal time.
    pub date: String,
    /// The processor, and how many threads it ran.
    pub machine: String,
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The record.
pub fn path() -> PathBuf {
    root().join("docs/proof-record.csv")
}

/// Reads rows; none where there is no file yet.
///
/// # Errors
///
/// If the file cannot be read, or is no such table.
pub fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> io::Result<Vec<T>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path)?;
    Ok(reader.deserialize().collect::<Result<_, _>>()?)
}

/// Writes rows: beside the file first, so that an interrupt leaves the old one or the new one.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write<T: Serialize>(path: &Path, rows: &[T]) -> io::Result<()> {
    let beside = path.with_extension("csv.new");
    let mut writer = csv::Writer::from_path(&beside)?;
    for row in rows {
        writer.serialize(row)?;
    }
    writer.flush()?;
    fs::rename(beside, path)
}

/// The code that a function's results come from beside its own file: `math/`, `real.rs`, and of `kernel/` what its kind
/// runs in forward and derivative.
///
/// # Errors
///
/// If a file cannot be read.
pub fn shared_code(rowwise: bool) -> io::Result<String> {
    let source = root().join("crates/actfn/src");
    let mut files = vec![source.join("real.rs")];
    for folder in ["math", "kernel"] {
        for entry in fs::read_dir(source.join(folder))? {
            files.push(entry?.path());
        }
    }
    let of_rows = ["row.rs", "rows.rs"];
    let of_gradients = ["parameters.rs", "second_derivative.rs"];
    let is = |file: &Path, names: [&str; 2]| names.iter().any(|name| file.ends_with(name));
    files.retain(|file| !is(file, of_gradients) && (rowwise || !is(file, of_rows)));
    files.sort();
    identity(&files)
}

/// A function's own file.
///
/// # Errors
///
/// If it cannot be read.
pub fn own_code(f: &Activation) -> io::Result<String> {
    identity(&[root().join(format!("crates/actfn/src/functions/{}.rs", f.info().name))])
}

/// Whether the record has a function, and as its code is now.
///
/// # Errors
///
/// If a file cannot be read.
pub fn is_current(rows: &[Row], f: &Activation) -> io::Result<bool> {
    let (shared, own) = (shared_code(f.is_rowwise())?, own_code(f)?);
    let mut of_it = rows.iter().filter(|row| row.function == f.info().name).peekable();
    Ok(of_it.peek().is_some() && of_it.all(|row| row.own_code == own && row.shared_code == shared))
}

/// A hash of what files compute: comments, and what [`actfn::Info`] says, do not count.
fn identity(files: &[PathBuf]) -> io::Result<String> {
    let mut code = String::new();
    for file in files {
        let text = fs::read_to_string(file)
            .map_err(|e| io::Error::new(e.kind(), format!("cannot read {}: {e}", file.display())))?;
        let mut in_info = false;
        for line in text.lines() {
            in_info |= line == "    const INFO: Info = Info {";
            if !in_info && !line.trim_start().starts_with("//") {
                code.push_str(line.trim());
                code.push('\n');
            }
            in_info &= line != "    };";
        }
    }
    Ok(format!("{:016x}", xxh3_64(code.as_bytes())))
}
