//! `actfn train`

use std::io::{Write, stderr};
use std::path::{Path, PathBuf};

use actfn::Activation;
use actfn_lab::{
    Configuration, Dataset, Epoch, Finding, Metrics, Optimizer, Run, Stop, Task, Training, Units, When,
    outside_parentheses,
};
use clap::{Args, ValueEnum};
use maud::html;
use serde::Serialize;

use crate::compare::whole;
use crate::dashboard::Dashboard;
use crate::data::Data;
use crate::diagnosis::Diagnosed;
use crate::output;
use crate::report::{self, Palette};
use crate::table::{self, Columns};

/// Train one network on your data, see what happens in its layers, and keep it for `actfn predict`.
///
/// 60 % of the rows are for training, 20 % for validation, which decides when to stop, and 20 % for the test at the end.
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn train --data iris --out iris-model
  actfn train --data mine.csv --target price --activation gelu --out prices
  actfn train --data images-idx3-ubyte --labels labels-idx1-ubyte --out mnist
  actfn train --activation relu,relu,tanh --out mixed
                              three hidden layers, each with its own function
  actfn train --resume mnist
                              continue after a stop or a crash
  actfn train --activation sigmoid --depth 8 --out deep --report deep.html
                              what is wrong with a network that does not learn
  actfn train --data diabetes --output-activation sigmoid --out no
                              why numbers need the identity there: R² below 0

The folder gets configuration.json, preprocessing.json (columns, standardisation, classes), metrics.json \
(every epoch, every layer), model.safetensors (the weights, which other programs read too) and, until the \
training has ended, checkpoint.safetensors. In the model, layers.0.weights has a row for each input and a \
column for each unit of the first layer, and layers.0.biases has a number for each unit. The same seed \
gives the same network, bit for bit, on every machine, whether the training was stopped in between or not.

Parameters that are learned, such as the slope of prelu, start with the given values.

On a terminal a dashboard shows the curves; q or Ctrl-C stops the training, and --resume continues after \
its last complete epoch. Elsewhere, as with | cat, each epoch is a line on stderr: training and validation \
loss, score, the gradient norm at the first and the last hidden layer, and the largest share of stuck \
units in a layer.

What to look for, for each hidden layer:
  gradient    the norm of the loss's gradient. If it falls by orders of
              magnitude from the last layer to the first, it vanishes: try
              another activation (`actfn compare`) or --init. If it rises so,
              it explodes: try a smaller --lr.
  dead        units whose output is 0 for every row (metrics.json, dashboard).
  stuck       units that get no gradient from any row, dead ReLUs among them:
              their weights never change. Try a smaller --lr, or a function
              with a slope on both sides, such as leaky_relu.
  saturated   inputs at which the function is nearly flat.")]
pub struct Train {
    #[command(flatten)]
    data: Data,

    /// Whether to predict classes or numbers [default: classes if the target is text or a few whole numbers; the choice is
    /// printed]
    #[arg(long, value_enum)]
    task: Option<TaskName>,

    /// The function after every hidden layer, or one for each, separated by commas, with parameters where needed; `actfn list`
    /// lists them
    #[arg(long, value_name = "NAMES", default_value = "relu", value_parser = activations)]
    activation: Activations,

    /// The function after the last layer, for regression [default: none, that is, identity]
    #[arg(long, value_name = "NAME")]
    output_activation: Option<Activation>,

    /// Whether the network learns standardised numbers or raw ones [default: standardised, but raw with --output-activation]
    #[arg(long, value_enum)]
    target_units: Option<UnitsName>,

    /// Number of hidden layers [default: 2, or as many as --activation lists]
    #[arg(long, value_parser = whole(1, 256))]
    depth: Option<usize>,

    /// Units in a hidden layer
    #[arg(long, default_value = "64", value_parser = whole(1, 8192))]
    width: usize,

    /// How the initial weights are drawn [default: what suits the activation]
    #[arg(long, value_enum)]
    init: Option<Init>,

    /// The optimizer; sgd has momentum 0.9
    #[arg(long, value_enum, default_value = "adam")]
    optimizer: OptimizerName,

    /// The learning rate [default: 0.03 for sgd, 0.003 for adam and adamw]
    #[arg(long, value_parser = positive)]
    lr: Option<f64>,

