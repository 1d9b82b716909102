use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The hard tanh: f(x) = min(max(x, m), M), by default between −1 and 1; f′(x) = 1 inside, 0 outside.
///
#[doc = include_str!("../../docs/reference/hardtanh.svg")]
///
/// ```
/// use actfn::{Elementwise, Hardtanh};
/// let hardtanh = Hardtanh::default();
/// assert_eq!((hardtanh.value(-3.0), hardtanh.value(0.5), hardtanh.value(3.0)), (-1.0, 0.5, 1.0));
/// assert_eq!((hardtanh.derivative(-3.0), hardtanh.derivative(0.5)), (0.0, 1.0));
/// ```
///
/// Source: Collobert, Large Scale Machine Learning, PhD thesis, 2004.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hardtanh {
    /// The smallest output m.
    pub min_val: f64,
    /// The largest output M.
    pub max_val: f64,
    /// f′(m) and f′(M), between 0 and 1: 0 by default, as torch has it; JAX, TensorFlow and burn have 1.
    pub derivative_at_kinks: f64,
}

impl Default for Hardtanh {
    fn default() -> Self {
        Self { min_val: -1.0, max_val: 1.0, derivative_at_kinks: 0.0 }
    }
}

impl Elementwise for Hardtanh {
    const INFO: Info = Info {
        title: "Hard tanh",
        aliases: &["hard_tanh"],
        formula: "min(max(x, m), M)",
        formula_latex: r"\min(\max(x,m),M)",
        derivative: "1 for m < x < M, 0 outside",
        derivative_latex: r"\begin{cases}1&m<x<M\\0&x<m\text{ or }x>M\end{cases}",
        parameters: &[
            Parameter {
                name: "min_val",
                meaning: "the smallest output m",
                default: -1.0,
                domain: Domain::AtMost("max_val"),
                learnable: false,
            },
            Parameter {
                name: "max_val",
                meaning: "the largest output M",
                default: 1.0,
                domain: Domain::AtLeast("min_val"),
                learnable: false,
            },
            Parameter {
                name: "derivative_at_kinks",
                meaning: "f′(m) and f′(M)",
                default: 0.0,
                domain: Domain::Between { min: 0.0, max: 1.0 },
                learnable: false,
            },
        ],
        range: "[m, M]",
        smoothness: Smoothness::Continuous,
        kinks: &[-1.0, 1.0],
        monotonic: true,
        zero_centred: true,
        saturates: Saturates::Both,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.516058, derivative_second_moment: 0.68269 }),
        uses: "quantised networks; the window of the straight-through estimator",
        problems: "no gradient outside [m, M]",
        source: "Collobert, Large Scale Machine Learning, PhD thesis, 2004",
        year: Some(2004),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.Hardtanh", "F.hardtanh"]),
            Framework::new(Convention::Jax, &["jax.nn.hard_tanh"]).sets(&[("derivative_at_kinks", 1.0)]),
            Framework::new(Convention::Keras, &["keras.activations.hard_tanh"]).sets(&[("derivative_at_kinks", 1.0)]),
            Framework::new(Convention::Burn, &["activation::hardtanh", "nn::HardTanh"])
                .sets(&[("derivative_at_kinks", 1.0)]),
            Framework::new(Convention::Flux, &["hardtanh"]),
        ],
        max_ulp: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        known: &[
            [-20.0, -1.0, 0.0],
            [-5.0, -1.0, 0.0],
            [-2.0, -1.0, 0.0],
            [-1.0, -1.0, 0.0],
            [-0.5, -0.5, 1.0],
            [-0.001, -0.001, 1.0],
            [0.0, 0.0, 1.0],
            [0.001, 0.001, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 0.0],
            [2.0, 1.0, 0.0],
            [5.0, 1.0, 0.0],
            [20.0, 1.0, 0.0],
        ],
        ..Info::new("hardtanh")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let (min, max) = (R::from_f64(self.min_val), R::from_f64(self.max_val));
        let x = if x < min { min } else { x };
        if x > max { max } else { x }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let (min, max) = (R::from_f64(self.min_val), R::from_f64(self.max_val));
        let slope = if x < min || x > max { R::ZERO } else { R::ONE };
        if x == min || x == max { R::from_f64(self.derivative_at_kinks) } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "min_val" => Some(&mut self.min_val),
            "max_val" => Some(&mut self.max_val),
            "derivative_at_kinks" => Some(&mut self.derivative_at_kinks),
            _ => None,
        }
    }
}
