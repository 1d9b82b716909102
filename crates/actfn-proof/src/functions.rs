//! Every elementwise function of the catalogue a second time: value and derivative as the paper has them, where that can be
//! evaluated without loss, and otherwise rearranged with the reason beside it.

use actfn::Activation;

use crate::format::Layout;
use crate::formula::{Formula, Term};
use crate::golden::Of;

/// A function and its derivative.
#[derive(Clone, Debug)]
pub struct Reference {
    /// f.
    pub value: Formula,
    /// f′, at kinks as the function's parameters say.
    pub derivative: Formula,
    /// f″, of the piece that f′ takes at a kink.
    pub second_derivative: Formula,
    /// Roots of f″ that its form misses: next to them no number of units in the last place is few.
    second_roots: &'static [f64],
    /// Whether f′ has a root that its default precision misses: next to it no number of units in the last place is few.
    pub derivative_has_root: bool,
    /// Whether it misses it in `f32` only.
    only_in_f32: bool,
}

impl Reference {
    fn new(
        value: impl for<'p> FnOnce(Term<'p>) -> Term<'p>,
        derivative: impl for<'p> FnOnce(Term<'p>) -> Term<'p>,
    ) -> Self {
        let derivative = Formula::new(derivative);
        Self {
            value: Formula::new(value),
            second_derivative: derivative.differentiated(),
            derivative,
            second_roots: &[],
            derivative_has_root: false,
            only_in_f32: false,
        }
    }

    /// With a second derivative that does not cancel as that of the first one does.
    fn second(self, second: impl for<'p> FnOnce(Term<'p>) -> Term<'p>) -> Self {
        Self { second_derivative: Formula::new(second), ..self }
    }

    fn with_roots_in_second(self, roots: &'static [f64]) -> Self {
        Self { second_roots: roots, ..self }
    }

    fn with_root_in_derivative(self) -> Self {
        Self { derivative_has_root: true, ..self }
    }

    fn with_root_in_f32_derivative(self) -> Self {
        Self { only_in_f32: true, ..self.with_root_in_derivative() }
    }

    /// The error that does not count in the default precision at x: half a unit of 1 for derivatives with a root, two units for second
    /// ones of `f64` next to a root, else 0.
    pub fn allowance(&self, of: Of, layout: &Layout, x: f64) -> f64 {
        match of {
            Of::Derivative if self.derivative_has_root && !(self.only_in_f32 && *layout == Layout::F64) => {
                layout.ulp(1.0) / 2.0
            }
            Of::SecondDerivative
                if *layout == Layout::F64 && self.second_roots.iter().any(|root| (x - root).abs() < 1.0) =>
            {
                2.0 * layout.ulp(1.0)
            }
            _ => 0.0,
        }
    }

    /// The largest [`allowance`](Self::allowance).
    pub fn largest_allowance(&self, of: Of, layout: &Layout) -> f64 {
        let roots = self.second_roots.iter().copied().chain([0.0]);
        roots.map(|x| self.allowance(of, layout, x)).fold(0.0, f64::max)
    }

    /// The reference of an elementwise function, at its parameters; `None` for functions of rows, and where it is missing.
    pub fn of(f: &Activation) -> Option<Self> {
        let p = |name| f.parameter(name).unwrap_or_else(|| panic!("{} has no {name}", f.info().name));
        Some(match f.info().name {
            // McCulloch & Pitts 1943: H(x) = 1 for x ≥ 0
            "perceptron" => Self::new(|x| x.piecewise(0.0, 0.0, p("value_at_zero"), 1.0), |x| x.constant(0.0)),

            // Rumelhart, Hinton & Williams 1986: 1 / (1 + e⁻ˣ). Of σ (1 − σ), the second factor cancels: it is σ(−x).
            "sigmoid" => Self::new(|x| x.sigmoid(), |x| x.sigmoid() * (-x).sigmoid()).second(sigmoid_second),

            // 1 − tanh² x = sech² x = 4 σ(2x) σ(−2x)
            "tanh" => Self::new(|x| x.tanh(), sech_squared).second(|x| -2.0 * x.tanh() * sech_squared(x)),

            "arctan" => Self::new(|x| x.atan(), |x| 1.0 / (x.squared() + 1.0)),

            // Nair & Hinton 2010: max(x, 0)
            "relu" => {
                Self::new(|x| x.piecewise(0.0, 0.0, x, x), |x| x.piecewise(0.0, 0.0, p("derivative_at_zero"), 1.0))
            }

            // Maas, Hannun & Ng 2013
            "leaky_relu" => {
                let (a, weight) = (p("negative_slope"), p("weight_at_zero"));
                Self::new(
                    |x| x.piecewise(0.0, a * x, x, x),
                    |x| x.piecewise(0.0, a, weight * (1.0 - x.constant(a)) + a, 1.0),
                )
            }

            // Klambauer, Unterthiner, Mayr & Hochreiter 2017, with λ and, of their own parameters, λα as the nearest f64
            "selu" => {
                let (alpha, scale, weight) = (p("alpha"), p("scale"), p("weight_at_zero"));
                let own = alpha == SELU_ALPHA && scale == SELU_LAMBDA;
                let left = if own { SELU_LAMBDA_ALPHA } else { scale * alpha };
                Self::new(
                    |x| x.piecewise(0.0, left * x.expm1(), scale * x, scale * x),
                    |x| x.piecewise(0.0, left * x.exp(), left + weight * (scale - left), scale),
                )
            }

            "identity" => Self::new(|x| x, |x| x.constant(1.0)),

            // He, Zhang, Ren & Sun 2015
            "prelu" => {
                let (a, weight) = (p("negative_slope"), p("weight_at_zero"));
                Self::new(
                    |x| x.piecewise(0.0, a * x, x, x),
                    |x| x.piecewise(0.0, a, weight * (1.0 - x.constant(a)) + a, 1.0),
                )
            }

            // Xu, Wang, Chen & Li 2015: in evaluation a = (l + u) / 2
            "rrelu" => {
                let (lower, upper, weight) = (p("lower"), p("upper"), p("weight_at_zero"));
                Self::new(
                    |x| x.piecewise(0.0, (x.constant(lower) + upper) / 2.0 * x, x, x),
                    |x| {
                        let a = (x.constant(lower) + upper) / 2.0;
                        x.piecewise(0.0, a, weight * (1.0 - a) + a, 1.0)
                    },
                )
            }

            // Krizhevsky 2010: min(max(x, 0), 6)
            "relu6" => {
                let kink = p("derivative_at_kinks");
                Self::new(
                    |x| x.piecewise(0.0, 0.0, x, x.min(6.0)),
                    |x| x.piecewise(0.0, 0.0, kink, x.piecewise(6.0, 1.0, kink, 0.0)),
                )
            }

            // So et al. 2021: max(x, 0)²
            "squared_relu" => {
                Self::new(|x| x.piecewise(0.0, 0.0, 0.0, x.squared()), |x| x.piecewise(0.0, 0.0, 2.0 * x, 2.0 * x))
            }

            // Yu et al. 2022: s max(x, 0)² + b
            "star_relu" => {
                let (s, b) = (p("scale"), p("bias"));
                Self::new(
                    |x| x.piecewise(0.0, b, b, s * x.squared() + b),
                    |x| x.piecewise(0.0, 0.0, 2.0 * s * x, 2.0 * s * x),
                )
            }

            "threshold" => {
                let (at, value) = (p("threshold"), p("value"));
                Self::new(|x| x.piecewise(at, value, value, x), |x| x.piecewise(at, 0.0, 0.0, 1.0))
            }

            // Konda, Memisevic & Krueger 2014
            "thresholded_relu" => {
                let at = p("theta");
                Self::new(|x| x.piecewise(at, 0.0, 0.0, x), |x| x.piecewise(at, 0.0, 0.0, 1.0))
            }

            // Keras: m for x ≥ m, x for θ ≤ x < m, a (x − θ) otherwise; without a limit m is infinite
            "keras_relu" => {
                let (a, theta, max) = (p("negative_slope"), p("threshold"), p("max_value"));
                let (at_theta, at_max) = (p("weight_at_threshold"), p("weight_at_max"));
                /// Between the two slopes that meet at θ.
                fn between<'p>(x: Term<'p>, a: f64, weight: f64) -> Term<'p> {
                    weight * (1.0 - x.constant(a)) + a
                }
                match max == f64::INFINITY {
                    true => Self::new(
                        |x| x.piecewise(theta, a * (x - theta), x, x),
                        |x| x.piecewise(theta, a, between(x, a, at_theta), 1.0),
                    ),
                    false if theta < max => Self::new(
                        |x| x.piecewise(theta, a * (x - theta), x, x.piecewise(max, x, max, max)),
                        |x| x.piecewise(theta, a, between(x, a, at_theta), x.piecewise(max, 1.0, at_max, 0.0)),
                    ),
                    false => Self::new(
                        |x| x.piecewise(max, a * (x - theta), max, max),
                        |x| {
                            x.piecewise(
                                max,
                                a,
                                at_max * if theta == max { between(x, a, at_theta) } else { x.constant(a) },
                                0.0,
                            )
                        },
                    ),
                }
            }

            // Singh & Krishnan 2019: max(x, τ)
            "tlu" if p("alpha") == 0.0 => {
                let (tau, kink) = (p("tau"), p("derivative_at_kink"));
                Self::new(|x| x.max(tau), |x| x.piecewise(tau, 0.0, kink, 1.0))
            }

            "abs" => {
                Self::new(|x| x.piecewise(0.0, -x, 0.0, x), |x| x.piecewise(0.0, -1.0, p("derivative_at_zero"), 1.0))
            }

            "sign" => Self::new(|x| x.piecewise(0.0, -1.0, p("value_at_zero"), 1.0), |x| x.constant(0.0)),

            // Collobert 2004: max(m, min(M, x))
            "hardtanh" => {
                let (min, max, kink) = (p("min_val"), p("max_val"), p("derivative_at_kinks"));
                Self::new(|x| x.max(min).min(max), |x| x.piecewise(min, 0.0, kink, x.piecewise(max, 1.0, kink, 0.0)))
            }

            // Howard et al. 2019: max(0, min(1, (x + 3) / 6))
            "hardsigmoid" => {
                let kink = p("derivative_at_kinks");
                Self::new(
                    |x| x.piecewise(-3.0, 0.0, 0.0, x.piecewise(3.0, (x + 3.0) / 6.0, 1.0, 1.0)),
                    |x| {
                        let slope = x.constant(1.0) / 6.0;
                        x.piecewise(-3.0, 0.0, kink, x.piecewise(3.0, slope, kink, 0.0))
                    },
                )
            }

            // ONNX: max(0, min(1, α x + β)). With α = 0.2, which as an f64 is a little more, the kinks lie a little inside of
            // ±2.5: at ±2.5 the function is flat already.
            "onnx_hard_sigmoid" => {
                let (alpha, beta) = (p("alpha"), p("beta"));
                let (lower, upper) = (-beta / alpha, (1.0 - beta) / alpha);
                Self::new(
                    |x| (alpha * x + beta).max(0.0).min(1.0),
                    |x| x.piecewise(lower, 0.0, 0.0, x.piecewise(upper, alpha, 0.0, 0.0)),
                )
            }

            // Howard et al. 2019: x min(max(x + 3, 0), 6) / 6
            "hardswish" => {
                let (lower, upper) = (p("derivative_at_lower"), p("derivative_at_upper"));
                Self::new(
                    |x| {
                        let near = 0.5 * x + x.squared() / 6.0;
                        let exact = x * (x + 3.0) / 6.0;
                        let middle = x.piecewise(-1e-9, exact, exact, x.piecewise(1e-9, near, exact, exact));
                        x.piecewise(-3.0, 0.0, 0.0, x.piecewise(3.0, middle, x, x))
                    },
                    |x| x.piecewise(-3.0, 0.0, lower, x.piecewise(3.0, (2.0 * x + 3.0) / 6.0, upper, 1.0)),
                )
            }

            "sparse_sigmoid" => {
                let kink = p("derivative_at_kinks");
                Self::new(
                    |x| x.piecewise(-1.0, 0.0, 0.0, x.piecewise(1.0, 0.5 * (x + 1.0), 1.0, 1.0)),
                    |x| x.piecewise(-1.0, 0.0, kink, x.piecewise(1.0, 0.5, kink, 0.0)),
                )
            }

            "sparse_plus" => Self::new(
                |x| x.piecewise(-1.0, 0.0, 0.0, x.piecewise(1.0, 0.25 * (x + 1.0).squared(), 1.0, x)),
                |x| {
                    let line = 0.5 * (x + 1.0);
                    x.piecewise(-1.0, 0.0, line, x.piecewise(1.0, line, line, 1.0))
                },
            ),

            "hardshrink" => {
                let l = p("lambd");
                Self::new(|x| beyond(x, l, x, x), |x| beyond(x, l, x.constant(1.0), x.constant(1.0)))
            }

            // Donoho & Johnstone 1994
            "softshrink" => {
                let l = p("lambd");
                Self::new(|x| beyond(x, l, x + l, x - l), |x| beyond(x, l, x.constant(1.0), x.constant(1.0)))
            }

            "shrink" => {
                let (l, b) = (p("lambd"), p("bias"));
                Self::new(|x| beyond(x, l, x + b, x - b), |x| beyond(x, l, x.constant(1.0), x.constant(1.0)))
            }

            // Turian, Bergstra & Bengio 2009: x / (1 + |x|)
            "softsign" => Self::new(|x| x / (1.0 + magnitude(x)), |x| 1.0 / (1.0 + magnitude(x)).squared()),

            // Carlile et al. 2017: x / √(1 + α x²), and its derivative to the power 3
            "isru" => {
                let alpha = p("alpha");
                Self::new(|x| x / isru_root(x, alpha), |x| 1.0 / (isru_root(x, alpha).squared() * isru_root(x, alpha)))
            }
            "isrlu" => {
                let alpha = p("alpha");
                Self::new(
                    |x| x.piecewise(0.0, x / isru_root(x, alpha), x, x),
                    |x| {
                        let slope = 1.0 / (isru_root(x, alpha).squared() * isru_root(x, alpha));
                        x.piecewise(0.0, slope, 1.0, 1.0)
                    },
                )
            }

            // (√(x² + 1) − 1) / 2 + x, where the difference is x² / (√(x² + 1) + 1). To the right it is 1.5 x − ½ + 1/(4x) but
            // for less than 1/(16x³).
            "bent_identity" => Self::new(
                |x| {
                    let exact = x.squared() / (2.0 * ((x.squared() + 1.0).sqrt() + 1.0)) + x;
                    let upper = 1.5 * x - 0.5 + 0.25 / x;
                    let far = exact.between(upper - 0.0625 / x / x / x, upper);
                    x.piecewise(1e6, exact, exact, far)
                },
                |x| x / (2.0 * (x.squared() + 1.0).sqrt()) + 1.0,
            )
            .second(|x| {
                let square = x.squared() + 1.0;
                0.5 / (square * square.sqrt())
            }),

            // Barron 2021: (x + s) / 2 with s = √(x² + b), where x + s = b / (s − x), which does not cancel for x < 0
            "squareplus" => {
                let b = p("b");
                Self::new(
                    |x| {
                        let s = (x.squared() + b).sqrt();
                        x.piecewise(0.0, b / (2.0 * (s - x)), s / 2.0, (x + s) / 2.0)
                    },
                    |x| {
                        let s = (x.squared() + b).sqrt();
                        x.piecewise(0.0, b / (2.0 * s * (s - x)), 0.5, (x + s) / (2.0 * s))
                    },
                )
                .second(|x| {
                    let square = x.squared() + b;
                    b / (2.0 * square * square.sqrt())
                })
            }

            // Clevert, Unterthiner & Hochreiter 2016
            "elu" => {
                let (alpha, weight) = (p("alpha"), p("weight_at_zero"));
                Self::new(
                    |x| x.piecewise(0.0, alpha * x.expm1(), x, x),
                    |x| x.piecewise(0.0, alpha * x.exp(), weight * (1.0 - x.constant(alpha)) + alpha, 1.0),
                )
            }

            // Barron 2017
            "celu" => {
                let alpha = p("alpha");
                Self::new(
                    |x| x.piecewise(0.0, alpha * (x / alpha).expm1(), x, x),
                    |x| x.piecewise(0.0, (x / alpha).exp(), 1.0, 1.0),
                )
            }

            // Huang & Schlag 2025, with α₊ and α₋ themselves as parameters
            "xielu" => {
                let (positive, negative, beta) = (p("alpha_p"), p("alpha_n"), p("beta"));
                Self::new(
                    |x| {
                        let exact = negative * (x.expm1() - x) + beta * x;
                        let left = if negative > 0.0 {
                            with_square(x, exact, beta, 0.49 * negative, 0.5 * negative)
                        } else {
                            exact
                        };
                        x.piecewise(0.0, left, x, positive * x.squared() + beta * x)
                    },
                    |x| {
                        let right = 2.0 * positive * x + beta;
                        x.piecewise(0.0, negative * x.expm1() + beta, right, right)
                    },
                )
            }

            "exponential" => Self::new(|x| x.exp(), |x| x.exp()),

            // Dugas et al. 2001: ln(1 + e^βx) / β
            "softplus" => {
                let beta = p("beta");
                Self::new(|x| softplus(x, beta), |x| (beta * x).sigmoid())
                    .second(|x| beta * (beta * x).sigmoid() * (-(beta * x)).sigmoid())
            }

            // Far to the left both are eˣᐟ² to more digits than any format has.
            "sqrt_softplus" => Self::new(
                |x| softplus(x, 1.0).sqrt(),
                |x| {
                    let slope = x.sigmoid() / (2.0 * softplus(x, 1.0).sqrt());
                    x.piecewise(-300.0, (x / 2.0).exp() / 2.0, slope, slope)
                },
            )
            .second(|x| {
                let s = softplus(x, 1.0);
                let second = x.sigmoid() * (2.0 * s * (-x).sigmoid() - x.sigmoid()) / (4.0 * s * s.sqrt());
                x.piecewise(-300.0, (x / 2.0).exp() / 4.0, second, second)
            })
            .with_roots_in_second(&[0.921422508655]),

            // ln σ(x) = −ln(1 + e⁻ˣ)
            "log_sigmoid" => Self::new(
                |x| x.piecewise(0.0, x - x.exp().ln_1p(), -x.constant(2.0).ln(), -(-x).exp().ln_1p()),
                |x| (-x).sigmoid(),
            )
            .second(|x| -(x.sigmoid() * (-x).sigmoid())),

            // ln cosh x = ½ ln(1 + sinh² x) next to 0, |x| + ln(1 + e^−2|x|) − ln 2 elsewhere
            "logcosh" => Self::new(
                |x| {
                    let u = x.expm1();
                    let sinh = 0.5 * (u + u / (u + 1.0));
                    let near = 0.5 * sinh.squared().ln_1p();
                    let left = -x + (2.0 * x).exp().ln_1p() - x.constant(2.0).ln();
                    let right = x + (-2.0 * x).exp().ln_1p() - x.constant(2.0).ln();
                    x.piecewise(-1.0, left, left, x.piecewise(1.0, near, right, right))
                },
                |x| x.tanh(),
            )
            .second(sech_squared),

            // Elfwing, Uchibe & Doya 2018: x σ(x), and its derivative as an activation
            "silu" => swish_reference(1.0),
            "dsilu" => Self::new(
                |x| swish_derivative(x, 1.0),
                // σ′ (2 + x (1 − 2σ)), where 1 − 2σ = −tanh(x/2)
                |x| x.sigmoid() * (-x).sigmoid() * (2.0 - x * (x / 2.0).tanh()),
            )
            // With t = tanh(x/2), σ′ (x (3t² − 1)/2 − 3t)
            .second(|x| {
                let t = (x / 2.0).tanh();
                x.sigmoid() * (-x).sigmoid() * (x * (3.0 * t.squared() - 1.0) / 2.0 - 3.0 * t)
            })
            .with_roots_in_second(&[-3.43584099354, 3.43584099354]),
            // Ramachandran, Zoph & Le 2017
            "swish" => swish_reference(p("beta")),

            // Hendrycks & Gimpel 2016: x Φ(x), and its approximations
            "gelu" => Self::new(gelu, gelu_derivative).second(gelu_second).with_root_in_derivative(),
            "gelu_tanh" => Self::new(
                // (1 + tanh u) / 2 = σ(2u)
                |x| with_square(x, x * (2.0 * gelu_tanh_argument(x)).sigmoid(), 0.5, 0.39, 0.4),
                |x| {
                    let u = gelu_tanh_argument(x);
                    let slope = (2.0 / x.pi()).sqrt() * (1.0 + 3.0 * x.constant(0.044715) * x.squared());
                    (2.0 * u).sigmoid() * (1.0 + 2.0 * x * (-2.0 * u).sigmoid() * slope)
                },
            )
            // σ′(2u) (4 u′ + 2x u″ − 4x u′² tanh u)
            .second(|x| {
                let u = gelu_tanh_argument(x);
                let (factor, cubic) = ((2.0 / x.pi()).sqrt(), x.constant(0.044715));
                let slope = factor * (1.0 + 3.0 * cubic * x.squared());
                let bend = factor * 6.0 * cubic * x;
                let rest = 4.0 * slope + 2.0 * x * bend - 4.0 * x * slope.squared() * u.tanh();
                (2.0 * u).sigmoid() * (-2.0 * u).sigmoid() * rest
            })
            .with_roots_in_second(&[-1.41894932, 1.41894932])
            .with_root_in_f32_derivative(),
            "quick_gelu" => swish_reference(p("alpha")),
            // Between m, which GELU never reaches, and M. From M = 10 on GELU(M) is less than M by less than any format can
            // tell, so that the next number after M is cut off.
            "clipped_gelu" if p("min_val") < -0.2 && p("max_val") >= 10.0 => {
                let (min, max) = (p("min_val"), p("max_val"));
                Self::new(
                    |x| gelu(x).max(min).min(max),
                    |x| x.piecewise(max, gelu_derivative(x), gelu_derivative(x), 0.0),
                )
                .second(|x| x.piecewise(max, gelu_second(x), gelu_second(x), 0.0))
                .with_root_in_derivative()
            }

            // Misra 2019: x tanh(ln(1 + eˣ))
            "mish" => Self::new(
                |x| x * softplus(x, 1.0).tanh(),
                |x| {
                    let slope = softplus(x, 1.0).tanh() + x * sech_squared(softplus(x, 1.0)) * x.sigmoid();
                    x.piecewise(-300.0, (x + 1.0) * x.exp(), slope, slope) // eˣ of itself off
                },
            )
            .second(|x| {
                let s = softplus(x, 1.0);
                let bracket = 2.0 + x * ((-x).sigmoid() - 2.0 * s.tanh() * x.sigmoid());
                let second = sech_squared(s) * x.sigmoid() * bracket;
                x.piecewise(-300.0, (x + 2.0) * x.exp(), second, second)
            })
            .with_roots_in_second(&[-2.25637639636, 1.49057117949]),

            // Roy et al. 2019
            "lisht" => Self::new(|x| x * x.tanh(), |x| x.tanh() + x * sech_squared(x))
                .second(|x| 2.0 * sech_squared(x) * (1.0 - x * x.tanh()))
                .with_roots_in_second(&[-1.19967864026, 1.19967864026]),

            // LeCun, Bottou, Orr & Müller 1998
            "lecun_tanh" => Self::new(
                |x| 1.7159 * (2.0 * x / 3.0).tanh(),
                |x| x.constant(1.7159) * 2.0 / 3.0 * sech_squared(2.0 * x / 3.0),
            )
            .second(|x| x.constant(-1.7159) * 8.0 / 9.0 * (2.0 * x / 3.0).tanh() * sech_squared(2.0 * x / 3.0)),

            "tanhshrink" => Self::new(tanhshrink, |x| x.tanh().squared()).second(|x| 2.0 * x.tanh() * sech_squared(x)),

            // Ma et al. 2022
            "laplace" => {
                let (mu, sigma) = (p("mu"), p("sigma"));
                Self::new(|x| ((x - mu) / sigma).normal_cdf(), |x| normal_density((x - mu) / sigma) / sigma)
            }

            "gaussian" => Self::new(|x| (-x.squared()).exp(), |x| -2.0 * x * (-x.squared()).exp())
                .second(|x| (4.0 * x.squared() - 2.0) * (-x.squared()).exp()),

            // Ziyin, Hartwig & Ueda 2020: x + sin²(ax) / a
            "snake" => {
                let a = p("a");
                Self::new(|x| x + (a * x).sin().squared() / a, |x| 1.0 + (2.0 * a * x).sin())
            }

            // Sitzmann et al. 2020
            "sine" => {
                let omega = p("omega_0");
                Self::new(|x| sine(x, omega), |x| omega * (omega * x).cos())
            }

            _ => return None,
        })
    }

    /// The formula of what is asked.
    pub fn formula(&self, of: Of) -> &Formula {
        match of {
            Of::Value => &self.value,
            Of::Derivative => &self.derivative,
            Of::SecondDerivative => &self.second_derivative,
        }
    }
}

