//! Fully connected networks.

use actfn::{Activation, Initialisation};
use actfn_burn::{ActivationLayer, Observation};
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal, Uniform};

use crate::{Error, Split};

/// A fully connected network: hidden layers of one width, each followed by the same activation, and a linear layer that
/// gives one number (a logit) per class.
#[derive(Module, Debug)]
pub struct Network {
    pub(crate) hidden: Vec<Hidden>,
    pub(crate) output: Linear,
}

#[derive(Module, Debug)]
pub(crate) struct Hidden {
    pub(crate) linear: Linear,
    pub(crate) activation: ActivationLayer,
}

/// The shape of a [`Network`].
#[derive(Clone, Debug)]
pub struct Architecture {
    /// Numbers in a row of data.
    pub inputs: usize,
    /// Outputs of every hidden layer.
    pub width: usize,
    /// Hidden layers.
    pub depth: usize,
    /// Classes.
    pub classes: usize,
    /// The function after every hidden layer.
    pub activation: Activation,
}

impl Architecture {
    /// How many pre-activations a hidden layer has: its width, or more before an activation that makes rows shorter, as
    /// maxout does.
    ///
    /// # Errors
    ///
    /// [`Error::Width`] if no number of pre-activations, up to 64 a unit, gives this width.
    pub fn pre_activations(&self) -> Result<usize, Error> {
        const MOST_PER_UNIT: usize = 64;
        (1..=MOST_PER_UNIT)
            .map(|per_unit| per_unit * self.width)
            .find(|&columns| self.activation.outputs(columns) == Some(self.width))
            .ok_or_else(|| Error::Width { activation: self.activation.to_string(), width: self.width })
    }

    /// How the weights of the hidden layers are drawn: see [`Info::initialisation`](actfn::Info).
    pub fn initialisation(&self) -> &'static str {
        self.activation.info().initialisation.name()
    }

    /// A network with weights drawn as suits the activation (its [`Info::initialisation`](actfn::Info)) and biases of 0.
    ///
    /// The output layer is linear; its weights are drawn by Glorot's rule.
    ///
    /// # Errors
    ///
    /// As [`pre_activations`](Self::pre_activations).
    pub fn network(&self, rng: &mut ChaCha8Rng, device: &Device) -> Result<Network, Error> {
        let pre_activations = self.pre_activations()?;
        let initialisation = self.activation.info().initialisation;
        let hidden = (0..self.depth)
            .map(|layer| {
                let inputs = if layer == 0 { self.inputs } else { self.width };
                Hidden {
                    linear: linear(inputs, pre_activations, initialisation, rng, device),
                    activation: ActivationLayer::new(self.activation.clone()),
                }
            })
            .collect();
        let output = linear(self.width, self.classes, Initialisation::GlorotUniform, rng, device);
        Ok(Network { hidden, output })
    }
}

impl Network {
    /// One logit per class for every row. Shapes: `[rows, inputs]` to `[rows, classes]`.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let hidden = self.hidden.iter().fold(x, |x, layer| layer.activation.forward(layer.linear.forward(x)));
        self.output.forward(hidden)
    }

    /// The device that the weights are on.
    pub(crate) fn device(&self) -> Device {
        self.output.weight.val().device()
    }

    /// The weights' variance times their fan-in, for every hidden layer: what an initialisation sets.
    pub(crate) fn weight_gains(&self) -> Vec<f64> {
        let gain = |layer: &Hidden| {
            let weight = layer.linear.weight.val();
            let [inputs, outputs] = weight.dims();
            let weights = weight.into_data();
            let weights = weights.as_slice::<f32>().expect("networks compute in f32");
            let squares: f64 = weights.iter().map(|weight| f64::from(*weight).powi(2)).sum();
            inputs as f64 * squares / (inputs * outputs) as f64
        };
        self.hidden.iter().map(gain).collect()
    }

    /// The share of rows whose largest logit is that of their class. A network that has diverged to NaN is wrong on every row.
    pub fn accuracy(&self, split: &Split) -> f64 {
        let rows: Vec<usize> = (0..split.rows()).collect();
        let network = self.valid();
        let (x, _) = split.batch(&rows, &network.device());
        let logits = network.forward(x).into_data();
        let logits = logits.as_slice::<f32>().expect("networks compute in f32");
        let classes = logits.len() / split.rows();
        let right = logits.chunks_exact(classes).zip(&split.labels).filter(|(row, label)| {
            let own = row[**label];
            row.iter().enumerate().all(|(class, &logit)| class == **label || logit < own)
        });
        right.count() as f64 / split.rows() as f64
    }

    /// The same network, whose hidden layers show their pre-activations and their gradients to `observer` in every backward
    /// pass, with the number of the layer, the first being 0.
    pub fn observe(mut self, observer: impl Fn(usize, &Observation) + Clone + Send + Sync + 'static) -> Self {
        for (number, layer) in self.hidden.iter_mut().enumerate() {
            let observer = observer.clone();
            layer.activation = layer.activation.clone().observe(move |observation| observer(number, observation));
        }
        self
    }
}

/// A linear layer with weights of our own drawing: burn's initialisers draw from a generator that all threads share, so
/// networks trained side by side would not be reproducible.
fn linear(
    inputs: usize,
    outputs: usize,
    initialisation: Initialisation,
    rng: &mut ChaCha8Rng,
    device: &Device,
) -> Linear {
    let normal = |variance: f64| StandardNormal.map(move |z: f64| z * variance.sqrt());
    let count = inputs * outputs;
    let weights: Vec<f64> = match initialisation {
        Initialisation::LecunNormal => normal(1.0 / inputs as f64).sample_iter(rng).take(count).collect(),
        Initialisation::HeNormal => normal(2.0 / inputs as f64).sample_iter(rng).take(count).collect(),
        Initialisation::GlorotUniform => {
            // U(−a, a) has the variance a²/3.
            let limit = (6.0 / (inputs + outputs) as f64).sqrt();
            let uniform = Uniform::new(-limit, limit).expect("a finite range");
            uniform.sample_iter(rng).take(count).collect()
        }
    };
    let weights: Vec<f32> = weights.into_iter().map(|weight| weight as f32).collect();
    Linear {
        weight: Param::from_data(TensorData::new(weights, [inputs, outputs]), device),
        bias: Some(Param::from_data(TensorData::zeros::<f32, _>([outputs]), device)),
    }
}
