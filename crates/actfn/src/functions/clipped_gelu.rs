use crate::Gelu;
use crate::Real;
use crate::activation::*;
use crate::math::rough;

/// GELU between two bounds: f(x) = min(max(x Φ(x), m), M), by default between −10 and 10; f′(x) = Φ(x) + x φ(x) inside,
/// 0 outside.
///
#[doc = include_str!("../../docs/reference/clipped_gelu.svg")]
///
/// ```
/// use actfn::{ClippedGelu, Elementwise, Gelu};
/// let clipped = ClippedGelu::default();
/// assert_eq!((clipped.value(1.0), clipped.value(20.0)), (Gelu.value(1.0), 10.0));
/// assert_eq!(clipped.derivative(20.0), 0.0);
/// ```
///
/// Source: Wu, Judd, Zhang, Isaev & Micikevicius, Integer Quantization for Deep Learning Inference, 2020,
/// arXiv:2004.09602.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClippedGelu {
    /// The smallest output m.
    pub min_val: f64,
    /// The largest output M.
    pub max_val: f64,
}

impl Default for ClippedGelu {
    fn default() -> Self {
        Self { min_val: -10.0, max_val: 10.0 }
    }
}

impl Elementwise for ClippedGelu {
    const INFO: Info = Info {
        title: "Clipped GELU",
        aliases: &["gelu_10"],
        formula: "min(max(x Φ(x), m), M)",
        formula_latex: r"\min(\max(\operatorname{GELU}(x),m),M)",
        derivative: "GELU′(x) where m < GELU(x) < M, 0 outside",
        derivative_latex: r"\begin{cases}\operatorname{GELU}'(x)&m<\operatorname{GELU}(x)<M\\0&\text{outside}\end{cases}",
        parameters: &[
            Parameter {
                name: "min_val",
                meaning: "the smallest output m",
                default: -10.0,
                domain: Domain::AtMost("max_val"),
                learnable: false,
            },
            Parameter {
                name: "max_val",
                meaning: "the largest output M",
                default: 10.0,
                domain: Domain::AtLeast("min_val"),
                learnable: false,
            },
        ],
        range: "[−0.16997, M]",
        smoothness: Smoothness::Continuous,
        kinks: &[10.0],
        saturates: Saturates::Both,
        max_derivative: 1.128_904_145,
        gaussian: Some(Gaussian { mean: 0.282095, second_moment: 0.425221, derivative_second_moment: 0.455851 }),
        initialisation: Initialisation::HeNormal,
        uses: "Transformers quantised to 8 bits",
        problems: "no gradient above M",
        source: "Wu, Judd, Zhang, Isaev & Micikevicius, Integer Quantization for Deep Learning Inference, 2020, arXiv:2004.09602",
        year: Some(2020),
        max_ulp: Some(MaxUlp::new(1.95, 2.08).missing_root().second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(2.0, 1.32).missing_root().second(1.17)),
        known: &[
            [-20.0, -5.5072482372124673902e-88, -1.1014360483133464042e-86],
            [-5.0, -1.4332578593959695584e-6, -7.1469460017922946279e-6],
            [-2.0, -0.045500263896358414401, -0.085231801078196896701],
            [-1.0, -0.15865525393145705141, -0.083315470587686298383],
            [-0.5, -0.15426876936299344818, 0.13250487534383715747],
            [-0.001, -0.00049960105778608893742, 0.49920211570515859507],
            [0.0, 0.0, 0.5],
            [0.001, 0.00050039894221391106258, 0.50079788429484140493],
            [0.5, 0.34573123063700655182, 0.86749512465616284253],
            [1.0, 0.84134474606854294859, 1.0833154705876862984],
            [2.0, 1.9544997361036415856, 1.0852318010781968967],
            [5.0, 4.999998566742140604, 1.0000071469460017923],
            [20.0, 10.0, 0.0],
        ],
        ..Info::new("clipped_gelu")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let (min, max) = (R::from_f64(self.min_val), R::from_f64(self.max_val));
        let y = Gelu.value(x);
        // At equality min: where it is 0, far to the left Φ has become 0 and x Φ −0.
        let y = if y > min { y } else { min };
        if y > max { max } else { y }
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        let y = rough::gelu(x);
        let y = if y > self.min_val { y } else { self.min_val };
        Some(if y > self.max_val { self.max_val } else { y })
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let (min, max) = (R::from_f64(self.min_val), R::from_f64(self.max_val));
        let y = Gelu.value(x);
        if y < min || y > max { R::ZERO } else { Gelu.derivative(x) }
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        let (min, max) = (R::from_f64(self.min_val), R::from_f64(self.max_val));
        let y = Gelu.value(x);
        if y < min || y > max { R::ZERO } else { Gelu.second_derivative(x) }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "min_val" => Some(&mut self.min_val),
            "max_val" => Some(&mut self.max_val),
            _ => None,
        }
    }
}
