use crate::activation::*;
use crate::math::{gate, pair, rough};
use crate::{Convention, Framework, Real};

/// Softplus: f(x) = ln(1 + e^(β x)) / β, by default with β = 1; f′(x) = σ(β x).
///
#[doc = include_str!("../../docs/reference/softplus.svg")]
///
/// torch and burn return x where β x > 20; this is accurate everywhere and needs no threshold.
///
/// ```
/// use actfn::{Elementwise, Softplus};
/// assert_eq!(Softplus::default().value(0.0), std::f64::consts::LN_2);
/// assert_eq!(Softplus::default().derivative(0.0), 0.5);
/// assert_eq!(Softplus::default().value(-50.0), 1.9287498479639178e-22); // ln(1 + eˣ) says 0
/// ```
///
/// Source: Dugas, Bengio, Bélisle, Nadeau & Garcia, Incorporating second-order functional knowledge for better option
/// pricing, NIPS 2000.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softplus {
    /// β: how sharp the corner is.
    pub beta: f64,
}

impl Default for Softplus {
    fn default() -> Self {
        Self { beta: 1.0 }
    }
}

impl Elementwise for Softplus {
    const INFO: Info = Info {
        title: "Softplus",
        aliases: &["smooth_relu"],
        formula: "ln(1 + e^(β x)) / β",
        formula_latex: r"\frac{\ln(1+e^{\beta x})}{\beta}",
        derivative: "σ(β x)",
        derivative_latex: r"\sigma(\beta x)",
        parameters: &[Parameter {
            name: "beta",
            meaning: "how sharp the corner is",
            default: 1.0,
            domain: Domain::Positive,
            learnable: false,
        }],
        range: "(0, ∞)",
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.806059, second_moment: 0.921246, derivative_second_moment: 0.293379 }),
        initialisation: Initialisation::HeNormal,
        uses: "positive outputs: variances, rates; a smooth ReLU",
        problems: "never 0; output not zero-centred",
        source: "Dugas, Bengio, Bélisle, Nadeau & Garcia, Incorporating second-order functional knowledge for better option pricing, NIPS 2000",
        year: Some(2000),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.Softplus", "F.softplus"]).note("returns x itself where βx > 20"),
            Framework::new(Convention::Jax, &["jax.nn.softplus"]),
            Framework::new(Convention::TensorFlow, &["tf.nn.softplus"]),
            Framework::new(Convention::Keras, &["keras.activations.softplus"]),
            Framework::new(Convention::Onnx, &["Softplus"]),
            Framework::new(Convention::Burn, &["activation::softplus"]).note("returns x itself where βx > 20"),
            Framework::new(Convention::Flux, &["softplus"]),
        ],
        max_ulp: Some(MaxUlp::new(1.92, 2.0).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.96, 1.24).second(3.21)),
        known: &[
            [-20.0, 2.0611536203143807032e-9, 2.0611536181902035814e-9],
            [-5.0, 0.0067153484891180686164, 0.0066928509242848555594],
            [-2.0, 0.12692801104297249644, 0.11920292202211755594],
            [-1.0, 0.31326168751822283405, 0.26894142136999512075],
            [-0.5, 0.47407698418010668087, 0.37754066879814543536],
            [-0.001, 0.69264730555994010108, 0.49975000002083333125],
            [0.0, 0.69314718055994530942, 0.5],
            [0.001, 0.69364730555994010108, 0.50024999997916666875],
            [0.5, 0.97407698418010668087, 0.62245933120185456464],
            [1.0, 1.313261687518222834, 0.73105857863000487925],
            [2.0, 2.1269280110429724964, 0.88079707797788244406],
            [5.0, 5.0067153484891180686, 0.99330714907571514444],
            [20.0, 20.00000000206115362, 0.99999999793884638181],
        ],
        ..Info::new("softplus")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // max(x, 0) + ln(1 + e^−|β x|) / β
        let beta = R::from_f64(self.beta);
        let (v, v_low) = pair::scaled(x, self.beta);
        let (u, low) = pair::negative_magnitude((v, v_low));
        let tail = u.exp_nonpos_times(low, R::ONE, R::ZERO).log1p_unit() / beta;
        let far = if x < R::ZERO { tail } else { x + tail };
        // An f32 next to 0 is closer to a tie than the sum can tell.
        let near = pair::to_odd(pair::quotient(gate::softplus_near_zero(v, v_low), (beta, R::ZERO)));
        if u > R::from_f64(-4e-3) { near } else { far }
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(rough::softplus(x, self.beta))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let (u, low) = pair::scaled(x, self.beta);
        gate::sigmoid(u, low)
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "beta").then_some(&mut self.beta)
    }
}
