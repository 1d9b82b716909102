use crate::activation::*;
use crate::math::{gate, rough};
use crate::{Convention, Framework, Real};

/// The sigmoid linear unit: f(x) = x σ(x) = x / (1 + e⁻ˣ), f′(x) = σ(x) (1 + x (1 − σ(x))).
///
#[doc = include_str!("../../docs/reference/silu.svg")]
///
/// [`Swish`](crate::Swish) with β = 1.
///
/// ```
/// use actfn::{Elementwise, Silu};
/// assert_eq!(Silu.value(1.0), 0.7310585786300049);
/// assert_eq!(Silu.derivative(0.0), 0.5);
/// assert_eq!(Silu.value(-100.0f32), -3.72008e-42);
/// assert_eq!(Silu.value(f64::NEG_INFINITY), 0.0); // the limit; x · σ(x) says NaN
/// ```
///
/// Source: Elfwing, Uchibe & Doya, Sigmoid-Weighted Linear Units for Neural Network Function Approximation in
/// Reinforcement Learning, 2017, arXiv:1702.03118.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Silu;

impl Elementwise for Silu {
    const INFO: Info = Info {
        title: "SiLU (swish)",
        aliases: &["sigmoid_linear_unit", "swish_1"],
        formula: "x σ(x) = x / (1 + e⁻ˣ)",
        formula_latex: r"x\,\sigma(x)=\frac{x}{1+e^{-x}}",
        derivative: "σ(x) (1 + x (1 − σ(x)))",
        derivative_latex: r"\sigma(x)\,(1+x\,(1-\sigma(x)))",
        range: "[−0.2785, ∞)",
        saturates: Saturates::Left,
        max_derivative: 1.099_839_320_128_956_9,
        gaussian: Some(Gaussian { mean: 0.206621, second_moment: 0.355776, derivative_second_moment: 0.379482 }),
        initialisation: Initialisation::HeNormal,
        uses: "EfficientNet, YOLO, diffusion U-Nets; the gate of SwiGLU in large language models",
        problems: "not monotonic; output not zero-centred",
        source: "Elfwing, Uchibe & Doya, Sigmoid-Weighted Linear Units for Neural Network Function Approximation in Reinforcement Learning, 2017, arXiv:1702.03118",
        year: Some(2017),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.SiLU", "F.silu"]),
            Framework::new(Convention::Jax, &["jax.nn.silu", "jax.nn.swish"]),
            Framework::new(Convention::Keras, &["keras.activations.silu", "keras.activations.swish"]),
            Framework::new(Convention::Burn, &["activation::silu"]),
            Framework::new(Convention::Candle, &["Tensor::silu", "Activation::Silu", "Activation::Swish"]),
            Framework::new(Convention::Flux, &["swish"]),
        ],
        max_ulp: Some(MaxUlp::new(2.0, 2.88).missing_root().second(0.51)),
        max_ulp_f64: Some(MaxUlp::new(2.0, 1.45).second(2.69)),
        known: &[
            [-20.0, -4.1223072363804071629e-8, -3.9161918660646783292e-8],
            [-5.0, -0.033464254621424277797, -0.026547432429665919011],
            [-2.0, -0.23840584404423511188, -0.090784248784895478757],
            [-1.0, -0.26894142136999512075, 0.072329488128513268211],
            [-0.5, -0.18877033439907271768, 0.26003881269734819083],
            [-0.001, -0.00049975000002083333125, 0.49950000008333332083],
            [0.0, 0.0, 0.5],
            [0.001, 0.00050024999997916666875, 0.50049999991666667917],
            [0.5, 0.31122966560092728232, 0.73996118730265180917],
            [1.0, 0.73105857863000487925, 0.92767051187148673179],
            [2.0, 1.7615941559557648881, 1.0907842487848954788],
            [5.0, 4.9665357453785757222, 1.026547432429665919],
            [20.0, 19.999999958776927636, 1.0000000391619186606],
        ],
        ..Info::new("silu")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        gate::value(x, x, R::ZERO)
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(rough::gate(x, x))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        gate::derivative_of_product(x, R::ZERO)
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        gate::second_derivative_of_product(x, R::ZERO)
    }
}
