//! Training one network.

use std::time::{Duration, Instant};

use burn::nn::loss::{CrossEntropyLossConfig, MseLoss, Reduction};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::split::Targets;
use crate::{Architecture, Diagnosis, Error, Network, Split};

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
///     depth: 1,
///     classes: splits.classes,
///     activation: "tanh".parse().unwrap(),
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
    /// Draws the weights and the order of the rows. The same seed gives the same network, bit for bit, on
    /// processors of one kind: on others burn's products of matrices round differently.
    pub seed: u64,
}

/// A network after training.
#[derive(Debug)]
pub struct Trained {
    /// The network, on an autodiff device.
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
        let untrained = architecture.network(&mut rng, &Device::flex().autodiff())?;
        let mut session = Session::new(untrained.clone(), rng, *self, Optimizer::Sgd, split.rows());
        let mut losses = Vec::new();
        let mut diverged = false;
        for epoch in 0..self.epochs {
            let loss;
            (session, loss) = session.epoch(split, |_| {});
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

/// How gradients change the weights. All but the learning rate is burn's default, except that gradient descent has momentum
/// 0.9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Optimizer {
    /// Stochastic gradient descent with momentum 0.9.
    Sgd,
    /// Adam (Kingma & Ba 2015, arXiv:1412.6980).
    Adam,
    /// Adam with decoupled weight decay of 1e-4 (Loshchilov & Hutter 2019, arXiv:1711.05101).
    AdamW,
}

impl Optimizer {
    fn start(self) -> ModuleOptimizer {
        match self {
            Self::Sgd => {
                let momentum = MomentumConfig { momentum: 0.9, dampening: 0.0, nesterov: false };
                SgdConfig::new().with_momentum(Some(momentum)).init()
            }
            Self::Adam => AdamConfig::new().init(),
            Self::AdamW => AdamWConfig::new().init(),
        }
    }
}

/// A network in training: all that the next epoch depends on.
pub struct Session {
    /// The network as it is now, on an autodiff device.
    pub network: Network,
    pub(crate) optimizer: ModuleOptimizer,
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
    pub last: f32,
}

impl Session {
    /// Training of a network from its first step. `rng` is the one that has drawn the weights, and goes on to draw the order
    /// of the rows.
    pub(crate) fn new(
        network: Network,
        rng: ChaCha8Rng,
        training: Training,
        optimizer: Optimizer,
        rows: usize,
    ) -> Self {
        let (optimizer, order) = (optimizer.start(), (0..rows).collect());
        Self { network, optimizer, training, rng, order, steps: Vec::new() }
    }

    /// Passes an epoch by without training, as one that has been trained before.
    pub(crate) fn skip_epoch(&mut self) {
        self.order.shuffle(&mut self.rng);
    }

    /// Shows the network all rows once, and calls `progress` after every step with how many it has seen.
    pub(crate) fn epoch(mut self, split: &Split, mut progress: impl FnMut(usize)) -> (Self, Loss) {
        let device = self.network.device();
        self.order.shuffle(&mut self.rng);
        let (mut sum, mut count, mut seen, mut last) = (0.0, 0, 0, f32::NAN);
        for rows in self.order.chunks(self.training.batch) {
            let start = Instant::now();
            let (x, wanted) = split.batch(rows, &device);
            let loss = loss(&self.network, x, wanted);
            last = loss.clone().into_scalar();
            let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
            self.network = self.optimizer.step(self.training.learning_rate, self.network, gradients);
            self.steps.push(start.elapsed());
            sum += f64::from(last);
            count += 1;
            seen += rows.len();
            progress(seen);
        }
        (self, Loss { mean: sum / f64::from(count), last })
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
        let outputs = network.outputs(&validation.values, validation.features);
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
            validation_loss: finite(f64::from(validation.loss(&outputs))),
            validation_score: finite(crate::network::score(&outputs, &validation.targets)),
            layers: diagnosis.layers.iter().map(layer).collect(),
        }
    }
}

/// What a network should say about some rows.
pub(crate) enum Wanted {
    Classes(Tensor<1, Int>),
    Numbers(Tensor<2>),
}

/// The mean cross-entropy of the softmax of the logits against the classes, or the mean squared error.
pub(crate) fn loss(network: &Network, x: Tensor<2>, wanted: Wanted) -> Tensor<1> {
    criterion(network.forward(x), wanted)
}

/// The same of outputs.
pub(crate) fn criterion(outputs: Tensor<2>, wanted: Wanted) -> Tensor<1> {
    match wanted {
        Wanted::Classes(labels) => CrossEntropyLossConfig::new().init(&outputs.device()).forward(outputs, labels),
        Wanted::Numbers(numbers) => MseLoss::new().forward(outputs, numbers, Reduction::Mean),
    }
}

impl Split {
    /// The given rows and their targets as tensors.
    pub(crate) fn batch(&self, rows: &[usize], device: &Device) -> (Tensor<2>, Wanted) {
        let mut values = Vec::with_capacity(rows.len() * self.features);
        for &row in rows {
            values.extend_from_slice(&self.values[row * self.features..][..self.features]);
        }
        let x = Tensor::from_data(TensorData::new(values, [rows.len(), self.features]), device);
        (x, self.wanted(rows, device))
    }

    fn wanted(&self, rows: &[usize], device: &Device) -> Wanted {
        match &self.targets {
            Targets::Classes(labels) => {
                let labels: Vec<i64> = rows.iter().map(|&row| labels[row] as i64).collect();
                Wanted::Classes(Tensor::from_data(TensorData::new(labels, [rows.len()]), device))
            }
            Targets::Numbers(numbers) => {
                let numbers: Vec<f32> = rows.iter().map(|&row| numbers[row]).collect();
                Wanted::Numbers(Tensor::from_data(TensorData::new(numbers, [rows.len(), 1]), device))
            }
        }
    }

    /// The loss of these outputs for all rows.
    fn loss(&self, outputs: &[f32]) -> f32 {
        let device = Device::flex();
        let rows: Vec<usize> = (0..self.rows()).collect();
        let shape = [rows.len(), outputs.len() / rows.len()];
        let outputs = Tensor::from_data(TensorData::new(outputs.to_vec(), shape), &device);
        criterion(outputs, self.wanted(&rows, &device)).into_scalar()
    }
}
