use crate::Real;
use crate::activation::*;
use crate::math::pair;

/// The StarReLU: f(x) = s max(x, 0)² + b, f′(x) = 2 s max(x, 0).
///
#[doc = include_str!("../../docs/reference/star_relu.svg")]
///
/// With s = 1/√(5/4) and b = −½ s, rounded to four digits by default, standard normal input gives mean 0 and variance
/// 1.
///
/// ```
/// use actfn::{Elementwise, StarRelu};
/// let star = StarRelu::default();
/// assert_eq!((star.value(-3.0), star.value(1.0)), (-0.4472, 0.4472));
/// assert_eq!((star.derivative(-3.0), star.derivative(1.0)), (0.0, 1.7888));
/// ```
///
/// Source: Yu et al., MetaFormer Baselines for Vision, 2022, arXiv:2210.13452.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StarRelu {
    /// The factor s.
    pub scale: f64,
    /// The offset b.
    pub bias: f64,
}

impl Default for StarRelu {
    fn default() -> Self {
        Self { scale: 0.8944, bias: -0.4472 }
    }
}

impl Elementwise for StarRelu {
    const INFO: Info = Info {
        title: "StarReLU",
        formula: "s max(x, 0)² + b",
        formula_latex: r"s\max(x,0)^2+b",
        derivative: "2 s max(x, 0)",
        derivative_latex: r"2s\max(x,0)",
        parameters: &[
            Parameter {
                name: "scale",
                meaning: "the factor s",
                default: 0.8944,
                domain: Domain::Finite,
                learnable: true,
            },
            Parameter {
                name: "bias",
                meaning: "the offset b",
                default: -0.4472,
                domain: Domain::Finite,
                learnable: true,
            },
        ],
        range: "[b, ∞)",
        smoothness: Smoothness::Differentiable,
        monotonic: true,
        zero_centred: true,
        saturates: Saturates::Left,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.999939, derivative_second_moment: 1.599903 }),
        initialisation: Initialisation::HeNormal,
        uses: "vision networks of the MetaFormer family",
        problems: "grows as x²; dead units",
        source: "Yu et al., MetaFormer Baselines for Vision, 2022, arXiv:2210.13452",
        year: Some(2022),
        max_ulp: Some(MaxUlp::new(1.04, 0.52).second(0.01)),
        max_ulp_f64: Some(MaxUlp::new(0.58, 0.5).second(0.0)),
        known: &[
            [-20.0, -0.4472, 0.0],
            [-5.0, -0.4472, 0.0],
            [-2.0, -0.4472, 0.0],
            [-1.0, -0.4472, 0.0],
            [-0.5, -0.4472, 0.0],
            [-0.001, -0.4472, 0.0],
            [0.0, -0.4472, 0.0],
            [0.001, -0.4471991056, 0.0017888],
            [0.5, -0.2236, 0.8944],
            [1.0, 0.4472, 1.7888],
            [2.0, 3.1304, 3.5776],
            [5.0, 21.9128, 8.944],
            [20.0, 357.3128, 35.776],
        ],
        ..Info::new("star_relu")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Subnormal;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // s x² + b has a root (at 1/√2), next to which all digits come from what rounding leaves off: carry it along.
        let r = if x < R::ZERO { R::ZERO } else { x };
        let (scale, scale_low) = R::pair_from_f64(self.scale, 0.0);
        let (bias, bias_low) = R::pair_from_f64(self.bias, 0.0);
        let (square, square_low) = pair::product(r, r);
        let (scaled, scaled_low) = pair::product(scale, square);
        let low = scaled_low + scale.mul_add(square_low, scale_low * square);
        let (high, high_low) = pair::sum(scaled, bias);
        let y = high.add_to_odd(high_low + (low + bias_low));
        // Where x² overflows the low parts are ∞ − ∞.
        if y.is_nan() { scale * r * r } else { y }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let r = if x < R::ZERO { R::ZERO } else { x };
        R::from_f64(2.0 * self.scale) * r
    }

    #[inline(always)]
    fn parameter_derivative<R: Real>(self, parameter: usize, x: R) -> R {
        let r = if x < R::ZERO { R::ZERO } else { x };
        if parameter == 0 { r * r } else { R::ONE }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "scale" => Some(&mut self.scale),
            "bias" => Some(&mut self.bias),
            _ => None,
        }
    }
}
