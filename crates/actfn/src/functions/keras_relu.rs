use crate::activation::*;
use crate::math::pair::product_to_odd;
use crate::{Convention, Framework, Real};

/// The ReLU of Keras with its arguments: f(x) = M for x ≥ M, x for θ ≤ x < M, a (x − θ) for x < θ; f′(x) = 0, 1 or a.
///
#[doc = include_str!("../../docs/reference/keras_relu.svg")]
///
/// Without arguments, as by default here, it is [`Relu`](crate::Relu). For θ ≠ 0 it jumps by θ. This is the definition that
/// Keras documents. What Keras 3 computes differs from it at θ ≠ 0 itself, where it is 0, and between a θ < 0 and 0, where it
/// is 0 as soon as there is an M.
///
/// ```
/// use actfn::{Elementwise, KerasRelu};
/// let relu = KerasRelu { negative_slope: 0.5, max_value: 6.0, threshold: 1.0, ..Default::default() };
/// assert_eq!((relu.value(-1.0), relu.value(1.0), relu.value(8.0)), (-1.0, 1.0, 6.0));
/// assert_eq!((relu.derivative(-1.0), relu.derivative(2.0), relu.derivative(8.0)), (0.5, 1.0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KerasRelu {
    /// The slope a below the threshold.
    pub negative_slope: f64,
    /// The largest output M; ∞ for none.
    pub max_value: f64,
    /// The threshold θ.
    pub threshold: f64,
    /// Where f′(θ) lies between the two slopes: 1, by default, takes 1; 0, as in Keras, takes a.
    pub weight_at_threshold: f64,
    /// Where f′(M) lies between 0 and the slope on the left: 0 by default; Keras has 1.
    pub weight_at_max: f64,
}

impl Default for KerasRelu {
    fn default() -> Self {
        Self {
            negative_slope: 0.0,
            max_value: f64::INFINITY,
            threshold: 0.0,
            weight_at_threshold: 1.0,
            weight_at_max: 0.0,
        }
    }
}

impl KerasRelu {
    /// x − θ, right where it cancels, too; its sign says on which side of θ x lies.
    #[inline(always)]
    fn beyond_threshold<R: Real>(self, x: R) -> R {
        let (theta, theta_low) = R::pair_from_f64(self.threshold, 0.0);
        (x - theta) - theta_low
    }
}

impl Elementwise for KerasRelu {
    const INFO: Info = Info {
        title: "ReLU of Keras",
        aliases: &[],
        formula: "M for x ≥ M, x for θ ≤ x < M, a (x − θ) for x < θ",
        formula_latex: r"\begin{cases}M&x\ge M\\x&\theta\le x<M\\a(x-\theta)&x<\theta\end{cases}",
        derivative: "0 for x ≥ M, 1 for θ ≤ x < M, a for x < θ",
        derivative_latex: r"\begin{cases}0&x\ge M\\1&\theta\le x<M\\a&x<\theta\end{cases}",
        parameters: &[
            Parameter {
                name: "negative_slope",
                meaning: "the slope a below the threshold",
                default: 0.0,
                domain: Domain::Finite,
                learnable: false,
            },
            Parameter {
                name: "max_value",
                meaning: "the largest output M",
                default: f64::INFINITY,
                domain: Domain::Limit,
                learnable: false,
            },
            Parameter {
                name: "threshold",
                meaning: "the threshold θ",
                default: 0.0,
                domain: Domain::Finite,
                learnable: false,
            },
            Parameter {
                name: "weight_at_threshold",
                meaning: "f′(θ) = a + weight · (1 − a)",
                default: 1.0,
                domain: Domain::WEIGHT,
                learnable: false,
            },
            Parameter {
                name: "weight_at_max",
                meaning: "f′(M) = weight · the slope to its left",
                default: 0.0,
                domain: Domain::WEIGHT,
                learnable: false,
            },
        ],
        range: "[0, ∞)",
        smoothness: Smoothness::Continuous,
        kinks: &[0.0],
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.398942, second_moment: 0.5, derivative_second_moment: 0.5 }),
        initialisation: Initialisation::HeNormal,
        uses: "models from Keras whose ReLU has a limit, a slope or a threshold",
        problems: "jumps at θ unless θ is 0",
        source: "keras.layers.ReLU; no paper is known",
        frameworks: &[Framework::new(
            Convention::Keras,
            &[
                "keras.activations.relu(negative_slope, max_value, threshold)",
                "keras.layers.ReLU(max_value, negative_slope, threshold)",
            ],
        )
        .sets(&[("weight_at_threshold", 0.0), ("weight_at_max", 1.0)])
        .note("as documented; what it computes is 0 at θ, and with a max_value between θ and 0, too")],
        known: &[
            [-20.0, 0.0, 0.0],
            [-5.0, 0.0, 0.0],
            [-2.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [-0.5, 0.0, 0.0],
            [-0.001, 0.0, 0.0],
            [0.0, 0.0, 1.0],
            [0.001, 0.0010000000000000000208, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("keras_relu")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Subnormal;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let below = self.beyond_threshold(x);
        let max = R::from_f64(self.max_value);
        // 0 · −∞ would be NaN, and 0 · −1 would be −0.
        let line =
            if self.negative_slope == 0.0 { R::ZERO } else { product_to_odd(R::from_f64(self.negative_slope), below) };
        let y = if below < R::ZERO { line } else { x };
        if x < max { y } else { max }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let below = self.beyond_threshold(x);
        let (a, max) = (R::from_f64(self.negative_slope), R::from_f64(self.max_value));
        let slope = if below < R::ZERO { a } else { R::ONE };
        let at_threshold = R::from_f64(self.weight_at_threshold).mul_add(R::ONE - a, a);
        let slope = if below == R::ZERO { at_threshold } else { slope };
        let at_max = if x > max { R::ZERO } else { R::from_f64(self.weight_at_max) * slope };
        // Without a limit, x = ∞ is no kink.
        let limited = self.max_value < f64::INFINITY;
        if limited & (x >= max) { at_max } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "negative_slope" => Some(&mut self.negative_slope),
            "max_value" => Some(&mut self.max_value),
            "threshold" => Some(&mut self.threshold),
            "weight_at_threshold" => Some(&mut self.weight_at_threshold),
            "weight_at_max" => Some(&mut self.weight_at_max),
            _ => None,
        }
    }
}
