//! What an activation function is: [`Elementwise`], [`Rowwise`], and what is known of it, [`Info`].

use crate::{Dual, Framework, Real};

/// An activation of one number: y = f(x).
///
/// This is all it takes to define one; every format, instruction set, precision and integration follows.
///
/// ```
/// use actfn::{Elementwise, Exact, Info, Real};
///
/// /// x³, from no paper at all.
/// #[derive(Clone, Copy)]
/// struct Cube;
///
/// impl Elementwise for Cube {
///     const INFO: Info = Info { formula: "x³", derivative: "3x²", ..Info::new("cube") };
///
///     fn value<R: Real>(self, x: R) -> R {
///         x * x * x
///     }
///     fn derivative<R: Real>(self, x: R) -> R {
///         R::from_f64(3.0) * x * x
///     }
/// }
///
/// let x = [-1.0f32, 0.5, 2.0];
/// let mut y = [0.0; 3];
/// actfn::forward(Cube, &x, &mut y);
/// assert_eq!(y, [-1.0, 0.125, 8.0]);
///
/// let mut grad_x = [0.0; 3];
/// actfn::backward(Exact(Cube), &x, &[1.0, 1.0, 10.0], &mut grad_x);
/// assert_eq!(grad_x, [3.0, 0.75, 120.0]);
/// ```
///
/// Keep bodies branch-free: arithmetic, the methods of [`Real`], and `if a < b { p } else { q }` between two computed
/// values. A call that does not inline (`f32::exp` of std, say) makes the loop scalar. Write `if x < limit { limit }
/// else { x }` rather than `min`/`max` where NaN must pass through.
pub trait Elementwise: Copy + Send + Sync + 'static {
    /// What is known of the function.
    const INFO: Info;

    /// f(x).
    fn value<R: Real>(self, x: R) -> R;

    /// f(x) with digits to spare, as a sum of two numbers: what a gated unit multiplies, which rounds once more.
    #[doc(hidden)]
    #[inline(always)]
    fn value_as_factor<R: Real>(self, x: R) -> (R, R) {
        (self.value(x), R::ZERO)
    }

    /// f(x) and f′(x) where they are so small that numbers lose digits: what a gated unit multiplies there. None where that cannot be.
    #[doc(hidden)]
    #[inline(always)]
    fn tail<R: Real>(self, x: R) -> Option<Tail<R>> {
        let _ = x;
        None
    }

    /// f(x) by a shorter way, if there is one: [`Exact`](crate::Exact) looks there first. Within 2⁻⁴⁰ of it for every x of `f32`,
    /// with its sign, also of 0; 0, ±∞ or NaN only where `value`, rounded to `f32`, is the same. The middle between two numbers
    /// of `f32` stands for what it does not know.
    #[doc(hidden)]
    #[inline(always)]
    fn rough_value(self, x: f64) -> Option<f64> {
        let _ = x;
        None
    }

    /// f′(x), likewise, for the default precision.
    #[doc(hidden)]
    #[inline(always)]
    fn rough_derivative(self, x: f64) -> Option<f64> {
        let _ = x;
        None
    }

    /// How small f′ may become: what a product with it needs a second look at.
    #[doc(hidden)]
    const SMALL_SLOPES: SmallSlopes = SmallSlopes::Vanish;

    /// Whether values of `f32` in the default precision look there first, too, since `value` takes much longer. It must be within 2⁻⁴⁰
    /// before it is rounded, so that results do not depend on which way was taken.
    #[doc(hidden)]
    const ROUGH_VALUE_FIRST: bool = false;

    /// The same of derivatives.
    #[doc(hidden)]
    const ROUGH_DERIVATIVE_FIRST: bool = false;

    /// f′(x), from the input x and never from the output: 1 − y² has lost the tail that x still knows.
    fn derivative<R: Real>(self, x: R) -> R;

    /// f″(x). The kernel computes it in `f64` for every format, and rounds once. At a kink it is that of the piece which the derivative
    /// takes there; a jump of f′ adds nothing.
    ///
    /// Unless a function has its own form, it is the derivative of [`derivative`](Self::derivative) by [dual numbers](Dual), which
    /// loses digits where a function of the first derivative cancels: 1 − tanh² x has lost x at 10⁻³⁰⁰, of which −2x is
    /// asked.
    #[inline(always)]
    fn second_derivative<R: Real>(self, x: R) -> R {
        // −0 counts as 0: of |x| and of x < 0, dual numbers would take different sides. Beyond 10³⁰⁰, where f″ is its limit, they may
        // come to ∞ − ∞ or 0 · ∞.
        let far = R::from_f64(1e300);
        let x = if x.abs() < far { x + R::ZERO } else { far.copysign(x) };
        self.derivative(Dual::variable(x)).derivative
    }

    /// ∂f(x)/∂p of the [learnable](Parameter::learnable) parameter p at this place in [`Info::parameters`]. It is not asked
    /// for another one.
    ///
    /// The loops are compiled for each place: a `match` on it costs nothing.
    #[inline(always)]
    fn parameter_derivative<R: Real>(self, parameter: usize, x: R) -> R {
        let _ = (parameter, x);
        R::ZERO
    }

    /// The parameter of this name, to read or to set. [`Info::parameters`] lists the names.
    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        let _ = name;
        None
    }

    /// The function as the number `index` places further on in a slice has it: itself, unless it is random.
    ///
    /// A random function draws from its seed and the index, so that the result depends neither on threads nor on how
    /// a slice is split: `f.at(1000)` continues in a second slice what `f` began in a first one of 1000 numbers.
    #[inline(always)]
    fn at(self, index: u64) -> Self {
        let _ = index;
        self
    }
}

