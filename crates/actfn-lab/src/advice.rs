//! What a diagnosis means: findings with their cause and the one change to try.

use std::fmt;

use serde::Serialize;

use crate::diagnosis::{TAU, expected_slope, initial_gain};
use crate::findings::significant;
use crate::{Diagnosis, Layer};

/// Something that keeps a network from learning, or may.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in one word or two.
    pub kind: &'static str,
    /// Whether it was there before training or after.
    pub when: When,
    /// Where, and how much.
    pub what: String,
    /// Why.
    pub cause: String,
    /// The one change to try.
    pub change: String,
}

/// How bad a [`Finding`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// It costs something.
    Warning,
    /// It may keep the network from learning.
    Failure,
}

/// Which network a [`Finding`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// As it was drawn.
    BeforeTraining,
    /// As it ended.
    AfterTraining,
}

impl Severity {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }

    /// By two thresholds, and a note for anything that is left.
    fn above(value: f64, note: f64, warning: f64, failure: f64) -> Option<Self> {
        match value {
            _ if value >= failure => Some(Self::Failure),
            _ if value >= warning => Some(Self::Warning),
            _ if value > note => Some(Self::Note),
            _ => None,
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::BeforeTraining => "before training",
            Self::AfterTraining => "after training",
        })
    }
}

/// Shares of units from which on a layer is worth a warning, and a failure.
const UNITS: (f64, f64) = (0.1, 0.5);
/// Shares of saturated pre-activations.
const SATURATED: (f64, f64) = (0.5, 0.9);
/// Factors of the gradient from the last layer to the first, and of the variance from the first to the last, either way.
const FACTOR: (f64, f64) = (10.0, 100.0);
/// A factor per layer that is 1 for all purposes lies in ±30 % of it: 0.7⁸ is 0.06.
const NEAR: f64 = 1.3;

/// The thresholds, in words: what findings are measured by.
pub fn thresholds() -> String {
    let percent =
        |(warning, failure): (f64, f64)| format!("{:.0} % warn, {:.0} % fail", 100.0 * warning, 100.0 * failure);
    format!(
        "Thresholds. Dead (0 for every row), τ-dormant (mean |output| at most τ = {TAU} of the layer's) and stuck units (no gradient \
         from any row), per layer: {}. Saturated (|f′| at most 1 % of its maximum; functions flat on both sides): {}. Gradient \
         first/last, and variance last/first before training: a factor of {} warns, of {} fails; variance after training: {} warns. Predicted: √(E f′(z)² · n Var w) for standard \
         normal z; measured and predicted agree within a factor of {NEAR} per layer.",
        percent(UNITS),
        percent(SATURATED),
        FACTOR.0,
        FACTOR.1,
        FACTOR.1,
    )
}

impl Diagnosis {
    /// What is wrong with the network, the worst first. One finding of a kind, of its worst layer and with all layers that
    /// have it.
    pub fn findings(&self, when: When) -> Vec<Finding> {
        let mut findings: Vec<Finding> =
            [self.stuck_units(when), self.dead_units(when), self.dormant_units(when), self.saturation(when)]
                .into_iter()
                .chain([self.gradients(when), self.drift(when)])
                .flatten()
                .collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }

    /// Layers with a share that is worth saying, how bad the worst is, and the first of those that are as bad.
    fn shares(
        &self,
        share: impl Fn(&Layer) -> f64,
        note: f64,
        (warning, failure): (f64, f64),
    ) -> Option<(Severity, String, &Layer)> {
        let severities: Vec<Option<Severity>> =
            self.layers.iter().map(|layer| Severity::above(share(layer), note, warning, failure)).collect();
        let worst = (*severities.iter().max()?)?;
        let layers: Vec<usize> = (0..severities.len()).filter(|layer| severities[*layer] == Some(worst)).collect();
        let shares = || layers.iter().map(|layer| share(&self.layers[*layer]));
        let (least, most) = (shares().fold(f64::INFINITY, f64::min), shares().fold(0.0, f64::max));
        let up_to = if least < most { "up to " } else { "" };
        // A note may be about half a percent.
        let most = if most < 0.01 { "1 % or less".to_string() } else { format!("{:.0} %", 100.0 * most) };
        Some((worst, format!("{up_to}{most} in {}", numbered(&layers)), &self.layers[layers[0]]))
    }

    fn stuck_units(&self, when: When) -> Option<Finding> {
        // Units that are dead are stuck too, and have a finding of their own.
        let share = |layer: &Layer| if layer.stuck > layer.dead { layer.stuck_share() } else { 0.0 };
        let (severity, amount, layer) = self.shares(share, 0.0, UNITS)?;
        let flat = layer.activation.info().max_derivative == 0.0;
        Some(Finding {
            severity,
            kind: "stuck units",
            when,
            what: format!("units without a gradient: {amount}"),
            cause: match when {
                _ if flat => "the activation: its derivative is 0 everywhere, so that nothing passes backward",
                _ if layer.activation.is_rowwise() => "no row selects these inputs",
                _ => "f′ is 0 for all rows where these units stand",
            }
            .to_string(),
            change: match when {
                _ if flat => alternatives(),
                When::BeforeTraining => "wider layers".to_string(),
                When::AfterTraining => "a smaller learning rate".to_string(),
            },
        })
    }

