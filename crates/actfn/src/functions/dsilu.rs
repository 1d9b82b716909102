use crate::Real;
use crate::activation::*;
use crate::math::gate;

/// The derivative of the SiLU as an activation of its own: f(x) = σ(x) (1 + x (1 − σ(x))), f′(x) = σ′(x) (2 + x (1 − 2
/// σ(x))).
///
#[doc = include_str!("../../docs/reference/dsilu.svg")]
///
/// ```
/// use actfn::{Dsilu, Elementwise, Silu};
/// assert_eq!(Dsilu.value(1.0), Silu.derivative(1.0));
/// assert_eq!(Dsilu.derivative(0.0f32), 0.5);
/// ```
///
/// Source: Elfwing, Uchibe & Doya, Sigmoid-Weighted Linear Units for Neural Network Function Approximation in
/// Reinforcement Learning, 2017, arXiv:1702.03118.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Dsilu;

impl Elementwise for Dsilu {
    const INFO: Info = Info {
        title: "dSiLU (derivative of SiLU)",
        formula: "σ(x) (1 + x (1 − σ(x)))",
        formula_latex: r"\sigma(x)\,(1+x\,(1-\sigma(x)))",
        derivative: "σ′(x) (2 + x (1 − 2 σ(x)))",
        derivative_latex: r"\sigma'(x)\,(2+x\,(1-2\sigma(x)))",
        range: "[−0.0998, 1.0998]",
        saturates: Saturates::Both,
        max_derivative: 0.5,
        gaussian: Some(Gaussian { mean: 0.5, second_moment: 0.379482, derivative_second_moment: 0.143834 }),
        uses: "value networks in reinforcement learning",
        problems: "not monotonic; vanishing gradient at the edges",
        source: "Elfwing, Uchibe & Doya, Sigmoid-Weighted Linear Units for Neural Network Function Approximation in Reinforcement Learning, 2017, arXiv:1702.03118",
        year: Some(2017),
        max_ulp: Some(MaxUlp::new(1.62, 3.02).second(0.51)),
        max_ulp_f64: Some(MaxUlp::new(1.45, 2.99).second(5.24)),
        known: &[
            [-20.0, -3.9161918660646783292e-8, -3.7100764881019119025e-8],
            [-5.0, -0.026547432429665919011, -0.019499225490032504862],
            [-2.0, -0.090784248784895478757, 0.05006216869470690965],
            [-1.0, 0.072329488128513268211, 0.30236611881001529563],
            [-0.5, 0.26003881269734819083, 0.44122902697702860786],
            [-0.001, 0.49950000008333332083, 0.49999975000006249999],
            [0.0, 0.5, 0.5],
            [0.001, 0.50049999991666667917, 0.49999975000006249999],
            [0.5, 0.73996118730265180917, 0.44122902697702860786],
            [1.0, 0.92767051187148673179, 0.30236611881001529563],
            [2.0, 1.0907842487848954788, 0.05006216869470690965],
            [5.0, 1.026547432429665919, -0.019499225490032504862],
            [20.0, 1.0000000391619186606, -3.7100764881019119025e-8],
        ],
        ..Info::new("dsilu")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        gate::accurate_derivative_of_product(x, R::ZERO)
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        gate::second_derivative_of_product(x, R::ZERO)
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // σ′ g with a = |x|, e = e^−a and the sign of x, where g = a (3t² − 1) / 2 − 3t with t = tanh(a/2); by way of 1 − t far out,
        // where that cancels next to its root a = 3.44: a − 3 + 6 e / (1 + e) − 6 a e / (1 + e)².
        let a = gate::clamp(x.abs());
        let (half, three, six) = (R::from_f64(0.5), R::from_f64(3.0), R::from_f64(6.0));
        let t = (half * a).tanh();
        let near = (half * a).mul_add(three.mul_add(t * t, -R::ONE), -three * t);
        let e = (-a).exp_nonpos();
        let d = R::ONE + e;
        let far = (a - three) + six * e * (d - a) / (d * d);
        let g = if a > R::from_f64(2.0) { far } else { near };
        (-a).exp_nonpos_times(R::ZERO, g / (d * d), R::ZERO) * R::ONE.copysign(x)
    }
}
