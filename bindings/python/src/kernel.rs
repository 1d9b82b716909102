//! Calls of the kernels on arrays.

use std::sync::{Arc, Mutex};

use actfn::Activation;
use numpy::PyReadonlyArrayDyn;
use numpy::npyffi::npy_intp;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use rayon::ThreadPool;

use crate::array::{Array, Format, Stored, check_alike, mask_of, with_format};

/// What to compute from x, or from x and a gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    Value,
    Derivative,
    SecondDerivative,
    Backward,
}

impl Task {
    /// The task that goes by this name in Python.
    pub fn named(name: &str) -> PyResult<Self> {
        match name {
            "value" => Ok(Self::Value),
            "derivative" => Ok(Self::Derivative),
            "second_derivative" => Ok(Self::SecondDerivative),
            "backward" => Ok(Self::Backward),
            _ => Err(PyValueError::new_err(format!("there is no task `{name}`"))),
        }
    }

    /// The method of a function that does it.
    pub fn method(self) -> &'static str {
        match self {
            Self::Value => "__call__",
            Self::Derivative => "derivative",
            Self::SecondDerivative => "second_derivative",
            Self::Backward => "backward",
        }
    }
}

/// From this many numbers on, other Python threads may run in the meantime. To let go of the interpreter and take it again
/// costs about 50 ns.
const LET_GO: usize = 1 << 12;

/// From this many numbers on, the library shares the work among threads.
const SHARED: usize = 1 << 17;

/// Runs the work, without the interpreter if it takes long.
pub fn run(py: Python, numbers: usize, work: impl FnOnce() + Send) -> PyResult<()> {
    match numbers {
        0..LET_GO => work(),
        LET_GO..SHARED => py.detach(work),
        _ => {
            let pool = threads()?;
            // One thread is this one: another would have to fetch the data from its caches.
            py.detach(|| if pool.current_num_threads() == 1 { work() } else { pool.install(work) });
        }
    }
    Ok(())
}

/// The threads of this process. A child that was forked off has none of its parent's, and makes its own.
fn threads() -> PyResult<Arc<ThreadPool>> {
    static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);
    let process = std::process::id();
    let mut pool = POOL.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((owner, pool)) = &*pool
        && *owner == process
    {
        return Ok(pool.clone());
    }
    let new = rayon::ThreadPoolBuilder::new().thread_name(|i| format!("actfn-{i}")).build();
    let new = Arc::new(new.map_err(|error| PyValueError::new_err(error.to_string()))?);
    // The parent's pool would wait for threads that are not there: forget it instead.
    std::mem::forget(pool.replace((process, new.clone())));
    Ok(new)
}

/// `exact` needs a wider format.
pub fn check_exact(exact: bool, format: Format) -> PyResult<()> {
    match exact && format == Format::F64 {
        false => Ok(()),
        true => Err(PyTypeError::new_err(
            "exact=True computes one format wider, and nothing is wider than float64: use float32, float16 or bfloat16",
        )),
    }
}

fn check_out(out: &Array, shape: &[npy_intp], format: Format) -> PyResult<()> {
    check_alike("out", out, "the result", shape, format)
}

/// One of the tasks of an elementwise function, for arrays of any strides, which are of one shape and one format.
pub fn elementwise<'py>(
    f: &Activation,
    is_random: bool,
    task: Task,
    x: Array<'py>,
    grad: Option<Array<'py>>,
    out: Option<Array<'py>>,
) -> PyResult<Bound<'py, PyAny>> {
    // A random function draws by the index, whatever lies where in memory.
    let in_order =
        |a: &Array, y: &Array| if is_random { a.is_contiguous() && y.is_contiguous() } else { a.lies_like(y) };
    let fits = |y: &Array| in_order(&x, y) && grad.as_ref().is_none_or(|grad| in_order(grad, y));
    let fresh = match out {
        Some(_) => None,
        None => Some(x.new_like()?),
    };
    let target = out.as_ref().or(fresh.as_ref()).filter(|y| fits(y));
    if let Some(y) = target {
        let in_place = y.starts_with(&x) && task == Task::Value;
        let apart = |a: &Array<'py>| if out.is_some() && a.overlaps(y) { a.copied_like(y) } else { Ok(a.clone()) };
        let x = if in_place { x.clone() } else { apart(&x)? };
        let grad = grad.as_ref().map(apart).transpose()?;
        with_format!(x.format(), T => flat_elementwise::<T>(f, task, &x, grad.as_ref(), y))?;
        return finish(y.clone(), out.is_some());
    }
    let (x, grad) = (x.contiguous()?, grad.map(|grad| grad.contiguous()).transpose()?);
    let y = x.new_of_shape(x.shape())?;
    with_format!(x.format(), T => flat_elementwise::<T>(f, task, &x, grad.as_ref(), &y))?;
    match out {
        None => finish(y, false),
        Some(out) => {
            y.copy_into(&out)?;
            finish(out, true)
        }
    }
}

