use crate::activation::*;
use crate::kernel::row;
use crate::{Convention, Framework, Real};

/// Softmax: yᵢ = e^(xᵢ) / Σⱼ e^(xⱼ); ∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ).
///
#[doc = include_str!("../../docs/reference/softmax.svg")]
///
/// Stable for every row: the exponentials are those of xᵢ − max x, a difference that is never rounded. Numbers equal to the
/// largest count as e⁰ even if they are infinite: a row of −∞ alone is uniform, a single +∞ takes all.
///
/// ```
/// use actfn::{Softmax, rows};
/// let mut y = [0.0f32; 3];
/// rows::forward(Softmax, 3, &[1.0, 2.0, 3.0], &mut y);
/// assert_eq!(y, [0.09003057, 0.24472848, 0.66524094]);
/// ```
///
/// Source: Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Softmax;

impl Rowwise for Softmax {
    const INFO: Info = Info {
        title: "Softmax",
        aliases: &["softargmax"],
        formula: "yᵢ = e^(xᵢ) / Σⱼ e^(xⱼ)",
        formula_latex: r"y_i=\frac{e^{x_i}}{\sum_je^{x_j}}",
        derivative: "∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ)",
        derivative_latex: r"\frac{\partial y_i}{\partial x_j}=y_i\,(\delta_{ij}-y_j)",
        range: "(0, 1), sums to 1",
        saturates: Saturates::Both,
        max_derivative: 0.25,
        uses: "outputs of classification into several classes, with cross-entropy; attention weights",
        problems: "overconfident; unchanged when all inputs shift, so its Jacobian is singular",
        source: "Bridle 1990, Neurocomputing, NATO ASI F68",
        year: Some(1990),
        frameworks: &[
            Framework::new(Convention::Page, &["softmax"]),
            Framework::new(Convention::Torch, &["nn.Softmax", "F.softmax"]).note("dim has no default there"),
            Framework::new(Convention::Jax, &["jax.nn.softmax"]),
            Framework::new(Convention::TensorFlow, &["tf.nn.softmax"]),
            Framework::new(Convention::Keras, &["keras.activations.softmax", "keras.layers.Softmax"]),
            Framework::new(Convention::Onnx, &["Softmax"]).note("over all axes from the second on before opset 13"),
            Framework::new(Convention::Burn, &["activation::softmax"]),
            Framework::new(Convention::Candle, &["ops::softmax", "ops::softmax_last_dim"]),
            Framework::new(Convention::Flux, &["softmax"]).note("over the first dimension by default"),
        ],
        max_ulp: Some(MaxUlp::of_rows(1.45, 3.76)),
        max_ulp_f64: Some(MaxUlp::of_rows(1.58, 4.15)),
        known_rows: &[
            (&[1.0, 2.0, 3.0], &[0.090030573170380457998, 0.24472847105479765247, 0.66524095577482188953]),
            (&[0.0, 0.0, 0.0], &[0.33333333333333333333, 0.33333333333333333333, 0.33333333333333333333]),
            (&[-1.0, 0.5, 0.25], &[0.11145747105020275894, 0.49951772981321497618, 0.38902479913658226488]),
            (&[10.0, -10.0, 0.0], &[0.99995460007033108713, 2.0610600462090622924e-9, 0.000045397868608866661139]),
            (&[1000.0, 0.0, 999.0], &[0.73105857863000487925, 0.0, 0.26894142136999512075]),
        ],
        ..Info::new("softmax")
    };
    const MASKED: Option<f64> = Some(0.0);
    const NAN_IS_CANONICAL: bool = true;

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        let max = row::largest(x, |x| x);
        let sum = row::exponentials(x, y, max, |x| x);
        row::divide(y, sum);
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        row::softmax_backward(x, grad_y, grad_x, |x| x, None, R::ONE);
    }
}
