//! A comparison as text: the table, how it came about, and what it shows. Never wider than 100 columns.

use std::fmt;

use crate::findings::significant;
use crate::{Comparison, Outcome};

const WIDTH: usize = 100;

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.table(f)?;
        writeln!(f)?;
        for paragraph in self.method() {
            wrapped(f, "", &paragraph)?;
        }
        writeln!(f)?;
        for finding in self.findings() {
            wrapped(f, "→ ", &finding)?;
        }
        Ok(())
    }
}

fn wrapped(f: &mut fmt::Formatter, bullet: &str, text: &str) -> fmt::Result {
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(bullet)
        .subsequent_indent("  ")
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    for line in textwrap::wrap(text, options) {
        writeln!(f, "{line}")?;
    }
    Ok(())
}

impl Comparison {
    fn table(&self, f: &mut fmt::Formatter) -> fmt::Result {
        // What the other columns leave.
        const LONGEST_NAME: usize = 30;
        let names: Vec<String> =
            self.results.iter().map(|result| shortened(&result.activation, LONGEST_NAME)).collect();
        let name_width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("activation".len());
        let mut line = |[name, depth, rate, accuracy, gradient, stuck, saturated, step]: [&str; 8]| {
            let line = format!(
                "{name:<name_width$}  {depth:>5}  {rate:>8}  {accuracy:<13}  {gradient:>10}  {stuck:>5}  {saturated:>9}  {step:>6}"
            );
            writeln!(f, "{}", line.trim_end())
        };
        line(["", "", "learning", "test", "gradient", "stuck", "", "ms per"])?;
        line(["activation", "depth", "rate", "accuracy", "first/last", "units", "saturated", "step"])?;
        let mut previous = "";
        for (result, name) in self.results.iter().zip(&names) {
            line([
                if previous == result.activation { "" } else { name },
                &result.depth.to_string(),
                &result.learning_rate.to_string(),
                &accuracy(result),
                &result.gradient_ratio.map_or("none".to_string(), significant),
                &percent(result.stuck),
                &result.saturated.map_or("–".to_string(), percent),
                &milliseconds(result.step_ms),
            ])?;
            previous = &result.activation;
        }
        Ok(())
    }

    fn method(&self) -> [String; 4] {
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
                "Networks: hidden layers of {} units, softmax and cross-entropy at the output; {} of each kind, from the \
                 seeds 1 to {}; gradient descent with momentum 0.9, {} rows a step, {} epochs. Weights are drawn as suits \
                 the activation: {}.",
                self.width,
                self.seeds,
                self.seeds,
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
             pre-activations where |f′| is at most 1 % of its maximum. Times apart, the same seeds give the same table, bit \
             for bit."
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
                None => groups.push((result.initialisation, vec![name])),
            }
        }
        let groups: Vec<String> =
            groups.iter().map(|(initialisation, names)| format!("{initialisation} for {}", names.join(", "))).collect();
        groups.join("; ")
    }
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
