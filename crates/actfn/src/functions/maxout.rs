use crate::activation::*;
use crate::{Convention, Framework, Real};

/// Maxout: the largest of each unit's k pieces, yᵢ = max(x_{ik}, …, x_{ik+k−1}).
///
#[doc = include_str!("../../docs/reference/maxout.svg")]
///
/// The pieces of a unit stand side by side: a row of n numbers gives n/k. ∂yᵢ/∂xⱼ is 1 for the largest piece and 0 for
/// the others; of equal pieces the first gets it all, unless `even_split` shares it evenly, as `torch.amax` and
/// `jax.numpy.max` do.
///
/// ```
/// use actfn::{Maxout, rows};
/// let mut y = [0.0f32; 2];
/// rows::forward(Maxout::default(), 4, &[1.0, 3.0, -2.0, -5.0], &mut y);
/// assert_eq!(y, [3.0, -2.0]);
/// ```
///
/// Source: Goodfellow, Warde-Farley, Mirza, Courville & Bengio, Maxout Networks, 2013, arXiv:1302.4389.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Maxout {
    /// k, the pieces of a unit: 2 by default.
    pub num_pieces: f64,
    /// 1 to share the gradient among equal pieces, 0 (the default) to give it to the first.
    pub even_split: f64,
}

impl Default for Maxout {
    fn default() -> Self {
        Self { num_pieces: 2.0, even_split: 0.0 }
    }
}

impl Rowwise for Maxout {
    const INFO: Info = Info {
        title: "Maxout",
        aliases: &[],
        formula: "yᵢ = max(x_{ik}, …, x_{ik+k−1})",
        formula_latex: r"y_i=\max(x_{ik},\dots,x_{ik+k-1})",
        derivative: "1 for the largest piece, 0 for the others (of equal ones the first)",
        derivative_latex: r"\frac{\partial y_i}{\partial x_j}=\begin{cases}1&x_j\text{ the largest piece of unit }i\\0&\text{otherwise}\end{cases}",
        parameters: &[
            Parameter {
                name: "num_pieces",
                meaning: "pieces of a unit",
                default: 2.0,
                domain: Domain::Integer { min: 1 },
                learnable: false,
            },
            Parameter {
                name: "even_split",
                meaning: "share the gradient among equal pieces",
                default: 0.0,
                domain: Domain::Flag,
                learnable: false,
            },
        ],
        smoothness: Smoothness::Continuous,
        max_derivative: 1.0,
        // The larger of two equal normal variables has their second moment: variance 1/fan_in keeps the signal's scale.
        initialisation: Initialisation::LecunNormal,
        uses: "with dropout; learns its own convex, piecewise linear activation (ReLU and |x| among them)",
        problems: "k times the weights; its derivative where pieces are equal is a convention",
        source: "Goodfellow, Warde-Farley, Mirza, Courville & Bengio 2013, ICML, arXiv:1302.4389",
        year: Some(2013),
        frameworks: &[Framework::new(Convention::Page, &["maxout"])],
        max_ulp: Some(MaxUlp::of_rows(0.0, 0.0)),
        max_ulp_f64: Some(MaxUlp::of_rows(0.0, 0.0)),
        known_rows: &[
            (&[1.0, 2.0, 3.0, -4.0], &[2.0, 3.0]),
            (&[-1.0, -1.0, 0.5, 0.25], &[-1.0, 0.5]),
            (&[10.0, -10.0], &[10.0]),
        ],
        ..Info::new("maxout")
    };

    fn outputs(self, inputs: usize) -> Option<usize> {
        let pieces = self.num_pieces as usize;
        (pieces > 0 && inputs.is_multiple_of(pieces)).then(|| inputs / pieces)
    }

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        for (pieces, y) in x.chunks_exact(self.num_pieces as usize).zip(y) {
            *y = largest(pieces);
        }
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        let pieces = self.num_pieces as usize;
        for ((x, grad_y), grad_x) in x.chunks_exact(pieces).zip(grad_y).zip(grad_x.chunks_exact_mut(pieces)) {
            let max = largest(x);
            let is_largest = |x: R| x == max || x.is_nan() && max.is_nan();
            let mut share = *grad_y;
            if self.even_split == 1.0 {
                let equal = x.iter().filter(|x| is_largest(**x)).count();
                share = share / R::from_f64(equal as f64);
            }
            let mut taken = false;
            for (x, grad_x) in x.iter().zip(grad_x) {
                let takes = is_largest(*x) && (self.even_split == 1.0 || !taken);
                taken |= takes;
                *grad_x = if takes { share } else { R::ZERO };
            }
        }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "num_pieces" => Some(&mut self.num_pieces),
            "even_split" => Some(&mut self.even_split),
            _ => None,
        }
    }
}

/// The largest piece, the first of equal ones; NaN where there is one.
#[inline(always)]
fn largest<R: Real>(pieces: &[R]) -> R {
    let mut largest = pieces[0];
    for piece in &pieces[1..] {
        // false for equal pieces, and once `largest` is NaN
        if *piece > largest || piece.is_nan() {
            largest = *piece;
        }
    }
    largest
}
