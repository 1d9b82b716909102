use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The squared rectified linear unit: f(x) = max(x, 0)², f′(x) = 2 max(x, 0).
///
#[doc = include_str!("../../docs/reference/squared_relu.svg")]
///
/// ```
/// use actfn::{Elementwise, SquaredRelu};
/// assert_eq!((SquaredRelu.value(-3.0), SquaredRelu.value(3.0)), (0.0, 9.0));
/// assert_eq!((SquaredRelu.derivative(-3.0), SquaredRelu.derivative(3.0)), (0.0, 6.0));
/// ```
///
/// Source: So, Mańke, Liu, Dai, Shazeer & Le, Primer: Searching for Efficient Transformers for Language Modeling, 2021,
/// arXiv:2109.08668.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SquaredRelu;

impl Elementwise for SquaredRelu {
    const INFO: Info = Info {
        title: "Squared ReLU",
        aliases: &["relu_squared", "relu2"],
        formula: "max(x, 0)²",
        formula_latex: r"\max(x,0)^2",
        derivative: "2 max(x, 0)",
        derivative_latex: r"2\max(x,0)",
        range: "[0, ∞)",
        smoothness: Smoothness::Differentiable,
        monotonic: true,
        saturates: Saturates::Left,
        gaussian: Some(Gaussian { mean: 0.5, second_moment: 1.5, derivative_second_moment: 2.0 }),
        initialisation: Initialisation::HeNormal,
        uses: "feed-forward layers of Transformers (Primer, Nemotron); sparse activations",
        problems: "grows as x²: f16 overflows above 256; dead units",
        source: "So, Mańke, Liu, Dai, Shazeer & Le, Primer: Searching for Efficient Transformers for Language Modeling, 2021, arXiv:2109.08668",
        year: Some(2021),
        frameworks: &[Framework::new(Convention::Candle, &["Activation::Relu2"])],
        max_ulp: Some(MaxUlp::new(0.5, 0.01).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.51, 0.01).second(0.0)),
        known: &[
            [-20.0, 0.0, 0.0],
            [-5.0, 0.0, 0.0],
            [-2.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [-0.5, 0.0, 0.0],
            [-0.001, 0.0, 0.0],
            [0.0, 0.0, 0.0],
            [0.001, 1.0e-6, 0.002],
            [0.5, 0.25, 1.0],
            [1.0, 1.0, 2.0],
            [2.0, 4.0, 4.0],
            [5.0, 25.0, 10.0],
            [20.0, 400.0, 40.0],
        ],
        ..Info::new("squared_relu")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Subnormal;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let r = if x < R::ZERO { R::ZERO } else { x };
        r * r
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let r = if x < R::ZERO { R::ZERO } else { x };
        r + r
    }
}
