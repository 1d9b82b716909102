use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The sign: f(x) = −1 for x < 0, 1 for x > 0; f′(x) = 0.
///
#[doc = include_str!("../../docs/reference/sign.svg")]
///
/// ```
/// use actfn::{Elementwise, Sign};
/// let sign = Sign::default();
/// assert_eq!((sign.value(-2.0), sign.value(0.0), sign.value(3.0)), (-1.0, 0.0, 1.0));
/// assert_eq!(sign.derivative(3.0), 0.0);
/// ```
///
/// Source: Courbariaux, Hubara, Soudry, El-Yaniv & Bengio, Binarized Neural Networks, 2016, arXiv:1602.02830.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sign {
    /// f(0): 0 by default, as torch, JAX and TensorFlow have it.
    pub value_at_zero: f64,
}

impl Default for Sign {
    fn default() -> Self {
        Self { value_at_zero: 0.0 }
    }
}

impl Elementwise for Sign {
    const INFO: Info = Info {
        title: "Sign (bipolar step)",
        aliases: &["signum", "bipolar_step", "hard_limiter"],
        formula: "−1 for x < 0, 1 for x > 0",
        formula_latex: r"\begin{cases}-1&x<0\\0&x=0\\1&x>0\end{cases}",
        derivative: "0 (undefined at 0)",
        derivative_latex: r"0\quad(x\ne0)",
        parameters: &[Parameter {
            name: "value_at_zero",
            meaning: "f(0)",
            default: 0.0,
            domain: Domain::Between { min: -1.0, max: 1.0 },
            learnable: false,
        }],
        range: "{−1, 0, 1}",
        smoothness: Smoothness::Discontinuous,
        kinks: &[0.0],
        monotonic: true,
        zero_centred: true,
        saturates: Saturates::Both,
        max_derivative: 0.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 1.0, derivative_second_moment: 0.0 }),
        uses: "binarised networks, with a straight-through estimator for the gradient",
        problems: "its derivative is 0: backpropagation leaves every weight below it unchanged",
        source: "Courbariaux, Hubara, Soudry, El-Yaniv & Bengio, Binarized Neural Networks, 2016, arXiv:1602.02830",
        year: Some(2016),
        frameworks: &[
            Framework::new(Convention::Torch, &["torch.sign"]),
            Framework::new(Convention::Jax, &["jnp.sign"]),
            Framework::new(Convention::TensorFlow, &["tf.sign"]),
            Framework::new(Convention::Onnx, &["Sign"]),
            Framework::new(Convention::Candle, &["Tensor::sign"]),
        ],
        max_ulp: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        known: &[
            [-20.0, -1.0, 0.0],
            [-5.0, -1.0, 0.0],
            [-2.0, -1.0, 0.0],
            [-1.0, -1.0, 0.0],
            [-0.5, -1.0, 0.0],
            [-0.001, -1.0, 0.0],
            [0.0, 0.0, 0.0],
            [0.001, 1.0, 0.0],
            [0.5, 1.0, 0.0],
            [1.0, 1.0, 0.0],
            [2.0, 1.0, 0.0],
            [5.0, 1.0, 0.0],
            [20.0, 1.0, 0.0],
        ],
        ..Info::new("sign")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        if x == R::ZERO { R::from_f64(self.value_at_zero) } else { R::ONE.copysign(x) }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let _ = x;
        R::ZERO
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "value_at_zero").then_some(&mut self.value_at_zero)
    }
}
