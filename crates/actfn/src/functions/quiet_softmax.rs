use crate::activation::*;
use crate::kernel::row;
use crate::math::pair;
use crate::{Convention, Framework, Real};

/// Quiet softmax, or softmax₁: yᵢ = e^(xᵢ) / (1 + Σⱼ e^(xⱼ)); ∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ).
///
#[doc = include_str!("../../docs/reference/quiet_softmax.svg")]
///
/// [`Softmax`](crate::Softmax) with one more input, fixed at 0, whose output is dropped: where all inputs are far below 0
/// so are all outputs.
///
/// ```
/// use actfn::{QuietSoftmax, rows};
/// let mut y = [0.0f32; 3];
/// rows::forward(QuietSoftmax, 3, &[0.0, 0.0, 0.0], &mut y);
/// assert_eq!(y, [0.25, 0.25, 0.25]);
/// rows::forward(QuietSoftmax, 3, &[-20.0, -30.0, f32::NEG_INFINITY], &mut y);
/// assert_eq!(y, [2.0611537e-9, 9.357623e-14, 0.0]);
/// ```
///
/// Source: Miller, Attention Is Off By One, 2023 (blog).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QuietSoftmax;

impl Rowwise for QuietSoftmax {
    const INFO: Info = Info {
        title: "Quiet softmax (softmax₁)",
        aliases: &["softmax1", "off_by_one_softmax"],
        formula: "yᵢ = e^(xᵢ) / (1 + Σⱼ e^(xⱼ))",
        formula_latex: r"y_i=\frac{e^{x_i}}{1+\sum_je^{x_j}}",
        derivative: "∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ)",
        derivative_latex: r"\frac{\partial y_i}{\partial x_j}=y_i\,(\delta_{ij}-y_j)",
        range: "(0, 1), sums to less than 1",
        saturates: Saturates::Both,
        max_derivative: 0.25,
        uses: "attention heads that may attend to nothing",
        problems: "no shift of the inputs leaves it unchanged, so a bias in front of it matters",
        source: "Miller, Attention Is Off By One, 2023 (blog)",
        year: Some(2023),
        frameworks: &[Framework::new(Convention::Burn, &["activation::quiet_softmax"])],
        max_ulp: Some(MaxUlp::of_rows(1.46, 3.55)),
        max_ulp_f64: Some(MaxUlp::of_rows(1.76, 3.65)),
        known_rows: &[
            (&[1.0, 2.0, 3.0], &[0.087144318742032567489, 0.2368828180899101323, 0.64391425988797231176]),
            (&[0.0, 0.0, 0.0], &[0.25, 0.25, 0.25]),
            (&[-1.0, 0.5, 0.25], &[0.085540902690529873536, 0.38336772865499969683, 0.29856708728081962291]),
            (&[10.0, -10.0, 0.0], &[0.99990920632356161393, 2.0609664827234723342e-9, 0.000045395807735951671032]),
            (&[1000.0, 0.0, 999.0], &[0.73105857863000487925, 0.0, 0.26894142136999512075]),
        ],
        ..Info::new("quiet_softmax")
    };
    const MASKED: Option<f64> = Some(0.0);
    const NAN_IS_CANONICAL: bool = true;

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        let max = row::largest(x, |x| x).max(R::ZERO);
        let (sum, low) = row::exponentials(x, y, max, |x| x);
        let (sum, rest) = pair::sum(sum, row::exponential(R::ZERO, max));
        row::divide(y, (sum, rest + low));
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        row::softmax_backward(x, grad_y, grad_x, |x| x, Some(R::ZERO), R::ONE);
    }
}
