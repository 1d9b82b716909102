use alloc::vec;
use alloc::vec::Vec;

use actfn::Activation;

use super::Matrix;

/// Fully connected layers, one behind the other.
#[derive(Clone, Debug)]
pub struct Network {
    /// The first takes the data, and the last gives the outputs.
    pub layers: Vec<Layer>,
}

/// One fully connected layer: y = f(x W + b).
#[derive(Clone, Debug)]
pub struct Layer {
    /// W: a row for each input, a column for each unit.
    pub weights: Matrix,
    /// b: one number for each unit.
    pub biases: Vec<f32>,
    /// f, with its parameters as they are now.
    activation: Activation,
    /// The values of those parameters of f that are learned, as PReLU's slope is.
    learned: Vec<f32>,
}

/// What a forward pass leaves for the backward one.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The data, then every layer's outputs y.
    values: Vec<Matrix>,
    /// Every layer's pre-activations z = x W + b.
    pre_activations: Vec<Matrix>,
}

/// The gradient of the loss L with respect to all that a layer learns.
#[derive(Clone, Debug)]
pub struct Gradient {
    /// ∂L/∂W.
    pub weights: Matrix,
    /// ∂L/∂b.
    pub biases: Vec<f32>,
    /// By the learned parameters of the activation, in the order of [`Layer::learned`].
    pub learned: Vec<f32>,
    /// ∂L/∂z, the gradient at the pre-activations. From it come the others, and those of the layer in front.
    pub pre_activations: Matrix,
}

impl Layer {
    /// A layer of these weights and biases.
    ///
    /// # Panics
    ///
    /// If there is not one bias for each column of weights, or if the activation cannot take rows of so many numbers.
    pub fn new(weights: Matrix, biases: Vec<f32>, activation: Activation) -> Self {
        assert_eq!(weights.columns, biases.len(), "each unit has one bias");
        assert!(activation.outputs(biases.len()).is_some(), "{activation} does not take {} units", biases.len());
        let mut layer = Self { weights, biases, activation: activation.clone(), learned: Vec::new() };
        layer.set_activation(activation);
        layer
    }

    /// The activation, with its parameters as they are now.
    pub fn activation(&self) -> &Activation {
        &self.activation
    }

    /// Puts another activation in its place.
    pub fn set_activation(&mut self, activation: Activation) {
        let value = |name: &'static str| activation.parameter(name).map_or(0.0, |value| value as f32);
        self.learned = learned_parameters(&activation).map(value).collect();
        self.activation = activation;
    }

    /// The parameters of the activation that are learned, by name, and their values.
    pub fn learned(&self) -> impl Iterator<Item = (&'static str, f32)> {
        learned_parameters(&self.activation).zip(self.learned.iter().copied())
    }

    /// The numbers in a row of outputs: fewer than units behind maxout, for example.
    pub fn outputs(&self) -> usize {
        self.activation.outputs(self.biases.len()).unwrap_or(0)
    }

    /// z = x W + b.
    fn pre_activations(&self, x: &Matrix) -> Matrix {
        let mut z = Matrix::new(self.biases.len(), self.biases.repeat(x.rows()));
        z.add_product(x.view(), self.weights.view());
        z
    }

    /// y = f(z).
    fn activate(&self, z: &Matrix) -> Matrix {
        let mut y = Matrix::zeros(z.rows(), self.outputs());
        self.activation.forward(z.columns, &z.values, &mut y.values);
        y
    }

    /// Sets the learned parameters of the activation. One that it cannot have stays as it was.
    pub fn set_learned(&mut self, values: &[f32]) {
        let names: Vec<&str> = learned_parameters(&self.activation).collect();
        for (place, name) in names.into_iter().enumerate() {
            if let Ok(activation) = self.activation.with_parameter(name, f64::from(values[place])) {
                self.activation = activation;
                self.learned[place] = values[place];
            }
        }
    }
}

fn learned_parameters(activation: &Activation) -> impl Iterator<Item = &'static str> + use<> {
    activation.info().parameters.iter().filter(|parameter| parameter.learnable).map(|parameter| parameter.name)
}

