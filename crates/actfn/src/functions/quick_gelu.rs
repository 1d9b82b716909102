use crate::activation::*;
use crate::math::{gate, pair, rough};
use crate::{Convention, Framework, Real};

/// The sigmoid approximation of GELU: f(x) = x σ(a x) with a = 1.702, f′(x) = σ(a x) + a x σ(a x) (1 − σ(a x)).
///
#[doc = include_str!("../../docs/reference/quick_gelu.svg")]
///
/// It differs from [`Gelu`](crate::Gelu) by up to 0.0203, at x = −2.27.
///
/// ```
/// use actfn::{Elementwise, QuickGelu};
/// assert_eq!(QuickGelu::default().value(1.0), 0.8457957659328212);
/// assert_eq!(QuickGelu::default().derivative(0.0), 0.5);
/// ```
///
/// Source: Hendrycks & Gimpel, Gaussian Error Linear Units (GELUs), 2016, arXiv:1606.08415.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuickGelu {
    /// The factor a of the gate.
    pub alpha: f64,
}

impl Default for QuickGelu {
    fn default() -> Self {
        Self { alpha: 1.702 }
    }
}

impl Elementwise for QuickGelu {
    const INFO: Info = Info {
        title: "Quick GELU",
        aliases: &["gelu_sigmoid", "gelu_quick"],
        formula: "x σ(a x)",
        formula_latex: r"x\,\sigma(ax)",
        derivative: "σ(a x) + a x σ(a x) (1 − σ(a x))",
        derivative_latex: r"\sigma(ax)+ax\,\sigma(ax)\,(1-\sigma(ax))",
        parameters: &[Parameter {
            name: "alpha",
            meaning: "the factor a of the gate",
            default: 1.702,
            domain: Domain::Finite,
            learnable: false,
        }],
        range: "[−0.1636, ∞)",
        saturates: Saturates::Left,
        max_derivative: 1.099_839_320_128_956_9,
        gaussian: Some(Gaussian { mean: 0.282331, second_moment: 0.421953, derivative_second_moment: 0.449549 }),
        initialisation: Initialisation::HeNormal,
        uses: "CLIP",
        problems: "is not quite GELU; not monotonic",
        source: "Hendrycks & Gimpel, Gaussian Error Linear Units (GELUs), 2016, arXiv:1606.08415",
        year: Some(2016),
        frameworks: &[Framework::new(Convention::Onnx, &["com.microsoft::QuickGelu"])],
        max_ulp: Some(MaxUlp::new(2.0, 2.89).missing_root().second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(2.0, 1.51).second(3.79)),
        known: &[
            [-20.0, -3.2934102413993745365e-14, -5.4407137187917573634e-14],
            [-5.0, -0.0010070162673523691543, -0.0015121932401312311605],
            [-2.0, -0.064341376855791855502, -0.073815354308541934969],
            [-1.0, -0.15420423406717870985, -0.067779606556334051991],
            [-0.5, -0.14961156339361987907, 0.12077808803458573639],
            [-0.001, -4.9957450010271582248e-4, 0.49914900041086318881],
            [0.0, 0.0, 0.5],
            [0.001, 5.0042549989728419834e-4, 0.50085099958913681119],
            [0.5, 0.35038843660638012093, 0.87922191196541426361],
            [1.0, 0.84579576593282129015, 1.067779606556334052],
            [2.0, 1.9356586231442081445, 1.073815354308541935],
            [5.0, 4.9989929837326476308, 1.0015121932401312312],
            [20.0, 19.999999999999967066, 1.0000000000000544071],
        ],
        ..Info::new("quick_gelu")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let (u, low) = pair::scaled(x, self.alpha);
        gate::value(x, u, low)
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(rough::gate(x, self.alpha * x))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let (u, low) = pair::scaled(x, self.alpha);
        gate::derivative_of_product(u, low)
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        let (u, low) = pair::scaled(x, self.alpha);
        R::from_f64(self.alpha) * gate::second_derivative_of_product(u, low)
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "alpha").then_some(&mut self.alpha)
    }
}
