//! The kernels on arrays of one dimension without gaps: what layers of frameworks call, which mind shapes themselves.

use actfn::Activation;
use numpy::PyReadonlyArray1;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::Function;
use crate::array::{Array, Stored, check_alike, with_format};
use crate::kernel::{Task, run};

/// Numbers that lie one after the other, of the format of `like`.
fn numbers<'py>(object: &Bound<'py, PyAny>, bfloat16: bool, like: Option<&Array>) -> PyResult<Array<'py>> {
    let array = Array::of_bits(object, bfloat16)?;
    if !array.is_contiguous() {
        return Err(PyValueError::new_err("the numbers do not follow one another"));
    }
    match like {
        Some(like) if like.format() != array.format() => {
            check_alike("an array", &array, "x", like.shape(), like.format())?
        }
        _ => {}
    }
    Ok(array)
}

fn check_length(name: &str, array: &Array, expected: usize) -> PyResult<()> {
    match array.len() == expected {
        true => Ok(()),
        false => Err(PyValueError::new_err(format!("{name} holds {} numbers in place of {expected}", array.len()))),
    }
}

/// Computes a task into `out`, which may be `x` itself for values of an elementwise function and shares nothing otherwise.
/// `x` holds rows of `columns` numbers, of which those take part where `mask` is true.
#[pyfunction]
#[pyo3(signature = (function, task, columns, x, out, grad=None, mask=None, *, bfloat16=false))]
#[expect(clippy::too_many_arguments, reason = "one entry for all tasks")]
pub fn flat<'py>(
    function: PyRef<'py, Function>,
    task: &str,
    columns: usize,
    x: &Bound<'py, PyAny>,
    out: &Bound<'py, PyAny>,
    grad: Option<&Bound<'py, PyAny>>,
    mask: Option<PyReadonlyArray1<'py, bool>>,
    bfloat16: bool,
) -> PyResult<()> {
    let f = &function.activation;
    let task = Task::named(task)?;
    let x = numbers(x, bfloat16, None)?;
    let out = numbers(out, bfloat16, Some(&x))?;
    let grad = grad.map(|grad| numbers(grad, bfloat16, Some(&x))).transpose()?;
    if f.is_rowwise() {
        let outputs = f
            .outputs(columns)
            .ok_or_else(|| PyValueError::new_err(format!("`{f}` takes no rows of {columns} numbers")))?;
        if !x.len().is_multiple_of(columns) {
            return Err(PyValueError::new_err(format!("{} numbers are no whole rows of {columns}", x.len())));
        }
        let rows = x.len().checked_div(columns).unwrap_or(0);
        match (task, &grad) {
            (Task::Value, None) => check_length("out", &out, rows * outputs)?,
            (Task::Backward, Some(grad)) => {
                check_length("grad", grad, rows * outputs)?;
                check_length("out", &out, rows * columns)?;
            }
            _ => {
                return Err(PyTypeError::new_err(format!(
                    "`{f}` is a function of rows: it has values and a backward pass"
                )));
            }
        }
        if out.overlaps(&x) || grad.as_ref().is_some_and(|grad| out.overlaps(grad)) {
            return Err(PyValueError::new_err("a function of rows is not computed in place"));
        }
    } else {
        check_length("out", &out, x.len())?;
        match (task, &grad) {
            (Task::Backward, Some(grad)) => check_length("grad", grad, x.len())?,
            (Task::Backward, None) => return Err(PyTypeError::new_err("a backward pass needs a gradient")),
            _ => {}
        }
        let same = task == Task::Value && out.starts_with(&x);
        if !same && out.overlaps(&x) || grad.as_ref().is_some_and(|grad| out.overlaps(grad)) {
            return Err(PyValueError::new_err("only values are computed in place"));
        }
    }
    let mask = mask.as_ref().map(|mask| mask.as_slice()).transpose()?;
    if let Some(mask) = mask {
        if f.masked().is_none() {
            return Err(PyValueError::new_err(format!(
                "`{f}` takes no mask: its outputs do not belong to inputs each"
            )));
        }
        if mask.len() != x.len() {
            return Err(PyValueError::new_err(format!("mask holds {} values in place of {}", mask.len(), x.len())));
        }
    }
    with_format!(x.format(), T => compute::<T>(f, task, columns, &x, grad.as_ref(), mask, &out))
}