/// How small the derivative of a function may become.
#[doc(hidden)]
#[derive(Clone, Copy, PartialEq)]
pub enum SmallSlopes {
    /// It is a normal number, or 0 where the function is flat.
    Never,
    /// It may be subnormal, and is 0 where the function is flat.
    Subnormal,
    /// It may be so small that it is rounded to 0.
    Vanish,
}

/// A tail with a factor e^v: f(x) = e^(v + low) · value, the sum of two numbers, and f′(x) = e^(slope_v + low) · derivative, but for
/// a relative e^v.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Tail<R> {
    pub v: R,
    pub slope_v: R,
    pub low: R,
    pub value: (R, R),
    pub derivative: R,
}

/// An activation of a row of numbers: softmax, maxout, gated units.
///
/// A row of `n` inputs gives a row of [`outputs`](Self::outputs)`(n)`. Slices passed in have these lengths; the kernel
/// has checked them.
pub trait Rowwise: Copy + Send + Sync + 'static {
    /// What is known of the function.
    const INFO: Info;

    /// Whether each NaN among the results is the canonical one (`f32::NAN` as Rust has it) already. If not, every row is looked
    /// through once more.
    const NAN_IS_CANONICAL: bool = false;

    /// What an entry gets that a [mask](crate::rows::forward_where) leaves out; `None`, unless a function says otherwise, where
    /// outputs do not belong to inputs each, so that there is no mask.
    const MASKED: Option<f64> = None;

    /// The length of the output for a row of `inputs` numbers; `None` where such a row has no meaning. A row of no numbers has an
    /// output of none. Unless a function says otherwise, rows keep their length.
    fn outputs(self, inputs: usize) -> Option<usize> {
        Some(inputs)
    }

    /// One row: y = f(x).
    fn forward<R: Real>(self, x: &[R], y: &mut [R]);

    /// The vector–Jacobian product of one row: `grad_x[j] = Σᵢ grad_y[i] ∂yᵢ/∂xⱼ`, from the input x and never from the output: a
    /// probability that rounds to 1 has lost what is left of it.
    fn backward<R: Real>(self, x: &[R], grad_y: &[R], grad_x: &mut [R]);

    /// The parameter of this name, to read or to set. [`Info::parameters`] lists the names.
    fn parameter(&mut self, name: &str) -> Option<&mut f64> {
        let _ = name;
        None
    }

    /// The function as a row that begins `index` numbers further on has it: itself, unless it is random.
    ///
    /// A random function draws from its seed and the index, so that the result depends neither on threads nor on how
    /// a slice is split: `f.at(1000)` continues in a second slice what `f` began in a first one of 1000 numbers.
    #[inline(always)]
    fn at(self, index: u64) -> Self {
        let _ = index;
        self
    }
}

