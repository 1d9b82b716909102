//! The number a definition is written in.

use core::cmp::Ordering;
use core::fmt::Debug;
use core::ops::{Add, Div, Mul, Neg, Sub};

use crate::math;

/// A real number: `f32`, `f64`, or a [`Dual`] number over either.
///
/// Definitions of activation functions are generic over it, so that one formula serves every storage format, both
/// precisions and automatic differentiation. All methods are branch-free and inline: a loop over a definition
/// vectorises. Comparison and `if … { p } else { q }` compile to a select.
///
/// Every operation gives the same bits on every machine.
pub trait Real:
    Copy
    + Debug
    + PartialOrd
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Send
    + Sync
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;

    /// A constant of the formula, rounded to this type.
    fn from_f64(value: f64) -> Self;

    /// A constant of the formula, `high + low`, as the sum of two numbers of this type: about twice its digits.
    fn pair_from_f64(high: f64, low: f64) -> (Self, Self);

    /// `self * a + b`, rounded once.
    fn mul_add(self, a: Self, b: Self) -> Self;

    /// |x|.
    fn abs(self) -> Self;

    /// |self| with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;

    /// √x, correctly rounded.
    fn sqrt(self) -> Self;

    /// eˣ.
    fn exp(self) -> Self;

    /// eˣ for x ≤ 0, a third cheaper than [`exp`](Self::exp). For x > 0 the result is unspecified.
    fn exp_nonpos(self) -> Self;

    /// e^(x − max) for x ≤ max and |max| < 2²⁰, times a power of two that keeps it from underflow, the same for all x; the
    /// difference is not rounded.
    fn exp_below(self, max: Self) -> Self;

    /// eˣ − 1 for x ≤ 0, accurate next to 0. For x > 0 the result is unspecified, but finite or NaN-free to select
    /// away.
    fn expm1_nonpos(self) -> Self;

    /// As [`exp_nonpos_times`](Self::exp_nonpos_times), where that is the result, for a factor not below 0: in `f64` by way of
    /// [`add_to_odd`](Self::add_to_odd), in `f32` quick where it is subnormal. NaN gives any number.
    fn exp_nonpos_times_result(self, low: Self, factor: Self, factor_low: Self) -> Self;

    /// (factor + factor_low) · e^(x + low) for x ≤ 0: where `low` is what rounding took from x, and `factor_low` what
    /// it took from the factor.
    ///
    /// Rounded nearly once, and accurate where eˣ alone would be subnormal or 0. The factor must be below 2⁴⁰.
    fn exp_nonpos_times(self, low: Self, factor: Self, factor_low: Self) -> Self;

    /// ln(1 + x) for 0 ≤ x ≤ 1.
    fn log1p_unit(self) -> Self;

    /// e^(x²/2) Φ(−x) for x ≥ 0, where Φ is the normal distribution, as a sum of two numbers.
    ///
    /// The left tail of anything Gaussian: Φ itself underflows, and this falls slowly from ½ as 1 / (√(2π) x).
    fn scaled_normal_tail(self) -> (Self, Self);

    /// sin(factor · x + eighths · π/4), as a sum of two numbers: `eighths` of a turn make a cosine (2) of it, or what
    /// lies between.
    ///
    /// For `f64` right wherever factor · x is finite. For `f32` wherever that product is a number of `f64`, as it is for all x if
    /// the factor has 29 binary digits; where it is not, up to 2⁵³. NaN for ±∞.
    fn sin_scaled(self, factor: f64, eighths: i32) -> (Self, Self);

    /// eˣ − 1 for x ≤ 0 as a sum of two numbers, the second what the rounding of the first left off.
    fn expm1_nonpos_pair(self) -> (Self, Self);

    /// As [`expm1_nonpos_pair`](Self::expm1_nonpos_pair), with all the digits that two numbers hold, for what has a root
    /// anywhere: it costs twice as much.
    fn expm1_nonpos_accurate(self) -> (Self, Self);

    /// eˣ − 1, accurate next to 0.
    fn expm1(self) -> Self;

    /// The natural logarithm: −∞ at 0, NaN below.
    fn ln(self) -> Self;

    /// ln(1 + x), accurate next to 0: −∞ at −1, NaN below.
    fn log1p(self) -> Self;

    /// self + low, the two parts of a result, |self| ≥ |low|: rounded to nearest, but in `f64` to odd where the nearest
    /// number is a tie of a narrower format, so that rounding it once more to that is right.
    fn add_to_odd(self, low: Self) -> Self;

    /// The logistic sigmoid, 1 / (1 + e⁻ˣ).
    fn sigmoid(self) -> Self;

    /// The hyperbolic tangent.
    fn tanh(self) -> Self;

    /// The inverse tangent, in (−π/2, π/2).
    fn atan(self) -> Self;

    /// The sine, with the range of [`sin_scaled`](Self::sin_scaled).
    #[inline(always)]
    fn sin(self) -> Self {
        self.sin_scaled(1.0, 0).0
    }

    /// The cosine, with the range of [`sin_scaled`](Self::sin_scaled).
    #[inline(always)]
    fn cos(self) -> Self {
        self.sin_scaled(1.0, 2).0
    }

    /// The error function.
    #[inline(always)]
    fn erf(self) -> Self {
        math::erf::erf(self)
    }

    /// 1 − erf x, accurate in the right tail.
    #[inline(always)]
    fn erfc(self) -> Self {
        math::erf::erfc(self)
    }

    /// The normal distribution Φ, accurate in the left tail.
    #[inline(always)]
    fn normal_cdf(self) -> Self {
        math::erf::normal_cdf(self)
    }

    /// The larger of two numbers; NaN where either is NaN.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self > other || self.is_nan() { self } else { other }
    }

    /// This number, if it is an `f32`: for a function that has a shorter way there, since `f32` asks for fewer digits and is
    /// never rounded once more. It is known when a loop is compiled, and costs nothing in it.
    #[inline(always)]
    fn as_f32(self) -> Option<f32> {
        None
    }

    /// Whether this is not a number.
    #[inline(always)]
    #[expect(clippy::eq_op, reason = "NaN is the number that differs from itself")]
    fn is_nan(self) -> bool {
        self != self
    }
}

