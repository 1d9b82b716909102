//! Fully connected networks.

use actfn::{Activation, Initialisation};
use actfn_burn::{ActivationLayer, Observation};
use burn::module::{Module, Param, ParamId};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal, Uniform};

use crate::split::Targets;
use crate::{Error, Split};

/// A fully connected network: hidden layers of one width, each followed by the same activation, and a linear layer that
/// gives one number (a logit) per class, or the number wanted.
#[derive(Module, Debug)]
pub struct Network {
    pub(crate) hidden: Vec<Hidden>,
    pub(crate) output: Linear,
    output_activation: Option<ActivationLayer>,
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
    /// Numbers at the output: one for each class, or 1 where a number is wanted.
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
        self.network_drawn_by(self.activation.info().initialisation, rng, device)
    }

    /// The same with the weights of the hidden layers drawn in another way.
    ///
    /// # Errors
    ///
    /// As [`pre_activations`](Self::pre_activations).
    pub fn network_drawn_by(
        &self,
        initialisation: Initialisation,
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Result<Network, Error> {
        let pre_activations = self.pre_activations()?;
        let mut hidden: Vec<Hidden> = (0..self.depth)
            .map(|layer| {
                let inputs = if layer == 0 { self.inputs } else { self.width };
                Hidden {
                    linear: linear(inputs, pre_activations, initialisation, rng, device),
                    activation: ActivationLayer::new(self.activation.clone()),
                }
            })
            .collect();
        let mut output = linear(self.width, self.classes, Initialisation::GlorotUniform, rng, device);
        // Files name parameters by these; burn's own would be random.
        let layers = hidden.iter_mut().map(|layer| &mut layer.linear).chain([&mut output]);
        for (number, layer) in layers.enumerate() {
            layer.weight.id = ParamId::from(2 * number as u64);
            if let Some(bias) = &mut layer.bias {
                bias.id = ParamId::from(2 * number as u64 + 1);
            }
        }
        Ok(Network { hidden, output, output_activation: None })
    }
}

impl Network {
    /// The same network with an activation after its last layer.
    pub fn with_output(mut self, activation: Activation) -> Self {
        self.output_activation = Some(ActivationLayer::new(activation));
        self
    }

    /// One logit per class for every row, or the number wanted. Shapes: `[rows, inputs]` to `[rows, classes]`.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let hidden = self.hidden.iter().fold(x, |x, layer| layer.activation.forward(layer.linear.forward(x)));
        let y = self.output.forward(hidden);
        match &self.output_activation {
            Some(activation) => activation.forward(y),
            None => y,
        }
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

    /// The outputs for all rows, one row after another.
    pub fn outputs(&self, values: &[f32], features: usize) -> Vec<f32> {
        // More rows at once would take memory in proportion.
        const ROWS: usize = 16_384;
        let network = self.valid();
        let device = network.device();
        let mut outputs = Vec::new();
        for rows in values.chunks(ROWS * features) {
            let x = Tensor::from_data(TensorData::new(rows.to_vec(), [rows.len() / features, features]), &device);
            let y = network.forward(x).into_data();
            outputs.extend_from_slice(y.as_slice::<f32>().expect("networks compute in f32"));
        }
        outputs
    }

    /// The share of rows whose largest logit is that of their class. A network that has diverged to NaN is wrong on every
    /// row. For numbers: R², the share of their variance that is told; NaN if it has diverged.
    pub fn accuracy(&self, split: &Split) -> f64 {
        score(&self.outputs(&split.values, split.features), &split.targets)
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

/// Accuracy for classes, R² for numbers.
pub(crate) fn score(outputs: &[f32], targets: &Targets) -> f64 {
    match targets {
        Targets::Classes(labels) => {
            let classes = outputs.len() / labels.len();
            let right = outputs.chunks_exact(classes).zip(labels).filter(|(row, label)| {
                let own = row[**label];
                row.iter().enumerate().all(|(class, &logit)| class == **label || logit < own)
            });
            right.count() as f64 / labels.len() as f64
        }
        Targets::Numbers(numbers) => {
            let mean = numbers.iter().map(|&number| f64::from(number)).sum::<f64>() / numbers.len() as f64;
            let error = |(&y, &number): (&f32, &f32)| (f64::from(y) - f64::from(number)).powi(2);
            let errors: f64 = outputs.iter().zip(numbers).map(error).sum();
            let variance: f64 = numbers.iter().map(|&number| (f64::from(number) - mean).powi(2)).sum();
            1.0 - errors / variance
        }
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
