use crate::activation::*;
use crate::math::pair::product_to_odd;
use crate::{Convention, Framework, Real};

/// The leaky ReLU: f(x) = x for x ≥ 0, a x for x < 0; f′(x) = 1 or a.
///
#[doc = include_str!("../../docs/reference/leaky_relu.svg")]
///
/// The slope a is 0.1 by default; torch and JAX have 0.01, Keras 0.2 or 0.3.
///
/// ```
/// use actfn::{Elementwise, LeakyRelu};
/// let leaky = LeakyRelu { negative_slope: 0.25, ..Default::default() };
/// assert_eq!((leaky.value(-2.0), leaky.value(3.0)), (-0.5, 3.0));
/// assert_eq!((leaky.derivative(-2.0), leaky.derivative(3.0)), (0.25, 1.0));
/// ```
///
/// Source: Maas, Hannun & Ng, Rectifier nonlinearities improve neural network acoustic models, ICML 2013.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyRelu {
    /// The slope a for x < 0.
    pub negative_slope: f64,
    /// Where f′(0) lies between the two slopes: 1, by default, takes 1 as JAX does, 0 takes a (torch, TensorFlow), ½ their
    /// mean (candle).
    pub weight_at_zero: f64,
}

impl Default for LeakyRelu {
    fn default() -> Self {
        Self { negative_slope: 0.1, weight_at_zero: 1.0 }
    }
}

impl Elementwise for LeakyRelu {
    const INFO: Info = Info {
        title: "Leaky ReLU",
        aliases: &["lrelu"],
        formula: "x for x ≥ 0, a x for x < 0",
        formula_latex: r"\begin{cases}ax&x<0\\x&x\ge0\end{cases}",
        derivative: "1 for x ≥ 0, a for x < 0",
        derivative_latex: r"\begin{cases}a&x<0\\1&x\ge0\end{cases}",
        parameters: &[
            Parameter {
                name: "negative_slope",
                meaning: "the slope a for x < 0",
                default: 0.1,
                domain: Domain::Finite,
                learnable: false,
            },
            Parameter {
                name: "weight_at_zero",
                meaning: "f′(0) = a + weight · (1 − a)",
                default: 1.0,
                domain: Domain::WEIGHT,
                learnable: false,
            },
        ],
        smoothness: Smoothness::Continuous,
        kinks: &[0.0],
        monotonic: true,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.359048, second_moment: 0.505, derivative_second_moment: 0.505 }),
        initialisation: Initialisation::HeNormal,
        uses: "in place of ReLU where dead units are a concern; discriminators of GANs",
        problems: "the default slope differs between libraries: 0.01, 0.1, 0.2, 0.3",
        source: "Maas, Hannun & Ng 2013, ICML",
        year: Some(2013),
        frameworks: &[
            Framework::new(Convention::Page, &["leaky_relu"]),
            Framework::new(Convention::Torch, &["nn.LeakyReLU", "F.leaky_relu"])
                .sets(&[("negative_slope", 0.01), ("weight_at_zero", 0.0)]),
            Framework::new(Convention::Jax, &["jax.nn.leaky_relu"]).sets(&[("negative_slope", 0.01)]),
            Framework::new(Convention::TensorFlow, &["tf.nn.leaky_relu"])
                .sets(&[("negative_slope", 0.2), ("weight_at_zero", 0.0)])
                .renames(&[("alpha", "negative_slope")]),
            Framework::new(Convention::Keras, &["keras.activations.leaky_relu"])
                .sets(&[("negative_slope", 0.2), ("weight_at_zero", 0.0)])
                .note("the layer LeakyReLU has another slope"),
            Framework::new(Convention::Keras, &["keras.layers.LeakyReLU"])
                .sets(&[("negative_slope", 0.3), ("weight_at_zero", 0.0)])
                .note("the function leaky_relu has another slope"),
            Framework::new(Convention::Onnx, &["LeakyRelu"])
                .sets(&[("negative_slope", 0.01)])
                .renames(&[("alpha", "negative_slope")]),
            Framework::new(Convention::Burn, &["activation::leaky_relu", "nn::LeakyRelu"])
                .sets(&[("negative_slope", 0.01)]),
            Framework::new(Convention::Candle, &["ops::leaky_relu", "Activation::LeakyRelu"])
                .sets(&[("weight_at_zero", 0.5)])
                .note("the slope has no default there"),
            Framework::new(Convention::Flux, &["leakyrelu"]).sets(&[("negative_slope", 0.01), ("weight_at_zero", 0.0)]),
        ],
        max_ulp: Some(MaxUlp::new(0.61, 0.2).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.75, 0.01).second(0.0)),
        known: &[
            [-20.0, -2.0, 0.1],
            [-5.0, -0.5, 0.1],
            [-2.0, -0.2, 0.1],
            [-1.0, -0.1, 0.1],
            [-0.5, -0.05, 0.1],
            [-0.001, -1.0000000000000000208e-4, 0.1],
            [0.0, 0.0, 1.0],
            [0.001, 0.0010000000000000000208, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("leaky_relu")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Subnormal;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        if x < R::ZERO { product_to_odd(R::from_f64(self.negative_slope), x) } else { x }
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(if x < 0.0 { self.negative_slope * x } else { x })
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let a = R::from_f64(self.negative_slope);
        let slope = if x < R::ZERO { a } else { R::ONE };
        if x == R::ZERO { R::from_f64(self.weight_at_zero).mul_add(R::ONE - a, a) } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "negative_slope" => Some(&mut self.negative_slope),
            "weight_at_zero" => Some(&mut self.weight_at_zero),
            _ => None,
        }
    }
}
