use super::Swish;
use crate::activation::*;
use crate::kernel::row;
use crate::{Convention, Framework, Real};

/// SwiGLU: y = a σ(α a) b for the row [a, b], [`Swish`] of one half times the other; ∂y/∂a = b Swish′(a),
/// ∂y/∂b = Swish(a). A row of n numbers gives n/2.
///
#[doc = include_str!("../../docs/reference/swiglu.svg")]
///
/// The first half is the gate in candle, and the first operand in ONNX.
///
/// An infinite value times a gate that is 0, or so small that any product with it is, is NaN, as the product is.
///
/// ```
/// use actfn::{Swiglu, rows};
/// let mut y = [0.0f32; 2];
/// rows::forward(Swiglu::default(), 4, &[1.0, 2.0, 3.0, 4.0], &mut y);
/// assert_eq!(y, [2.1931758, 7.0463767]);
/// ```
///
/// Source: Shazeer, GLU Variants Improve Transformer, 2020, arXiv:2002.05202.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swiglu {
    /// 1 if the first half of the row is the gate, 0 if the second is: 1 by default.
    pub gate_first: f64,
    /// α: the scale inside the gate’s sigmoid, 1 by default.
    pub alpha: f64,
}

impl Default for Swiglu {
    fn default() -> Self {
        Self { gate_first: 1.0, alpha: 1.0 }
    }
}

impl Rowwise for Swiglu {
    const INFO: Info = Info {
        title: "SwiGLU",
        formula: "y = a σ(α a) b for the row [a, b]",
        formula_latex: r"y=a\,\sigma(\alpha a)\,b",
        derivative: "∂y/∂a = b (σ(α a) + α a σ(α a) σ(−α a)), ∂y/∂b = a σ(α a)",
        derivative_latex: r"\frac{\partial y}{\partial a}=b\,(\sigma(\alpha a)+\alpha a\,\sigma(\alpha a)\,\sigma(-\alpha a)),\quad\frac{\partial y}{\partial b}=a\,\sigma(\alpha a)",
        parameters: &[
            Parameter {
                name: "gate_first",
                meaning: "the first half of the row is the gate",
                default: 1.0,
                domain: Domain::Flag,
                learnable: false,
            },
            Parameter {
                name: "alpha",
                meaning: "α: the scale inside the gate’s sigmoid",
                default: 1.0,
                domain: Domain::Finite,
                learnable: false,
            },
        ],
        uses: "feed-forward layers of large language models (LLaMA, PaLM, Mistral)",
        problems: "which half is the gate is a convention; needs three weight matrices",
        source: "Shazeer, GLU Variants Improve Transformer, 2020, arXiv:2002.05202",
        year: Some(2020),
        frameworks: &[
            Framework::new(Convention::Onnx, &["SwiGLU"]).note("two inputs, the gate first"),
            Framework::new(Convention::Burn, &["nn::SwiGlu"]).note("a layer with two linear ones"),
            Framework::new(Convention::Candle, &["ops::swiglu", "Activation::Swiglu"]),
        ],
        max_ulp: Some(MaxUlp::of_rows(1.83, 3.87)),
        max_ulp_f64: Some(MaxUlp::of_rows(1.88, 3.03)),
        known_rows: &[
            (&[1.0, 2.0, 3.0, 4.0], &[2.1931757358900146378, 7.0463766238230595525]),
            (&[-1.0, 0.5, 2.0, -3.0], &[-0.5378828427399902415, -0.93368899680278184696]),
            (&[0.0, 0.0, 0.0, 0.0], &[0.0, 0.0]),
            (&[5.0, -5.0, 1.0, 1.0], &[4.9665357453785757222, -0.033464254621424277797]),
        ],
        ..Info::new("swiglu")
    };

    fn outputs(self, inputs: usize) -> Option<usize> {
        row::half_of(inputs)
    }

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        row::gated(Swish { beta: self.alpha }, self.gate_first == 1.0, x, y);
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        row::gated_backward(Swish { beta: self.alpha }, self.gate_first == 1.0, x, grad_y, grad_x);
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "gate_first" => Some(&mut self.gate_first),
            "alpha" => Some(&mut self.alpha),
            _ => None,
        }
    }
}