fn finish(y: Array, given: bool) -> PyResult<Bound<PyAny>> {
    if given { Ok(y.object().clone()) } else { y.returned() }
}

/// A task on arrays that lie alike and without gaps. x and y may be the same for values, and share nothing otherwise.
fn flat_elementwise<T: Stored>(f: &Activation, task: Task, x: &Array, grad: Option<&Array>, y: &Array) -> PyResult<()> {
    let py = x.object().py();
    // SAFETY: the caller has checked formats, order and overlaps.
    let result = unsafe { y.slice_mut::<T>() };
    if y.starts_with(x) {
        return run(py, result.len(), || f.forward_in_place(result));
    }
    // SAFETY: as above.
    let (x, grad) = unsafe { (x.slice::<T>(), grad.map_or(&[] as &[T], |grad| grad.slice())) };
    run(py, x.len(), || match task {
        Task::Value => f.forward(x.len(), x, result),
        Task::Derivative => f.derivative(x, result),
        Task::SecondDerivative => f.second_derivative(x, result),
        Task::Backward => f.backward(x.len(), x, grad, result),
    })
}

/// The axes that rows lie along, which Python names as NumPy does: one, several, or all of them by None.
pub enum Axes {
    One(isize),
    Several(Vec<isize>),
    All,
}

impl<'py> FromPyObject<'_, 'py> for Axes {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_none() {
            return Ok(Self::All);
        }
        if let Ok(axis) = object.extract() {
            return Ok(Self::One(axis));
        }
        let several = object.extract().map(Self::Several);
        several.map_err(|_| PyTypeError::new_err("axis must be an int, a tuple of ints, or None for all axes"))
    }
}

impl Axes {
    /// As Python has them.
    pub fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::One(axis) => axis.into_bound_py_any(py),
            Self::Several(axes) => Ok(PyTuple::new(py, axes)?.into_any()),
            Self::All => Ok(py.None().into_bound(py)),
        }
    }

    /// The axes counted from the front, in their order in the array.
    fn of(&self, x: &Array) -> PyResult<Vec<isize>> {
        let dimensions = x.shape().len() as isize;
        let mut axes = match self {
            Self::One(axis) => vec![*axis],
            Self::Several(axes) => axes.clone(),
            Self::All => (0..dimensions).collect(),
        };
        for axis in &mut axes {
            if !(-dimensions..dimensions).contains(axis) {
                return Err(PyValueError::new_err(format!(
                    "axis {axis} is out of bounds for x of {dimensions} dimensions"
                )));
            }
            *axis = axis.rem_euclid(dimensions);
        }
        axes.sort_unstable();
        match axes.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(PyValueError::new_err(format!("axis {} is there twice", pair[0]))),
            None => Ok(axes),
        }
    }
}

/// The length of the output's axis for that of the input.
fn outputs(f: &Activation, columns: npy_intp) -> PyResult<npy_intp> {
    match f.outputs(columns as usize) {
        Some(outputs) => Ok(outputs as npy_intp),
        None => Err(PyValueError::new_err(format!("`{f}` takes no rows of {columns} numbers"))),
    }
}

/// How an array is made of rows: the axes counted from the front, the length of a row, the shape of the output and what the output has
/// at the end when these axes stand last.
struct Rows {
    axes: Vec<isize>,
    columns: npy_intp,
    shape: Vec<npy_intp>,
    last: Vec<npy_intp>,
}

impl Rows {
    fn new(f: &Activation, axes: &Axes, x: &Array) -> PyResult<Self> {
        let axes = axes.of(x)?;
        let mut shape = x.shape().to_vec();
        let columns = axes.iter().map(|axis| shape[*axis as usize]).product();
        let outputs = outputs(f, columns)?;
        if let [axis] = *axes {
            shape[axis as usize] = outputs;
        } else if outputs != columns {
            return Err(PyValueError::new_err(format!("`{f}` changes the length of a row: give it one axis")));
        }
        let last = axes.iter().map(|axis| shape[*axis as usize]).collect();
        Ok(Self { axes, columns, shape, last })
    }

    /// The mask, where the rows are those of an array with its axes last: true where an entry takes part.
    fn mask<'py>(
        &self,
        f: &Activation,
        x: &Array<'py>,
        mask: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<PyReadonlyArrayDyn<'py, bool>>> {
        let Some(mask) = mask else { return Ok(None) };
        if f.masked().is_none() {
            return Err(PyValueError::new_err(format!(
                "`{f}` takes no `where`: its outputs do not belong to inputs each"
            )));
        }
        mask_of(mask, x.shape(), &self.axes).map(Some)
    }
}

