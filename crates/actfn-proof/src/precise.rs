//! The word of last resort: a formula in intervals of any precision, raised until the rounding is decided (Ziv 1991).
//!
//! Sums, products, quotients and roots are rounded downwards and upwards by `dashu-float`. Of its elementary functions,
//! which claim correct rounding, only a relative error of 2^(8 − precision) is believed.

use std::cell::RefCell;
use std::cmp::Ordering;

use dashu_base::Abs;
use dashu_float::round::mode::{Down, HalfEven, Up};
use dashu_float::{ConstCache, Context, FBig, FpError, Repr};
use dashu_int::IBig;

use crate::format::Layout;
use crate::formula::{Binary, Formula, Step, Unary};

/// A number without rounding.
pub type Number = Repr<2>;

/// Two numbers between which a true value lies.
#[derive(Clone, Debug)]
pub struct Enclosure {
    /// No more than the value.
    pub lo: Number,
    /// No less than the value.
    pub hi: Number,
}

/// The number that an `f64` is.
///
/// # Panics
///
/// If it is infinite or NaN.
pub fn number(x: f64) -> Number {
    let bits = x.to_bits();
    let fraction = (bits & ((1 << 52) - 1)) as i64;
    let (mantissa, exponent) = match (bits >> 52) as isize & 0x7ff {
        0x7ff => panic!("{x} is no number"),
        0 => (fraction, -1074),
        e => (fraction | 1 << 52, e - 1075),
    };
    Number::new(IBig::from(if x < 0.0 { -mantissa } else { mantissa }), exponent)
}

/// ±2ᵏ.
pub fn power_of_two(sign: i8, k: isize) -> Number {
    Number::new(IBig::from(sign), k)
}

/// f(x), correctly rounded to a format, as an `f64`: 0 has the sign of the side it was rounded from.
///
/// # Panics
///
/// If 4 096 bits do not decide: the value is then a tie that the arithmetic does not see to be one.
pub fn rounded(formula: &Formula, x: &Number, layout: &Layout) -> f64 {
    for precision in PRECISIONS {
        if let Ok(y) = enclose(formula, x, precision)
            && let Some(y) = layout.round_enclosure(&y)
        {
            return y;
        }
    }
    panic!("undecided at {x:?}")
}

/// The precisions to try: most inputs that come here need but a few bits more than an `f64` has.
pub const PRECISIONS: [usize; 6] = [128, 256, 512, 1024, 2048, 4096];

/// Bounds of f(x), some 2^−precision apart unless terms cancel.
///
/// # Errors
///
/// If at this precision a divisor may be 0, or an argument outside of a function's domain.
pub fn enclose(formula: &Formula, x: &Number, precision: usize) -> Result {
    enclose_all(formula, &Enclosure { lo: x.clone(), hi: x.clone() }, precision)
}

/// Bounds of f over all of an interval.
///
/// # Errors
///
/// As for [`enclose`], and if the function changes its piece within the interval.
pub fn enclose_all(formula: &Formula, x: &Enclosure, precision: usize) -> Result {
    thread_local!(static CONSTANTS: RefCell<ConstCache> = const { RefCell::new(ConstCache::new()) });
    CONSTANTS.with_borrow_mut(|constants| {
        let mut known = vec![None; formula.steps.len()];
        Arithmetic { precision, constants }.step(&formula.steps, formula.steps.len() - 1, x, &mut known)
    })
}

/// Bounds, or why there are none.
pub type Result = std::result::Result<Enclosure, FpError>;

struct Arithmetic<'c> {
    precision: usize,
    constants: &'c mut ConstCache,
}

/// From |x| = 2^FAR on, eˣ, e⁻ˣ and 1 − tanh x are beyond every format and only cost time. All numbers above 2^(2^FAR)
/// count as one of those up to 2^(2^(FAR + 20)): neither a format nor a sum or product with one of its numbers can tell.
const FAR: isize = 40;

