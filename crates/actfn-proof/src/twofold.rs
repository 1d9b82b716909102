//! The second certificate: a formula over blocks of numbers of twice an `f64`'s digits, each with a bound on its error.
//!
//! A ball is `high + low ± error`. Sums, products, quotients and roots of pairs are those of Joldes, Muller & Popescu, Tight
//! and rigorous error bounds for basic building blocks of double-word arithmetic, 2017; the margins here are four times
//! theirs or more. What a sum leaves off is computed and not estimated, so that exact sums stay exact. Elementary
//! functions are Taylor's and the like again, with `ERROR`; `tests/bounds.rs` holds all of it against the
//! multi-precision arithmetic.
//!
//! It decides what the `f64` intervals cannot: results of `f32` within some 2⁻⁵⁰ of a tie, and how far a result of `f64`
//! is off.

use std::sync::LazyLock;

use dashu_float::{Context, round::mode::HalfEven};

use crate::format::Layout;
use crate::formula::{Binary, Formula, Step, Unary};
use crate::precise::{Number, number, power_of_two};
use crate::turns;

/// Elements of a block.
pub const BLOCK: usize = 64;
type Lane = [f64; BLOCK];

/// The relative error of the elementary functions is below this.
const ERROR: f64 = 1.0 / (1u128 << 70) as f64;
/// Of a product, a quotient and a root of pairs: 5u², 10u² and less, with u = 2⁻⁵³.
const ROUNDING: f64 = 1.0 / (1u128 << 100) as f64;
/// What underflow may take from a product.
const TINY: f64 = 1e-320;
/// For bounds that are computed with rounding themselves.
const MARGIN: f64 = 1.0 + 1e-10;

/// high + low, |low| at most half a unit in the last place of high.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub hi: f64,
    pub lo: f64,
}

/// A pair, and how far the true value may be from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ball {
    pub value: Pair,
    pub error: f64,
}

impl Ball {
    /// The number itself.
    pub(crate) const fn of(x: f64) -> Self {
        Self { value: Pair { hi: x, lo: 0.0 }, error: 0.0 }
    }

    #[inline(always)]
    pub(crate) fn negative(self) -> Self {
        Self { value: self.value.negative(), ..self }
    }
}

#[inline(always)]
fn two_sum(a: f64, b: f64) -> Pair {
    let hi = a + b;
    let back = hi - a;
    Pair { hi, lo: (a - (hi - back)) + (b - back) }
}

#[inline(always)]
fn fast_two_sum(a: f64, b: f64) -> Pair {
    let hi = a + b;
    Pair { hi, lo: b - (hi - a) }
}

#[inline(always)]
fn two_product(a: f64, b: f64) -> Pair {
    let hi = a * b;
    Pair { hi, lo: a.mul_add(b, -hi) }
}

impl Pair {
    const ZERO: Self = Self { hi: 0.0, lo: 0.0 };
    const ONE: Self = Self { hi: 1.0, lo: 0.0 };

    #[inline(always)]
    fn of(hi: f64) -> Self {
        Self { hi, lo: 0.0 }
    }

    /// The sum (AccurateDWPlusDW), and what it leaves off.
    #[inline(always)]
    fn sum(self, o: Self) -> (Self, f64) {
        let s = two_sum(self.hi, o.hi);
        let t = two_sum(self.lo, o.lo);
        let c = two_sum(s.lo, t.hi);
        let v = fast_two_sum(s.hi, c.hi);
        let w = two_sum(t.lo, v.lo);
        (fast_two_sum(v.hi, w.hi), (c.lo.abs() + w.lo.abs()) * MARGIN)
    }

    #[inline(always)]
    fn plus(self, o: Self) -> Self {
        let s = two_sum(self.hi, o.hi);
        let t = two_sum(self.lo, o.lo);
        let v = fast_two_sum(s.hi, s.lo + t.hi);
        fast_two_sum(v.hi, t.lo + v.lo)
    }

    #[inline(always)]
    fn minus(self, o: Self) -> Self {
        self.plus(o.negative())
    }

    #[inline(always)]
    fn negative(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }

