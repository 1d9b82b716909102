use alloc::vec;
use alloc::vec::Vec;

use actfn::Real;

use super::{Gradient, Network};

/// How a gradient g changes a parameter w.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Gradient descent with momentum: v ← μ v + g, w ← w − η v.
    Momentum {
        /// μ.
        momentum: f32,
    },
    /// Adam (Kingma & Ba 2015, arXiv:1412.6980), with decoupled weight decay (Loshchilov & Hutter 2019, arXiv:1711.05101):
    /// m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², and after t steps
    /// w ← (1 − η λ) w − η m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε).
    Adam {
        /// β₁ and β₂.
        betas: [f32; 2],
        /// ε.
        epsilon: f32,
        /// λ; 0 for Adam itself.
        weight_decay: f32,
    },
}

/// A rule, and what it remembers of the steps before.
#[derive(Clone, Debug)]
pub struct Optimizer {
    /// The rule.
    pub rule: Rule,
    /// Steps done.
    pub steps: u64,
    /// What is remembered of each layer's weights, biases and learned parameters of the activation.
    pub moments: Vec<Moments>,
}

/// What is remembered of some parameters: two numbers, or one, for each.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// v of momentum, or m of Adam.
    pub first: Vec<f32>,
    /// v of Adam; empty for momentum.
    pub second: Vec<f32>,
}

impl Optimizer {
    /// Before the first step.
    pub fn new(rule: Rule, network: &Network) -> Self {
        let sizes = network
            .layers
            .iter()
            .flat_map(|layer| [layer.weights.values.len(), layer.biases.len(), layer.learned().count()]);
        let second = |size| if matches!(rule, Rule::Momentum { .. }) { 0 } else { size };
        let moments = sizes.map(|size| Moments { first: vec![0.0; size], second: vec![0.0; second(size)] });
        Self { rule, steps: 0, moments: moments.collect() }
    }

    /// Changes a network by the gradients of its layers; η is the learning rate.
    ///
    /// # Panics
    ///
    /// If the network is of another shape than the one it was made for.
    pub fn step(&mut self, learning_rate: f64, network: &mut Network, gradients: &[Gradient]) {
        self.steps += 1;
        let rate = learning_rate as f32;
        let mut moments = self.moments.iter_mut();
        let mut next = || moments.next().expect("there are moments for all that is learned");
        match self.rule {
            Rule::Momentum { momentum } => network.update(gradients, |values, gradients| {
                let velocities = &mut next().first;
                for ((w, v), g) in values.iter_mut().zip(velocities).zip(gradients) {
                    *v = momentum * *v + g;
                    *w -= rate * *v;
                }
            }),
            Rule::Adam { betas: [beta_1, beta_2], epsilon, weight_decay } => {
                let [first_left, second_left] = [beta_1, beta_2].map(|beta| (1.0 - power(beta, self.steps)) as f32);
                let kept = (1.0 - learning_rate * f64::from(weight_decay)) as f32;
                network.update(gradients, |values, gradients| {
                    let Moments { first, second } = next();
                    for (((w, m), v), g) in values.iter_mut().zip(first).zip(second).zip(gradients) {
                        *m = beta_1 * *m + (1.0 - beta_1) * g;
                        *v = beta_2 * *v + (1.0 - beta_2) * (g * g);
                        let step = (*m / first_left) / (Real::sqrt(*v / second_left) + epsilon);
                        *w = kept * *w - rate * step;
                    }
                });
            }
        }
    }
}

/// Powers by squaring: the platform's own may round differently.
fn power(base: f32, mut exponent: u64) -> f64 {
    let (mut square, mut result) = (f64::from(base), 1.0);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result *= square;
        }
        square *= square;
        exponent /= 2;
    }
    result
}
