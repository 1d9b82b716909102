//! Formulas as data: written once, evaluated in several arithmetics.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A step of a formula. Operands are the places of earlier steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    X,
    Constant(f64),
    Unary(Unary, usize),
    Binary(Binary, usize, usize),
    /// One of three, by whether the input x is below, at or above a number.
    Piece {
        at: f64,
        below: usize,
        equal: usize,
        above: usize,
    },
    /// `exact`, for which two others are bounds that an `f64` can hold more closely.
    Bounded {
        exact: usize,
        lower: usize,
        upper: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unary {
    Neg,
    Sqrt,
    Exp,
    Expm1,
    Ln,
    Ln1p,
    Sigmoid,
    Tanh,
    Atan,
    NormalCdf,
    Sin,
    Cos,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
}

/// A function of x: steps in an order in which each finds its operands done. The last one is the result.
#[derive(Clone, Debug)]
pub struct Formula {
    pub(crate) steps: Vec<Step>,
}

impl Formula {
    /// The formula that `write` makes of x.
    pub fn new(write: impl for<'p> FnOnce(Term<'p>) -> Term<'p>) -> Self {
        let page = Page(RefCell::default());
        let result = write(page.put(Step::X)).step;
        let mut steps = page.0.into_inner();
        // What the result does not need goes; what it needs stands before it.
        let mut needed = vec![false; steps.len()];
        needed[result] = true;
        for i in (0..=result).rev().filter(|i| *i < steps.len()) {
            if needed[i] {
                operands(&steps[i]).into_iter().flatten().for_each(|o| needed[o] = true);
            }
        }
        let mut places = vec![0; steps.len()];
        let mut kept = Vec::new();
        for (i, step) in steps.drain(..).enumerate().take(result + 1) {
            if needed[i] {
                places[i] = kept.len();
                kept.push(moved(step, &places));
            }
        }
        Self { steps: kept }
    }
}

impl Formula {
    /// Its derivative, by the rules of differentiation: of pieces that of each, so that at a kink it is that of the piece which
    /// stands there.
    ///
    /// # Panics
    ///
    /// If there is a minimum or a maximum in it.
    pub fn differentiated(&self) -> Self {
        Self::new(|x| {
            let (mut terms, mut slopes): (Vec<Term>, Vec<Term>) = (Vec::new(), Vec::new());
            for step in &self.steps {
                let (term, slope) = match *step {
                    Step::X => (x, x.constant(1.0)),
                    Step::Constant(value) => (x.constant(value), x.constant(0.0)),
                    Step::Unary(f, a) => {
                        let a_slope = slopes[a];
                        let a = terms[a];
                        let y = a.unary(f);
                        let slope = match f {
                            Unary::Neg => x.constant(-1.0),
                            Unary::Sqrt => 1.0 / (2.0 * y),
                            Unary::Exp => y,
                            Unary::Expm1 => a.exp(),
                            Unary::Ln => 1.0 / a,
                            Unary::Ln1p => 1.0 / (1.0 + a),
                            Unary::Sigmoid => y * (-a).sigmoid(),
                            Unary::Tanh => 4.0 * (2.0 * a).sigmoid() * (-2.0 * a).sigmoid(),
                            Unary::Atan => 1.0 / (1.0 + a.squared()),
                            Unary::NormalCdf => (-(a.squared() / 2.0)).exp() / (2.0 * x.pi()).sqrt(),
                            Unary::Sin => a.cos(),
                            Unary::Cos => -a.sin(),
                        };
                        (y, slope.times(a_slope))
                    }
                    Step::Binary(f, a, b) => {
                        let (a, a_slope, b, b_slope) = (terms[a], slopes[a], terms[b], slopes[b]);
                        let y = a.binary(f, b);
                        let slope = match f {
                            Binary::Add => a_slope.plus(b_slope),
                            Binary::Sub => a_slope.plus(x.constant(-1.0).times(b_slope)),
                            Binary::Mul => a_slope.times(b).plus(a.times(b_slope)),
                            Binary::Div => (a_slope.times(x.constant(1.0) / b)).plus(b_slope.times(-(y / b))),
                            Binary::Min | Binary::Max => panic!("which of the two it is, x does not say"),
                        };
                        (y, slope)
                    }
                    Step::Piece { at, below, equal, above } => (
                        x.piecewise(at, terms[below], terms[equal], terms[above]),
                        x.piecewise(at, slopes[below], slopes[equal], slopes[above]),
                    ),
                    // The bounds say nothing of the slope.
                    Step::Bounded { exact, .. } => (terms[exact], slopes[exact]),
                };
                terms.push(term);
                slopes.push(slope);
            }
            slopes[slopes.len() - 1]
        })
    }

