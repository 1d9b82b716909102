//! The extension module of the Python package `actfn`: the catalogue's functions on NumPy arrays.
//!
//! No function is named here: all come from [`actfn::catalogue`].

mod array;
mod flat;
mod info;
mod kernel;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use actfn::{Activation, Convention, Error};
use pyo3::exceptions::{PyImportError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use array::Array;
use kernel::{Axes, Task};

/// An activation function.
#[pyclass(subclass, frozen, module = "actfn._actfn")]
struct Function {
    activation: Activation,
    /// Whether it draws from a seed.
    is_random: bool,
    /// As the frameworks have it, or why they have not, once it is asked for.
    conventions: [OnceLock<Result<Activation, String>>; Convention::ALL.len()],
}

/// What a call may say of the function, beside its data.
struct Options<'a, 'py> {
    exact: bool,
    convention: Option<&'a str>,
    parameters: Option<&'a Bound<'py, PyDict>>,
}

impl Function {
    fn new(text: &str) -> PyResult<Self> {
        let activation: Activation = text.parse().map_err(error)?;
        let is_random = activation.info().parameters.iter().any(|p| p.name == "seed");
        Ok(Self { activation, is_random, conventions: Default::default() })
    }

    /// The function that a call means.
    fn resolve(&self, options: &Options<'_, '_>) -> PyResult<Activation> {
        let activation = match (options.convention, options.parameters) {
            (None, None) => self.activation.clone(),
            (None, Some(parameters)) => with_parameters(&self.activation, parameters)?,
            (Some(name), None) => self.in_convention(name.parse().map_err(error)?)?,
            (Some(name), Some(parameters)) => {
                // As text, since arguments may choose the function there: `gelu(approximate='tanh')`.
                let set = self.set_parameters().into_iter().map(|(name, value)| Ok(format!("{name}={value}")));
                let arguments = set.chain(parameters.iter().map(argument)).collect::<PyResult<Vec<_>>>()?;
                let text = format!("{}({})", self.activation.info().name, arguments.join(", "));
                name.parse::<Convention>().and_then(|convention| convention.find(&text)).map_err(error)?.activation
            }
        };
        Ok(if options.exact { activation.exact() } else { activation })
    }

    /// The parameters that differ from their defaults.
    fn set_parameters(&self) -> Vec<(&'static str, f64)> {
        let values = self.activation.info().parameters.iter().map(|p| (p, self.activation.parameter(p.name)));
        values.filter_map(|(p, value)| value.filter(|value| *value != p.default).map(|value| (p.name, value))).collect()
    }

    /// The function as a framework has it, without arguments. What was set on this function stays.
    fn in_convention(&self, convention: Convention) -> PyResult<Activation> {
        let place = Convention::ALL.iter().position(|c| *c == convention).unwrap_or_default();
        let there = self.conventions[place].get_or_init(|| {
            let found = convention.find(self.activation.info().name).map_err(|e| e.to_string())?;
            found.activation.with_parameters(&self.set_parameters()).map_err(|e| e.to_string())
        });
        there.clone().map_err(PyValueError::new_err)
    }

    /// The function with the parameters of a call.
    fn call<'py, R>(
        &self,
        options: &Options<'_, 'py>,
        x: &Array<'py>,
        work: impl FnOnce(&Activation) -> PyResult<R>,
    ) -> PyResult<R> {
        if !options.exact && options.convention.is_none() && options.parameters.is_none() {
            return work(&self.activation);
        }
        kernel::check_exact(options.exact, x.format())?;
        work(&self.resolve(options)?)
    }
}

fn with_parameters(activation: &Activation, parameters: &Bound<'_, PyDict>) -> PyResult<Activation> {
    let mut values = Vec::with_capacity(parameters.len());
    for (name, value) in parameters {
        let name: String = name.extract()?;
        let value = number(&name, &value)?;
        values.push((name, value));
    }
    let values: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    activation.with_parameters(&values).map_err(error)
}

/// The value of a parameter.
fn number(name: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    value.extract::<f64>().map_err(|_| match value.get_type().name() {
        Ok(kind) => PyTypeError::new_err(format!("`{name}` must be a number, not {kind}")),
        Err(error) => error,
    })
}

