//! What one backward pass tells about every hidden layer.

use std::sync::{Arc, Mutex};

use actfn::{Activation, Initialisation};
use actfn_burn::Observation;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Network, Split, train};

/// What one backward pass over some rows tells about the hidden layers of a network.
///
/// ```
/// use actfn_lab::{Architecture, Dataset, Diagnosis, Splits, Training};
///
/// let splits = Splits::new(&Dataset::digits())?;
/// let deep = Architecture { inputs: 64, width: 16, depth: 6, classes: 10, activation: "sigmoid".parse().unwrap() };
/// let untrained = Training { learning_rate: 0.1, epochs: 0, batch: 64, seed: 1 }.run(&deep, &splits.train, |_| {})?;
///
/// let diagnosis = Diagnosis::of(&untrained.network, &splits.train);
/// assert!(diagnosis.gradient_ratio().unwrap() < 0.01, "the gradient vanishes on its way to the first layer");
/// // As foretold from E f′(z)² and the weights.
/// assert!((diagnosis.attenuation(2).unwrap() / diagnosis.layers[2].predicted_attenuation.unwrap() - 1.0).abs() < 0.5);
/// # Ok::<(), actfn_lab::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The activation.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub activation: Activation,
    /// One entry for each hidden layer, the first first.
    pub layers: Vec<Layer>,
}

/// What one backward pass tells about one hidden layer. A unit is one pre-activation; an output may have several, as
/// maxout's have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The Euclidean norm of the loss's gradient with respect to the pre-activations.
    #[serde(deserialize_with = "or_nan")]
    pub gradient_norm: f64,
    /// Pre-activations in a row.
    pub units: usize,
    /// How many of these get no gradient from any row: the weights in front of them cannot learn.
    pub stuck: usize,
    /// Outputs in a row.
    pub outputs: usize,
    /// How many of these are 0 for every row.
    pub dead: usize,
    /// How many outputs are τ-dormant: their mean |output| is at most τ = [`TAU`] times the layer's mean of it (Sokar et al.
    /// 2023, arXiv:2302.12902). A wholly dead layer is wholly dormant.
    pub dormant: usize,
    /// The share of outputs that are 0, over all rows.
    pub sparsity: f64,
    /// The share of pre-activations where |f′| is 1 % of its maximum or less; none for rowwise activations.
    pub saturated: Option<f64>,
    /// The mean of the pre-activations.
    #[serde(deserialize_with = "or_nan")]
    pub mean: f64,
    /// Their variance.
    #[serde(deserialize_with = "or_nan")]
    pub variance: f64,
    /// The root mean square of f′ at the pre-activations; none for rowwise activations.
    pub slope: Option<f64>,
    /// The variance of the weights in front of the layer times their number of inputs: 2 after He's initialisation.
    #[serde(deserialize_with = "or_nan")]
    pub weight_gain: f64,
    /// What this layer's gradient norm should be of the next layer's if pre-activations were standard normal:
    /// √(E f′(z)² · the next layer's weight gain). None for the last layer and for rowwise activations.
    pub predicted_attenuation: Option<f64>,
    /// How the pre-activations are distributed.
    pub histogram: Histogram,
}

/// Counts of numbers in intervals of equal length, up to four standard deviations from the mean. The outermost intervals hold
/// what lies beyond as well, so that single numbers far out do not make all others a line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Where the first interval begins.
    #[serde(deserialize_with = "or_nan")]
    pub low: f64,
    /// Where the last one ends.
    #[serde(deserialize_with = "or_nan")]
    pub high: f64,
    /// How many numbers are in each.
    pub counts: Vec<usize>,
}

