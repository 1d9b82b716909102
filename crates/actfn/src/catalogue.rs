//! A function that is chosen at run time: [`Activation`].

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::kernel::{self, Exact, Format};
use crate::{Convention, Dual, Elementwise, Info, Parameter, Rowwise};

/// An activation chosen at run time: a function of the catalogue by name, or one of your own.
///
/// Data are rows of `columns` numbers; an elementwise function looks at each number alone, whatever `columns` is.
///
/// ```
/// use actfn::Activation;
///
/// let leaky: Activation = "leaky_relu(negative_slope=0.25)".parse()?;
/// let mut y = [0.0f32; 2];
/// leaky.forward(2, &[-2.0, 3.0], &mut y);
/// assert_eq!(y, [-0.5, 3.0]);
/// assert_eq!(leaky.to_string(), "leaky_relu(negative_slope=0.25)");
///
/// let error = "leaky_rleu".parse::<Activation>().unwrap_err();
/// assert_eq!(error.to_string(), "there is no activation `leaky_rleu`: did you mean `leaky_relu`?");
/// # Ok::<(), actfn::Error>(())
/// ```
#[derive(Clone)]
pub struct Activation {
    function: Arc<dyn Function>,
    exact: bool,
}

impl Activation {
    /// An elementwise function, of the catalogue or your own.
    pub fn elementwise<F: Elementwise>(f: F) -> Self {
        Self { function: Arc::new(ByElement(f)), exact: false }
    }

    /// A rowwise function, of the catalogue or your own.
    pub fn rowwise<F: Rowwise>(f: F) -> Self {
        Self { function: Arc::new(ByRow(f)), exact: false }
    }

    /// The same function computed one format wider and rounded once: see [`Exact`].
    ///
    /// It takes `f32`, `f16` and `bf16`; nothing is wider than `f64`.
    pub fn exact(self) -> Self {
        Self { exact: true, ..self }
    }

