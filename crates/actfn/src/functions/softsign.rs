use crate::activation::*;
use crate::math::pair;
use crate::{Convention, Framework, Real};

/// The softsign: f(x) = x / (1 + |x|), f′(x) = 1 / (1 + |x|)².
///
#[doc = include_str!("../../docs/reference/softsign.svg")]
///
/// ```
/// use actfn::{Elementwise, Softsign};
/// assert_eq!((Softsign.value(-1.0), Softsign.value(3.0), Softsign.value(f64::INFINITY)), (-0.5, 0.75, 1.0));
/// assert_eq!(Softsign.derivative(-1.0), 0.25);
/// ```
///
/// Source: Turian, Bergstra & Bengio, Quadratic features and deep architectures for chunking, NAACL 2009.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Softsign;

impl Elementwise for Softsign {
    const INFO: Info = Info {
        title: "Softsign",
        aliases: &["soft_sign", "elliot_sigmoid"],
        formula: "x / (1 + |x|)",
        formula_latex: r"\frac{x}{1+|x|}",
        derivative: "1 / (1 + |x|)²",
        derivative_latex: r"\frac{1}{(1+|x|)^2}",
        range: "(−1, 1)",
        smoothness: Smoothness::Differentiable,
        monotonic: true,
        zero_centred: true,
        saturates: Saturates::Both,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.183014, derivative_second_moment: 0.227669 }),
        uses: "in place of tanh where slower, polynomial saturation is wanted",
        problems: "vanishing gradient at the edges",
        source: "Turian, Bergstra & Bengio, Quadratic features and deep architectures for chunking, NAACL 2009",
        year: Some(2009),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.Softsign", "F.softsign"]),
            Framework::new(Convention::Jax, &["jax.nn.soft_sign"]),
            Framework::new(Convention::TensorFlow, &["tf.nn.softsign"]),
            Framework::new(Convention::Keras, &["keras.activations.softsign"]),
            Framework::new(Convention::Onnx, &["Softsign"]),
            Framework::new(Convention::Burn, &["activation::softsign"]),
            Framework::new(Convention::Flux, &["softsign"]),
        ],
        max_ulp: Some(MaxUlp::new(1.5, 3.5).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(0.83, 1.24).second(1.59)),
        known: &[
            [-20.0, -0.95238095238095238095, 0.0022675736961451247166],
            [-5.0, -0.83333333333333333333, 0.027777777777777777778],
            [-2.0, -0.66666666666666666667, 0.11111111111111111111],
            [-1.0, -0.5, 0.25],
            [-0.5, -0.33333333333333333333, 0.44444444444444444444],
            [-0.001, -0.000999000999000999001, 0.99800299600499400699],
            [0.0, 0.0, 1.0],
            [0.001, 0.000999000999000999001, 0.99800299600499400699],
            [0.5, 0.33333333333333333333, 0.44444444444444444444],
            [1.0, 0.5, 0.25],
            [2.0, 0.66666666666666666667, 0.11111111111111111111],
            [5.0, 0.83333333333333333333, 0.027777777777777777778],
            [20.0, 0.95238095238095238095, 0.0022675736961451247166],
        ],
        ..Info::new("softsign")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let a = x.abs();
        if x.as_f32().is_some() {
            let y = if a > R::from_f64(1e18) { R::ONE } else { a / (R::ONE + a) };
            return y.copysign(x);
        }
        // In pairs, as the derivative: a quotient of f64 rounded once more was wrong for 2 of all f32.
        let y = pair::quotient((a, R::ZERO), pair::sum(R::ONE, a));
        // ∞ / ∞ has a limit, 1, and reaches it long before.
        let y = if a > R::from_f64(1e18) { R::ONE } else { pair::to_odd(y) };
        y.copysign(x)
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        let a = x.abs();
        let y = if a > 1e18 { 1.0 } else { a / (1.0 + a) };
        Some(y.copysign(x))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        if x.as_f32().is_some() {
            let r = R::ONE / (R::ONE + x.abs());
            return r * r;
        }
        // The reciprocal squared: (1 + |x|)² would overflow before its reciprocal underflows.
        let r = pair::quotient((R::ONE, R::ZERO), pair::sum(R::ONE, x.abs()));
        pair::to_odd(pair::times(r, r))
    }
}
