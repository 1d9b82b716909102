//! A comparison as text: the table, how it came about, and what it shows.

use std::fmt;

use crate::findings::significant;
use crate::{Chart, Comparison, Diagnosis, Epoch, Finding, Histogram, Layer, Line, Metrics, Outcome, Severity};

/// In lines of at most 100 columns.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.text(100))
    }
}

fn wrapped(width: usize, bullet: &str, text: &str) -> String {
    let options = textwrap::Options::new(width)
        .initial_indent(bullet)
        .subsequent_indent("  ")
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(|line| line.into_owned() + "\n").collect()
}

impl Comparison {
    /// The table, how it came about and what it shows, for a terminal of so many columns. The table needs 80; where it has no more,
    /// long names of activations stand above their rows.
    pub fn text(&self, width: usize) -> String {
        let method: String = self.method().iter().map(|paragraph| wrapped(width, "", paragraph)).collect();
        let findings: String = self.findings().iter().map(|finding| wrapped(width, "→ ", finding)).collect();
        format!("{}\n{method}\n{findings}", self.table(width))
    }

    fn table(&self, width: usize) -> String {
        const OTHER_COLUMNS: usize = 70;
        let most = width.saturating_sub(OTHER_COLUMNS).max("activation".len());
        let names: Vec<String> = self.results.iter().map(|result| shortened(&result.activation, width)).collect();
        let beside = names.iter().map(|name| name.chars().count()).filter(|length| *length <= most);
        let name_width = beside.max().unwrap_or(0).max("activation".len());
        let line = |[name, depth, rate, accuracy, gradient, stuck, saturated, step]: [&str; 8]| {
            let above = name.chars().count() > name_width;
            let (above, name) = if above { (format!("{name}\n"), "") } else { (String::new(), name) };
            let line = format!(
                "{name:<name_width$}  {depth:>5}  {rate:>8}  {accuracy:<13}  {gradient:>10}  {stuck:>5}  {saturated:>9}  {step:>6}"
            );
            format!("{above}{}\n", line.trim_end())
        };
        let mut table = line(["", "", "learning", "test", "gradient", "stuck", "", "ms per"]);
        table += &line(["activation", "depth", "rate", "accuracy", "first/last", "units", "saturated", "step"]);
        let mut previous = "";
        for (result, name) in self.results.iter().zip(&names) {
            let [_, depth, rate, accuracy, gradient, stuck, saturated, step] = &row(result);
            let name = if previous == result.activation { "" } else { name };
            table += &line([name, depth, rate, accuracy, gradient, stuck, saturated, step]);
            previous = &result.activation;
        }
        table
    }

    /// How the results came about.
    pub fn method(&self) -> [String; 4] {
        let rates: Vec<String> = self.learning_rates.iter().map(f64::to_string).collect();
        [
            format!(
                "{}: {} rows of {} numbers in {} classes; {} to train on, {} to validate, {} to test. Always answering the \
                 commonest class is right for {:.3} of the test rows.",
                self.data,
                self.training_rows + self.validation_rows + self.test_rows,
                self.features,
                self.classes,
                self.training_rows,
                self.validation_rows,
                self.test_rows,
                self.baseline,
            ),
            format!(
                "Networks: hidden layers of {} units, softmax and cross-entropy at the output; {} of each kind, from {}; \
                 gradient descent with momentum 0.9, {} rows a step, {} epochs. Weights are drawn as suits the activation: \
                 {}.",
                self.width,
                self.seeds,
                if self.seeds == 1 { "seed 1".to_string() } else { format!("the seeds 1 to {}", self.seeds) },
                self.batch,
                self.epochs,
                self.initialisations(),
            ),
            format!(
                "Learning rate: of {}, the one with the highest mean accuracy on the validation rows, for each activation \
                 and depth. The test rows were looked at once, with that rate. Accuracy: mean ± standard deviation over the \
                 seeds.",
                rates.join(", "),
            ),
            "Gradient first/last: its norm at the first hidden layer's pre-activations divided by that at the last's, before \
             training (none: no gradient gets to the last). Stuck: units that no training row gives a gradient. Saturated: \
             pre-activations where |f′| is at most 1 % of its maximum. Times apart, the same seeds give the same table on \
             every machine, bit for bit."
                .to_string(),
        ]
    }

