use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The absolute value: f(x) = |x|, f′(x) = ±1.
///
#[doc = include_str!("../../docs/reference/abs.svg")]
///
/// ```
/// use actfn::{Abs, Elementwise};
/// assert_eq!((Abs::default().value(-2.0), Abs::default().value(3.0)), (2.0, 3.0));
/// assert_eq!((Abs::default().derivative(-2.0), Abs::default().derivative(3.0)), (-1.0, 1.0));
/// ```
///
/// Source: Jarrett, Kavukcuoglu, Ranzato & LeCun, What is the best multi-stage architecture for object recognition?,
/// ICCV 2009.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Abs {
    /// f′(0), between −1 and 1: 0 by default, as torch and TensorFlow have it; JAX and candle have 1.
    pub derivative_at_zero: f64,
}

impl Default for Abs {
    fn default() -> Self {
        Self { derivative_at_zero: 0.0 }
    }
}

impl Elementwise for Abs {
    const INFO: Info = Info {
        title: "Absolute value",
        aliases: &["absolute_value", "full_wave_rectifier"],
        formula: "|x|",
        formula_latex: r"|x|",
        derivative: "1 for x > 0, −1 for x < 0",
        derivative_latex: r"\begin{cases}-1&x<0\\1&x>0\end{cases}",
        parameters: &[Parameter {
            name: "derivative_at_zero",
            meaning: "f′(0)",
            default: 0.0,
            domain: Domain::Between { min: -1.0, max: 1.0 },
            learnable: false,
        }],
        range: "[0, ∞)",
        smoothness: Smoothness::Continuous,
        kinks: &[0.0],
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.797885, second_moment: 1.0, derivative_second_moment: 1.0 }),
        uses: "image features; the rectification stage of early convolutional networks",
        problems: "not monotonic: it forgets the sign",
        source: "Jarrett, Kavukcuoglu, Ranzato & LeCun, What is the best multi-stage architecture for object recognition?, ICCV 2009",
        year: Some(2009),
        frameworks: &[
            Framework::new(Convention::Torch, &["torch.abs"]),
            Framework::new(Convention::Jax, &["jnp.abs"]).sets(&[("derivative_at_zero", 1.0)]),
            Framework::new(Convention::TensorFlow, &["tf.abs"]),
            Framework::new(Convention::Onnx, &["Abs"]),
            Framework::new(Convention::Candle, &["Tensor::abs"]).sets(&[("derivative_at_zero", 1.0)]),
        ],
        max_ulp: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        known: &[
            [-20.0, 20.0, -1.0],
            [-5.0, 5.0, -1.0],
            [-2.0, 2.0, -1.0],
            [-1.0, 1.0, -1.0],
            [-0.5, 0.5, -1.0],
            [-0.001, 0.001, -1.0],
            [0.0, 0.0, 0.0],
            [0.001, 0.001, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("abs")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        x.abs()
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        if x == R::ZERO { R::from_f64(self.derivative_at_zero) } else { R::ONE.copysign(x) }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "derivative_at_zero").then_some(&mut self.derivative_at_zero)
    }
}