/// Whether a parameter's value is an array, as a slope for each channel is.
fn is_several(value: &Bound<'_, PyAny>) -> bool {
    let is_number = value.is_instance_of::<PyFloat>() || value.is_instance_of::<PyInt>();
    let dimensions = || value.getattr("ndim").and_then(|ndim| ndim.extract::<usize>());
    !is_number
        && (value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() || dimensions().is_ok_and(|n| n > 0))
}

/// An argument of a framework's function as text: a number, or what chooses among functions there.
fn argument((name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)) -> PyResult<String> {
    let name: String = name.extract()?;
    let is_word = value.is_none() || value.is_instance_of::<PyBool>() || value.is_instance_of::<PyString>();
    match is_word {
        true => Ok(format!("{name}={}", value.repr()?)),
        false => Ok(format!("{name}={}", number(&name, &value)?)),
    }
}

/// The library's error as Python has it.
fn error(error: Error) -> PyErr {
    match error {
        Error::UnknownParameter { .. } => PyTypeError::new_err(error.to_string()),
        _ => PyValueError::new_err(error.to_string()),
    }
}

#[pymethods]
impl Function {
    /// The name, with the parameters that differ from their defaults: what `actfn.get` reads.
    fn __str__(&self) -> String {
        self.activation.to_string()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().activation == self.activation)
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.activation.to_string().hash(&mut hasher);
        hasher.finish()
    }

    /// The values of the parameters.
    #[getter]
    fn parameters(&self) -> BTreeMap<&'static str, f64> {
        let parameters = self.activation.info().parameters.iter();
        parameters.map(|p| (p.name, self.activation.parameter(p.name).unwrap_or(p.default))).collect()
    }

    /// All that is known of it.
    fn _info<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        info::dict(py, &self.activation)
    }

    /// The function that a call with these arguments computes, as text.
    #[pyo3(signature = (convention=None, **parameters))]
    fn _resolved(&self, convention: Option<&str>, parameters: Option<&Bound<'_, PyDict>>) -> PyResult<String> {
        Ok(self.resolve(&Options { exact: false, convention, parameters })?.to_string())
    }
}

/// An activation function of single numbers.
#[pyclass(extends = Function, subclass, frozen, module = "actfn._actfn")]
struct Elementwise;

/// The arrays of a call, and what it says of them.
struct Data<'a, 'py> {
    x: &'a Bound<'py, PyAny>,
    grad: Option<&'a Bound<'py, PyAny>>,
    out: Option<&'a Bound<'py, PyAny>>,
    r#where: Option<&'a Bound<'py, PyAny>>,
    dtype: Option<&'a Bound<'py, PyAny>>,
}

/// Data that the kernels take as they are: plain arrays of one format.
struct Plain<'py> {
    x: Array<'py>,
    grad: Option<Array<'py>>,
    out: Option<Array<'py>>,
}

