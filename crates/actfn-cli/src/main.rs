//! The command `actfn`: see `actfn help`.

mod compare;
mod data;
mod docs;
mod eval;
mod facts;
mod list;
mod numbers;
mod output;
mod page;
mod picture;
mod plot;
mod predict;
mod show;
mod table;
mod train;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Neural-network activation functions: which one your network needs, why it does not learn, and what they compute.
#[derive(Parser)]
#[command(
    name = "actfn",
    version,
    max_term_width = 100,
    after_help = "\
Start with `actfn list`, `actfn show gelu`, `actfn compare` and `actfn train`."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::List),
    Show(show::Show),
    Plot(plot::Plot),
    Eval(eval::Eval),
    Compare(compare::Compare),
    Train(train::Train),
    Predict(predict::Predict),
    Docs(docs::Docs),
}

fn main() -> ExitCode {
    let text = match Arguments::parse().command {
        Command::List(list) => list.run(),
        Command::Show(show) => show.run(),
        Command::Plot(plot) => plot.run(),
        Command::Eval(eval) => eval.run(),
        Command::Compare(compare) => compare.run(),
        Command::Train(train) => train.run(),
        Command::Predict(predict) => predict.run(),
        Command::Docs(docs) => docs.run(),
    };
    match text {
        Ok(text) => print(&text),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

/// Writes the result. A reader that has seen enough, such as `head`, is no error.
fn print(text: &str) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("error: cannot write the result: {error}");
            ExitCode::from(2)
        }
        _ => ExitCode::SUCCESS,
    }
}