    /// What is known of the function.
    pub fn info(&self) -> &'static Info {
        self.function.info()
    }

    /// Whether it is a function of rows rather than of single numbers.
    pub fn is_rowwise(&self) -> bool {
        self.function.is_rowwise()
    }

    /// The length of the output row for an input row of `columns`; `None` where such a row has no meaning.
    pub fn outputs(&self, columns: usize) -> Option<usize> {
        self.function.outputs(columns)
    }

    /// What an entry gets that a mask leaves out ([`forward_where`](Self::forward_where)); `None` where the function takes none.
    pub fn masked(&self) -> Option<f64> {
        self.function.masked()
    }

    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<f64> {
        self.function.parameter(name)
    }

    /// The same function with another value of a parameter.
    ///
    /// # Errors
    ///
    /// If the function has no such parameter, or if the value lies outside its domain.
    pub fn with_parameter(&self, name: &str, value: f64) -> Result<Self, Error> {
        self.with_parameters(&[(name, value)])
    }

    /// The same function with other values of several parameters, whose domains may depend on one another.
    ///
    /// # Errors
    ///
    /// If the function has no such parameter, or if a value lies outside its domain.
    pub fn with_parameters(&self, values: &[(&str, f64)]) -> Result<Self, Error> {
        let info = self.info();
        let mut function = self.function.clone();
        for (name, value) in values {
            function = function.with(name, *value).ok_or_else(|| Error::UnknownParameter {
                function: info.name,
                name: (*name).to_owned(),
                parameters: info.parameters,
            })?;
        }
        for (name, value) in values {
            let Some(parameter) = info.parameters.iter().find(|p| p.name == *name) else {
                return Err(Error::UnknownParameter {
                    function: info.name,
                    name: (*name).to_owned(),
                    parameters: info.parameters,
                });
            };
            if !parameter.domain.contains(*value, |other| function.parameter(other)) {
                return Err(Error::OutsideDomain { function: info.name, parameter, value: *value });
            }
        }
        Ok(Self { function, exact: self.exact })
    }

    /// The same function for a slice that begins `index` numbers further on: another one only if it is random. See
    /// [`Elementwise::at`].
    ///
    /// ```
    /// let rrelu: actfn::Activation = "rrelu(training=1, seed=7)".parse()?;
    /// let x = [-1.0f32; 8];
    /// let (mut whole, mut parts) = ([0.0; 8], [0.0; 8]);
    /// rrelu.forward(8, &x, &mut whole);
    /// rrelu.forward(3, &x[..3], &mut parts[..3]);
    /// rrelu.at(3).forward(5, &x[3..], &mut parts[3..]);
    /// assert_eq!(parts, whole);
    /// # Ok::<(), actfn::Error>(())
    /// ```
    pub fn at(&self, index: u64) -> Self {
        Self { function: self.function.at(index), exact: self.exact }
    }

    /// f(x) and f′(x) of one number, straight from the definition: what every kernel must reproduce to the bit. `None` for
    /// a function of rows.
    ///
    /// # Panics
    ///
    /// For `f64` after [`exact`](Self::exact).
    pub fn scalar<T: Format>(&self, x: T) -> Option<(T, T)> {
        T::run(&*self.function).scalar(self.exact, x)
    }

    /// f and f′ at a dual number: the derivative of the first is f′ by automatic differentiation, that of the second f″.
    /// `None` for a function of rows.
    ///
    /// ```
    /// use actfn::{Activation, Dual};
    /// let tanh: Activation = "tanh".parse()?;
    /// let (f, df) = tanh.dual(Dual::variable(0.0)).unwrap();
    /// assert_eq!((f.value, f.derivative), (0.0, 1.0));
    /// assert_eq!((df.value, df.derivative), (1.0, 0.0));
    /// # Ok::<(), actfn::Error>(())
    /// ```
    pub fn dual(&self, x: Dual<f64>) -> Option<(Dual<f64>, Dual<f64>)> {
        self.function.dual(x)
    }

    /// y = f(x). Functions of rows as in [`rows::forward`](crate::rows::forward).
    ///
    /// # Panics
    ///
    /// If the lengths do not fit, or for `f64` after [`exact`](Self::exact).
    pub fn forward<T: Format>(&self, columns: usize, x: &[T], y: &mut [T]) {
        T::run(&*self.function).forward(self.exact, columns, x, y);
    }

    /// x = f(x) of an elementwise function, in place.
    ///
    /// # Panics
    ///
    /// If the function is one of rows, or for `f64` after [`exact`](Self::exact).
    pub fn forward_in_place<T: Format>(&self, x: &mut [T]) {
        T::run(&*self.function).forward_in_place(self.exact, x);
    }

    /// f′(x) of an elementwise function, element by element.
    ///
    /// # Panics
    ///
    /// If the lengths differ, if the function is one of rows (those have a [Jacobian](crate::rows::jacobian)), or for
    /// `f64` after [`exact`](Self::exact).
    pub fn derivative<T: Format>(&self, x: &[T], dy: &mut [T]) {
        T::run(&*self.function).derivative(self.exact, x, dy);
    }

    /// f″(x) of an elementwise function, element by element: see [`second_derivative`](crate::second_derivative).
    ///
    /// It is computed in `f64` and rounded once for every format, [exact](Self::exact) or not.
    ///
    /// # Panics
    ///
    /// If the lengths differ, or if the function is one of rows.
    pub fn second_derivative<T: Format>(&self, x: &[T], d2y: &mut [T]) {
        T::run(&*self.function).second_derivative(x, d2y);
    }

    /// The gradient of the input x from the gradient of the output.
    ///
    /// # Panics
    ///
    /// If the lengths do not fit, or for `f64` after [`exact`](Self::exact).
    pub fn backward<T: Format>(&self, columns: usize, x: &[T], grad_y: &[T], grad_x: &mut [T]) {
        T::run(&*self.function).backward(self.exact, columns, x, grad_y, grad_x);
    }

    /// As [`forward`](Self::forward) of a function of rows, where a row consists of the entries whose mask is true: see
    /// [`rows::forward_where`](crate::rows::forward_where).
    ///
    /// ```
    /// let softmax: actfn::Activation = "softmax".parse()?;
    /// let mut y = [1.0f32; 3];
    /// softmax.forward_where(3, &[5.0, f32::NAN, 5.0], &[true, false, true], &mut y);
    /// assert_eq!(y, [0.5, 0.0, 0.5]);
    /// # Ok::<(), actfn::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// As there, and if [`masked`](Self::masked) is `None`.
    pub fn forward_where<T: Format>(&self, columns: usize, x: &[T], mask: &[bool], y: &mut [T]) {
        T::run(&*self.function).forward_where(self.exact, columns, x, mask, y);
    }

    /// As [`backward`](Self::backward) with the mask of [`forward_where`](Self::forward_where).
    ///
    /// # Panics
    ///
    /// As there.
    pub fn backward_where<T: Format>(&self, columns: usize, x: &[T], mask: &[bool], grad_y: &[T], grad_x: &mut [T]) {
        T::run(&*self.function).backward_where(self.exact, columns, x, mask, grad_y, grad_x);
    }

    /// The gradient of a learned parameter: see [`backward_parameter`](crate::backward_parameter).
    ///
    /// ```
    /// let swish: actfn::Activation = "swish".parse()?;
    /// let gradient = swish.backward_parameter("beta", &[0.0, 2.0], &[1.0, 1.0])?;
    /// assert!((gradient - 0.419974341614026).abs() < 1e-15); // x² σ(x) σ(−x) at 2
    /// # Ok::<(), actfn::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the function has no such parameter, or does not learn it.
    ///
    /// # Panics
    ///
    /// If the slices differ in length, or for `f64` after [`exact`](Self::exact).
    pub fn backward_parameter<T: Format>(&self, name: &str, x: &[T], grad_y: &[T]) -> Result<f64, Error> {
        let learned = T::run(&*self.function).backward_parameter(self.exact, name, x, grad_y);
        learned.ok_or_else(|| self.not_learned(name))
    }

    fn not_learned(&self, name: &str) -> Error {
        let info = self.info();
        match info.parameters.iter().find(|p| p.name == name) {
            Some(parameter) => Error::NotLearned { function: info.name, parameter },
            None => Error::UnknownParameter { function: info.name, name: name.to_owned(), parameters: info.parameters },
        }
    }

    /// y = f(x) with a function for each channel of `x`: see [`channels::forward`](crate::channels::forward).
    ///
    /// # Panics
    ///
    /// As there, and if a function is one of rows.
    pub fn forward_channels<T: Format>(functions: &[Self], inner: usize, x: &[T], y: &mut [T]) {
        elementwise_only(functions);
        kernel::by_channel(functions.len(), inner, x, x, y, &|channel, index, x, _, y| {
            functions[channel].at(index as u64).forward(x.len(), x, y);
        });
    }

    /// The gradient of the input with a function for each channel: see [`channels::backward`](crate::channels::backward).
    ///
    /// # Panics
    ///
    /// As there, and if a function is one of rows.
    pub fn backward_channels<T: Format>(functions: &[Self], inner: usize, x: &[T], grad_y: &[T], grad_x: &mut [T]) {
        elementwise_only(functions);
        kernel::by_channel(functions.len(), inner, x, grad_y, grad_x, &|channel, index, x, grad_y, grad_x| {
            functions[channel].at(index as u64).backward(x.len(), x, grad_y, grad_x);
        });
    }

    /// The gradient of each channel's parameter: see
    /// [`channels::backward_parameter`](crate::channels::backward_parameter).
    ///
    /// ```
    /// use actfn::Activation;
    /// let prelu: Activation = "prelu".parse()?;
    /// let x = [-1.0f32, -2.0, -4.0, 8.0]; // two channels of two numbers
    /// let functions = [prelu.clone(), prelu];
    /// let gradients = Activation::backward_parameter_channels(&functions, "negative_slope", 2, &x, &[1.0; 4])?;
    /// assert_eq!(gradients, [-3.0, -4.0]);
    /// # Ok::<(), actfn::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If one of the functions has no such parameter, or does not learn it.
    ///
    /// # Panics
    ///
    /// As [`channels::forward`](crate::channels::forward).
    pub fn backward_parameter_channels<T: Format>(
        functions: &[Self],
        name: &str,
        inner: usize,
        x: &[T],
        grad_y: &[T],
    ) -> Result<Vec<f64>, Error> {
        if let Some(f) = functions.iter().find(|f| !f.info().parameters.iter().any(|p| p.name == name && p.learnable)) {
            return Err(f.not_learned(name));
        }
        let sums = kernel::sums_by_channel(functions.len(), inner, x, grad_y, &|channel, x, grad_y| {
            functions[channel].backward_parameter(name, x, grad_y).ok()
        });
        Ok(sums.unwrap_or_default())
    }
}

