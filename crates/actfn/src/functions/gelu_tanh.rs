use crate::activation::*;
use crate::math::{gate, pair, rough};
use crate::{Convention, Framework, Real};

/// The tanh approximation of GELU: f(x) = x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))) = x σ(u) with u = √(8/π) (x +
/// 0.044715 x³); f′(x) = σ(u) + x u′ σ(u) (1 − σ(u)).
///
#[doc = include_str!("../../docs/reference/gelu_tanh.svg")]
///
/// It differs from [`Gelu`](crate::Gelu) by up to 4.73 · 10⁻⁴, at |x| = 2.699.
///
/// ```
/// use actfn::{Elementwise, GeluTanh};
/// assert_eq!(GeluTanh.value(1.0), 0.8411919906082768);
/// assert_eq!(GeluTanh.derivative(0.0), 0.5);
/// assert_eq!(GeluTanh.value(-6.0), -8.439646700762303e-11); // 1 + tanh of the rounded argument says 0
/// ```
///
/// Source: Hendrycks & Gimpel, Gaussian Error Linear Units (GELUs), 2016, arXiv:1606.08415.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GeluTanh;

// √(8/π) and √(8/π) · 0.044715, to twice the digits of f64.
const LINEAR: (f64, f64) = (1.5957691216057308, -9.96930880911092e-17);
const CUBIC: (f64, f64) = (0.071_354_816_272_600_25, -4.121_857_721_743_182_5e-18);

/// x where |x| ≤ 100: far beyond, e^u is 0, and x³ would overflow.
#[inline(always)]
fn clamp<R: Real>(x: R) -> R {
    let far = R::from_f64(100.0);
    let x = if x > far { far } else { x };
    if x < -far { -far } else { x }
}

/// u = √(8/π) (x + 0.044715 x³) in two parts: e^u needs all of its digits in the left tail.
#[inline(always)]
fn argument<R: Real>(x: R) -> (R, R) {
    let x = clamp(x);
    let (linear, linear_low) = R::pair_from_f64(LINEAR.0, LINEAR.1);
    let (cubic, cubic_low) = R::pair_from_f64(CUBIC.0, CUBIC.1);
    let (square, square_low) = pair::product(x, x);
    let (c, c_low) = pair::product(cubic, square);
    let c_low = cubic_low.mul_add(square, cubic.mul_add(square_low, c_low));
    let (slope, slope_low) = pair::sum(linear, c);
    let slope_low = slope_low + (c_low + linear_low);
    let (u, low) = pair::product(slope, x);
    (u, slope_low.mul_add(x, low))
}

impl Elementwise for GeluTanh {
    const INFO: Info = Info {
        title: "GELU (tanh approximation)",
        aliases: &["gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_approximate"],
        formula: "x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))",
        formula_latex: r"\frac x2\left(1+\tanh\left(\sqrt{2/\pi}\,(x+0.044715\,x^3)\right)\right)",
        derivative: "σ(u) + x u′ σ(u) (1 − σ(u)), u = √(8/π) (x + 0.044715 x³)",
        derivative_latex: r"\sigma(u)+x\,u'\,\sigma(u)\,(1-\sigma(u)),\quad u=\sqrt{8/\pi}\,(x+0.044715\,x^3)",
        range: "[−0.17004, ∞)",
        saturates: Saturates::Left,
        max_derivative: 1.128_994_5,
        gaussian: Some(Gaussian { mean: 0.282039, second_moment: 0.425194, derivative_second_moment: 0.455818 }),
        initialisation: Initialisation::HeNormal,
        uses: "GPT-2, BERT, T5 v1.1, Gemma",
        problems: "is not quite GELU; not monotonic",
        source: "Hendrycks & Gimpel, Gaussian Error Linear Units (GELUs), 2016, arXiv:1606.08415",
        year: Some(2016),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.GELU(approximate='tanh')", "F.gelu(approximate='tanh')"]),
            Framework::new(Convention::Jax, &["jax.nn.gelu", "jax.nn.gelu(approximate=True)"])
                .note("with approximate=False it is `gelu`"),
            Framework::new(Convention::TensorFlow, &["tf.nn.gelu(approximate=True)"]),
            Framework::new(Convention::Keras, &["keras.ops.gelu", "keras.activations.gelu(approximate=True)"]),
            Framework::new(Convention::Onnx, &["Gelu(approximate='tanh')"]),
            Framework::new(Convention::Burn, &["activation::gelu_approximate"]),
            Framework::new(Convention::Candle, &["Tensor::gelu", "Activation::NewGelu", "Activation::GeluPytorchTanh"])
                .note("Activation::Gelu is `gelu`"),
            Framework::new(Convention::Flux, &["gelu", "gelu_tanh", "gelu_sigmoid"]),
        ],
        max_ulp: Some(MaxUlp::new(1.99, 3.01).missing_root().second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(2.0, 3.24).second(7.87)),
        known: &[
            [-20.0, -3.3754509563110619496e-261, -2.9424328724945852127e-259],
            [-5.0, -2.2917961966295070495e-7, -1.5463619875325952127e-6],
            [-2.0, -0.045402305912224982463, -0.086099256623618381988],
            [-1.0, -0.15880800939172329569, -0.082964083845782553845],
            [-0.5, -0.15428599017485607801, 0.13263009646535768878],
            [-0.001, -4.9960105778641804469e-4, 0.49920211570647498213],
            [0.0, 0.0, 0.5],
            [0.001, 5.0039894221358197613e-4, 0.50079788429352501787],
            [0.5, 0.34571400982514392199, 0.86736990353464231122],
            [1.0, 0.84119199060827670431, 1.0829640838457825538],
            [2.0, 1.9545976940877750175, 1.086099256623618382],
            [5.0, 4.999999770820380337, 1.0000015463619875326],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("gelu_tanh")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let (u, low) = argument(x);
        gate::value(x, u, low)
    }

