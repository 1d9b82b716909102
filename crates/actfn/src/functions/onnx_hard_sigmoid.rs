use crate::activation::*;
use crate::math::pair;
use crate::{Convention, Framework, Real};

/// The hard sigmoid of ONNX, Theano and Keras 2: f(x) = min(max(α x + β, 0), 1), by default with α = 0.2; f′(x) = α or
/// 0.
///
#[doc = include_str!("../../docs/reference/onnx_hard_sigmoid.svg")]
///
/// torch, JAX and Keras 3 have a slope of 1/6: [`Hardsigmoid`](crate::Hardsigmoid).
///
/// ```
/// use actfn::{Elementwise, OnnxHardSigmoid};
/// let hard = OnnxHardSigmoid::default();
/// assert_eq!((hard.value(-4.0), hard.value(0.0), hard.value(4.0)), (0.0, 0.5, 1.0));
/// assert_eq!((hard.derivative(-4.0), hard.derivative(0.0)), (0.0, 0.2));
/// assert_eq!(hard.derivative(2.5000002f32), 0.0); // where α x + β, rounded, is 1 still
/// ```
///
/// Source: Theano Development Team, Theano: A Python framework for fast computation of mathematical expressions, 2016,
/// arXiv:1605.02688.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OnnxHardSigmoid {
    /// The slope α.
    pub alpha: f64,
    /// The value β at 0.
    pub beta: f64,
    /// Where f′ lies between 0 and α where f reaches 0 and 1: 0 by default; burn has 1.
    pub weight_at_kinks: f64,
}

impl OnnxHardSigmoid {
    /// α x + β with the digits that cancel where it reaches 0.
    #[inline(always)]
    fn line<R: Real>(self, x: R) -> R {
        // The rounding errors below must be finite; no sensible α comes back from here.
        let far = R::from_f64(1e18);
        let x = if x > far { far } else { x };
        let x = if x < -far { -far } else { x };
        let (alpha, alpha_low) = R::pair_from_f64(self.alpha, 0.0);
        let (beta, beta_low) = R::pair_from_f64(self.beta, 0.0);
        let (product, product_low) = pair::product(alpha, x);
        let (sum, sum_low) = pair::sum(product, beta);
        let t = sum.add_to_odd(sum_low + (alpha_low.mul_add(x, product_low) + beta_low));
        // What two numbers of f32 leave off of 0.2 would be all that is left at −2.5. In f64 nothing is left off.
        let blur = R::from_f64(2.4e-7) * (alpha_low * x).abs().max(beta_low.abs());
        if t.abs() <= blur { R::ZERO } else { t }
    }
}

impl Default for OnnxHardSigmoid {
    fn default() -> Self {
        Self { alpha: 0.2, beta: 0.5, weight_at_kinks: 0.0 }
    }
}

impl Elementwise for OnnxHardSigmoid {
    const INFO: Info = Info {
        title: "Hard sigmoid of ONNX",
        aliases: &["hardsigmoid_02", "keras2_hard_sigmoid"],
        formula: "min(max(α x + β, 0), 1)",
        formula_latex: r"\min(\max(\alpha x+\beta,0),1)",
        derivative: "α for 0 < α x + β < 1, 0 outside",
        derivative_latex: r"\begin{cases}\alpha&0<\alpha x+\beta<1\\0&\text{outside}\end{cases}",
        parameters: &[
            Parameter {
                name: "alpha", meaning: "the slope α", default: 0.2, domain: Domain::Finite, learnable: false
            },
            Parameter {
                name: "beta",
                meaning: "the value β at 0",
                default: 0.5,
                domain: Domain::Finite,
                learnable: false,
            },
            Parameter {
                name: "weight_at_kinks",
                meaning: "f′ = weight · α where f reaches 0 and 1",
                default: 0.0,
                domain: Domain::WEIGHT,
                learnable: false,
            },
        ],
        range: "[0, 1]",
        smoothness: Smoothness::Continuous,
        kinks: &[-2.5, 2.5],
        monotonic: true,
        saturates: Saturates::Both,
        max_derivative: 0.2,
        gaussian: Some(Gaussian { mean: 0.5, second_moment: 0.289102, derivative_second_moment: 0.039503 }),
        uses: "recurrent gates of Keras 1 and 2; ONNX graphs",
        problems: "torch, JAX and Keras 3 have another slope, 1/6, under this name; no gradient outside [−2.5, 2.5]",
        source: "Theano Development Team, Theano: A Python framework for fast computation of mathematical expressions, 2016, arXiv:1605.02688",
        year: Some(2016),
        frameworks: &[
            Framework::new(Convention::Onnx, &["HardSigmoid"]),
            Framework::new(Convention::Burn, &["activation::hard_sigmoid", "nn::HardSigmoid"])
                .sets(&[("weight_at_kinks", 1.0)])
                .note("its hard_swish has the slope 1/6"),
        ],
        max_ulp: Some(MaxUlp::new(0.51, 0.2).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(1.0, 0.0).second(0.0)),
        known: &[
            [-20.0, 0.0, 0.0],
            [-5.0, 0.0, 0.0],
            [-2.0, 0.1, 0.2],
            [-1.0, 0.3, 0.2],
            [-0.5, 0.4, 0.2],
            [-0.001, 0.4998, 0.2],
            [0.0, 0.5, 0.2],
            [0.001, 0.5002, 0.2],
            [0.5, 0.6, 0.2],
            [1.0, 0.7, 0.2],
            [2.0, 0.9, 0.2],
            [5.0, 1.0, 0.0],
            [20.0, 1.0, 0.0],
        ],
        ..Info::new("onnx_hard_sigmoid")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let t = self.line(x);
        let t = if t < R::ZERO { R::ZERO } else { t };
        if t > R::ONE { R::ONE } else { t }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        // By the places where the line reaches 0 and 1: computed, α x + β is 1 beyond them too, by a rounding.
        let (alpha, beta) = (R::from_f64(self.alpha), R::from_f64(self.beta));
        let (zero, one) = (-beta / alpha, (R::ONE - beta) / alpha);
        let (lower, upper) = if zero < one { (zero, one) } else { (one, zero) };
        let slope = if x < lower || x > upper { R::ZERO } else { alpha };
        if x == lower || x == upper { R::from_f64(self.weight_at_kinks * self.alpha) } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "alpha" => Some(&mut self.alpha),
            "beta" => Some(&mut self.beta),
            "weight_at_kinks" => Some(&mut self.weight_at_kinks),
            _ => None,
        }
    }
}
