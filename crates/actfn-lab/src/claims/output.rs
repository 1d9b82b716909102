//! Claims about the output layer.

use actfn::{Softmax, rows};
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use super::{Claim, Lab, Verdict, function, mean, measured};
use crate::engine::{Loss, Matrix, Network, Optimizer};
use crate::{Architecture, Source, Split, Target, Targets, Task};

/// A network, trained by gradient descent with momentum. `gradient` is that of a loss of its outputs for some rows.
fn fit(
    mut network: Network,
    split: &Split,
    (epochs, learning_rate): (usize, f64),
    mut rng: ChaCha8Rng,
    gradient: impl Fn(&Matrix, &Targets) -> Matrix,
) -> Network {
    let mut optimizer = Optimizer::new(crate::Optimizer::Sgd.rule(), &network);
    let mut order: Vec<usize> = (0..split.rows()).collect();
    for _ in 0..epochs {
        order.shuffle(&mut rng);
        for rows in order.chunks(64) {
            let (x, targets) = split.batch(rows);
            let pass = network.forward(x);
            let gradients = network.backward(&pass, gradient(pass.outputs(), &targets));
            optimizer.step(learning_rate, &mut network, &gradients);
        }
    }
    network
}

/// By the loss that suits the targets.
fn usual(outputs: &Matrix, targets: &Targets) -> Matrix {
    targets.loss().gradient(outputs)
}

fn network(lab: &Lab, split: &Split, name: &str, depth: usize, outputs: usize) -> Network {
    let activations = vec![function(name); depth];
    let architecture = Architecture { inputs: split.features, width: 64, classes: outputs, activations };
    architecture.network(&mut lab.rng(20)).expect("these functions keep the width")
}

/// Diabetes: ten measurements, and the disease's progression a year later, from 25 to 346.
fn diabetes(rng: &mut ChaCha8Rng) -> [(Split, Vec<f64>); 2] {
    let data = Source::named("diabetes").read(Some(Task::Regression)).expect("the embedded file is well-formed");
    let features = data.features();
    let Target::Numbers(progression) = data.target() else { unreachable!("regression has numbers") };
    let mut rows: Vec<Vec<f64>> =
        progression.iter().enumerate().map(|(row, y)| [data.row(row), &[*y]].concat()).collect();
    rows.shuffle(rng);
    let test = rows.split_off(rows.len() * 4 / 5);
    let scale: Vec<(f64, f64)> = (0..features)
        .map(|column| {
            let column: Vec<f64> = rows.iter().map(|row| row[column]).collect();
            let centre = mean(&column);
            (centre, mean(&column.iter().map(|x| (x - centre).powi(2)).collect::<Vec<_>>()).sqrt())
        })
        .collect();
    [rows, test].map(|rows| {
        let values = rows
            .iter()
            .flat_map(|row| row.iter().zip(&scale).map(|(x, (centre, spread))| ((x - centre) / spread) as f32));
        let targets = rows.iter().map(|row| row[features] as f32);
        let split = Split { values: values.collect(), targets: Targets::Numbers(targets.collect()), features };
        (split, rows.iter().map(|row| row[features]).collect())
    })
}

pub fn identity_regression(lab: &Lab) -> Claim {
    let [(train, _), (test, test_y)] = diabetes(&mut lab.rng(21));
    let r2 = |name: &str| {
        let network = network(lab, &train, "tanh", 1, 1).with_output(function(name));
        let fitted = fit(network, &train, (100, 1e-4), lab.rng(22), usual);
        let outputs = fitted.outputs_of(&test).values;
        let errors: Vec<f64> =
            outputs.iter().zip(&test_y).map(|(output, y)| (f64::from(*output) - y).powi(2)).collect();
        let centre = mean(&test_y);
        1.0 - mean(&errors) / mean(&test_y.iter().map(|y| (y - centre).powi(2)).collect::<Vec<_>>())
    };
    let [identity, relu, sigmoid, tanh] = ["identity", "relu", "sigmoid", "tanh"].map(r2);
    Claim {
        name: "identity_regression",
        page: "Identity: use for regression.",
        experiment: "diabetes (353 rows to train on, 89 to test), target from 25 to 346 in raw units, a hidden layer of 64 tanh units, \
                     squared error: R² on the test rows by the function after the output layer"
            .to_string(),
        measured: measured([("identity", identity), ("relu", relu), ("sigmoid", sigmoid), ("tanh", tanh)]),
        verdict: Verdict::of(identity > 0.2 && sigmoid < 0.0 && tanh < 0.0, identity > sigmoid),
        remark: "A bounded output cannot reach targets outside its range, and guesses worse than the mean (R² < 0). The target could \
                 be scaled into the range instead; identity needs no such care."
            .to_string(),
        charts: Vec::new(),
    }
}

const TRAINING: (usize, f64) = (30, 0.03);