/// What is known and promised of a function: plain data beside its definition, all of it tested or measured.
///
/// For a function of your own, start from [`Info::new`].
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// Its name, as torch and JAX spell it: `leaky_relu`.
    pub name: &'static str,
    /// Its name in prose: `Leaky ReLU`.
    pub title: &'static str,
    /// Other names it is known by, in the same spelling.
    pub aliases: &'static [&'static str],
    /// The formula, in plain text.
    pub formula: &'static str,
    /// The formula, in LaTeX.
    pub formula_latex: &'static str,
    /// The derivative's formula, in plain text.
    pub derivative: &'static str,
    /// The derivative's formula, in LaTeX.
    pub derivative_latex: &'static str,
    /// The parameters, in the order in which they may be given without their names.
    pub parameters: &'static [Parameter],
    /// The set of outputs, for finite inputs and any parameters that make sense.
    pub range: &'static str,
    /// How smooth it is.
    pub smoothness: Smoothness,
    /// Where the derivative jumps, at default parameters.
    pub kinks: &'static [f64],
    /// Whether it never decreases (elementwise functions).
    pub monotonic: bool,
    /// Whether its mean under standard normal input is 0 (to 5·10⁻⁴).
    pub zero_centred: bool,
    /// Whether signals of mean 0 and variance 1 keep to both from layer to layer, and come back when they stray, with
    /// weights of variance 1/fan_in, while gradients pass (Klambauer et al. 2017).
    pub self_normalising: bool,
    /// Where it flattens out, so that gradients vanish.
    pub saturates: Saturates,
    /// The largest |f′|.
    pub max_derivative: f64,
    /// Moments under standard normal input.
    pub gaussian: Option<Gaussian>,
    /// The initialisation that suits the layer in front of it.
    pub initialisation: Initialisation,
    /// What it is used for.
    pub uses: &'static str,
    /// What goes wrong with it.
    pub problems: &'static str,
    /// Where it comes from: authors, title, venue, arXiv id.
    pub source: &'static str,
    /// The year of the source; `None` for what is elementary or has no paper.
    pub year: Option<u16>,
    /// The function as the frameworks have it: names, defaults, derivatives at kinks.
    pub frameworks: &'static [Framework],
    /// The worst error of `f32` results in the default precision, over every input; of rows, over a large set. [`Exact`](crate::Exact)
    /// ones are the nearest numbers. Measured by `actfn-proof` and held against its record.
    pub max_ulp: Option<MaxUlp>,
    /// The same of `f64`, over a sample of 10⁸ inputs.
    pub max_ulp_f64: Option<MaxUlp>,
    /// x, f(x) and f′(x) at default parameters, to 17 digits or more (elementwise functions).
    pub known: &'static [[f64; 3]],
    /// Rows and their images at default parameters (rowwise functions).
    pub known_rows: &'static [(&'static [f64], &'static [f64])],
}

impl Info {
    /// An `Info` that holds only the name; fill in what you know with struct update syntax.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            title: name,
            aliases: &[],
            formula: "",
            formula_latex: "",
            derivative: "",
            derivative_latex: "",
            parameters: &[],
            range: "(−∞, ∞)",
            smoothness: Smoothness::Smooth,
            kinks: &[],
            monotonic: false,
            zero_centred: false,
            self_normalising: false,
            saturates: Saturates::Nowhere,
            max_derivative: f64::INFINITY,
            gaussian: None,
            initialisation: Initialisation::GlorotUniform,
            uses: "",
            problems: "",
            source: "",
            year: None,
            frameworks: &[],
            max_ulp: None,
            max_ulp_f64: None,
            known: &[],
            known_rows: &[],
        }
    }
}

