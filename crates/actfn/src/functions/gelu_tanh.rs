use crate::Real;
use crate::activation::*;
use crate::math::{gate, pair};

/// The tanh approximation of GELU: f(x) = x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))) = x σ(u) with u = √(8/π) (x + 0.044715 x³);
/// f′(x) = σ(u) + x u′ σ(u) (1 − σ(u)).
///
/// It differs from [`Gelu`](crate::Gelu) by up to 4.73 · 10⁻⁴, at |x| = 2.699.
///
/// ```
/// use actfn::{Elementwise, GeluTanh};
/// assert_eq!(GeluTanh.value(1.0), 0.8411919906082768);
/// assert_eq!(GeluTanh.derivative(0.0), 0.5);
/// assert_eq!(GeluTanh.value(-6.0f32), -8.439647e-11); // 1 + tanh of the rounded argument says 0
/// ```
///
/// Source: Hendrycks & Gimpel, Gaussian Error Linear Units (GELUs), 2016, arXiv:1606.08415.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GeluTanh;

// √(8/π) and √(8/π) · 0.044715, in twice the digits of f64.
const LINEAR: (f64, f64) = (1.5957691216057308, -9.96930880911092e-17);
const CUBIC: (f64, f64) = (0.07135481627260025, -6.175149918155315e-19);

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
        derivative: "σ(u) + x u′ σ(u) (1 − σ(u)), u = √(8/π) (x + 0.044715 x³)",
        range: "[−0.17004, ∞)",
        saturates: Saturates::Left,
        max_derivative: 1.128_994_5,
        gaussian: Some(Gaussian { mean: 0.282039, second_moment: 0.425194, derivative_second_moment: 0.455818 }),
        initialisation: Initialisation::HeNormal,
        uses: "GPT-2, BERT, T5 v1.1, Gemma",
        problems: "is not quite GELU; not monotonic",
        source: "Hendrycks & Gimpel, Gaussian Error Linear Units (GELUs), 2016, arXiv:1606.08415",
        known: &[
            [-20.0, -3.3754509563109673197e-261, -2.9424328724945028643e-259],
            [-5.0, -2.2917961966295060456e-7, -1.5463619875325945956e-6],
            [-2.0, -0.045402305912224981219, -0.086099256623618381565],
            [-1.0, -0.15880800939172329522, -0.08296408384578255514],
            [-0.5, -0.15428599017485607796, 0.13263009646535768844],
            [-0.001, -0.0004996010577864180343, 0.49920211570647498214],
            [0.0, 0.0, 0.5],
            [0.001, 0.0005003989422135819657, 0.50079788429352501786],
            [0.5, 0.34571400982514392204, 0.86736990353464231156],
            [1.0, 0.84119199060827670478, 1.0829640838457825551],
            [2.0, 1.9545976940877750188, 1.0860992566236183816],
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
    fn derivative<R: Real>(self, x: R) -> R {
        let (u, low) = argument(x);
        let x = clamp(x);
        let square = x * x;
        let w = x * (R::from_f64(3.0 * CUBIC.0) * square + R::from_f64(LINEAR.0)); // x u′
        gate::derivative(u, low, w)
    }
}
