//! Training one network.

use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::engine::{self, Matrix, Network, Rule};
use crate::split::Targets;
use crate::{Architecture, Diagnosis, Error, Split};

/// How to train: stochastic gradient descent with momentum 0.9 at a constant learning rate, on the cross-entropy between the
/// softmax of the network's logits and the classes, or on the squared error where numbers are wanted.
///
/// ```
/// use actfn_lab::{Architecture, Dataset, Splits, Training};
///
/// let splits = Splits::new(&Dataset::digits())?;
/// let network = Architecture {
///     inputs: 64,
///     width: 16,
///     classes: splits.classes,
///     activations: vec!["tanh".parse().unwrap()],
/// };
/// let training = Training { learning_rate: 0.1, epochs: 3, batch: 64, seed: 1 };
/// let trained = training.run(&network, &splits.train, |_| {})?;
/// assert!(trained.network.accuracy(&splits.validation) > 0.85);
/// # Ok::<(), actfn_lab::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// The learning rate.
    pub learning_rate: f64,
    /// How often all rows are seen.
    pub epochs: usize,
    /// Rows in one step.
    pub batch: usize,
    /// Draws the weights and the order of the rows. The same seed gives the same network, bit for bit, on every machine.
    pub seed: u64,
}

/// A network after training.
#[derive(Debug)]
pub struct Trained {
    /// The network.
    pub network: Network,
    /// The same network before training.
    pub untrained: Network,
    /// The median time of a step: forward, backward and update.
    pub step: Duration,
    /// The mean loss of each epoch's steps.
    pub losses: Vec<f64>,
    /// Whether the loss became NaN or infinite, after which training stopped.
    pub diverged: bool,
}

impl Training {
    /// Trains a new network, and calls `progress` with the number of epochs done whenever some are.
    ///
    /// # Errors
    ///
    /// [`Error::Width`] if the activation cannot give hidden layers of this width.
    pub fn run(
        &self,
        architecture: &Architecture,
        split: &Split,
        mut progress: impl FnMut(usize),
    ) -> Result<Trained, Error> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let untrained = architecture.network(&mut rng)?;
        let mut session = Session::new(untrained.clone(), rng, *self, Optimizer::Sgd, split.rows());
        let mut losses = Vec::new();
        let mut diverged = false;
        for epoch in 0..self.epochs {
            let loss = session.epoch(split, |_| {});
            losses.push(loss.mean);
            if !loss.last.is_finite() {
                diverged = true;
                progress(self.epochs - epoch);
                break;
            }
            progress(1);
        }
        let mut steps = session.steps;
        steps.sort_unstable();
        let step = steps.get(steps.len() / 2).copied().unwrap_or_default();
        Ok(Trained { network: session.network, untrained, step, losses, diverged })
    }
}

/// How gradients change the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Optimizer {
    /// Stochastic gradient descent with momentum 0.9.
    Sgd,
    /// Adam (Kingma & Ba 2015, arXiv:1412.6980) with β₁ = 0.9, β₂ = 0.999 and ε = 1e-5.
    Adam,
    /// The same with decoupled weight decay of 1e-4 (Loshchilov & Hutter 2019, arXiv:1711.05101).
    AdamW,
}

impl Optimizer {
    /// Its formula and constants.
    pub fn rule(self) -> Rule {
        let adam = |weight_decay| Rule::Adam { betas: [0.9, 0.999], epsilon: 1e-5, weight_decay };
        match self {
            Self::Sgd => Rule::Momentum { momentum: 0.9 },
            Self::Adam => adam(0.0),
            Self::AdamW => adam(1e-4),
        }
    }
}

/// A network in training: all that the next epoch depends on.
pub(crate) struct Session {
    /// The network as it is now.
    pub network: Network,
    pub optimizer: engine::Optimizer,
    training: Training,
    rng: ChaCha8Rng,
    order: Vec<usize>,
    steps: Vec<Duration>,
}

/// The loss in one epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loss {
    /// The mean over the steps.
    pub mean: f64,
    /// That of the last step.
    pub last: f64,
}

