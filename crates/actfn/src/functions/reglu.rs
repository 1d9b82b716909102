use super::Relu;
use crate::Real;
use crate::activation::*;
use crate::kernel::row;

/// ReGLU: y = max(a, 0) b for the row [a, b]; ∂y/∂a = b for a > 0, else 0, ∂y/∂b = max(a, 0). A row of n numbers gives
/// n/2.
///
#[doc = include_str!("../../docs/reference/reglu.svg")]
///
/// ```
/// use actfn::{Reglu, rows};
/// let mut y = [0.0f32; 2];
/// rows::forward(Reglu::default(), 4, &[1.0, -2.0, 3.0, 4.0], &mut y);
/// assert_eq!(y, [3.0, 0.0]);
/// ```
///
/// Source: Shazeer, GLU Variants Improve Transformer, 2020, arXiv:2002.05202.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reglu {
    /// 1 if the first half of the row is the gate, 0 if the second is: 1 by default.
    pub gate_first: f64,
    /// ReLU′(0) of the gate: 0 by default, as torch and JAX have it.
    pub derivative_at_zero: f64,
}

impl Default for Reglu {
    fn default() -> Self {
        Self { gate_first: 1.0, derivative_at_zero: 0.0 }
    }
}

impl Rowwise for Reglu {
    const INFO: Info = Info {
        title: "ReGLU",
        formula: "y = max(a, 0) b for the row [a, b]",
        formula_latex: r"y=\max(a,0)\,b",
        derivative: "∂y/∂a = b for a > 0, else 0; ∂y/∂b = max(a, 0)",
        derivative_latex: r"\frac{\partial y}{\partial a}=\begin{cases}b&a>0\\0&a<0\end{cases},\quad\frac{\partial y}{\partial b}=\max(a,0)",
        parameters: &[
            Parameter {
                name: "gate_first",
                meaning: "the first half of the row is the gate",
                default: 1.0,
                domain: Domain::Flag,
                learnable: false,
            },
            Parameter {
                name: "derivative_at_zero",
                meaning: "ReLU′(0)",
                default: 0.0,
                domain: Domain::Finite,
                learnable: false,
            },
        ],
        smoothness: Smoothness::Continuous,
        uses: "sparse feed-forward layers",
        problems: "dead gates; which half is the gate is a convention",
        source: "Shazeer, GLU Variants Improve Transformer, 2020, arXiv:2002.05202",
        year: Some(2020),
        max_ulp: Some(MaxUlp::of_rows(0.5, 0.5)),
        max_ulp_f64: Some(MaxUlp::of_rows(0.5, 0.51)),
        known_rows: &[
            (&[1.0, 2.0, 3.0, 4.0], &[3.0, 8.0]),
            (&[-1.0, 0.5, 2.0, -3.0], &[0.0, -1.5]),
            (&[0.0, 0.0, 0.0, 0.0], &[0.0, 0.0]),
            (&[5.0, -5.0, 1.0, 1.0], &[5.0, 0.0]),
        ],
        ..Info::new("reglu")
    };

    fn outputs(self, inputs: usize) -> Option<usize> {
        row::half_of(inputs)
    }

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        row::gated(Relu { derivative_at_zero: self.derivative_at_zero }, self.gate_first == 1.0, x, y);
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        row::gated_backward(
            Relu { derivative_at_zero: self.derivative_at_zero },
            self.gate_first == 1.0,
            x,
            grad_y,
            grad_x,
        );
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "gate_first" => Some(&mut self.gate_first),
            "derivative_at_zero" => Some(&mut self.derivative_at_zero),
            _ => None,
        }
    }
}
