use crate::activation::*;
use crate::kernel::row;
use crate::{Convention, Framework, Real};

/// The concatenated ReLU: y = (max(x, 0), max(−x, 0)), 2n numbers for a row of n, so that no sign is lost.
///
#[doc = include_str!("../../docs/reference/crelu.svg")]
///
/// ```
/// use actfn::{Crelu, rows};
/// let mut y = [0.0f32; 4];
/// rows::forward(Crelu::default(), 2, &[-1.0, 0.5], &mut y);
/// assert_eq!(y, [0.0, 0.5, 1.0, 0.0]);
/// ```
///
/// Source: Shang, Sohn, Almeida & Lee, Understanding and Improving Convolutional Neural Networks via Concatenated Rectified
/// Linear Units, 2016, arXiv:1603.05201.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Crelu {
    /// The derivative of max(x, 0) at 0, and less that of max(−x, 0): 0 by default, as TensorFlow has it.
    pub derivative_at_zero: f64,
}

impl Rowwise for Crelu {
    const INFO: Info = Info {
        title: "CReLU (concatenated ReLU)",
        aliases: &["concatenated_relu"],
        formula: "y = (max(x, 0), max(−x, 0))",
        formula_latex: r"y=(\max(x,0),\max(-x,0))",
        derivative: "(1, 0) for x > 0, (0, −1) for x < 0",
        derivative_latex: r"\begin{cases}(1,0)&x>0\\(0,-1)&x<0\end{cases}",
        parameters: &[Parameter {
            name: "derivative_at_zero",
            meaning: "the derivative of max(x, 0) at 0, and less that of max(−x, 0)",
            default: 0.0,
            domain: Domain::Finite,
            learnable: false,
        }],
        range: "[0, ∞)",
        smoothness: Smoothness::Continuous,
        max_derivative: 1.0,
        // Half of the second moment in each of twice as many outputs.
        initialisation: Initialisation::HeNormal,
        uses: "early layers of convolutional networks; keeping reinforcement learners plastic",
        problems: "doubles the width",
        source: "Shang, Sohn, Almeida & Lee 2016, ICML, arXiv:1603.05201",
        year: Some(2016),
        frameworks: &[Framework::new(Convention::TensorFlow, &["tf.nn.crelu"])],
        max_ulp: Some(MaxUlp::of_rows(0.0, 0.0)),
        max_ulp_f64: Some(MaxUlp::of_rows(0.0, 0.0)),
        known_rows: &[
            (&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 0.0, 0.0, 0.0]),
            (&[0.0, 0.0, 0.0], &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
            (&[-1.0, 0.5, 0.25], &[0.0, 0.5, 0.25, 1.0, 0.0, 0.0]),
            (&[10.0, -10.0, 0.0], &[10.0, 0.0, 0.0, 0.0, 10.0, 0.0]),
        ],
        ..Info::new("crelu")
    };

    fn outputs(self, inputs: usize) -> Option<usize> {
        Some(2 * inputs)
    }

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        let (positive, negative) = y.split_at_mut(x.len());
        row::map(x, positive, |x| if x < R::ZERO { R::ZERO } else { x });
        row::map(x, negative, |x| if x > R::ZERO { R::ZERO } else { R::ZERO - x });
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        let (positive, negative) = grad_y.split_at(x.len());
        let at_zero = R::from_f64(self.derivative_at_zero);
        row::zip3(x, positive, negative, grad_x, |x, positive, negative| {
            let gradient = if x < R::ZERO { -negative } else { positive };
            let gradient = if x == R::ZERO { at_zero * (positive - negative) } else { gradient };
            if x.is_nan() { x } else { gradient }
        });
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "derivative_at_zero").then_some(&mut self.derivative_at_zero)
    }
}