macro_rules! real_for {
    ($float:ident, $pair:expr, $expm1_accurate:path, $times_result:path, $as_f32:expr) => {
        impl Real for $float {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $float
            }
            #[inline(always)]
            fn pair_from_f64(high: f64, low: f64) -> (Self, Self) {
                $pair(high, low)
            }
            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                math::mul_add::$float(self, a, b)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $float::abs(self)
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                $float::copysign(self, sign)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                math::sqrt::$float(self)
            }
            #[inline(always)]
            fn exp(self) -> Self {
                math::exp::$float(self)
            }
            #[inline(always)]
            fn exp_nonpos(self) -> Self {
                math::exp_nonpos::$float(self)
            }
            #[inline(always)]
            fn exp_below(self, max: Self) -> Self {
                math::exp_below::$float(self, max)
            }
            #[inline(always)]
            fn expm1_nonpos(self) -> Self {
                math::expm1_nonpos::$float(self)
            }
            #[inline(always)]
            fn exp_nonpos_times(self, low: Self, factor: Self, factor_low: Self) -> Self {
                math::exp_nonpos_times::$float(self, low, factor, factor_low)
            }
            #[inline(always)]
            fn exp_nonpos_times_result(self, low: Self, factor: Self, factor_low: Self) -> Self {
                $times_result(self, low, factor, factor_low)
            }
            #[inline(always)]
            fn as_f32(self) -> Option<f32> {
                $as_f32(self)
            }
            #[inline(always)]
            fn log1p_unit(self) -> Self {
                math::log1p_unit::$float(self)
            }
            #[inline(always)]
            fn scaled_normal_tail(self) -> (Self, Self) {
                math::scaled_normal_tail::$float(self)
            }
            #[inline(always)]
            fn sin_scaled(self, factor: f64, eighths: i32) -> (Self, Self) {
                math::sin_scaled::$float(self, factor, eighths)
            }
            #[inline(always)]
            fn expm1_nonpos_pair(self) -> (Self, Self) {
                math::expm1_nonpos_pair::$float(self)
            }
            #[inline(always)]
            fn expm1_nonpos_accurate(self) -> (Self, Self) {
                $expm1_accurate(self)
            }
            #[inline(always)]
            fn expm1(self) -> Self {
                math::expm1::$float(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                math::ln::$float(self)
            }
            #[inline(always)]
            fn log1p(self) -> Self {
                math::log1p::$float(self)
            }
            #[inline(always)]
            fn add_to_odd(self, low: Self) -> Self {
                math::add_to_odd::$float(self, low)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                math::sigmoid::$float(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                math::tanh::$float(self)
            }
            #[inline(always)]
            fn atan(self) -> Self {
                math::atan::$float(self)
            }
        }
    };
}
real_for!(
    f32,
    |high, low| (high as f32, (high - high as f32 as f64 + low) as f32),
    math::expm1_nonpos_pair::accurate_f32,
    math::exp_nonpos_times::result_f32,
    Some
);
real_for!(
    f64,
    |high, low| (high, low),
    math::expm1_nonpos_pair::accurate_f64,
    math::exp_nonpos_times::result_f64,
    |_| None
);

