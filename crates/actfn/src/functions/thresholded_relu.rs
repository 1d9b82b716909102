use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The thresholded ReLU: f(x) = x for x > θ, 0 for x ≤ θ; f′(x) = 1 or 0. At θ itself f′ is 0 in every framework.
///
#[doc = include_str!("../../docs/reference/thresholded_relu.svg")]
///
/// ```
/// use actfn::{Elementwise, ThresholdedRelu};
/// let relu = ThresholdedRelu { theta: 0.5 };
/// assert_eq!((relu.value(0.5), relu.value(0.75)), (0.0, 0.75));
/// assert_eq!((relu.derivative(0.5), relu.derivative(0.75)), (0.0, 1.0));
/// ```
///
/// Source: Konda, Memisevic & Krueger, Zero-bias autoencoders and the benefits of co-adapting features, 2014,
/// arXiv:1402.3337.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThresholdedRelu {
    /// The threshold θ: 1 by default, as in ONNX; 0 in Keras.
    pub theta: f64,
}

impl Default for ThresholdedRelu {
    fn default() -> Self {
        Self { theta: 1.0 }
    }
}

impl Elementwise for ThresholdedRelu {
    const INFO: Info = Info {
        title: "Thresholded ReLU",
        aliases: &["trelu"],
        formula: "x for x > θ, 0 for x ≤ θ",
        formula_latex: r"\begin{cases}x&x>\theta\\0&x\le\theta\end{cases}",
        derivative: "1 for x > θ, 0 for x ≤ θ",
        derivative_latex: r"\begin{cases}1&x>\theta\\0&x\le\theta\end{cases}",
        parameters: &[Parameter {
            name: "theta",
            meaning: "the threshold θ",
            default: 1.0,
            domain: Domain::Finite,
            learnable: false,
        }],
        range: "{0} ∪ (θ, ∞)",
        smoothness: Smoothness::Discontinuous,
        kinks: &[1.0],
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.241971, second_moment: 0.400626, derivative_second_moment: 0.158655 }),
        initialisation: Initialisation::HeNormal,
        uses: "auto-encoders without biases",
        problems: "jumps by θ; dead units",
        source: "Konda, Memisevic & Krueger, Zero-bias autoencoders and the benefits of co-adapting features, 2014, arXiv:1402.3337",
        year: Some(2014),
        frameworks: &[
            Framework::new(Convention::Onnx, &["ThresholdedRelu"]).renames(&[("alpha", "theta")]),
            Framework::new(Convention::Burn, &["activation::thresholded_relu"]),
            Framework::new(Convention::Flux, &["trelu", "thresholdrelu"])
                .note("for θ < 0 its derivative is 0 on (θ, 0), where it should be 1"),
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
            [0.001, 0.0, 0.0],
            [0.5, 0.0, 0.0],
            [1.0, 0.0, 0.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("thresholded_relu")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        if x > R::from_f64(self.theta) { x } else { R::ZERO }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        if x > R::from_f64(self.theta) { R::ONE } else { R::ZERO }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "theta").then_some(&mut self.theta)
    }
}
