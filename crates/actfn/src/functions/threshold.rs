use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The threshold: f(x) = x for x > θ, v for x ≤ θ; f′(x) = 1 or 0.
///
#[doc = include_str!("../../docs/reference/threshold.svg")]
///
/// torch and Keras leave θ and v to the caller; here they are 1 and 0 by default. At θ itself f′ is 0 in every
/// framework.
///
/// ```
/// use actfn::{Elementwise, Threshold};
/// let threshold = Threshold { threshold: 0.5, value: -1.0 };
/// assert_eq!((threshold.value(0.5), threshold.value(0.75)), (-1.0, 0.75));
/// assert_eq!((threshold.derivative(0.5), threshold.derivative(0.75)), (0.0, 1.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The threshold θ.
    pub threshold: f64,
    /// The value v at or below θ.
    pub value: f64,
}

impl Default for Threshold {
    fn default() -> Self {
        Self { threshold: 1.0, value: 0.0 }
    }
}

impl Elementwise for Threshold {
    const INFO: Info = Info {
        title: "Threshold",
        formula: "x for x > θ, v for x ≤ θ",
        formula_latex: r"\begin{cases}x&x>\theta\\v&x\le\theta\end{cases}",
        derivative: "1 for x > θ, 0 for x ≤ θ",
        derivative_latex: r"\begin{cases}1&x>\theta\\0&x\le\theta\end{cases}",
        parameters: &[
            Parameter {
                name: "threshold",
                meaning: "the threshold θ",
                default: 1.0,
                domain: Domain::Finite,
                learnable: false,
            },
            Parameter {
                name: "value",
                meaning: "the value v at or below θ",
                default: 0.0,
                domain: Domain::Finite,
                learnable: false,
            },
        ],
        range: "{v} ∪ (θ, ∞)",
        smoothness: Smoothness::Discontinuous,
        kinks: &[1.0],
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.241971, second_moment: 0.400626, derivative_second_moment: 0.158655 }),
        initialisation: Initialisation::HeNormal,
        uses: "a building block",
        problems: "jumps at θ unless v = θ; dead units",
        source: "torch.nn.Threshold; no paper is known",
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.Threshold", "F.threshold"]).note("θ and v have no default there"),
            Framework::new(Convention::Keras, &["keras.activations.threshold"])
                .renames(&[("default_value", "value")])
                .note("θ and v have no default there"),
            Framework::new(Convention::Burn, &["activation::threshold"]).note("θ and v have no default there"),
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
        ..Info::new("threshold")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        if x > R::from_f64(self.threshold) { x } else { R::from_f64(self.value) }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        if x > R::from_f64(self.threshold) { R::ONE } else { R::ZERO }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "threshold" => Some(&mut self.threshold),
            "value" => Some(&mut self.value),
            _ => None,
        }
    }
}
