use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The sparse sigmoid, sparsemax of (x, 0): f(x) = min(max((x + 1) / 2, 0), 1); f′(x) = ½ for −1 < x < 1, 0 outside.
///
#[doc = include_str!("../../docs/reference/sparse_sigmoid.svg")]
///
/// ```
/// use actfn::{Elementwise, SparseSigmoid};
/// let sparse = SparseSigmoid::default();
/// assert_eq!((sparse.value(-2.0), sparse.value(0.5), sparse.value(2.0)), (0.0, 0.75, 1.0));
/// assert_eq!((sparse.derivative(-2.0), sparse.derivative(0.5)), (0.0, 0.5));
/// ```
///
/// Source: Blondel, Martins & Niculae, Learning with Fenchel-Young Losses, 2019, arXiv:1901.02324.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SparseSigmoid {
    /// f′(−1) and f′(1), between 0 and ½: 0 by default, as Keras on torch has it; JAX has ¼.
    pub derivative_at_kinks: f64,
}

impl Default for SparseSigmoid {
    fn default() -> Self {
        Self { derivative_at_kinks: 0.0 }
    }
}

impl Elementwise for SparseSigmoid {
    const INFO: Info = Info {
        title: "Sparse sigmoid",
        formula: "min(max((x + 1) / 2, 0), 1)",
        formula_latex: r"\min\left(\max\left(\tfrac{x+1}{2},0\right),1\right)",
        derivative: "1/2 for −1 < x < 1, 0 outside",
        derivative_latex: r"\begin{cases}\tfrac12&-1<x<1\\0&|x|>1\end{cases}",
        parameters: &[Parameter {
            name: "derivative_at_kinks",
            meaning: "f′(−1) and f′(1)",
            default: 0.0,
            domain: Domain::Between { min: 0.0, max: 0.5 },
            learnable: false,
        }],
        range: "[0, 1]",
        smoothness: Smoothness::Continuous,
        kinks: &[-1.0, 1.0],
        monotonic: true,
        saturates: Saturates::Both,
        max_derivative: 0.5,
        gaussian: Some(Gaussian { mean: 0.5, second_moment: 0.379014, derivative_second_moment: 0.170672 }),
        uses: "gates with exact zeros; Fenchel–Young losses",
        problems: "no gradient outside [−1, 1]",
        source: "Blondel, Martins & Niculae, Learning with Fenchel-Young Losses, 2019, arXiv:1901.02324",
        year: Some(2019),
        frameworks: &[
            Framework::new(Convention::Jax, &["jax.nn.sparse_sigmoid"]).sets(&[("derivative_at_kinks", 0.25)]),
            Framework::new(Convention::Keras, &["keras.activations.sparse_sigmoid"]),
        ],
        max_ulp: Some(MaxUlp::new(0.5, 0.0).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.51, 0.0).second(0.0)),
        known: &[
            [-20.0, 0.0, 0.0],
            [-5.0, 0.0, 0.0],
            [-2.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [-0.5, 0.25, 0.5],
            [-0.001, 0.4995, 0.5],
            [0.0, 0.5, 0.5],
            [0.001, 0.5005, 0.5],
            [0.5, 0.75, 0.5],
            [1.0, 1.0, 0.0],
            [2.0, 1.0, 0.0],
            [5.0, 1.0, 0.0],
            [20.0, 1.0, 0.0],
        ],
        ..Info::new("sparse_sigmoid")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let t = R::from_f64(0.5) * (x + R::ONE);
        let t = if t < R::ZERO { R::ZERO } else { t };
        if t > R::ONE { R::ONE } else { t }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let distance = x.abs();
        let slope = if distance < R::ONE { R::from_f64(0.5) } else { R::ZERO };
        if distance == R::ONE { R::from_f64(self.derivative_at_kinks) } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "derivative_at_kinks").then_some(&mut self.derivative_at_kinks)
    }
}