    fn dead_units(&self, when: When) -> Option<Finding> {
        let (severity, amount, _) = self.shares(Layer::dead_share, 0.0, UNITS)?;
        Some(Finding {
            severity,
            kind: "dead units",
            when,
            what: format!("outputs that are 0 for every row: {amount}"),
            cause: match when {
                When::BeforeTraining => "the initialisation: all rows fall on the flat side of these units",
                When::AfterTraining => "updates moved these units to where the function is flat for all rows",
            }
            .to_string(),
            change: match when {
                When::BeforeTraining => "wider layers",
                When::AfterTraining => "a smaller learning rate; then a function that is not flat on one side",
            }
            .to_string(),
        })
    }

    fn dormant_units(&self, when: When) -> Option<Finding> {
        // Dead units are dormant too: only what is more.
        let share = |layer: &Layer| if layer.dormant > layer.dead { layer.dormant_share() } else { 0.0 };
        let (severity, amount, _) = self.shares(share, 0.0, UNITS)?;
        Some(Finding {
            severity,
            kind: "dormant units",
            when,
            what: format!("outputs of τ-dormant units: {amount}"),
            cause: match when {
                When::BeforeTraining => {
                    "the rows become alike from layer to layer, and these units hardly respond to any of them"
                }
                When::AfterTraining => {
                    "after training these units give almost no output, compared with the others of their layer"
                }
            }
            .to_string(),
            change: match when {
                When::BeforeTraining => "fewer layers, or a function that is not flat on one side",
                When::AfterTraining => "a smaller learning rate",
            }
            .to_string(),
        })
    }

    fn saturation(&self, when: When) -> Option<Finding> {
        // What is flat on one side alone is meant to be there often, and what is flat everywhere is stuck.
        let share = |layer: &Layer| {
            let info = layer.activation.info();
            let both = info.saturates == actfn::Saturates::Both && info.max_derivative != 0.0;
            layer.saturated.filter(|_| both).unwrap_or(0.0)
        };
        let (severity, amount, _) = self.shares(share, SATURATED.0, SATURATED)?;
        Some(Finding {
            severity,
            kind: "saturation",
            when,
            what: format!("pre-activations on the flat sides: {amount}"),
            cause: match when {
                When::BeforeTraining => "the initialisation: weights, or inputs, are too large for this function",
                When::AfterTraining => "weights have grown until the function is flat",
            }
            .to_string(),
            change: match when {
                When::BeforeTraining => "weights of a smaller variance",
                When::AfterTraining => "a smaller learning rate, or weight decay",
            }
            .to_string(),
        })
    }

    /// A gradient that vanishes or explodes, and whose fault that is.
    fn gradients(&self, when: When) -> Option<Finding> {
        let last = self.layers.len().checked_sub(1).filter(|last| *last > 0)?;
        let ratio = self.gradient_ratio().filter(|ratio| *ratio > 0.0)?;
        let severity = Severity::above(ratio.max(1.0 / ratio), FACTOR.0, FACTOR.0, FACTOR.1)?;
        let per_layer = |factor: f64| factor.powf(1.0 / last as f64);
        let measured = per_layer(ratio);
        let predictions: Option<f64> = self.layers[..last].iter().map(|layer| layer.predicted_attenuation).product();
        let predicted = predictions.map(per_layer);
        let gain = per_layer(self.layers[1..].iter().map(|layer| layer.weight_gain).product());
        let verb = if ratio < 1.0 { "vanishes" } else { "explodes" };
        let (cause, change) = self.blame(measured, predicted, gain, when);
        Some(Finding {
            severity,
            kind: if ratio < 1.0 { "vanishing gradient" } else { "exploding gradient" },
            when,
            what: format!(
                "the gradient {verb}: first/last {}, {} per layer; predicted {}",
                significant(ratio),
                significant(measured),
                predicted.map_or("none".to_string(), significant),
            ),
            cause,
            change,
        })
    }

