use super::Sigmoid;
use crate::activation::*;
use crate::kernel::row;
use crate::{Convention, Framework, Real};

/// The gated linear unit: y = a σ(b) for the row [a, b]; ∂y/∂a = σ(b), ∂y/∂b = a σ(b) σ(−b). A row of n numbers gives
/// n/2.
///
#[doc = include_str!("../../docs/reference/glu.svg")]
///
/// The second half is the gate in torch, JAX, Keras and burn.
///
/// An infinite value times a gate that is 0, or so small that any product with it is, is NaN, as the product is.
///
/// ```
/// use actfn::{Glu, rows};
/// let mut y = [0.0f32; 2];
/// rows::forward(Glu::default(), 4, &[3.0, -2.0, 0.0, 0.0], &mut y);
/// assert_eq!(y, [1.5, -1.0]);
/// ```
///
/// Source: Dauphin, Fan, Auli & Grangier, Language Modeling with Gated Convolutional Networks, 2016, arXiv:1612.08083.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Glu {
    /// 1 if the first half of the row is the gate, 0 if the second is: 0 by default.
    pub gate_first: f64,
}

impl Rowwise for Glu {
    const INFO: Info = Info {
        title: "GLU (gated linear unit)",
        formula: "y = a σ(b) for the row [a, b]",
        formula_latex: r"y=a\,\sigma(b)",
        derivative: "∂y/∂a = σ(b), ∂y/∂b = a σ(b) σ(−b)",
        derivative_latex: r"\frac{\partial y}{\partial a}=\sigma(b),\quad\frac{\partial y}{\partial b}=a\,\sigma(b)\,\sigma(-b)",
        parameters: &[Parameter {
            name: "gate_first",
            meaning: "the first half of the row is the gate",
            default: 0.0,
            domain: Domain::Flag,
            learnable: false,
        }],
        uses: "gated convolutions; conformers",
        problems: "which half is the gate is a convention; needs twice the inputs",
        source: "Dauphin, Fan, Auli & Grangier, Language Modeling with Gated Convolutional Networks, 2016, arXiv:1612.08083",
        year: Some(2016),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.GLU", "F.glu"]),
            Framework::new(Convention::Jax, &["jax.nn.glu"]),
            Framework::new(Convention::Keras, &["keras.activations.glu"]),
            Framework::new(Convention::Burn, &["activation::glu"]).note("dim has no default there"),
        ],
        max_ulp: Some(MaxUlp::of_rows(1.78, 3.38)),
        max_ulp_f64: Some(MaxUlp::of_rows(1.78, 3.53)),
        known_rows: &[
            (&[1.0, 2.0, 3.0, 4.0], &[0.95257412682243321912, 1.9640275800758168839]),
            (&[-1.0, 0.5, 2.0, -3.0], &[-0.88079707797788244406, 0.023712936588783390439]),
            (&[0.0, 0.0, 0.0, 0.0], &[0.0, 0.0]),
            (&[5.0, -5.0, 1.0, 1.0], &[3.6552928931500243963, -3.6552928931500243963]),
        ],
        ..Info::new("glu")
    };

    fn outputs(self, inputs: usize) -> Option<usize> {
        row::half_of(inputs)
    }

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        row::gated(Sigmoid, self.gate_first == 1.0, x, y);
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        row::gated_backward(Sigmoid, self.gate_first == 1.0, x, grad_y, grad_x);
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "gate_first").then_some(&mut self.gate_first)
    }
}