impl<'py> Data<'_, 'py> {
    /// The data if they are plain, and the parameters numbers. For elementwise functions they must be of one shape, too.
    fn plain(&self, elementwise: bool, options: &Options<'_, 'py>) -> PyResult<Option<Plain<'py>>> {
        let varies =
            options.parameters.is_some_and(|parameters| parameters.values().iter().any(|value| is_several(&value)));
        if self.r#where.is_some() || self.dtype.is_some() || varies {
            return Ok(None);
        }
        let Some(x) = Array::plain(self.x)? else { return Ok(None) };
        let grad = self.grad.map(Array::plain).transpose()?;
        let out = self.out.map(Array::plain_to_write).transpose()?;
        let fits = |array: &Option<Option<Array>>| match array {
            None => true,
            Some(None) => false,
            Some(Some(array)) => array.format() == x.format() && (!elementwise || array.shape() == x.shape()),
        };
        Ok((fits(&grad) && fits(&out)).then(|| Plain { x, grad: grad.flatten(), out: out.flatten() }))
    }

    /// The call on data of any kind, which Python makes plain, and gives the result the form that they had.
    fn call_python(
        self,
        function: &Bound<'py, PyAny>,
        method: &str,
        options: &Options<'_, 'py>,
        own: &[(&str, Bound<'py, PyAny>)],
    ) -> PyResult<Bound<'py, PyAny>> {
        static CALL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let py = function.py();
        let keywords = match options.parameters {
            Some(parameters) => parameters.copy()?,
            None => PyDict::new(py),
        };
        for (name, value) in own {
            keywords.set_item(name, value)?;
        }
        if options.exact {
            keywords.set_item("exact", true)?;
        }
        if let Some(convention) = options.convention {
            keywords.set_item("convention", convention)?;
        }
        let operands = std::iter::once(self.x).chain(self.grad);
        let operands = PyTuple::new(py, operands.collect::<Vec<_>>())?;
        let call = CALL.import(py, "actfn._arrays", "call")?;
        call.call1((function, method, operands, self.out, self.r#where, self.dtype, keywords))
    }
}

impl<'py> Data<'_, 'py> {
    /// The same of a function of rows, with its axes and its mask.
    fn of_rows(
        self,
        function: &Bound<'py, PyAny>,
        task: Task,
        axis: &Axes,
        mask: Option<&Bound<'py, PyAny>>,
        options: &Options<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut own = vec![("axis", axis.to_python(function.py())?)];
        own.extend(mask.map(|mask| ("where", mask.clone())));
        self.call_python(function, task.method(), options, &own)
    }
}

impl Elementwise {
    fn run<'py>(
        this: &Bound<'py, Self>,
        task: Task,
        data: Data<'_, 'py>,
        options: Options<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match data.plain(true, &options)? {
            Some(Plain { x, grad, out }) => {
                let f = this.as_super().get();
                f.call(&options, &x.clone(), |f_there| kernel::elementwise(f_there, f.is_random, task, x, grad, out))
            }
            None => data.call_python(this.as_any(), task.method(), &options, &[]),
        }
    }
}

#[pymethods]
impl Elementwise {
    #[new]
    fn new(text: &str) -> PyResult<PyClassInitializer<Self>> {
        let function = Function::new(text)?;
        match function.activation.is_rowwise() {
            false => Ok(PyClassInitializer::from(function).add_subclass(Self)),
            true => Err(PyTypeError::new_err(format!("`{text}` is a function of rows"))),
        }
    }

    /// f(x).
    #[pyo3(signature = (x, /, out=None, *, r#where=None, dtype=None, exact=false, convention=None, **parameters))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn __call__<'py>(
        this: &Bound<'py, Self>,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        r#where: Option<&Bound<'py, PyAny>>,
        dtype: Option<&Bound<'py, PyAny>>,
        exact: bool,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let data = Data { x, grad: None, out, r#where, dtype };
        Self::run(this, Task::Value, data, Options { exact, convention, parameters })
    }

    /// f′(x), number by number.
    #[pyo3(signature = (x, /, out=None, *, r#where=None, dtype=None, exact=false, convention=None, **parameters))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn derivative<'py>(
        this: &Bound<'py, Self>,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        r#where: Option<&Bound<'py, PyAny>>,
        dtype: Option<&Bound<'py, PyAny>>,
        exact: bool,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let data = Data { x, grad: None, out, r#where, dtype };
        Self::run(this, Task::Derivative, data, Options { exact, convention, parameters })
    }

    /// f″(x), number by number, computed in float64 and rounded once. A kink's jump adds nothing.
    #[pyo3(signature = (x, /, out=None, *, r#where=None, dtype=None, convention=None, **parameters))]
    fn second_derivative<'py>(
        this: &Bound<'py, Self>,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        r#where: Option<&Bound<'py, PyAny>>,
        dtype: Option<&Bound<'py, PyAny>>,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let data = Data { x, grad: None, out, r#where, dtype };
        Self::run(this, Task::SecondDerivative, data, Options { exact: false, convention, parameters })
    }

    /// grad · f′(x): the gradient of x from that of f(x).
    #[pyo3(signature = (x, grad, /, out=None, *, r#where=None, dtype=None, exact=false, convention=None, **parameters))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn backward<'py>(
        this: &Bound<'py, Self>,
        x: &Bound<'py, PyAny>,
        grad: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        r#where: Option<&Bound<'py, PyAny>>,
        dtype: Option<&Bound<'py, PyAny>>,
        exact: bool,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let data = Data { x, grad: Some(grad), out, r#where, dtype };
        Self::run(this, Task::Backward, data, Options { exact, convention, parameters })
    }
}