    /// Tells a fault of the activation from one of the initialisation, and both from pre-activations that are not what the
    /// prediction supposes.
    fn blame(&self, measured: f64, predicted: Option<f64>, gain: f64, when: When) -> (String, String) {
        // The weights in front of a layer suit the activation of that layer, and f′ in front of them is the one before.
        let name = self.activations();
        let (behind, in_front) = (&self.layers[1..], &self.layers[..self.layers.len() - 1]);
        let wanted = geometric_mean(behind.iter().map(|layer| initial_gain(layer.activation.info().initialisation)));
        // 1 or 2 where all layers have one activation.
        let wanted = (wanted * 100.0).round() / 100.0;
        let drawn = self.initialisations();
        let slopes: Option<Vec<f64>> = in_front.iter().map(|layer| expected_slope(&layer.activation)).collect();
        let (Some(slopes), Some(predicted)) = (slopes, predicted) else {
            return (
                format!("weights of the variance {}/n, where {drawn} has {wanted}/n", significant(gain)),
                format!("{drawn} weights, or normalisation between layers"),
            );
        };
        let slope = geometric_mean(slopes.into_iter());
        let near = |a: f64, b: f64| (a / b).max(b / a) < NEAR;
        let suited = slope * wanted.sqrt();
        if !near(gain.sqrt(), wanted.sqrt()) && near(measured, predicted) && (predicted < 1.0) != (gain > wanted) {
            let whose = match when {
                When::BeforeTraining => "the initialisation",
                When::AfterTraining => "the weights, as training left them",
            };
            return (
                format!(
                    "{whose}: weights of the variance {}/n, where {name} wants {wanted}/n, which would pass {} per layer",
                    significant(gain),
                    significant(suited)
                ),
                format!("{drawn} weights"),
            );
        }
        if suited < 1.0 / NEAR && measured < 1.0 {
            return (
                format!(
                    "the activation: √E f′(z)² is {}, so that weights of the variance {wanted}/n pass {} per layer at best",
                    significant(slope),
                    significant(suited)
                ),
                alternatives(),
            );
        }
        (
            format!(
                "pre-activations are not standard normal: their variance is {} in the first layer and {} in the last",
                significant(self.layers[0].variance),
                significant(self.layers[self.layers.len() - 1].variance)
            ),
            match when {
                When::BeforeTraining => "standardised inputs; then normalisation between layers",
                When::AfterTraining => "a smaller learning rate; then normalisation between layers",
            }
            .to_string(),
        )
    }

    /// The activations of the layers, each once.
    fn activations(&self) -> String {
        each_once(self.layers.iter().map(|layer| layer.activation.to_string()))
    }

    /// The ways to draw weights that suit the layers behind the first, each once.
    fn initialisations(&self) -> String {
        each_once(self.layers[1..].iter().map(|layer| layer.activation.info().initialisation.name().to_string()))
    }

    fn drift(&self, when: When) -> Option<Finding> {
        let (first, last) = (self.layers.first()?, self.layers.last()?);
        let ratio = last.variance / first.variance;
        // Training makes the last layers' numbers larger, so as to part the classes: that alone is only worth a note.
        let warning = if when == When::BeforeTraining { FACTOR.0 } else { FACTOR.1 };
        let failure = if when == When::BeforeTraining { FACTOR.1 } else { FACTOR.1 * FACTOR.1 };
        let severity = Severity::above(ratio.max(1.0 / ratio), FACTOR.0, warning, failure)?;
        let moments: Option<Vec<f64>> = self.layers[..self.layers.len() - 1]
            .iter()
            .map(|layer| Some(layer.activation.info().gaussian?.second_moment))
            .collect();
        let moment = moments.map(|moments| geometric_mean(moments.into_iter()));
        let gain = self.layers[1..].iter().map(|layer| layer.weight_gain).sum::<f64>() / (self.layers.len() - 1) as f64;
        Some(Finding {
            severity,
            kind: "variance drift",
            when,
            what: format!(
                "the variance of pre-activations goes from {} in the first layer to {} in the last",
                significant(first.variance),
                significant(last.variance)
            ),
            cause: match (when, moment) {
                (When::AfterTraining, _) => "training made the layers amplify what separates the classes".to_string(),
                (When::BeforeTraining, Some(moment)) => format!(
                    "the initialisation: E f(z)² · n Var w is {} for standard normal z, where 1 would keep the variance",
                    significant(moment * gain)
                ),
                (When::BeforeTraining, None) => {
                    format!("the initialisation: weights of the variance {}/n", significant(gain))
                }
            },
            change: match (when, moment) {
                (When::BeforeTraining, Some(moment)) => {
                    format!("weights of the variance {}/n", significant(1.0 / moment))
                }
                _ => "a smaller learning rate, or normalisation between layers".to_string(),
            },
        })
    }
}

fn each_once(names: impl Iterator<Item = String>) -> String {
    let mut different: Vec<String> = Vec::new();
    for name in names {
        if !different.contains(&name) {
            different.push(name);
        }
    }
    different.join(" and ")
}

/// The one number of those that are all the same, to the bit.
fn geometric_mean(numbers: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let count = numbers.len() as f64;
    let first = numbers.clone().next().unwrap_or(1.0);
    first * numbers.map(|number| number / first).product::<f64>().powf(1.0 / count)
}

