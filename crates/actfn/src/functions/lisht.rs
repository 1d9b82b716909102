use crate::activation::*;
use crate::math::{gate, pair, rough};
use crate::{Convention, Framework, Real};

/// The linearly scaled hyperbolic tangent: f(x) = x tanh x, f′(x) = tanh x + x (1 − tanh² x).
///
#[doc = include_str!("../../docs/reference/lisht.svg")]
///
/// ```
/// use actfn::{Elementwise, Lisht};
/// assert_eq!(Lisht.value(-1.0), 0.7615941559557649);
/// assert_eq!(Lisht.derivative(0.0), 0.0);
/// ```
///
/// Source: Roy, Manna, Dubey & Chaudhuri, LiSHT: Non-Parametric Linearly Scaled Hyperbolic Tangent Activation Function
/// for Neural Networks, 2019, arXiv:1901.05894.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lisht;

impl Elementwise for Lisht {
    const INFO: Info = Info {
        title: "LiSHT (linearly scaled hyperbolic tangent)",
        formula: "x tanh x",
        formula_latex: r"x\tanh x",
        derivative: "tanh x + x (1 − tanh² x)",
        derivative_latex: r"\tanh x+x\,(1-\tanh^2x)",
        range: "[0, ∞)",
        max_derivative: 1.199_678_640_257_734,
        gaussian: Some(Gaussian { mean: 0.605706, second_moment: 0.75789, derivative_second_moment: 0.8657 }),
        uses: "in place of ReLU where the sign does not matter",
        problems: "even and not negative: not zero-centred",
        source: "Roy, Manna, Dubey & Chaudhuri, LiSHT: Non-Parametric Linearly Scaled Hyperbolic Tangent Activation Function for Neural Networks, 2019, arXiv:1901.05894",
        year: Some(2019),
        frameworks: &[Framework::new(Convention::Flux, &["lisht"])],
        max_ulp: Some(MaxUlp::new(1.25, 3.62).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.49, 3.64).second(4.92)),
        known: &[
            [-20.0, 19.99999999999999983, -1.0000000000000003314],
            [-5.0, 4.9995460213129756561, -1.0008171204173141646],
            [-2.0, 1.9280551601516337679, -1.1053292297821458153],
            [-1.0, 0.76159415595576488812, -1.1815684975697909575],
            [-0.5, 0.23105857863000487925, -0.85534102374297346358],
            [-0.001, 9.9999966666679999995e-7, -0.0019999986666674666662],
            [0.0, 0.0, 0.0],
            [0.001, 9.9999966666679999995e-7, 0.0019999986666674666662],
            [0.5, 0.23105857863000487925, 0.85534102374297346358],
            [1.0, 0.76159415595576488812, 1.1815684975697909575],
            [2.0, 1.9280551601516337679, 1.1053292297821458153],
            [5.0, 4.9995460213129756561, 1.0008171204173141646],
            [20.0, 19.99999999999999983, 1.0000000000000003314],
        ],
        ..Info::new("lisht")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let a = gate::clamp(x.abs());
        let (y, y_low) = pair::times((a, R::ZERO), gate::tanh_pair(a, R::ZERO));
        if a < x.abs() { x.abs() } else { y + y_low }
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(x.abs() * rough::tanh(x).abs())
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        // (1 − e²) + 4 |x| e over (1 + e)², with e = e^−2|x|: all terms positive.
        let a = x.abs();
        let a = if a > R::from_f64(1e3) { R::from_f64(1e3) } else { a };
        let u = (-(a + a)).expm1_nonpos();
        let e = (-(a + a)).exp_nonpos();
        let d = R::ONE + e;
        ((R::from_f64(4.0) * a).mul_add(e, -u * d) / (d * d)).copysign(x)
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // 2 (1 − a tanh a) sech² a with a = |x|, and sech² a = 4 e / (1 + e)² with e = e^−2a
        let a = gate::clamp(x.abs());
        let u = -(a + a);
        let d = R::ONE + u.exp_nonpos();
        let factor = R::from_f64(8.0) * (-a).mul_add(a.tanh(), R::ONE) / (d * d);
        u.exp_nonpos_times(R::ZERO, factor, R::ZERO)
    }
}