impl fmt::Display for Activation {
    /// The name, with the parameters that differ from their defaults: what [`FromStr`](core::str::FromStr) reads.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.info().name)?;
        let mut separator = "(";
        for parameter in self.info().parameters {
            let value = self.parameter(parameter.name).unwrap_or(parameter.default);
            if value != parameter.default {
                write!(f, "{separator}{}={value}", parameter.name)?;
                separator = ", ";
            }
        }
        f.write_str(if separator == "(" { "" } else { ")" })
    }
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{self}{}", if self.exact { " (exact)" } else { "" })
    }
}

impl PartialEq for Activation {
    /// The same name, parameters and precision.
    fn eq(&self, other: &Self) -> bool {
        self.exact == other.exact && self.to_string() == other.to_string()
    }
}

#[track_caller]
fn elementwise_only(functions: &[Activation]) {
    if let Some(f) = functions.iter().find(|f| f.is_rowwise()) {
        panic!("`{}` is a function of rows: channels take elementwise ones", f.info().name);
    }
}

/// Why a text names no activation.
#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// No function has this name.
    UnknownName {
        /// The name given.
        name: String,
        /// The name most like it.
        nearest: &'static str,
    },
    /// No convention has this name.
    UnknownConvention {
        /// The name given.
        name: String,
    },
    /// The framework has no function of this name.
    NotInConvention {
        /// The framework.
        convention: Convention,
        /// The name given.
        name: String,
        /// The name there that is most like it, and the function that it stands for.
        nearest: (&'static str, &'static str),
        /// The function that has this name in actfn.
        known: Option<&'static str>,
    },
    /// The function has no parameter of this name.
    UnknownParameter {
        /// The function.
        function: &'static str,
        /// The name given.
        name: String,
        /// The parameters it has.
        parameters: &'static [Parameter],
    },
    /// The parameter cannot have this value.
    OutsideDomain {
        /// The function.
        function: &'static str,
        /// The parameter.
        parameter: &'static Parameter,
        /// The value given.
        value: f64,
    },
    /// The parameter is set, and not learned: it has no gradient.
    NotLearned {
        /// The function.
        function: &'static str,
        /// The parameter.
        parameter: &'static Parameter,
    },
    /// The text is not of the form `name(parameter=value, …)`.
    Syntax {
        /// The text given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::UnknownName { name, nearest } => {
                write!(f, "there is no activation `{name}`: did you mean `{nearest}`?")
            }
            Self::UnknownConvention { name } => {
                write!(f, "there is no convention `{name}`: there are ")?;
                for (i, convention) in Convention::ALL.iter().enumerate() {
                    write!(f, "{}`{}`", if i == 0 { "" } else { ", " }, convention.name())?;
                }
                Ok(())
            }
            Self::NotInConvention { convention, name, nearest: (theirs, ours), known } => {
                write!(f, "{convention} has no activation `{name}`: the nearest name there is `{theirs}`")?;
                write!(f, ", which is `{ours}`")?;
                match known {
                    Some(known) => write!(f, "; `{known}` is known without a convention"),
                    None => Ok(()),
                }
            }
            Self::UnknownParameter { function, name, parameters } => {
                write!(f, "`{function}` has no parameter `{name}`: ")?;
                if parameters.is_empty() {
                    return f.write_str("it has none");
                }
                f.write_str("it has ")?;
                for (i, parameter) in parameters.iter().enumerate() {
                    write!(f, "{}`{}`", if i == 0 { "" } else { ", " }, parameter.name)?;
                }
                Ok(())
            }
            Self::OutsideDomain { function, parameter, value } => {
                write!(f, "`{}` of `{function}` cannot be {value}: it must be {}", parameter.name, parameter.domain)
            }
            Self::NotLearned { function, parameter } => {
                write!(f, "`{}` of `{function}` is not learned: it has no gradient", parameter.name)
            }
            Self::Syntax { text, reason } => {
                write!(f, "cannot read `{text}`: {reason}; write name, name(value) or name(parameter=value)")
            }
        }
    }
}

