//! What one backward pass tells about every hidden layer.

use std::sync::{Arc, Mutex};

use actfn_burn::Observation;

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
/// # Ok::<(), actfn_lab::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// One entry for each hidden layer, the first first.
    pub layers: Vec<Layer>,
}

/// What one backward pass tells about one hidden layer.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// The Euclidean norm of the loss's gradient with respect to the pre-activations.
    pub gradient_norm: f64,
    /// Pre-activations in a row.
    pub units: usize,
    /// How many of these get no gradient from any row: the weights in front of them cannot learn.
    pub dead: usize,
    /// The share of pre-activations where |f′| is 1 % of its maximum or less; none for rowwise activations.
    pub saturated: Option<f64>,
}

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
        Self { layers }
    }

    /// The gradient norm of the first hidden layer divided by that of the last; none where no gradient reaches the last.
    pub fn gradient_ratio(&self) -> Option<f64> {
        let (first, last) = (self.layers.first()?.gradient_norm, self.layers.last()?.gradient_norm);
        (last > 0.0).then(|| first / last)
    }

    /// The share of dead units in all hidden layers.
    pub fn dead(&self) -> f64 {
        let dead: usize = self.layers.iter().map(|layer| layer.dead).sum();
        let units: usize = self.layers.iter().map(|layer| layer.units).sum();
        dead as f64 / units as f64
    }

    /// The mean of the layers' saturated shares; none for rowwise activations.
    pub fn saturated(&self) -> Option<f64> {
        let shares: Option<Vec<f64>> = self.layers.iter().map(|layer| layer.saturated).collect();
        shares.map(|shares| shares.iter().sum::<f64>() / shares.len() as f64)
    }
}

impl Layer {
    fn of(observation: &Observation) -> Self {
        let units = *observation.shape.last().expect("a layer's input has rows and columns");
        let mut alive = vec![false; units];
        let mut sum_of_squares = 0.0;
        for (place, gradient) in observation.grad_x.iter().enumerate() {
            sum_of_squares += gradient * gradient;
            alive[place % units] |= gradient != 0.0;
        }
        Self {
            gradient_norm: sum_of_squares.sqrt(),
            units,
            dead: alive.iter().filter(|alive| !**alive).count(),
            saturated: saturated(observation),
        }
    }
}

fn saturated(observation: &Observation) -> Option<f64> {
    let activation = observation.activation;
    let steepest = activation.info().max_derivative;
    if activation.is_rowwise() || !steepest.is_finite() {
        return None;
    }
    let x: Vec<f64> = observation.x.iter().collect();
    let mut slopes = vec![0.0; x.len()];
    activation.derivative(&x, &mut slopes);
    let flat = slopes.iter().filter(|slope| slope.abs() <= 0.01 * steepest).count();
    Some(flat as f64 / x.len() as f64)
}
