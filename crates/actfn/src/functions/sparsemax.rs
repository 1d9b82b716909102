use crate::activation::*;
use crate::kernel::row::{self, Mean};
use crate::{Convention, Framework, Real};

/// Sparsemax: yᵢ = max(xᵢ − τ, 0) with τ such that Σ yᵢ = 1, the point of the probability simplex nearest to x;
/// ∂yᵢ/∂xⱼ = δᵢⱼ − 1/|S| for i and j in the support S = {i : yᵢ > 0}, else 0.
///
#[doc = include_str!("../../docs/reference/sparsemax.svg")]
///
/// τ is found by Newton's method on Σ max(xᵢ − τ, 0) − 1 rather than by sorting: each step is a pass over the row, of
/// which there are at most about log₂ n + p for n numbers of p bits, and no memory is needed beside the output. τ is kept
/// in twice the digits of the format. Numbers equal to the largest count as equal even if they are infinite.
///
/// ```
/// use actfn::{Sparsemax, rows};
/// let mut y = [0.0f32; 3];
/// rows::forward(Sparsemax, 3, &[-1.0, 0.5, 0.25], &mut y);
/// assert_eq!(y, [0.0, 0.625, 0.375]);
/// ```
///
/// Source: Martins & Astudillo, From Softmax to Sparsemax, 2016, arXiv:1602.02068.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sparsemax;

impl Rowwise for Sparsemax {
    const INFO: Info = Info {
        title: "Sparsemax",
        formula: "yᵢ = max(xᵢ − τ, 0) with τ such that Σ yᵢ = 1",
        formula_latex: r"y_i=\max(x_i-\tau,0),\quad\sum_iy_i=1",
        derivative: "∂yᵢ/∂xⱼ = δᵢⱼ − 1/|S| for i, j in S = {i : yᵢ > 0}, else 0",
        derivative_latex: r"\frac{\partial y_i}{\partial x_j}=\begin{cases}\delta_{ij}-\frac{1}{|S|}&i,j\in S\\0&\text{otherwise}\end{cases},\quad S=\{i:y_i>0\}",
        range: "[0, 1], sums to 1",
        smoothness: Smoothness::Continuous,
        saturates: Saturates::Both,
        max_derivative: 1.0,
        uses: "sparse attention; multi-label classification",
        problems: "no gradient outside the support",
        source: "Martins & Astudillo, From Softmax to Sparsemax, 2016, arXiv:1602.02068",
        year: Some(2016),
        frameworks: &[Framework::new(Convention::Keras, &["keras.activations.sparsemax"])
            .note("3.15.1 has a wrong threshold where more than one number survives")],
        max_ulp: Some(MaxUlp::of_rows(0.5, 2.18)),
        max_ulp_f64: Some(MaxUlp::of_rows(0.0, 2.62)),
        known_rows: &[
            (&[1.0, 2.0, 3.0], &[0.0, 0.0, 1.0]),
            (&[0.0, 0.0, 0.0], &[0.33333333333333333333, 0.33333333333333333333, 0.33333333333333333333]),
            (&[-1.0, 0.5, 0.25], &[0.0, 0.625, 0.375]),
            (&[10.0, -10.0, 0.0], &[1.0, 0.0, 0.0]),
            (&[1000.0, 0.0, 999.0], &[1.0, 0.0, 0.0]),
        ],
        ..Info::new("sparsemax")
    };
    const MASKED: Option<f64> = Some(0.0);

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        let max = row::max(x);
        if max.is_nan() {
            return y.fill(max);
        }
        let tau = threshold(x, max);
        row::map(x, y, |x| row::above(x, max, R::ONE, tau).0);
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        let max = row::max(x);
        if max.is_nan() {
            return grad_x.fill(max);
        }
        let tau = threshold(x, max);
        row::map(x, grad_x, |x| is_positive(row::above(x, max, R::ONE, tau).0));
        let sum = row::sum_by(grad_x, grad_x, |sum, weight, _| sum + weight);
        let top = row::largest_and(x, grad_y, |x| x);
        let mean =
            Mean { sum: (sum, R::ZERO), largest: R::ONE, beside: R::ZERO, from: top.g, down: row::scale_of(top.size) };
        let up = R::ONE / mean.down;
        mean.distances(grad_y, grad_x, |weight, distance, low| weight.mul_add(distance, -weight * low) * up);
    }
}

#[inline(always)]
fn threshold<R: Real>(x: &[R], max: R) -> (R, R) {
    row::threshold(x, max, R::ONE, |p| (p, is_positive(p.0)), |excess, _, count| excess / count)
}

/// 1 or 0.
#[inline(always)]
fn is_positive<R: Real>(p: R) -> R {
    if p > R::ZERO { R::ONE } else { R::ZERO }
}