impl core::error::Error for Error {}

/// A function behind a pointer.
#[doc(hidden)]
pub trait Function: Send + Sync + FunctionFormats {
    fn info(&self) -> &'static Info;
    fn is_rowwise(&self) -> bool;
    fn outputs(&self, columns: usize) -> Option<usize>;
    fn masked(&self) -> Option<f64>;
    fn parameter(&self, name: &str) -> Option<f64>;
    fn with(&self, name: &str, value: f64) -> Option<Arc<dyn Function>>;
    fn at(&self, index: u64) -> Arc<dyn Function>;
    fn dual(&self, x: Dual<f64>) -> Option<(Dual<f64>, Dual<f64>)>;
}

#[cfg(feature = "half")]
#[doc(hidden)]
pub trait FunctionFormats: Run<f32> + Run<f64> + Run<half::f16> + Run<half::bf16> {}
#[cfg(feature = "half")]
impl<F: Run<f32> + Run<f64> + Run<half::f16> + Run<half::bf16>> FunctionFormats for F {}

#[cfg(not(feature = "half"))]
#[doc(hidden)]
pub trait FunctionFormats: Run<f32> + Run<f64> {}
#[cfg(not(feature = "half"))]
impl<F: Run<f32> + Run<f64>> FunctionFormats for F {}

