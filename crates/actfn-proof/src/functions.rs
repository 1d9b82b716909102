//! Every elementwise function of the catalogue a second time: value and derivative as the paper has them, where that can be
//! evaluated without loss, and otherwise rearranged with the reason beside it.

use actfn::Activation;

use crate::formula::{Formula, Term};

/// A function and its derivative.
#[derive(Clone, Debug)]
pub struct Reference {
    /// f.
    pub value: Formula,
    /// f′, at kinks as the function's parameters say.
    pub derivative: Formula,
}

impl Reference {
    fn new(
        value: impl for<'p> FnOnce(Term<'p>) -> Term<'p>,
        derivative: impl for<'p> FnOnce(Term<'p>) -> Term<'p>,
    ) -> Self {
        Self { value: Formula::new(value), derivative: Formula::new(derivative) }
    }

    /// The reference of an elementwise function, at its parameters; `None` for functions of rows, and where it is missing.
    pub fn of(f: &Activation) -> Option<Self> {
        let p = |name| f.parameter(name).unwrap_or_else(|| panic!("{} has no {name}", f.info().name));
        Some(match f.info().name {
            // McCulloch & Pitts 1943: H(x) = 1 for x ≥ 0
            "perceptron" => Self::new(|x| x.piecewise(0.0, 0.0, p("value_at_zero"), 1.0), |x| x.constant(0.0)),

            // Rumelhart, Hinton & Williams 1986: 1 / (1 + e⁻ˣ). Of σ (1 − σ), the second factor cancels: it is σ(−x).
            "sigmoid" => Self::new(sigmoid, |x| sigmoid(x) * sigmoid(-x)),

            // 1 − tanh² x = sech² x = 4 σ(2x) σ(−2x)
            "tanh" => Self::new(|x| x.tanh(), |x| 4.0 * sigmoid(2.0 * x) * sigmoid(-2.0 * x)),

            "arctan" => Self::new(|x| x.atan(), |x| 1.0 / (x.squared() + 1.0)),

            // Nair & Hinton 2010: max(x, 0)
            "relu" => {
                Self::new(|x| x.piecewise(0.0, 0.0, x, x), |x| x.piecewise(0.0, 0.0, p("derivative_at_zero"), 1.0))
            }

            // Maas, Hannun & Ng 2013
            "leaky_relu" => Self::new(
                |x| x.piecewise(0.0, p("negative_slope") * x, x, x),
                |x| x.piecewise(0.0, p("negative_slope"), p("derivative_at_zero"), 1.0),
            ),

            // Klambauer, Unterthiner, Mayr & Hochreiter 2017, with λ and λα as the nearest f64
            "selu" => Self::new(
                |x| x.piecewise(0.0, SELU_LAMBDA_ALPHA * x.expm1(), SELU_LAMBDA * x, SELU_LAMBDA * x),
                |x| x.piecewise(0.0, SELU_LAMBDA_ALPHA * x.exp(), p("derivative_at_zero"), SELU_LAMBDA),
            ),

            "identity" => Self::new(|x| x, |x| x.constant(1.0)),

            _ => return None,
        })
    }

    /// f, or f′ if so asked.
    pub fn formula(&self, derivative: bool) -> &Formula {
        if derivative { &self.derivative } else { &self.value }
    }
}

const SELU_LAMBDA: f64 = 1.050_700_987_355_480_493_419_334_985_294_6;
const SELU_LAMBDA_ALPHA: f64 = 1.758_099_340_847_376_859_940_217_520_812_3;

/// σ(x) = 1 / (1 + e⁻ˣ), which loses nothing in either tail.
fn sigmoid(x: Term) -> Term {
    1.0 / (1.0 + (-x).exp())
}
