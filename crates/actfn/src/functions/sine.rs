use crate::activation::*;
use crate::math::{pair, rough};
use crate::{Convention, Framework, Real};

/// The sine: f(x) = sin(ω₀ x), f′(x) = ω₀ cos(ω₀ x).
///
#[doc = include_str!("../../docs/reference/sine.svg")]
///
/// ω₀ is 30 by default, as in the first layer of a SIREN. Angles are reduced with as many digits of π as their size needs, as
/// far as ω₀ x is finite; in `f32` with an ω₀ of more than 29 binary digits, up to 2⁵³.
///
/// ```
/// use actfn::{Elementwise, Sine};
/// let sine = Sine { omega_0: 1.0 };
/// assert_eq!(sine.value(1.0), 0.8414709848078965);
/// assert_eq!(sine.derivative(1.0), 0.5403023058681398);
/// assert_eq!(sine.value(1e22), -0.8522008497671888);
/// ```
///
/// Source: Sitzmann, Martel, Bergman, Lindell & Wetzstein, Implicit Neural Representations with Periodic Activation
/// Functions, 2020, arXiv:2006.09661.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sine {
    /// The frequency ω₀.
    pub omega_0: f64,
}

impl Default for Sine {
    fn default() -> Self {
        Self { omega_0: 30.0 }
    }
}

impl Elementwise for Sine {
    const INFO: Info = Info {
        title: "Sine (SIREN)",
        aliases: &["siren", "sin"],
        formula: "sin(ω₀ x)",
        formula_latex: r"\sin(\omega_0 x)",
        derivative: "ω₀ cos(ω₀ x)",
        derivative_latex: r"\omega_0\cos(\omega_0x)",
        parameters: &[Parameter {
            name: "omega_0",
            meaning: "the frequency ω₀",
            default: 30.0,
            domain: Domain::Finite,
            learnable: false,
        }],
        range: "[−1, 1]",
        zero_centred: true,
        max_derivative: 30.0,
        gaussian: Some(Gaussian { mean: 0.0, second_moment: 0.5, derivative_second_moment: 450.0 }),
        uses: "implicit neural representations",
        problems: "needs the initialisation of the SIREN paper; not monotonic",
        source: "Sitzmann, Martel, Bergman, Lindell & Wetzstein, Implicit Neural Representations with Periodic Activation Functions, 2020, arXiv:2006.09661",
        year: Some(2020),
        frameworks: &[
            Framework::new(Convention::Torch, &["torch.sin"]).sets(&[("omega_0", 1.0)]),
            Framework::new(Convention::Jax, &["jnp.sin"]).sets(&[("omega_0", 1.0)]),
            Framework::new(Convention::TensorFlow, &["tf.sin"]).sets(&[("omega_0", 1.0)]),
            Framework::new(Convention::Onnx, &["Sin"]).sets(&[("omega_0", 1.0)]),
            Framework::new(Convention::Candle, &["Tensor::sin"]).sets(&[("omega_0", 1.0)]),
        ],
        max_ulp: Some(MaxUlp::new(0.51, 0.51).second(0.51)),
        max_ulp_f64: Some(MaxUlp::new(1.0, 1.01).second(0.69)),
        known: &[
            [-20.0, -0.044182448331873195203, -29.970704364987173587],
            [-5.0, 0.71487642962916463144, 20.977524194351253942],
            [-2.0, 0.30481062110221670563, -28.572389412454688781],
            [-1.0, 0.98803162409286178999, 4.6275434966275215216],
            [-0.5, -0.65028784015711686583, -22.790637385764638215],
            [-0.001, -0.029995500202495661393, 29.986501012469625488],
            [0.0, 0.0, 30.0],
            [0.001, 0.029995500202495661393, 29.986501012469625488],
            [0.5, 0.65028784015711686583, -22.790637385764638215],
            [1.0, -0.98803162409286178999, 4.6275434966275215216],
            [2.0, -0.30481062110221670563, -28.572389412454688781],
            [5.0, -0.71487642962916463144, 20.977524194351253942],
            [20.0, 0.044182448331873195203, -29.970704364987173587],
        ],
        ..Info::new("sine")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // To odd: half of a subnormal number times ω₀ may be a tie, which the sine is a little less than.
        let y = pair::to_odd(x.sin_scaled(self.omega_0, 0));
        if x == R::ZERO { R::from_f64(1f64.copysign(self.omega_0)) * x } else { y } // keeps −0
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        let (sin, sure) = rough::sin_scaled(x, self.omega_0, 0);
        Some(if sure { sin } else { rough::UNSURE })
    }
    #[inline(always)]
    fn rough_derivative(self, x: f64) -> Option<f64> {
        let (cos, sure) = rough::sin_scaled(x, self.omega_0, 2);
        // Beyond these `derivative` would need a wider range than that of f32: the cosine may be 2⁻³⁰.
        let size = self.omega_0.abs();
        Some(if sure & (size > 1e-20) & (size < 1e30) { self.omega_0 * cos } else { rough::UNSURE })
    }
    const ROUGH_VALUE_FIRST: bool = true;
    const ROUGH_DERIVATIVE_FIRST: bool = true;

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        pair::to_odd(pair::times(R::pair_from_f64(self.omega_0, 0.0), x.sin_scaled(self.omega_0, 2)))
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        let square = pair::product(R::from_f64(self.omega_0), R::from_f64(-self.omega_0));
        let (y, low) = pair::times(square, x.sin_scaled(self.omega_0, 0));
        y + low
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "omega_0").then_some(&mut self.omega_0)
    }
}