/// The kernels of one storage format.
#[doc(hidden)]
pub trait Run<T> {
    fn scalar(&self, exact: bool, x: T) -> Option<(T, T)>;
    fn forward(&self, exact: bool, columns: usize, x: &[T], y: &mut [T]);
    fn forward_in_place(&self, exact: bool, x: &mut [T]);
    fn derivative(&self, exact: bool, x: &[T], dy: &mut [T]);
    fn second_derivative(&self, x: &[T], d2y: &mut [T]);
    fn backward(&self, exact: bool, columns: usize, x: &[T], grad_y: &[T], grad_x: &mut [T]);
    fn forward_where(&self, exact: bool, columns: usize, x: &[T], mask: &[bool], y: &mut [T]);
    fn backward_where(&self, exact: bool, columns: usize, x: &[T], mask: &[bool], grad_y: &[T], grad_x: &mut [T]);
    fn backward_parameter(&self, exact: bool, name: &str, x: &[T], grad_y: &[T]) -> Option<f64>;
}

struct ByElement<F>(F);
struct ByRow<F>(F);

impl<F: Elementwise> Function for ByElement<F> {
    fn info(&self) -> &'static Info {
        &F::INFO
    }
    fn is_rowwise(&self) -> bool {
        false
    }
    fn outputs(&self, columns: usize) -> Option<usize> {
        Some(columns)
    }
    fn masked(&self) -> Option<f64> {
        None
    }
    fn parameter(&self, name: &str) -> Option<f64> {
        let mut copy = self.0;
        copy.parameter(name).copied()
    }
    fn with(&self, name: &str, value: f64) -> Option<Arc<dyn Function>> {
        let mut copy = self.0;
        *copy.parameter(name)? = value;
        Some(Arc::new(ByElement(copy)))
    }
    fn at(&self, index: u64) -> Arc<dyn Function> {
        Arc::new(ByElement(self.0.at(index)))
    }
    fn dual(&self, x: Dual<f64>) -> Option<(Dual<f64>, Dual<f64>)> {
        Some(kernel::in_default_mode(x, |x| (self.0.value(x), self.0.derivative(x))))
    }
}

impl<F: Rowwise> Function for ByRow<F> {
    fn info(&self) -> &'static Info {
        &F::INFO
    }
    fn is_rowwise(&self) -> bool {
        true
    }
    fn outputs(&self, columns: usize) -> Option<usize> {
        self.0.outputs(columns)
    }
    fn masked(&self) -> Option<f64> {
        F::MASKED
    }
    fn parameter(&self, name: &str) -> Option<f64> {
        let mut copy = self.0;
        copy.parameter(name).copied()
    }
    fn with(&self, name: &str, value: f64) -> Option<Arc<dyn Function>> {
        let mut copy = self.0;
        *copy.parameter(name)? = value;
        Some(Arc::new(ByRow(copy)))
    }
    fn at(&self, index: u64) -> Arc<dyn Function> {
        Arc::new(ByRow(self.0.at(index)))
    }
    fn dual(&self, _: Dual<f64>) -> Option<(Dual<f64>, Dual<f64>)> {
        None
    }
}

