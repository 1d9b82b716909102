use crate::activation::*;
use crate::{Convention, Framework, Real};

/// The perceptron's Heaviside step: 0 for x < 0, 1 for x ≥ 0.
///
#[doc = include_str!("../../docs/reference/perceptron.svg")]
///
/// f′(x) = 0 everywhere: no gradient reaches the weights below, and only the layer behind the last step learns.
/// At 0, where the derivative does not exist, it is 0 too.
///
/// ```
/// use actfn::{Elementwise, Perceptron};
/// let step = Perceptron::default();
/// assert_eq!((step.value(-1.0), step.value(0.0), step.value(2.0)), (0.0, 1.0, 1.0));
/// assert_eq!(step.derivative(2.0), 0.0);
/// ```
///
/// Source: McCulloch & Pitts, A logical calculus of the ideas immanent in nervous activity, 1943; Rosenblatt, The
/// perceptron, 1958.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Perceptron {
    /// f(0): 1 by default; torch and JAX make the caller say.
    pub value_at_zero: f64,
}

impl Default for Perceptron {
    fn default() -> Self {
        Self { value_at_zero: 1.0 }
    }
}

impl Elementwise for Perceptron {
    const INFO: Info = Info {
        title: "Perceptron (Heaviside step)",
        aliases: &["heaviside", "binary_step", "unit_step", "hard_threshold"],
        formula: "0 for x < 0, 1 for x ≥ 0",
        formula_latex: r"\begin{cases}0&x<0\\1&x\ge0\end{cases}",
        derivative: "0 (undefined at 0)",
        derivative_latex: r"0\quad(x\ne0)",
        parameters: &[Parameter {
            name: "value_at_zero",
            meaning: "f(0)",
            default: 1.0,
            domain: Domain::Between { min: 0.0, max: 1.0 },
            learnable: false,
        }],
        range: "{0, 1}",
        smoothness: Smoothness::Discontinuous,
        kinks: &[0.0],
        monotonic: true,
        saturates: Saturates::Both,
        max_derivative: 0.0,
        gaussian: Some(Gaussian { mean: 0.5, second_moment: 0.5, derivative_second_moment: 0.0 }),
        uses: "the first neurons, trained by the perceptron rule; binarised and spiking networks with a surrogate gradient",
        problems: "its derivative is 0: backpropagation leaves every weight below it unchanged",
        source: "McCulloch & Pitts 1943, Bull. Math. Biophys. 5; Rosenblatt 1958, Psychological Review 65",
        year: Some(1958),
        frameworks: &[
            Framework::new(Convention::Page, &["perceptron"]),
            Framework::new(Convention::Torch, &["torch.heaviside"])
                .note("f(0) has no default there, and it has no gradient"),
            Framework::new(Convention::Jax, &["jnp.heaviside"]).note("f(0) has no default there"),
            Framework::new(Convention::TensorFlow, &["tf.experimental.numpy.heaviside"])
                .note("f(0) has no default there"),
        ],
        max_ulp: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.0, 0.0).second(0.0)),
        known: &[
            [-20.0, 0.0, 0.0],
            [-5.0, 0.0, 0.0],
            [-2.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [-0.5, 0.0, 0.0],
            [-0.001, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [0.001, 1.0, 0.0],
            [0.5, 1.0, 0.0],
            [1.0, 1.0, 0.0],
            [2.0, 1.0, 0.0],
            [5.0, 1.0, 0.0],
            [20.0, 1.0, 0.0],
        ],
        ..Info::new("perceptron")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let positive = if x > R::ZERO { R::ONE } else { R::ZERO };
        if x == R::ZERO { R::from_f64(self.value_at_zero) } else { positive }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, _: R) -> R {
        R::ZERO
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "value_at_zero").then_some(&mut self.value_at_zero)
    }
}
