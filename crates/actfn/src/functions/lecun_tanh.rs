use crate::Real;
use crate::activation::*;
use crate::math::{gate, pair};

/// LeCun's scaled hyperbolic tangent: f(x) = 1.7159 tanh(2x/3), f′(x) = 1.7159 · 2/3 · (1 − tanh²(2x/3)).
///
#[doc = include_str!("../../docs/reference/lecun_tanh.svg")]
///
/// Scaled such that f(±1) = ±1, nearly: targets of ±1 lie inside the range.
///
/// ```
/// use actfn::{Elementwise, LecunTanh};
/// assert_eq!(LecunTanh.value(0.75f32), 0.7929468);
/// assert_eq!(LecunTanh.derivative(0.0), 1.1439333333333332);
/// ```
///
/// Source: LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LecunTanh;

const A: f64 = 1.7159;

impl Elementwise for LecunTanh {
    const INFO: Info = Info {
        title: "LeCun’s scaled tanh",
        aliases: &["scaled_tanh"],
        formula: "1.7159 tanh(2x/3)",
        formula_latex: r"1.7159\tanh\left(\tfrac23x\right)",
        derivative: "1.7159 · 2/3 · (1 − tanh²(2x/3))",
        derivative_latex: r"1.7159\cdot\tfrac23\left(1-\tanh^2\left(\tfrac23x\right)\right)",
        range: "(−1.7159, 1.7159)",
        monotonic: true,
        zero_centred: true,
        saturates: Saturates::Both,
        max_derivative: 1.143_933_333_333_333_3,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.75043, derivative_second_moment: 0.803989 }),
        uses: "networks of the LeNet era with targets of ±1",
        problems: "vanishing gradient at the edges",
        source: "LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998",
        year: Some(1998),
        max_ulp: Some(MaxUlp::new(1.36, 1.5).second(0.51)),
        max_ulp_f64: Some(MaxUlp::new(1.22, 1.83).second(6.18)),
        known: &[
            [-20.0, -1.7158999999909980668, 1.2002577598271827578e-11],
            [-5.0, -1.7115381263883573943, 0.0058084394657929366707],
            [-2.0, -1.4929388053842506716, 0.27796745473817296965],
            [-1.0, -0.99999725592247897502, 0.75541243590244656391],
            [-0.5, -0.5516837063305313721, 1.0256844408840484175],
            [-0.001, -0.0011439331638617585233, 1.1439328249186691599],
            [0.0, 0.0, 1.1439333333333333333],
            [0.001, 0.0011439331638617585233, 1.1439328249186691599],
            [0.5, 0.5516837063305313721, 1.0256844408840484175],
            [1.0, 0.99999725592247897502, 0.75541243590244656391],
            [2.0, 1.4929388053842506716, 0.27796745473817296965],
            [5.0, 1.7115381263883573943, 0.0058084394657929366707],
            [20.0, 1.7158999999909980668, 1.2002577598271827578e-11],
        ],
        ..Info::new("lecun_tanh")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let (a, a_low) =
            pair::times((gate::clamp(x.abs()), R::ZERO), R::pair_from_f64(2.0 / 3.0, 3.700_743_415_417_188e-17));
        let (y, y_low) = pair::times(R::pair_from_f64(A, 0.0), gate::tanh_pair(a, a_low));
        // Next to 0 the pairs above would be subnormal. A multiple of x may lie in the middle between two numbers of a
        // narrower format, but for its last digits.
        let tiny =
            pair::times((x.abs(), R::ZERO), R::pair_from_f64(1.143_933_333_333_333_2, 7.401_486_830_834_377e-17));
        let (y, y_low) = if x.abs() < R::from_f64(1e-30) { tiny } else { (y, y_low) };
        (if x.abs() < R::from_f64(8.0) { y.add_to_odd(y_low) } else { y + y_low }).copysign(x)
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        // 8/3 A e / (1 + e)² with e = e^(−4|x|/3)
        let (v, low) =
            pair::times((gate::clamp(x.abs()), R::ZERO), R::pair_from_f64(-4.0 / 3.0, -7.401_486_830_834_377e-17));
        let d = pair::fast_sum(R::ONE, v.exp_nonpos_times(low, R::ONE, R::ZERO));
        let (q, q_low) = pair::quotient(R::pair_from_f64(8.0 / 3.0 * A, 0.0), pair::times(d, d));
        v.exp_nonpos_times(low, q, q_low)
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // A (2 σ(4x/3) − 1)
        let (u, low) = pair::times((gate::clamp(x), R::ZERO), R::pair_from_f64(4.0 / 3.0, 7.401_486_830_834_377e-17));
        R::from_f64(32.0 / 9.0 * A) * gate::sigmoid_second(u, low)
    }
}