    /// DWTimesDW3: 4u² off at most.
    #[inline(always)]
    fn times(self, o: Self) -> Self {
        let p = two_product(self.hi, o.hi);
        let low = self.hi.mul_add(o.lo, self.lo * o.lo);
        fast_two_sum(p.hi, p.lo + self.lo.mul_add(o.hi, low))
    }

    /// By a power of two.
    #[inline(always)]
    fn scaled(self, by: f64) -> Self {
        Self { hi: self.hi * by, lo: self.lo * by }
    }

    /// DWDivDW2: 15u² off at most.
    #[inline(always)]
    fn over(self, o: Self) -> Self {
        let q = self.hi / o.hi;
        let r = o.times(Self::of(q));
        let rest = (self.hi - r.hi) + (self.lo - r.lo);
        fast_two_sum(q, rest / o.hi)
    }

    #[inline(always)]
    fn root(self) -> Self {
        let s = self.hi.sqrt();
        let rest = (-s).mul_add(s, self.hi) + self.lo;
        let low = rest / (s + s);
        fast_two_sum(s, if s == 0.0 { 0.0 } else { low })
    }

    #[inline(always)]
    fn squared(self) -> Self {
        self.times(self)
    }

    #[inline(always)]
    fn magnitude(self) -> Self {
        if self.hi < 0.0 { self.negative() } else { self }
    }
}

#[inline(always)]
fn choose(condition: bool, a: Pair, b: Pair) -> Pair {
    Pair { hi: if condition { a.hi } else { b.hi }, lo: if condition { a.lo } else { b.lo } }
}

/// c₀ + c₁x + …: the last F coefficients in `f64` (their terms count little), the others in pairs.
#[inline(always)]
fn horner<const P: usize, const F: usize>(x: Pair, pairs: &[Pair; P], rest: &[f64; F]) -> Pair {
    let mut low = rest[F - 1];
    for c in rest[..F - 1].iter().rev() {
        low = low.mul_add(x.hi, *c);
    }
    let mut sum = Pair::of(low);
    for c in pairs.iter().rev() {
        sum = sum.times(x).plus(*c);
    }
    sum
}

/// Constants, each the nearest pair to what the multi-precision arithmetic says.
struct Constants {
    ln_2: [f64; 3],
    pi_4: Pair,
    pi_2: Pair,
    inverse_pi: Pair,
    /// 2π over the trapezoidal rule's step.
    turns_in_step: Pair,
    inverse_root_2pi: Pair,
    inverse_factorials: [Pair; 8],
    inverse_factorials_rest: [f64; 11],
    sin: [Pair; 4],
    sin_rest: [f64; 8],
    cos: [Pair; 4],
    cos_rest: [f64; 8],
    artanh: [Pair; 4],
    artanh_rest: [f64; 12],
    atan: [Pair; 8],
    atan_rest: [f64; 24],
    normal: [Pair; 5],
    normal_rest: [f64; 11],
    weights: [Pair; 10],
    weights_rest: [f64; 10],
}