/// An activation function of rows of numbers.
#[pyclass(extends = Function, subclass, frozen, module = "actfn._actfn")]
struct Rowwise;

#[pymethods]
impl Rowwise {
    #[new]
    fn new(text: &str) -> PyResult<PyClassInitializer<Self>> {
        let function = Function::new(text)?;
        match function.activation.is_rowwise() {
            true => Ok(PyClassInitializer::from(function).add_subclass(Self)),
            false => Err(PyTypeError::new_err(format!("`{text}` is a function of single numbers"))),
        }
    }

    /// f of each row along an axis, or several; of its entries where a mask is true.
    #[pyo3(signature = (x, /, out=None, *, axis=Axes::One(-1), r#where=None, dtype=None, exact=false, convention=None, **parameters))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn __call__<'py>(
        this: &Bound<'py, Self>,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        axis: Axes,
        r#where: Option<&Bound<'py, PyAny>>,
        dtype: Option<&Bound<'py, PyAny>>,
        exact: bool,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let data = Data { x, grad: None, out, r#where: None, dtype };
        let options = Options { exact, convention, parameters };
        match data.plain(false, &options)? {
            Some(Plain { x, out, .. }) => {
                this.as_super().get().call(&options, &x.clone(), |f| kernel::rowwise(f, &axis, r#where, x, out))
            }
            None => data.of_rows(this.as_any(), Task::Value, &axis, r#where, &options),
        }
    }

    /// The gradient of x from that of f(x): each row's vector–Jacobian product.
    #[pyo3(signature = (x, grad, /, out=None, *, axis=Axes::One(-1), r#where=None, dtype=None, exact=false, convention=None, **parameters))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn backward<'py>(
        this: &Bound<'py, Self>,
        x: &Bound<'py, PyAny>,
        grad: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        axis: Axes,
        r#where: Option<&Bound<'py, PyAny>>,
        dtype: Option<&Bound<'py, PyAny>>,
        exact: bool,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let data = Data { x, grad: Some(grad), out, r#where: None, dtype };
        let options = Options { exact, convention, parameters };
        match data.plain(false, &options)? {
            Some(Plain { x, grad: Some(grad), out }) => this
                .as_super()
                .get()
                .call(&options, &x.clone(), |f| kernel::rowwise_backward(f, &axis, r#where, x, grad, out)),
            _ => data.of_rows(this.as_any(), Task::Backward, &axis, r#where, &options),
        }
    }
}

/// The names of all functions, in the catalogue's order.
#[pyfunction]
fn names() -> Vec<&'static str> {
    actfn::catalogue().map(|f| f.info().name).collect()
}

/// Whether a text names a function of rows.
#[pyfunction]
fn is_rowwise(text: &str) -> PyResult<bool> {
    Ok(text.parse::<Activation>().map_err(error)?.is_rowwise())
}

/// The names of all conventions.
#[pyfunction]
fn conventions() -> Vec<&'static str> {
    Convention::ALL.into_iter().map(Convention::name).collect()
}

#[pymodule]
fn _actfn(module: &Bound<'_, PyModule>) -> PyResult<()> {
    if !array::in_main_interpreter(module.py()) {
        return Err(PyImportError::new_err("actfn does not support subinterpreters: import it in the main one"));
    }
    array::load_numpy(module.py())?;
    module.add_class::<Function>()?;
    module.add_class::<Elementwise>()?;
    module.add_class::<Rowwise>()?;
    module.add_function(wrap_pyfunction!(names, module)?)?;
    module.add_function(wrap_pyfunction!(is_rowwise, module)?)?;
    module.add_function(wrap_pyfunction!(conventions, module)?)?;
    module.add_function(wrap_pyfunction!(flat::flat, module)?)?;
    module.add_function(wrap_pyfunction!(flat::channels, module)?)?;
    module.add_function(wrap_pyfunction!(flat::outputs, module)?)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))
}
