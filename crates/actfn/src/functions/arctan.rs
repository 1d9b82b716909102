use crate::activation::*;
use crate::math::rough;
use crate::{Convention, Framework, Real};
use core::f64::consts::FRAC_PI_4;

/// The inverse tangent: f(x) = tan⁻¹ x, f′(x) = 1 / (x² + 1).
///
#[doc = include_str!("../../docs/reference/arctan.svg")]
///
/// ```
/// use actfn::{Arctan, Elementwise};
/// assert!((Arctan.value(1.0) - std::f64::consts::FRAC_PI_4).abs() < 1e-15);
/// assert_eq!(Arctan.derivative(3.0), 0.1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Arctan;

impl Elementwise for Arctan {
    const INFO: Info = Info {
        title: "Inverse tangent",
        aliases: &["atan", "inverse_tangent"],
        formula: "tan⁻¹ x",
        formula_latex: r"\arctan x",
        derivative: "1 / (x² + 1)",
        derivative_latex: r"\frac{1}{1+x^2}",
        range: "(−π/2, π/2)",
        monotonic: true,
        zero_centred: true,
        saturates: Saturates::Both,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.449701, derivative_second_moment: 0.5 }),
        uses: "soft clipping; surrogate gradient of spiking networks",
        problems: "saturates, though its derivative falls off as 1/x² and not exponentially",
        source: "elementary",
        frameworks: &[
            Framework::new(Convention::Page, &["arctan"]),
            Framework::new(Convention::Torch, &["torch.atan", "torch.arctan"]),
            Framework::new(Convention::Jax, &["jnp.arctan"]),
            Framework::new(Convention::TensorFlow, &["tf.atan"]),
            Framework::new(Convention::Keras, &["keras.ops.arctan"]),
            Framework::new(Convention::Onnx, &["Atan"]),
        ],
        max_ulp: Some(MaxUlp::new(1.3, 1.5).second(0.51)),
        max_ulp_f64: Some(MaxUlp::new(1.37, 1.5).second(7.01)),
        known: &[
            [-20.0, -1.5208379310729538578, 0.0024937655860349127182],
            [-5.0, -1.3734007669450158609, 0.038461538461538461538],
            [-2.0, -1.107148717794090503, 0.2],
            [-1.0, -FRAC_PI_4, 0.5],
            [-0.5, -0.46364760900080611621, 0.8],
            [-0.001, -9.9999966666686668734e-4, 0.999999000000999999],
            [0.0, 0.0, 1.0],
            [0.001, 9.9999966666686668734e-4, 0.999999000000999999],
            [0.5, 0.46364760900080611621, 0.8],
            [1.0, FRAC_PI_4, 0.5],
            [2.0, 1.107148717794090503, 0.2],
            [5.0, 1.3734007669450158609, 0.038461538461538461538],
            [20.0, 1.5208379310729538578, 0.0024937655860349127182],
        ],
        ..Info::new("arctan")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        x.atan()
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(rough::atan(x))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        // x² would overflow where f′ is still a number: both terms are scaled by 2⁻⁶⁴, which is exact.
        let scale = R::from_f64(5.421_010_862_427_522e-20);
        let x = x * R::from_f64(2.328_306_436_538_696_3e-10);
        scale / x.mul_add(x, scale)
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // −2x / (1 + x²)², and for |x| > 1, where x² might overflow, −2v³ / (1 + v²)² with v = 1/x
        let far = x.abs() > R::ONE;
        let v = if far { R::ONE / x } else { x };
        let square = v * v;
        let d = R::ONE + square;
        let numerator = if far { v * square } else { v };
        R::from_f64(-2.0) * (numerator / (d * d))
    }
}
