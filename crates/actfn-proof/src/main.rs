//! `cargo run --release -p actfn-proof -- sigmoid --derivative`: every input of a format against the reference.

use std::process::ExitCode;
use std::time::Duration;

use actfn::Activation;
use actfn_proof::{Demand, Outcome, Reference, Storage, sweep};
use clap::{Parser, ValueEnum};
use half::{bf16, f16};
use indicatif::{ProgressBar, ProgressStyle};

/// Runs every input through a function and compares each result with the correctly rounded one.
#[derive(Parser)]
#[command(name = "actfn-proof")]
struct Arguments {
    /// The function, as in `leaky_relu` or `leaky_relu(negative_slope=0.2)`; without one, all of the catalogue.
    name: Option<Activation>,
    /// The derivative instead of the value.
    #[arg(long)]
    derivative: bool,
    /// The storage format.
    #[arg(long, value_enum, default_value = "f32")]
    dtype: Dtype,
    /// Every n-th input only.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    stride: u64,
    /// The default precision instead of the exact one: find its worst error.
    #[arg(long)]
    default: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Dtype {
    F32,
    F16,
    Bf16,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let run = match arguments.dtype {
        Dtype::F32 => run::<f32>,
        Dtype::F16 => run::<f16>,
        Dtype::Bf16 => run::<bf16>,
    };
    let functions = match &arguments.name {
        Some(f) => vec![f.clone()],
        None => actfn::catalogue().filter(|f| !f.is_rowwise()).collect(),
    };
    let mut right = true;
    for f in &functions {
        right &= run(f, &arguments);
    }
    if right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One function; whether no result was wrong.
fn run<T: Storage>(f: &Activation, arguments: &Arguments) -> bool {
    let Some(reference) = Reference::of(f) else {
        eprintln!("{f} has no reference: only elementwise functions have");
        return false;
    };
    let title = format!("{f}{} {}", if arguments.derivative { "′" } else { "" }, T::NAME);
    let bar = ProgressBar::new(1 << T::BITS).with_message(title.clone());
    let style = ProgressStyle::with_template("{msg} {wide_bar} {percent}% {eta} left");
    bar.set_style(style.unwrap_or_else(|_| unreachable!("the template is right")));
    bar.enable_steady_tick(Duration::from_millis(200));

    let close = Demand::Close { allowance: 0.0 };
    let (demand, f) = if arguments.default { (close, f.clone()) } else { (Demand::Exact, f.clone().exact()) };
    let compute = |x: &[T], y: &mut [T]| match arguments.derivative {
        false => f.forward(x.len(), x, y),
        true => f.derivative(x, y),
    };
    let outcome = sweep(reference.formula(arguments.derivative), demand, arguments.stride, compute, |n| bar.inc(n));
    bar.finish_and_clear();
    report(&title, &outcome);
    outcome.wrong == 0
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