static CONSTANTS: LazyLock<Constants> = LazyLock::new(|| {
    let context = Context::<HalfEven>::new(400);
    let divide = |a: &Number, b: &Number| {
        context.div(a, b).unwrap_or_else(|e| unreachable!("no divisor is 0: {e}")).value().into_repr()
    };
    let inverse = |x: &Number| divide(&Number::one(), x);
    let factorial = |n: usize| {
        (1..=n as u64).fold(Number::one(), |product, i| {
            context.mul(&product, &number(i as f64)).unwrap_or_else(|e| unreachable!("{e}")).value().into_repr()
        })
    };
    let signed = |n: usize, x: Number| if n % 2 == 1 { -x } else { x };
    let one_over = |n: usize| inverse(&number(n as f64));
    let pi = context.pi::<2>(None).value().into_repr();
    let ln_2 = context.ln::<2>(&power_of_two(1, 1), None).unwrap_or_else(|e| unreachable!("{e}")).value().into_repr();
    // 32 digits, so that a multiple by an exponent is exact.
    let first = (Layout { precision: 32, least: -1074, largest: 1023 }).round(&ln_2);
    let rest = nearest(&context.sub(&ln_2, &number(first)).unwrap_or_else(|e| unreachable!("{e}")).value().into_repr());
    let root = |x: &Number| context.sqrt(x).unwrap_or_else(|e| unreachable!("{e}")).value().into_repr();
    let factorials = |n: usize| inverse(&factorial(n + 2));
    let sin = |n: usize| signed(n + 1, inverse(&factorial(2 * n + 3)));
    let cos = |n: usize| signed(n + 1, inverse(&factorial(2 * n + 2)));
    let artanh = |n: usize| one_over(2 * n + 3);
    let atan = |n: usize| signed(n + 1, one_over(2 * n + 3));
    let normal = |n: usize| divide(&one_over(2 * n + 1), &factorial(n));
    let weight = |n: usize| {
        let exponent = number(-(((n + 1) * (n + 1)) as f64) * STEP * STEP);
        context.exp(&exponent, None).unwrap_or_else(|e| unreachable!("{e}")).value().into_repr()
    };
    fn pairs<const N: usize>(f: impl Fn(usize) -> Number) -> [Pair; N] {
        std::array::from_fn(|n| nearest(&f(n)))
    }
    fn rest_of<const N: usize>(from: usize, f: impl Fn(usize) -> Number) -> [f64; N] {
        std::array::from_fn(|n| Layout::F64.round(&f(from + n)))
    }
    Constants {
        ln_2: [first, rest.hi, rest.lo],
        pi_4: nearest(&divide(&pi, &number(4.0))),
        pi_2: nearest(&divide(&pi, &number(2.0))),
        inverse_pi: nearest(&inverse(&pi)),
        turns_in_step: nearest(&divide(&pi, &number(STEP / 2.0))),
        inverse_root_2pi: nearest(&inverse(&root(&divide(&pi, &number(0.5))))),
        inverse_factorials: pairs(factorials),
        inverse_factorials_rest: rest_of(8, factorials),
        sin: pairs(sin),
        sin_rest: rest_of(4, sin),
        cos: pairs(cos),
        cos_rest: rest_of(4, cos),
        artanh: pairs(artanh),
        artanh_rest: rest_of(4, artanh),
        atan: pairs(atan),
        atan_rest: rest_of(8, atan),
        normal: pairs(normal),
        normal_rest: rest_of(5, normal),
        weights: pairs(weight),
        weights_rest: rest_of(10, weight),
    }
});

/// The nearest pair to a number.
pub(crate) fn nearest(x: &Number) -> Pair {
    let hi = Layout::F64.round(x);
    if !hi.is_finite() {
        return Pair::of(hi);
    }
    let rest = Context::<HalfEven>::new(4096).sub(x, &number(hi));
    let rest = rest.unwrap_or_else(|e| unreachable!("finite numbers have a difference: {e}")).value();
    Pair { hi, lo: Layout::F64.round(rest.repr()) }
}

const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²

/// 2ᵏ for −1022 ≤ k ≤ 1023.
#[inline(always)]
fn exponent(k: i64) -> f64 {
    f64::from_bits(((k + 1023) as u64) << 52)
}

/// x = k ln 2 + r, and eʳ − 1: with |r| ≤ 0.347, r²⁰/21! < 2⁻⁹⁶ is left behind the last term, and the first term in `f64`,
/// r⁹/10!, is below 2⁻³⁵ of the first.
#[inline(always)]
fn reduced_expm1(c: &Constants, x: Pair) -> (i64, Pair) {
    let shifted = x.hi.mul_add(std::f64::consts::LOG2_E, MAGIC);
    let k = shifted - MAGIC;
    let r = two_sum((-k).mul_add(c.ln_2[0], x.hi), x.lo);
    let low = two_product(-k, c.ln_2[1]);
    let r = r.plus(fast_two_sum(low.hi, (-k).mul_add(c.ln_2[2], low.lo)));
    let beyond = horner(r, &c.inverse_factorials, &c.inverse_factorials_rest);
    (shifted.to_bits().wrapping_sub(MAGIC.to_bits()) as i64, r.plus(r.squared().times(beyond)))
}

