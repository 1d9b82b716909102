//! Claims about what networks learn.

use super::{Claim, Lab, Verdict, function, mean, measured};
use crate::engine::{Network, Normals};
use crate::train::Trained;
use crate::{Architecture, Chart, Diagnosis, Line, Split, Targets, Training};

/// About 500 steps on the digits.
const EPOCHS: usize = 30;

fn trained(
    lab: &Lab,
    split: &Split,
    classes: usize,
    name: &str,
    depth: usize,
    width: usize,
    training: Training,
) -> Trained {
    let architecture =
        Architecture { inputs: split.features, width, classes, activations: vec![function(name); depth] };
    let training = Training { seed: lab.seed.wrapping_mul(1000).wrapping_add(training.seed), ..training };
    training.run(&architecture, split, |_| {}).expect("all functions here keep the width")
}

fn on_digits(lab: &Lab, name: &str, depth: usize, learning_rate: f64, seed: u64) -> Trained {
    let training = Training { learning_rate, epochs: EPOCHS, batch: 64, seed };
    trained(lab, &lab.digits.train, lab.digits.classes, name, depth, 64, training)
}

/// How far each hidden layer's weights moved: the largest change of one, and the norm of the change relative to theirs.
fn moved(before: &Network, after: &Network) -> Vec<(f64, f64)> {
    let layers = before.hidden().iter().zip(after.hidden());
    layers
        .map(|(before, after)| {
            let (old, new) = (&before.weights.values, &after.weights.values);
            let changes: Vec<f64> = old.iter().zip(new).map(|(old, new)| f64::from(new - old)).collect();
            let largest = changes.iter().fold(0.0, |largest: f64, change| largest.max(change.abs()));
            let norm = |squares: f64| squares.sqrt();
            let change = norm(changes.iter().map(|change| change * change).sum());
            (largest, change / norm(old.iter().map(|old| f64::from(*old).powi(2)).sum()))
        })
        .collect()
}

fn largest(moved: &[(f64, f64)]) -> f64 {
    moved.iter().map(|(largest, _)| *largest).fold(0.0, f64::max)
}

pub fn nonlinearity(lab: &Lab) -> Claim {
    // Four clouds, of which those opposite to each other are of one class: no line parts the classes.
    let mut rng = lab.rng(10);
    let mut normals = Normals::new(&mut rng);
    let mut noise = || 0.25 * normals.next().expect("there is always another");
    let mut clouds = |rows: usize| {
        let (mut values, mut labels) = (Vec::new(), Vec::new());
        for row in 0..rows {
            let corner = [row & 1, (row >> 1) & 1];
            values.extend(corner.map(|side| (2.0 * side as f64 - 1.0 + noise()) as f32));
            labels.push(corner[0] ^ corner[1]);
        }
        Split { values, targets: Targets::Classes(labels), features: 2 }
    };
    let (train, test) = (clouds(400), clouds(400));
    let accuracy = |name: &str| {
        let training = Training { learning_rate: 0.1, epochs: 40, batch: 64, seed: 1 };
        trained(lab, &train, 2, name, 2, 16, training).network.accuracy(&test)
    };
    let [linear, tanh] = ["identity", "tanh"].map(accuracy);
    Claim {
        name: "nonlinearity",
        page: "The nonlinear behavior of an activation function allows the network to learn nonlinear relationships.",
        experiment: "four clouds, opposite ones of one class (exclusive or); networks with 2 hidden layers of 16 units: accuracy on \
                     400 new rows"
            .to_string(),
        measured: measured([("identity", linear), ("tanh", tanh)]),
        verdict: Verdict::of(linear < 0.8 && tanh > 0.98, tanh > linear + 0.1),
        remark: "Layers without a nonlinear function between them are one linear layer, however many they are.".to_string(),
        charts: Vec::new(),
    }
}

pub fn perceptron(lab: &Lab) -> Claim {
    let run = |name| on_digits(lab, name, 2, 0.03, 1);
    let (perceptron, tanh) = (run("perceptron"), run("tanh"));
    let still = largest(&moved(&perceptron.untrained, &perceptron.network));
    let moving = largest(&moved(&tanh.untrained, &tanh.network));
    let accuracy = perceptron.network.accuracy(&lab.digits.test);
    let gradient: f64 =
        Diagnosis::of(&perceptron.untrained, &lab.digits.train).layers.iter().map(|layer| layer.gradient_norm).sum();
    Claim {
        name: "perceptron",
        page: "The perceptron is incompatible with backpropagation: its derivative cannot be used to update the weights.",
        experiment: format!("digits, 2 hidden layers of 64 units, {EPOCHS} epochs: the largest change of a hidden weight"),
        measured: measured([
            ("with perceptron", still),
            ("with tanh", moving),
            ("gradient norm in perceptron's layers", gradient),
            ("accuracy with perceptron, by its output layer alone", accuracy),
        ]),
        verdict: Verdict::of(still == 0.0 && gradient == 0.0 && moving > 0.01, still < 1e-6),
        remark: "No hidden weight moves at all. What such a network learns, it learns in its output layer, from random features."
            .to_string(),
        charts: Vec::new(),
    }
}