impl Session {
    /// Training of a network from its first step. `rng` is the one that has drawn the weights, and goes on to draw the order
    /// of the rows.
    pub fn new(network: Network, rng: ChaCha8Rng, training: Training, optimizer: Optimizer, rows: usize) -> Self {
        let optimizer = engine::Optimizer::new(optimizer.rule(), &network);
        Self { network, optimizer, training, rng, order: (0..rows).collect(), steps: Vec::new() }
    }

    /// Passes an epoch by without training, as one that has been trained before.
    pub fn skip_epoch(&mut self) {
        self.order.shuffle(&mut self.rng);
    }

    /// Shows the network all rows once, and calls `progress` after every step with how many it has seen.
    pub fn epoch(&mut self, split: &Split, mut progress: impl FnMut(usize)) -> Loss {
        self.order.shuffle(&mut self.rng);
        let (mut sum, mut count, mut seen, mut last) = (0.0, 0, 0, f64::NAN);
        for rows in self.order.chunks(self.training.batch) {
            let start = Instant::now();
            let (x, targets) = split.batch(rows);
            let loss = targets.loss();
            let pass = self.network.forward(x);
            last = loss.value(pass.outputs());
            let gradients = self.network.backward(&pass, loss.gradient(pass.outputs()));
            self.optimizer.step(self.training.learning_rate, &mut self.network, &gradients);
            self.steps.push(start.elapsed());
            sum += last;
            count += 1;
            seen += rows.len();
            progress(seen);
        }
        Loss { mean: sum / f64::from(count), last }
    }
}

/// What one epoch of training came to. What is NaN or infinite is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Its number, from 1; 0 is before training.
    pub epoch: usize,
    /// The mean loss over its steps; none before training.
    pub training_loss: Option<f64>,
    /// The loss on the validation split after it.
    pub validation_loss: Option<f64>,
    /// Accuracy or R² on the validation split after it.
    pub validation_score: Option<f64>,
    /// The hidden layers after it, the first first.
    pub layers: Vec<LayerMetrics>,
}

/// A hidden layer, as the first 512 training rows show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerMetrics {
    /// The norm of the loss's gradient with respect to the pre-activations.
    pub gradient_norm: Option<f64>,
    /// The share of outputs that are 0 on every row.
    pub dead: f64,
    /// The share of units that no row gives a gradient.
    pub stuck: f64,
    /// The share of pre-activations where |f′| is 1 % of its maximum or less; none for rowwise activations.
    pub saturated: Option<f64>,
}

impl Epoch {
    pub(crate) fn of(
        epoch: usize,
        training_loss: Option<f64>,
        network: &Network,
        diagnosis: &Diagnosis,
        validation: &Split,
    ) -> Self {
        let outputs = network.outputs_of(validation);
        let finite = |number: f64| Some(number).filter(|number| number.is_finite());
        let layer = |layer: &crate::Layer| LayerMetrics {
            gradient_norm: finite(layer.gradient_norm),
            dead: layer.dead_share(),
            stuck: layer.stuck_share(),
            saturated: layer.saturated,
        };
        Self {
            epoch,
            training_loss: training_loss.and_then(finite),
            validation_loss: finite(validation.targets.loss().value(&outputs)),
            validation_score: finite(crate::network::score(&outputs.values, &validation.targets)),
            layers: diagnosis.layers.iter().map(layer).collect(),
        }
    }
}

impl Split {
    /// The given rows and their targets.
    pub(crate) fn batch(&self, rows: &[usize]) -> (Matrix, Targets) {
        let mut values = Vec::with_capacity(rows.len() * self.features);
        for &row in rows {
            values.extend_from_slice(&self.values[row * self.features..][..self.features]);
        }
        let targets = match &self.targets {
            Targets::Classes(labels) => Targets::Classes(rows.iter().map(|&row| labels[row]).collect()),
            Targets::Numbers(numbers) => Targets::Numbers(rows.iter().map(|&row| numbers[row]).collect()),
        };
        (Matrix::new(self.features, values), targets)
    }
}
