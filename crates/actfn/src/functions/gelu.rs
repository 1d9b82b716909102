use crate::activation::*;
use crate::math::{self, gate, pair, rough};
use crate::{Convention, Framework, Real};

/// The Gaussian error linear unit: f(x) = x Φ(x) = x/2 (1 + erf(x/√2)), f′(x) = Φ(x) + x φ(x), with the normal distribution
/// Φ(x) = (1 + erf(x/√2)) / 2 and its density φ.
///
#[doc = include_str!("../../docs/reference/gelu.svg")]
///
/// This is the exact form, the default of torch, TensorFlow, ONNX, burn and candle; JAX and NNlib take the tanh
/// approximation, [`GeluTanh`](crate::GeluTanh).
///
/// ```
/// use actfn::{Elementwise, Gelu};
/// assert_eq!(Gelu.value(1.0), 0.8413447460685429);
/// assert_eq!(Gelu.derivative(0.0), 0.5);
/// assert_eq!(Gelu.value(-10.0), -7.619853024160526e-23); // 1 + erf of the rounded argument says 0
/// assert_eq!(Gelu.value(f64::NEG_INFINITY), 0.0); // the limit; x · Φ(x) says NaN
/// ```
///
/// Source: Hendrycks & Gimpel, Gaussian Error Linear Units (GELUs), 2016, arXiv:1606.08415.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gelu;

/// 1 / √(2π), to twice the digits of f64.
const FRAC_1_SQRT_2PI: (f64, f64) = (0.398_942_280_401_432_7, -2.492_327_202_277_73e-17);

impl Elementwise for Gelu {
    const INFO: Info = Info {
        title: "GELU",
        aliases: &["gelu_erf", "gelu_exact"],
        formula: "x Φ(x) = x/2 (1 + erf(x/√2))",
        formula_latex: r"x\,\Phi(x)=\frac x2\left(1+\operatorname{erf}\frac{x}{\sqrt2}\right)",
        derivative: "Φ(x) + x φ(x)",
        derivative_latex: r"\Phi(x)+x\,\varphi(x)",
        range: "[−0.16997, ∞)",
        saturates: Saturates::Left,
        max_derivative: 1.128_904_145,
        gaussian: Some(Gaussian { mean: 0.282095, second_moment: 0.425221, derivative_second_moment: 0.455851 }),
        initialisation: Initialisation::HeNormal,
        uses: "Transformers (BERT, GPT, ViT)",
        problems: "two forms go by this name; not monotonic",
        source: "Hendrycks & Gimpel, Gaussian Error Linear Units (GELUs), 2016, arXiv:1606.08415",
        year: Some(2016),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.GELU", "F.gelu"]).note("with approximate='tanh' it is `gelu_tanh`"),
            Framework::new(Convention::Jax, &["jax.nn.gelu(approximate=False)"])
                .note("the default there is `gelu_tanh`"),
            Framework::new(Convention::TensorFlow, &["tf.nn.gelu"]),
            Framework::new(Convention::Keras, &["keras.activations.gelu"]).note("keras.ops.gelu is `gelu_tanh`"),
            Framework::new(Convention::Onnx, &["Gelu"]),
            Framework::new(Convention::Burn, &["activation::gelu"]).note("its gradient is that of `gelu_tanh`"),
            Framework::new(Convention::Candle, &["Activation::Gelu", "Tensor::gelu_erf"])
                .note("Tensor::gelu is `gelu_tanh`"),
            Framework::new(Convention::Flux, &["gelu_erf"]).note("gelu is `gelu_tanh` there"),
        ],
        max_ulp: Some(MaxUlp::new(1.95, 2.08).missing_root().second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(2.0, 1.32).missing_root().second(1.18)),
        known: &[
            [-20.0, -5.5072482372124673902e-88, -1.1014360483133464042e-86],
            [-5.0, -1.4332578593959695584e-6, -7.1469460017922946279e-6],
            [-2.0, -0.045500263896358414401, -0.085231801078196896701],
            [-1.0, -0.15865525393145705141, -0.083315470587686298383],
            [-0.5, -0.15426876936299344818, 0.13250487534383715747],
            [-0.001, -0.00049960105778608893742, 0.49920211570515859507],
            [0.0, 0.0, 0.5],
            [0.001, 0.00050039894221391106258, 0.50079788429484140493],
            [0.5, 0.34573123063700655182, 0.86749512465616284253],
            [1.0, 0.84134474606854294859, 1.0833154705876862984],
            [2.0, 1.9544997361036415856, 1.0852318010781968967],
            [5.0, 4.999998566742140604, 1.0000071469460017923],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("gelu")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        if let Some(x) = x.as_f32() {
            return R::from_f64(math::gelu::value_f32(x) as f64);
        }
        let (y, y_low) = parts(x);
        y.add_to_odd(y_low)
    }

