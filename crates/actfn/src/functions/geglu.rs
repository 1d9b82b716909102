use super::{Gelu, GeluTanh};
use crate::Real;
use crate::activation::*;
use crate::kernel::row;

/// GEGLU: y = GELU(a) b for the row [a, b]; ∂y/∂a = b GELU′(a), ∂y/∂b = GELU(a). A row of n numbers gives n/2.
///
#[doc = include_str!("../../docs/reference/geglu.svg")]
///
/// The gate is [`Gelu`], or [`GeluTanh`] with `approximate`, as T5 v1.1 and Gemma have it.
///
/// An infinite value times a gate that is 0, or so small that any product with it is, is NaN, as the product is.
///
/// ```
/// use actfn::{Geglu, rows};
/// let mut y = [0.0f32; 2];
/// rows::forward(Geglu::default(), 4, &[1.0, 2.0, 3.0, 4.0], &mut y);
/// assert_eq!(y, [2.5240343, 7.817999]);
/// ```
///
/// Source: Shazeer, GLU Variants Improve Transformer, 2020, arXiv:2002.05202.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geglu {
    /// 1 if the first half of the row is the gate, 0 if the second is: 1 by default.
    pub gate_first: f64,
    /// 1 for GELU’s tanh approximation, 0 (the default) for the exact GELU.
    pub approximate: f64,
}

impl Default for Geglu {
    fn default() -> Self {
        Self { gate_first: 1.0, approximate: 0.0 }
    }
}

impl Rowwise for Geglu {
    const INFO: Info = Info {
        title: "GEGLU",
        formula: "y = GELU(a) b for the row [a, b]",
        formula_latex: r"y=\mathrm{GELU}(a)\,b",
        derivative: "∂y/∂a = b GELU′(a), ∂y/∂b = GELU(a)",
        derivative_latex: r"\frac{\partial y}{\partial a}=b\,\mathrm{GELU}'(a),\quad\frac{\partial y}{\partial b}=\mathrm{GELU}(a)",
        parameters: &[
            Parameter {
                name: "gate_first",
                meaning: "the first half of the row is the gate",
                default: 1.0,
                domain: Domain::Flag,
                learnable: false,
            },
            Parameter {
                name: "approximate",
                meaning: "GELU’s tanh approximation",
                default: 0.0,
                domain: Domain::Flag,
                learnable: false,
            },
        ],
        uses: "feed-forward layers of Transformers (T5 v1.1, Gemma), Stable Diffusion",
        problems: "exact or tanh GELU depends on the model, and which half is the gate too",
        source: "Shazeer, GLU Variants Improve Transformer, 2020, arXiv:2002.05202",
        year: Some(2020),
        max_ulp: Some(MaxUlp::of_rows(2.41, 2.8)),
        max_ulp_f64: Some(MaxUlp::of_rows(1.72, 2.87)),
        known_rows: &[
            (&[1.0, 2.0, 3.0, 4.0], &[2.5240342382056288458, 7.8179989444145663424]),
            (&[-1.0, 0.5, 2.0, -3.0], &[-0.31731050786291410283, -1.0371936919110196555]),
            (&[0.0, 0.0, 0.0, 0.0], &[0.0, 0.0]),
            (&[5.0, -5.0, 1.0, 1.0], &[4.999998566742140604, -1.4332578593959695584e-6]),
        ],
        ..Info::new("geglu")
    };

    fn outputs(self, inputs: usize) -> Option<usize> {
        row::half_of(inputs)
    }

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        if self.approximate == 1.0 {
            row::gated(GeluTanh, self.gate_first == 1.0, x, y)
        } else {
            row::gated(Gelu, self.gate_first == 1.0, x, y)
        }
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        if self.approximate == 1.0 {
            row::gated_backward(GeluTanh, self.gate_first == 1.0, x, grad_y, grad_x)
        } else {
            row::gated_backward(Gelu, self.gate_first == 1.0, x, grad_y, grad_x)
        }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "gate_first" => Some(&mut self.gate_first),
            "approximate" => Some(&mut self.approximate),
            _ => None,
        }
    }
}