    /// The largest number of epochs: how many times the network sees all training rows
    #[arg(long, default_value = "100", value_parser = whole(1, 1_000_000))]
    epochs: usize,

    /// Stop after this many epochs without a new lowest validation loss
    #[arg(long, default_value = "10", value_parser = whole(1, 1_000_000))]
    patience: usize,

    /// The seed for the initial weights and the order of the rows
    #[arg(long, default_value = "1")]
    seed: u64,

    /// The folder to write: it must be new or empty
    #[arg(long, value_name = "FOLDER", required_unless_present = "resume")]
    out: Option<PathBuf>,

    /// Continue a training that was stopped, in its folder and with its settings
    #[arg(long, value_name = "FOLDER", conflicts_with_all = [
        "data", "target", "labels", "missing", "na", "delimiter", "no_header", "drop", "text", "task", "activation", "output_activation", "target_units", "depth", "width",
        "init", "optimizer", "lr", "epochs", "patience", "seed", "out",
    ])]
    resume: Option<PathBuf>,

    /// Also show every layer, before and after training, and all notes of the diagnosis
    #[arg(long)]
    diagnose: bool,

    /// Also write a report with learning curves, gradients and the pre-activations of every layer, as one HTML file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Print the configuration, all metrics and the findings of the diagnosis as JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,

    /// Print every epoch as CSV
    #[arg(long)]
    csv: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum TaskName {
    Classification,
    Regression,
}

#[derive(Clone, Copy, ValueEnum)]
enum UnitsName {
    Standardised,
    Raw,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Init {
    LecunNormal,
    HeNormal,
    GlorotUniform,
}

#[derive(Clone, Copy, ValueEnum)]
enum OptimizerName {
    Sgd,
    Adam,
    #[value(name = "adamw")]
    AdamW,
}

#[derive(Clone)]
struct Activations(Vec<Activation>);

fn activations(text: &str) -> Result<Activations, actfn::Error> {
    outside_parentheses(text, ',').map(str::parse).collect::<Result<_, _>>().map(Activations)
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number.is_finite() => Ok(number),
        _ => Err("it must be a number above 0".to_string()),
    }
}

#[derive(Serialize)]
struct Report<'a> {
    folder: &'a Path,
    configuration: &'a Configuration,
    metrics: &'a Metrics,
    findings: &'a [Finding],
}

impl Train {
    pub fn run(self) -> Result<String, String> {
        let text = |error: actfn_lab::Error| error.to_string();
        let folder = self.resume.clone().or_else(|| self.out.clone()).unwrap_or_default();
        let done = match &self.resume {
            Some(folder) => Run::finished(folder).map_err(text)?,
            None => None,
        };
        let (configuration, metrics) = match done {
            Some(done) => done,
            None => {
                let run = match &self.resume {
                    Some(folder) => Run::resume(folder),
                    None => {
                        let (configuration, data) = self.configuration()?;
                        Run::start(configuration, &data, &folder)
                    }
                };
                train(run.map_err(text)?, &folder)?
            }
        };
        let findings = metrics.findings();
        let name = configuration.name();
        let diagnosed = Diagnosed {
            findings: findings.iter().map(|finding| (name.clone(), finding)).collect(),
            networks: vec![(
                name,
                vec![(When::BeforeTraining, &metrics.before), (When::AfterTraining, &metrics.after)],
            )],
            which: "",
        };
        if let Some(path) = &self.report {
            output::write(path, page(&configuration, &metrics, &diagnosed)?.as_bytes()).map_err(|error| {
                format!("{error} (the network is kept: actfn train --resume {} --report FILE)", folder.display())
            })?;
        }
        if self.json {
            let (configuration, metrics) = (&configuration, &metrics);
            return table::json(&Report { folder: &folder, configuration, metrics, findings: &findings });
        }
        if self.csv {
            return history(&metrics);
        }
        let outcome = outcome(&configuration, &metrics).concat() + &format!("Written to {}", folder.display());
        let outcome: String = outcome.lines().map(|line| table::wrapped(line, "  ")).collect();
        Ok(format!("{}\n{}\n{outcome}", layers(&metrics).text(), diagnosed.text(self.diagnose)))
    }

