use crate::activation::*;
use crate::kernel::row;
use crate::{Convention, Framework, Real};

/// Softmin: yᵢ = e^(−xᵢ) / Σⱼ e^(−xⱼ); ∂yᵢ/∂xⱼ = −yᵢ (δᵢⱼ − yⱼ).
///
#[doc = include_str!("../../docs/reference/softmin.svg")]
///
/// [`Softmax`](crate::Softmax) of −x, and as stable and accurate.
///
/// ```
/// use actfn::{Softmin, rows};
/// let mut y = [0.0f32; 3];
/// rows::forward(Softmin, 3, &[1.0, 2.0, 3.0], &mut y);
/// assert_eq!(y, [0.66524094, 0.24472848, 0.09003057]);
/// ```
///
/// Source: Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990 (softmax of −x).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Softmin;

impl Rowwise for Softmin {
    const INFO: Info = Info {
        title: "Softmin",
        formula: "yᵢ = e^(−xᵢ) / Σⱼ e^(−xⱼ)",
        formula_latex: r"y_i=\frac{e^{-x_i}}{\sum_je^{-x_j}}",
        derivative: "∂yᵢ/∂xⱼ = −yᵢ (δᵢⱼ − yⱼ)",
        derivative_latex: r"\frac{\partial y_i}{\partial x_j}=-y_i\,(\delta_{ij}-y_j)",
        range: "(0, 1), sums to 1",
        saturates: Saturates::Both,
        max_derivative: 0.25,
        uses: "weights from distances or energies",
        problems: "as softmax: unchanged when all inputs shift, so its Jacobian is singular",
        source: "Bridle 1990, Neurocomputing, NATO ASI F68 (softmax of −x)",
        year: Some(1990),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.Softmin", "F.softmin"]).note("dim has no default there"),
            Framework::new(Convention::Burn, &["activation::softmin"]),
        ],
        max_ulp: Some(MaxUlp::of_rows(1.56, 3.55)),
        max_ulp_f64: Some(MaxUlp::of_rows(1.56, 4.37)),
        known_rows: &[
            (&[1.0, 2.0, 3.0], &[0.66524095577482188953, 0.24472847105479765247, 0.090030573170380457998]),
            (&[0.0, 0.0, 0.0], &[0.33333333333333333333, 0.33333333333333333333, 0.33333333333333333333]),
            (&[-1.0, 0.5, 0.25], &[0.66241179389587363483, 0.14780404965619497673, 0.18978415644793138844]),
            (&[10.0, -10.0, 0.0], &[2.0610600462090622924e-9, 0.99995460007033108713, 0.000045397868608866661139]),
            (&[1000.0, 0.0, 999.0], &[0.0, 1.0, 0.0]),
        ],
        ..Info::new("softmin")
    };
    const MASKED: Option<f64> = Some(0.0);
    const NAN_IS_CANONICAL: bool = true;

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        let max = row::largest(x, |x| -x);
        let sum = row::exponentials(x, y, max, |x| -x);
        row::divide(y, sum);
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        row::softmax_backward(x, grad_y, grad_x, |x| -x, None, -R::ONE);
    }
}
