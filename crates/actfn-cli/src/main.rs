//! The command `actfn`: see `actfn help`.

mod claims;
mod compare;
mod completions;
mod dashboard;
mod data;
mod diagnosis;
mod docs;
mod eval;
mod facts;
mod list;
mod man;
mod numbers;
mod output;
mod page;
mod picture;
mod plot;
mod predict;
mod report;
mod show;
mod table;
mod train;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

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
    Claims(claims::Claims),
    Train(train::Train),
    Predict(predict::Predict),
    Docs(docs::Docs),
    Completions(completions::Completions),
    Man(man::Man),
}

fn main() -> ExitCode {
    let text = match Arguments::parse().command {
        Command::List(list) => list.run(),
        Command::Show(show) => show.run(),
        Command::Plot(plot) => plot.run(),
        Command::Eval(eval) => eval.run(),
        Command::Compare(compare) => compare.run(),
        Command::Claims(claims) => claims.run(),
        Command::Train(train) => train.run(),
        Command::Predict(predict) => predict.run(),
        Command::Docs(docs) => docs.run(),
        Command::Completions(completions) => completions.run(Arguments::command()),
        Command::Man(man) => man.run(Arguments::command()),
    };
    match text {
        Ok(text) => print(&text),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

/// Writes the result, without its colours unless stdout is a terminal. A reader that has seen enough, such as `head`, is no
/// error.
fn print(text: &str) -> ExitCode {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("error: cannot write the result: {error}");
            ExitCode::from(2)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// A number to three digits, for the eye: 0.235, 1.03, 9.5e-7.
fn number(x: f64) -> String {
    if x == 0.0 || x.is_nan() {
        return if x.is_nan() { "NaN" } else { "0" }.to_string();
    }
    let text = if (1e-3..1e5).contains(&x.abs()) {
        let decimals = (2.0 - x.abs().log10().floor()).clamp(0.0, 6.0) as usize;
        let text = format!("{x:.decimals$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
    } else {
        format!("{x:.1e}")
    };
    text.replace('-', "−")
}
