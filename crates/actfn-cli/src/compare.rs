//! `actfn compare`

use std::time::Duration;

use actfn::Activation;
use actfn_lab::{Comparison, Settings, Splits, Task};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::data::Data;

/// Train networks that differ in their activation function alone, and see which learn and why others do not.
///
/// Without options: handwritten digits, networks with 2 and with 8 hidden layers, and nine functions, in half a minute.
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn compare
  actfn compare --activations relu,leaky_relu,'leaky_relu(negative_slope=0.3)' --depths 2,4,8,16
  actfn compare --data iris --width 16
  actfn compare --data mine.csv.gz --target species --missing drop
  actfn compare --activations relu,torch:leaky_relu,candle:leaky_relu
  actfn compare --json > comparison.json

What to look for:
  Accuracy at the level of guessing with a small first/last gradient: the gradient vanishes on its
  way back, as with sigmoid in deep networks. Dead units: the function is flat wherever these units
  stand, so their weights never change; perceptron is flat everywhere. A much larger first/last
  gradient than 1: it explodes, and only small learning rates survive.")]
pub struct Compare {
    /// Hidden activations, separated by commas, with parameters if need be: relu,'leaky_relu(negative_slope=0.3)'; all are
    /// listed by `actfn list`; torch:NAME is NAME as torch has it [default: perceptron, sigmoid, tanh, arctan, relu, leaky_relu, selu, maxout, identity]
    #[arg(long, value_name = "LIST", value_parser = activations)]
    activations: Option<Activations>,

    /// Numbers of hidden layers, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "2,8", value_parser = whole(1, 256))]
    depths: Vec<usize>,

    /// Units in a hidden layer
    #[arg(long, default_value = "64", value_parser = whole(1, 8192))]
    width: usize,

    /// How often each network sees the training rows [default: as often as makes 500 steps of 64 rows]
    #[arg(long, value_parser = whole(1, 1_000_000))]
    epochs: Option<usize>,

    /// Networks of each kind, which start from different weights; more make the ± more telling
    #[arg(long, default_value = "3", value_parser = whole(1, 1000))]
    seeds: usize,

    #[command(flatten)]
    data: Data,

    /// Print the results as JSON
    #[arg(long)]
    json: bool,

    /// Networks to train at the same time; only the times depend on it [default: one for each processor]
    #[arg(long, value_parser = whole(1, 1024))]
    threads: Option<usize>,
}

/// A whole number from `least` to `most`.
pub fn whole(least: u64, most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least..=most)
}

#[derive(Clone)]
struct Activations(Vec<Activation>);

/// Reads activations separated by commas, not those between parentheses.
fn activations(text: &str) -> Result<Activations, actfn::Error> {
    let mut depth = 0;
    let names = text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth <= 0
    });
    names.map(str::parse).collect::<Result<_, _>>().map(Activations)
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    comparison: &'a Comparison,
    findings: [String; 3],
}

impl Compare {
    pub fn run(self) -> Result<String, String> {
        let text = |error: actfn_lab::Error| error.to_string();
        let data = self.data.source().read(Some(Task::Classification)).map_err(text)?;
        let splits = Splits::new(&data).map_err(text)?;
        let defaults = Settings::default();
        let settings = Settings {
            activations: self.activations.map_or(defaults.activations, |list| list.0),
            depths: self.depths,
            width: self.width,
            epochs: self.epochs,
            seeds: self.seeds as u64,
            threads: self.threads.unwrap_or(defaults.threads),
            ..defaults
        };
        // The kernels of very wide networks share their work among these.
        rayon::ThreadPoolBuilder::new()
            .num_threads(settings.threads)
            .build_global()
            .map_err(|error| error.to_string())?;

        let bar = progress_bar(settings.work(&splits));
        let result = settings.run(&data, &splits, |work| bar.inc(work as u64));
        bar.finish_and_clear();
        let comparison = result.map_err(text)?;

        if self.json {
            let report = Report { comparison: &comparison, findings: comparison.findings() };
            return serde_json::to_string_pretty(&report).map(|json| json + "\n").map_err(|error| error.to_string());
        }
        Ok(comparison.to_string())
    }
}

/// A bar on stderr, if that is a terminal. Ctrl-C clears it away before the program ends.
fn progress_bar(work: usize) -> ProgressBar {
    let bar = ProgressBar::new(work as u64);
    let style =
        ProgressStyle::with_template("training {bar:40} {percent:>3} %, {eta} left").expect("the template is valid");
    bar.set_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    let shown = bar.clone();
    // Without a handler, which only a second one in this program could prevent, Ctrl-C leaves the bar on the screen.
    let _ = ctrlc::set_handler(move || {
        shown.finish_and_clear();
        // 128 + SIGINT, as shells report it.
        std::process::exit(130);
    });
    bar
}