pub fn sigmoid_depth(lab: &Lab) -> Claim {
    let depths = [2, 4, 8];
    let runs: Vec<(String, Trained)> = ["sigmoid", "tanh"]
        .into_iter()
        .flat_map(|name| depths.map(|depth| (format!("{name}, depth {depth}"), name, depth)))
        .map(|(label, name, depth)| (label, on_digits(lab, name, depth, if depth == 8 { 0.01 } else { 0.1 }, 1)))
        .collect();
    let accuracies: Vec<f64> = runs.iter().map(|(_, run)| run.network.accuracy(&lab.digits.test)).collect();
    let [deep, control] = [2, 5].map(|run: usize| moved(&runs[run].1.untrained, &runs[run].1.network));
    let first = deep[0].1 / control[0].1;
    Claim {
        name: "sigmoid_depth",
        page: "The vanishing gradient limits our ability to change the weights in layers close to the input of deep networks.",
        experiment: format!(
            "digits, hidden layers of 64 units, {EPOCHS} epochs: test accuracy, and how far the first layer's weights move with \
             sigmoid, as a share of how far they do with tanh"
        ),
        measured: measured(
            runs.iter()
                .map(|(label, _)| label.clone())
                .zip(accuracies.iter().copied())
                .chain([("movement at depth 8, of tanh's".to_string(), first)]),
        ),
        verdict: Verdict::of(
            accuracies[0] > 0.9 && accuracies[2] < 0.3 && accuracies[5] > 0.9 && first < 0.05,
            accuracies[2] < accuracies[5] - 0.05,
        ),
        remark: "Shallow sigmoid networks learn as well as others; deep ones do not learn at all.".to_string(),
        charts: vec![Chart {
            title: "Training loss on the digits".to_string(),
            x: "epoch",
            y: "loss",
            logarithmic: true,
            lines: runs.iter().map(|(label, run)| Line::numbered(label, run.losses.iter().copied())).collect(),
        }],
    }
}

pub fn relu_variants(lab: &Lab) -> Claim {
    const SEEDS: u64 = 6;
    let names = ["relu", "leaky_relu", "elu", "selu", "maxout"];
    let accuracies = names.map(|name| {
        let of = |seed| on_digits(lab, name, 4, 0.03, seed).network.accuracy(&lab.digits.test);
        (1..=SEEDS).map(of).collect::<Vec<f64>>()
    });
    let relu = mean(&accuracies[0]);
    // Standard errors of the difference of two means over the seeds, which share the test rows.
    let variance = |values: &[f64]| {
        let mean = mean(values);
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64
    };
    let gains: Vec<(&str, f64, f64)> = names
        .iter()
        .zip(&accuracies)
        .skip(1)
        .map(|(name, runs)| {
            let error = ((variance(runs) + variance(&accuracies[0])) / SEEDS as f64).sqrt();
            (*name, mean(runs) - relu, error)
        })
        .collect();
    // Twice the standard error that 359 test rows leave.
    let rows = 2.0 * (relu * (1.0 - relu) / lab.digits.test.rows() as f64).sqrt();
    let beyond = gains.iter().filter(|(_, gain, error)| *gain > (2.0 * error).max(rows)).count();
    let positive = gains.iter().filter(|(_, gain, _)| *gain > 0.0).count();
    Claim {
        name: "relu_variants",
        page: "Variants provide an incremental benefit over standard ReLUs.",
        experiment: format!(
            "digits, 4 hidden layers of 64 units, {EPOCHS} epochs at the learning rate 0.03, {SEEDS} seeds: mean test accuracy, and \
             what is more than ReLU's"
        ),
        measured: measured(
            std::iter::once(("relu".to_string(), relu))
                .chain(gains.iter().map(|(name, gain, _)| (format!("gain of {name}"), *gain)))
                .chain([("noise: differences that the test rows cannot tell apart".to_string(), rows)]),
        ),
        verdict: Verdict::of(beyond == gains.len(), beyond > 0),
        remark: match beyond {
            0 => format!(
                "{positive} of {} variants are ahead of ReLU here, none by more than noise: on this task the claim cannot be seen.",
                gains.len()
            ),
            _ => format!("{beyond} of {} variants are ahead of ReLU by more than noise.", gains.len()),
        },
        charts: Vec::new(),
    }
}
