use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The rectified linear unit capped at 6: f(x) = min(max(x, 0), 6); f′(x) = 1 for 0 < x < 6, 0 outside.
///
#[doc = include_str!("../../docs/reference/relu6.svg")]
///
/// ```
/// use actfn::{Elementwise, Relu6};
/// let relu6 = Relu6::default();
/// assert_eq!((relu6.value(-1.0), relu6.value(2.5), relu6.value(f64::INFINITY)), (0.0, 2.5, 6.0));
/// assert_eq!((relu6.derivative(2.5), relu6.derivative(6.0)), (1.0, 0.0));
/// ```
///
/// Source: Krizhevsky, Convolutional deep belief networks on CIFAR-10, 2010.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relu6 {
    /// f′(0) and f′(6), between 0 and 1: 0 by default, as torch, JAX and TensorFlow have it; burn has 1, candle ½.
    pub derivative_at_kinks: f64,
}

impl Default for Relu6 {
    fn default() -> Self {
        Self { derivative_at_kinks: 0.0 }
    }
}

impl Elementwise for Relu6 {
    const INFO: Info = Info {
        title: "ReLU6",
        aliases: &["clipped_relu"],
        formula: "min(max(x, 0), 6)",
        formula_latex: r"\min(\max(x,0),6)",
        derivative: "1 for 0 < x < 6, 0 outside",
        derivative_latex: r"\begin{cases}1&0<x<6\\0&x<0\text{ or }x>6\end{cases}",
        parameters: &[Parameter {
            name: "derivative_at_kinks",
            meaning: "f′(0) and f′(6)",
            default: 0.0,
            domain: Domain::Between { min: 0.0, max: 1.0 },
            learnable: false,
        }],
        range: "[0, 6]",
        smoothness: Smoothness::Continuous,
        kinks: &[0.0, 6.0],
        monotonic: true,
        saturates: Saturates::Both,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.398943, second_moment: 0.5, derivative_second_moment: 0.5 }),
        initialisation: Initialisation::HeNormal,
        uses: "mobile and quantised convolutional networks (MobileNet)",
        problems: "dead units on both sides",
        source: "Krizhevsky, Convolutional deep belief networks on CIFAR-10, 2010",
        year: Some(2010),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.ReLU6", "F.relu6"]),
            Framework::new(Convention::Jax, &["jax.nn.relu6"]),
            Framework::new(Convention::TensorFlow, &["tf.nn.relu6"]),
            Framework::new(Convention::Keras, &["keras.activations.relu6"]),
            Framework::new(Convention::Burn, &["activation::relu6"]).sets(&[("derivative_at_kinks", 1.0)]),
            Framework::new(Convention::Candle, &["Activation::Relu6"]).sets(&[("derivative_at_kinks", 0.5)]),
            Framework::new(Convention::Flux, &["relu6"]),
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
            [0.0, 0.0, 0.0],
            [0.001, 0.001, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 6.0, 0.0],
        ],
        ..Info::new("relu6")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let x = if x < R::ZERO { R::ZERO } else { x };
        if x > R::from_f64(6.0) { R::from_f64(6.0) } else { x }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let six = R::from_f64(6.0);
        let slope = if x < R::ZERO || x > six { R::ZERO } else { R::ONE };
        if x == R::ZERO || x == six { R::from_f64(self.derivative_at_kinks) } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "derivative_at_kinks").then_some(&mut self.derivative_at_kinks)
    }
}
