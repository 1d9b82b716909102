use crate::activation::*;
use crate::kernel::row;
use crate::math::pair;
use crate::{Convention, Framework, Real};

/// Log-softmax: yᵢ = xᵢ − ln Σⱼ e^(xⱼ); ∂yᵢ/∂xⱼ = δᵢⱼ − e^(yⱼ).
///
#[doc = include_str!("../../docs/reference/log_softmax.svg")]
///
/// Stable for every row, as [`Softmax`](crate::Softmax) is, and accurate next to 0 too, where one number outweighs the
/// others: the logarithm is taken of 1 + their sum. Numbers equal to the largest count as equal even if they are infinite:
/// n times −∞ give −ln n each, a single +∞ gives 0 and −∞ elsewhere.
///
/// ```
/// use actfn::{LogSoftmax, rows};
/// let mut y = [0.0f32; 3];
/// rows::forward(LogSoftmax, 3, &[1000.0, 0.0, 980.0], &mut y);
/// assert_eq!(y, [-2.0611537e-9, -1000.0, -20.0]);
/// ```
///
/// Source: Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990 (its logarithm).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LogSoftmax;

impl Rowwise for LogSoftmax {
    const INFO: Info = Info {
        title: "Log-softmax",
        formula: "yᵢ = xᵢ − ln Σⱼ e^(xⱼ)",
        formula_latex: r"y_i=x_i-\ln\sum_je^{x_j}",
        derivative: "∂yᵢ/∂xⱼ = δᵢⱼ − e^(yⱼ)",
        derivative_latex: r"\frac{\partial y_i}{\partial x_j}=\delta_{ij}-e^{y_j}",
        range: "(−∞, 0]",
        saturates: Saturates::Right,
        max_derivative: 1.0,
        uses: "outputs of classification, with the negative log-likelihood",
        problems: "unchanged when all inputs shift, so its Jacobian is singular",
        source: "Bridle 1990, Neurocomputing, NATO ASI F68 (its logarithm)",
        year: Some(1990),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.LogSoftmax", "F.log_softmax"]).note("dim has no default there"),
            Framework::new(Convention::Jax, &["jax.nn.log_softmax"]),
            Framework::new(Convention::TensorFlow, &["tf.nn.log_softmax"]),
            Framework::new(Convention::Keras, &["keras.activations.log_softmax"]),
            Framework::new(Convention::Onnx, &["LogSoftmax"]).note("over all axes from the second on before opset 13"),
            Framework::new(Convention::Burn, &["activation::log_softmax"]),
            Framework::new(Convention::Candle, &["ops::log_softmax"]),
            Framework::new(Convention::Flux, &["logsoftmax"]).note("over the first dimension by default"),
        ],
        max_ulp: Some(MaxUlp::of_rows(1.53, 3.83)),
        max_ulp_f64: Some(MaxUlp::of_rows(2.0, 3.02)),
        known_rows: &[
            (&[1.0, 2.0, 3.0], &[-2.4076059644443803045, -1.4076059644443803045, -0.40760596444438030448]),
            (&[0.0, 0.0, 0.0], &[-1.0986122886681096914, -1.0986122886681096914, -1.0986122886681096914]),
            (&[-1.0, 0.5, 0.25], &[-2.1941121864019142596, -0.69411218640191425961, -0.94411218640191425961]),
            (&[10.0, -10.0, 0.0], &[-0.000045400960276912979816, -20.000045400960276913, -10.000045400960276913]),
            (&[1000.0, 0.0, 999.0], &[-0.31326168751822283405, -1000.3132616875182228, -1.313261687518222834]),
        ],
        ..Info::new("log_softmax")
    };
    const MASKED: Option<f64> = Some(f64::NEG_INFINITY);
    const NAN_IS_CANONICAL: bool = true;

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        let max = row::largest(x, |x| x);
        if row::is_moderate(max) {
            // Where x − high cancels it is exact.
            let (high, low) = pair::sum(max, row::log_sum(x, max));
            if high.is_nan() {
                return y.fill(R::from_f64(f64::NAN));
            }
            row::map(x, y, |x| (x - high) - low);
        } else {
            row::map(x, y, |x| row::difference(x, max).0);
            let log = row::log_sum(y, R::ZERO);
            row::map_in_place(y, |y| y - log);
            row::canonical(y);
        }
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        row::log_softmax_backward(x, grad_y, grad_x);
    }
}