/// For |x| ≤ 690.
#[inline(always)]
fn exp(c: &Constants, x: Pair) -> Pair {
    let (k, u) = reduced_expm1(c, x);
    Pair::ONE.plus(u).scaled(exponent(k))
}

/// For −40 ≤ x ≤ 690.
#[inline(always)]
fn expm1(c: &Constants, x: Pair) -> Pair {
    let (k, u) = reduced_expm1(c, x);
    let scale = exponent(k);
    two_sum(scale, -1.0).plus(u.scaled(scale))
}

/// ln (base · (1 + above)) where one of both is trivial: 2 artanh s.
#[inline(always)]
fn ln_from(c: &Constants, k: f64, numerator: Pair, denominator: Pair) -> Pair {
    let s = numerator.over(denominator);
    let s2 = s.squared();
    let series = horner(s2, &c.artanh, &c.artanh_rest);
    let twice = s.scaled(2.0);
    let y = twice.plus(twice.times(s2).times(series));
    let low = two_product(k, c.ln_2[1]);
    let whole = Pair::of(k * c.ln_2[0]).plus(fast_two_sum(low.hi, k.mul_add(c.ln_2[2], low.lo)));
    whole.plus(y)
}

/// For normal numbers.
#[inline(always)]
fn ln(c: &Constants, x: Pair) -> Pair {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    let k = (x.hi.to_bits().wrapping_sub(SQRT_HALF) as i64) >> 52;
    // In two steps: 2⁻ᵏ itself may be subnormal.
    let m = x.scaled(exponent(-(k / 2))).scaled(exponent(-(k - k / 2)));
    ln_from(c, k as f64, m.plus(Pair::of(-1.0)), m.plus(Pair::ONE))
}

/// For x > −1.
#[inline(always)]
fn ln_1p(c: &Constants, x: Pair) -> Pair {
    let near = x.hi.abs() < 0.25;
    let small = choose(near, x, Pair::ZERO);
    let far = ln(c, choose(near, Pair::ONE, x.plus(Pair::ONE)));
    let near_y = ln_from(c, 0.0, small, small.plus(Pair::of(2.0)));
    choose(near, near_y, far)
}

/// For |x| ≤ 690.
#[inline(always)]
fn sigmoid(c: &Constants, x: Pair) -> Pair {
    Pair::ONE.over(Pair::ONE.plus(exp(c, x.negative())))
}

#[inline(always)]
fn tanh(c: &Constants, x: Pair) -> Pair {
    let doubled = x.magnitude().scaled(-2.0);
    let u = expm1(c, choose(doubled.hi < -100.0, Pair::of(-100.0), doubled));
    let y = u.negative().over(u.plus(Pair::of(2.0)));
    choose(x.hi < 0.0, y.negative(), y)
}

/// |t| ≤ tan π/8: the 33rd term is below 2⁻⁹⁰, the first in `f64` below 2⁻²⁷ of the first.
#[inline(always)]
fn atan(c: &Constants, x: Pair) -> Pair {
    let a = x.magnitude();
    let (middle, large) = (a.hi > 0.414_213_562_373_095, a.hi > 2.414_213_562_373_095);
    let numerator = choose(large, Pair::of(-1.0), a.plus(Pair::of(-1.0)));
    let denominator = choose(large, a, a.plus(Pair::ONE));
    let t = choose(middle, numerator.over(choose(middle, denominator, Pair::ONE)), a);
    let base = choose(large, c.pi_2, choose(middle, c.pi_4, Pair::ZERO));
    let t2 = t.squared();
    let y = base.plus(t.plus(t.times(t2).times(horner(t2, &c.atan, &c.atan_rest))));
    choose(x.hi < 0.0, y.negative(), y)
}

/// The trapezoidal rule's step: see [`elementary`](crate::elementary); e^(−π²/h²) = 2⁻¹⁰¹.
const STEP: f64 = 0.375;

