use crate::Real;
use crate::activation::*;
use crate::math::pair;

/// The expanded integral of the ELU: f(x) = α₊ x² + β x for x > 0, α₋ (eˣ − 1 − x) + β x for x ≤ 0; f′(x) = 2 α₊ x + β
/// or α₋ (eˣ − 1) + β.
///
#[doc = include_str!("../../docs/reference/xielu.svg")]
///
/// α₊ and α₋ are learned; transformers learns p and n with α₊ = softplus(p) and α₋ = β + softplus(n), and evaluates
/// eˣ at min(x, −10⁻⁶).
///
/// ```
/// use actfn::{Elementwise, Xielu};
/// let xielu = Xielu::default();
/// assert_eq!((xielu.value(0.0), xielu.value(1.0)), (0.0, 1.3));
/// assert_eq!((xielu.derivative(0.0), xielu.derivative(1.0)), (0.5, 2.1));
/// ```
///
/// Source: Huang & Schlag, Deriving Activation Functions Using Integration, 2024, arXiv:2411.13010.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Xielu {
    /// α₊: the curvature for x > 0.
    pub alpha_p: f64,
    /// α₋: the factor for x ≤ 0.
    pub alpha_n: f64,
    /// β: the slope at 0.
    pub beta: f64,
}

impl Default for Xielu {
    fn default() -> Self {
        Self { alpha_p: 0.8, alpha_n: 0.8, beta: 0.5 }
    }
}

impl Elementwise for Xielu {
    const INFO: Info = Info {
        title: "xIELU",
        formula: "α₊ x² + β x for x > 0, α₋ (eˣ − 1 − x) + β x for x ≤ 0",
        formula_latex: r"\begin{cases}\alpha_+x^2+\beta x&x>0\\\alpha_-(e^x-1-x)+\beta x&x\le0\end{cases}",
        derivative: "2 α₊ x + β for x > 0, α₋ (eˣ − 1) + β for x ≤ 0",
        derivative_latex: r"\begin{cases}2\alpha_+x+\beta&x>0\\\alpha_-(e^x-1)+\beta&x\le0\end{cases}",
        parameters: &[
            Parameter {
                name: "alpha_p",
                meaning: "α₊: the curvature for x > 0",
                default: 0.8,
                domain: Domain::Finite,
                learnable: true,
            },
            Parameter {
                name: "alpha_n",
                meaning: "α₋: the factor for x ≤ 0",
                default: 0.8,
                domain: Domain::Finite,
                learnable: true,
            },
            Parameter {
                name: "beta",
                meaning: "β: the slope at 0",
                default: 0.5,
                domain: Domain::Finite,
                learnable: false,
            },
        ],
        range: "[−0.20575, ∞)",
        smoothness: Smoothness::Differentiable,
        gaussian: Some(Gaussian { mean: 0.528416, second_moment: 1.735515, derivative_second_moment: 2.070336 }),
        initialisation: Initialisation::HeNormal,
        uses: "feed-forward layers of large language models (Apertus)",
        problems: "grows as x²; not monotonic",
        source: "Huang & Schlag, Deriving Activation Functions Using Integration, 2024, arXiv:2411.13010",
        year: Some(2024),
        max_ulp: Some(MaxUlp::new(0.88, 1.24).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.0, 1.0).second(1.52)),
        known: &[
            [-20.0, 5.2000000016489237417, -0.29999999835107714646],
            [-5.0, 0.70539035759926855161, -0.29460964240073167043],
            [-2.0, -0.091731773410709796066, -0.19173177341070988488],
            [-1.0, -0.20569644706284612639, -0.0056964470628461707954],
            [-0.5, -0.16477547222989325639, 0.18522452777010672141],
            [-0.001, -4.9960013330000667593e-4, 0.49920039986669999327],
            [0.0, 0.0, 0.5],
            [0.001, 5.0080000000000001049e-4, 0.50160000000000000012],
            [0.5, 0.4500000000000000111, 1.3000000000000000444],
            [1.0, 1.3000000000000000444, 2.1000000000000000888],
            [2.0, 4.2000000000000001776, 3.7000000000000001776],
            [5.0, 22.50000000000000111, 8.5000000000000004441],
            [20.0, 330.00000000000001776, 32.500000000000001776],
        ],
        ..Info::new("xielu")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // x < 0: in pairs, since it has a root near −2.43. eˣ − 1 − x comes first: next to 0 it is a square that decides
        // whether βx, half of a subnormal number, is rounded up.
        let (u, u_low) = x.expm1_nonpos_accurate();
        let (u, rest) = pair::sum(u, -x);
        let exponential = pair::times(R::pair_from_f64(self.alpha_n, 0.0), (u, rest + u_low));
        let line = pair::times(R::pair_from_f64(self.beta, 0.0), (x, R::ZERO));
        let (y, y_low) = pair::sum(exponential.0, line.0);
        let negative = y.add_to_odd(y_low + (exponential.1 + line.1));
        let (bend, bend_low) = pair::times(R::pair_from_f64(self.alpha_p, 0.0), (x, R::ZERO));
        let (y, y_low) = pair::sum(bend, R::from_f64(self.beta));
        let (y, y_low) = pair::times((x, R::ZERO), (y, y_low + bend_low));
        let positive = y.add_to_odd(y_low);
        let y = if x < R::ZERO { negative } else { positive };
        // At ±∞, and where x² overflows, the low parts are ∞ − ∞.
        let slope = if x < R::ZERO { R::from_f64(self.beta - self.alpha_n) } else { R::from_f64(self.alpha_p) * x };
        let y = if y.is_nan() { slope * x } else { y };
        if x == R::ZERO { R::from_f64(self.beta) * x } else { y } // keeps −0
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let exponential = pair::times(R::pair_from_f64(self.alpha_n, 0.0), x.expm1_nonpos_accurate());
        let bend = pair::times(R::pair_from_f64(2.0 * self.alpha_p, 0.0), (x, R::ZERO));
        let (rise, rise_low) = if x < R::ZERO { exponential } else { bend };
        let (y, y_low) = pair::sum(rise, R::from_f64(self.beta));
        let y = y.add_to_odd(y_low + rise_low);
        if y.is_nan() { R::from_f64(2.0 * self.alpha_p) * x } else { y }
    }

    #[inline(always)]
    fn parameter_derivative<R: Real>(self, parameter: usize, x: R) -> R {
        // α₊ x² for x > 0, α₋ (eˣ − 1 − x) for x ≤ 0
        let (u, low) = x.expm1_nonpos_pair();
        let slope = if parameter == 0 { x * x } else { (u - x) + low };
        if (x > R::ZERO) == (parameter == 0) { slope } else { R::ZERO }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "alpha_p" => Some(&mut self.alpha_p),
            "alpha_n" => Some(&mut self.alpha_n),
            "beta" => Some(&mut self.beta),
            _ => None,
        }
    }
}