const SELU_LAMBDA: f64 = 1.050_700_987_355_480_493_419_334_985_294_6;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_284_817_042_991_671_7;
const SELU_LAMBDA_ALPHA: f64 = 1.758_099_340_847_376_859_940_217_520_812_3;

/// `exact`, which next to 0 is slope · x and a square, between `low` and `high` times x²: half of a subnormal number is a
/// tie, which the square decides, and it is too small for the second judge.
fn with_square<'p>(x: Term<'p>, exact: Term<'p>, slope: f64, low: f64, high: f64) -> Term<'p> {
    let near = exact.between(slope * x + low * x.squared(), slope * x + high * x.squared());
    x.piecewise(-1e-9, exact, exact, x.piecewise(1e-9, near, exact, exact))
}

/// x σ(βx) = x/2 + βx²/4 − …
fn swish(x: Term, beta: f64) -> Term {
    let exact = x * (beta * x).sigmoid();
    if beta > 0.0 { with_square(x, exact, 0.5, 0.24 * beta, 0.26 * beta) } else { exact }
}

/// x Φ(x) = x/2 + x²/√(2π) − …
fn gelu(x: Term) -> Term {
    with_square(x, x * x.normal_cdf(), 0.5, 0.39, 0.4)
}

/// |x|.
fn magnitude(x: Term) -> Term {
    x.piecewise(0.0, -x, x, x)
}

