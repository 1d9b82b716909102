//! The fast certificate: a formula over blocks of `f64` intervals, lower and upper bounds that the true value cannot leave.
//!
//! Bounds are sharp where an operation is exact, so that x + 1 or x/2 stay one number and a tie can be decided; elsewhere
//! they move outwards by a unit in the last place or two, and by `elementary::ERROR` at an elementary function. An `f64`
//! has 29 bits more than an `f32`: for most formulas all but some hundred of the 2³² results are decided here.
//!
//! An infinite bound means "unbounded". A lower bound of 0 means "not negative", which fixes the sign of what underflows.

use crate::elementary;
use crate::formula::{Binary, Formula, Step, Unary};

/// Elements of a block: a step's operands and result stay in the first-level cache.
pub const BLOCK: usize = 256;

/// One `f64` for each element of a block.
type Lane = [f64; BLOCK];

/// The work space of one formula: two bounds for each step.
pub struct Bounds {
    formula: Formula,
    lo: Vec<Lane>,
    hi: Vec<Lane>,
    needed: Vec<bool>,
}

impl Bounds {
    /// Work space for a formula.
    pub fn new(formula: &Formula) -> Self {
        let fill = |step: &Step| [if let Step::Constant(c) = step { *c } else { 0.0 }; BLOCK];
        let lanes = || formula.steps.iter().map(fill).collect();
        Self { formula: formula.clone(), lo: lanes(), hi: lanes(), needed: Vec::new() }
    }

    /// Bounds of f over each interval [lo, hi] of inputs.
    pub fn evaluate(&mut self, lo: &Lane, hi: &Lane) -> (&Lane, &Lane) {
        let steps = &self.formula.steps;
        self.formula.needed(least(lo), -least(&hi.map(|x| -x)), &mut self.needed);
        evaluate(steps, &self.needed, &mut self.lo, &mut self.hi, lo, hi);
        (&self.lo[steps.len() - 1], &self.hi[steps.len() - 1])
    }
}

/// An interval.
#[derive(Clone, Copy)]
struct I {
    lo: f64,
    hi: f64,
}

