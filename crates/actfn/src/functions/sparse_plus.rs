use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The sparse plus: f(x) = 0 for x ≤ −1, ((x + 1) / 2)² for −1 < x < 1, x for x ≥ 1; f′(x) = min(max((x + 1) / 2, 0),
/// 1).
///
#[doc = include_str!("../../docs/reference/sparse_plus.svg")]
///
/// The integral of the [sparse sigmoid](crate::SparseSigmoid).
///
/// ```
/// use actfn::{Elementwise, SparsePlus};
/// assert_eq!((SparsePlus.value(-2.0), SparsePlus.value(0.0), SparsePlus.value(2.0)), (0.0, 0.25, 2.0));
/// assert_eq!((SparsePlus.derivative(-2.0), SparsePlus.derivative(0.0)), (0.0, 0.5));
/// ```
///
/// Source: Blondel, Martins & Niculae, Learning with Fenchel-Young Losses, 2019, arXiv:1901.02324.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SparsePlus;

impl Elementwise for SparsePlus {
    const INFO: Info = Info {
        title: "Sparse plus",
        formula: "0 for x ≤ −1, ((x + 1) / 2)² for −1 < x < 1, x for x ≥ 1",
        formula_latex: r"\begin{cases}0&x\le-1\\\left(\tfrac{x+1}{2}\right)^2&-1<x<1\\x&x\ge1\end{cases}",
        derivative: "0 for x ≤ −1, (x + 1) / 2 for −1 < x < 1, 1 for x ≥ 1",
        derivative_latex: r"\begin{cases}0&x\le-1\\\tfrac{x+1}{2}&-1<x<1\\1&x\ge1\end{cases}",
        range: "[0, ∞)",
        smoothness: Smoothness::Differentiable,
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.46233, second_moment: 0.524844, derivative_second_moment: 0.379014 }),
        initialisation: Initialisation::HeNormal,
        uses: "a smooth ReLU with exact zeros",
        problems: "dead units",
        source: "Blondel, Martins & Niculae, Learning with Fenchel-Young Losses, 2019, arXiv:1901.02324",
        year: Some(2019),
        frameworks: &[
            Framework::new(Convention::Jax, &["jax.nn.sparse_plus"]),
            Framework::new(Convention::Keras, &["keras.activations.sparse_plus"]),
        ],
        max_ulp: Some(MaxUlp::new(1.92, 0.5).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(1.92, 0.51).second(0.0)),
        known: &[
            [-20.0, 0.0, 0.0],
            [-5.0, 0.0, 0.0],
            [-2.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [-0.5, 0.0625, 0.25],
            [-0.001, 0.24950025, 0.4995],
            [0.0, 0.25, 0.5],
            [0.001, 0.25050025, 0.5005],
            [0.5, 0.5625, 0.75],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("sparse_plus")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let half = R::from_f64(0.5) * (x + R::ONE);
        let middle = half * half;
        let y = if x < R::ONE { middle } else { x };
        if x > -R::ONE { y } else { R::ZERO }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let t = R::from_f64(0.5) * (x + R::ONE);
        let t = if t < R::ZERO { R::ZERO } else { t };
        if t > R::ONE { R::ONE } else { t }
    }
    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // By x itself: beside 1, the sum x + 1 is rounded to 2.
        if x.abs() > R::ONE { R::ZERO } else { R::from_f64(0.5) }
    }
}
