use crate::activation::*;
use crate::math::pair;
use crate::{Convention, Framework, Real};

/// Squareplus: f(x) = (x + √(x² + b)) / 2, f′(x) = (1 + x / √(x² + b)) / 2.
///
#[doc = include_str!("../../docs/reference/squareplus.svg")]
///
/// ```
/// use actfn::{Elementwise, Squareplus};
/// let squareplus = Squareplus::default();
/// assert_eq!((squareplus.value(1.5), squareplus.value(-1.5)), (2.0, 0.5));
/// assert_eq!((squareplus.derivative(1.5), squareplus.derivative(-1.5)), (0.8, 0.2));
/// assert_eq!(squareplus.value(-1e6f32), 1e-6); // x + √(x² + b) of the rounded root says 0
/// ```
///
/// Source: Barron, Squareplus: A Softplus-Like Algebraic Rectifier, 2021, arXiv:2112.11687.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Squareplus {
    /// How round the corner is: f(0) = √b / 2.
    pub b: f64,
}

/// √(x² + b) for a = |x|; x² would overflow far out, where b no longer counts.
#[inline(always)]
fn root<R: Real>(a: R, b: R) -> R {
    let s = a.mul_add(a, b).sqrt();
    if a > R::from_f64(1e18) { a } else { s }
}

impl Default for Squareplus {
    fn default() -> Self {
        Self { b: 4.0 }
    }
}

impl Elementwise for Squareplus {
    const INFO: Info = Info {
        title: "Squareplus",
        formula: "(x + √(x² + b)) / 2",
        formula_latex: r"\frac{x+\sqrt{x^2+b}}{2}",
        derivative: "(1 + x / √(x² + b)) / 2",
        derivative_latex: r"\frac12\left(1+\frac{x}{\sqrt{x^2+b}}\right)",
        parameters: &[Parameter {
            name: "b",
            meaning: "how round the corner is: f(0) = √b / 2",
            default: 4.0,
            domain: Domain::NonNegative,
            learnable: false,
        }],
        range: "(0, ∞)",
        monotonic: true,
        saturates: Saturates::Left,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 1.109306, second_moment: 1.5, derivative_second_moment: 0.289315 }),
        initialisation: Initialisation::HeNormal,
        uses: "softplus without transcendental functions",
        problems: "never 0; output not zero-centred",
        source: "Barron, Squareplus: A Softplus-Like Algebraic Rectifier, 2021, arXiv:2112.11687",
        year: Some(2021),
        frameworks: &[
            Framework::new(Convention::Jax, &["jax.nn.squareplus"]),
            Framework::new(Convention::Keras, &["keras.activations.squareplus"]),
        ],
        max_ulp: Some(MaxUlp::new(2.0, 2.58).second(0.5)),
        max_ulp_f64: Some(MaxUlp::new(2.0, 2.54).second(6.01)),
        known: &[
            [-20.0, 0.049875621120890270219, 0.0024814048950054321674],
            [-5.0, 0.19258240356725201563, 0.035761654557370342134],
            [-2.0, 0.4142135623730950488, 0.1464466094067262378],
            [-1.0, 0.6180339887498948482, 0.27639320225002103036],
            [-0.5, 0.78077640640441513746, 0.37873218748183351324],
            [-0.001, 0.9995001249999921875, 0.49975000003124999414],
            [0.0, 1.0, 0.5],
            [0.001, 1.0005001249999921875, 0.50024999996875000586],
            [0.5, 1.2807764064044151375, 0.62126781251816648676],
            [1.0, 1.6180339887498948482, 0.72360679774997896964],
            [2.0, 2.4142135623730950488, 0.8535533905932737622],
            [5.0, 5.1925824035672520156, 0.96423834544262965787],
            [20.0, 20.04987562112089027, 0.99751859510499456783],
        ],
        ..Info::new("squareplus")
    };

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        // For x < 0: (s − |x|) / 2 = b / (2 (s + |x|)), halved so that s + |x| does not overflow.
        let half = R::from_f64(0.5);
        let a = x.abs();
        let b = R::from_f64(self.b);
        let s = root(a, b);
        let sum = half.mul_add(s, half * a);
        // Four roundings show, so the sum's and the quotient's are taken back: q (sum + low) = b / 4.
        let low = half.mul_add(a, half.mul_add(s, -sum));
        let b = R::from_f64(0.25) * b;
        let r = R::ONE / sum;
        let q = b * r;
        let tail = if a > R::from_f64(1e18) { q } else { (q.mul_add(-low, q.mul_add(-sum, b))).mul_add(r, q) };
        if x < R::ZERO { tail } else { sum }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        // For x < 0: (s − |x|) / 2s = b / (2 s (s + |x|)). At b = 0 and x = 0 it is the mean of both sides.
        let half = R::from_f64(0.5);
        let a = x.abs();
        let b = R::from_f64(self.b);
        let s = root(a, b);
        // As b / 2 (s² + s |x|), where s² is at hand without its root's rounding; far out, where squares overflow, b / 4x².
        let far = a > R::from_f64(1e18);
        let numerator = if far { R::from_f64(0.25) * b / a } else { half * b };
        let quotient = numerator / if far { a } else { s.mul_add(a, a.mul_add(a, b)) };
        // Elsewhere in pairs: next to 0 it is ½ + x/8 and little less, a tie of f32 for some x.
        let clamped = if a > R::from_f64(1e18) { R::from_f64(1e18) } else { a };
        let (q, q_low) = pair::quotient((half * clamped, R::ZERO), pair::root_of_square_and(b, clamped));
        let (q, q_low) = if x < R::ZERO { (-q, -q_low) } else { (q, q_low) };
        let (y, y_low) = pair::fast_sum(half, q);
        let y = y.add_to_odd(y_low + q_low);
        let y = if x < R::ZERO && R::from_f64(4.0) * a >= s { quotient } else { y };
        if s == R::ZERO { half } else { y }
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // b / 2s³ with s = √(x² + b)
        let b = R::from_f64(self.b);
        let (s, _) = pair::root_of_square_and(b, x.abs());
        let y = R::from_f64(0.5) * b / s / s / s;
        if s == R::ZERO { R::ZERO } else { y }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "b").then_some(&mut self.b)
    }
}
