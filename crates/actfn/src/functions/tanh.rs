use crate::activation::*;
use crate::math::{gate, rough};
use crate::{Convention, Framework, Real};

/// The hyperbolic tangent: f(x) = tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), f′(x) = 1 − f(x)² = 4 e⁻²ˣ / (1 + e⁻²ˣ)².
///
#[doc = include_str!("../../docs/reference/tanh.svg")]
///
/// ```
/// use actfn::{Elementwise, Tanh};
/// assert!((Tanh.value(0.5) - 0.46211715726000975f64).abs() < 1e-15);
/// assert_eq!(Tanh.derivative(0.0), 1.0);
/// ```
///
/// Source: LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tanh;

impl Elementwise for Tanh {
    const INFO: Info = Info {
        title: "Hyperbolic tangent",
        aliases: &["hyperbolic_tangent"],
        formula: "tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
        formula_latex: r"\tanh x=\frac{e^x-e^{-x}}{e^x+e^{-x}}",
        derivative: "1 − f(x)²",
        derivative_latex: r"1-\tanh^2x",
        range: "(−1, 1)",
        monotonic: true,
        zero_centred: true,
        saturates: Saturates::Both,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.394294, derivative_second_moment: 0.464403 }),
        uses: "recurrent state (LSTM, RNN); bounded continuous outputs; small and physics-informed networks",
        problems: "vanishing gradient at the edges",
        source: "LeCun, Bottou, Orr & Müller 1998, Efficient BackProp",
        year: Some(1998),
        frameworks: &[
            Framework::new(Convention::Page, &["tanh"]),
            Framework::new(Convention::Torch, &["nn.Tanh", "F.tanh", "torch.tanh"]),
            Framework::new(Convention::Jax, &["jax.nn.tanh", "jnp.tanh"]),
            Framework::new(Convention::TensorFlow, &["tf.nn.tanh"]),
            Framework::new(Convention::Keras, &["keras.activations.tanh"]),
            Framework::new(Convention::Onnx, &["Tanh"]),
            Framework::new(Convention::Burn, &["activation::tanh"]),
            Framework::new(Convention::Candle, &["Tensor::tanh"]),
            Framework::new(Convention::Flux, &["tanh", "tanh_fast"]),
        ],
        max_ulp: Some(MaxUlp::new(2.0, 2.8).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.51, 2.76).second(5.24)),
        known: &[
            [-20.0, -0.9999999999999999915, 1.6993417021166355837e-17],
            [-5.0, -0.99990920426259513121, 1.8158323094380668413e-4],
            [-2.0, -0.96402758007581688395, 0.070650824853164465686],
            [-1.0, -0.76159415595576488812, 0.41997434161402606939],
            [-0.5, -0.4621171572600097585, 0.78644773296592741015],
            [-0.001, -9.9999966666680002076e-4, 0.99999900000066666629],
            [0.0, 0.0, 1.0],
            [0.001, 9.9999966666680002076e-4, 0.99999900000066666629],
            [0.5, 0.4621171572600097585, 0.78644773296592741015],
            [1.0, 0.76159415595576488812, 0.41997434161402606939],
            [2.0, 0.96402758007581688395, 0.070650824853164465686],
            [5.0, 0.99990920426259513121, 1.8158323094380668413e-4],
            [20.0, 0.9999999999999999915, 1.6993417021166355837e-17],
        ],
        ..Info::new("tanh")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        x.tanh()
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(rough::tanh(x))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let e = (R::from_f64(-2.0) * x.abs()).exp_nonpos();
        let d = R::ONE + e;
        let low = e - (d - R::ONE); // what rounding took from d
        let q = R::from_f64(4.0) * e / (d * d);
        // 4 e / (d + low)² = q (1 − 2 low/d + …); where low counts, d is close to 1
        (R::from_f64(-2.0) * low).mul_add(q, q)
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // tanh x = 2 σ(2x) − 1
        R::from_f64(8.0) * gate::sigmoid_second(x + x, R::ZERO)
    }
}
