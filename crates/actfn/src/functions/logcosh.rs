use crate::activation::*;
use crate::math::{pair, polynomial};
use crate::{Convention, Framework, Real, Tanh};
use core::f64::consts::LN_2;

/// The logarithm of cosh: f(x) = ln cosh x, f′(x) = tanh x.
///
#[doc = include_str!("../../docs/reference/logcosh.svg")]
///
/// ```
/// use actfn::{Elementwise, Logcosh};
/// assert_eq!(Logcosh.value(1.0), 0.4337808304830272);
/// assert_eq!(Logcosh.value(1e-5f32), 4.9999997e-11); // |x| + ln(1 + e^−2|x|) − ln 2 says 0
/// assert_eq!(Logcosh.derivative(0.0), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Logcosh;

// fpminimax((log(cosh(sqrt(x))) / x - 1/2) / x, 14, [|53...|], [1e-20, 1], absolute): relative error 2⁻⁵⁸
const NEAR: [f64; 15] = [
    -0.083_333_333_333_333_33,
    0.022_222_222_222_221_054,
    -0.006_746_031_745_957_081,
    0.002_186_948_851_549_111,
    -0.000_738_602_929_734_093_3,
    0.000_256_580_286_545_925_3,
    -9.098_788_963_680_441e-5,
    3.277_182_856_052_158e-5,
    -1.193_373_837_880_268_6e-5,
    4.354_871_935_295_918_5e-6,
    -1.554_242_333_396_197_6e-6,
    5.125_523_115_237_525e-7,
    -1.409_138_399_764_167_4e-7,
    2.735_906_454_758_300_8e-8,
    -2.695_947_310_440_933_4e-9,
];

impl Elementwise for Logcosh {
    const INFO: Info = Info {
        title: "Log-cosh",
        aliases: &["log_cosh"],
        formula: "ln cosh x",
        formula_latex: r"\ln\cosh x",
        derivative: "tanh x",
        derivative_latex: r"\tanh x",
        range: "[0, ∞)",
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.374567, second_moment: 0.330068, derivative_second_moment: 0.394294 }),
        uses: "a smooth |x|; a robust loss",
        problems: "even and not negative: not zero-centred",
        source: "no paper is known",
        frameworks: &[Framework::new(Convention::Flux, &["logcosh"])],
        max_ulp: Some(MaxUlp::new(1.07, 2.0).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.06, 1.51).second(2.54)),
        known: &[
            [-20.0, 19.306852819440054695, -0.9999999999999999915],
            [-5.0, 4.3068982183392715552, -0.99990920426259513121],
            [-2.0, 1.3250027473578644309, -0.96402758007581688395],
            [-1.0, 0.43378083048302718703, -0.76159415595576488812],
            [-0.5, 0.12011450695827752463, -0.4621171572600097585],
            [-0.001, 4.9999991666668888888e-7, -0.00099999966666679999995],
            [0.0, 0.0, 0.0],
            [0.001, 4.9999991666668888888e-7, 0.00099999966666679999995],
            [0.5, 0.12011450695827752463, 0.4621171572600097585],
            [1.0, 0.43378083048302718703, 0.76159415595576488812],
            [2.0, 1.3250027473578644309, 0.96402758007581688395],
            [5.0, 4.3068982183392715552, 0.99990920426259513121],
            [20.0, 19.306852819440054695, 0.9999999999999999915],
        ],
        ..Info::new("logcosh")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // Near 0: z / 2 + z² p(z) with z = x².
        let a = x.abs();
        let near = if a > R::ONE { R::ONE } else { a };
        let (z, z_low) = pair::product(near, near);
        let half = R::from_f64(0.5);
        let near = half.mul_add(z, (z * z).mul_add(polynomial(z, NEAR.map(R::from_f64)), half * z_low));
        // Far out: |x| − ln 2 + ln(1 + e^−2|x|).
        let (ln_2, ln_2_low) = R::pair_from_f64(LN_2, 2.319_046_813_846_299_6e-17);
        let far = (a - ln_2) + ((-(a + a)).exp_nonpos().log1p_unit() - ln_2_low);
        if a < R::ONE { near } else { far }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        x.tanh()
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        Tanh.derivative(x)
    }
}