    /// Which steps the inputs from `lo` to `hi` need: of pieces only those in which they lie.
    pub(crate) fn needed(&self, lo: f64, hi: f64, needed: &mut Vec<bool>) {
        needed.clear();
        needed.resize(self.steps.len(), false);
        needed[self.steps.len() - 1] = true;
        for i in (0..self.steps.len()).rev() {
            if !needed[i] {
                continue;
            }
            let operands = match self.steps[i] {
                Step::Piece { at, below, equal, above } => [
                    Some(below).filter(|_| lo < at),
                    Some(equal).filter(|_| lo <= at && hi >= at),
                    Some(above).filter(|_| hi > at),
                ],
                step => operands(&step),
            };
            operands.into_iter().flatten().for_each(|o| needed[o] = true);
        }
    }

    /// Whether it has no limit at ±∞ unless it is infinite: a sine or a cosine is in it.
    pub(crate) fn swings(&self) -> bool {
        self.steps.iter().any(|s| matches!(s, Step::Unary(Unary::Sin | Unary::Cos, _)))
    }
}

fn operands(step: &Step) -> [Option<usize>; 3] {
    match *step {
        Step::X | Step::Constant(_) => [None; 3],
        Step::Unary(_, a) => [Some(a), None, None],
        Step::Binary(_, a, b) => [Some(a), Some(b), None],
        Step::Piece { below, equal, above, .. } => [Some(below), Some(equal), Some(above)],
        Step::Bounded { exact, lower, upper } => [Some(exact), Some(lower), Some(upper)],
    }
}

fn moved(step: Step, places: &[usize]) -> Step {
    match step {
        Step::X | Step::Constant(_) => step,
        Step::Unary(f, a) => Step::Unary(f, places[a]),
        Step::Binary(f, a, b) => Step::Binary(f, places[a], places[b]),
        Step::Piece { at, below, equal, above } => {
            Step::Piece { at, below: places[below], equal: places[equal], above: places[above] }
        }
        Step::Bounded { exact, lower, upper } => {
            Step::Bounded { exact: places[exact], lower: places[lower], upper: places[upper] }
        }
    }
}

/// Where terms are written down.
struct Page(RefCell<Vec<Step>>);

impl Page {
    fn put(&self, step: Step) -> Term<'_> {
        let mut steps = self.0.borrow_mut();
        // The same step twice is one: e⁻ˣ in numerator and denominator is computed once.
        let place = steps.iter().position(|s| *s == step).unwrap_or_else(|| {
            steps.push(step);
            steps.len() - 1
        });
        Term { page: self, step: place }
    }
}

/// A part of a formula that is being written. It has the usual operators, with terms and with numbers, which count as
/// the exact value of the `f64`.
#[derive(Clone, Copy)]
pub struct Term<'p> {
    page: &'p Page,
    step: usize,
}

impl<'p> Term<'p> {
    /// A number, exactly as the `f64` has it.
    pub fn constant(self, value: f64) -> Self {
        self.page.put(Step::Constant(value))
    }