/// For |x| ≤ 36.
#[inline(always)]
fn normal_cdf(c: &Constants, x: Pair) -> Pair {
    let square = x.squared();
    let z = square.scaled(-0.5);
    let small = x.hi.abs() < 0.5;
    let series = horner(choose(small, z, Pair::ZERO), &c.normal, &c.normal_rest);
    let near = Pair::of(0.5).plus(x.times(c.inverse_root_2pi).times(series));

    let a = choose(small, Pair::ONE, x.magnitude());
    let t2 = a.squared().scaled(0.5);
    let mut rest = 0.0;
    for (i, weight) in c.weights_rest.iter().enumerate() {
        let k = (i + 1 + c.weights.len()) as f64;
        rest += weight / (t2.hi + k * k * (STEP * STEP));
    }
    let mut sum = Pair::of(rest);
    for (i, weight) in c.weights.iter().enumerate() {
        let k = (i + 1) as f64;
        sum = sum.plus(weight.over(t2.plus(Pair::of(k * k * (STEP * STEP)))));
    }
    let sum = sum.scaled(2.0).plus(Pair::ONE.over(t2));
    // √(t²), and not |x|/√2: one constant less.
    let t = t2.root();
    let gauss = exp(c, t2.negative());
    let tail = gauss.times(t).times(sum).times(c.inverse_pi).times(Pair::of(STEP));
    let turns = t.times(c.turns_in_step);
    let reached = t.hi < 8.0; // below π/h
    let pole = Pair::of(2.0).over(expm1(c, choose(reached, turns, Pair::ONE)));
    let tail = tail.minus(choose(reached, pole, Pair::ZERO)).scaled(0.5);
    let far = choose(x.hi < 0.0, tail, Pair::ONE.minus(tail));
    choose(small, near, far)
}

/// sin(r + quadrant · π/2) for |r| ≤ π/4 and a little more.
#[inline(always)]
fn wave(c: &Constants, r: Pair, quadrant: u32) -> Pair {
    let r2 = r.squared();
    let sin = r.plus(r.times(r2).times(horner(r2, &c.sin, &c.sin_rest)));
    let cos = Pair::ONE.plus(r2.times(horner(r2, &c.cos, &c.cos_rest)));
    let y = choose(quadrant & 1 == 0, sin, cos);
    choose(quadrant & 2 == 0, y, y.negative())
}

/// sin(x + quarters · π/2).
#[inline(always)]
fn sine(c: &Constants, x: Pair, quarters: u32) -> Pair {
    if x.hi.abs() < std::f64::consts::FRAC_PI_4 {
        return wave(c, x, quarters);
    }
    let (quadrant, hi, lo) = turns::reduce(x.hi, x.lo);
    wave(c, fast_two_sum(hi, lo).times(c.pi_2), quadrant.wrapping_add(quarters))
}

#[inline(always)]
fn clamp(x: Pair, min: f64, max: f64) -> Pair {
    choose(x.hi < min, Pair::of(min), choose(x.hi > max, Pair::of(max), x))
}

/// The work space of one formula.
pub struct Balls {
    formula: Formula,
    needed: Vec<bool>,
    hi: Vec<Lane>,
    lo: Vec<Lane>,
    error: Vec<Lane>,
}

impl Balls {
    /// Work space for a formula.
    pub fn new(formula: &Formula) -> Self {
        let steps = &formula.steps;
        let fill = |step: &Step| [if let Step::Constant(c) = step { *c } else { 0.0 }; BLOCK];
        let hi = steps.iter().map(fill).collect();
        let zeros = vec![[0.0; BLOCK]; steps.len()];
        Self { formula: formula.clone(), needed: Vec::new(), hi, lo: zeros.clone(), error: zeros }
    }

    /// f at each x as high, low and error: the true value is in high + low ± error. An error of ∞ or NaN says nothing.
    pub fn evaluate(&mut self, x: &Lane) -> [&Lane; 3] {
        let (least, largest) = x.iter().fold((x[0], x[0]), |(a, b), x| (a.min(*x), b.max(*x)));
        self.formula.needed(least, largest, &mut self.needed);
        let steps = &self.formula.steps;
        evaluate(&CONSTANTS, steps, &self.needed, &mut self.hi, &mut self.lo, &mut self.error, x);
        let last = steps.len() - 1;
        [&self.hi[last], &self.lo[last], &self.error[last]]
    }
}

