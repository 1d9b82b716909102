use crate::Real;
use crate::activation::*;
use crate::math::pair;

/// The bent identity: f(x) = (√(x² + 1) − 1) / 2 + x, f′(x) = x / (2 √(x² + 1)) + 1.
///
#[doc = include_str!("../../docs/reference/bent_identity.svg")]
///
/// ```
/// use actfn::{BentIdentity, Elementwise};
/// assert_eq!((BentIdentity.value(0.75), BentIdentity.value(-0.75)), (0.875, -0.625));
/// assert_eq!(BentIdentity.derivative(0.75), 1.3);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BentIdentity;

impl Elementwise for BentIdentity {
    const INFO: Info = Info {
        title: "Bent identity",
        formula: "(√(x² + 1) − 1) / 2 + x",
        formula_latex: r"\frac{\sqrt{x^2+1}-1}{2}+x",
        derivative: "x / (2 √(x² + 1)) + 1",
        derivative_latex: r"\frac{x}{2\sqrt{x^2+1}}+1",
        monotonic: true,
        max_derivative: 1.5,
        gaussian: Some(Gaussian { mean: 0.177265, second_moment: 1.072735, derivative_second_moment: 1.08608 }),
        uses: "textbook lists; its slope runs from ½ to 3/2",
        problems: "nearly linear: it bends only next to 0",
        source: "textbook lists; no paper is known",
        max_ulp: Some(MaxUlp::new(0.51, 0.51).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.0, 1.01).second(0.61)),
        known: &[
            [-20.0, -10.487507802749607136, 0.50062383056107766265],
            [-5.0, -2.950490243203607585, 0.50970966215453992019],
            [-2.0, -1.3819660112501051518, 0.55278640450004206072],
            [-1.0, -0.7928932188134524756, 0.6464466094067262378],
            [-0.5, -0.4409830056250525759, 0.77639320225002103036],
            [-0.001, -0.00099975000006249996875, 0.9995000002499998125],
            [0.0, 0.0, 1.0],
            [0.001, 0.0010002499999375000312, 1.0004999997500001875],
            [0.5, 0.5590169943749474241, 1.2236067977499789696],
            [1.0, 1.2071067811865475244, 1.3535533905932737622],
            [2.0, 2.6180339887498948482, 1.4472135954999579393],
            [5.0, 7.049509756796392415, 1.4902903378454600798],
            [20.0, 29.512492197250392864, 1.4993761694389223373],
        ],
        ..Info::new("bent_identity")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // All in pairs: 1.5 x − 0.5 + 1/(4x), which it is far to the right, is next to a tie of f32 for every second x.
        let half = R::from_f64(0.5);
        let a = x.abs();
        let (s, s_low) = pair::root_of_square_and(R::ONE, a);
        // (s − 1) / 2 = x² / (2 (s + 1)): the first cancels next to 0.
        let (n, n_low) = pair::product(half * x, x);
        let (d, d_low) = pair::sum(s, R::ONE);
        let near = pair::quotient((n, n_low), (d, d_low + s_low));
        let (far, far_low) = pair::sum(half * s, -half);
        let (bend, bend_low) = if a < R::ONE { near } else { (far, half.mul_add(s_low, far_low)) };
        let (y, low) = pair::sum(x, bend);
        let y = y.add_to_odd(low + bend_low).copysign(x);
        // At ±∞, and where it overflows, the low parts are ∞ − ∞.
        let limit = if x < R::ZERO { half * x } else { half.mul_add(x, x) };
        if y.is_nan() { limit } else { y }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let far = R::from_f64(1e18);
        let x = if x > far { far } else { x };
        let x = if x < -far { -far } else { x };
        let half = R::from_f64(0.5);
        let (q, q_low) = pair::quotient((half * x, R::ZERO), pair::root_of_square_and(R::ONE, x.abs()));
        let (y, low) = pair::fast_sum(R::ONE, q);
        y.add_to_odd(low + q_low)
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        R::from_f64(0.5) * pair::inverse_root_cubed(R::ONE, x)
    }
}
