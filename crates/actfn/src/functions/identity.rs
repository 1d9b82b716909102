use crate::Real;
use crate::activation::*;

/// The identity: f(x) = x, f′(x) = 1. The output of regression.
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
        derivative: "1",
        monotonic: true,
        zero_centred: true,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 1.0, derivative_second_moment: 1.0 }),
        uses: "regression outputs; logits in front of a fused loss; linear bottlenecks",
        problems: "stacked linear layers collapse to a single linear map",
        source: "elementary",
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

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        x
    }

    #[inline(always)]
    fn derivative<R: Real>(self, _: R) -> R {
        R::ONE
    }
}
