//! `actfn eval`

use std::fmt::Write;

use actfn::{Activation, Format, Saved};
use clap::{Args, ValueEnum};
use half::{bf16, f16};

/// Evaluate an activation function and its derivative at some numbers.
#[derive(Args)]
#[command(after_help = help())]
pub struct Eval {
    /// The function, with parameters if need be: 'leaky_relu(negative_slope=0.2)'
    activation: Activation,

    /// The numbers; write -- before them if one is negative
    #[arg(required = true, allow_negative_numbers = true)]
    x: Vec<f64>,

    /// Compute one format wider and round once: the nearest number of the format to the true value
    #[arg(long)]
    exact: bool,

    /// The format of the numbers
    #[arg(long, value_enum, default_value = "f32")]
    dtype: Dtype,
}

#[derive(Clone, Copy, ValueEnum)]
enum Dtype {
    F32,
    F64,
    F16,
    Bf16,
}

fn help() -> String {
    let names: Vec<&str> = actfn::catalogue().map(|activation| activation.info().name).collect();
    format!(
        "\
Examples:
  actfn eval sigmoid -- -1 0 2.5
  actfn eval 'leaky_relu(negative_slope=0.2)' --dtype f64 -- -3
  actfn eval tanh --exact --dtype bf16 -- 0.001 20 inf
  actfn eval softmax -- 1 2 3      for functions of rows: the row, its image and the Jacobian

Functions:
  {}",
        names.join(", ")
    )
}

impl Eval {
    pub fn run(self) -> Result<String, String> {
        let activation = if self.exact { self.activation.exact() } else { self.activation };
        match self.dtype {
            Dtype::F64 if self.exact => {
                Err("--exact computes one format wider, and nothing is wider than f64: use f32, f16 or bf16"
                    .to_string())
            }
            Dtype::F64 => table::<f64>(&activation, &self.x),
            Dtype::F32 => table::<f32>(&activation, &self.x),
            Dtype::F16 => table::<f16>(&activation, &self.x),
            Dtype::Bf16 => table::<bf16>(&activation, &self.x),
        }
    }
}

fn table<T: Format>(activation: &Activation, x: &[f64]) -> Result<String, String> {
    let x: Vec<T> = x.iter().map(|&x| T::from_f64(x)).collect();
    if activation.is_rowwise() { row(activation, &x) } else { Ok(elements(activation, &x)) }
}

fn elements<T: Format>(activation: &Activation, x: &[T]) -> String {
    let mut y = vec![T::default(); x.len()];
    let mut dy = vec![T::default(); x.len()];
    activation.forward(x.len(), x, &mut y);
    activation.derivative(x, &mut dy);
    let rows = x.iter().zip(&y).zip(&dy).map(|((x, y), dy)| [x, y, dy].map(|number| format!("{number:?}")));
    aligned([["x", "f(x)", "f′(x)"].map(String::from)].into_iter().chain(rows).map(Vec::from))
}

fn row<T: Format>(activation: &Activation, x: &[T]) -> Result<String, String> {
    let columns = x.len();
    let Some(outputs) = activation.outputs(columns) else {
        return Err(format!("{activation} has no meaning for a row of {columns} numbers"));
    };
    let mut y = vec![T::default(); outputs];
    activation.forward(columns, x, &mut y);
    let saved = match activation.saved() {
        Saved::Input => x,
        Saved::Output => &y,
    };
    // One row of the Jacobian for each output: what the backward pass makes of a gradient of 1 there.
    let jacobian = (0..outputs).map(|output| {
        let mut grad_y = vec![T::default(); outputs];
        grad_y[output] = T::from_f64(1.0);
        let mut grad_x = vec![T::default(); columns];
        activation.backward(columns, saved, &grad_y, &mut grad_x);
        grad_x
    });
    let line = |name: String, numbers: &[T]| -> Vec<String> {
        std::iter::once(name).chain(numbers.iter().map(|number| format!("{number:?}"))).collect()
    };
    let mut lines = vec![line("x".to_string(), x), line("f(x)".to_string(), &y)];
    lines.extend(jacobian.enumerate().map(|(output, row)| line(format!("∂f{}/∂x", subscript(output + 1)), &row)));
    Ok(aligned(lines))
}

fn subscript(number: usize) -> String {
    number.to_string().bytes().filter_map(|digit| char::from_u32(0x2080 + u32::from(digit - b'0'))).collect()
}

/// Columns as wide as their widest entry, flush right.
fn aligned(lines: impl IntoIterator<Item = Vec<String>>) -> String {
    let lines: Vec<Vec<String>> = lines.into_iter().collect();
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|entry| entry.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in &lines {
        let entries: Vec<String> = line.iter().zip(&widths).map(|(entry, width)| format!("{entry:>width$}")).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", entries.join("  "));
    }
    text
}
