//! `actfn compare`

use std::path::PathBuf;
use std::time::Duration;

use actfn_lab::{Comparison, Diagnosis, Mixture, Outcome, Settings, Severity, Splits, Task, When, outside_parentheses};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use indicatif::{ProgressBar, ProgressStyle};
use maud::html;
use serde::Serialize;

use crate::data::Data;
use crate::diagnosis::Diagnosed;
use crate::output;
use crate::report::{self, Palette};
use crate::table::{self, Choice, Columns, Format};

/// Train networks that differ only in their activation function, and see which ones learn and why others do not.
///
/// Without options it takes nine functions, networks with 2 and with 8 hidden layers, and bundled images of handwritten
/// digits: less than half a minute of training.
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn compare
  actfn compare --activations relu,'leaky_relu(0.3)' --depths 2,4,8,16
  actfn compare --data iris --width 16
  actfn compare --data mine.csv.gz --target species --missing drop
  actfn compare --activations relu,torch:leaky_relu,candle:leaky_relu
  actfn compare --activations relu,tanh --depths 12 --diagnose
  actfn compare --activations relu,tanh,relu+tanh
                                       the last alternates: relu, tanh, relu, …
  actfn compare --report report.html
  actfn compare --json > comparison.json

What to look for:
  Accuracy no better than guessing, with a small first/last gradient:
      the gradient vanishes on its way back, as with sigmoid in deep networks.
  Stuck units, which get no gradient from any row (dead ReLUs are such units):
      their weights never change. With perceptron, all units are stuck.
  A first/last gradient far above 1:
      the gradient explodes, and only small learning rates work.")]
pub struct Compare {
    /// The functions to compare, separated by commas, with parameters where needed: relu,'leaky_relu(negative_slope=0.3)'.
    /// `actfn list` lists them; torch:NAME is the function that PyTorch calls NAME; relu+tanh alternates from layer to layer
    /// [default: perceptron, sigmoid, tanh, arctan, relu, leaky_relu, selu, maxout, identity]
    #[arg(long, value_name = "LIST", value_parser = mixtures)]
    activations: Option<Mixtures>,

    /// Numbers of hidden layers, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "2,8", value_parser = whole(1, 256))]
    depths: Vec<usize>,

    /// Units in a hidden layer
    #[arg(long, default_value = "64", value_parser = whole(1, 8192))]
    width: usize,

    /// Epochs: how many times each network sees all training rows [default: as many as give 500 steps of 64 rows]
    #[arg(long, value_parser = whole(1, 1_000_000))]
    epochs: Option<usize>,

    /// How many networks of each kind to train, each from other initial weights; ± is the standard deviation of their results
    #[arg(long, default_value = "3", value_parser = whole(1, 1000))]
    seeds: usize,

    #[command(flatten)]
    data: Data,

    /// Also show every network layer by layer, before and after training, and all notes of the diagnosis
    #[arg(long)]
    diagnose: bool,

    /// Also write a report with learning curves, gradients and the pre-activations of every layer, as one HTML file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    #[command(flatten)]
    choice: Choice,

    /// How many networks to train at the same time, which changes no result but the times [default: one for each processor]
    #[arg(long, value_parser = whole(1, 1024))]
    threads: Option<usize>,
}

/// A whole number from `least` to `most`.
pub fn whole(least: u64, most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least..=most)
}

#[derive(Clone)]
struct Mixtures(Vec<Mixture>);

fn mixtures(text: &str) -> Result<Mixtures, actfn::Error> {
    outside_parentheses(text, ',').map(str::parse).collect::<Result<_, _>>().map(Mixtures)
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    comparison: &'a Comparison,
    findings: [String; 3],
}