fn as_text<S: serde::Serializer>(activation: &Activation, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(activation)
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Activation, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

/// JSON has null for what is no finite number.
fn or_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// Sokar et al.'s τ.
pub const TAU: f64 = 0.025;

impl Diagnosis {
    /// Diagnoses a network by the first rows of a split, 512 at most.
    pub fn of(network: &Network, split: &Split) -> Self {
        let layers = Arc::new(Mutex::new(Vec::new()));
        let sink = layers.clone();
        let observed = network.clone().observe(move |number, observation| {
            let layer = Layer::of(observation);
            let mut layers = sink.lock().expect("no observer panics");
            if layers.len() <= number {
                layers.resize(number + 1, Layer::default());
            }
            layers[number] = layer;
        });
        let rows: Vec<usize> = (0..split.rows().min(512)).collect();
        let (x, labels) = split.batch(&rows, &network.device());
        train::loss(&observed, x, labels).backward();
        let layers = std::mem::take(&mut *layers.lock().expect("no observer panics"));
        let activation = network.hidden.first().expect("networks have a hidden layer").activation.activation();
        Self::new(activation.clone(), layers, &network.weight_gains())
    }

    /// From the layers as observed, and the weight gain in front of each.
    pub(crate) fn new(activation: Activation, mut layers: Vec<Layer>, weight_gains: &[f64]) -> Self {
        let slope = expected_slope(&activation);
        for (number, layer) in layers.iter_mut().enumerate() {
            layer.weight_gain = weight_gains[number];
            layer.predicted_attenuation = slope.and_then(|slope| Some(slope * weight_gains.get(number + 1)?.sqrt()));
        }
        Self { activation, layers }
    }

    /// The gradient norm of the first hidden layer divided by that of the last; none where no gradient reaches the last.
    pub fn gradient_ratio(&self) -> Option<f64> {
        let (first, last) = (self.layers.first()?.gradient_norm, self.layers.last()?.gradient_norm);
        (last > 0.0).then(|| first / last)
    }

    /// The gradient norm of a layer divided by that of the next; none for the last layer, and where no gradient reaches the
    /// next.
    pub fn attenuation(&self, layer: usize) -> Option<f64> {
        let next = self.layers.get(layer + 1)?.gradient_norm;
        (next > 0.0).then(|| self.layers[layer].gradient_norm / next)
    }

    /// The share of outputs that are 0 for every row, in all hidden layers.
    pub fn dead(&self) -> f64 {
        let [dead, outputs] = [|layer: &Layer| layer.dead, |layer: &Layer| layer.outputs].map(|count| self.sum(count));
        dead / outputs
    }

    /// The share of pre-activations that get no gradient from any row, in all hidden layers.
    pub fn stuck(&self) -> f64 {
        let [stuck, units] = [|layer: &Layer| layer.stuck, |layer: &Layer| layer.units].map(|count| self.sum(count));
        stuck / units
    }

    fn sum(&self, count: impl Fn(&Layer) -> usize) -> f64 {
        self.layers.iter().map(count).sum::<usize>() as f64
    }

    /// The mean of the layers' saturated shares; none for rowwise activations.
    pub fn saturated(&self) -> Option<f64> {
        let shares: Option<Vec<f64>> = self.layers.iter().map(|layer| layer.saturated).collect();
        shares.map(|shares| shares.iter().sum::<f64>() / shares.len() as f64)
    }
}

impl Layer {
    /// The share of outputs that are 0 for every row.
    pub fn dead_share(&self) -> f64 {
        self.dead as f64 / self.outputs as f64
    }

    /// The share of outputs that are τ-dormant.
    pub fn dormant_share(&self) -> f64 {
        self.dormant as f64 / self.outputs as f64
    }

    /// The share of pre-activations that get no gradient.
    pub fn stuck_share(&self) -> f64 {
        self.stuck as f64 / self.units as f64
    }

    pub(crate) fn of(observation: &Observation) -> Self {
        let units = *observation.shape.last().expect("a layer's input has rows and columns");
        let mut alive = vec![false; units];
        let mut sum_of_squares = 0.0;
        for (place, gradient) in observation.grad_x.iter().enumerate() {
            sum_of_squares += gradient * gradient;
            alive[place % units] |= gradient != 0.0;
        }
        let x: Vec<f64> = observation.x.iter().collect();
        let count = x.len() as f64;
        let mean = x.iter().sum::<f64>() / count;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        let slopes = slopes(observation.activation, &x);
        let steepest = observation.activation.info().max_derivative;
        let mut layer = Self {
            gradient_norm: sum_of_squares.sqrt(),
            units,
            stuck: alive.iter().filter(|alive| !**alive).count(),
            mean,
            variance,
            slope: slopes.as_ref().map(|slopes| root_mean_square(slopes)),
            saturated: slopes.filter(|_| steepest.is_finite()).map(|slopes| {
                let flat = slopes.iter().filter(|slope| slope.abs() <= 0.01 * steepest).count();
                flat as f64 / count
            }),
            histogram: Histogram::of(&x, mean, variance.sqrt()),
            ..Self::default()
        };
        layer.add_outputs(observation.activation, units, &x);
        layer
    }

    fn add_outputs(&mut self, activation: &Activation, units: usize, x: &[f64]) {
        let Some(outputs) = activation.outputs(units) else { return };
        let mut y = vec![0.0; x.len() / units * outputs];
        activation.forward(units, x, &mut y);
        let mut size = vec![0.0; outputs];
        for row in y.chunks_exact(outputs) {
            for (size, y) in size.iter_mut().zip(row) {
                *size += y.abs();
            }
        }
        let mean = size.iter().sum::<f64>() / outputs as f64;
        self.outputs = outputs;
        self.dead = size.iter().filter(|size| **size == 0.0).count();
        // ≤, so that all are dormant where all are dead: 0 ≤ τ · 0.
        self.dormant = size.iter().filter(|size| **size <= TAU * mean).count();
        self.sparsity = y.iter().filter(|y| **y == 0.0).count() as f64 / y.len() as f64;
    }
}

impl Histogram {
    fn of(x: &[f64], mean: f64, deviation: f64) -> Self {
        const INTERVALS: usize = 48;
        let finite = || x.iter().copied().filter(|x| x.is_finite());
        let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
        // max and min drop the NaN that mean and deviation are if x is not finite.
        let (mut low, mut high) = (low.max(mean - 4.0 * deviation), high.min(mean + 4.0 * deviation));
        if low > high {
            return Self::default();
        }
        if low == high {
            (low, high) = (low - 0.5, high + 0.5);
        }
        let mut counts = vec![0; INTERVALS];
        for x in finite() {
            let interval = ((x - low) / (high - low) * INTERVALS as f64) as usize;
            counts[interval.min(INTERVALS - 1)] += 1;
        }
        Self { low, high, counts }
    }
}

fn slopes(activation: &Activation, x: &[f64]) -> Option<Vec<f64>> {
    if activation.is_rowwise() {
        return None;
    }
    let mut slopes = vec![0.0; x.len()];
    activation.derivative(x, &mut slopes);
    Some(slopes)
}

fn root_mean_square(values: &[f64]) -> f64 {
    (values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64).sqrt()
}

/// √E f′(z)² for standard normal z; none for rowwise functions.
///
/// As [`actfn::Info::gaussian`] has it, except for functions with parameters of their own, for which that does not hold.
pub(crate) fn expected_slope(activation: &Activation) -> Option<f64> {
    let info = activation.info();
    if activation.to_string() == info.name
        && let Some(gaussian) = info.gaussian
    {
        return Some(gaussian.derivative_second_moment.sqrt());
    }
    const STEP: f64 = 1e-3;
    let z: Vec<f64> = (-10_000..10_000).map(|i| (f64::from(i) + 0.5) * STEP).collect();
    let density = |z: f64| (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let slopes = slopes(activation, &z)?;
    let moment: f64 = slopes.iter().zip(&z).map(|(slope, z)| slope * slope * density(*z) * STEP).sum();
    Some(moment.sqrt())
}

/// The weight gain that an initialisation gives to square layers.
pub(crate) fn initial_gain(initialisation: Initialisation) -> f64 {
    match initialisation {
        Initialisation::LecunNormal | Initialisation::GlorotUniform => 1.0,
        Initialisation::HeNormal => 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_by_summing_is_the_catalogues() {
        for f in actfn::catalogue().filter(|f| !f.is_rowwise()) {
            let Some(gaussian) = f.info().gaussian else { continue };
            // A parameter set to its default has a name, and goes the other way.
            let known = gaussian.derivative_second_moment.sqrt();
            let Some(parameter) = f.info().parameters.first() else { continue };
            let near = f.with_parameter(parameter.name, parameter.default * (1.0 + 1e-9));
            let Ok(near) = near else { continue };
            let Some(summed) = expected_slope(&near) else { continue };
            assert!((summed - known).abs() < 2e-3 * known.max(1.0), "{near}: {summed}, not {known}");
        }
    }

    #[test]
    fn a_wholly_dead_layer_is_wholly_dormant() {
        let mut layer = Layer::default();
        layer.add_outputs(&"relu".parse().unwrap(), 2, &[-1.0, -2.0, -3.0, -4.0]);
        assert_eq!((layer.outputs, layer.dead, layer.dormant, layer.sparsity), (2, 2, 2, 1.0));
        layer.add_outputs(&"relu".parse().unwrap(), 3, &[-1.0, 0.01, 2.0, -3.0, -4.0, 3.0]);
        assert_eq!((layer.outputs, layer.dead, layer.dormant, layer.sparsity), (3, 1, 2, 0.5));
    }
}
