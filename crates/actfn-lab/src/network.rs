//! The shapes of networks, and what networks predict for the rows of a split.

use std::fmt;
use std::str::FromStr;

use actfn::{Activation, Identity, Initialisation};
use rand::rngs::ChaCha8Rng;

use crate::engine::{self, Layer, Loss, Matrix, Network};
use crate::split::Targets;
use crate::{Error, Split};

/// The shape of a [`Network`]: hidden layers of one width, each followed by an activation, and a linear layer that gives one
/// number (a logit) per class, or the number wanted.
#[derive(Clone, Debug)]
pub struct Architecture {
    /// Numbers in a row of data.
    pub inputs: usize,
    /// Outputs of every hidden layer.
    pub width: usize,
    /// Numbers at the output: one for each class, or 1 where a number is wanted.
    pub classes: usize,
    /// The function after each hidden layer, the first first: as many as there are hidden layers.
    pub activations: Vec<Activation>,
}

impl Architecture {
    /// How many pre-activations each hidden layer has: its width, or more before an activation that makes rows shorter, as
    /// maxout does.
    ///
    /// # Errors
    ///
    /// [`Error::Width`] if no number of pre-activations, up to 64 a unit, gives this width.
    pub fn pre_activations(&self) -> Result<Vec<usize>, Error> {
        const MOST_PER_UNIT: usize = 64;
        let of = |activation: &Activation| {
            (1..=MOST_PER_UNIT)
                .map(|per_unit| per_unit * self.width)
                .find(|&columns| activation.outputs(columns) == Some(self.width))
                .ok_or_else(|| Error::Width { activation: activation.to_string(), width: self.width })
        };
        self.activations.iter().map(of).collect()
    }

    /// A network with weights drawn as suits the activations (their [`Info::initialisation`](actfn::Info)) and biases of 0.
    ///
    /// The output layer is linear; its weights are drawn by Glorot's rule.
    ///
    /// # Errors
    ///
    /// As [`pre_activations`](Self::pre_activations).
    pub fn network(&self, rng: &mut ChaCha8Rng) -> Result<Network, Error> {
        let suitable: Vec<Initialisation> =
            self.activations.iter().map(|activation| activation.info().initialisation).collect();
        self.network_drawn_by(&suitable, rng)
    }

    /// The same with the weights of the hidden layers drawn in other ways, one for each.
    ///
    /// # Errors
    ///
    /// As [`pre_activations`](Self::pre_activations).
    pub fn network_drawn_by(&self, initialisations: &[Initialisation], rng: &mut ChaCha8Rng) -> Result<Network, Error> {
        let mut draw = |inputs, units, initialisation, activation| {
            Layer::new(engine::weights(inputs, units, initialisation, rng), vec![0.0; units], activation)
        };
        let mut inputs = self.inputs;
        let mut layers = Vec::new();
        for ((activation, initialisation), units) in
            self.activations.iter().zip(initialisations).zip(self.pre_activations()?)
        {
            layers.push(draw(inputs, units, *initialisation, activation.clone()));
            inputs = self.width;
        }
        let identity = Activation::elementwise(Identity);
        layers.push(draw(inputs, self.classes, Initialisation::GlorotUniform, identity));
        Ok(Network { layers })
    }
}

/// One activation for all hidden layers, or several that take turns: `relu+tanh` is relu after the first, the third … layer, and
/// tanh after the others.
///
/// ```
/// use actfn_lab::Mixture;
///
/// let mixture: Mixture = "relu+tanh".parse()?;
/// assert_eq!(mixture.layers(3).map(|f| f.to_string()).collect::<Vec<_>>(), ["relu", "tanh", "relu"]);
/// assert_eq!(mixture.to_string(), "relu+tanh");
/// # Ok::<(), actfn::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture(Vec<Activation>);

impl Mixture {
    /// The activation after each of so many layers.
    pub fn layers(&self, depth: usize) -> impl Iterator<Item = Activation> {
        self.0.iter().cycle().take(depth).cloned()
    }

    /// How many activations take turns.
    pub fn period(&self) -> usize {
        self.0.len()
    }

    /// How the weights of the hidden layers are drawn, as suits the activation: see [`Info::initialisation`](actfn::Info). Where
    /// a mixture needs several ways, all are named in turn.
    pub fn initialisation(&self) -> String {
        let name = |activation: &Activation| activation.info().initialisation.name().to_string();
        joined(self.0.iter().map(name).collect())
    }
}

impl From<Activation> for Mixture {
    fn from(activation: Activation) -> Self {
        Self(vec![activation])
    }
}

impl FromStr for Mixture {
    type Err = actfn::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        outside_parentheses(text, '+').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Mixture {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&joined(self.0.iter().map(Activation::to_string).collect()))
    }
}

/// The parts of a text between separators that do not stand in parentheses: `leaky_relu(0.1, 0.5),tanh` is two names.
pub fn outside_parentheses(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == separator && depth <= 0
    })
}

/// One name if all are the same, else all with + between them.
fn joined(mut names: Vec<String>) -> String {
    if names.iter().all(|name| *name == names[0]) {
        names.truncate(1);
    }
    names.join("+")
}

impl Network {
    /// The same network with an activation after its last layer.
    pub fn with_output(mut self, activation: Activation) -> Self {
        if let Some(output) = self.layers.last_mut() {
            output.set_activation(activation);
        }
        self
    }

    /// The hidden layers.
    pub fn hidden(&self) -> &[Layer] {
        &self.layers[..self.layers.len() - 1]
    }

    /// The outputs for all rows of a split.
    pub fn outputs_of(&self, split: &Split) -> Matrix {
        // More rows at once would take memory in proportion.
        const ROWS: usize = 16_384;
        let rows = split.values.chunks(ROWS * split.features);
        let outputs = rows.flat_map(|rows| self.outputs(Matrix::new(split.features, rows.to_vec())).values);
        Matrix::new(self.layers.last().map_or(1, Layer::outputs), outputs.collect())
    }

    /// The share of rows whose largest logit is that of their class. A network that has diverged to NaN is wrong on every
    /// row. For numbers: R², the share of their variance that is predicted; NaN if it has diverged.
    pub fn accuracy(&self, split: &Split) -> f64 {
        score(&self.outputs_of(split).values, &split.targets)
    }
}

impl Targets {
    /// The loss that they are learned by.
    pub(crate) fn loss(&self) -> Loss<'_> {
        match self {
            Self::Classes(labels) => Loss::CrossEntropy(labels),
            Self::Numbers(numbers) => Loss::SquaredError(numbers),
        }
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
