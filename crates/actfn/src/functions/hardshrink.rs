use crate::activation::*;
use crate::{Convention, Framework, Real};

/// Hard shrinkage: f(x) = x for |x| > λ, 0 for |x| ≤ λ; f′(x) = 1 or 0. At ±λ itself f′ is 0 in every framework.
///
#[doc = include_str!("../../docs/reference/hardshrink.svg")]
///
/// ```
/// use actfn::{Elementwise, Hardshrink};
/// let shrink = Hardshrink { lambd: 0.5 };
/// assert_eq!((shrink.value(-2.0), shrink.value(0.5), shrink.value(0.75)), (-2.0, 0.0, 0.75));
/// assert_eq!((shrink.derivative(0.5), shrink.derivative(0.75)), (0.0, 1.0));
/// ```
///
/// Source: Donoho & Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika 81, 1994.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hardshrink {
    /// The threshold λ.
    pub lambd: f64,
}

impl Default for Hardshrink {
    fn default() -> Self {
        Self { lambd: 0.5 }
    }
}

impl Elementwise for Hardshrink {
    const INFO: Info = Info {
        title: "Hardshrink",
        aliases: &["hard_shrink", "hard_thresholding"],
        formula: "x for |x| > λ, 0 for |x| ≤ λ",
        formula_latex: r"\begin{cases}x&|x|>\lambda\\0&|x|\le\lambda\end{cases}",
        derivative: "1 for |x| > λ, 0 for |x| ≤ λ",
        derivative_latex: r"\begin{cases}1&|x|>\lambda\\0&|x|\le\lambda\end{cases}",
        parameters: &[Parameter {
            name: "lambd",
            meaning: "the threshold λ",
            default: 0.5,
            domain: Domain::Finite,
            learnable: false,
        }],
        range: "(−∞, −λ) ∪ {0} ∪ (λ, ∞)",
        smoothness: Smoothness::Discontinuous,
        kinks: &[-0.5, 0.5],
        monotonic: true,
        zero_centred: true,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.969141, derivative_second_moment: 0.617075 }),
        uses: "sparse coding",
        problems: "jumps at ±λ; no gradient between them",
        source: "Donoho & Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika 81, 1994",
        year: Some(1994),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.Hardshrink", "F.hardshrink"]),
            Framework::new(Convention::Keras, &["keras.activations.hard_shrink"]).renames(&[("threshold", "lambd")]),
            Framework::new(Convention::Burn, &["activation::hard_shrink"]),
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
        ..Info::new("hardshrink")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        if x.abs() > R::from_f64(self.lambd) { x } else { R::ZERO }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        if x.abs() > R::from_f64(self.lambd) { R::ONE } else { R::ZERO }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "lambd").then_some(&mut self.lambd)
    }
}
