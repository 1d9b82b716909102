use crate::Real;
use crate::activation::*;

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
        let a = x.abs();
        let s = x.mul_add(x, R::ONE).sqrt();
        // (s − 1) / 2 = x² / (2 (s + 1)): the first cancels next to 0, and the second's four roundings show for x → −∞.
        let bend = if a < R::ONE { x * x / (s + R::ONE) } else { s - R::ONE };
        let bend = if a > R::from_f64(1e18) { a } else { bend }; // x² would overflow
        let y = (x + R::from_f64(0.5) * bend).copysign(x);
        if x < R::from_f64(-1e18) { R::from_f64(0.5) * x } else { y } // not ∞ − ∞
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let far = R::from_f64(1e18);
        let x = if x > far { far } else { x };
        let x = if x < -far { -far } else { x };
        (x / x.mul_add(x, R::ONE).sqrt()).mul_add(R::from_f64(0.5), R::ONE)
    }
}
