use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The identity: f(x) = x, f′(x) = 1. The output of regression.
///
#[doc = include_str!("../../docs/reference/identity.svg")]
///
/// ```
/// use actfn::{Elementwise, Identity};
/// assert_eq!((Identity.value(-2.5), Identity.derivative(-2.5)), (-2.5, 1.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Identity;

impl Elementwise for Identity {
    const INFO: Info = Info {
        title: "Identity (linear)",
        aliases: &["linear"],
        formula: "x",
        formula_latex: r"x",
        derivative: "1",
        derivative_latex: r"1",
        monotonic: true,
        zero_centred: true,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 1.0, derivative_second_moment: 1.0 }),
        uses: "regression outputs; logits in front of a fused loss; linear bottlenecks",
        problems: "stacked linear layers collapse to a single linear map",
        source: "elementary",
        frameworks: &[
            Framework::new(Convention::Page, &["identity", "linear"]),
            Framework::new(Convention::Torch, &["nn.Identity"]),
            Framework::new(Convention::Jax, &["jax.nn.identity"]),
            Framework::new(Convention::TensorFlow, &["tf.identity"]),
            Framework::new(Convention::Keras, &["keras.activations.linear"]),
            Framework::new(Convention::Onnx, &["Identity"]),
            Framework::new(Convention::Burn, &["nn::Identity"]),
            Framework::new(Convention::Candle, &["ops::Identity"]),
            Framework::new(Convention::Flux, &["identity"]),
        ],
        max_ulp: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        known: &[
            [-20.0, -20.0, 1.0],
            [-5.0, -5.0, 1.0],
            [-2.0, -2.0, 1.0],
            [-1.0, -1.0, 1.0],
            [-0.5, -0.5, 1.0],
            [-0.001, -0.0010000000000000000208, 1.0],
            [0.0, 0.0, 1.0],
            [0.001, 0.0010000000000000000208, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("identity")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        x
    }

    #[inline(always)]
    fn derivative<R: Real>(self, _: R) -> R {
        R::ONE
    }
}
