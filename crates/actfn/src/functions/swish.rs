use crate::activation::*;
use crate::math::{gate, pair, rough};
use crate::{Convention, Framework, Real};

/// Swish: f(x) = x σ(β x), f′(x) = σ(β x) + β x σ(β x) (1 − σ(β x)).
///
#[doc = include_str!("../../docs/reference/swish.svg")]
///
/// β is learned, or 1: then it is [`Silu`](crate::Silu). Towards β = 0 it becomes x / 2, towards β = ∞ ReLU.
///
/// ```
/// use actfn::{Elementwise, Swish};
/// let swish = Swish { beta: 1.5 };
/// assert_eq!(swish.value(-5.0), -0.0027638931846179976);
/// assert_eq!(swish.derivative(0.0), 0.5);
/// ```
///
/// Source: Ramachandran, Zoph & Le, Searching for Activation Functions, 2017, arXiv:1710.05941.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swish {
    /// The factor β of the gate.
    pub beta: f64,
}

impl Default for Swish {
    fn default() -> Self {
        Self { beta: 1.0 }
    }
}

impl Elementwise for Swish {
    const INFO: Info = Info {
        title: "Swish with β",
        aliases: &["swish_beta"],
        formula: "x σ(β x)",
        formula_latex: r"x\,\sigma(\beta x)",
        derivative: "σ(β x) + β x σ(β x) (1 − σ(β x))",
        derivative_latex: r"\sigma(\beta x)+\beta x\,\sigma(\beta x)\,(1-\sigma(\beta x))",
        parameters: &[Parameter {
            name: "beta",
            meaning: "the factor β of the gate",
            default: 1.0,
            domain: Domain::Finite,
            learnable: true,
        }],
        range: "[−0.2785 / β, ∞)",
        saturates: Saturates::Left,
        max_derivative: 1.099_839_320_128_956_9,
        gaussian: Some(Gaussian { mean: 0.206621, second_moment: 0.355776, derivative_second_moment: 0.379482 }),
        initialisation: Initialisation::HeNormal,
        uses: "as SiLU, with a gate that is learned",
        problems: "not monotonic; output not zero-centred",
        source: "Ramachandran, Zoph & Le, Searching for Activation Functions, 2017, arXiv:1710.05941",
        year: Some(2017),
        frameworks: &[
            Framework::new(Convention::TensorFlow, &["tf.nn.silu", "tf.nn.swish"]),
            Framework::new(Convention::Onnx, &["Swish"]).renames(&[("alpha", "beta")]),
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
        ..Info::new("swish")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let (u, low) = pair::scaled(x, self.beta);
        gate::value(x, u, low)
    }

    #[inline(always)]
    fn value_as_factor<R: Real>(self, x: R) -> (R, R) {
        let (u, low) = pair::scaled(x, self.beta);
        gate::value_pair(x, u, low)
    }

    #[inline(always)]
    fn tail<R: Real>(self, x: R) -> Option<Tail<R>> {
        let (v, low) = pair::scaled(x, self.beta);
        Some(Tail { v, slope_v: v, low, value: (gate::clamp(x), R::ZERO), derivative: R::ONE + gate::clamp(v) })
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(rough::gate(x, self.beta * x))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let (u, low) = pair::scaled(x, self.beta);
        gate::derivative_of_product(u, low)
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        let (u, low) = pair::scaled(x, self.beta);
        R::from_f64(self.beta) * gate::second_derivative_of_product(u, low)
    }

    #[inline(always)]
    fn parameter_derivative<R: Real>(self, _: usize, x: R) -> R {
        // x² σ(βx) σ(−βx) = x² e^−|βx| / (1 + e^−|βx|)², which is 0 at ±∞ unless β is.
        let u = (R::from_f64(self.beta) * x).abs();
        let e = (-u).exp_nonpos();
        let d = R::ONE + e;
        let slope = x * (x * e) / (d * d);
        if e == R::ZERO { R::ZERO } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "beta").then_some(&mut self.beta)
    }
}
