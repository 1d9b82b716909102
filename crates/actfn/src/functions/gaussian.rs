use crate::Real;
use crate::activation::*;
use crate::math::{gate, pair};

/// The Gaussian: f(x) = e^(−x²), f′(x) = −2 x e^(−x²).
///
#[doc = include_str!("../../docs/reference/gaussian.svg")]
///
/// ```
/// use actfn::{Elementwise, GaussianBump};
/// assert_eq!(GaussianBump.value(1.0), 0.36787944117144233);
/// assert_eq!(GaussianBump.derivative(-0.5), 0.7788007830714049);
/// ```
///
/// Source: Broomhead & Lowe, Multivariable functional interpolation and adaptive networks, Complex Systems 2, 1988.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GaussianBump;

impl Elementwise for GaussianBump {
    const INFO: Info = Info {
        title: "Gaussian",
        aliases: &["rbf", "radial_basis"],
        formula: "e^(−x²)",
        formula_latex: r"e^{-x^2}",
        derivative: "−2 x e^(−x²)",
        derivative_latex: r"-2x\,e^{-x^2}",
        range: "(0, 1]",
        saturates: Saturates::Both,
        max_derivative: 0.857_763_884_960_706_8,
        gaussian: Some(Gaussian { mean: 0.57735, second_moment: 0.447214, derivative_second_moment: 0.357771 }),
        uses: "radial basis function networks; implicit neural representations",
        problems: "vanishes away from 0",
        source: "Broomhead & Lowe, Multivariable functional interpolation and adaptive networks, Complex Systems 2, 1988",
        year: Some(1988),
        max_ulp: Some(MaxUlp::new(1.24, 1.63).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.07, 1.27).second(1.19)),
        known: &[
            [-20.0, 1.915169596714005695e-174, 7.6606783868560227801e-173],
            [-5.0, 1.3887943864964020595e-11, 1.3887943864964020595e-10],
            [-2.0, 0.018315638888734180294, 0.073262555554936721175],
            [-1.0, 0.3678794411714423216, 0.73575888234288464319],
            [-0.5, 0.77880078307140486825, 0.77880078307140486825],
            [-0.001, 0.99999900000049999983, 0.0019999980000009999997],
            [0.0, 1.0, 0.0],
            [0.001, 0.99999900000049999983, -0.0019999980000009999997],
            [0.5, 0.77880078307140486825, -0.77880078307140486825],
            [1.0, 0.3678794411714423216, -0.73575888234288464319],
            [2.0, 0.018315638888734180294, -0.073262555554936721175],
            [5.0, 1.3887943864964020595e-11, -1.3887943864964020595e-10],
            [20.0, 1.915169596714005695e-174, -7.6606783868560227801e-173],
        ],
        ..Info::new("gaussian")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let x = gate::clamp(x);
        let (u, low) = pair::product(x, -x);
        u.exp_nonpos_times_result(low, R::ONE, R::ZERO)
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let x = gate::clamp(x);
        let (u, low) = pair::product(x, -x);
        u.exp_nonpos_times_result(low, (x + x).abs(), R::ZERO).copysign(-x)
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // (4x² − 2) e^(−x²)
        let x = gate::clamp(x);
        let (u, low) = pair::product(x, -x);
        let four = R::from_f64(-4.0);
        let (factor, factor_low) = pair::sum(four * u, R::from_f64(-2.0));
        u.exp_nonpos_times(low, factor, four.mul_add(low, factor_low))
    }
}
