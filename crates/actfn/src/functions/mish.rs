use crate::activation::*;
use crate::math::{gate, pair, rough};
use crate::{Convention, Framework, Real};

/// Mish: f(x) = x tanh(ln(1 + eˣ)), f′(x) = tanh(s) + x (1 − tanh(s)²) σ(x) with s = ln(1 + eˣ).
///
#[doc = include_str!("../../docs/reference/mish.svg")]
///
/// ```
/// use actfn::{Elementwise, Mish};
/// assert_eq!(Mish.value(1.0), 0.8650983882673103);
/// assert_eq!(Mish.derivative(0.0), 0.6);
/// assert_eq!(Mish.value(f64::NEG_INFINITY), 0.0); // the limit
/// ```
///
/// Source: Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019, arXiv:1908.08681.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mish;

/// tanh(ln(1 + eˣ)) = w / (w + 2) with w = eˣ (eˣ + 2), as a fraction of two pairs in e = e^−|x|, so that nothing
/// overflows:
///
/// ```text
/// x < 0: e (e + 2) / (2 + 2 e + e²), without the first e
/// x ≥ 0: (1 + 2 e) / (1 + 2 e + 2 e²)
/// ```
#[inline(always)]
fn fraction<R: Real>(negative: bool, e: R) -> ((R, R), (R, R)) {
    let two = R::from_f64(2.0);
    let numerator = if negative { pair::fast_sum(two, e) } else { pair::fast_sum(R::ONE, e + e) };
    // 2 + e · numerator, or numerator + e · 2 e
    let (a, b) = if negative { (two, numerator.0) } else { (numerator.0, e + e) };
    let d = e.mul_add(b, a);
    let low = e.mul_add(b, a - d);
    (numerator, (d, low + if negative { e * numerator.1 } else { numerator.1 }))
}

