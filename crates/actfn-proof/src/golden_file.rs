//! The committed golden hashes.

use std::io;
use std::path::PathBuf;

use actfn::Activation;
use half::{bf16, f16};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::golden::{self, Bits};
use crate::record;

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Golden {
    /// The function.
    pub function: String,
    /// `value` or `derivative`.
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
    let jobs: Vec<_> =
        actfn::catalogue().flat_map(|f| [false, true].map(|derivative| (f.clone(), derivative))).collect();
    jobs.par_iter().flat_map_iter(|(f, derivative)| of_function(f, *derivative, fine)).collect()
}

/// One function's values or derivatives, in all formats and precisions.
fn of_function(f: &Activation, derivative: bool, fine: bool) -> Vec<Golden> {
    let exact = f.clone().exact();
    let coarse = if f.is_rowwise() { 1 } else { golden::COARSE };
    let few = vec![
        row::<f32>(f, derivative, "default", coarse),
        row::<f32>(&exact, derivative, "exact", coarse),
        row::<f16>(f, derivative, "default", 1),
        row::<f16>(&exact, derivative, "exact", 1),
        row::<bf16>(f, derivative, "default", 1),
        row::<bf16>(&exact, derivative, "exact", 1),
        row::<f64>(f, derivative, "default", 1),
    ];
    let many = || {
        let default = row::<f32>(f, derivative, "default", golden::STRIDE);
        vec![default, row::<f32>(&exact, derivative, "exact", golden::STRIDE)]
    };
    if fine && !f.is_rowwise() { [many(), few].concat() } else { few }
}

fn row<T: Bits>(f: &Activation, derivative: bool, precision: &str, stride: usize) -> Golden {
    let hash =
        if f.is_rowwise() { golden::of_rows::<T>(f, derivative) } else { golden::of::<T>(f, derivative, stride) };
    Golden {
        function: f.info().name.to_owned(),
        of: if derivative { "derivative" } else { "value" }.to_owned(),
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
