use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The hard sigmoid: f(x) = min(max(x + 3, 0), 6) / 6; f′(x) = 1/6 for −3 < x < 3, 0 outside.
///
#[doc = include_str!("../../docs/reference/hardsigmoid.svg")]
///
/// torch, JAX, Keras 3 and candle have this slope; ONNX and Keras 2 have 0.2, which is
/// [`OnnxHardSigmoid`](crate::OnnxHardSigmoid).
///
/// ```
/// use actfn::{Elementwise, Hardsigmoid};
/// let hard = Hardsigmoid::default();
/// assert_eq!((hard.value(-4.0), hard.value(0.0), hard.value(1.5)), (0.0, 0.5, 0.75));
/// assert_eq!((hard.derivative(-4.0), hard.derivative(0.0)), (0.0, 1.0 / 6.0));
/// ```
///
/// Source: Courbariaux, Bengio & David, BinaryConnect, 2015, arXiv:1511.00363; this slope: Howard et al., Searching for
/// MobileNetV3, 2019, arXiv:1905.02244.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hardsigmoid {
    /// f′(−3) and f′(3), between 0 and 1/6: 0 by default, as torch, JAX and TensorFlow have it; burn has 1/6, candle
    /// 1/12.
    pub derivative_at_kinks: f64,
}

impl Default for Hardsigmoid {
    fn default() -> Self {
        Self { derivative_at_kinks: 0.0 }
    }
}

impl Elementwise for Hardsigmoid {
    const INFO: Info = Info {
        title: "Hard sigmoid",
        aliases: &["hard_sigmoid"],
        formula: "min(max(x + 3, 0), 6) / 6",
        formula_latex: r"\frac{\min(\max(x+3,0),6)}{6}",
        derivative: "1/6 for −3 < x < 3, 0 outside",
        derivative_latex: r"\begin{cases}\tfrac16&-3<x<3\\0&|x|>3\end{cases}",
        parameters: &[Parameter {
            name: "derivative_at_kinks",
            meaning: "f′(−3) and f′(3)",
            default: 0.0,
            domain: Domain::Between { min: 0.0, max: 1.0 / 6.0 },
            learnable: false,
        }],
        range: "[0, 1]",
        smoothness: Smoothness::Continuous,
        kinks: &[-3.0, 3.0],
        monotonic: true,
        saturates: Saturates::Both,
        max_derivative: 1.0 / 6.0,
        gaussian: Some(Gaussian { mean: 0.5, second_moment: 0.277639, derivative_second_moment: 0.027703 }),
        uses: "gates on mobile devices (MobileNetV3)",
        problems: "two slopes go by this name: 1/6, and 0.2 in ONNX and Keras 2; no gradient outside [−3, 3]",
        source: "Courbariaux, Bengio & David, BinaryConnect, 2015, arXiv:1511.00363; this slope: Howard et al., Searching for MobileNetV3, 2019, arXiv:1905.02244",
        year: Some(2015),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.Hardsigmoid", "F.hardsigmoid"]),
            Framework::new(Convention::Jax, &["jax.nn.hard_sigmoid"]),
            Framework::new(Convention::Keras, &["keras.activations.hard_sigmoid"]).note("Keras 2 had the slope 0.2"),
            Framework::new(Convention::Candle, &["ops::hard_sigmoid", "Activation::HardSigmoid"])
                .sets(&[("derivative_at_kinks", 1.0 / 12.0)]),
            Framework::new(Convention::Flux, &["hardσ", "hardsigmoid"]),
        ],
        max_ulp: Some(MaxUlp::new(1.01, 0.34).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(1.01, 0.34).second(0.0)),
        known: &[
            [-20.0, 0.0, 0.0],
            [-5.0, 0.0, 0.0],
            [-2.0, 0.16666666666666666667, 0.16666666666666666667],
            [-1.0, 0.33333333333333333333, 0.16666666666666666667],
            [-0.5, 0.41666666666666666667, 0.16666666666666666667],
            [-0.001, 0.49983333333333333333, 0.16666666666666666667],
            [0.0, 0.5, 0.16666666666666666667],
            [0.001, 0.50016666666666666667, 0.16666666666666666667],
            [0.5, 0.58333333333333333333, 0.16666666666666666667],
            [1.0, 0.66666666666666666667, 0.16666666666666666667],
            [2.0, 0.83333333333333333333, 0.16666666666666666667],
            [5.0, 1.0, 0.0],
            [20.0, 1.0, 0.0],
        ],
        ..Info::new("hardsigmoid")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let six = R::from_f64(6.0);
        let t = x + R::from_f64(3.0); // exact near −3
        let t = if t < R::ZERO { R::ZERO } else { t };
        let t = if t > six { six } else { t };
        t / six
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let distance = x.abs();
        let three = R::from_f64(3.0);
        let slope = if distance < three { R::from_f64(1.0 / 6.0) } else { R::ZERO };
        if distance == three { R::from_f64(self.derivative_at_kinks) } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "derivative_at_kinks").then_some(&mut self.derivative_at_kinks)
    }
}
