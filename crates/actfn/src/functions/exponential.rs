use crate::activation::*;
use crate::math::rough;
use crate::{Convention, Framework, Real};

/// The exponential: f(x) = eˣ, f′(x) = eˣ.
///
#[doc = include_str!("../../docs/reference/exponential.svg")]
///
/// ```
/// use actfn::{Elementwise, Exponential};
/// assert_eq!(Exponential.value(1.0), std::f64::consts::E);
/// assert_eq!(Exponential.derivative(0.0), 1.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exponential;

impl Elementwise for Exponential {
    const INFO: Info = Info {
        title: "Exponential",
        aliases: &["exp"],
        formula: "eˣ",
        formula_latex: r"e^x",
        derivative: "eˣ",
        derivative_latex: r"e^x",
        range: "(0, ∞)",
        monotonic: true,
        saturates: Saturates::Left,
        gaussian: Some(Gaussian { mean: 1.648721, second_moment: 7.389056, derivative_second_moment: 7.389056 }),
        uses: "positive outputs: rates and scales, regression with a log link",
        problems: "overflows above 88.7 (f32) or 11.1 (f16)",
        source: "elementary; Keras: activations.exponential",
        frameworks: &[
            Framework::new(Convention::Torch, &["torch.exp"]),
            Framework::new(Convention::Jax, &["jnp.exp"]),
            Framework::new(Convention::TensorFlow, &["tf.exp"]),
            Framework::new(Convention::Keras, &["keras.activations.exponential"]),
            Framework::new(Convention::Onnx, &["Exp"]),
            Framework::new(Convention::Candle, &["Tensor::exp"]),
        ],
        max_ulp: Some(MaxUlp::new(0.91, 0.91).second(0.51)),
        max_ulp_f64: Some(MaxUlp::new(0.91, 0.91).second(0.86)),
        known: &[
            [-20.0, 2.061153622438557828e-9, 2.061153622438557828e-9],
            [-5.0, 0.0067379469990854670966, 0.0067379469990854670966],
            [-2.0, 0.13533528323661269189, 0.13533528323661269189],
            [-1.0, 0.3678794411714423216, 0.3678794411714423216],
            [-0.5, 0.6065306597126334236, 0.6065306597126334236],
            [-0.001, 0.99900049983337499167, 0.99900049983337499167],
            [0.0, 1.0, 1.0],
            [0.001, 1.0010005001667083417, 1.0010005001667083417],
            [0.5, 1.6487212707001281468, 1.6487212707001281468],
            [1.0, 2.7182818284590452354, 2.7182818284590452354],
            [2.0, 7.3890560989306502272, 7.3890560989306502272],
            [5.0, 148.41315910257660342, 148.41315910257660342],
            [20.0, 485165195.40979027797, 485165195.40979027797],
        ],
        ..Info::new("exponential")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        x.exp()
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(rough::exp(x))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        x.exp()
    }
}