/// A number with its derivative: `value + derivative·ε` with ε² = 0.
///
/// A definition evaluated at [`Dual::variable`] yields its own derivative; at a `Dual<Dual<f64>>`, the second one.
///
/// ```
/// use actfn::{Dual, Elementwise, Sigmoid};
/// let y = Sigmoid.value(Dual::variable(0.5f64));
/// assert!((y.derivative - Sigmoid.derivative(0.5)).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Dual<R> {
    /// The number.
    pub value: R,
    /// Its derivative.
    pub derivative: R,
}

impl<R: Real> Dual<R> {
    /// The independent variable at `x`: its derivative is 1.
    #[inline(always)]
    pub fn variable(x: R) -> Self {
        Self { value: x, derivative: R::ONE }
    }

    /// A number that does not depend on the variable.
    #[inline(always)]
    pub fn constant(x: R) -> Self {
        Self { value: x, derivative: R::ZERO }
    }

    /// The chain rule: a function's value and derivative at `self.value`.
    #[inline(always)]
    fn chain(self, value: R, derivative: R) -> Self {
        Self { value, derivative: derivative * self.derivative }
    }
}

impl<R: Real> PartialEq for Dual<R> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<R: Real> PartialOrd for Dual<R> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<R: Real> Neg for Dual<R> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self { value: -self.value, derivative: -self.derivative }
    }
}

impl<R: Real> Add for Dual<R> {
    type Output = Self;
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        Self { value: self.value + o.value, derivative: self.derivative + o.derivative }
    }
}

impl<R: Real> Sub for Dual<R> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        Self { value: self.value - o.value, derivative: self.derivative - o.derivative }
    }
}

impl<R: Real> Mul for Dual<R> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, o: Self) -> Self {
        Self { value: self.value * o.value, derivative: self.derivative * o.value + self.value * o.derivative }
    }
}

impl<R: Real> Div for Dual<R> {
    type Output = Self;
    #[inline(always)]
    fn div(self, o: Self) -> Self {
        let quotient = self.value / o.value;
        Self { value: quotient, derivative: (self.derivative - quotient * o.derivative) / o.value }
    }
}