#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn evaluate(steps: &[Step], needed: &[bool], lo: &mut [Lane], hi: &mut [Lane], x_lo: &Lane, x_hi: &Lane) {
    for (i, step) in steps.iter().enumerate().filter(|(i, _)| needed[*i]) {
        let (lo, rest) = lo.split_at_mut(i);
        let out_lo = &mut rest[0];
        let (hi, rest) = hi.split_at_mut(i);
        let out_hi = &mut rest[0];
        let at = |step: usize, n: usize| I { lo: lo[step][n], hi: hi[step][n] };
        macro_rules! each {
            ($n:ident => $y:expr) => {
                for $n in 0..BLOCK {
                    let y = $y;
                    (out_lo[$n], out_hi[$n]) = (y.lo, y.hi);
                }
            };
        }
        match *step {
            Step::X => (*out_lo, *out_hi) = (*x_lo, *x_hi),
            Step::Constant(_) => {}
            Step::Unary(f, a) => {
                // Where the inputs of the block are single numbers, one evaluation gives both bounds.
                let thin = all_thin(&lo[a], &hi[a]);
                macro_rules! increasing {
                    ($f:path, $least:expr, $largest:expr, $bounds:expr) => {
                        if thin {
                            each!(n => $bounds(at(a, n), [$f(clamp(lo[a][n], $least, $largest)); 2]))
                        } else {
                            each!(n => $bounds(
                                at(a, n),
                                [$f(clamp(lo[a][n], $least, $largest)), $f(clamp(hi[a][n], $least, $largest))],
                            ))
                        }
                    };
                }
                match f {
                    Unary::Neg => each!(n => neg(at(a, n))),
                    Unary::Sqrt => each!(n => sqrt(at(a, n))),
                    Unary::Exp => increasing!(elementary::exp, -690.0, 709.0, exp),
                    Unary::Expm1 => increasing!(elementary::expm1, -40.0, 709.0, expm1),
                    Unary::Ln => increasing!(elementary::ln, f64::MIN_POSITIVE, f64::MAX, ln),
                    Unary::Ln1p => increasing!(elementary::ln_1p, -1.0 + f64::EPSILON, f64::MAX, ln_1p),
                    Unary::Sigmoid => increasing!(elementary::sigmoid, -690.0, 690.0, sigmoid),
                    Unary::Tanh => increasing!(elementary::tanh, -f64::MAX, f64::MAX, tanh),
                    Unary::Atan => increasing!(elementary::atan, -f64::MAX, f64::MAX, atan),
                    Unary::NormalCdf => increasing!(elementary::normal_cdf, -37.0, 37.0, normal_cdf),
                    Unary::Sin => {
                        each!(n => wave(elementary::sin, at(a, n)));
                        if thin {
                            far_waves(elementary::far_sin, &lo[a], out_lo, out_hi);
                        }
                    }
                    Unary::Cos => {
                        each!(n => wave(elementary::cos, at(a, n)));
                        if thin {
                            far_waves(elementary::far_cos, &lo[a], out_lo, out_hi);
                        }
                    }
                }
            }
            Step::Binary(f, a, b) => match f {
                Binary::Add => each!(n => add(at(a, n), at(b, n))),
                Binary::Sub => each!(n => add(at(a, n), neg(at(b, n)))),
                // Where one factor has no negative, two products are the bounds; where none is a single number, none is
                // exact.
                Binary::Mul => {
                    let (a, b) = if least(&lo[a]) >= 0.0 { (b, a) } else { (a, b) };
                    match (least(&lo[b]) >= 0.0, any_thin(&lo[a], &hi[a]) && any_thin(&lo[b], &hi[b])) {
                        (true, false) => each!(n => mul_by_positive(at(a, n), at(b, n))),
                        (true, true) => each!(n => mul(at(a, n), at(b, n), mul_by_positive)),
                        (false, false) => each!(n => mul_by_any(at(a, n), at(b, n))),
                        (false, true) => each!(n => mul(at(a, n), at(b, n), mul_by_any)),
                    }
                }
                Binary::Div => match (least(&lo[b]) > 0.0, any_thin(&lo[a], &hi[a]) && any_thin(&lo[b], &hi[b])) {
                    (true, false) => each!(n => div_by_positive(at(a, n), at(b, n))),
                    (true, true) => each!(n => div(at(a, n), at(b, n), div_by_positive)),
                    (false, _) => each!(n => div(at(a, n), at(b, n), div_by_any)),
                },
                Binary::Min => each!(n => {
                    let (a, b) = (at(a, n), at(b, n));
                    I { lo: smaller(a.lo, b.lo), hi: smaller(a.hi, b.hi) }
                }),
                Binary::Max => each!(n => {
                    let (a, b) = (at(a, n), at(b, n));
                    I { lo: larger(a.lo, b.lo), hi: larger(a.hi, b.hi) }
                }),
            },
            Step::Bounded { lower, upper, .. } => each!(n => I { lo: at(lower, n).lo, hi: at(upper, n).hi }),
            Step::Piece { at: t, below, equal, above } => match [below, equal, above].map(|piece| needed[piece]) {
                [true, false, false] => (*out_lo, *out_hi) = (lo[below], hi[below]),
                [false, false, true] => (*out_lo, *out_hi) = (lo[above], hi[above]),
                _ => each!(n => {
                    let x = I { lo: x_lo[n], hi: x_hi[n] };
                    let (below, equal, above) = (at(below, n), at(equal, n), at(above, n));
                    let y = I { lo: f64::INFINITY, hi: -f64::INFINITY };
                    let y = if x.lo < t { hull(y, below) } else { y };
                    let y = if (x.lo <= t) & (x.hi >= t) { hull(y, equal) } else { y };
                    if x.hi > t { hull(y, above) } else { y }
                }),
            },
        }
    }
}

/// A lower bound of a result near p, whose relative error is at most `error`; −0 stands for a negative that underflowed.
#[inline(always)]
fn down(p: f64, error: f64) -> f64 {
    let lower = p - (p.abs() * error + f64::MIN_POSITIVE);
    let lower = if p.is_sign_positive() && lower < 0.0 { 0.0 } else { lower };
    // Overflow to +∞ bounds nothing from below but the largest number.
    if p == f64::INFINITY { f64::MAX } else { lower }
}

/// As [`down`], from above.
#[inline(always)]
fn up(p: f64, error: f64) -> f64 {
    -down(-p, error)
}

/// Twice the relative error of one correctly rounded operation.
const ROUNDING: f64 = f64::EPSILON;