impl Elementwise for Mish {
    const INFO: Info = Info {
        title: "Mish",
        formula: "x tanh(ln(1 + eˣ))",
        formula_latex: r"x\tanh(\ln(1+e^x))",
        derivative: "tanh(s) + x (1 − tanh(s)²) σ(x), s = ln(1 + eˣ)",
        derivative_latex: r"\tanh s+x\,(1-\tanh^2s)\,\sigma(x),\quad s=\ln(1+e^x)",
        range: "[−0.30884, ∞)",
        saturates: Saturates::Left,
        max_derivative: 1.088_499_5,
        gaussian: Some(Gaussian { mean: 0.240404, second_moment: 0.452342, derivative_second_moment: 0.479084 }),
        initialisation: Initialisation::HeNormal,
        uses: "YOLOv4 and other detectors",
        problems: "costly; not monotonic",
        source: "Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019, arXiv:1908.08681",
        year: Some(2019),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.Mish", "F.mish"]),
            Framework::new(Convention::Jax, &["jax.nn.mish"]),
            Framework::new(Convention::Keras, &["keras.activations.mish"]),
            Framework::new(Convention::Onnx, &["Mish"]),
            Framework::new(Convention::Burn, &["activation::mish"]),
            Framework::new(Convention::Candle, &["ops::mish", "Activation::Mish"])
                .note("its gradient is NaN for x ≥ 88.73 in f32"),
            Framework::new(Convention::Flux, &["mish"]),
        ],
        max_ulp: Some(MaxUlp::new(1.43, 3.51).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(1.25, 3.42).second(4.49)),
        known: &[
            [-20.0, -4.1223072406287614006e-8, -3.9161918743489690753e-8],
            [-5.0, -0.033576237730161705396, -0.026747498019901933504],
            [-2.0, -0.25250148269570886364, -0.10835509242039394283],
            [-1.0, -0.30340146137410891807, 0.059216755877394948006],
            [-0.5, -0.22074377465172999682, 0.2895106779135121924],
            [-0.001, -0.00059967998404586628552, 0.59935995218346475309],
            [0.0, 0.0, 0.6],
            [0.001, 0.00060031998395413296782, 0.60063995181653151358],
            [0.5, 0.37524521130489510482, 0.88642437535772725845],
            [1.0, 0.86509838826731034612, 1.0490362200997921591],
            [2.0, 1.9439589595339945203, 1.0693179342794896846],
            [5.0, 4.9995520775294056873, 1.0008002248320825928],
            [20.0, 19.99999999999999983, 1.0000000000000003314],
        ],
        ..Info::new("mish")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // In `f32` what keeps 2 ULP takes longer than all digits by way of `f64`, roughly first.
        if let Some(x) = x.as_f32() {
            return R::from_f64(self.value(x as f64));
        }
        let u = -x.abs();
        let e = u.exp_nonpos_times(R::ZERO, R::ONE, R::ZERO);
        let negative = x < R::ZERO;
        let (numerator, denominator) = fraction(negative, e);
        let far = gate::clamp(x);
        let (y, y_low) = pair::times((far, R::ZERO), pair::quotient(numerator, denominator));
        let tail = u.exp_nonpos_times(R::ZERO, y, y_low);
        let y = if far < x { x } else { (y + y_low).copysign(x) };
        if negative { tail } else { y }
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        Some(rough::mish(x))
    }
    const ROUGH_VALUE_FIRST: bool = true;

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        // With e = e^−|x|:
        //     x < 0: e (4 (x + 1) + (4 x + 6) e + 4 e² + e³) / (2 + 2 e + e²)²
        //     x ≥ 0:   (1 + 4 e + (4 x + 6) e² + 4 (x + 1) e³) / (1 + 2 e + 2 e²)²
        let x = gate::clamp(x);
        let negative = x < R::ZERO;
        let u = -x.abs();
        let e = u.exp_nonpos_times(R::ZERO, R::ONE, R::ZERO);
        let four = R::from_f64(4.0);
        // The first numerator has a root x₀: with x = x₀ + d, e₀ = e^x₀ and g = e₀ (e^d − 1) it is
        // 4 d (1 + e) + g (4 x₀ + 6 + 8 e₀ + 3 e₀² + (4 + 3 e₀) g + g²), which does not cancel.
        let (root, root_low) = R::pair_from_f64(-1.192_431_214_515_495_2, -4.848_482_984_803_104_4e-17);
        let d = (x - root) - root_low;
        let g = gate::shifted_expm1(x, R::ZERO, (0.303_482_535_281_528_9, 1.981_117_434_764_409e-17), d);
        let bracket = (g + R::from_f64(4.910_447_605_844_586_5)).mul_add(g, R::from_f64(3.934_440_371_852_964));
        let below = pair::sum(four * d * (R::ONE + e), g * bracket);
        let middle = four.mul_add(x, R::from_f64(6.0));
        let above = pair::sum(R::ONE, e * (four * (x + R::ONE)).mul_add(e, middle).mul_add(e, four));
        let (_, d) = fraction(negative, e);
        let (q, q_low) = pair::quotient(if negative { below } else { above }, pair::times(d, d));
        let tail = u.exp_nonpos_times(R::ZERO, q, q_low);
        if negative { tail } else { q + q_low }
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // With a = |x| and e = e^−a:
        //     x < 0: 4 e   (2 (1 + e) d − a (d − 2 e² (e + 2))) / d³ with d = 2 + 2 e + e²
        //     x ≥ 0: 4 e² (2 (1 + e) d + a (e d − 2 (1 + 2 e))) / d³ with d = 1 + 2 e + 2 e²
        let (two, four) = (R::from_f64(2.0), R::from_f64(4.0));
        let a = gate::clamp(x.abs());
        let e = (-a).exp_nonpos();
        let negative = x < R::ZERO;
        let more = if negative { e + two } else { e + e + two };
        let (d, d_low) = pair::fast_sum(if negative { two } else { R::ONE }, e * more);
        let slope = if negative { (two * e * e).mul_add(e + two, -d) } else { e.mul_add(d, -two.mul_add(e + e, two)) };
        let bracket = a.mul_add(slope, (two * e + two) * d);
        let u = if negative { -a } else { -(a + a) };
        let cube = pair::times((d, d_low), pair::times((d, d_low), (d, d_low)));
        let (q, q_low) = pair::quotient((four * bracket, R::ZERO), cube);
        u.exp_nonpos_times(R::ZERO, q, q_low)
    }
}