/// Rows along axes: y = f(x), of the entries where the mask is true.
pub fn rowwise<'py>(
    f: &Activation,
    axes: &Axes,
    mask: Option<&Bound<'py, PyAny>>,
    x: Array<'py>,
    out: Option<Array<'py>>,
) -> PyResult<Bound<'py, PyAny>> {
    let rows = Rows::new(f, axes, &x)?;
    if let Some(out) = &out {
        check_out(out, &rows.shape, x.format())?;
    }
    let mask = rows.mask(f, &x, mask)?;
    let mask = mask.as_ref().map(|mask| mask.as_slice()).transpose()?;
    let x = x.with_last(&rows.axes)?.contiguous()?;
    let target = out.as_ref().map(|out| out.with_last(&rows.axes)).transpose()?;
    into_rows(&x, &rows.last, target, |y| with_format!(x.format(), T => flat_rows::<T>(f, rows.columns, &x, mask, y)))
        .and_then(|y| match out {
            Some(out) => Ok(out.object().clone()),
            None => y.with_last_at(&rows.axes),
        })
}

/// The gradient of the rows' input from that of their output.
pub fn rowwise_backward<'py>(
    f: &Activation,
    axes: &Axes,
    mask: Option<&Bound<'py, PyAny>>,
    x: Array<'py>,
    grad: Array<'py>,
    out: Option<Array<'py>>,
) -> PyResult<Bound<'py, PyAny>> {
    let rows = Rows::new(f, axes, &x)?;
    check_alike("grad", &grad, "f(x)", &rows.shape, x.format())?;
    if let Some(out) = &out {
        check_out(out, x.shape(), x.format())?;
    }
    let mask = rows.mask(f, &x, mask)?;
    let mask = mask.as_ref().map(|mask| mask.as_slice()).transpose()?;
    let last: Vec<_> = rows.axes.iter().map(|axis| x.shape()[*axis as usize]).collect();
    let x = x.with_last(&rows.axes)?.contiguous()?;
    let grad = grad.with_last(&rows.axes)?.contiguous()?;
    let target = out.as_ref().map(|out| out.with_last(&rows.axes)).transpose()?;
    // Where the gradient lies, nothing may be written before it is read.
    let grad = match &target {
        Some(target) if target.overlaps(&grad) => grad.copied()?,
        _ => grad,
    };
    into_rows(
        &x,
        &last,
        target,
        |grad_x| with_format!(x.format(), T => flat_rows_backward::<T>(f, rows.columns, &x, mask, &grad, grad_x)),
    )
    .and_then(|grad_x| match out {
        Some(out) => Ok(out.object().clone()),
        None => grad_x.with_last_at(&rows.axes),
    })
}

/// An array to write into whose last axes have these lengths, the target if it can be that; then the target holds the result.
fn into_rows<'py>(
    x: &Array<'py>,
    last: &[npy_intp],
    target: Option<Array<'py>>,
    work: impl FnOnce(&Array<'py>) -> PyResult<()>,
) -> PyResult<Array<'py>> {
    if let Some(y) = &target
        && y.is_contiguous()
        && !y.overlaps(x)
    {
        work(y)?;
        return Ok(y.clone());
    }
    let mut shape = x.shape().to_vec();
    shape.truncate(x.shape().len() - last.len());
    shape.extend(last);
    let y = x.new_of_shape(&shape)?;
    work(&y)?;
    match target {
        None => Ok(y),
        Some(target) => {
            y.copy_into(&target)?;
            Ok(target)
        }
    }
}

fn flat_rows<T: Stored>(
    f: &Activation,
    columns: npy_intp,
    x: &Array,
    mask: Option<&[bool]>,
    y: &Array,
) -> PyResult<()> {
    // SAFETY: the callers have checked formats and shapes; both are contiguous and share nothing.
    let (numbers, result) = unsafe { (x.slice::<T>(), y.slice_mut::<T>()) };
    run(x.object().py(), numbers.len(), || match mask {
        None => f.forward(columns as usize, numbers, result),
        Some(mask) => f.forward_where(columns as usize, numbers, mask, result),
    })
}

fn flat_rows_backward<T: Stored>(
    f: &Activation,
    columns: npy_intp,
    x: &Array,
    mask: Option<&[bool]>,
    grad: &Array,
    grad_x: &Array,
) -> PyResult<()> {
    // SAFETY: as above.
    let (numbers, grad, result) = unsafe { (x.slice::<T>(), grad.slice::<T>(), grad_x.slice_mut::<T>()) };
    run(x.object().py(), result.len(), || match mask {
        None => f.backward(columns as usize, numbers, grad, result),
        Some(mask) => f.backward_where(columns as usize, numbers, mask, grad, result),
    })
}