/// The kernels of one format behind the pointer; `$exact` is what `exact` means for it.
macro_rules! run {
    ($format:ty, $exact:expr) => {
        impl<F: Elementwise> Run<$format> for ByElement<F> {
            fn scalar(&self, exact: bool, x: $format) -> Option<($format, $format)> {
                Some(if exact { kernel::scalar($exact(self.0), x) } else { kernel::scalar(self.0, x) })
            }
            fn forward(&self, exact: bool, _: usize, x: &[$format], y: &mut [$format]) {
                if exact { kernel::forward($exact(self.0), x, y) } else { kernel::forward(self.0, x, y) }
            }
            fn forward_in_place(&self, exact: bool, x: &mut [$format]) {
                if exact { kernel::forward_in_place($exact(self.0), x) } else { kernel::forward_in_place(self.0, x) }
            }
            fn derivative(&self, exact: bool, x: &[$format], dy: &mut [$format]) {
                if exact { kernel::derivative($exact(self.0), x, dy) } else { kernel::derivative(self.0, x, dy) }
            }
            fn second_derivative(&self, x: &[$format], d2y: &mut [$format]) {
                kernel::second_derivative(self.0, x, d2y)
            }
            fn backward(&self, exact: bool, _: usize, x: &[$format], g: &[$format], grad_x: &mut [$format]) {
                if exact {
                    kernel::backward($exact(self.0), x, g, grad_x)
                } else {
                    kernel::backward(self.0, x, g, grad_x)
                }
            }
            fn forward_where(&self, _: bool, _: usize, _: &[$format], _: &[bool], _: &mut [$format]) {
                panic!("`{}` takes no mask: it is no function of rows", F::INFO.name)
            }
            fn backward_where(&self, _: bool, _: usize, _: &[$format], _: &[bool], _: &[$format], _: &mut [$format]) {
                panic!("`{}` takes no mask: it is no function of rows", F::INFO.name)
            }
            fn backward_parameter(&self, exact: bool, name: &str, x: &[$format], g: &[$format]) -> Option<f64> {
                if exact {
                    kernel::backward_parameter($exact(self.0), name, x, g)
                } else {
                    kernel::backward_parameter(self.0, name, x, g)
                }
            }
        }

        impl<F: Rowwise> Run<$format> for ByRow<F> {
            fn scalar(&self, _: bool, _: $format) -> Option<($format, $format)> {
                None
            }
            fn forward(&self, exact: bool, columns: usize, x: &[$format], y: &mut [$format]) {
                if exact {
                    kernel::rows_forward($exact(self.0), columns, x, y)
                } else {
                    kernel::rows_forward(self.0, columns, x, y)
                }
            }
            fn forward_in_place(&self, _: bool, _: &mut [$format]) {
                panic!("`{}` is a function of rows, which are not computed in place", F::INFO.name)
            }
            fn derivative(&self, _: bool, _: &[$format], _: &mut [$format]) {
                panic!("`{}` is a function of rows: it has a Jacobian, not a derivative of each element", F::INFO.name)
            }
            fn second_derivative(&self, _: &[$format], _: &mut [$format]) {
                panic!("`{}` is a function of rows: it has no second derivative of each element", F::INFO.name)
            }
            fn backward(&self, exact: bool, columns: usize, x: &[$format], g: &[$format], grad_x: &mut [$format]) {
                if exact {
                    kernel::rows_backward($exact(self.0), columns, x, g, grad_x)
                } else {
                    kernel::rows_backward(self.0, columns, x, g, grad_x)
                }
            }
            fn forward_where(&self, exact: bool, columns: usize, x: &[$format], mask: &[bool], y: &mut [$format]) {
                if exact {
                    kernel::rows_forward_where($exact(self.0), columns, x, mask, y)
                } else {
                    kernel::rows_forward_where(self.0, columns, x, mask, y)
                }
            }
            fn backward_where(
                &self,
                exact: bool,
                columns: usize,
                x: &[$format],
                mask: &[bool],
                g: &[$format],
                grad_x: &mut [$format],
            ) {
                if exact {
                    kernel::rows_backward_where($exact(self.0), columns, x, mask, g, grad_x)
                } else {
                    kernel::rows_backward_where(self.0, columns, x, mask, g, grad_x)
                }
            }
            fn backward_parameter(&self, _: bool, _: &str, _: &[$format], _: &[$format]) -> Option<f64> {
                None
            }
        }
    };
}

run!(f32, Exact);
run!(f64, no_exact);
#[cfg(feature = "half")]
run!(half::f16, Exact);
#[cfg(feature = "half")]
run!(half::bf16, Exact);

/// There is no format wider than `f64` to be exact in.
fn no_exact<F>(_: F) -> F {
    panic!("`exact` computes one format wider, and nothing is wider than f64: use f32, f16 or bf16")
}
