use crate::Real;
use crate::activation::*;
use crate::math::pair;

/// The inverse square root linear unit: f(x) = x for x ≥ 0, x / √(1 + α x²) for x < 0; f′(x) = 1 or (1 + α x²)^(−3/2).
///
#[doc = include_str!("../../docs/reference/isrlu.svg")]
///
/// Twice continuously differentiable.
///
/// ```
/// use actfn::{Elementwise, Isrlu};
/// let isrlu = Isrlu { alpha: 3.0 };
/// assert_eq!((isrlu.value(-1.0), isrlu.value(2.0)), (-0.5, 2.0));
/// assert_eq!((isrlu.derivative(-1.0), isrlu.derivative(2.0)), (0.125, 1.0));
/// ```
///
/// Source: Carlile, Delamarter, Kinney, Marti & Whitney, Improving Deep Learning by Inverse Square Root Linear Units
/// (ISRLUs), 2017, arXiv:1710.09967.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Isrlu {
    /// α: the output is bounded below by −1/√α.
    pub alpha: f64,
}

impl Default for Isrlu {
    fn default() -> Self {
        Self { alpha: 1.0 }
    }
}

impl Elementwise for Isrlu {
    const INFO: Info = Info {
        title: "ISRLU (inverse square root linear unit)",
        aliases: &["inverse_square_root_linear_unit"],
        formula: "x for x ≥ 0, x / √(1 + α x²) for x < 0",
        formula_latex: r"\begin{cases}x&x\ge0\\\frac{x}{\sqrt{1+\alpha x^2}}&x<0\end{cases}",
        derivative: "1 for x ≥ 0, (1 + α x²)^(−3/2) for x < 0",
        derivative_latex: r"\begin{cases}1&x\ge0\\(1+\alpha x^2)^{-3/2}&x<0\end{cases}",
        parameters: &[Parameter {
            name: "alpha",
            meaning: "α: the output is bounded below by −1/√α",
            default: 1.0,
            domain: Domain::Positive,
            learnable: false,
        }],
        range: "(−1/√α, ∞)",
        smoothness: Smoothness::Differentiable,
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.137364, second_moment: 0.67216, derivative_second_moment: 0.70696 }),
        initialisation: Initialisation::HeNormal,
        uses: "an ELU without an exponential",
        problems: "rarely implemented",
        source: "Carlile, Delamarter, Kinney, Marti & Whitney, Improving Deep Learning by Inverse Square Root Linear Units (ISRLUs), 2017, arXiv:1710.09967",
        year: Some(2017),
        max_ulp: Some(MaxUlp::new(1.99, 1.5).second(0.51)),
        max_ulp_f64: Some(MaxUlp::new(1.99, 1.01).second(4.25)),
        known: &[
            [-20.0, -0.9987523388778446747, 0.00012453271058327240333],
            [-5.0, -0.98058067569092015962, 0.0075429282745455396894],
            [-2.0, -0.89442719099991587856, 0.089442719099991587856],
            [-1.0, -0.7071067811865475244, 0.3535533905932737622],
            [-0.5, -0.44721359549995793928, 0.71554175279993270285],
            [-0.001, -0.00099999950000037499969, 0.99999850000187499781],
            [0.0, 0.0, 1.0],
            [0.001, 0.001, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("isrlu")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // √(1 + α x²) / |x| has reached √α by 2⁶²; beyond, x² would overflow.
        let far = R::from_f64(4_611_686_018_427_387_904.0);
        let clamped = if x < -far { -far } else { x };
        let d = (R::from_f64(self.alpha) * clamped).mul_add(clamped, R::ONE);
        if x < R::ZERO { clamped / d.sqrt() } else { x }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let slope = pair::inverse_root_cubed(R::from_f64(self.alpha), x);
        if x < R::ZERO { slope } else { R::ONE }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "alpha").then_some(&mut self.alpha)
    }
}