impl<R: Real> Real for Dual<R> {
    const ZERO: Self = Self { value: R::ZERO, derivative: R::ZERO };
    const ONE: Self = Self { value: R::ONE, derivative: R::ZERO };

    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        Self::constant(R::from_f64(value))
    }
    #[inline(always)]
    fn pair_from_f64(high: f64, low: f64) -> (Self, Self) {
        let (high, low) = R::pair_from_f64(high, low);
        (Self::constant(high), Self::constant(low))
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        let derivative = self.derivative * a.value + self.value * a.derivative + b.derivative;
        Self { value: self.value.mul_add(a.value, b.value), derivative }
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.chain(self.value.abs(), R::ONE.copysign(self.value))
    }
    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        let magnitude = self.abs();
        let one = R::ONE.copysign(sign.value);
        magnitude.chain(magnitude.value.copysign(sign.value), one)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.chain(root, R::ONE / (root + root))
    }
    #[inline(always)]
    fn exp(self) -> Self {
        let e = self.value.exp();
        self.chain(e, e)
    }
    #[inline(always)]
    fn exp_nonpos(self) -> Self {
        let e = self.value.exp_nonpos();
        self.chain(e, e)
    }
    #[inline(always)]
    fn exp_below(self, max: Self) -> Self {
        let e = self.value.exp_below(max.value);
        Self { value: e, derivative: e * (self.derivative - max.derivative) }
    }
    #[inline(always)]
    fn expm1_nonpos(self) -> Self {
        self.chain(self.value.expm1_nonpos(), self.value.exp_nonpos())
    }
    #[inline(always)]
    fn exp_nonpos_times(self, low: Self, factor: Self, factor_low: Self) -> Self {
        let times = |factor: R, factor_low: R| self.value.exp_nonpos_times(low.value, factor, factor_low);
        let slope = factor.derivative + (factor.value * (self.derivative + low.derivative) + factor_low.derivative);
        Self { value: times(factor.value, factor_low.value), derivative: times(slope, R::ZERO) }
    }
    #[inline(always)]
    fn exp_nonpos_times_result(self, low: Self, factor: Self, factor_low: Self) -> Self {
        let value = self.value.exp_nonpos_times_result(low.value, factor.value, factor_low.value);
        Self { value, ..self.exp_nonpos_times(low, factor, factor_low) }
    }
    #[inline(always)]
    fn log1p_unit(self) -> Self {
        self.chain(self.value.log1p_unit(), R::ONE / (R::ONE + self.value))
    }
    #[inline(always)]
    fn scaled_normal_tail(self) -> (Self, Self) {
        let (high, low) = self.value.scaled_normal_tail();
        let slope = self.value.mul_add(high, R::from_f64(-0.398_942_280_401_432_7));
        (self.chain(high, slope), Self::constant(low))
    }
    #[inline(always)]
    fn sin_scaled(self, factor: f64, eighths: i32) -> (Self, Self) {
        let (high, low) = self.value.sin_scaled(factor, eighths);
        let slope = R::from_f64(factor) * self.value.sin_scaled(factor, eighths + 2).0;
        (self.chain(high, slope), Self::constant(low))
    }
    #[inline(always)]
    fn expm1_nonpos_pair(self) -> (Self, Self) {
        let (high, low) = self.value.expm1_nonpos_pair();
        (self.chain(high, self.value.exp_nonpos()), Self::constant(low))
    }
    #[inline(always)]
    fn expm1_nonpos_accurate(self) -> (Self, Self) {
        let (high, low) = self.value.expm1_nonpos_accurate();
        (self.chain(high, self.value.exp_nonpos()), Self::constant(low))
    }
    #[inline(always)]
    fn expm1(self) -> Self {
        self.chain(self.value.expm1(), self.value.exp())
    }
    #[inline(always)]
    fn ln(self) -> Self {
        self.chain(self.value.ln(), R::ONE / self.value)
    }
    #[inline(always)]
    fn log1p(self) -> Self {
        self.chain(self.value.log1p(), R::ONE / (R::ONE + self.value))
    }
    #[inline(always)]
    fn add_to_odd(self, low: Self) -> Self {
        Self { value: self.value.add_to_odd(low.value), derivative: self.derivative + low.derivative }
    }
    #[inline(always)]
    fn sigmoid(self) -> Self {
        let e = (-self.value.abs()).exp_nonpos();
        let d = R::ONE + e;
        self.chain(self.value.sigmoid(), e / (d * d))
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        // 1 − tanh² x = 4 e / (1 + e)² with e = e^−2|x|, which does not cancel.
        let e = (R::from_f64(-2.0) * self.value.abs()).exp_nonpos();
        let d = R::ONE + e;
        self.chain(self.value.tanh(), R::from_f64(4.0) * e / (d * d))
    }
    #[inline(always)]
    fn atan(self) -> Self {
        self.chain(self.value.atan(), R::ONE / self.value.mul_add(self.value, R::ONE))
    }
}
