use crate::activation::*;
use crate::math::rough;
use crate::{Convention, Framework, Real};

/// The exponential linear unit: f(x) = x for x > 0, α (eˣ − 1) for x ≤ 0; f′(x) = 1 or α eˣ.
///
#[doc = include_str!("../../docs/reference/elu.svg")]
///
/// For α ≠ 1 the derivative jumps at 0; there it is α by default, as torch, JAX, Keras, candle and burn have it.
///
/// ```
/// use actfn::{Elementwise, Elu};
/// let elu = Elu { alpha: 2.0, ..Default::default() };
/// assert_eq!((elu.value(-1.0), elu.value(3.0)), (-1.2642411176571153, 3.0));
/// assert_eq!((elu.derivative(0.0), elu.derivative(3.0)), (2.0, 1.0));
/// ```
///
/// Source: Clevert, Unterthiner & Hochreiter, Fast and Accurate Deep Network Learning by Exponential Linear Units
/// (ELUs), 2015, arXiv:1511.07289.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elu {
    /// The limit for x → −∞ is −α.
    pub alpha: f64,
    /// Where f′(0) lies between the two slopes: 0, by default, takes α as torch does, 1 takes 1 (Flux).
    pub weight_at_zero: f64,
}

impl Default for Elu {
    fn default() -> Self {
        Self { alpha: 1.0, weight_at_zero: 0.0 }
    }
}

impl Elementwise for Elu {
    const INFO: Info = Info {
        title: "ELU (exponential linear unit)",
        aliases: &["exponential_linear_unit"],
        formula: "x for x > 0, α (eˣ − 1) for x ≤ 0",
        formula_latex: r"\begin{cases}x&x>0\\\alpha(e^x-1)&x\le0\end{cases}",
        derivative: "1 for x > 0, α eˣ = f(x) + α for x ≤ 0",
        derivative_latex: r"\begin{cases}1&x>0\\\alpha e^x=f(x)+\alpha&x\le0\end{cases}",
        parameters: &[
            Parameter {
                name: "alpha",
                meaning: "the limit for x → −∞ is −α",
                default: 1.0,
                domain: Domain::Finite,
                learnable: false,
            },
            Parameter {
                name: "weight_at_zero",
                meaning: "f′(0) = α + weight · (1 − α)",
                default: 0.0,
                domain: Domain::WEIGHT,
                learnable: false,
            },
        ],
        range: "(−α, ∞)",
        smoothness: Smoothness::Differentiable,
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.160521, second_moment: 0.644945, derivative_second_moment: 0.668101 }),
        initialisation: Initialisation::HeNormal,
        uses: "fully connected and audio networks, reinforcement learning",
        problems: "costs an exponential; for α ≠ 1 its derivative jumps at 0",
        source: "Clevert, Unterthiner & Hochreiter, Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs), 2015, arXiv:1511.07289",
        year: Some(2015),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.ELU", "F.elu"]),
            Framework::new(Convention::Jax, &["jax.nn.elu"]),
            Framework::new(Convention::TensorFlow, &["tf.nn.elu"]).note("α is 1 there"),
            Framework::new(Convention::Keras, &["keras.activations.elu", "keras.layers.ELU"]),
            Framework::new(Convention::Onnx, &["Elu"]),
            Framework::new(Convention::Burn, &["activation::elu"]).note("its gradient is NaN for x ≥ 88.73 in f32"),
            Framework::new(Convention::Candle, &["Tensor::elu"]).note("α has no default there"),
            Framework::new(Convention::Flux, &["elu"]).sets(&[("weight_at_zero", 1.0)]),
        ],
        max_ulp: Some(MaxUlp::new(1.02, 1.08).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.21, 1.07).second(1.03)),
        known: &[
            [-20.0, -0.99999999793884637756, 2.061153622438557828e-9],
            [-5.0, -0.9932620530009145329, 0.0067379469990854670966],
            [-2.0, -0.86466471676338730811, 0.13533528323661269189],
            [-1.0, -0.6321205588285576784, 0.3678794411714423216],
            [-0.5, -0.3934693402873665764, 0.6065306597126334236],
            [-0.001, -0.00099950016662500833194, 0.99900049983337499167],
            [0.0, 0.0, 1.0],
            [0.001, 0.001, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("elu")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let negative = R::from_f64(self.alpha) * x.expm1_nonpos();
        if x < R::ZERO { negative } else { x }
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        let negative = self.alpha * rough::expm1_nonpos(x);
        Some(if x < 0.0 { negative } else { x })
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let negative = x.exp_nonpos_times(R::ZERO, R::from_f64(self.alpha), R::ZERO);
        let slope = if x > R::ZERO { R::ONE } else { negative };
        let alpha = R::from_f64(self.alpha);
        if x == R::ZERO { R::from_f64(self.weight_at_zero).mul_add(R::ONE - alpha, alpha) } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "alpha" => Some(&mut self.alpha),
            "weight_at_zero" => Some(&mut self.weight_at_zero),
            _ => None,
        }
    }
}