    fn configuration(&self) -> Result<(Configuration, Dataset), String> {
        let source = self.data.source();
        let wanted = self.task.map(|task| match task {
            TaskName::Classification => Task::Classification,
            TaskName::Regression => Task::Regression,
        });
        let data = source.read(wanted).map_err(|error| error.to_string())?;
        table::note(data.summary());
        let task = data.task();
        let optimizer = match self.optimizer {
            OptimizerName::Sgd => Optimizer::Sgd,
            OptimizerName::Adam => Optimizer::Adam,
            OptimizerName::AdamW => Optimizer::AdamW,
        };
        let usual_rate = if optimizer == Optimizer::Sgd { 0.03 } else { 0.003 };
        let activations = self.activations()?;
        let initialisation = |activation: &Activation| match self.init {
            Some(Init::LecunNormal) => "lecun_normal",
            Some(Init::HeNormal) => "he_normal",
            Some(Init::GlorotUniform) => "glorot_uniform",
            None => Configuration::initialisation_for(activation),
        };
        let units = match self.target_units {
            Some(UnitsName::Raw) => Units::Raw,
            None if self.output_activation.is_some() => Units::Raw,
            _ => Units::Standardised,
        };
        let configuration = Configuration {
            source,
            task,
            units,
            activations: activations.iter().map(Activation::to_string).collect(),
            output_activation: self.output_activation.as_ref().map(Activation::to_string),
            initialisations: activations.iter().map(|activation| initialisation(activation).to_string()).collect(),
            width: self.width,
            optimizer,
            training: Training {
                learning_rate: self.lr.unwrap_or(usual_rate),
                epochs: self.epochs,
                batch: 64,
                seed: self.seed,
            },
            patience: self.patience,
        };
        Ok((configuration, data))
    }
}

impl Train {
    /// The function after each hidden layer.
    fn activations(&self) -> Result<Vec<Activation>, String> {
        let names = &self.activation.0;
        match (&names[..], self.depth) {
            ([name], depth) => Ok(vec![name.clone(); depth.unwrap_or(2)]),
            (names, Some(depth)) if depth != names.len() => Err(format!(
                "--activation names {} functions for {depth} hidden layers: name one for each, or one for all",
                names.len()
            )),
            (names, _) => Ok(names.to_vec()),
        }
    }
}

/// Trains to the end, and shows it on the terminal, or prints a line for each epoch on stderr.
fn train(mut run: Run, folder: &Path) -> Result<(Configuration, Metrics), String> {
    let configuration = run.configuration().clone();
    let score = if configuration.task == Task::Classification { "accuracy" } else { "R²" };
    let mut dashboard = Dashboard::open(&configuration, score, run.history(), folder);
    while run.ended().is_none() {
        run.epoch(|seen, rows| {
            if let Some(dashboard) = &mut dashboard {
                dashboard.step(seen, rows);
            }
        })
        .map_err(|error| error.to_string())?;
        let epoch = run.history().last().expect("an epoch was trained");
        match &mut dashboard {
            Some(dashboard) => dashboard.epoch(epoch),
            // Who does not want to read them does not stop the training.
            None => drop(writeln!(stderr(), "{}", line(epoch, score))),
        }
    }
    drop(dashboard);
    Ok((configuration, run.finish().map_err(|error| error.to_string())?))
}

pub fn shown(number: Option<f64>, digits: usize) -> String {
    match number {
        Some(number) if number.abs() < 1e2 => format!("{number:.digits$}"),
        Some(number) if number.abs() < 1e5 => format!("{number:.1}"),
        Some(number) => format!("{number:.1e}"),
        None => "none".to_string(),
    }
}

pub fn norm(number: Option<f64>) -> String {
    number.map_or("none".to_string(), |number| format!("{number:.1e}"))
}

pub fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn line(epoch: &Epoch, score: &str) -> String {
    let (first, last) = (epoch.layers.first(), epoch.layers.last());
    let gradient = |layer: Option<&actfn_lab::LayerMetrics>| norm(layer.and_then(|layer| layer.gradient_norm));
    let stuck = epoch.layers.iter().map(|layer| layer.stuck).fold(0.0, f64::max);
    format!(
        "epoch {:>3}  loss {}  validation {}  {score} {}  gradient {} … {}  stuck ≤ {}",
        epoch.epoch,
        shown(epoch.training_loss, 4),
        shown(epoch.validation_loss, 4),
        shown(epoch.validation_score, 3),
        gradient(first),
        gradient(last),
        percent(stuck),
    )
}

