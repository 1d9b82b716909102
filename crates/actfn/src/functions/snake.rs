use crate::Real;
use crate::activation::*;
use crate::math::{pair, rough};

/// Snake: f(x) = x + sin²(a x) / a, f′(x) = 1 + sin(2 a x).
///
#[doc = include_str!("../../docs/reference/snake.svg")]
///
/// The frequency a is learned.
///
/// ```
/// use actfn::{Elementwise, Snake};
/// let snake = Snake { a: 2.0 };
/// assert_eq!(snake.value(1.0), 1.413410905215903);
/// assert_eq!(snake.derivative(0.0), 1.0);
/// assert_eq!(snake.value(f64::INFINITY), f64::INFINITY);
/// ```
///
/// Source: Ziyin, Hartwig & Ueda, Neural Networks Fail to Learn Periodic Functions and How to Fix It, 2020,
/// arXiv:2006.08195.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snake {
    /// The frequency a.
    pub a: f64,
}

impl Default for Snake {
    fn default() -> Self {
        Self { a: 1.0 }
    }
}

impl Elementwise for Snake {
    const INFO: Info = Info {
        title: "Snake",
        formula: "x + sin²(a x) / a",
        formula_latex: r"x+\frac{\sin^2(ax)}{a}",
        derivative: "1 + sin(2 a x)",
        derivative_latex: r"1+\sin(2ax)",
        parameters: &[Parameter {
            name: "a",
            meaning: "the frequency a",
            default: 1.0,
            domain: Domain::Finite,
            learnable: true,
        }],
        monotonic: true,
        max_derivative: 2.0,
        gaussian: Some(Gaussian { mean: 0.432332, second_moment: 1.307374, derivative_second_moment: 1.499832 }),
        uses: "periodic signals; neural vocoders (BigVGAN)",
        problems: "its derivative is 0 twice in each period",
        source: "Ziyin, Hartwig & Ueda, Neural Networks Fail to Learn Periodic Functions and How to Fix It, 2020, arXiv:2006.08195",
        year: Some(2020),
        max_ulp: Some(MaxUlp::new(0.51, 0.51).second(0.51)),
        max_ulp_f64: Some(MaxUlp::new(1.2, 1.29).second(0.76)),
        known: &[
            [-20.0, -19.166530969173869078, 0.25488683952065121301],
            [-5.0, -4.0804642354617737739, 1.5440211108893698134],
            [-2.0, -1.1731781895681940427, 1.7568024953079282514],
            [-1.0, -0.2919265817264288065, 0.090702573174318304604],
            [-0.5, -0.2701511529340698587, 0.15852901519210349335],
            [-0.001, -0.00099900000033333328889, 0.99800000133333306667],
            [0.0, 0.0, 1.0],
            [0.001, 0.0010009999996666667111, 1.0019999986666669333],
            [0.5, 0.7298488470659301413, 1.8414709848078965067],
            [1.0, 1.7080734182735711935, 1.9092974268256816954],
            [2.0, 2.8268218104318059573, 0.24319750469207174863],
            [5.0, 5.9195357645382262261, 0.4559788891106301866],
            [20.0, 20.833469030826130922, 1.745113160479348787],
        ],
        ..Info::new("snake")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Never;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        let (sin, low) = x.sin_scaled(self.a, 0);
        // Of a small a, `f32` would have less than all digits.
        let scale = if self.a.abs() < 1e-25 { (1u128 << 100) as f64 } else { 1.0 };
        let (square, square_low) = pair::times((sin, low), (sin, low));
        let square = (square * R::from_f64(scale), square_low * R::from_f64(scale));
        let (bump, bump_low) = pair::quotient(square, R::pair_from_f64(self.a * scale, 0.0));
        let (y, y_low) = pair::sum(x, bump);
        let infinity = R::from_f64(f64::INFINITY);
        let sum = if y.abs() < infinity { y.add_to_odd(y_low + bump_low).copysign(x) } else { y };
        // The sine of an angle that is not finite is NaN; the sum is x, or has that limit. So it has at a = 0.
        if (x * R::from_f64(self.a)).abs() < infinity && self.a != 0.0 { sum } else { x }
    }

    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        let (sin, sure) = rough::sin_scaled(x, self.a, 0);
        let inverse = 1.0 / if self.a.abs() < 1e-300 { 1e-300 } else { self.a }; // finite: 0 where such an angle is known
        if self.a == 0.0 {
            return Some(x);
        }
        // Of a larger a, `value` would need numbers smaller than those of `f32`.
        Some(if sure & (self.a.abs() < 1e30) { (x + sin * sin * inverse).copysign(x) } else { rough::UNSURE })
    }
    #[inline(always)]
    fn rough_derivative(self, x: f64) -> Option<f64> {
        let (sin, sure) = rough::sin_scaled(x, self.a, 1);
        // Of a smaller a, `derivative` would.
        Some(if sure & (self.a.abs() > 1e-30) { 2.0 * (sin * sin) } else { rough::UNSURE })
    }
    const ROUGH_VALUE_FIRST: bool = true;
    const ROUGH_DERIVATIVE_FIRST: bool = true;

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        // 1 + sin(2 a x) = 2 sin²(a x + π/4), which does not cancel next to its roots.
        let (sin, low) = x.sin_scaled(self.a, 1);
        let (square, square_low) = pair::times((sin, low), (sin + sin, low + low));
        let far = square.add_to_odd(square_low);
        // Next to 0 it is 1 + u, a tie of f32 for some u = 2ax, less u³/6 (1 − u²/20 + u⁴/840).
        let (u, u_low) = pair::scaled(x, 2.0 * self.a);
        let z = u * u;
        let series = z.mul_add(R::from_f64(-1.0 / 5040.0), R::from_f64(1.0 / 120.0));
        let cubic = u * z * z.mul_add(series, R::from_f64(-1.0 / 6.0));
        let (near, near_low) = pair::fast_sum(R::ONE, u);
        let near = near.add_to_odd(near_low + (u_low + cubic));
        if u.abs() < R::from_f64(0.01) { near } else { far }
    }

    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        R::from_f64(2.0 * self.a) * x.sin_scaled(2.0 * self.a, 2).0
    }

    #[inline(always)]
    fn parameter_derivative<R: Real>(self, _: usize, x: R) -> R {
        // x sin(2 a x) / a − sin²(a x) / a², with s = sin(a x) and c = cos(a x): (s / a) (2 x c − s / a). For small a x the
        // difference is of the size of its terms.
        let s = x.sin_scaled(self.a, 0).0 / R::from_f64(self.a);
        let s = if self.a == 0.0 { x } else { s };
        let c = x.sin_scaled(self.a, 2).0;
        s * ((x + x) * c - s)
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        (name == "a").then_some(&mut self.a)
    }
}
