use crate::activation::*;
use crate::math::pair;
use crate::math::random::uniform;
use crate::{Convention, Framework, Real};

/// The randomised leaky ReLU: f(x) = x for x ≥ 0, a x for x < 0; f′(x) = 1 or a. In evaluation a = (l + u) / 2; in
/// training it is drawn uniformly from [l, u] for each element.
///
#[doc = include_str!("../../docs/reference/rrelu.svg")]
///
/// The draw is a function of the seed and of the element's index in its slice alone: the backward pass, given the same seed,
/// has the slopes of the forward one, whatever the threads. A new seed makes a new draw.
///
/// ```
/// use actfn::{Elementwise, Rrelu};
/// let rrelu = Rrelu { lower: 0.25, upper: 0.75, ..Default::default() };
/// assert_eq!((rrelu.value(-2.0), rrelu.value(3.0)), (-1.0, 3.0));
/// assert_eq!((rrelu.derivative(-2.0), rrelu.derivative(3.0)), (0.5, 1.0));
///
/// let x = [-1.0f32; 3];
/// let (mut y, mut grad_x) = ([0.0; 3], [0.0; 3]);
/// let training = Rrelu { training: 1.0, seed: 7.0, ..Default::default() };
/// actfn::forward(training, &x, &mut y);
/// actfn::backward(training, &x, &[1.0; 3], &mut grad_x);
/// assert_eq!(grad_x, y.map(|y| -y));
/// assert!(y[0] != y[1] && y.iter().all(|y| (-1.0 / 3.0..=-0.125).contains(y)));
/// ```
///
/// Source: Xu, Wang, Chen & Li, Empirical Evaluation of Rectified Activations in Convolutional Network, 2015,
/// arXiv:1505.00853.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rrelu {
    /// The smallest slope l.
    pub lower: f64,
    /// The largest slope u.
    pub upper: f64,
    /// Where f′(0) lies between the two slopes: 0, by default, takes a as torch does, 1 takes 1, ½ their mean.
    pub weight_at_zero: f64,
    /// 1 to draw a slope for each element, 0 (the default) to take their mean.
    pub training: f64,
    /// What the slopes are drawn from, a whole number.
    pub seed: f64,
    /// The index of the element that [`value`](Elementwise::value) is asked for; the kernel counts from here.
    pub index: u64,
}

impl Default for Rrelu {
    fn default() -> Self {
        Self { lower: 0.125, upper: 1.0 / 3.0, weight_at_zero: 0.0, training: 0.0, seed: 0.0, index: 0 }
    }
}

impl Elementwise for Rrelu {
    const INFO: Info = Info {
        title: "RReLU (randomised leaky ReLU)",
        aliases: &["randomised_leaky_relu", "randomized_leaky_relu"],
        formula: "x for x ≥ 0, a x for x < 0",
        formula_latex: r"\begin{cases}ax&x<0\\x&x\ge0\end{cases},\quad a=\tfrac{l+u}{2}",
        derivative: "1 for x > 0, a for x < 0",
        derivative_latex: r"\begin{cases}a&x<0\\1&x>0\end{cases}",
        parameters: &[
            Parameter {
                name: "lower",
                meaning: "the smallest slope l",
                default: 0.125,
                domain: Domain::AtMost("upper"),
                learnable: false,
            },
            Parameter {
                name: "upper",
                meaning: "the largest slope u",
                default: 1.0 / 3.0,
                domain: Domain::AtLeast("lower"),
                learnable: false,
            },
            Parameter {
                name: "weight_at_zero",
                meaning: "f′(0) = a + weight · (1 − a)",
                default: 0.0,
                domain: Domain::WEIGHT,
                learnable: false,
            },
            Parameter {
                name: "training",
                meaning: "draw a slope for each element",
                default: 0.0,
                domain: Domain::Flag,
                learnable: false,
            },
            Parameter {
                name: "seed",
                meaning: "what the slopes are drawn from",
                default: 0.0,
                domain: Domain::Integer { min: 0 },
                learnable: false,
            },
        ],
        smoothness: Smoothness::Continuous,
        kinks: &[0.0],
        monotonic: true,
        max_derivative: 1.0,
        gaussian: Some(Gaussian { mean: 0.307518, second_moment: 0.526259, derivative_second_moment: 0.526259 }),
        initialisation: Initialisation::HeNormal,
        uses: "a regulariser on small data sets",
        problems: "random in training; a slope of 11/48 in evaluation",
        source: "Xu, Wang, Chen & Li, Empirical Evaluation of Rectified Activations in Convolutional Network, 2015, arXiv:1505.00853",
        year: Some(2015),
        frameworks: &[
            Framework::new(Convention::Torch, &["nn.RReLU", "F.rrelu"]),
            Framework::new(Convention::Burn, &["nn::RRelu"]),
            Framework::new(Convention::Flux, &["rrelu"]).note("always random there"),
        ],
        max_ulp: Some(MaxUlp::new(0.92, 0.34).second(0.0)),
        max_ulp_f64: Some(MaxUlp::new(0.82, 0.01).second(0.0)),
        known: &[
            [-20.0, -4.5833333333333333333, 0.22916666666666666667],
            [-5.0, -1.1458333333333333333, 0.22916666666666666667],
            [-2.0, -0.45833333333333333333, 0.22916666666666666667],
            [-1.0, -0.22916666666666666667, 0.22916666666666666667],
            [-0.5, -0.11458333333333333333, 0.22916666666666666667],
            [-0.001, -0.00022916666666666666667, 0.22916666666666666667],
            [0.0, 0.0, 0.22916666666666666667],
            [0.001, 0.001, 1.0],
            [0.5, 0.5, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 2.0, 1.0],
            [5.0, 5.0, 1.0],
            [20.0, 20.0, 1.0],
        ],
        ..Info::new("rrelu")
    };

    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Subnormal;

    #[inline(always)]
    fn value<R: Real>(self, x: R) -> R {
        if x < R::ZERO { pair::to_odd(pair::times((x, R::ZERO), self.slope())) } else { x }
    }

    #[inline(always)]
    fn derivative<R: Real>(self, x: R) -> R {
        let a = pair::to_odd(self.slope());
        let slope = if x < R::ZERO { a } else { R::ONE };
        if x == R::ZERO { R::from_f64(self.weight_at_zero).mul_add(R::ONE - a, a) } else { slope }
    }

    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        match name {
            "lower" => Some(&mut self.lower),
            "upper" => Some(&mut self.upper),
            "weight_at_zero" => Some(&mut self.weight_at_zero),
            "training" => Some(&mut self.training),
            "seed" => Some(&mut self.seed),
            _ => None,
        }
    }

    #[inline(always)]
    fn at(self, index: u64) -> Self {
        Self { index: self.index + index, ..self }
    }
}

impl Rrelu {
    /// a; in evaluation with the digit that the sum l + u may not hold.
    #[inline(always)]
    fn slope<R: Real>(self) -> (R, R) {
        if self.training == 1.0 {
            let drawn = self.lower + (self.upper - self.lower) * uniform(self.seed as u64, self.index);
            (R::from_f64(drawn), R::ZERO)
        } else {
            let (sum, low) = pair::sum(self.lower, self.upper);
            R::pair_from_f64(0.5 * sum, 0.5 * low)
        }
    }
}