    /// Which initialisation went with which activations.
    fn initialisations(&self) -> String {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for result in &self.results {
            let name = result.activation.as_str();
            match groups.iter_mut().find(|(initialisation, _)| *initialisation == result.initialisation) {
                Some((_, names)) if names.contains(&name) => {}
                Some((_, names)) => names.push(name),
                None => groups.push((&result.initialisation, vec![name])),
            }
        }
        let groups: Vec<String> =
            groups.iter().map(|(initialisation, names)| format!("{initialisation} for {}", names.join(", "))).collect();
        groups.join("; ")
    }
}

/// Tables and pictures behind the table.
impl Comparison {
    /// The accuracy table's header and rows, as the terminal shows them.
    pub fn rows(&self) -> ([&'static str; 8], Vec<[String; 8]>) {
        let header = [
            "activation",
            "depth",
            "learning rate",
            "test accuracy",
            "gradient first/last",
            "stuck units",
            "saturated",
            "ms per step",
        ];
        (header, self.results.iter().map(row).collect())
    }

    /// What the diagnosis found, with the network it is about: the worst first.
    pub fn troubles(&self, least: Severity) -> Vec<(&Outcome, &Finding)> {
        let mut troubles: Vec<(&Outcome, &Finding)> = self
            .results
            .iter()
            .flat_map(|result| result.diagnosis.iter().map(move |finding| (result, finding)))
            .filter(|(_, finding)| finding.severity >= least)
            .collect();
        troubles.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
        troubles
    }

    /// The training loss by epoch: one picture for each depth.
    pub fn learning_curves(&self) -> Vec<Chart> {
        self.by_depth("Training loss", "epoch", "loss", |result| Some(result.losses.clone()))
    }

    /// The gradient norm by layer before training: one picture for each depth.
    pub fn gradient_norms(&self) -> Vec<Chart> {
        self.by_depth("Gradient norm before training", "layer", "gradient norm", |result| {
            Some(result.before.as_ref()?.layers.iter().map(|layer| layer.gradient_norm).collect())
        })
    }

    fn by_depth(
        &self,
        title: &str,
        x: &'static str,
        y: &'static str,
        values: impl Fn(&Outcome) -> Option<Vec<f64>>,
    ) -> Vec<Chart> {
        self.depths()
            .into_iter()
            .map(|depth| Chart {
                title: format!("{title}, depth {depth}"),
                x,
                y,
                logarithmic: true,
                lines: self
                    .results
                    .iter()
                    .filter(|result| result.depth == depth)
                    .filter_map(|result| Some(Line::numbered(&result.activation, values(result)?)))
                    .collect(),
            })
            .collect()
    }
}

/// Pictures of one training.
impl Metrics {
    /// The loss and the score by epoch, from 0, before training.
    pub fn learning_curves(&self) -> [Chart; 2] {
        let line = |label: &str, value: fn(&Epoch) -> Option<f64>| Line {
            label: label.to_string(),
            points: self.history.iter().filter_map(|epoch| Some((epoch.epoch as f64, value(epoch)?))).collect(),
        };
        let chart = |title: String, y, logarithmic, lines| Chart { title, x: "epoch", y, logarithmic, lines };
        let losses = vec![
            line("training rows", |epoch| epoch.training_loss),
            line("validation rows", |epoch| epoch.validation_loss),
        ];
        let scores = vec![line("validation rows", |epoch| epoch.validation_score)];
        [
            chart("Loss".to_string(), "loss", true, losses),
            chart(format!("Score: {}", self.score), "score", false, scores),
        ]
    }

