use super::Identity;
use crate::Real;
use crate::activation::*;
use crate::kernel::row;

/// The bilinear gated unit: y = a b for the row [a, b]; ∂y/∂a = b, ∂y/∂b = a. A row of n numbers gives n/2.
///
#[doc = include_str!("../../docs/reference/bilinear.svg")]
///
/// ```
/// use actfn::{Bilinear, rows};
/// let mut y = [0.0f32; 2];
/// rows::forward(Bilinear, 4, &[1.0, 2.0, 3.0, 4.0], &mut y);
/// assert_eq!(y, [3.0, 8.0]);
/// ```
///
/// Source: Shazeer, GLU Variants Improve Transformer, 2020, arXiv:2002.05202 (after Mnih & Hinton 2007).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bilinear;

impl Rowwise for Bilinear {
    const INFO: Info = Info {
        title: "Bilinear GLU",
        aliases: &["bilinear_glu"],
        formula: "y = a b for the row [a, b]",
        formula_latex: r"y=a\,b",
        derivative: "∂y/∂a = b, ∂y/∂b = a",
        derivative_latex: r"\frac{\partial y}{\partial a}=b,\quad\frac{\partial y}{\partial b}=a",
        uses: "interpretability; second-order networks",
        problems: "grows as the square of its inputs",
        source: "Shazeer, GLU Variants Improve Transformer, 2020, arXiv:2002.05202 (after Mnih & Hinton 2007)",
        year: Some(2020),
        max_ulp: Some(MaxUlp::of_rows(0.5, 0.5)),
        max_ulp_f64: Some(MaxUlp::of_rows(0.5, 0.51)),
        known_rows: &[
            (&[1.0, 2.0, 3.0, 4.0], &[3.0, 8.0]),
            (&[-1.0, 0.5, 2.0, -3.0], &[-2.0, -1.5]),
            (&[0.0, 0.0, 0.0, 0.0], &[0.0, 0.0]),
            (&[5.0, -5.0, 1.0, 1.0], &[5.0, -5.0]),
        ],
        ..Info::new("bilinear")
    };

    fn outputs(self, inputs: usize) -> Option<usize> {
        row::half_of(inputs)
    }

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        row::gated(Identity, false, x, y);
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        row::gated_backward(Identity, false, x, grad_y, grad_x);
    }
}