pub fn output_only(lab: &Lab) -> Claim {
    let Lab { digits, .. } = lab;
    let accuracy = |middle: &str| {
        let mut network = network(lab, &digits.train, "relu", 3, digits.classes);
        network.layers[1].set_activation(function(middle));
        fit(network, &digits.train, TRAINING, lab.rng(23), usual).accuracy(&digits.test)
    };
    let [relu, identity, softmax] = ["relu", "identity", "softmax"].map(accuracy);
    let noise = 2.0 * (relu * (1.0 - relu) / digits.test.rows() as f64).sqrt();
    Claim {
        name: "output_only",
        page: "Identity and softmax should only be used on the output layer.",
        experiment: "digits, 3 hidden layers of 64 units, ReLU after the first and third: test accuracy by the function after the second"
            .to_string(),
        measured: measured([("relu", relu), ("identity", identity), ("softmax", softmax), ("noise", noise)]),
        verdict: Verdict::of(identity < relu - noise && softmax < relu - noise, identity > relu - noise),
        remark: "Too strong: a layer with identity between others does no harm, and is a bottleneck where it is narrower. Networks use \
                 softmax inside too, to weigh attention."
            .to_string(),
        charts: Vec::new(),
    }
}

pub fn softmax_classification(lab: &Lab) -> Claim {
    let Lab { digits, .. } = lab;
    let fresh = || network(lab, &digits.train, "tanh", 1, digits.classes);
    let softmax = fit(fresh(), &digits.train, TRAINING, lab.rng(24), usual);
    let identity = fit(fresh(), &digits.train, TRAINING, lab.rng(24), |outputs, targets| {
        let mut wanted = Matrix::zeros(outputs.rows(), outputs.columns);
        if let Targets::Classes(labels) = targets {
            for (row, label) in wanted.values.chunks_exact_mut(outputs.columns).zip(labels) {
                row[*label] = 1.0;
            }
        }
        Loss::SquaredError(&wanted.values).gradient(outputs)
    });
    let [by_softmax, by_identity] = [&softmax, &identity].map(|network| network.accuracy(&digits.test));
    // What identity's outputs lack to be probabilities.
    let numbers = identity.outputs_of(&digits.test).values;
    let outside = numbers.iter().filter(|y| !(0.0..=1.0).contains(*y)).count() as f64 / numbers.len() as f64;
    let noise = 2.0 * (by_softmax * (1.0 - by_softmax) / digits.test.rows() as f64).sqrt();
    Claim {
        name: "softmax_classification",
        page: "Softmax: use for classification.",
        experiment: "digits, a hidden layer of 64 tanh units, 30 epochs: softmax and cross-entropy, or identity and squared error to \
                     0 and 1"
            .to_string(),
        measured: measured([
            ("accuracy with softmax", by_softmax),
            ("accuracy with identity", by_identity),
            ("identity's outputs outside of 0 to 1", outside),
            ("noise", noise),
        ]),
        verdict: Verdict::of(by_softmax > 0.95 && by_softmax >= by_identity - noise && outside > 0.1, by_softmax > 0.9),
        remark: if by_softmax > by_identity + noise {
            "Softmax is ahead, and only its outputs are probabilities."
        } else {
            "For the class alone, identity does as well within noise; but only softmax's outputs are probabilities."
        }
        .to_string(),
        charts: Vec::new(),
    }
}

pub fn softmax_confidence(lab: &Lab) -> Claim {
    let Lab { digits, .. } = lab;
    let network = network(lab, &digits.train, "relu", 2, digits.classes);
    let fitted = fit(network, &digits.train, (100, 0.1), lab.rng(25), usual);
    let outputs = fitted.outputs_of(&digits.test);
    let mut probabilities = Matrix::zeros(outputs.rows(), outputs.columns);
    rows::forward(Softmax, outputs.columns, &outputs.values, &mut probabilities.values);
    let confidences: Vec<f32> =
        probabilities.iter().map(|row| row.iter().copied().fold(f32::NEG_INFINITY, f32::max)).collect();
    let confidence = confidences.iter().map(|p| f64::from(*p)).sum::<f64>() / confidences.len() as f64;
    let accuracy = fitted.accuracy(&digits.test);
    // Rows on which the network errs: how sure it is of them.
    let wrong: Vec<f64> = outputs
        .iter()
        .zip(digits.test.labels())
        .zip(&confidences)
        .filter(|((row, label), _)| row.iter().any(|logit| *logit > row[**label]))
        .map(|(_, confidence)| f64::from(*confidence))
        .collect();
    let noise = 2.0 * (accuracy * (1.0 - accuracy) / digits.test.rows() as f64).sqrt();
    Claim {
        name: "softmax_confidence",
        page: "Softmax allows you to communicate a degree of confidence in your class predictions.",
        experiment: "digits, 2 hidden layers of 64 ReLUs, 100 epochs: the mean of the largest output on the test rows, beside the share \
                     of rows that are right"
            .to_string(),
        measured: measured([
            ("mean confidence", confidence),
            ("accuracy", accuracy),
            ("mean confidence where wrong", if wrong.is_empty() { f64::NAN } else { mean(&wrong) }),
            ("noise", noise),
        ]),
        verdict: Verdict::of((confidence - accuracy).abs() <= noise, confidence > accuracy),
        remark: if (confidence - accuracy).abs() <= noise {
            "On average it is as sure as it is right, within noise. Where it errs it is less sure, but by no means unsure: a single \
             number needs calibration before it is relied on (Guo et al. 2017, arXiv:1706.04599)."
        } else {
            "The network is surer, or less sure, than it is right: its numbers need calibration before they are relied on (Guo et \
             al. 2017, arXiv:1706.04599)."
        }
        .to_string(),
        charts: Vec::new(),
    }
}