    #[inline(always)]
    fn value_as_factor<R: Real>(self, x: R) -> (R, R) {
        let (y, y_low) = parts(x);
        pair::fast_sum(y, y_low)
    }

    #[inline(always)]
    fn tail<R: Real>(self, x: R) -> Option<Tail<R>> {
        // For x < 0: −a e^(−a²/2) m(a) and e^(−a²/2) (m(a) − a / √(2π))
        let a = gate::clamp(x.abs());
        let (m, m_low) = a.scaled_normal_tail();
        let (v, low) = pair::product(a, R::from_f64(-0.5) * a);
        let v = if x < R::ZERO { v } else { R::ZERO };
        let value = pair::times((-a, R::ZERO), (m, m_low));
        Some(Tail { v, slope_v: v, low, value, derivative: a.mul_add(R::from_f64(-FRAC_1_SQRT_2PI.0), m) })
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(rough::gelu(x))
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        if let Some(x) = x.as_f32() {
            return R::from_f64(math::gelu::derivative_f32(x) as f64);
        }
        // For x < 0: Φ(x) + x φ(x) = e^(−a²/2) (m(a) − a / √(2π)), and 1 less that for x > 0.
        let a = gate::clamp(x.abs());
        let (m, m_low) = a.scaled_normal_tail();
        let (c, c_low) = R::pair_from_f64(-FRAC_1_SQRT_2PI.0, -FRAC_1_SQRT_2PI.1);
        let (line, line_low) = pair::product(a, c);
        let (factor, factor_low) = pair::sum(m, line);
        let factor_low = factor_low + (m_low + a.mul_add(c_low, line_low));
        let (u, low) = pair::product(a, R::from_f64(-0.5) * a);
        let tail = u.exp_nonpos_times(low, factor, factor_low);
        let far = if x < R::ZERO { tail } else { R::ONE - tail };
        // Next to 0 it is ½ + 2 φ(0) (x − x³/3 + 3x⁵/40 − …), for three x of f32 within 2⁻⁵⁵ of a tie: the pair decides.
        let (slope, slope_low) = R::pair_from_f64(2.0 * FRAC_1_SQRT_2PI.0, 2.0 * FRAC_1_SQRT_2PI.1);
        let (line, line_low) = pair::product(x, slope);
        let z = x * x;
        let cubic = x * z * z.mul_add(R::from_f64(3.0 / 40.0), R::from_f64(-1.0 / 3.0));
        let (near, near_low) = pair::fast_sum(R::from_f64(0.5), line);
        let near = near.add_to_odd(near_low + slope.mul_add(cubic, x.mul_add(slope_low, line_low)));
        if x.abs() < R::from_f64(1e-3) { near } else { far }
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // (2 − x²) φ(x)
        let x = gate::clamp(x);
        let (u, low) = gate::minus_half_square(x, R::ZERO);
        let (bend, bend_low) = pair::sum(u + u, R::from_f64(2.0));
        let (factor, factor_low) =
            pair::times((bend, low + low + bend_low), R::pair_from_f64(FRAC_1_SQRT_2PI.0, FRAC_1_SQRT_2PI.1));
        u.exp_nonpos_times(low, factor, factor_low)
    }
}

/// x Φ(x) as what is added last, the larger first; −0 where there is nothing to add, which keeps −0.
#[inline(always)]
fn parts<R: Real>(x: R) -> (R, R) {
    // max(x, 0) − |x| Φ(−|x|), where Φ(−a) = e^(−a²/2) m(a).
    let a = gate::clamp(x.abs());
    let (m, m_low) = a.scaled_normal_tail();
    let (product, product_low) = pair::product(a, m);
    let (u, low) = pair::product(a, R::from_f64(-0.5) * a);
    let tail = u.exp_nonpos_times(low, product, a.mul_add(m_low, product_low));
    let far = if x < R::ZERO { (-tail, -R::ZERO) } else { (x, -tail) };
    // Next to 0 it is x/2 + φ(0) x² (1 − x²/6 + x⁴/40 − x⁶/336 + …), where x/2 is a number of f32: without, ±2.10574e-5 were
    // misrounded.
    let z = x * x;
    let c = FRAC_1_SQRT_2PI.0;
    let series = z.mul_add(R::from_f64(-c / 336.0), R::from_f64(c / 40.0));
    let series = z.mul_add(z.mul_add(series, R::from_f64(-c / 6.0)), R::from_f64(c));
    let near = gate::half_of_tiny(x, x, (x * R::from_f64(0.5), x * (x * series)));
    if z < R::from_f64(6e-5) { near } else { far }
}