fn compute<T: Stored>(
    f: &Activation,
    task: Task,
    columns: usize,
    x: &Array,
    grad: Option<&Array>,
    mask: Option<&[bool]>,
    out: &Array,
) -> PyResult<()> {
    // SAFETY: formats, lengths and overlaps have been checked.
    let result = unsafe { out.slice_mut::<T>() };
    let py = x.object().py();
    if out.starts_with(x) && !f.is_rowwise() {
        return run(py, result.len(), || f.forward_in_place(result));
    }
    // SAFETY: as above.
    let (x, grad) = unsafe { (x.slice::<T>(), grad.map_or(&[] as &[T], |grad| grad.slice())) };
    run(py, x.len().max(result.len()), || match (task, mask) {
        (Task::Value, None) => f.forward(columns, x, result),
        (Task::Value, Some(mask)) => f.forward_where(columns, x, mask, result),
        (Task::Derivative, _) => f.derivative(x, result),
        (Task::SecondDerivative, _) => f.second_derivative(x, result),
        (Task::Backward, None) => f.backward(columns, x, grad, result),
        (Task::Backward, Some(mask)) => f.backward_where(columns, x, mask, grad, result),
    })
}

/// As [`flat`], with a value of one parameter for each channel: `x` is `[outer, channels, inner]`. Without `out`, the
/// gradients of the parameter are returned.
#[pyfunction]
#[pyo3(signature = (function, parameter, values, inner, x, out=None, grad=None, *, bfloat16=false))]
#[expect(clippy::too_many_arguments, reason = "one entry for all tasks")]
pub fn channels<'py>(
    function: PyRef<'py, Function>,
    parameter: &str,
    values: Vec<f64>,
    inner: usize,
    x: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    grad: Option<&Bound<'py, PyAny>>,
    bfloat16: bool,
) -> PyResult<Option<Vec<f64>>> {
    let with = |value: &f64| function.activation.with_parameter(parameter, *value).map_err(crate::error);
    let functions = values.iter().map(with).collect::<PyResult<Vec<_>>>()?;
    let x = numbers(x, bfloat16, None)?;
    let out = out.map(|out| numbers(out, bfloat16, Some(&x))).transpose()?;
    let grad = grad.map(|grad| numbers(grad, bfloat16, Some(&x))).transpose()?;
    let group = functions.len() * inner;
    if function.activation.is_rowwise() || group == 0 || !x.len().is_multiple_of(group) {
        let channels = functions.len();
        return Err(PyValueError::new_err(format!(
            "{} numbers are no groups of {channels} channels of {inner}",
            x.len()
        )));
    }
    if out.is_none() && grad.is_none() {
        return Err(PyTypeError::new_err("there is neither out nor grad"));
    }
    for other in [&out, &grad].into_iter().flatten() {
        check_length("an array", other, x.len())?;
    }
    if out.as_ref().is_some_and(|out| out.overlaps(&x) || grad.as_ref().is_some_and(|grad| out.overlaps(grad))) {
        return Err(PyValueError::new_err("channels are not computed in place"));
    }
    with_format!(x.format(), T => compute_channels::<T>(&functions, parameter, inner, &x, out.as_ref(), grad.as_ref()))
}

fn compute_channels<T: Stored>(
    functions: &[Activation],
    parameter: &str,
    inner: usize,
    x: &Array,
    out: Option<&Array>,
    grad: Option<&Array>,
) -> PyResult<Option<Vec<f64>>> {
    let py = x.object().py();
    // SAFETY: formats, lengths and overlaps have been checked.
    let (x, grad) = unsafe { (x.slice::<T>(), grad.map(|grad| grad.slice::<T>())) };
    // SAFETY: as above.
    let out = out.map(|out| unsafe { out.slice_mut::<T>() });
    let mut sums = Ok(None);
    run(py, x.len(), || match (out, grad, functions) {
        // One function for all numbers: shared among threads.
        (Some(out), None, [f]) => f.forward(x.len(), x, out),
        (Some(out), Some(grad), [f]) => f.backward(x.len(), x, grad, out),
        (None, grad, [f]) => {
            sums = f.backward_parameter(parameter, x, grad.unwrap_or_default()).map(|sum| Some(vec![sum]));
        }
        (Some(out), None, _) => Activation::forward_channels(functions, inner, x, out),
        (Some(out), Some(grad), _) => Activation::backward_channels(functions, inner, x, grad, out),
        (None, grad, _) => {
            let grad = grad.unwrap_or_default();
            sums = Activation::backward_parameter_channels(functions, parameter, inner, x, grad).map(Some);
        }
    })?;
    sums.map_err(crate::error)
}

/// The length of a row's image.
#[pyfunction]
pub fn outputs(function: PyRef<'_, Function>, columns: usize) -> PyResult<usize> {
    let f = &function.activation;
    f.outputs(columns).ok_or_else(|| PyValueError::new_err(format!("`{f}` takes no rows of {columns} numbers")))
}