#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn evaluate(
    c: &Constants,
    steps: &[Step],
    needed: &[bool],
    hi: &mut [Lane],
    lo: &mut [Lane],
    error: &mut [Lane],
    x: &Lane,
) {
    for (i, step) in steps.iter().enumerate().filter(|(i, _)| needed[*i]) {
        let (hi, rest) = hi.split_at_mut(i);
        let out_hi = &mut rest[0];
        let (lo, rest) = lo.split_at_mut(i);
        let out_lo = &mut rest[0];
        let (error, rest) = error.split_at_mut(i);
        let out_error = &mut rest[0];
        let at = |s: usize, n: usize| Ball { value: Pair { hi: hi[s][n], lo: lo[s][n] }, error: error[s][n] };
        macro_rules! each {
            ($n:ident => $y:expr) => {
                for $n in 0..BLOCK {
                    let y: Ball = $y;
                    (out_hi[$n], out_lo[$n], out_error[$n]) = (y.value.hi, y.value.lo, y.error);
                }
            };
        }
        // A function whose relative error is ERROR, on [min, max], where an error of the input is multiplied by `slope` of
        // the input and the result.
        macro_rules! function {
            ($a:expr, $min:expr, $max:expr, $f:expr, $slope:expr) => {
                each!(n => {
                    let a = at($a, n);
                    let x = clamp(a.value, $min, $max);
                    let value = $f(c, x);
                    let slope: f64 = $slope(x.hi, value.hi);
                    let inside = a.value.hi >= $min && a.value.hi <= $max && a.error < 1e-6;
                    let error = (a.error * slope + value.hi.abs() * ERROR) * MARGIN + TINY;
                    Ball { value, error: if inside { error } else { f64::INFINITY } }
                })
            };
        }
        match *step {
            Step::X => *out_hi = *x,
            Step::Constant(_) => {}
            Step::Unary(f, a) => match f {
                Unary::Neg => each!(n => at(a, n).negative()),
                Unary::Sqrt => each!(n => root(at(a, n))),
                Unary::Exp => {
                    function!(a, -690.0, 690.0, exp, |_, y: f64| 1.01 * y);
                    // Below it, between 0 and e⁻⁶⁹⁰.
                    for n in 0..BLOCK {
                        if hi[a][n] < -690.0 && error[a][n] < 1.0 {
                            (out_hi[n], out_lo[n], out_error[n]) = (0.0, 0.0, 2e-299);
                        }
                    }
                }
                Unary::Expm1 => {
                    function!(a, -100.0, 690.0, expm1, |_, y: f64| 1.01 * (y + 1.0));
                    for n in 0..BLOCK {
                        if hi[a][n] < -100.0 && error[a][n] < 1.0 {
                            (out_hi[n], out_lo[n], out_error[n]) = (-1.0, 0.0, 1e-43);
                        }
                    }
                }
                // From 10⁻³ on, beside which the input's error is small.
                Unary::Ln => function!(a, 1e-3, f64::MAX, ln, |x: f64, _| 1.01 / x),
                Unary::Ln1p => function!(a, -0.999, f64::MAX, ln_1p, |x: f64, _| 1.01 / (1.0 + x)),
                Unary::Sigmoid => {
                    function!(a, -690.0, 690.0, sigmoid, |_, y: f64| 1.01 * y * (1.0 + 1e-15 - y));
                    // Beyond it, within e⁻⁶⁹⁰ of 0 or 1.
                    for n in 0..BLOCK {
                        if hi[a][n].abs() > 690.0 && error[a][n] < 1.0 {
                            (out_hi[n], out_lo[n], out_error[n]) = ((hi[a][n] > 0.0) as u8 as f64, 0.0, 2e-299);
                        }
                    }
                }
                Unary::Tanh => function!(a, -f64::MAX, f64::MAX, tanh, |_, _| 1.0),
                Unary::Atan => {
                    function!(a, -1e150, 1e150, atan, |_, _| 1.0);
                    // π comes from here, and multiplies large numbers.
                    for n in 0..BLOCK {
                        if hi[a][n] == 1.0 && lo[a][n] == 0.0 && error[a][n] == 0.0 {
                            (out_hi[n], out_lo[n], out_error[n]) = (c.pi_4.hi, c.pi_4.lo, ROUNDING);
                        }
                    }
                }
                Unary::NormalCdf => {
                    function!(a, -36.0, 36.0, normal_cdf, |x: f64, y: f64| {
                        // φ(x) < (|x| + 2) Φ(x) on the left, and ≤ 0.4
                        let slope = (x.abs() + 2.0) * y * 1.01;
                        if slope < 0.4 { slope } else { 0.4 }
                    });
                    // Beyond it, within e^(−36²/2) of 0 or 1.
                    for n in 0..BLOCK {
                        if hi[a][n].abs() > 36.0 && error[a][n] < 1e-6 {
                            (out_hi[n], out_lo[n], out_error[n]) = ((hi[a][n] > 0.0) as u8 as f64, 0.0, 1e-280);
                        }
                    }
                }
                Unary::Sin | Unary::Cos => {
                    let quarters = (f == Unary::Cos) as u32;
                    each!(n => {
                        let a = at(a, n);
                        let value = if a.value.hi.is_finite() { sine(c, a.value, quarters) } else { Pair::ZERO };
                        Ball { value, error: (a.error + value.hi.abs() * ERROR) * MARGIN + TINY }
                    })
                }
            },
            Step::Binary(f, a, b) => match f {
                Binary::Add => each!(n => add(at(a, n), at(b, n))),
                Binary::Sub => each!(n => add(at(a, n), at(b, n).negative())),
                Binary::Mul => each!(n => mul(at(a, n), at(b, n))),
                Binary::Div => each!(n => div(at(a, n), at(b, n))),
                Binary::Min => each!(n => {
                    let (a, b) = (at(a, n), at(b, n));
                    extreme(less(a.value, b.value), a, b)
                }),
                Binary::Max => each!(n => {
                    let (a, b) = (at(a, n), at(b, n));
                    extreme(less(b.value, a.value), a, b)
                }),
            },
            Step::Bounded { exact, lower, upper } => each!(n => {
                let (exact, lower, upper) = (at(exact, n), at(lower, n), at(upper, n));
                let (width, _) = upper.value.sum(lower.value.negative());
                let error = (width.hi.abs() + lower.error + upper.error) * MARGIN;
                let closer = error < exact.error;
                Ball { value: choose(closer, lower.value, exact.value), error: if closer { error } else { exact.error } }
            }),
            Step::Piece { at: t, below, equal, above } => each!(n => {
                let (below, equal, above) = (at(below, n), at(equal, n), at(above, n));
                let pick = |a: f64, b: f64, c: f64| if x[n] < t { a } else if x[n] > t { c } else { b };
                Ball {
                    value: Pair {
                        hi: pick(below.value.hi, equal.value.hi, above.value.hi),
                        lo: pick(below.value.lo, equal.value.lo, above.value.lo),
                    },
                    error: pick(below.error, equal.error, above.error),
                }
            }),
        }
    }
}

