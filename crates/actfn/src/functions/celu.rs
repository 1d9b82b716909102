use crate::activation::*;
use crate::math::{pair, rough};
use crate::{Convention, Framework, Real};

/// The continuously differentiable ELU: f(x) = x for x > 0, α (e^(x/α) − 1) for x ≤ 0; f′(x) = 1 or e^(x/α).
///
#[doc = include_str!("../../docs/reference/celu.svg")]
///
/// ```
/// use actfn::{Celu, Elementwise};
/// let celu = Celu { alpha: 2.0 };
/// assert_eq!((celu.value(-2.0), celu.value(3.0)), (-1.2642411176571153, 3.0));
/// assert_eq!((celu.derivative(0.0), celu.derivative(3.0)), (1.0, 1.0));
/// ```
///
/// Source: Barron, Continuously Differentiable Exponential Linear Units, 2017, arXiv:1704.07483.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Celu {
    /// The limit for x → −∞ is −α.
    pub alpha: f64,
}

impl Default for Celu {
    fn default() -> Self {
        Self { alpha: 1.0 }
    }
}

impl Elementwise for Celu {
    const INFO: Info = Info {
        title: "CELU (continuously differentiable ELU)",
        aliases: &["continuously_differentiable_elu"],
        formula: "x for x > 0, α (e^(x/α) − 1) for x ≤ 0",
        formula_latex: r"\begin{cases}x&x>0\\\alpha(e^{x/\alpha}-1)&x\le0\end{cases}",
        derivative: "1 for x > 0, e^(x/α) for x ≤ 0",
        derivative_latex: r"\begin{cases}1&x>0\\e^{x/\alpha}&x\le0\end{cases}",
        parameters: &[Parameter {
            name: "alpha",
            meaning: "the limit for x → −∞ is −α",
            default: 1.0,
            domain: Domain::NonZero,
            learnable: false,
        }],
        range: "(−α, ∞)",
        smoothness: Smoothness::Differentiable,
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.160521, second_moment: 0.644945, derivative_second_moment: 0.668101 }),
        initialisation: Initialisation::HeNormal,
        uses: "ELU with any α",
        problems: "costs an exponential",
        source: "Barron, Continuously Differentiable Exponential Linear Units, 2017, arXiv:1704.07483",
        year: Some(2017),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.CELU", "F.celu"]),
            Framework::new(Convention::Jax, &["jax.nn.celu"]),
            Framework::new(Convention::Keras, &["keras.activations.celu"])
                .note("on TensorFlow its derivative at 0 is 2, which is no subgradient"),
            Framework::new(Convention::Onnx, &["Celu"]),
            Framework::new(Convention::Burn, &["activation::celu"]).note("its gradient is NaN for x/α ≥ 88.73 in f32"),
            Framework::new(Convention::Flux, &["celu"]),
        ],
        max_ulp: Some(MaxUlp::new(1.02, 1.08).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.21, 1.07).second(1.03)),
        known: &[
            [-20.0, -0.99999999793884637756, 2.061153622438557828e-9],
            [-5.0, -0.9932620530009145329, 0.0067379469990854670966],
            [-2.0, -0.86466471676338730811, 0.13533528323661269189],
            [-1.0, -0.6321205588285576784, 0.3678794411714423216],
            [-0.5, -0.3934693402873665764, 0.6065306597126334236],
            [-0.001, -0.00099950016662500833194, 0.99900049983337499167],
            [0.0, 0.0, 1.0],
            [0.001, 0.001, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("celu")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let alpha = R::from_f64(self.alpha);
        // With a negative α the exponent is positive.
        let u = x / alpha;
        let negative = alpha * if self.alpha < 0.0 { u.expm1() } else { u.expm1_nonpos() };
        if x < R::ZERO { negative } else { x }
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        let negative = self.alpha * rough::expm1_nonpos(x / self.alpha);
        let negative = if self.alpha < 0.0 { rough::UNSURE } else { negative };
        Some(if x < 0.0 { negative } else { x })
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let (u, low) = pair::scaled(x, 1.0 / self.alpha);
        let rising = u.exp();
        let falling = u.exp_nonpos_times(low, R::ONE, R::ZERO);
        let negative = if self.alpha < 0.0 { rising.mul_add(low, rising) } else { falling };
        if x < R::ZERO { negative } else { R::ONE }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "alpha").then_some(&mut self.alpha)
    }
}