impl Compare {
    pub fn run(self) -> Result<String, String> {
        let words = |error: actfn_lab::Error| error.to_string();
        let data = self.data.source().read(Some(Task::Classification)).map_err(words)?;
        table::note(data.summary());
        let splits = Splits::new(&data).map_err(words)?;
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

        let bar = progress_bar("training", settings.work(&splits));
        let result = settings.run(&data, &splits, |work| bar.inc(work as u64));
        bar.finish_and_clear();
        let comparison = result.map_err(words)?;

        if let Some(path) = &self.report {
            output::write(path, report(&comparison)?.as_bytes())?;
        }
        match self.choice.format() {
            Format::Table => {
                Ok(format!("{}\n{}", comparison.text(table::width()), diagnosed(&comparison).text(self.diagnose)))
            }
            Format::Json => table::json(&Report { comparison: &comparison, findings: comparison.findings() }),
            format => columns(&comparison).print(format, || serde_json::Value::Null),
        }
    }
}

/// The networks of the first seed, and what was found in those of any.
fn diagnosed(comparison: &Comparison) -> Diagnosed<'_> {
    fn times(outcome: &Outcome) -> Vec<(When, &Diagnosis)> {
        let times = [(When::BeforeTraining, outcome.before.as_ref()), (When::AfterTraining, outcome.after.as_ref())];
        times.into_iter().filter_map(|(when, diagnosis)| Some((when, diagnosis?))).collect()
    }
    let troubles = comparison.troubles(Severity::Note);
    Diagnosed {
        findings: troubles.into_iter().map(|(outcome, finding)| (outcome.name(), finding)).collect(),
        networks: comparison.results.iter().map(|outcome| (outcome.name(), times(outcome))).collect(),
        which: "Layers are those of the first seed's network. ",
    }
}

/// The same as a page, with pictures.
fn report(comparison: &Comparison) -> Result<String, String> {
    let [found, layers] = diagnosed(comparison).sections()?;
    let sections = [
        report::section(
            "What it shows",
            html! {
                ul.lead { @for finding in comparison.findings() { li { (finding) } } }
                (report::table(&comparison.rows()))
                details { summary { "How it came about" } @for paragraph in comparison.method() { p { (paragraph) } } }
            },
        ),
        report::section(
            "Learning curves",
            report::charts(&comparison.learning_curves(), Palette::Distinct, (520, 320))?,
        ),
        report::section(
            "Gradients",
            html! {
                (report::charts(&comparison.gradient_norms(), Palette::Distinct, (520, 320))?)
                p.soft { (report::NO_LINE) }
            },
        ),
        found,
        layers,
    ];
    let subtitle = format!(
        "{}: {} rows, {} numbers each, {} classes; hidden layers of {} units",
        comparison.data,
        comparison.training_rows + comparison.validation_rows + comparison.test_rows,
        comparison.features,
        comparison.classes,
        comparison.width
    );
    Ok(report::page("Activation functions compared", &subtitle, &sections))
}

/// One line for each activation and depth.
fn columns(comparison: &Comparison) -> Columns {
    let header = [
        "activation",
        "depth",
        "initialisation",
        "learning_rate",
        "validation_accuracy",
        "test_accuracy",
        "deviation",
        "gradient_ratio",
        "stuck",
        "saturated",
        "diverged",
        "step_ms",
    ];
    let optional = |number: Option<f64>| number.map_or(String::new(), |number| number.to_string());
    let row = |result: &Outcome| {
        vec![
            result.activation.clone(),
            result.depth.to_string(),
            result.initialisation.clone(),
            result.learning_rate.to_string(),
            result.validation_accuracy.to_string(),
            result.accuracy().to_string(),
            optional(result.deviation()),
            optional(result.gradient_ratio),
            result.stuck.to_string(),
            optional(result.saturated),
            result.diverged.to_string(),
            result.step_ms.to_string(),
        ]
    };
    Columns {
        header: header.map(String::from).to_vec(),
        rows: comparison.results.iter().map(row).collect(),
        numbers: false,
    }
}

/// A bar on stderr, if that is a terminal. Ctrl-C clears it away before the program ends.
pub fn progress_bar(doing: &'static str, work: usize) -> ProgressBar {
    let bar = ProgressBar::new(work as u64);
    let style =
        ProgressStyle::with_template("{msg} {bar:40} {percent:>3} %, {eta} left").expect("the template is valid");
    bar.set_style(style);
    bar.set_message(doing);
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