impl Arithmetic<'_> {
    /// A step after those that it needs; pieces that x does not lie in are not computed.
    fn step(&mut self, steps: &[Step], i: usize, x: &Enclosure, known: &mut [Option<Enclosure>]) -> Result {
        if let Some(y) = &known[i] {
            return Ok(y.clone());
        }
        let y = match steps[i] {
            Step::X => x.clone(),
            Step::Constant(c) => Enclosure { lo: number(c), hi: number(c) },
            Step::Unary(f, a) => {
                let a = self.step(steps, a, x, known)?;
                self.unary(f, a)?
            }
            Step::Binary(f, a, b) => {
                let (a, b) = (self.step(steps, a, x, known)?, self.step(steps, b, x, known)?);
                self.binary(f, &a, &b)?
            }
            Step::Piece { at, below, equal, above } => {
                let at = number(at);
                let piece = match (x.lo.cmp(&at), x.hi.cmp(&at)) {
                    (_, Ordering::Less) => below,
                    (Ordering::Greater, _) => above,
                    (Ordering::Equal, Ordering::Equal) => equal,
                    _ => return Err(FpError::Indeterminate),
                };
                self.step(steps, piece, x, known)?
            }
            Step::Bounded { exact, .. } => self.step(steps, exact, x, known)?,
        };
        known[i] = Some(y.clone());
        Ok(y)
    }

    fn down(&self) -> Context<Down> {
        Context::new(self.precision)
    }

    fn up(&self) -> Context<Up> {
        Context::new(self.precision)
    }

    fn binary(&self, f: Binary, a: &Enclosure, b: &Enclosure) -> Result {
        let (down, up) = (self.down(), self.up());
        Ok(match f {
            Binary::Add => Enclosure {
                lo: down.add(&a.lo, &b.lo)?.value().into_repr(),
                hi: up.add(&a.hi, &b.hi)?.value().into_repr(),
            },
            Binary::Sub => self.binary(Binary::Add, a, &neg(b.clone()))?,
            Binary::Mul => of_ends(
                a,
                b,
                |a, b| Ok(down.mul(a, b)?.value().into_repr()),
                |a, b| Ok(up.mul(a, b)?.value().into_repr()),
            )?,
            Binary::Div if b.lo <= Number::zero() && b.hi >= Number::zero() => return Err(FpError::Indeterminate),
            Binary::Min => Enclosure { lo: a.lo.clone().min(b.lo.clone()), hi: a.hi.clone().min(b.hi.clone()) },
            Binary::Max => Enclosure { lo: a.lo.clone().max(b.lo.clone()), hi: a.hi.clone().max(b.hi.clone()) },
            Binary::Div => of_ends(
                a,
                b,
                |a, b| Ok(down.div(a, b)?.value().into_repr()),
                |a, b| Ok(up.div(a, b)?.value().into_repr()),
            )?,
        })
    }

    /// All these functions increase, but for two.
    fn unary(&mut self, f: Unary, a: Enclosure) -> Result {
        match f {
            Unary::Neg => Ok(neg(a)),
            Unary::Sqrt => Ok(Enclosure {
                lo: self.down().sqrt(&a.lo)?.value().into_repr(),
                hi: self.up().sqrt(&a.hi)?.value().into_repr(),
            }),
            Unary::Sin | Unary::Cos => {
                // No steeper than 1: as far from the value at one end as the other end is.
                let y = self.elementary(f, &a.lo)?;
                let width = self.up().sub(&a.hi, &a.lo)?.value().into_repr();
                self.binary(Binary::Add, &y, &Enclosure { lo: -width.clone(), hi: width })
            }
            _ if a.lo == a.hi => self.elementary(f, &a.lo),
            _ => Ok(Enclosure { lo: self.elementary(f, &a.lo)?.lo, hi: self.elementary(f, &a.hi)?.hi }),
        }
    }

    fn elementary(&mut self, f: Unary, x: &Number) -> Result {
        if f == Unary::NormalCdf {
            return self.normal_cdf(x);
        }
        let one = Number::one();
        if f == Unary::Sigmoid {
            let one = Enclosure { lo: one.clone(), hi: one };
            let power = self.elementary(Unary::Exp, &-x.clone())?;
            let divisor = self.binary(Binary::Add, &one, &power)?;
            return self.binary(Binary::Div, &one, &divisor);
        }
        let nearly_one = self.down().sub(&one, &power_of_two(1, -(self.precision as isize)))?.value().into_repr();
        if *x > power_of_two(1, FAR) {
            match f {
                Unary::Exp | Unary::Expm1 => {
                    return Ok(Enclosure { lo: power_of_two(1, 1 << FAR), hi: power_of_two(1, 1 << (FAR + 20)) });
                }
                Unary::Tanh => return Ok(Enclosure { lo: nearly_one, hi: one }),
                _ => {}
            }
        } else if *x < power_of_two(-1, FAR) {
            match f {
                Unary::Exp => return Ok(Enclosure { lo: Number::zero(), hi: power_of_two(1, -(1 << FAR)) }),
                Unary::Expm1 | Unary::Tanh => return Ok(Enclosure { lo: -one, hi: -nearly_one }),
                _ => {}
            }
        }
        let context = Context::<HalfEven>::new(self.precision);
        let constants = Some(&mut *self.constants);
        let near = power_of_two(1, -(self.precision as isize));
        let y: FBig<HalfEven, 2> = match f {
            // x − x²/2 or closer: the margin below covers it.
            Unary::Expm1 | Unary::Ln1p | Unary::Tanh | Unary::Atan | Unary::Sin if -near.clone() < *x && *x < near => {
                Ok(dashu_base::Approximation::Exact(FBig::from_repr(x.clone(), context)))
            }
            Unary::Exp | Unary::Cos if -near.clone() < *x && *x < near => {
                Ok(dashu_base::Approximation::Exact(FBig::from_repr(one, context)))
            }
            // π/4, which the cache has.
            Unary::Atan if *x == one => {
                let pi = context.pi::<2>(constants).value();
                Ok(dashu_base::Approximation::Exact(pi >> 2))
            }
            Unary::Exp => context.exp(x, constants),
            Unary::Expm1 => context.exp_m1(x, constants),
            Unary::Ln => context.ln(x, constants),
            Unary::Ln1p => context.ln_1p(x, constants),
            Unary::Tanh => context.tanh(x, constants),
            Unary::Atan => context.atan(x, constants),
            Unary::Sin => context.sin(x, constants),
            Unary::Cos => context.cos(x, constants),
            Unary::Neg | Unary::Sqrt | Unary::Sigmoid | Unary::NormalCdf => unreachable!("done elsewhere"),
        }?
        .value();
        if y.repr().significand().is_zero() || x.significand().is_zero() {
            return Ok(Enclosure { lo: y.repr().clone(), hi: y.into_repr() }); // e⁰, ln 1: exact
        }
        let margin = (y.clone().abs() >> (self.precision as isize - 8)).into_repr();
        Ok(Enclosure {
            lo: self.down().sub(y.repr(), &margin)?.value().into_repr(),
            hi: self.up().add(y.repr(), &margin)?.value().into_repr(),
        })
    }
}