/// Beyond ±λ one of two, between them 0.
fn beyond<'p>(x: Term<'p>, lambda: f64, below: Term<'p>, above: Term<'p>) -> Term<'p> {
    x.piecewise(-lambda, below, 0.0, x.piecewise(lambda, 0.0, 0.0, above))
}

/// √(1 + α x²).
fn isru_root(x: Term, alpha: f64) -> Term {
    (1.0 + alpha * x.squared()).sqrt()
}

/// ln(1 + e^βx) / β, which for x > 0 is x more than at −x.
fn softplus(x: Term, beta: f64) -> Term {
    let left = (beta * x).exp().ln_1p() / beta;
    let right = x + (-(beta * x)).exp().ln_1p() / beta;
    x.piecewise(0.0, left, left, right)
}

/// σ(βx) + βx σ(βx) (1 − σ(βx)).
fn swish_derivative(x: Term, beta: f64) -> Term {
    (beta * x).sigmoid() * (1.0 + beta * x * (-(beta * x)).sigmoid())
}

/// σ″ = σ′ (1 − 2σ), where 1 − 2σ = −tanh(x/2).
fn sigmoid_second<'p>(x: Term<'p>) -> Term<'p> {
    -(x.sigmoid() * (-x).sigmoid() * (x / 2.0).tanh())
}

