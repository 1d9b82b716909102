//! actfn beside other Rust crates that compute activation functions, in one run and in turns.
//!
//! `cargo run --release --manifest-path benchmarks/Cargo.toml -p peers -- --help`

mod contest;
mod forward;
mod network;
mod own;
mod record;
mod rows;
mod training;

use clap::{Parser, ValueEnum};

use crate::contest::Contest;
use crate::record::Record;

/// Measures actfn beside candle, burn (flex), rten-vecmath, a scalar loop over the platform's libm, and memcpy.
///
/// In every round each contender runs once, for about a millisecond or one call; medians over the rounds are printed in
/// nanoseconds per element, with the ratio to the best peer. Ratios hold within one run; times do not hold from one run, or
/// machine, to the next.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  peers                              everything, in about five minutes
  peers forward --only gelu,silu     two functions
  peers network                      one training step, with actfn's activations and with burn's own
  peers --record benchmarks/record   keep it, with the machine, the versions and the date")]
struct Arguments {
    /// What to measure [default: all]
    #[arg(value_enum)]
    parts: Vec<Part>,

    /// Functions, separated by commas: for the parts that go through functions
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    only: Vec<String>,

    /// Rounds of every contest
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(3..=1001))]
    rounds: u32,

    /// A folder to write a record into
    #[arg(long, value_name = "FOLDER")]
    record: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Part {
    /// Values, beside the peers
    Forward,
    /// Softmax and log_softmax, beside the peers
    Rows,
    /// Values and gradients of sum(f(x)), beside the peers that have gradients
    Training,
    /// actfn alone: backward, f16 and bf16, two threads, calls on 16 numbers
    Own,
    /// A training step of a network
    Network,
}

fn main() -> Result<(), String> {
    let arguments = Arguments::parse();
    for name in &arguments.only {
        name.parse::<actfn::Activation>().map_err(|error| error.to_string())?;
    }
    // One thread for whoever asks rayon; contests of two threads bring their own.
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().map_err(|error| error.to_string())?;
    let contest = Contest::new(arguments.rounds as usize, arguments.only);
    let mut record = Record::new();
    let parts: [(Part, fn(&Contest, &mut Record)); 5] = [
        (Part::Forward, forward::run),
        (Part::Rows, rows::run),
        (Part::Training, training::run),
        (Part::Own, own::run),
        (Part::Network, network::run),
    ];
    for (part, run) in parts {
        if arguments.parts.is_empty() || arguments.parts.contains(&part) {
            run(&contest, &mut record);
        }
    }
    match arguments.record {
        Some(folder) => record.write(&folder),
        None => Ok(()),
    }
}
