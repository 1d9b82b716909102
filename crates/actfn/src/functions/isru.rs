use crate::Real;
use crate::activation::*;
use crate::math::pair;

/// The inverse square root unit: f(x) = x / √(1 + α x²), f′(x) = (1 + α x²)^(−3/2).
///
#[doc = include_str!("../../docs/reference/isru.svg")]
///
/// ```
/// use actfn::{Elementwise, Isru};
/// let isru = Isru { alpha: 3.0 };
/// assert_eq!((isru.value(-1.0), isru.value(1.0)), (-0.5, 0.5));
/// assert_eq!(isru.derivative(1.0), 0.125);
/// ```
///
/// Source: Carlile, Delamarter, Kinney, Marti & Whitney, Improving Deep Learning by Inverse Square Root Linear Units
/// (ISRLUs), 2017, arXiv:1710.09967.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Isru {
    /// α: the output is bounded by 1/√α.
    pub alpha: f64,
}

impl Default for Isru {
    fn default() -> Self {
        Self { alpha: 1.0 }
    }
}

impl Elementwise for Isru {
    const INFO: Info = Info {
        title: "ISRU (inverse square root unit)",
        aliases: &["inverse_square_root_unit"],
        formula: "x / √(1 + α x²)",
        formula_latex: r"\frac{x}{\sqrt{1+\alpha x^2}}",
        derivative: "(1 + α x²)^(−3/2)",
        derivative_latex: r"(1+\alpha x^2)^{-3/2}",
        parameters: &[Parameter {
            name: "alpha",
            meaning: "α: the output is bounded by 1/√α",
            default: 1.0,
            domain: Domain::Positive,
            learnable: false,
        }],
        range: "(−1/√α, 1/√α)",
        monotonic: true,
        zero_centred: true,
        saturates: Saturates::Both,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.34432, derivative_second_moment: 0.41392 }),
        uses: "in place of tanh in recurrent networks, without an exponential",
        problems: "vanishing gradient at the edges",
        source: "Carlile, Delamarter, Kinney, Marti & Whitney, Improving Deep Learning by Inverse Square Root Linear Units (ISRLUs), 2017, arXiv:1710.09967",
        year: Some(2017),
        max_ulp: Some(MaxUlp::new(1.99, 1.5).second(0.51)),
        max_ulp_f64: Some(MaxUlp::new(1.99, 1.1).second(4.25)),
        known: &[
            [-20.0, -0.9987523388778446747, 0.00012453271058327240333],
            [-5.0, -0.98058067569092015962, 0.0075429282745455396894],
            [-2.0, -0.89442719099991587856, 0.089442719099991587856],
            [-1.0, -0.7071067811865475244, 0.3535533905932737622],
            [-0.5, -0.44721359549995793928, 0.71554175279993270285],
            [-0.001, -0.00099999950000037499969, 0.99999850000187499781],
            [0.0, 0.0, 1.0],
            [0.001, 0.00099999950000037499969, 0.99999850000187499781],
            [0.5, 0.44721359549995793928, 0.71554175279993270285],
            [1.0, 0.7071067811865475244, 0.3535533905932737622],
            [2.0, 0.89442719099991587856, 0.089442719099991587856],
            [5.0, 0.98058067569092015962, 0.0075429282745455396894],
            [20.0, 0.9987523388778446747, 0.00012453271058327240333],
        ],
        ..Info::new("isru")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // √(1 + α x²) / |x| has reached √α by 2⁶²; beyond, x² would overflow.
        let far = R::from_f64(4_611_686_018_427_387_904.0);
        let a = x.abs();
        let a = if a > far { far } else { a };
        let d = (R::from_f64(self.alpha) * a).mul_add(a, R::ONE);
        (a / d.sqrt()).copysign(x)
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        pair::inverse_root_cubed(R::from_f64(self.alpha), x)
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "alpha").then_some(&mut self.alpha)
    }
}