/// x σ(βx). Its second derivative is β σ′(βx) (2 − βx tanh(βx/2)).
fn swish_reference(beta: f64) -> Reference {
    Reference::new(|x| swish(x, beta), |x| swish_derivative(x, beta))
        .second(|x| {
            let u = beta * x;
            beta * u.sigmoid() * (-u).sigmoid() * (2.0 - u * (u / 2.0).tanh())
        })
        .with_root_in_f32_derivative()
}

/// (2 − x²) φ(x).
fn gelu_second(x: Term) -> Term {
    (2.0 - x.squared()) * normal_density(x)
}

/// sech² x = 4 σ(2x) σ(−2x).
fn sech_squared<'p>(x: Term<'p>) -> Term<'p> {
    4.0 * (2.0 * x).sigmoid() * (-2.0 * x).sigmoid()
}

/// √(2/π) (x + 0.044715 x³).
fn gelu_tanh_argument(x: Term) -> Term {
    (2.0 / x.pi()).sqrt() * (x + 0.044715 * x.squared() * x)
}

/// φ(x) = e^(−x²/2) / √(2π).
fn normal_density(x: Term) -> Term {
    (-(x.squared() / 2.0)).exp() / (2.0 * x.pi()).sqrt()
}

/// Φ(x) + x φ(x), where far to the left 0 < Φ(x) < φ(x) / |x|.
fn gelu_derivative(x: Term) -> Term {
    let density = normal_density(x);
    let both = x.normal_cdf() + x * density;
    let far = both.between(x * density, (x - 1.0 / x) * density);
    // From −50 on, beyond all formats, the multi-precision arithmetic is spared Φ.
    x.piecewise(-50.0, x * density, far, x.piecewise(-30.0, far, far, both))
}

