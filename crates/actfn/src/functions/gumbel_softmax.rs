use crate::activation::*;
use crate::kernel::row::{self, Indexed};
use crate::math::random::uniform;
use crate::{Convention, Framework, Real};

/// Gumbel-softmax: y = softmax((x + g) / τ) with g = −ln(−ln u), u uniform in (0, 1) for each element; the sample of a
/// categorical distribution with logits x that has a gradient, ∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ) / τ.
///
#[doc = include_str!("../../docs/reference/gumbel_softmax.svg")]
///
/// In evaluation, the default, there is no noise. With `hard` the output is 1 for the largest number and 0 for the others,
/// and the gradient still that of the soft output (straight through).
///
/// The noise is a function of the seed and of the element's index in its slice alone: the backward pass, given the same
/// seed, has the noise of the forward one, whatever the threads. A new seed makes a new draw. The quotient by τ is
/// rounded, which for τ ≠ 1 shows in outputs of logits far apart.
///
/// ```
/// use actfn::{GumbelSoftmax, rows};
/// let mut y = [0.0f32; 3];
/// let sample = GumbelSoftmax { training: 1.0, seed: 1.0, hard: 1.0, ..Default::default() };
/// rows::forward(sample, 3, &[1.0, 2.0, 3.0], &mut y);
/// assert_eq!(y, [0.0, 0.0, 1.0]); // with probability e³/(e¹ + e² + e³) = 0.67
/// rows::forward(GumbelSoftmax::default(), 3, &[1.0, 2.0, 3.0], &mut y);
/// assert_eq!(y, [0.09003057, 0.24472848, 0.66524094]);
/// ```
///
/// Source: Jang, Gu & Poole, Categorical Reparameterization with Gumbel-Softmax, 2016, arXiv:1611.01144; Maddison, Mnih &
/// Teh, The Concrete Distribution, 2016, arXiv:1611.00712.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GumbelSoftmax {
    /// τ, the temperature: 1 by default.
    pub tau: f64,
    /// 1 for a one-hot output with the gradient of the soft one, 0 (the default) for the soft output.
    pub hard: f64,
    /// 1 to add noise, 0 (the default) for none.
    pub training: f64,
    /// What the noise is drawn from, a whole number.
    pub seed: f64,
    /// The index of the row's first element; the kernel counts from here.
    pub index: u64,
}

impl Default for GumbelSoftmax {
    fn default() -> Self {
        Self { tau: 1.0, hard: 0.0, training: 0.0, seed: 0.0, index: 0 }
    }
}

impl Rowwise for GumbelSoftmax {
    const INFO: Info = Info {
        title: "Gumbel-softmax (Concrete)",
        aliases: &["concrete"],
        formula: "y = softmax((x + g) / τ) with g = −ln(−ln u)",
        formula_latex: r"y=\mathrm{softmax}\left(\frac{x+g}{\tau}\right),\quad g_i=-\ln(-\ln u_i)",
        derivative: "∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ) / τ",
        derivative_latex: r"\frac{\partial y_i}{\partial x_j}=\frac{1}{\tau}\,y_i\,(\delta_{ij}-y_j)",
        parameters: &[
            Parameter {
                name: "tau",
                meaning: "τ, the temperature",
                default: 1.0,
                domain: Domain::Positive,
                learnable: false,
            },
            Parameter {
                name: "hard",
                meaning: "a one-hot output with the gradient of the soft one",
                default: 0.0,
                domain: Domain::Flag,
                learnable: false,
            },
            Parameter { name: "training", meaning: "add noise", default: 0.0, domain: Domain::Flag, learnable: false },
            Parameter {
                name: "seed",
                meaning: "what the noise is drawn from",
                default: 0.0,
                domain: Domain::Integer { min: 0 },
                learnable: false,
            },
        ],
        range: "(0, 1), sums to 1",
        saturates: Saturates::Both,
        max_derivative: 0.25,
        uses: "samples of a categorical variable that have a gradient",
        problems: "gradients are biased if hard, and have a large variance if τ is small",
        source: "Jang, Gu & Poole 2016, arXiv:1611.01144; Maddison, Mnih & Teh 2016, arXiv:1611.00712",
        year: Some(2016),
        frameworks: &[Framework::new(Convention::Torch, &["F.gumbel_softmax"])
            .sets(&[("training", 1.0)])
            .note("draws from the generator of torch")],
        max_ulp: Some(MaxUlp::of_rows(1.45, 3.76)),
        max_ulp_f64: Some(MaxUlp::of_rows(1.58, 4.15)),
        known_rows: &[
            (&[1.0, 2.0, 3.0], &[0.090030573170380457998, 0.24472847105479765247, 0.66524095577482188953]),
            (&[0.0, 0.0, 0.0], &[0.33333333333333333333, 0.33333333333333333333, 0.33333333333333333333]),
            (&[-1.0, 0.5, 0.25], &[0.11145747105020275894, 0.49951772981321497618, 0.38902479913658226488]),
            (&[10.0, -10.0, 0.0], &[0.99995460007033108713, 2.0610600462090622924e-9, 0.000045397868608866661139]),
            (&[1000.0, 0.0, 999.0], &[0.73105857863000487925, 0.0, 0.26894142136999512075]),
        ],
        ..Info::new("gumbel_softmax")
    };
    const MASKED: Option<f64> = Some(0.0);

    #[inline(always)]
    fn forward<R: Real>(self, x: &[R], y: &mut [R]) {
        row::map_indexed(x, y, Logit(self));
        if self.hard == 1.0 {
            row::first_largest(y);
        } else {
            soften(y);
        }
    }

    #[inline(always)]
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]) {
        row::map_indexed(x, grad_x, Logit(self));
        let top = row::largest_and(grad_x, grad_y, |x| x);
        let weights = row::weights_in_place(grad_x, top.x);
        row::softmax_backward_in_place(weights, R::ZERO, top, grad_y, grad_x, R::ONE / R::from_f64(self.tau));
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "tau" => Some(&mut self.tau),
            "hard" => Some(&mut self.hard),
            "training" => Some(&mut self.training),
            "seed" => Some(&mut self.seed),
            _ => None,
        }
    }

    #[inline(always)]
    fn at(self, index: u64) -> Self {
        Self { index: self.index + index, ..self }
    }
}

/// y = softmax(y).
#[inline(always)]
fn soften<R: Real>(y: &mut [R]) {
    let max = row::largest(y, |y| y);
    let sum = row::exponentials_in_place(y, max);
    row::divide(y, sum);
}

/// (x + g) / τ.
#[derive(Clone, Copy)]
struct Logit(GumbelSoftmax);

impl<R: Real> Indexed<R> for Logit {
    #[inline(always)]
    fn apply(self, index: usize, x: R) -> R {
        let f = self.0;
        let x = if f.training == 1.0 {
            // −ln u of a uniform u is −ln(1 − v) of another, which keeps the digits of the small ones.
            let v = R::from_f64(uniform(f.seed as u64, f.index + index as u64));
            x - (-(-v).log1p()).ln()
        } else {
            x
        };
        x / R::from_f64(f.tau)
    }
}
