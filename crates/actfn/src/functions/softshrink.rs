use crate::activation::*;
use crate::{Convention, Framework, Real};

/// Soft shrinkage: f(x) = x − λ for x > λ, x + λ for x < −λ, 0 between; f′(x) = 1 or 0.
///
#[doc = include_str!("../../docs/reference/softshrink.svg")]
///
/// The proximal operator of λ |x|. At ±λ itself f′ is 0 in every framework.
///
/// ```
/// use actfn::{Elementwise, Softshrink};
/// let shrink = Softshrink { lambd: 0.5 };
/// assert_eq!((shrink.value(-2.0), shrink.value(0.5), shrink.value(0.75)), (-1.5, 0.0, 0.25));
/// assert_eq!((shrink.derivative(0.5), shrink.derivative(0.75)), (0.0, 1.0));
/// ```
///
/// Source: Donoho, De-noising by soft-thresholding, IEEE Transactions on Information Theory 41, 1995.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softshrink {
    /// The threshold λ.
    pub lambd: f64,
}

impl Default for Softshrink {
    fn default() -> Self {
        Self { lambd: 0.5 }
    }
}

impl Elementwise for Softshrink {
    const INFO: Info = Info {
        title: "Softshrink",
        aliases: &["soft_shrink", "soft_thresholding"],
        formula: "x − λ for x > λ, x + λ for x < −λ, 0 between",
        formula_latex: r"\begin{cases}x-\lambda&x>\lambda\\x+\lambda&x<-\lambda\\0&|x|\le\lambda\end{cases}",
        derivative: "1 for |x| > λ, 0 for |x| ≤ λ",
        derivative_latex: r"\begin{cases}1&|x|>\lambda\\0&|x|\le\lambda\end{cases}",
        parameters: &[Parameter {
            name: "lambd",
            meaning: "the threshold λ",
            default: 0.5,
            domain: Domain::NonNegative,
            learnable: false,
        }],
        smoothness: Smoothness::Continuous,
        kinks: &[-0.5, 0.5],
        monotonic: true,
        zero_centred: true,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.419279, derivative_second_moment: 0.617075 }),
        uses: "sparse coding; unrolled iterative shrinkage (LISTA)",
        problems: "no gradient between −λ and λ",
        source: "Donoho, De-noising by soft-thresholding, IEEE Transactions on Information Theory 41, 1995",
        year: Some(1995),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.Softshrink", "F.softshrink"]),
            Framework::new(Convention::Keras, &["keras.activations.soft_shrink"]).renames(&[("threshold", "lambd")]),
            Framework::new(Convention::Burn, &["activation::soft_shrink"]),
            Framework::new(Convention::Flux, &["softshrink"]),
        ],
        max_ulp: Some(MaxUlp::new(0.5, 0.0).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.5, 0.0).second(0.0)),
        known: &[
            [-20.0, -19.5, 1.0],
            [-5.0, -4.5, 1.0],
            [-2.0, -1.5, 1.0],
            [-1.0, -0.5, 1.0],
            [-0.5, 0.0, 0.0],
            [-0.001, 0.0, 0.0],
            [0.0, 0.0, 0.0],
            [0.001, 0.0, 0.0],
            [0.5, 0.0, 0.0],
            [1.0, 0.5, 1.0],
            [2.0, 1.5, 1.0],
            [5.0, 4.5, 1.0],
            [20.0, 19.5, 1.0],
        ],
        ..Info::new("softshrink")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let lambd = R::from_f64(self.lambd);
        let distance = x.abs();
        if distance > lambd { (distance - lambd).copysign(x) } else { R::ZERO }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        if x.abs() > R::from_f64(self.lambd) { R::ONE } else { R::ZERO }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "lambd").then_some(&mut self.lambd)
    }
}
