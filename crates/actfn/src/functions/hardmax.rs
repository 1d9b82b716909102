use crate::activation::*;
use crate::kernel::row;
use crate::{Convention, Framework, Real};

/// Hardmax: yᵢ = 1 for the first i with the largest xᵢ, else 0; its derivative is 0.
///
#[doc = include_str!("../../docs/reference/hardmax.svg")]
///
/// ```
/// use actfn::{Hardmax, rows};
/// let mut y = [0.0f32; 4];
/// rows::forward(Hardmax, 4, &[-1.0, 2.0, 2.0, 0.5], &mut y);
/// assert_eq!(y, [0.0, 1.0, 0.0, 0.0]);
/// ```
///
/// Source: ONNX, operator Hardmax.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hardmax;

impl Rowwise for Hardmax {
    const INFO: Info = Info {
        title: "Hardmax",
        aliases: &["argmax_one_hot"],
        formula: "yᵢ = 1 for the first i with the largest xᵢ, else 0",
        formula_latex: r"y_i=\begin{cases}1&i=\text{first }\arg\max_jx_j\\0&\text{otherwise}\end{cases}",
        derivative: "0",
        derivative_latex: r"0",
        range: "{0, 1}, sums to 1",
        smoothness: Smoothness::Discontinuous,
        saturates: Saturates::Both,
        max_derivative: 0.0,
        uses: "inference",
        problems: "no gradient",
        source: "the operator Hardmax of ONNX; no paper is known",
        frameworks: &[Framework::new(Convention::Onnx, &["Hardmax"])],
        max_ulp: Some(MaxUlp::of_rows(0.0, 0.0)),
        max_ulp_f64: Some(MaxUlp::of_rows(0.0, 0.0)),
        known_rows: &[
            (&[1.0, 2.0, 3.0], &[0.0, 0.0, 1.0]),
            (&[0.0, 0.0, 0.0], &[1.0, 0.0, 0.0]),
            (&[-1.0, 0.5, 0.25], &[0.0, 1.0, 0.0]),
            (&[10.0, -10.0, 0.0], &[1.0, 0.0, 0.0]),
            (&[1000.0, 0.0, 999.0], &[1.0, 0.0, 0.0]),
        ],
        ..Info::new("hardmax")
    };
    const MASKED: Option<f64> = Some(0.0);

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        y.copy_from_slice(x);
        row::first_largest(y);
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], _: &[R], grad_x: &mut [R]) {
        let max = row::max(x);
        grad_x.fill(if max.is_nan() { max } else { R::ZERO });
    }
}