#[inline(always)]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[inline(always)]
fn hull(a: I, b: I) -> I {
    I { lo: smaller(a.lo, b.lo), hi: larger(a.hi, b.hi) }
}

#[inline(always)]
fn neg(a: I) -> I {
    I { lo: -a.hi, hi: -a.lo }
}

/// a + b rounded down: exact sums stay (2Sum, Knuth).
#[inline(always)]
fn add_down(a: f64, b: f64) -> f64 {
    let sum = a + b;
    let back = sum - a;
    let error = (a - (sum - back)) + (b - back);
    // An infinite sum has no error to speak of: NaN.
    let lower = if error >= 0.0 { sum } else { sum - sum.abs() * ROUNDING };
    if sum == f64::INFINITY {
        f64::MAX
    } else if sum == -f64::INFINITY {
        sum
    } else {
        lower
    }
}

#[inline(always)]
fn add(a: I, b: I) -> I {
    I { lo: add_down(a.lo, b.lo), hi: -add_down(-a.hi, -b.hi) }
}

/// The smallest of a block's numbers; a NaN does not count.
#[inline(always)]
fn least(x: &Lane) -> f64 {
    let mut lanes = [f64::INFINITY; 16];
    for x in x.as_chunks().0 {
        for (least, x) in lanes.iter_mut().zip::<&[f64; 16]>(x) {
            *least = smaller(*x, *least);
        }
    }
    lanes.into_iter().fold(f64::INFINITY, smaller)
}

/// Whether all intervals of a block are single numbers; the comparison of arrays takes them one by one.
#[inline(always)]
fn all_thin(lo: &Lane, hi: &Lane) -> bool {
    lo.iter().zip(hi).fold(true, |all, (lo, hi)| all & (lo == hi))
}

/// Whether an interval of a block is a single number.
#[inline(always)]
fn any_thin(lo: &Lane, hi: &Lane) -> bool {
    lo.iter().zip(hi).fold(false, |any, (lo, hi)| any | (lo == hi))
}

/// Bounds around a product's or quotient's own; 0 · ∞ and the like bound nothing and count as 0.
#[inline(always)]
fn around(lo: f64, hi: f64) -> I {
    let number = |p: f64| if p.is_nan() { 0.0 } else { p };
    I { lo: down(number(lo), ROUNDING), hi: up(number(hi), ROUNDING) }
}

/// The bounds of the four products or quotients of ends.
#[inline(always)]
fn of_ends(p: [f64; 4]) -> I {
    let p = p.map(|p| if p.is_nan() { 0.0 } else { p });
    around(smaller(smaller(p[0], p[1]), smaller(p[2], p[3])), larger(larger(p[0], p[1]), larger(p[2], p[3])))
}

/// Below this a remainder may itself be rounded.
const REMAINDER_SAFE: f64 = 1e-270;

#[inline(always)]
fn mul_by_any(a: I, b: I) -> I {
    of_ends([a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi])
}

#[inline(always)]
fn mul_by_positive(a: I, b: I) -> I {
    around(a.lo * if a.lo < 0.0 { b.hi } else { b.lo }, a.hi * if a.hi < 0.0 { b.lo } else { b.hi })
}

/// The product of two single numbers if it is exact, otherwise `wide`.
#[inline(always)]
fn mul(a: I, b: I, wide: impl Fn(I, I) -> I) -> I {
    let p = a.lo * b.lo;
    let thin = (a.lo == a.hi) & (b.lo == b.hi);
    let exact = (p.abs() > REMAINDER_SAFE) & (a.lo.mul_add(b.lo, -p) == 0.0) | (a.lo == 0.0) | (b.lo == 0.0);
    let wide = wide(a, b);
    if thin & exact { I { lo: p, hi: p } } else { wide }
}

#[inline(always)]
fn div_by_any(a: I, b: I) -> I {
    let wide = of_ends([a.lo / b.lo, a.lo / b.hi, a.hi / b.lo, a.hi / b.hi]);
    if (b.lo > 0.0) | (b.hi < 0.0) { wide } else { I { lo: -f64::INFINITY, hi: f64::INFINITY } }
}

#[inline(always)]
fn div_by_positive(a: I, b: I) -> I {
    around(a.lo / if a.lo < 0.0 { b.lo } else { b.hi }, a.hi / if a.hi < 0.0 { b.hi } else { b.lo })
}

