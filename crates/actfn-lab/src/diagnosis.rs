//! What one backward pass tells about every hidden layer.

use actfn::{Activation, Initialisation};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Split;
use crate::engine::{Matrix, Network};

/// What one backward pass over some rows tells about the hidden layers of a network.
///
/// ```
/// use actfn_lab::{Architecture, Dataset, Diagnosis, Splits, Training};
///
/// let splits = Splits::new(&Dataset::digits())?;
/// let activations = vec!["sigmoid".parse().unwrap(); 6];
/// let deep = Architecture { inputs: 64, width: 16, classes: 10, activations };
/// let untrained = Training { learning_rate: 0.1, epochs: 0, batch: 64, seed: 1 }.run(&deep, &splits.train, |_| {})?;
///
/// let diagnosis = Diagnosis::of(&untrained.network, &splits.train);
/// assert!(diagnosis.gradient_ratio().unwrap() < 0.01, "the gradient vanishes on its way to the first layer");
/// // As predicted from E f′(z)² and the weights.
/// assert!((diagnosis.attenuation(2).unwrap() / diagnosis.layers[2].predicted_attenuation.unwrap() - 1.0).abs() < 0.5);
/// # Ok::<(), actfn_lab::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// One entry for each hidden layer, the first first.
    pub layers: Vec<Layer>,
}

/// What one backward pass tells about one hidden layer. A unit is one pre-activation; an output may have several, as
/// maxout's have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The activation, with its parameters as they were.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub activation: Activation,
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
        let rows: Vec<usize> = (0..split.rows().min(512)).collect();
        let (x, targets) = split.batch(&rows);
        let pass = network.forward(x);
        let gradients = network.backward(&pass, targets.loss().gradient(pass.outputs()));
        let hidden = network.hidden();
        let mut layers: Vec<Layer> = hidden
            .iter()
            .zip(&gradients)
            .enumerate()
            .map(|(number, (layer, gradient))| {
                let activation = layer.activation().clone();
                Layer::of(activation, pass.pre_activations(number), &gradient.pre_activations, &layer.weights)
            })
            .collect();
        for number in 1..layers.len() {
            let gain = layers[number].weight_gain;
            let layer = &mut layers[number - 1];
            layer.predicted_attenuation = expected_slope(&layer.activation).map(|slope| slope * gain.sqrt());
        }
        Self { layers }
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

    /// From the pre-activations, their gradients, and the weights in front.
    pub(crate) fn of(activation: Activation, z: &Matrix, grad_z: &Matrix, weights: &Matrix) -> Self {
        let units = z.columns;
        let mut alive = vec![false; units];
        let mut sum_of_squares = 0.0;
        for row in grad_z.iter() {
            for (alive, gradient) in alive.iter_mut().zip(row) {
                sum_of_squares += f64::from(*gradient) * f64::from(*gradient);
                *alive |= *gradient != 0.0;
            }
        }
        let x: Vec<f64> = z.values.iter().copied().map(f64::from).collect();
        let count = x.len() as f64;
        let mean = x.iter().sum::<f64>() / count;
        let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
        let slopes = slopes(&activation, &x);
        let steepest = activation.info().max_derivative;
        let outputs = Outputs::of(&activation, units, &x);
        Self {
            gradient_norm: sum_of_squares.sqrt(),
            units,
            stuck: alive.iter().filter(|alive| !**alive).count(),
            outputs: outputs.count,
            dead: outputs.dead,
            dormant: outputs.dormant,
            sparsity: outputs.sparsity,
            mean,
            variance,
            slope: slopes.as_ref().map(|slopes| root_mean_square(slopes)),
            saturated: slopes.filter(|_| steepest.is_finite()).map(|slopes| {
                let flat = slopes.iter().filter(|slope| slope.abs() <= 0.01 * steepest).count();
                flat as f64 / count
            }),
            weight_gain: gain(weights),
            predicted_attenuation: None,
            histogram: Histogram::of(&x, mean, variance.sqrt()),
            activation,
        }
    }
}

/// The weights' variance times their fan-in: what an initialisation sets.
fn gain(weights: &Matrix) -> f64 {
    let squares: f64 = weights.values.iter().map(|weight| f64::from(*weight) * f64::from(*weight)).sum();
    weights.rows() as f64 * squares / weights.values.len() as f64
}

/// What the outputs of a layer tell.
#[derive(Debug, PartialEq)]
struct Outputs {
    count: usize,
    dead: usize,
    dormant: usize,
    sparsity: f64,
}

impl Outputs {
    fn of(activation: &Activation, units: usize, x: &[f64]) -> Self {
        let outputs = activation.outputs(units).expect("a layer has pre-activations that its activation takes");
        let mut y = vec![0.0; x.len() / units * outputs];
        activation.forward(units, x, &mut y);
        let mut size = vec![0.0; outputs];
        for row in y.chunks_exact(outputs) {
            for (size, y) in size.iter_mut().zip(row) {
                *size += y.abs();
            }
        }
        let mean = size.iter().sum::<f64>() / outputs as f64;
        Self {
            count: outputs,
            dead: size.iter().filter(|size| **size == 0.0).count(),
            // ≤, so that all are dormant where all are dead: 0 ≤ τ · 0.
            dormant: size.iter().filter(|size| **size <= TAU * mean).count(),
            sparsity: y.iter().filter(|y| **y == 0.0).count() as f64 / y.len() as f64,
        }
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
        let relu = "relu".parse().unwrap();
        let outputs = Outputs::of(&relu, 2, &[-1.0, -2.0, -3.0, -4.0]);
        assert_eq!(outputs, Outputs { count: 2, dead: 2, dormant: 2, sparsity: 1.0 });
        let outputs = Outputs::of(&relu, 3, &[-1.0, 0.01, 2.0, -3.0, -4.0, 3.0]);
        assert_eq!(outputs, Outputs { count: 3, dead: 1, dormant: 2, sparsity: 0.5 });
    }
}