#[inline(always)]
fn less(a: Pair, b: Pair) -> bool {
    a.hi < b.hi || a.hi == b.hi && a.lo < b.lo
}

/// The smaller or larger of two: no farther off than the worse of them.
#[inline(always)]
fn extreme(first: bool, a: Ball, b: Ball) -> Ball {
    let apart = (a.value.hi - b.value.hi).abs() > 2.0 * (a.error + b.error) + 1e-15 * a.value.hi.abs();
    let own = if first { a.error } else { b.error };
    let either = if a.error > b.error { a.error } else { b.error };
    Ball { value: choose(first, a.value, b.value), error: if apart { own } else { either } }
}

#[inline(always)]
pub(crate) fn add(a: Ball, b: Ball) -> Ball {
    let (value, rest) = a.value.sum(b.value);
    Ball { value, error: (a.error + b.error + rest) * MARGIN }
}

#[inline(always)]
pub(crate) fn mul(a: Ball, b: Ball) -> Ball {
    let value = a.value.times(b.value);
    let thin = a.error == 0.0 && b.error == 0.0;
    let single = a.value.lo == 0.0 && b.value.lo == 0.0 && value.hi.abs() > 1e-280;
    let zero = thin && (a.value.hi == 0.0 || b.value.hi == 0.0);
    let spread = a.value.hi.abs() * b.error + b.value.hi.abs() * a.error + a.error * b.error;
    let error = (spread + value.hi.abs() * ROUNDING) * MARGIN + TINY;
    Ball { value, error: if thin && single || zero { 0.0 } else { error } }
}

