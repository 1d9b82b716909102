use crate::Real;
use crate::activation::*;
use crate::kernel::row::{self, Mean};
use crate::math::pair;

/// 1.5-entmax: yᵢ = max(xᵢ/2 − τ, 0)² with τ such that Σ yᵢ = 1; ∂yᵢ/∂xⱼ = gᵢ δᵢⱼ − gᵢ gⱼ / Σ g with g = √y.
///
#[doc = include_str!("../../docs/reference/entmax15.svg")]
///
/// Between softmax (1-entmax) and [`Sparsemax`](crate::Sparsemax) (2-entmax): sparse, but with a continuous derivative. τ is
/// found as for sparsemax, by Newton's method on √Σ max(xᵢ/2 − τ, 0)² − 1, in a few passes over the row, without
/// sorting and without memory beside the output, and is kept in twice the digits of the format.
///
/// ```
/// use actfn::{Entmax15, rows};
/// let mut y = [0.0f32; 3];
/// rows::forward(Entmax15, 3, &[1.0, 2.0, 3.0], &mut y);
/// assert_eq!(y, [0.0, 0.16928108, 0.83071893]);
/// ```
///
/// Source: Peters, Niculae & Martins, Sparse Sequence-to-Sequence Models, 2019, arXiv:1905.05702.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Entmax15;

impl Rowwise for Entmax15 {
    const INFO: Info = Info {
        title: "1.5-entmax",
        formula: "yᵢ = max(xᵢ/2 − τ, 0)² with τ such that Σ yᵢ = 1",
        formula_latex: r"y_i=\max\left(\tfrac{x_i}{2}-\tau,0\right)^2,\quad\sum_iy_i=1",
        derivative: "∂yᵢ/∂xⱼ = gᵢ δᵢⱼ − gᵢ gⱼ / Σ g with g = √y",
        derivative_latex: r"\frac{\partial y_i}{\partial x_j}=g_i\delta_{ij}-\frac{g_ig_j}{\sum_kg_k},\quad g_i=\sqrt{y_i}",
        range: "[0, 1], sums to 1",
        smoothness: Smoothness::Differentiable,
        saturates: Saturates::Both,
        max_derivative: 1.0,
        uses: "sparse attention and sparse outputs of sequence models",
        problems: "no gradient outside the support",
        source: "Peters, Niculae & Martins, Sparse Sequence-to-Sequence Models, 2019, arXiv:1905.05702",
        year: Some(2019),
        max_ulp: Some(MaxUlp::of_rows(0.5, 3.53)),
        max_ulp_f64: Some(MaxUlp::of_rows(0.0, 0.0)),
        known_rows: &[
            (&[1.0, 2.0, 3.0], &[0.0, 0.16928108611692617619, 0.83071891388307382381]),
            (&[0.0, 0.0, 0.0], &[0.33333333333333333333, 0.33333333333333333333, 0.33333333333333333333]),
            (&[-1.0, 0.5, 0.25], &[0.00028021958019035519109, 0.58788986026715159215, 0.41182992015265805266]),
            (&[10.0, -10.0, 0.0], &[1.0, 0.0, 0.0]),
            (&[1000.0, 0.0, 999.0], &[0.83071891388307382381, 0.0, 0.16928108611692617619]),
        ],
        ..Info::new("entmax15")
    };
    const MASKED: Option<f64> = Some(0.0);

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        let max = row::max(x);
        if max.is_nan() {
            return y.fill(max);
        }
        let (half, tau) = (R::from_f64(0.5), threshold(x, max));
        row::map(x, y, |x| {
            let p = row::above(x, max, half, tau);
            let (y, low) = pair::times(p, p);
            y + low
        });
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        let max = row::max(x);
        if max.is_nan() {
            return grad_x.fill(max);
        }
        let (half, tau) = (R::from_f64(0.5), threshold(x, max));
        row::map(x, grad_x, |x| row::above(x, max, half, tau).0); // √y
        let sum = row::sum_by(grad_x, grad_x, |sum, weight, _| sum + weight);
        let largest = row::above(max, max, half, tau).0;
        let top = row::largest_and(x, grad_y, |x| x);
        let mean = Mean { sum: (sum, R::ZERO), largest, beside: R::ZERO, from: top.g, down: row::scale_of(top.size) };
        let up = R::ONE / mean.down;
        mean.distances(grad_y, grad_x, |weight, distance, low| weight.mul_add(distance, -weight * low) * up);
    }
}

#[inline(always)]
fn threshold<R: Real>(x: &[R], max: R) -> (R, R) {
    row::threshold(
        x,
        max,
        R::from_f64(0.5),
        |p| (pair::times(p, p), p.0),
        // Σ p² = s²: Newton's step for s − 1, whose numerator is (s² − 1) / (s + 1), is s (s − 1) / Σ p.
        |excess, sum, slope| {
            let s = sum.sqrt();
            excess * s / ((s + R::ONE) * slope)
        },
    )
}
