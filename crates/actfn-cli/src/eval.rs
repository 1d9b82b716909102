//! `actfn eval`

use std::fs;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use actfn::{Activation, Convention};
use clap::{Args, ValueEnum};
use half::{bf16, f16};
use serde_json::{Value, json};

use crate::numbers::{self, Numbers, Stored};
use crate::table::{Choice, Columns, Format};
use crate::{output, show};

/// Compute an activation function and its derivative, for given numbers or for those of a file.
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn eval sigmoid -- -1 0 2.5
  actfn eval 'leaky_relu(negative_slope=0.2)' --dtype f64 -- -3
  actfn eval leaky_relu --convention torch -- -3 0
  actfn eval tanh --exact --dtype bf16 -- 0.001 20 inf
  actfn eval softmax -- 1 2 3          a function of rows, with its Jacobian
  seq -5 5 | actfn eval gelu           numbers from stdin, values to stdout
  actfn eval silu --input x.npy --output y.npy
  actfn eval softmax --input scores.csv --derivative --output jacobian.csv

A file, or stdin, holds rows of numbers. The output has the same rows with f(x), or with f′(x) if \
--derivative is given, as .npy or .csv, whichever its name ends in. A .npy file keeps its shape and its \
type (float16, float32 or float64). A function of rows works along the last axis.

`actfn list` lists the functions.")]
pub struct Eval {
    /// The function, with parameters where needed: 'leaky_relu(negative_slope=0.2)'
    #[arg(value_name = "NAME")]
    name: String,

    /// The numbers; write -- before them if one is negative
    #[arg(allow_negative_numbers = true)]
    x: Vec<f64>,

    /// Whose name it is, with its defaults and its derivatives at kinks: torch, jax, tensorflow, keras, onnx, burn, candle or
    /// flux; or page, the article that `actfn claims` tests
    #[arg(long, value_name = "FRAMEWORK")]
    convention: Option<Convention>,

    /// Read the numbers from a file: .npy, or CSV with or without a line of names; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with = "x")]
    input: Option<PathBuf>,

    /// Write the values to a file: .npy or .csv
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// f′(x) instead of f(x), of a file or stdin; of functions of rows the Jacobian, one row for each output
    #[arg(long)]
    derivative: bool,

    /// Round correctly: compute in the next wider format and round once
    #[arg(long)]
    exact: bool,

    /// The floating-point format to compute in [default: that of the .npy file, else f32]
    #[arg(long, value_enum)]
    dtype: Option<Dtype>,

    #[command(flatten)]
    choice: Choice,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Dtype {
    F32,
    F64,
    F16,
    Bf16,
}

impl Dtype {
    fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        }
    }
}

/// Where the numbers come from, read but not yet parsed.
enum Input {
    Arguments,
    Csv(String, Vec<u8>),
    Npy(String, Vec<u8>),
}

impl Eval {
    pub fn run(self) -> Result<String, String> {
        let (f, words) = show::find(&self.name, self.convention).map_err(|error| error.to_string())?;
        if let Some(words) = words {
            eprintln!("{words}");
        }
        let input = self.read()?;
        let dtype = match &input {
            Input::Npy(name, bytes) => {
                let stored = match numbers::npy_size(name, bytes)? {
                    2 => Dtype::F16,
                    4 => Dtype::F32,
                    8 => Dtype::F64,
                    size => return Err(format!("{name}: holds floating-point numbers of {size} bytes")),
                };
                match self.dtype {
                    Some(wanted) if wanted != stored => {
                        let (wanted, stored) = (wanted.name(), stored.name());
                        return Err(format!("{name}: holds {stored}, not {wanted}: leave --dtype out"));
                    }
                    _ => stored,
                }
            }
            _ => self.dtype.unwrap_or(Dtype::F32),
        };
        if self.exact && dtype == Dtype::F64 {
            return Err("--exact computes one format wider, and nothing is wider than f64: use f32, f16 or bf16".into());
        }
        let f = if self.exact { f.exact() } else { f };
        match dtype {
            Dtype::F64 => self.evaluate::<f64>(&f, &input, dtype),
            Dtype::F32 => self.evaluate::<f32>(&f, &input, dtype),
            Dtype::F16 => self.evaluate::<f16>(&f, &input, dtype),
            Dtype::Bf16 => self.evaluate::<bf16>(&f, &input, dtype),
        }
    }

    fn read(&self) -> Result<Input, String> {
        if !self.x.is_empty() {
            return Ok(Input::Arguments);
        }
        match &self.input {
            Some(path) if path.as_os_str() != "-" => {
                let name = path.display().to_string();
                let bytes = fs::read(path).map_err(|error| match error.kind() {
                    io::ErrorKind::NotFound => format!("{name}: no such file"),
                    _ => format!("{name}: cannot be read: {error}"),
                })?;
                Ok(if numbers::is_npy(path) { Input::Npy(name, bytes) } else { Input::Csv(name, bytes) })
            }
            None if io::stdin().is_terminal() => {
                Err("there are no numbers: write them behind the name, or use --input FILE".into())
            }
            _ => {
                let mut bytes = Vec::new();
                let read = io::Read::read_to_end(&mut io::stdin(), &mut bytes);
                read.map_err(|error| format!("stdin cannot be read: {error}"))?;
                Ok(Input::Csv("stdin".to_string(), bytes))
            }
        }
    }