#[inline(always)]
pub(crate) fn div(a: Ball, b: Ball) -> Ball {
    let value = a.value.over(b.value);
    let nearest = b.value.hi.abs() * (1.0 - 1e-15) - b.error;
    // Where remainders may underflow, nothing is known of the quotient but its size.
    let safe = a.value.hi.abs() > 1e-270 || a.value.hi == 0.0;
    let rounding = if safe { value.hi.abs() * ROUNDING } else { 3.0 * a.value.hi.abs() / nearest };
    let error = (a.error + value.hi.abs() * b.error) / nearest + rounding;
    Ball { value, error: if nearest > 1e-280 { error * MARGIN + TINY } else { f64::INFINITY } }
}

#[inline(always)]
pub(crate) fn root(a: Ball) -> Ball {
    let value = a.value.root();
    let error = a.error / value.hi + value.hi * ROUNDING;
    let safe = a.value.hi > 1e-270 && a.error < 0.5 * a.value.hi;
    let zero = a.value.hi == 0.0 && a.error == 0.0;
    Ball {
        value,
        error: if zero {
            0.0
        } else if safe {
            error * MARGIN
        } else {
            f64::INFINITY
        },
    }
}

/// What a ball says of a true value.
#[derive(Clone, Copy, Debug)]
pub struct Truth(Ball);

impl Truth {
    /// The value is in high + low ± error.
    pub fn new(hi: f64, lo: f64, error: f64) -> Self {
        Self(Ball { value: Pair { hi, lo }, error })
    }

    /// What a ball says.
    pub(crate) fn of(ball: Ball) -> Self {
        Self(ball)
    }

    /// Two numbers between which the value lies; NaN if it is not known.
    pub fn bounds(self) -> (f64, f64) {
        let Ball { value, error } = self.0;
        let distance = (value.lo.abs() + error) * MARGIN;
        if error < f64::INFINITY { (value.hi - distance, value.hi + distance) } else { (f64::NAN, f64::NAN) }
    }

    /// What the value rounds to in a narrower format, where that is certain and not 0.
    pub fn rounded(self, round: impl Fn(f64) -> f64) -> Option<f64> {
        let Ball { value, error } = self.0;
        // Only the sign of what follows high matters, and that low ± error has whatever the sum's rounding.
        let end = |error: f64| round(odd(two_sum(value.hi, value.lo + error)));
        let (lower, upper) = (end(-error * MARGIN), end(error * MARGIN));
        (lower == upper && lower != 0.0).then_some(lower)
    }

    /// How far a result of `f64` is off, in units in the last place of the true value, and absolutely; `None` where this
    /// is not known to a thousandth of a unit.
    pub fn error_of(self, found: f64) -> Option<(f64, f64)> {
        let Ball { value, error } = self.0;
        let unit = Layout::F64.ulp(value.hi);
        let known = error <= unit / 1024.0 && value.hi.is_finite() && found.is_finite();
        // found − high is exact where the two are near.
        let distance = ((found - value.hi) - value.lo).abs() + error;
        known.then(|| (distance / unit, distance))
    }
}

/// high + low rounded to odd: rounding it once more to a narrower format is right (Boldo & Melquiond 2008).
fn odd(x: Pair) -> f64 {
    let towards = if (x.lo > 0.0) == (x.hi > 0.0) { x.hi.to_bits() + 1 } else { x.hi.to_bits().wrapping_sub(1) };
    if x.lo != 0.0 && x.hi.to_bits() & 1 == 0 { f64::from_bits(towards) } else { x.hi }
}