/// The hidden layers before training and of the network that was kept.
fn layers(metrics: &Metrics) -> Columns {
    let header = ["layer", "gradient before", "after", "stuck before", "after", "saturated before", "after"];
    let saturated = |share: Option<f64>| share.map_or("–".to_string(), percent);
    let (before, after) = (&metrics.history[0].layers, &metrics.history[metrics.best_epoch].layers);
    let rows = before.iter().zip(after).enumerate().map(|(number, (before, after))| {
        vec![
            (number + 1).to_string(),
            norm(before.gradient_norm),
            norm(after.gradient_norm),
            percent(before.stuck),
            percent(after.stuck),
            saturated(before.saturated),
            saturated(after.saturated),
        ]
    });
    Columns { header: header.map(String::from).to_vec(), rows: rows.collect(), numbers: true }
}

/// Why training ended, and what it came to.
fn outcome(configuration: &Configuration, metrics: &Metrics) -> [String; 2] {
    let why = match metrics.stopped {
        Stop::Epochs => "all epochs are done".to_string(),
        Stop::Patience => format!("the validation loss has not fallen for {} epochs", configuration.patience),
        Stop::Diverged => "the loss became infinite: try a smaller --lr".to_string(),
    };
    let error = metrics.test_error.map_or(String::new(), |error| format!(", root mean square error {error:.4}"));
    [
        format!(
            "Stopped after epoch {}: {why}. The network of epoch {} is kept.\n",
            metrics.history.len() - 1,
            metrics.best_epoch
        ),
        format!(
            "Rows: {} for training, {} for validation, {} for the test.\n\
             Validation {} {}, test {} {}{error}; always predicting the {} gives {}.\n",
            metrics.training_rows,
            metrics.validation_rows,
            metrics.test_rows,
            metrics.score,
            shown(metrics.validation_score, 3),
            metrics.score,
            shown(metrics.test_score, 3),
            if configuration.task == Task::Classification { "commonest class" } else { "mean" },
            shown(Some(metrics.baseline), 3),
        ),
    ]
}

/// The report.
fn page(configuration: &Configuration, metrics: &Metrics, diagnosed: &Diagnosed) -> Result<String, String> {
    let [found, layers] = diagnosed.sections()?;
    let size = (520, 320);
    let settings = serde_json::to_string_pretty(configuration).map_err(|error| error.to_string())?;
    let sections = [
        report::section(
            "Result",
            html! {
                ul.lead { @for line in outcome(configuration, metrics).concat().lines() { li { (line) } } }
                details { summary { "Configuration" } pre { (settings) } }
            },
        ),
        report::section("Learning curves", report::charts(&metrics.learning_curves(), Palette::Distinct, size)?),
        report::section(
            "Gradients",
            html! {
                (report::charts(&metrics.gradient_norms(), Palette::Ordered, size)?)
                p.soft { (report::NO_LINE) }
            },
        ),
        found,
        layers,
    ];
    let subtitle = format!(
        "{}: {}, hidden layers of {} units",
        configuration.source.data,
        configuration.name(),
        configuration.width
    );
    Ok(report::page("Training report", &subtitle, &sections))
}

/// One line for each epoch, with columns for each layer.
fn history(metrics: &Metrics) -> Result<String, String> {
    let depth = metrics.history[0].layers.len();
    let mut header = ["epoch", "training_loss", "validation_loss", "validation_score"].map(String::from).to_vec();
    for layer in 1..=depth {
        header.extend(["gradient_norm", "dead", "stuck", "saturated"].map(|name| format!("{name}_{layer}")));
    }
    let number = |number: Option<f64>| number.map_or(String::new(), |number| number.to_string());
    let line = |epoch: &Epoch| {
        let mut line = vec![epoch.epoch.to_string()];
        line.extend([epoch.training_loss, epoch.validation_loss, epoch.validation_score].map(number));
        for layer in &epoch.layers {
            line.extend([layer.gradient_norm, Some(layer.dead), Some(layer.stuck), layer.saturated].map(number));
        }
        line
    };
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(metrics.history.iter().map(line)).collect();
    crate::table::csv(&lines)
}
