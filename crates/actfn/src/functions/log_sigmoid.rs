use crate::activation::*;
use crate::math::{gate, pair, rough};
use crate::{Convention, Framework, Real};

/// The logarithm of the sigmoid: f(x) = ln σ(x) = −ln(1 + e⁻ˣ), f′(x) = σ(−x).
///
#[doc = include_str!("../../docs/reference/log_sigmoid.svg")]
///
/// ```
/// use actfn::{Elementwise, LogSigmoid};
/// assert_eq!(LogSigmoid.value(0.0), -std::f64::consts::LN_2);
/// assert_eq!(LogSigmoid.derivative(0.0), 0.5);
/// assert_eq!((LogSigmoid.value(-1000.0), LogSigmoid.value(50.0)), (-1000.0, -1.9287498479639178e-22));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LogSigmoid;

impl Elementwise for LogSigmoid {
    const INFO: Info = Info {
        title: "Log-sigmoid",
        aliases: &["logsigmoid"],
        formula: "ln σ(x) = −ln(1 + e⁻ˣ)",
        formula_latex: r"\ln\sigma(x)=-\ln(1+e^{-x})",
        derivative: "σ(−x)",
        derivative_latex: r"\sigma(-x)",
        range: "(−∞, 0)",
        monotonic: true,
        saturates: Saturates::Right,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: -0.806059, second_moment: 0.921246, derivative_second_moment: 0.293379 }),
        uses: "log-probabilities; contrastive and preference losses",
        problems: "unbounded below: not for hidden layers",
        source: "torch.nn.LogSigmoid; no paper is known",
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.LogSigmoid", "F.logsigmoid"]),
            Framework::new(Convention::Jax, &["jax.nn.log_sigmoid"]),
            Framework::new(Convention::TensorFlow, &["tf.math.log_sigmoid"]),
            Framework::new(Convention::Keras, &["keras.activations.log_sigmoid"]),
            Framework::new(Convention::Burn, &["activation::log_sigmoid"]),
            Framework::new(Convention::Flux, &["logsigmoid", "logσ"]),
        ],
        max_ulp: Some(MaxUlp::new(1.92, 2.0).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(2.0, 1.24).second(3.21)),
        known: &[
            [-20.0, -20.00000000206115362, 0.99999999793884638181],
            [-5.0, -5.0067153484891180686, 0.99330714907571514444],
            [-2.0, -2.1269280110429724964, 0.88079707797788244406],
            [-1.0, -1.313261687518222834, 0.73105857863000487925],
            [-0.5, -0.97407698418010668087, 0.62245933120185456464],
            [-0.001, -0.69364730555994010108, 0.50024999997916666875],
            [0.0, -0.69314718055994530942, 0.5],
            [0.001, -0.69264730555994010108, 0.49975000002083333125],
            [0.5, -0.47407698418010668087, 0.37754066879814543536],
            [1.0, -0.31326168751822283405, 0.26894142136999512075],
            [2.0, -0.12692801104297249644, 0.11920292202211755594],
            [5.0, -0.0067153484891180686164, 0.0066928509242848555594],
            [20.0, -2.0611536203143807032e-9, 2.0611536181902035814e-9],
        ],
        ..Info::new("log_sigmoid")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // min(x, 0) − ln(1 + e^−|x|)
        let tail = (-x.abs()).exp_nonpos_times(R::ZERO, R::ONE, R::ZERO).log1p_unit();
        let far = if x < R::ZERO { x - tail } else { -tail };
        // An f32 next to 0 is closer to a tie than the sum can tell.
        let near = -pair::to_odd(gate::softplus_near_zero(-x, R::ZERO));
        if x.abs() < R::from_f64(1e-3) { near } else { far }
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(-rough::softplus(-x, 1.0))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        // What is rounded once more needs digits to spare.
        if x.as_f32().is_some() { (-x).sigmoid() } else { gate::sigmoid(-x, R::ZERO) }
    }
}
