use crate::activation::*;
use crate::math::rough;
use crate::{Convention, Framework, Real};

/// The scaled exponential linear unit: f(x) = λx for x ≥ 0, λα (eˣ − 1) for x < 0; λ = 1.0507…, α = 1.6733…; f′(x) = λ or
/// λα eˣ.
///
#[doc = include_str!("../../docs/reference/selu.svg")]
///
/// λ and α are such that mean 0 and variance 1 are a fixed point from layer to layer, for weights of variance 1/fan_in.
///
/// ```
/// use actfn::{Elementwise, Selu};
/// let selu = Selu::default();
/// assert_eq!(selu.value(1.0), 1.0507009873554805);
/// assert_eq!(selu.derivative(-1.0), 0.6467686030348141);
/// ```
///
/// Source: Klambauer, Unterthiner, Mayr & Hochreiter, Self-Normalizing Neural Networks, 2017, arXiv:1706.02515.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selu {
    /// α: the limit for x → −∞ is −λα.
    pub alpha: f64,
    /// λ: the factor of the whole.
    pub scale: f64,
    /// f′(0) = λα + weight · (λ − λα): λ by default, as TensorFlow has it; torch and JAX have λα.
    pub weight_at_zero: f64,
}

const LAMBDA: f64 = 1.050_700_987_355_480_493_419;
const ALPHA: f64 = 1.673_263_242_354_377_284_817;
const LAMBDA_ALPHA: f64 = 1.758_099_340_847_376_859_940;

impl Selu {
    /// λα, from the digits of both that an `f64` leaves off, where they are the paper's.
    fn scale_times_alpha(self) -> f64 {
        if self.alpha == ALPHA && self.scale == LAMBDA { LAMBDA_ALPHA } else { self.scale * self.alpha }
    }
}

impl Default for Selu {
    fn default() -> Self {
        Self { alpha: ALPHA, scale: LAMBDA, weight_at_zero: 1.0 }
    }
}

impl Elementwise for Selu {
    const INFO: Info = Info {
        title: "SELU (scaled exponential linear unit)",
        aliases: &["snn_activation"],
        formula: "λx for x ≥ 0, λα (eˣ − 1) for x < 0; λ = 1.0507…, α = 1.6733…",
        formula_latex: r"\lambda\begin{cases}\alpha(e^x-1)&x<0\\x&x\ge0\end{cases}",
        derivative: "λ for x ≥ 0, λα eˣ = f(x) + λα for x < 0",
        derivative_latex: r"\lambda\begin{cases}\alpha e^x&x<0\\1&x\ge0\end{cases}",
        parameters: &[
            Parameter {
                name: "alpha",
                meaning: "α: the limit for x → −∞ is −λα",
                default: ALPHA,
                domain: Domain::Finite,
                learnable: false,
            },
            Parameter { name: "scale", meaning: "λ", default: LAMBDA, domain: Domain::Finite, learnable: false },
            Parameter {
                name: "weight_at_zero",
                meaning: "f′(0) = λα + weight · (λ − λα)",
                default: 1.0,
                domain: Domain::WEIGHT,
                learnable: false,
            },
        ],
        range: "(−λα, ∞) = (−1.758…, ∞)",
        smoothness: Smoothness::Continuous,
        kinks: &[0.0],
        monotonic: true,
        zero_centred: true,
        self_normalising: true,
        saturates: Saturates::Left,
        max_derivative: LAMBDA_ALPHA,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 1.0, derivative_second_moment: 1.071575 }),
        initialisation: Initialisation::LecunNormal,
        uses: "deep fully connected networks that normalise themselves: LeCun normal weights, standardised inputs",
        problems: "keeps its fixed point with LeCun normal weights only; its derivative jumps at 0, from 1.758 to 1.051",
        source: "Klambauer, Unterthiner, Mayr & Hochreiter 2017, NeurIPS, arXiv:1706.02515",
        year: Some(2017),
        frameworks: &[
            Framework::new(Convention::Page, &["selu"]),
            Framework::new(Convention::Torch, &["nn.SELU", "F.selu"]).sets(&[("weight_at_zero", 0.0)]),
            Framework::new(Convention::Jax, &["jax.nn.selu"]).sets(&[("weight_at_zero", 0.0)]),
            Framework::new(Convention::TensorFlow, &["tf.nn.selu"]),
            Framework::new(Convention::Keras, &["keras.activations.selu"]),
            Framework::new(Convention::Onnx, &["Selu"])
                .renames(&[("gamma", "scale")])
                .note("its λ and α are the nearest f32"),
            Framework::new(Convention::Burn, &["activation::selu"]).note("its gradient is NaN for x ≥ 88.73 in f32"),
            Framework::new(Convention::Candle, &["ops::selu"])
                .sets(&[("weight_at_zero", 0.0)])
                .note("λ and α have no default there; its gradient is NaN for x ≥ 88.73 in f32"),
            Framework::new(Convention::Flux, &["selu"]).sets(&[("weight_at_zero", 0.0)]),
        ],
        max_ulp: Some(MaxUlp::new(1.83, 2.02).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.82, 1.81).second(1.5)),
        known: &[
            [-20.0, -1.7580993372236640349, 3.6237128249944115923e-9],
            [-5.0, -1.7462533606696201393, 0.011845980177756720677],
            [-2.0, -1.5201664685956950351, 0.2379328722516818248],
            [-1.0, -1.1113307378125627618, 0.64676860303481409814],
            [-0.5, -0.69175818780287140236, 1.0663411530445054576],
            [-0.001, -0.0017572205841202705252, 1.7563421202632565894],
            [0.0, 0.0, 1.0507009873554804934],
            [0.001, 0.0010507009873554805153, 1.0507009873554804934],
            [0.5, 0.52535049367774024671, 1.0507009873554804934],
            [1.0, 1.0507009873554804934, 1.0507009873554804934],
            [2.0, 2.1014019747109609868, 1.0507009873554804934],
            [5.0, 5.2535049367774024671, 1.0507009873554804934],
            [20.0, 21.014019747109609868, 1.0507009873554804934],
        ],
        ..Info::new("selu")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let negative = R::from_f64(self.scale_times_alpha()) * x.expm1_nonpos();
        if x < R::ZERO { negative } else { R::from_f64(self.scale) * x }
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        let negative = self.scale_times_alpha() * rough::expm1_nonpos(x);
        Some(if x < 0.0 { negative } else { self.scale * x })
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let (left, right) = (self.scale_times_alpha(), self.scale);
        let negative = R::from_f64(left) * x.exp_nonpos();
        let slope = if x < R::ZERO { negative } else { R::from_f64(right) };
        let at_zero = if self.weight_at_zero == 1.0 { right } else { left + self.weight_at_zero * (right - left) };
        if x == R::ZERO { R::from_f64(at_zero) } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "alpha" => Some(&mut self.alpha),
            "scale" => Some(&mut self.scale),
            "weight_at_zero" => Some(&mut self.weight_at_zero),
            _ => None,
        }
    }
}
