use crate::activation::*;
use crate::math::{gate, rough};
use crate::{Convention, Framework, Real};

/// The logistic sigmoid: f(x) = 1 / (1 + e⁻ˣ), f′(x) = e⁻ˣ / (1 + e⁻ˣ)².
///
#[doc = include_str!("../../docs/reference/sigmoid.svg")]
///
/// ```
/// use actfn::{Elementwise, Sigmoid};
/// assert_eq!(Sigmoid.value(0.0), 0.5);
/// assert_eq!(Sigmoid.derivative(0.0), 0.25);
/// assert!(Sigmoid.derivative(16.7f32) > 5.588e-8); // y (1 − y) from the rounded output says 0
/// ```
///
/// Source: Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323, 1986.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sigmoid;

impl Elementwise for Sigmoid {
    const INFO: Info = Info {
        title: "Sigmoid (logistic)",
        aliases: &["logistic", "expit"],
        formula: "1 / (1 + e⁻ˣ)",
        formula_latex: r"\frac{1}{1+e^{-x}}",
        derivative: "f(x) (1 − f(x)) = e⁻ˣ / (1 + e⁻ˣ)²",
        derivative_latex: r"f(x)\,(1-f(x))=\frac{e^{-x}}{(1+e^{-x})^2}",
        range: "(0, 1)",
        monotonic: true,
        saturates: Saturates::Both,
        max_derivative: 0.25,
        gaussian: Some(Gaussian { mean: 0.5, second_moment: 0.293379, derivative_second_moment: 0.044836 }),
        uses: "binary and multi-label outputs; gates (LSTM, GRU, GLU)",
        problems: "vanishing gradient at the edges, and f′ ≤ 1/4 everywhere; output not zero-centred",
        source: "Rumelhart, Hinton & Williams 1986, Nature 323",
        year: Some(1986),
        frameworks: &[
            Framework::new(Convention::Page, &["sigmoid", "logistic"]),
            Framework::new(Convention::Torch, &["nn.Sigmoid", "F.sigmoid", "torch.sigmoid"]),
            Framework::new(Convention::Jax, &["jax.nn.sigmoid"]),
            Framework::new(Convention::TensorFlow, &["tf.nn.sigmoid", "tf.sigmoid"]),
            Framework::new(Convention::Keras, &["keras.activations.sigmoid"]),
            Framework::new(Convention::Onnx, &["Sigmoid"]),
            Framework::new(Convention::Burn, &["activation::sigmoid"]),
            Framework::new(Convention::Candle, &["ops::sigmoid", "Activation::Sigmoid"]),
            Framework::new(Convention::Flux, &["sigmoid", "σ", "sigmoid_fast"]),
        ],
        max_ulp: Some(MaxUlp::new(2.0, 2.8).second(0.51)),
        max_ulp_f64: Some(MaxUlp::new(2.0, 2.78).second(5.37)),
        known: &[
            [-20.0, 2.0611536181902035814e-9, 2.0611536139418493437e-9],
            [-5.0, 0.0066928509242848555594, 0.006648056670790154914],
            [-2.0, 0.11920292202211755594, 0.10499358540350651735],
            [-1.0, 0.26894142136999512075, 0.19661193324148185254],
            [-0.5, 0.37754066879814543536, 0.23500371220159448907],
            [-0.001, 0.49975000002083333124, 0.24999993750001041667],
            [0.0, 0.5, 0.25],
            [0.001, 0.50024999997916666876, 0.24999993750001041667],
            [0.5, 0.62245933120185456464, 0.23500371220159448907],
            [1.0, 0.73105857863000487925, 0.19661193324148185254],
            [2.0, 0.88079707797788244406, 0.10499358540350651735],
            [5.0, 0.99330714907571514444, 0.006648056670790154914],
            [20.0, 0.99999999793884638181, 2.0611536139418493437e-9],
        ],
        ..Info::new("sigmoid")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        x.sigmoid()
    }

    #[inline(always)]
    fn value_as_factor<R: Real>(self, x: R) -> (R, R) {
        gate::sigmoid_pair(x, R::ZERO)
    }

    #[inline(always)]
    fn tail<R: Real>(self, x: R) -> Option<Tail<R>> {
        Some(Tail { v: x, slope_v: -x.abs(), low: R::ZERO, value: (R::ONE, R::ZERO), derivative: R::ONE })
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(rough::gate(1.0, x))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let e = (-x.abs()).exp_nonpos(); // f′ is even
        let d = R::ONE + e;
        let low = e - (d - R::ONE); // what rounding took from d
        let q = e / (d * d);
        // e / (d + low)² = q (1 − 2 low/d + …); where low counts, d is close to 1
        (R::from_f64(-2.0) * low).mul_add(q, q)
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        gate::sigmoid_second(x, R::ZERO)
    }
}