    /// `below`, `equal` or `above`, by where the formula's x lies to `at`.
    pub fn piecewise(
        self,
        at: f64,
        below: impl Into<Part<'p>>,
        equal: impl Into<Part<'p>>,
        above: impl Into<Part<'p>>,
    ) -> Self {
        assert!(self.page.0.borrow()[self.step] == Step::X, "pieces are divided by x itself");
        let place = |part: Part<'p>| match part {
            Part::Term(term) => term.step,
            Part::Number(value) => self.constant(value).step,
        };
        let (below, equal, above) = (place(below.into()), place(equal.into()), place(above.into()));
        self.page.put(Step::Piece { at, below, equal, above })
    }

    fn unary(self, f: Unary) -> Self {
        self.page.put(Step::Unary(f, self.step))
    }

    fn binary(self, f: Binary, other: Self) -> Self {
        self.page.put(Step::Binary(f, self.step, other.step))
    }

    /// The number, if it is one.
    fn number(self) -> Option<f64> {
        match self.page.0.borrow()[self.step] {
            Step::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// A sum, without a term of 0.
    fn plus(self, other: Self) -> Self {
        match (self.number(), other.number()) {
            (Some(0.0), _) => other,
            (_, Some(0.0)) => self,
            _ => self + other,
        }
    }

    /// A product, without a factor of 1, and 0 where one is 0.
    fn times(self, other: Self) -> Self {
        match (self.number(), other.number()) {
            (Some(0.0), _) | (_, Some(1.0)) => self,
            (_, Some(0.0)) | (Some(1.0), _) => other,
            _ => self * other,
        }
    }

    /// This term, known to lie between two others: where it cancels in `f64`, and they do not.
    pub fn between(self, lower: Self, upper: Self) -> Self {
        self.page.put(Step::Bounded { exact: self.step, lower: lower.step, upper: upper.step })
    }

    /// The smaller of this and a number.
    pub fn min(self, other: f64) -> Self {
        self.binary(Binary::Min, self.constant(other))
    }

    /// The larger of this and a number.
    pub fn max(self, other: f64) -> Self {
        self.binary(Binary::Max, self.constant(other))
    }

    /// π.
    pub fn pi(self) -> Self {
        4.0 * self.constant(1.0).atan()
    }

    /// The square.
    pub fn squared(self) -> Self {
        self * self
    }
}

/// What a piece may be: a term or a number.
#[derive(Clone, Copy)]
pub enum Part<'p> {
    /// A term.
    Term(Term<'p>),
    /// A number.
    Number(f64),
}

impl<'p> From<Term<'p>> for Part<'p> {
    fn from(term: Term<'p>) -> Self {
        Self::Term(term)
    }
}

impl From<f64> for Part<'_> {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

macro_rules! unary {
    ($($(#[$doc:meta])* $method:ident $name:ident,)*) => {
        impl Term<'_> {
            $($(#[$doc])* pub fn $method(self) -> Self {
                self.unary(Unary::$name)
            })*
        }
    };
}
unary! {
    /// √x.
    sqrt Sqrt,
    /// eˣ.
    exp Exp,
    /// eˣ − 1.
    expm1 Expm1,
    /// ln x.
    ln Ln,
    /// ln (1 + x).
    ln_1p Ln1p,
    /// 1 / (1 + e⁻ˣ).
    sigmoid Sigmoid,
    /// The hyperbolic tangent.
    tanh Tanh,
    /// The inverse tangent.
    atan Atan,
    /// The normal distribution Φ.
    normal_cdf NormalCdf,
    /// The sine.
    sin Sin,
    /// The cosine.
    cos Cos,
}

impl Neg for Term<'_> {
    type Output = Self;
    fn neg(self) -> Self {
        self.unary(Unary::Neg)
    }
}

macro_rules! operators {
    ($($operator:ident $method:ident,)*) => {$(
        impl $operator for Term<'_> {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                self.binary(Binary::$operator, other)
            }
        }
        impl $operator<f64> for Term<'_> {
            type Output = Self;
            fn $method(self, other: f64) -> Self {
                self.binary(Binary::$operator, self.constant(other))
            }
        }
        impl<'p> $operator<Term<'p>> for f64 {
            type Output = Term<'p>;
            fn $method(self, other: Term<'p>) -> Term<'p> {
                other.constant(self).binary(Binary::$operator, other)
            }
        }
    )*};
}
operators! {
    Add add,
    Sub sub,
    Mul mul,
    Div div,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_steps_are_one_and_unused_ones_go() {
        let formula = Formula::new(|x| {
            let _unused = x.tanh();
            (-x).exp() / (1.0 + (-x).exp())
        });
        let expected = [
            Step::X,
            Step::Unary(Unary::Neg, 0),
            Step::Unary(Unary::Exp, 1),
            Step::Constant(1.0),
            Step::Binary(Binary::Add, 3, 2),
            Step::Binary(Binary::Div, 2, 4),
        ];
        assert_eq!(formula.steps, expected);
    }
}
