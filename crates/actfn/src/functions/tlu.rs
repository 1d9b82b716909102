use crate::Real;
use crate::activation::*;

/// The thresholded linear unit: f(x) = max(x, α x + τ), by default max(x, 0); f′(x) = 1 or α.
///
#[doc = include_str!("../../docs/reference/tlu.svg")]
///
/// The threshold τ is learned per channel, beside filter response normalisation.
///
/// ```
/// use actfn::{Elementwise, Tlu};
/// let tlu = Tlu { tau: -1.0, ..Default::default() };
/// assert_eq!((tlu.value(-3.0), tlu.value(-0.5)), (-1.0, -0.5));
/// assert_eq!((tlu.derivative(-3.0), tlu.derivative(-0.5)), (0.0, 1.0));
/// ```
///
/// Source: Singh & Krishnan, Filter Response Normalization Layer, 2019, arXiv:1911.09737.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tlu {
    /// The threshold τ.
    pub tau: f64,
    /// The slope α of the lower piece.
    pub alpha: f64,
    /// f′ where both pieces meet, between α and 1.
    pub derivative_at_kink: f64,
}

impl Tlu {
    /// α x + τ, without the NaN of 0 · ∞.
    #[inline(always)]
    fn lower_piece<R: Real>(self, x: R) -> R {
        let tau = R::from_f64(self.tau);
        if self.alpha == 0.0 { tau } else { R::from_f64(self.alpha).mul_add(x, tau) }
    }
}

impl Default for Tlu {
    fn default() -> Self {
        Self { tau: 0.0, alpha: 0.0, derivative_at_kink: 0.0 }
    }
}

impl Elementwise for Tlu {
    const INFO: Info = Info {
        title: "TLU (thresholded linear unit)",
        aliases: &["thresholded_linear_unit"],
        formula: "max(x, α x + τ)",
        formula_latex: r"\max(x,\alpha x+\tau)",
        derivative: "1 for x > α x + τ, α elsewhere",
        derivative_latex: r"\begin{cases}1&x>\alpha x+\tau\\\alpha&x<\alpha x+\tau\end{cases}",
        parameters: &[
            Parameter {
                name: "tau",
                meaning: "the threshold τ",
                default: 0.0,
                domain: Domain::Finite,
                learnable: true,
            },
            Parameter {
                name: "alpha",
                meaning: "the slope α of the lower piece",
                default: 0.0,
                domain: Domain::Finite,
                learnable: true,
            },
            Parameter {
                name: "derivative_at_kink",
                meaning: "f′ where both pieces meet",
                default: 0.0,
                domain: Domain::Finite,
                learnable: false,
            },
        ],
        range: "[τ, ∞) for α = 0",
        smoothness: Smoothness::Continuous,
        kinks: &[0.0],
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.398943, second_moment: 0.5, derivative_second_moment: 0.5 }),
        initialisation: Initialisation::HeNormal,
        uses: "with filter response normalisation",
        problems: "as ReLU, with the kink in the right place",
        source: "Singh & Krishnan, Filter Response Normalization Layer, 2019, arXiv:1911.09737",
        year: Some(2019),
        max_ulp: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        known: &[
            [-20.0, 0.0, 0.0],
            [-5.0, 0.0, 0.0],
            [-2.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [-0.5, 0.0, 0.0],
            [-0.001, 0.0, 0.0],
            [0.0, 0.0, 0.0],
            [0.001, 0.001, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("tlu")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let lower = self.lower_piece(x);
        if x > lower { x } else { lower }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let lower = self.lower_piece(x);
        let slope = if x > lower { R::ONE } else { R::from_f64(self.alpha) };
        if x == lower { R::from_f64(self.derivative_at_kink) } else { slope }
    }

    #[inline(always)]
    fn parameter_derivative<R: Real>(self, parameter: usize, x: R) -> R {
        let slope = if parameter == 0 { R::ONE } else { x };
        if x > self.lower_piece(x) { R::ZERO } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "tau" => Some(&mut self.tau),
            "alpha" => Some(&mut self.alpha),
            "derivative_at_kink" => Some(&mut self.derivative_at_kink),
            _ => None,
        }
    }
}