impl Info {
    /// Whether |f| has a bound, as its [`range`](Self::range) tells.
    pub fn is_bounded(&self) -> bool {
        !self.range.contains('∞')
    }

    /// Whether all derivatives exist, or one at least, without a jump.
    pub fn is_smooth(&self) -> bool {
        matches!(self.smoothness, Smoothness::Differentiable | Smoothness::Smooth)
    }
}

/// The worst error in units in the last place (ULP) of the true value, rounded up to a hundredth, at default parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaxUlp {
    /// Of values.
    pub value: f64,
    /// Of derivatives. Errors up to half a unit of 1 do not count where the function [misses a root](Self::derivative_misses_root).
    ///
    /// Of functions of rows, that of gradients, in units of the sum of their terms' magnitudes: that of the true value where no terms
    /// cancel.
    pub derivative: Option<f64>,
    /// Of second derivatives; `None` for functions of rows, and where it has not been measured. Next to an irrational root, errors
    /// of `f64` up to two units of 1 (2⁻⁵¹) do not count.
    pub second_derivative: Option<f64>,
    /// Whether the first derivative has a root next to which those errors up to half a unit of 1 (2⁻²⁴ of `f32`) are all that is promised:
    /// in units in the last place they are large there.
    pub derivative_misses_root: bool,
}

impl MaxUlp {
    /// Of a function of one number.
    pub const fn new(value: f64, derivative: f64) -> Self {
        Self { value, derivative: Some(derivative), second_derivative: None, derivative_misses_root: false }
    }

    /// And of its second derivative.
    pub const fn second(self, second_derivative: f64) -> Self {
        Self { second_derivative: Some(second_derivative), ..self }
    }

    /// With a root that the derivative misses.
    pub const fn missing_root(self) -> Self {
        Self { derivative_misses_root: true, ..self }
    }

    /// Of a function of rows: of values, and of gradients.
    pub const fn of_rows(value: f64, gradient: f64) -> Self {
        Self::new(value, gradient)
    }
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Its name, as torch and JAX spell it: `negative_slope`.
    pub name: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// The value it has unless told otherwise.
    pub default: f64,
    /// The values it may take.
    pub domain: Domain,
    /// Whether networks learn it: [`Elementwise::parameter_derivative`] then says how the function depends on it.
    pub learnable: bool,
}

/// The values a parameter may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// Any finite number.
    Finite,
    /// A finite number above 0.
    Positive,
    /// A finite number, 0 or more.
    NonNegative,
    /// A finite number other than 0.
    NonZero,
    /// A whole number of at least this.
    Integer {
        /// The smallest.
        min: u32,
    },
    /// 0 (no) or 1 (yes).
    Flag,
    /// A number from one to another, both included.
    Between {
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
    },
    /// A finite number that is not above another parameter, which has this name.
    AtMost(&'static str),
    /// A finite number that is not below another parameter, which has this name.
    AtLeast(&'static str),
    /// An upper limit: a finite number, or ∞ where there is none.
    Limit,
}

impl Domain {
    /// Any number between two slopes that meet at a kink, as a weight: 0 takes the left one, 1 the right one.
    pub const WEIGHT: Self = Self::Between { min: 0.0, max: 1.0 };

    /// Whether the value lies in the domain; `other` gives the values of the other parameters.
    pub fn contains(self, value: f64, other: impl Fn(&str) -> Option<f64>) -> bool {
        (value.is_finite() || self == Self::Limit && value == f64::INFINITY)
            && match self {
                Self::Finite | Self::Limit => true,
                Self::Positive => value > 0.0,
                Self::NonNegative => value >= 0.0,
                Self::NonZero => value != 0.0,
                Self::Integer { min } => {
                    value >= min as f64 && value <= u32::MAX as f64 && value as u32 as f64 == value
                }
                Self::Flag => value == 0.0 || value == 1.0,
                Self::Between { min, max } => min <= value && value <= max,
                Self::AtMost(name) => other(name).is_none_or(|limit| value <= limit),
                Self::AtLeast(name) => other(name).is_none_or(|limit| value >= limit),
            }
    }
}

impl core::fmt::Display for Domain {
    fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
        match self {
            Self::Finite => f.write_str("a finite number"),
            Self::Positive => f.write_str("a finite number above 0"),
            Self::NonNegative => f.write_str("a finite number, 0 or more"),
            Self::NonZero => f.write_str("a finite number other than 0"),
            Self::Integer { min } => write!(f, "a whole number, {min} or more"),
            Self::Flag => f.write_str("0 (no) or 1 (yes)"),
            Self::Between { min, max } => write!(f, "a number from {min} to {max}"),
            Self::AtMost(name) => write!(f, "a finite number, at most `{name}`"),
            Self::AtLeast(name) => write!(f, "a finite number, at least `{name}`"),
            Self::Limit => f.write_str("a finite number, or inf for no limit"),
        }
    }
}

