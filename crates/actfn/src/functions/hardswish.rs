use crate::activation::*;
use crate::math::gate;
use crate::{Convention, Framework, Real};

/// The hard swish: f(x) = x min(max(x + 3, 0), 6) / 6; f′(x) = 0 for x < −3, (2x + 3) / 6 for −3 < x < 3, 1 for x > 3.
///
#[doc = include_str!("../../docs/reference/hardswish.svg")]
///
/// ```
/// use actfn::{Elementwise, Hardswish};
/// let hard = Hardswish::default();
/// assert_eq!((hard.value(f64::NEG_INFINITY), hard.value(-1.5), hard.value(4.0)), (0.0, -0.375, 4.0));
/// assert_eq!((hard.derivative(-1.5), hard.derivative(0.0), hard.derivative(4.0)), (0.0, 0.5, 1.0));
/// ```
///
/// Source: Howard et al., Searching for MobileNetV3, 2019, arXiv:1905.02244.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hardswish {
    /// f′(−3), between −½ and 0: 0 by default, as torch, JAX and TensorFlow have it; burn has −½, candle −¼.
    pub derivative_at_lower: f64,
    /// f′(3), between 1 and 3/2: 1 by default, as torch, JAX and TensorFlow have it; burn has 3/2, candle 5/4.
    pub derivative_at_upper: f64,
}

impl Default for Hardswish {
    fn default() -> Self {
        Self { derivative_at_lower: 0.0, derivative_at_upper: 1.0 }
    }
}

impl Elementwise for Hardswish {
    const INFO: Info = Info {
        title: "Hard swish",
        aliases: &["hard_swish", "hard_silu", "h_swish"],
        formula: "x min(max(x + 3, 0), 6) / 6",
        formula_latex: r"x\,\frac{\min(\max(x+3,0),6)}{6}",
        derivative: "0 for x < −3, (2x + 3) / 6 for −3 < x < 3, 1 for x > 3",
        derivative_latex: r"\begin{cases}0&x<-3\\\tfrac{2x+3}{6}&-3<x<3\\1&x>3\end{cases}",
        parameters: &[
            Parameter {
                name: "derivative_at_lower",
                meaning: "f′(−3)",
                default: 0.0,
                domain: Domain::Between { min: -0.5, max: 0.0 },
                learnable: false,
            },
            Parameter {
                name: "derivative_at_upper",
                meaning: "f′(3)",
                default: 1.0,
                domain: Domain::Between { min: 1.0, max: 1.5 },
                learnable: false,
            },
        ],
        range: "[−3/8, ∞)",
        smoothness: Smoothness::Continuous,
        kinks: &[-3.0, 3.0],
        saturates: Saturates::Left,
        max_derivative: 1.5,
        gaussian: Some(Gaussian { mean: 0.166217, second_moment: 0.331567, derivative_second_moment: 0.358532 }),
        initialisation: Initialisation::HeNormal,
        uses: "convolutional networks on mobile devices (MobileNetV3)",
        problems: "three conventions for f′(±3); no gradient below −3",
        source: "Howard et al., Searching for MobileNetV3, 2019, arXiv:1905.02244",
        year: Some(2019),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.Hardswish", "F.hardswish"]),
            Framework::new(Convention::Jax, &["jax.nn.hard_swish", "jax.nn.hard_silu"]),
            Framework::new(Convention::Keras, &["keras.activations.hard_swish", "keras.activations.hard_silu"]),
            Framework::new(Convention::Onnx, &["HardSwish"]),
            Framework::new(Convention::Burn, &["activation::hard_swish"])
                .sets(&[("derivative_at_lower", -0.5), ("derivative_at_upper", 1.5)]),
            Framework::new(Convention::Candle, &["Activation::HardSwish"])
                .sets(&[("derivative_at_lower", -0.25), ("derivative_at_upper", 1.25)]),
            Framework::new(Convention::Flux, &["hardswish"])
                .sets(&[("derivative_at_lower", -0.5), ("derivative_at_upper", 1.5)]),
        ],
        max_ulp: Some(MaxUlp::new(1.92, 1.01).second(0.34)),
        max_ulp_f64: Some(MaxUlp::new(2.0, 1.01).second(0.34)),
        known: &[
            [-20.0, 0.0, 0.0],
            [-5.0, 0.0, 0.0],
            [-2.0, -0.33333333333333333333, -0.16666666666666666667],
            [-1.0, -0.33333333333333333333, 0.16666666666666666667],
            [-0.5, -0.20833333333333333333, 0.33333333333333333333],
            [-0.001, -0.00049983333333333333333, 0.49966666666666666667],
            [0.0, 0.0, 0.5],
            [0.001, 0.00050016666666666666667, 0.50033333333333333333],
            [0.5, 0.29166666666666666667, 0.66666666666666666667],
            [1.0, 0.66666666666666666667, 0.83333333333333333333],
            [2.0, 1.6666666666666666667, 1.1666666666666666667],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("hardswish")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let three = R::from_f64(3.0);
        let product = x * (x + three);
        let middle = if x.as_f32().is_some() {
            // A product for a quotient, which takes twice the time of all the rest: 1/6 in two numbers.
            const SIXTH: f32 = 1.0 / 6.0;
            const SIXTH_LOW: f64 = 1.0 / 6.0 - SIXTH as f64;
            product.mul_add(R::from_f64(SIXTH as f64), product * R::from_f64(SIXTH_LOW))
        } else {
            gate::half_of_tiny(x, x, (product / R::from_f64(6.0), R::ZERO)).0
        };
        let y = if x < three { middle } else { x };
        if x > -three { y } else { R::ZERO }
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        let middle = x * (x + 3.0) * (1.0 / 6.0);
        let y = if x < 3.0 { middle } else { x };
        Some(if x > -3.0 { y } else { 0.0 })
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let three = R::from_f64(3.0);
        let middle = (x + x + three) / R::from_f64(6.0);
        let slope = if x < three { middle } else { R::ONE };
        let slope = if x > -three { slope } else { R::ZERO };
        let slope = if x == three { R::from_f64(self.derivative_at_upper) } else { slope };
        if x == -three { R::from_f64(self.derivative_at_lower) } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "derivative_at_lower" => Some(&mut self.derivative_at_lower),
            "derivative_at_upper" => Some(&mut self.derivative_at_upper),
            _ => None,
        }
    }
}