/// As [`mul`].
#[inline(always)]
fn div(a: I, b: I, wide: impl Fn(I, I) -> I) -> I {
    let q = a.lo / b.lo;
    let thin = (a.lo == a.hi) & (b.lo == b.hi);
    let exact = (q.abs() > REMAINDER_SAFE) & (a.lo.abs() > REMAINDER_SAFE) & (q.mul_add(-b.lo, a.lo) == 0.0);
    let wide = wide(a, b);
    if thin & exact { I { lo: q, hi: q } } else { wide }
}

#[inline(always)]
fn sqrt(a: I) -> I {
    let root = larger(a.lo, 0.0).sqrt();
    let exact = root.mul_add(root, -a.lo) == 0.0;
    let lo = if exact { root } else { down(root, ROUNDING) };
    let root = larger(a.hi, 0.0).sqrt();
    let exact = root.mul_add(root, -a.hi) == 0.0;
    I { lo, hi: if exact { root } else { up(root, ROUNDING) } }
}

/// The bounds of an increasing function from its values at both ends.
#[inline(always)]
fn widened([lo, hi]: [f64; 2]) -> I {
    I { lo: down(lo, elementary::ERROR), hi: up(hi, elementary::ERROR) }
}

#[inline(always)]
fn exp(a: I, ends: [f64; 2]) -> I {
    let y = widened(ends);
    I { lo: if a.lo < -690.0 { 0.0 } else { y.lo }, hi: if a.hi > 709.0 { f64::INFINITY } else { y.hi } }
}

#[inline(always)]
fn expm1(a: I, ends: [f64; 2]) -> I {
    let y = widened(ends);
    I { lo: if a.lo < -40.0 { -1.0 } else { y.lo }, hi: if a.hi > 709.0 { f64::INFINITY } else { y.hi } }
}

#[inline(always)]
fn ln(a: I, ends: [f64; 2]) -> I {
    let y = widened(ends);
    I {
        lo: if a.lo < f64::MIN_POSITIVE { -f64::INFINITY } else { y.lo },
        hi: if a.hi > f64::MAX { f64::INFINITY } else { y.hi },
    }
}

#[inline(always)]
fn ln_1p(a: I, ends: [f64; 2]) -> I {
    let y = widened(ends);
    I {
        lo: if a.lo < -1.0 + f64::EPSILON { -f64::INFINITY } else { y.lo },
        hi: if a.hi > f64::MAX { f64::INFINITY } else { y.hi },
    }
}

#[inline(always)]
fn sigmoid(a: I, ends: [f64; 2]) -> I {
    let y = widened(ends);
    I { lo: if a.lo < -690.0 { 0.0 } else { y.lo }, hi: smaller(y.hi, 1.0) }
}

#[inline(always)]
fn tanh(_: I, ends: [f64; 2]) -> I {
    let y = widened(ends);
    I { lo: larger(y.lo, -1.0), hi: smaller(y.hi, 1.0) }
}

#[inline(always)]
fn atan(_: I, ends: [f64; 2]) -> I {
    widened(ends)
}

#[inline(always)]
fn normal_cdf(a: I, ends: [f64; 2]) -> I {
    let y = widened(ends);
    I { lo: if a.lo < -37.0 { 0.0 } else { y.lo }, hi: smaller(y.hi, 1.0) }
}

/// Sine and cosine: no steeper than 1.
#[inline(always)]
fn wave(f: impl Fn(f64) -> f64, a: I) -> I {
    let width = a.hi - a.lo;
    let known = larger(-a.lo, a.hi) < elementary::FAR && width < 1.0;
    let y = f(if known { a.lo } else { 0.0 });
    let margin = up(width, ROUNDING);
    let y = add(widened([y, y]), I { lo: -margin, hi: margin });
    if known { y } else { I { lo: -1.0, hi: 1.0 } }
}

/// Sine or cosine where the angles are single numbers too large for [`wave`].
fn far_waves(f: fn(f64) -> f64, x: &Lane, lo: &mut Lane, hi: &mut Lane) {
    for (n, x) in x.iter().enumerate() {
        if x.abs() >= elementary::FAR && x.is_finite() {
            let y = f(*x);
            I { lo: lo[n], hi: hi[n] } = widened([y, y]);
        }
    }
}

#[inline(always)]
fn clamp(x: f64, min: f64, max: f64) -> f64 {
    smaller(larger(x, min), max)
}
