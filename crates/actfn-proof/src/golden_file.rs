//! The committed golden hashes.

use std::io;
use std::path::PathBuf;

use actfn::Activation;
use half::{bf16, f16};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::golden::{self, Bits, Of};
use crate::record;

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Golden {
    /// The function.
    pub function: String,
    /// The name of an [`Of`].
    pub of: String,
    /// The storage format.
    pub format: String,
    /// `exact` or `default`.
    pub precision: String,
    /// Which inputs: every `stride`-th; 1 for the set of rows.
    pub stride: usize,
    /// The hash, in hexadecimal.
    pub hash: String,
}

impl Golden {
    /// Whether it takes seconds where fused multiply-adds are not instructions.
    pub fn is_fine(&self) -> bool {
        self.format == "f32" && self.stride == golden::STRIDE
    }

    /// What it is a hash of.
    pub fn name(&self) -> String {
        format!("{} {} {} {} {}", self.function, self.of, self.format, self.precision, self.stride)
    }
}

/// The file.
pub fn path() -> PathBuf {
    record::root().join("crates/actfn-proof/golden.csv")
}

/// The hashes of all functions, as the machine at hand computes them; those of many inputs only if `fine`.
pub fn compute(fine: bool) -> Vec<Golden> {
    let jobs: Vec<_> = actfn::catalogue().flat_map(|f| Of::ALL.map(|of| (f.clone(), of))).collect();
    jobs.par_iter().filter(|(f, of)| of.is_of(f)).flat_map_iter(|(f, of)| of_function(f, *of, fine)).collect()
}

/// One function's results, in all formats and precisions.
fn of_function(f: &Activation, of: Of, fine: bool) -> Vec<Golden> {
    let coarse = if f.is_rowwise() { 1 } else { golden::COARSE };
    let precisions = golden::precisions(f, of);
    let mut rows = Vec::new();
    for stride in [golden::STRIDE, coarse] {
        if stride == coarse || fine && !f.is_rowwise() {
            rows.extend(precisions.iter().map(|(precision, f)| row::<f32>(f, of, precision, stride)));
        }
    }
    rows.extend(precisions.iter().map(|(precision, f)| row::<f16>(f, of, precision, 1)));
    rows.extend(precisions.iter().map(|(precision, f)| row::<bf16>(f, of, precision, 1)));
    rows.push(row::<f64>(f, of, "default", 1));
    rows
}

fn row<T: Bits>(f: &Activation, of: Of, precision: &str, stride: usize) -> Golden {
    let hash = if f.is_rowwise() { golden::of_rows::<T>(f, of) } else { golden::of_function::<T>(f, of, stride) };
    Golden {
        function: f.info().name.to_owned(),
        of: of.name().to_owned(),
        format: T::NAME.to_owned(),
        precision: precision.to_owned(),
        stride,
        hash: format!("{hash:016x}"),
    }
}

/// Writes the file, or compares it; whether it was right.
///
/// # Errors
///
/// If it cannot be read or written.
pub fn make(check: bool) -> io::Result<bool> {
    let hashes = compute(true);
    let recorded: Vec<Golden> = record::read(&path())?;
    let changed: Vec<_> = hashes.iter().filter(|row| !recorded.contains(row)).collect();
    for row in &changed {
        println!("{}: {} is new", row.name(), row.hash);
    }
    println!("{} of {} hashes are as recorded", hashes.len() - changed.len(), hashes.len());
    if !check {
        record::write(&path(), &hashes)?;
    }
    Ok(!check || hashes == recorded)
}
