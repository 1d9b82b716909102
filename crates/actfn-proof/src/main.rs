//! The proof's commands: check one function, run and record `all`, make the `golden` hashes and the `accuracy` table.

mod all;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use actfn::Activation;
use actfn_proof::golden::Of;
use actfn_proof::{Demand, Layout, Outcome, Reference, Storage, accuracy, golden_file, rows, sample, sweep};
use clap::{Args, Parser, Subcommand, ValueEnum};
use half::{bf16, f16};
use indicatif::{ProgressBar, ProgressStyle};

/// Compares results with the true values: every input of a format against an independent reference.
///
/// `actfn-proof tanh` runs every f32 through one function, exact; the commands run the catalogue and write what it found.
#[derive(Parser)]
#[command(name = "actfn-proof", arg_required_else_help = true, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: Option<Check>,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything in full, and record it in docs/proof-record.csv. What the record has for the same code is skipped, so
    /// an interrupted run goes on where it stopped.
    All(all::All),
    /// Make the golden hashes, crates/actfn-proof/golden.csv.
    Golden {
        /// Only compare, and fail if they differ.
        #[arg(long)]
        check: bool,
    },
    /// Make docs/accuracy.md from the record.
    Accuracy {
        /// Only compare, and fail if it differs.
        #[arg(long)]
        check: bool,
    },
}

#[derive(Args)]
struct Check {
    /// The function, as in `leaky_relu` or `leaky_relu(negative_slope=0.2)`.
    name: Activation,
    /// The derivative instead of the value; of a function of rows, the gradient.
    #[arg(long)]
    derivative: bool,
    /// The second derivative, which has the default precision only.
    #[arg(long, conflicts_with = "derivative", requires = "default")]
    second_derivative: bool,
    /// The storage format; f64 has the default precision only, and a sample for its inputs.
    #[arg(long, value_enum, default_value = "f32")]
    dtype: Dtype,
    /// Every n-th input only (functions of numbers).
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    stride: u64,
    /// Inputs of the f64 sample.
    #[arg(long, default_value_t = 100_000_000)]
    sample: u64,
    /// The default precision instead of the exact one: find its worst error.
    #[arg(long)]
    default: bool,
}

impl Check {
    fn of(&self) -> Of {
        match (self.derivative, self.second_derivative) {
            (true, _) => Of::Derivative,
            (_, true) => Of::SecondDerivative,
            _ => Of::Value,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Dtype {
    F32,
    F16,
    Bf16,
    F64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match (arguments.command, arguments.check) {
        (Some(Command::All(arguments)), _) => all::run(&arguments),
        (Some(Command::Golden { check }), _) => golden_file::make(check),
        (Some(Command::Accuracy { check }), _) => accuracy::make(check),
        (None, Some(arguments)) => check(&arguments),
        (None, None) => unreachable!("without arguments, help is shown"),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether no result was wrong.
fn check(arguments: &Check) -> io::Result<bool> {
    let f = &arguments.name;
    if f.is_rowwise() {
        return check_rows(f, arguments).ok_or_else(|| missing(f, "rows.rs"));
    }
    let reference = Reference::of(f).ok_or_else(|| missing(f, "functions.rs"))?;
    Ok(match arguments.dtype {
        Dtype::F32 => check_one::<f32>(f, &reference, arguments),
        Dtype::F16 => check_one::<f16>(f, &reference, arguments),
        Dtype::Bf16 => check_one::<bf16>(f, &reference, arguments),
        Dtype::F64 => check_f64(f, &reference, arguments),
    })
}

fn missing(f: &Activation, file: &str) -> io::Error {
    io::Error::other(format!("`{f}` has no reference: write one in crates/actfn-proof/src/{file}"))
}

fn check_rows(f: &Activation, arguments: &Check) -> Option<bool> {
    let (exact, of_gradient) = (!arguments.default, arguments.derivative);
    let (name, width, outcome) = match arguments.dtype {
        Dtype::F32 => ("f32", 32, rows::run::<f32>(f, of_gradient, exact, &f32::LAYOUT)?),
        Dtype::F16 => ("f16", 16, rows::run::<f16>(f, of_gradient, exact, &f16::LAYOUT)?),
        Dtype::Bf16 => ("bf16", 16, rows::run::<bf16>(f, of_gradient, exact, &bf16::LAYOUT)?),
        Dtype::F64 => ("f64", 64, rows::run::<f64>(f, of_gradient, false, &Layout::F64)?),
    };
    let promised = accuracy::rows_promised(of_gradient, exact && width < 64, width);
    let ulps = outcome.worst.map_or(0.0, |worst| worst.ulps);
    println!(
        "{f}{} {name}: {} results in {:.1} s; worst {ulps:.3} ULP, promised {promised}",
        if of_gradient { "′" } else { "" },
        outcome.inputs,
        outcome.seconds
    );
    Some(ulps <= promised)
}

fn check_one<T: Storage>(f: &Activation, reference: &Reference, arguments: &Check) -> bool {
    let of = arguments.of();
    let title = format!("{f} {} {}", of.name(), T::NAME);
    let bar = bar(&title, 1 << T::BITS);
    let close = Demand::Close { allowance: reference.allowance(of, &T::LAYOUT, 0.0) };
    let (demand, f) = if arguments.default { (close, f.clone()) } else { (Demand::Exact, f.clone().exact()) };
    let compute = |x: &[T], y: &mut [T]| of.compute(&f, x, y);
    let formula = reference.formula(of);
    let outcome = sweep(formula, &[(demand, &compute)], arguments.stride, |n| bar.inc(n)).remove(0);
    bar.finish_and_clear();
    report(&title, &outcome);
    outcome.wrong == 0
}

fn check_f64(f: &Activation, reference: &Reference, arguments: &Check) -> bool {
    let of = arguments.of();
    let title = format!("{f} {} f64", of.name());
    let bar = bar(&title, arguments.sample);
    let allowance = |x| reference.allowance(of, &Layout::F64, x);
    let compute = |x: &[f64], y: &mut [f64]| of.compute(f, x, y);
    let formula = reference.formula(of);
    let outcome = sample(formula, f.info(), allowance, arguments.sample, compute, |n| bar.inc(n));
    bar.finish_and_clear();
    report(&title, &outcome);
    true
}

fn bar(title: &str, length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length).with_message(title.to_owned());
    let style = ProgressStyle::with_template("{msg} {wide_bar} {percent}% {eta} left");
    bar.set_style(style.unwrap_or_else(|_| unreachable!("the template is right")));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn report(title: &str, outcome: &Outcome) {
    let Outcome { inputs, precise, wrong, seconds, .. } = outcome;
    print!("{title}: {inputs} inputs in {seconds:.1} s, {precise} by multi-precision; ");
    match outcome.worst {
        Some(w) => println!("worst {:.3} ULP ({:.2e}) at x = {:e}: {:e}", w.ulps, w.absolute, w.x, w.found),
        None => println!("{wrong} misrounded"),
    }
    for w in &outcome.first_wrong {
        println!("  x = {:e} ({:#010x}): {:e}, should be {:e}", w.x, w.bits, w.found, w.expected);
    }
    if *wrong > outcome.first_wrong.len() as u64 {
        println!("  …");
    }
}