/// How smooth a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Smoothness {
    /// It jumps.
    Discontinuous,
    /// Continuous, with a derivative that jumps.
    Continuous,
    /// Once continuously differentiable.
    Differentiable,
    /// All derivatives exist.
    Smooth,
}

impl core::fmt::Display for Smoothness {
    fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
        f.write_str(match self {
            Self::Discontinuous => "discontinuous",
            Self::Continuous => "continuous, with kinks",
            Self::Differentiable => "continuously differentiable",
            Self::Smooth => "smooth: all derivatives exist",
        })
    }
}

/// Where a function flattens out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saturates {
    /// Nowhere.
    Nowhere,
    /// For x → −∞.
    Left,
    /// For x → ∞.
    Right,
    /// On both sides.
    Both,
}

impl core::fmt::Display for Saturates {
    fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
        f.write_str(match self {
            Self::Nowhere => "nowhere",
            Self::Left => "for x → −∞",
            Self::Right => "for x → ∞",
            Self::Both => "on both sides",
        })
    }
}

/// Moments of f(z) and f′(z) for z ~ N(0, 1): they predict how signals and gradients grow from layer to layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian {
    /// E f(z).
    pub mean: f64,
    /// E f(z)².
    pub second_moment: f64,
    /// E f′(z)².
    pub derivative_second_moment: f64,
}

impl Gaussian {
    /// What to multiply weights of variance 1/fan_in by, so that E f² stays 1 from layer to layer: 1/√(E f²).
    ///
    /// ```
    /// let relu: actfn::Activation = "relu".parse()?;
    /// assert_eq!(relu.info().gaussian.unwrap().forward_gain(), Some(2f64.sqrt())); // He et al. 2015
    /// # Ok::<(), actfn::Error>(())
    /// ```
    pub fn forward_gain(self) -> Option<f64> {
        gain(self.second_moment)
    }

    /// What to multiply weights of variance 1/fan_out by, so that gradients keep their size on the way back:
    /// 1/√(E f′²); `None` where none comes through.
    pub fn backward_gain(self) -> Option<f64> {
        gain(self.derivative_second_moment)
    }
}

fn gain(moment: f64) -> Option<f64> {
    (moment > 0.0).then(|| Real::sqrt(1.0 / moment))
}

/// How to draw the weights in front of an activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initialisation {
    /// Variance 1/fan_in (LeCun et al. 1998): what self-normalising networks need.
    LecunNormal,
    /// Variance 2/fan_in (He et al. 2015, arXiv:1502.01852): for functions that drop half of their input.
    HeNormal,
    /// Uniform with variance 2/(fan_in + fan_out) (Glorot & Bengio 2010): for functions that are near linear at 0.
    GlorotUniform,
}

impl Initialisation {
    /// Its name in prose.
    pub fn name(self) -> &'static str {
        match self {
            Self::LecunNormal => "LeCun normal",
            Self::HeNormal => "He normal",
            Self::GlorotUniform => "Glorot uniform",
        }
    }
}