/// Functions of the catalogue that pass the gradient through the layers that suit them.
fn alternatives() -> String {
    let names: Vec<&str> = actfn::catalogue()
        .filter(|f| {
            let info = f.info();
            let unit = |x: f64| (x - 1.0).abs() < 0.05;
            let gain = initial_gain(info.initialisation);
            // Linear functions and random ones pass it too, but are no answer.
            info.gaussian.is_some_and(|moments| {
                unit((gain * moments.derivative_second_moment).sqrt()) && unit((gain * moments.second_moment).sqrt())
            }) && info.smoothness != actfn::Smoothness::Discontinuous
                && info.saturates == actfn::Saturates::Left
        })
        .map(|f| f.info().name)
        .take(2)
        .collect();
    format!("a function that passes gradients with weights that suit it: {}", names.join(", "))
}

/// layer 3, layers 2–5, layers 1, 4.
fn numbered(layers: &[usize]) -> String {
    match layers {
        [layer] => format!("layer {}", layer + 1),
        [first, .., last] if last - first + 1 == layers.len() => format!("layers {}–{}", first + 1, last + 1),
        _ => format!("layers {}", layers.iter().map(|layer| (layer + 1).to_string()).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Network;
    use crate::{Architecture, Dataset, Splits, Training};

    /// A network whose hidden weights have been multiplied.
    fn network(name: &str, depth: usize, factor: f32) -> (Network, Splits) {
        let splits = Splits::new(&Dataset::digits()).unwrap();
        let activations = vec![name.parse().unwrap(); depth];
        let architecture = Architecture { inputs: 64, width: 64, classes: 10, activations };
        let training = Training { learning_rate: 0.1, epochs: 0, batch: 64, seed: 1 };
        let mut network = training.run(&architecture, &splits.train, |_| {}).unwrap().network;
        for layer in &mut network.layers[..depth] {
            layer.weights.values.iter_mut().for_each(|weight| *weight *= factor);
        }
        (network, splits)
    }

    fn finding(name: &str, depth: usize, factor: f32, kind: &str) -> Option<Finding> {
        let (network, splits) = network(name, depth, factor);
        let findings = Diagnosis::of(&network, &splits.train).findings(When::BeforeTraining);
        findings.into_iter().find(|finding| finding.kind == kind)
    }

    #[test]
    fn the_activation_is_blamed_where_the_weights_suit_it() {
        let sigmoid = finding("sigmoid", 8, 1.0, "vanishing gradient").unwrap();
        assert_eq!(sigmoid.severity, Severity::Failure);
        assert!(sigmoid.cause.starts_with("the activation: √E f′(z)² is 0.21"), "{sigmoid:?}");
        assert!(sigmoid.change.contains("relu"), "{sigmoid:?}");
    }

    #[test]
    fn the_initialisation_is_blamed_where_the_activation_could_do_better() {
        for (factor, kind) in [(0.3, "vanishing gradient"), (3.0, "exploding gradient")] {
            let relu = finding("relu", 8, factor, kind).unwrap();
            assert!(relu.cause.starts_with("the initialisation: weights of the variance"), "{relu:?}");
            assert_eq!(relu.change, "He normal weights");
        }
    }

    #[test]
    fn signals_pass_where_weights_suit_the_activation() {
        for name in ["relu", "selu", "leaky_relu", "identity"] {
            let (network, splits) = network(name, 8, 1.0);
            let findings = Diagnosis::of(&network, &splits.train).findings(When::BeforeTraining);
            let units = ["dead units", "dormant units", "stuck units"];
            assert!(findings.iter().all(|finding| units.contains(&finding.kind)), "{name}: {findings:?}");
        }
    }

    #[test]
    fn steps_are_stuck_and_large_weights_saturate() {
        let perceptron = finding("perceptron", 3, 1.0, "stuck units").unwrap();
        assert_eq!(perceptron.severity, Severity::Failure);
        assert!(perceptron.what.ends_with("100 % in layers 1–3"), "{perceptron:?}");
        assert!(perceptron.cause.starts_with("the activation"), "{perceptron:?}");
        let tanh = finding("tanh", 3, 20.0, "saturation").unwrap();
        assert!(tanh.severity >= Severity::Warning && tanh.cause.starts_with("the initialisation"), "{tanh:?}");
    }

    #[test]
    fn the_thresholds_are_those_of_the_output() {
        let at = |share| Severity::above(share, 0.0, UNITS.0, UNITS.1);
        assert_eq!(
            [0.0, 0.01, 0.1, 0.5].map(at),
            [None, Some(Severity::Note), Some(Severity::Warning), Some(Severity::Failure)]
        );
        assert!(thresholds().contains("10 % warn, 50 % fail") && thresholds().contains("τ = 0.025"));
    }
}
