use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The parametric ReLU: f(x) = x for x ≥ 0, a x for x < 0; f′(x) = 1 or a.
///
#[doc = include_str!("../../docs/reference/prelu.svg")]
///
/// The leaky ReLU whose slope a is learned, one for the layer or one per channel. It starts at 0.25 in torch, at 0 in
/// Keras.
///
/// ```
/// use actfn::{Elementwise, Prelu};
/// let prelu = Prelu { negative_slope: 0.5, ..Default::default() };
/// assert_eq!((prelu.value(-2.0), prelu.value(3.0)), (-1.0, 3.0));
/// assert_eq!((prelu.derivative(-2.0), prelu.derivative(0.0), prelu.derivative(3.0)), (0.5, 0.5, 1.0));
/// ```
///
/// Source: He, Zhang, Ren & Sun, Delving Deep into Rectifiers, 2015, arXiv:1502.01852.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prelu {
    /// The slope a for x < 0.
    pub negative_slope: f64,
    /// Where f′(0) lies between the two slopes: 0, by default, takes a as torch does, 1 takes 1 (burn), ½ their mean
    /// (candle).
    pub weight_at_zero: f64,
}

impl Default for Prelu {
    fn default() -> Self {
        Self { negative_slope: 0.25, weight_at_zero: 0.0 }
    }
}

impl Elementwise for Prelu {
    const INFO: Info = Info {
        title: "PReLU (parametric ReLU)",
        aliases: &["parametric_relu"],
        formula: "x for x ≥ 0, a x for x < 0",
        formula_latex: r"\begin{cases}ax&x<0\\x&x\ge0\end{cases}",
        derivative: "1 for x > 0, a for x < 0",
        derivative_latex: r"\begin{cases}a&x<0\\1&x>0\end{cases}",
        parameters: &[
            Parameter {
                name: "negative_slope",
                meaning: "the slope a for x < 0",
                default: 0.25,
                domain: Domain::Finite,
                learnable: true,
            },
            Parameter {
                name: "weight_at_zero",
                meaning: "f′(0) = a + weight · (1 − a)",
                default: 0.0,
                domain: Domain::WEIGHT,
                learnable: false,
            },
        ],
        smoothness: Smoothness::Continuous,
        kinks: &[0.0],
        monotonic: true,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.299207, second_moment: 0.53125, derivative_second_moment: 0.53125 }),
        initialisation: Initialisation::HeNormal,
        uses: "deep convolutional networks; super-resolution",
        problems: "its slope should not be weight-decayed",
        source: "He, Zhang, Ren & Sun, Delving Deep into Rectifiers, 2015, arXiv:1502.01852",
        year: Some(2015),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.PReLU", "F.prelu"]).renames(&[("init", "negative_slope")]),
            Framework::new(Convention::Keras, &["keras.layers.PReLU"])
                .sets(&[("negative_slope", 0.0)])
                .note("learns one slope per element"),
            Framework::new(Convention::Onnx, &["PRelu"]).note("the slope is an input there"),
            Framework::new(Convention::Burn, &["activation::prelu", "nn::PRelu"]).sets(&[("weight_at_zero", 1.0)]),
            Framework::new(Convention::Candle, &["PReLU", "prelu"]).sets(&[("weight_at_zero", 0.5)]),
        ],
        max_ulp: Some(MaxUlp::new(0.5, 0.0).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.01, 0.0).second(0.0)),
        known: &[
            [-20.0, -5.0, 0.25],
            [-5.0, -1.25, 0.25],
            [-2.0, -0.5, 0.25],
            [-1.0, -0.25, 0.25],
            [-0.5, -0.125, 0.25],
            [-0.001, -0.00025, 0.25],
            [0.0, 0.0, 0.25],
            [0.001, 0.001, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("prelu")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Subnormal;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        if x < R::ZERO { R::from_f64(self.negative_slope) * x } else { x }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let a = R::from_f64(self.negative_slope);
        let slope = if x < R::ZERO { a } else { R::ONE };
        if x == R::ZERO { R::from_f64(self.weight_at_zero).mul_add(R::ONE - a, a) } else { slope }
    }

    #[inline(always)]
    fn parameter_derivative<R: Real>(self, _: usize, x: R) -> R {
        if x < R::ZERO { x } else { R::ZERO }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "negative_slope" => Some(&mut self.negative_slope),
            "weight_at_zero" => Some(&mut self.weight_at_zero),
            _ => None,
        }
    }
}
