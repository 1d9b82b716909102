//! Training one network.

use std::time::{Duration, Instant};

use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use crate::{Architecture, Error, Network, Split};

/// How to train: stochastic gradient descent with momentum 0.9 at a constant learning rate, on the cross-entropy between the
/// softmax of the network's logits and the classes.
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
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// The learning rate.
    pub learning_rate: f64,
    /// How often all rows are seen.
    pub epochs: usize,
    /// Rows in one step.
    pub batch: usize,
    /// Draws the weights and the order of the rows. The same seed gives the same network, bit for bit.
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
        let device = Device::flex().autodiff();
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let untrained = architecture.network(&mut rng, &device)?;
        let mut network = untrained.clone();
        let momentum = MomentumConfig { momentum: 0.9, dampening: 0.0, nesterov: false };
        let mut optimiser = SgdConfig::new().with_momentum(Some(momentum)).init();

        let mut order: Vec<usize> = (0..split.rows()).collect();
        let mut steps = Vec::new();
        let mut losses = Vec::new();
        let mut diverged = false;
        for epoch in 0..self.epochs {
            order.shuffle(&mut rng);
            let mut last = f32::NAN;
            let mut sum = 0.0;
            for rows in order.chunks(self.batch) {
                let start = Instant::now();
                let (x, labels) = split.batch(rows, &device);
                let loss = loss(&network, x, labels);
                last = loss.clone().into_scalar();
                sum += f64::from(last);
                let gradients = GradientsParams::from_grads(loss.backward(), &network);
                network = optimiser.step(self.learning_rate, network, gradients);
                steps.push(start.elapsed());
            }
            losses.push(sum / order.len().div_ceil(self.batch) as f64);
            if !last.is_finite() {
                diverged = true;
                progress(self.epochs - epoch);
                break;
            }
            progress(1);
        }
        steps.sort_unstable();
        let step = steps.get(steps.len() / 2).copied().unwrap_or_default();
        Ok(Trained { network, untrained, step, losses, diverged })
    }
}

/// The mean cross-entropy of the softmax of the logits against the classes.
pub(crate) fn loss(network: &Network, x: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
    let logits = network.forward(x);
    CrossEntropyLossConfig::new().init(&logits.device()).forward(logits, labels)
}

impl Split {
    /// The given rows and their classes as tensors.
    pub(crate) fn batch(&self, rows: &[usize], device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
        let mut values = Vec::with_capacity(rows.len() * self.features);
        for &row in rows {
            values.extend_from_slice(&self.values[row * self.features..][..self.features]);
        }
        let labels: Vec<i64> = rows.iter().map(|&row| self.labels[row] as i64).collect();
        (
            Tensor::from_data(TensorData::new(values, [rows.len(), self.features]), device),
            Tensor::from_data(TensorData::new(labels, [rows.len()]), device),
        )
    }
}