impl Arithmetic<'_> {
    /// Φ(x) = ½ + φ(x) (x + x³/3 + x⁵/(3·5) + x⁷/(3·5·7) + …): for x < 0 the sum cancels, so the digits that Φ loses to ½
    /// are added.
    fn normal_cdf(&mut self, x: &Number) -> Result {
        let magnitude = Layout::F64.round(x).abs();
        if magnitude > 40.0 {
            // Beyond every format: Φ(−|x|) < e^(−x²/2) < 2⁻¹¹⁵⁴.
            let far = self.elementary(Unary::Exp, &number(-0.5 * magnitude.min(1e150).powi(2)))?.hi;
            return Ok(if *x < Number::zero() {
                Enclosure { lo: Number::zero(), hi: far }
            } else {
                Enclosure { lo: self.down().sub(&Number::one(), &far)?.value().into_repr(), hi: Number::one() }
            });
        }
        let negative = *x < Number::zero();
        if let Some(tail) = self.normal_tail(if negative { x.clone() } else { -x.clone() }, magnitude)? {
            let one = Enclosure { lo: Number::one(), hi: Number::one() };
            return if negative { Ok(tail) } else { self.binary(Binary::Sub, &one, &tail) };
        }
        let precision = self.precision;
        self.precision += 16 + (magnitude * magnitude) as usize;
        let result = self.normal_cdf_by_series(x, magnitude);
        self.precision = precision;
        result
    }

    /// The left tail by its asymptotic series, φ(x)/|x| (1 − 1/x² + 1·3/x⁴ − …): the sum lies between any two partial sums
    /// that follow each other. `None` where these do not come close enough.
    fn normal_tail(&mut self, x: Number, magnitude: f64) -> std::result::Result<Option<Enclosure>, FpError> {
        if magnitude < 15.0 {
            return Ok(None);
        }
        let exactly = |x: Number| Enclosure { lo: x.clone(), hi: x };
        let x = exactly(x);
        let square = self.binary(Binary::Mul, &x, &x)?;
        let (mut term, mut sum) = (exactly(Number::one()), exactly(Number::one()));
        let negligible = power_of_two(1, -(self.precision as isize));
        for n in 1.. {
            let odd = exactly(number(-((2 * n - 1) as f64)));
            if (2 * n - 1) as f64 > magnitude * magnitude {
                return Ok(None);
            }
            term = self.binary(Binary::Mul, &term, &odd)?;
            term = self.binary(Binary::Div, &term, &square)?;
            if term.hi.clone().max(-term.lo.clone()) < negligible {
                break;
            }
            sum = self.binary(Binary::Add, &sum, &term)?;
        }
        let rest = Enclosure { lo: -negligible.clone(), hi: negligible };
        let sum = self.binary(Binary::Add, &sum, &rest)?;
        let density = self.normal_density(&square)?;
        let tail = self.binary(Binary::Mul, &density, &sum)?;
        Ok(Some(self.binary(Binary::Div, &tail, &neg(x))?))
    }

    /// e^(−x²/2) / √(2π) from x².
    fn normal_density(&mut self, square: &Enclosure) -> Result {
        let exactly = |x: Number| Enclosure { lo: x.clone(), hi: x };
        let quarter_pi = self.elementary(Unary::Atan, &Number::one())?;
        let root = self.binary(Binary::Mul, &quarter_pi, &exactly(number(8.0)))?;
        let root = self.unary(Unary::Sqrt, root)?;
        let exponent = self.binary(Binary::Mul, &neg(square.clone()), &exactly(power_of_two(1, -1)))?;
        let density = self.unary(Unary::Exp, exponent)?;
        self.binary(Binary::Div, &density, &root)
    }

    fn normal_cdf_by_series(&mut self, x: &Number, magnitude: f64) -> Result {
        let exactly = |x: Number| Enclosure { lo: x.clone(), hi: x };
        let x = exactly(x.clone());
        let square = self.binary(Binary::Mul, &x, &x)?;
        let (mut term, mut sum) = (x.clone(), x.clone());
        let negligible = power_of_two(1, -(self.precision as isize));
        for n in 1.. {
            let odd = exactly(number((2 * n + 1) as f64));
            term = self.binary(Binary::Mul, &term, &square)?;
            term = self.binary(Binary::Div, &term, &odd)?;
            sum = self.binary(Binary::Add, &sum, &term)?;
            // Once each term is less than half of the one before, the rest is less than the last.
            let halving = (2 * n + 3) as f64 > 2.0 * magnitude * magnitude + 1.0;
            let size = term.hi.clone().max(-term.lo.clone());
            if halving && size < negligible || size.significand().is_zero() {
                let rest = Enclosure { lo: -size.clone(), hi: size };
                sum = self.binary(Binary::Add, &sum, &rest)?;
                break;
            }
        }
        let half = exactly(power_of_two(1, -1));
        let density = self.normal_density(&square)?;
        let product = self.binary(Binary::Mul, &density, &sum)?;
        self.binary(Binary::Add, &half, &product)
    }
}

fn neg(a: Enclosure) -> Enclosure {
    Enclosure { lo: -a.hi, hi: -a.lo }
}

/// The bounds of the four products or quotients of ends.
fn of_ends(
    a: &Enclosure,
    b: &Enclosure,
    down: impl Fn(&Number, &Number) -> std::result::Result<Number, FpError>,
    up: impl Fn(&Number, &Number) -> std::result::Result<Number, FpError>,
) -> Result {
    let (mut lo, mut hi) = (down(&a.lo, &b.lo)?, up(&a.lo, &b.lo)?);
    for (a, b) in [(&a.lo, &b.hi), (&a.hi, &b.lo), (&a.hi, &b.hi)] {
        lo = lo.min(down(a, b)?);
        hi = hi.max(up(a, b)?);
    }
    Ok(Enclosure { lo, hi })
}
