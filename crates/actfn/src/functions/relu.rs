use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The rectified linear unit: f(x) = max(x, 0), f′(x) = 0 for x < 0, 1 for x > 0.
///
#[doc = include_str!("../../docs/reference/relu.svg")]
///
/// ```
/// use actfn::{Elementwise, Relu};
/// let relu = Relu::default();
/// assert_eq!((relu.value(-2.0), relu.value(3.0)), (0.0, 3.0));
/// assert_eq!((relu.derivative(-2.0), relu.derivative(3.0)), (0.0, 1.0));
/// ```
///
/// Source: Nair & Hinton, Rectified linear units improve restricted Boltzmann machines, ICML 2010.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relu {
    /// f′(0), any subgradient in [0, 1]: 1 by default, as "1 for x ≥ 0" says; torch, JAX and TensorFlow have 0.
    pub derivative_at_zero: f64,
}

impl Default for Relu {
    fn default() -> Self {
        Self { derivative_at_zero: 1.0 }
    }
}

impl Elementwise for Relu {
    const INFO: Info = Info {
        title: "ReLU (rectified linear unit)",
        aliases: &["rectifier", "ramp"],
        formula: "max(x, 0)",
        formula_latex: r"\max(x,0)",
        derivative: "0 for x < 0, 1 for x ≥ 0",
        derivative_latex: r"\begin{cases}0&x<0\\1&x\ge0\end{cases}",
        parameters: &[Parameter {
            name: "derivative_at_zero",
            meaning: "f′(0)",
            default: 1.0,
            domain: Domain::Between { min: 0.0, max: 1.0 },
            learnable: false,
        }],
        range: "[0, ∞)",
        smoothness: Smoothness::Continuous,
        kinks: &[0.0],
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.398942, second_moment: 0.5, derivative_second_moment: 0.5 }),
        initialisation: Initialisation::HeNormal,
        uses: "the default of hidden layers in convolutional and fully connected networks",
        problems: "units that are negative on every sample get no gradient and stay dead; output not zero-centred",
        source: "Nair & Hinton 2010, ICML",
        year: Some(2010),
        frameworks: &[
            Framework::new(Convention::Page, &["relu"]),
            Framework::new(Convention::Torch, &["nn.ReLU", "F.relu"]).sets(&[("derivative_at_zero", 0.0)]),
            Framework::new(Convention::Jax, &["jax.nn.relu"]).sets(&[("derivative_at_zero", 0.0)]),
            Framework::new(Convention::TensorFlow, &["tf.nn.relu"]).sets(&[("derivative_at_zero", 0.0)]),
            Framework::new(Convention::Keras, &["keras.activations.relu", "keras.layers.ReLU"])
                .sets(&[("derivative_at_zero", 0.0)])
                .note("with negative_slope, max_value or threshold it is keras_relu"),
            Framework::new(Convention::Onnx, &["Relu"]),
            Framework::new(Convention::Burn, &["activation::relu"]).sets(&[("derivative_at_zero", 0.0)]),
            Framework::new(Convention::Candle, &["Tensor::relu", "Activation::Relu"]),
            Framework::new(Convention::Flux, &["relu"]).sets(&[("derivative_at_zero", 0.0)]),
        ],
        max_ulp: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        known: &[
            [-20.0, 0.0, 0.0],
            [-5.0, 0.0, 0.0],
            [-2.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [-0.5, 0.0, 0.0],
            [-0.001, 0.0, 0.0],
            [0.0, 0.0, 1.0],
            [0.001, 0.0010000000000000000208, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("relu")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // Not max(x, 0), which would lose NaN and −0.
        if x < R::ZERO { R::ZERO } else { x }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let slope = if x < R::ZERO { R::ZERO } else { R::ONE };
        if x == R::ZERO { R::from_f64(self.derivative_at_zero) } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "derivative_at_zero").then_some(&mut self.derivative_at_zero)
    }
}