impl Pass {
    /// What the last layer gave: a row for each row of data.
    pub fn outputs(&self) -> &Matrix {
        &self.values[self.values.len() - 1]
    }

    /// A layer's pre-activations.
    pub fn pre_activations(&self, layer: usize) -> &Matrix {
        &self.pre_activations[layer]
    }

    /// A layer's outputs.
    pub fn activations(&self, layer: usize) -> &Matrix {
        &self.values[layer + 1]
    }
}

impl Network {
    /// All outputs, for rows of data.
    ///
    /// # Panics
    ///
    /// If rows have another length than the first layer takes.
    pub fn outputs(&self, x: Matrix) -> Matrix {
        self.layers.iter().fold(x, |x, layer| layer.activate(&layer.pre_activations(&x)))
    }

    /// The same, with all that lies between.
    ///
    /// # Panics
    ///
    /// As [`outputs`](Self::outputs).
    pub fn forward(&self, x: Matrix) -> Pass {
        let mut pass = Pass { values: vec![x], pre_activations: Vec::new() };
        for layer in &self.layers {
            let z = layer.pre_activations(pass.outputs());
            pass.values.push(layer.activate(&z));
            pass.pre_activations.push(z);
        }
        pass
    }

    /// Backpropagation: from ∂L/∂y of the outputs, the gradient of every layer, the first first.
    ///
    /// # Panics
    ///
    /// If the gradient has another shape than the outputs.
    pub fn backward(&self, pass: &Pass, outputs: Matrix) -> Vec<Gradient> {
        let mut gradients = Vec::new();
        let mut grad_y = outputs;
        for (number, layer) in self.layers.iter().enumerate().rev() {
            let (x, z) = (&pass.values[number], &pass.pre_activations[number]);
            let gradient = layer.backward(x, z, &grad_y);
            // ∂L/∂x = ∂L/∂z Wᵀ, which is ∂L/∂y of the layer in front. The data in front of the first need none.
            if number > 0 {
                grad_y = Matrix::zeros(x.rows(), x.columns);
                grad_y.add_product(gradient.pre_activations.view(), layer.weights.view().transposed());
            }
            gradients.push(gradient);
        }
        gradients.reverse();
        gradients
    }

    /// Calls `change` with everything that is learned and its gradient: for each layer the weights, the biases and the
    /// parameters of the activation.
    pub fn update(&mut self, gradients: &[Gradient], mut change: impl FnMut(&mut [f32], &[f32])) {
        for (layer, gradient) in self.layers.iter_mut().zip(gradients) {
            change(&mut layer.weights.values, &gradient.weights.values);
            change(&mut layer.biases, &gradient.biases);
            let mut learned = layer.learned.clone();
            change(&mut learned, &gradient.learned);
            layer.set_learned(&learned);
        }
    }
}

impl Layer {
    /// The gradient from ∂L/∂y, and from what the forward pass saw.
    fn backward(&self, x: &Matrix, z: &Matrix, grad_y: &Matrix) -> Gradient {
        // ∂L/∂z = ∂L/∂y · f′(z), or the product with f's Jacobian where f is one of rows.
        let mut grad_z = Matrix::zeros(z.rows(), z.columns);
        self.activation.backward(z.columns, &z.values, &grad_y.values, &mut grad_z.values);

        // ∂L/∂p = Σ ∂L/∂y · ∂f(z)/∂p.
        let learned = learned_parameters(&self.activation).map(|name| {
            let gradient = self.activation.backward_parameter(name, &z.values, &grad_y.values);
            gradient.map_or(0.0, |gradient| gradient as f32)
        });
        let learned = learned.collect();

        // ∂L/∂W = xᵀ ∂L/∂z, and ∂L/∂b is the sum of the rows of ∂L/∂z.
        let mut weights = Matrix::zeros(x.columns, z.columns);
        weights.add_product(x.view().transposed(), grad_z.view());
        let mut biases = vec![0.0; z.columns];
        for row in grad_z.iter() {
            for (sum, gradient) in biases.iter_mut().zip(row) {
                *sum += gradient;
            }
        }
        Gradient { weights, biases, learned, pre_activations: grad_z }
    }
}