/// sin(ωx); next to 0, where ωx may be a tie, between two sums of its alternating series.
fn sine(x: Term, omega: f64) -> Term {
    let u = omega * x;
    let two = u - u * u.squared() / 6.0;
    let three = two + u * u.squared().squared() / 120.0;
    let exact = u.sin();
    let (left, right) = (exact.between(three, two), exact.between(two, three));
    let (left, right) = if omega < 0.0 { (right, left) } else { (left, right) };
    let near = x.piecewise(0.0, left, 0.0, right);
    let edge = (1e-4 / omega).abs();
    x.piecewise(-edge, exact, exact, x.piecewise(edge, near, exact, exact))
}

/// x − tanh x; next to 0, for `f64`, between two sums of its alternating series x³/3 − 2x⁵/15 + …
fn tanhshrink(x: Term) -> Term {
    const SERIES: [(f64, f64); 8] = [
        (1.0, 3.0),
        (2.0, 15.0),
        (17.0, 315.0),
        (62.0, 2835.0),
        (1382.0, 155_925.0),
        (21844.0, 6_081_075.0),
        (929_569.0, 638_512_875.0),
        (6_404_582.0, 10_854_718_875.0),
    ];
    let z = x.squared();
    let sum = |terms: usize| {
        let series = SERIES[..terms].iter().rev().fold(x.constant(0.0), |sum, (n, d)| x.constant(*n) / *d - z * sum);
        x * z * series
    };
    let exact = x - x.tanh();
    let (odd, even) = (sum(7), sum(8));
    let left = exact.between(odd, even);
    let right = exact.between(even, odd);
    let near = x.piecewise(0.0, left, 0.0, right);
    // Beyond ±40 it is ±(|x| − 1 + δ), where δ matters only by being positive: it is less than 2⁻¹¹⁴, and breaks the ties
    // that |x| − 1 makes. Any δ that a sum can hold will do.
    let delta = 2f64.powi(-70);
    let right = x.piecewise(40.0, exact, exact, x - 1.0 + delta);
    let left = x.piecewise(-40.0, x + 1.0 - delta, exact, exact);
    x.piecewise(-0.125, left, left, x.piecewise(0.125, near, right, right))
}