    #[inline(always)]
    fn value_as_factor<R: Real>(self, x: R) -> (R, R) {
        let (u, low) = argument(x);
        gate::value_pair(x, u, low)
    }

    #[inline(always)]
    fn tail<R: Real>(self, x: R) -> Option<Tail<R>> {
        let (v, low) = argument(x);
        let x = clamp(x);
        // x u′ = u + 2 (u − √(8/π) x)
        let w = R::from_f64(2.0).mul_add(R::from_f64(-LINEAR.0).mul_add(x, v), v);
        Some(Tail { v, slope_v: v, low, value: (x, R::ZERO), derivative: R::ONE + w })
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(rough::gate(x, x * (CUBIC.0 * x * x + LINEAR.0)))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let (u, low) = argument(x);
        let x = clamp(x);
        let (linear, cubic) = (R::from_f64(LINEAR.0), R::from_f64(CUBIC.0));
        if let (Some(u), Some(low), Some(x)) = (u.as_f32(), low.as_f32(), x.as_f32()) {
            // x u′ = u + 2 (u − √(8/π) x) keeps the digits of u in the left tail.
            let (linear, linear_low) = f32::pair_from_f64(-LINEAR.0, -LINEAR.1);
            let w = Real::mul_add(2.0, Real::mul_add(linear, x, u) + Real::mul_add(linear_low, x, low), u);
            return R::from_f64(gate::derivative_f32(u, low, (w, low)) as f64);
        }
        let three = R::from_f64(3.0);
        let square = x * x;
        let w = x * (three * cubic * square + linear); // x u′
        // s = 1 + w + e^u has a root x₀: with x = x₀ + d, u = u₀ + …, w = w₀ + … and e₀ = e^u₀ it is
        // (w − w₀) + e₀ (e^(u − u₀) − 1), where the differences are d times a sum of squares: nothing cancels.
        const E0: (f64, f64) = (0.291_955_211_914_767_14, -8.582_607_951_729_513e-18);
        let (root, root_low) = R::pair_from_f64(-0.752_461_422_071_016_3, 3.435_821_831_435_522_5e-17);
        let (d, d_low) = pair::sum(x, -root);
        let squares = root.mul_add(x + root, square);
        let slope = (three * cubic).mul_add(squares, linear);
        let (s, s_low) = pair::product(d, slope); // w − w₀
        let s_low = (d_low - root_low).mul_add(slope, s_low);
        let u_difference = (d - root_low) * cubic.mul_add(squares, linear);
        let (s, rest) = pair::sum(s, gate::shifted_expm1(u, low, E0, u_difference));
        let far = gate::derivative(u, low, (s, rest + s_low), w);
        // Next to 0 it is ½ + c x/2 + (c₃ − c³/12) x³ with c = √(8/π) and c₃ = 0.044715 c, for some x of f32 close to a tie.
        let half = R::from_f64(0.5);
        let (line, line_low) = pair::product(half * x, linear);
        let (near, near_low) = pair::fast_sum(half, line);
        let rest = x.mul_add(R::from_f64(CUBIC.0 - LINEAR.0 * LINEAR.0 * LINEAR.0 / 12.0) * square, line_low);
        let near = near.add_to_odd(near_low + x.mul_add(R::from_f64(0.5 * LINEAR.1), rest));
        if x.abs() < R::from_f64(1e-4) { near } else { far }
    }
}