    /// The gradient norm by layer, before training and of the network that was kept, and by epoch for each layer.
    pub fn gradient_norms(&self) -> [Chart; 2] {
        let chart =
            |title: &str, x, lines| Chart { title: title.to_string(), x, y: "gradient norm", logarithmic: true, lines };
        let of = |label: &str, diagnosis: &Diagnosis| {
            Line::numbered(label, diagnosis.layers.iter().map(|layer| layer.gradient_norm))
        };
        let layers = 0..self.before.layers.len();
        let by_epoch = layers.map(|layer| Line {
            label: format!("layer {}", layer + 1),
            points: self
                .history
                .iter()
                .filter_map(|epoch| Some((epoch.epoch as f64, epoch.layers.get(layer)?.gradient_norm?)))
                .collect(),
        });
        [
            chart("By layer", "layer", vec![of("before training", &self.before), of("after training", &self.after)]),
            chart("By epoch", "epoch", by_epoch.collect()),
        ]
    }
}

impl Diagnosis {
    /// The layers as a table's header and rows.
    pub fn rows(&self) -> ([&'static str; 12], Vec<[String; 12]>) {
        let header = [
            "layer",
            "gradient",
            "of next",
            "predicted",
            "mean",
            "variance",
            "n Var w",
            "zeros",
            "dead",
            "dormant",
            "stuck",
            "flat",
        ];
        let optional = |number: Option<f64>| number.map_or("–".to_string(), significant);
        let rows = self.layers.iter().enumerate().map(|(number, layer)| {
            [
                (number + 1).to_string(),
                significant(layer.gradient_norm),
                optional(self.attenuation(number)),
                optional(layer.predicted_attenuation),
                significant(layer.mean),
                significant(layer.variance),
                significant(layer.weight_gain),
                percent(layer.sparsity),
                percent(layer.dead_share()),
                percent(layer.dormant_share()),
                percent(layer.stuck_share()),
                layer.saturated.map_or("–".to_string(), percent),
            ]
        });
        (header, rows.collect())
    }

    /// What the columns of [`rows`](Self::rows) are.
    pub const LEGEND: &'static str = "Gradient: the norm at the layer's pre-activations; of next: divided by that of the layer \
        behind it, and as predicted from E f′(z)² and the weights. Mean and variance: of the pre-activations. n Var w: the variance \
        of the weights in front, times their inputs. Zeros: outputs that are 0. Dead, dormant, stuck, flat (saturated): shares, as \
        the thresholds define them.";

    /// How the pre-activations of each layer are distributed.
    pub fn histograms(&self, title: impl Into<String>) -> Chart {
        let line = |(number, layer): (usize, &Layer)| {
            let Histogram { low, high, counts } = &layer.histogram;
            let (total, width) = (counts.iter().sum::<usize>() as f64, (high - low) / counts.len() as f64);
            let points = counts
                .iter()
                .enumerate()
                .map(|(i, count)| (low + (i as f64 + 0.5) * width, *count as f64 / (total * width)));
            Line { label: format!("layer {}", number + 1), points: points.collect() }
        };
        Chart {
            title: title.into(),
            x: "pre-activation",
            y: "density",
            logarithmic: false,
            lines: self.layers.iter().enumerate().map(line).collect(),
        }
    }
}

fn row(result: &Outcome) -> [String; 8] {
    [
        result.activation.clone(),
        result.depth.to_string(),
        result.learning_rate.to_string(),
        accuracy(result),
        result.gradient_ratio.map_or("none".to_string(), significant),
        percent(result.stuck),
        result.saturated.map_or("–".to_string(), percent),
        milliseconds(result.step_ms),
    ]
}

fn accuracy(result: &Outcome) -> String {
    match result.deviation() {
        Some(deviation) => format!("{:.3} ± {deviation:.3}", result.accuracy()),
        None => format!("{:.3}", result.accuracy()),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn milliseconds(time: f64) -> String {
    if time < 100.0 { format!("{time:.2}") } else { format!("{time:.0}") }
}

fn shortened(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_string();
    }
    name.chars().take(longest - 1).chain(['…']).collect()
}
