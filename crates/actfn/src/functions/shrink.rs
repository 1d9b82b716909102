use crate::activation::*;
use crate::{Convention, Framework, Real};

/// Shrinkage as in ONNX: f(x) = x − b for x > λ, x + b for x < −λ, 0 between; f′(x) = 1 or 0.
///
#[doc = include_str!("../../docs/reference/shrink.svg")]
///
/// With b = 0, the default of ONNX, it is [`Hardshrink`](crate::Hardshrink); with b = λ, the default of burn, it is
/// [`Softshrink`](crate::Softshrink).
///
/// ```
/// use actfn::{Elementwise, Shrink};
/// let shrink = Shrink { lambd: 0.5, bias: 0.25 };
/// assert_eq!((shrink.value(-2.0), shrink.value(0.5), shrink.value(0.75)), (-1.75, 0.0, 0.5));
/// assert_eq!((shrink.derivative(0.5), shrink.derivative(0.75)), (0.0, 1.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shrink {
    /// The threshold λ.
    pub lambd: f64,
    /// What is taken off beyond λ.
    pub bias: f64,
}

impl Default for Shrink {
    fn default() -> Self {
        Self { lambd: 0.5, bias: 0.0 }
    }
}

impl Elementwise for Shrink {
    const INFO: Info = Info {
        title: "Shrink (ONNX)",
        formula: "x − b for x > λ, x + b for x < −λ, 0 between",
        formula_latex: r"\begin{cases}x-b&x>\lambda\\x+b&x<-\lambda\\0&|x|\le\lambda\end{cases}",
        derivative: "1 for |x| > λ, 0 for |x| ≤ λ",
        derivative_latex: r"\begin{cases}1&|x|>\lambda\\0&|x|\le\lambda\end{cases}",
        parameters: &[
            Parameter {
                name: "lambd",
                meaning: "the threshold λ",
                default: 0.5,
                domain: Domain::NonNegative,
                learnable: false,
            },
            Parameter {
                name: "bias",
                meaning: "what is taken off beyond λ",
                default: 0.0,
                domain: Domain::Finite,
                learnable: false,
            },
        ],
        range: "(−∞, −λ + b) ∪ {0} ∪ (λ − b, ∞)",
        smoothness: Smoothness::Discontinuous,
        kinks: &[-0.5, 0.5],
        monotonic: true,
        zero_centred: true,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.969141, derivative_second_moment: 0.617075 }),
        uses: "the common parent of hard and soft shrinkage",
        problems: "ONNX has b = 0 (hard) by default, burn has ½ (soft)",
        source: "ONNX operator Shrink, opset 9; no paper is known",
        frameworks: &[
            Framework::new(Convention::Onnx, &["Shrink"]).note("as hardshrink by default"),
            Framework::new(Convention::Burn, &["activation::shrink", "nn::Shrink"])
                .sets(&[("bias", 0.5)])
                .note("as softshrink by default"),
        ],
        max_ulp: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        known: &[
            [-20.0, -20.0, 1.0],
            [-5.0, -5.0, 1.0],
            [-2.0, -2.0, 1.0],
            [-1.0, -1.0, 1.0],
            [-0.5, 0.0, 0.0],
            [-0.001, 0.0, 0.0],
            [0.0, 0.0, 0.0],
            [0.001, 0.0, 0.0],
            [0.5, 0.0, 0.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("shrink")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let distance = x.abs();
        let shrunk = (distance - R::from_f64(self.bias)) * R::ONE.copysign(x);
        if distance > R::from_f64(self.lambd) { shrunk } else { R::ZERO }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        if x.abs() > R::from_f64(self.lambd) { R::ONE } else { R::ZERO }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "lambd" => Some(&mut self.lambd),
            "bias" => Some(&mut self.bias),
            _ => None,
        }
    }
}