    fn evaluate<T: Stored>(&self, f: &Activation, input: &Input, dtype: Dtype) -> Result<String, String> {
        let x = match input {
            Input::Arguments => Numbers {
                shape: vec![1, self.x.len() as u64],
                values: self.x.iter().map(|&x| T::from_f64(x)).collect(),
                header: None,
            },
            Input::Csv(name, bytes) => Numbers::<T>::from_csv(name, &bytes[..])?,
            Input::Npy(name, bytes) => Numbers::<T>::from_npy(name, bytes)?,
        };
        if f.outputs(x.columns()).is_none() {
            return Err(format!("{f} has no meaning for a row of {} numbers", x.columns()));
        }
        if let (Input::Arguments, None) = (input, &self.output) {
            return self.print_arguments(f, &x.values, dtype);
        }
        let y = if self.derivative { derivatives(f, &x) } else { values(f, &x) };
        if let Some(path) = &self.output {
            output::write(path, &y.bytes(path)?)?;
            return Ok(String::new());
        }
        let columns = y.columns().max(1);
        let result = Columns {
            header: y.header.clone().unwrap_or_else(|| (1..=columns).map(|i| format!("y{i}")).collect()),
            rows: y.values.chunks(columns).map(|row| row.iter().map(|y| format!("{y:?}")).collect()).collect(),
            numbers: true,
        };
        match self.choice.chosen().unwrap_or(Format::Csv) {
            Format::Csv => y.csv(),
            format => result.print(format, || {
                let rows: Vec<Vec<Value>> =
                    y.values.chunks(columns).map(|row| row.iter().map(number).collect()).collect();
                json!({"function": format!("{f}"), "dtype": dtype.name(), "exact": self.exact, "values": rows})
            }),
        }
    }

    fn print_arguments<T: Stored>(&self, f: &Activation, x: &[T], dtype: Dtype) -> Result<String, String> {
        let format = self.choice.chosen().unwrap_or_default();
        let x = Numbers { shape: vec![1, x.len() as u64], values: x.to_vec(), header: None };
        let (y, dy) = (values(f, &x), derivatives(f, &x));
        let entries = |numbers: &[T]| numbers.iter().map(|number| format!("{number:?}")).collect::<Vec<_>>();
        let numbers = |numbers: &[T]| numbers.iter().map(number).collect::<Vec<_>>();
        if !f.is_rowwise() {
            let columns = [entries(&x.values), entries(&y.values), entries(&dy.values)];
            let rows = (0..x.values.len()).map(|i| columns.iter().map(|column| column[i].clone()).collect()).collect();
            let header = ["x", "f(x)", "f′(x)"].map(String::from).to_vec();
            return Columns { header, rows, numbers: true }.print(format, || {
                json!({
                    "function": format!("{f}"), "dtype": dtype.name(), "exact": self.exact,
                    "x": numbers(&x.values), "value": numbers(&y.values), "derivative": numbers(&dy.values),
                })
            });
        }
        let line = |name: String, numbers: &[T], width: usize| -> Vec<String> {
            let blank = std::iter::repeat_n(String::new(), width.saturating_sub(numbers.len()));
            std::iter::once(name).chain(entries(numbers)).chain(blank).collect()
        };
        let width = x.values.len().max(y.values.len());
        let jacobian: Vec<&[T]> = dy.values.chunks(x.values.len()).collect();
        let mut rows = vec![line("f(x)".to_string(), &y.values, width)];
        rows.extend(jacobian.iter().enumerate().map(|(i, row)| line(format!("∂f{}/∂x", subscript(i + 1)), row, width)));
        Columns { header: line("x".to_string(), &x.values, width), rows, numbers: true }.print(format, || {
            json!({
                "function": format!("{f}"), "dtype": dtype.name(), "exact": self.exact,
                "x": numbers(&x.values), "value": numbers(&y.values),
                "jacobian": jacobian.iter().map(|row| numbers(row)).collect::<Vec<_>>(),
            })
        })
    }
}

/// f of every row.
fn values<T: Stored>(f: &Activation, x: &Numbers<T>) -> Numbers<T> {
    let columns = x.columns();
    let outputs = f.outputs(columns).unwrap_or(0);
    let rows = x.values.len().checked_div(columns).unwrap_or(0);
    let mut y = vec![T::default(); rows * outputs];
    f.forward(columns, &x.values, &mut y);
    let mut shape = x.shape.clone();
    if let Some(last) = shape.last_mut() {
        *last = outputs as u64;
    }
    Numbers { shape, values: y, header: x.header.clone().filter(|_| outputs == columns) }
}

/// f′ of every number, or the Jacobian of every row: what the backward pass makes of a gradient of 1 at each output.
fn derivatives<T: Stored>(f: &Activation, x: &Numbers<T>) -> Numbers<T> {
    if !f.is_rowwise() {
        let mut dy = vec![T::default(); x.values.len()];
        f.derivative(&x.values, &mut dy);
        return Numbers { shape: x.shape.clone(), values: dy, header: x.header.clone() };
    }
    let columns = x.columns();
    let y = values(f, x);
    let outputs = y.columns();
    let mut jacobians = Vec::with_capacity(y.values.len() * columns);
    for x in x.values.chunks(columns) {
        for output in 0..outputs {
            let mut grad_y = vec![T::default(); outputs];
            grad_y[output] = T::from_f64(1.0);
            let mut grad_x = vec![T::default(); columns];
            f.backward(columns, x, &grad_y, &mut grad_x);
            jacobians.extend(grad_x);
        }
    }
    let mut shape = y.shape;
    shape.push(columns as u64);
    Numbers { shape, values: jacobians, header: x.header.clone() }
}

/// A number of JSON with the digits it has in its format. JSON knows neither NaN nor ∞: those are text.
fn number<T: Stored>(x: &T) -> Value {
    let text = format!("{x:?}");
    let number = text.parse().ok().and_then(serde_json::Number::from_f64);
    number.map_or(Value::String(text), Value::Number)
}

fn subscript(number: usize) -> String {
    number.to_string().bytes().filter_map(|digit| char::from_u32(0x2080 + u32::from(digit - b'0'))).collect()
}
