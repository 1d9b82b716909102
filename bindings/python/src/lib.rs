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
use pyo3::types::PyDict;

use array::Array;
use kernel::{Axes, Task};

/// An activation function.
#[pyclass(subclass, frozen, module = "actfn._actfn")]
struct Function {
    activation: Activation,
    /// Whether it draws from a seed.
    is_random: bool,
    /// As the frameworks have it, once it is asked for.
    conventions: [OnceLock<AsThere>; Convention::ALL.len()],
}

/// A function as a framework has it, and its parameters' names there; or why there is none.
type AsThere = Result<(Activation, &'static [(&'static str, &'static str)]), String>;

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
        let (mut activation, mut renames) = (self.activation.clone(), [].as_slice());
        if let Some(name) = options.convention {
            let (there, names) = self.in_convention(name.parse().map_err(error)?)?;
            (activation, renames) = (there, names);
        }
        if let Some(parameters) = options.parameters {
            activation = with_parameters(&activation, parameters, renames)?;
        }
        Ok(if options.exact { activation.exact() } else { activation })
    }

    fn in_convention(&self, convention: Convention) -> PyResult<(Activation, &'static [(&'static str, &'static str)])> {
        let place = Convention::ALL.iter().position(|c| *c == convention).unwrap_or_default();
        let there = self.conventions[place].get_or_init(|| {
            let found = convention.find(self.activation.info().name).map_err(|e| e.to_string())?;
            // What was set on this function stays.
            let info = self.activation.info();
            let set = info.parameters.iter().filter_map(|p| {
                self.activation.parameter(p.name).filter(|value| *value != p.default).map(|value| (p.name, value))
            });
            let set: Vec<_> = set.collect();
            let activation = found.activation.with_parameters(&set).map_err(|e| e.to_string())?;
            Ok((activation, found.framework.renames))
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

fn with_parameters(
    activation: &Activation,
    parameters: &Bound<'_, PyDict>,
    renames: &[(&'static str, &'static str)],
) -> PyResult<Activation> {
    let mut values = Vec::with_capacity(parameters.len());
    for (name, value) in parameters {
        let name: String = name.extract()?;
        let number = value.extract::<f64>().map_err(|_| match value.get_type().name() {
            Ok(kind) => PyTypeError::new_err(format!("`{name}` must be a number, not {kind}")),
            Err(error) => error,
        })?;
        let ours = renames.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| (*ours).to_owned());
        values.push((ours.unwrap_or(name), number));
    }
    let values: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    activation.with_parameters(&values).map_err(error)
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

impl Elementwise {
    fn run<'py>(
        f: &Function,
        task: Task,
        x: &Bound<'py, PyAny>,
        grad: Option<&Bound<'py, PyAny>>,
        out: Option<&Bound<'py, PyAny>>,
        options: Options<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let x = Array::of(x, "x")?;
        let grad = grad.map(|grad| Array::of(grad, "grad")).transpose()?;
        let out = out.map(Array::to_write).transpose()?;
        f.call(&options, &x.clone(), |f_there| kernel::elementwise(f_there, f.is_random, task, x, grad, out))
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
    #[pyo3(signature = (x, /, out=None, *, exact=false, convention=None, **parameters))]
    fn __call__<'py>(
        this: PyRef<'_, Self>,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        exact: bool,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::run(this.as_super(), Task::Value, x, None, out, Options { exact, convention, parameters })
    }

    /// f′(x), number by number.
    #[pyo3(signature = (x, /, out=None, *, exact=false, convention=None, **parameters))]
    fn derivative<'py>(
        this: PyRef<'_, Self>,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        exact: bool,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::run(this.as_super(), Task::Derivative, x, None, out, Options { exact, convention, parameters })
    }

    /// f″(x), number by number, computed in float64 and rounded once. A kink's jump adds nothing.
    #[pyo3(signature = (x, /, out=None, *, convention=None, **parameters))]
    fn second_derivative<'py>(
        this: PyRef<'_, Self>,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = Options { exact: false, convention, parameters };
        Self::run(this.as_super(), Task::SecondDerivative, x, None, out, options)
    }

    /// grad · f′(x): the gradient of x from that of f(x).
    #[pyo3(signature = (x, grad, /, out=None, *, exact=false, convention=None, **parameters))]
    fn backward<'py>(
        this: PyRef<'_, Self>,
        x: &Bound<'py, PyAny>,
        grad: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        exact: bool,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::run(this.as_super(), Task::Backward, x, Some(grad), out, Options { exact, convention, parameters })
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
    #[pyo3(signature = (x, /, out=None, *, axis=Axes::One(-1), r#where=None, exact=false, convention=None, **parameters))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn __call__<'py>(
        this: PyRef<'_, Self>,
        x: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        axis: Axes,
        r#where: Option<&Bound<'py, PyAny>>,
        exact: bool,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let x = Array::of(x, "x")?;
        let out = out.map(Array::to_write).transpose()?;
        let options = Options { exact, convention, parameters };
        this.as_super().call(&options, &x.clone(), |f| kernel::rowwise(f, &axis, r#where, x, out))
    }

    /// The gradient of x from that of f(x): each row's vector–Jacobian product.
    #[pyo3(signature = (x, grad, /, out=None, *, axis=Axes::One(-1), r#where=None, exact=false, convention=None, **parameters))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn backward<'py>(
        this: PyRef<'_, Self>,
        x: &Bound<'py, PyAny>,
        grad: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
        axis: Axes,
        r#where: Option<&Bound<'py, PyAny>>,
        exact: bool,
        convention: Option<&str>,
        parameters: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (x, grad) = (Array::of(x, "x")?, Array::of(grad, "grad")?);
        let out = out.map(Array::to_write).transpose()?;
        let options = Options { exact, convention, parameters };
        this.as_super().call(&options, &x.clone(), |f| kernel::rowwise_backward(f, &axis, r#where, x, grad, out))
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
