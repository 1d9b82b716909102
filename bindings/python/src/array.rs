//! NumPy arrays as the kernels need them: where the numbers lie, and in which format.
//!
//! What NumPy's C interface is called for stands here, and so does all `unsafe` of the package.

use std::sync::OnceLock;

use actfn::Format as Element;
use half::{bf16, f16};
use numpy::PyReadonlyArrayDyn;
use numpy::npyffi::{self, PY_ARRAY_API, PyArrayObject, npy_intp};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyFloat, PyModule, PyTuple};

/// The formats that we have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    F16,
    Bf16,
    F32,
    F64,
}

impl Format {
    /// As NumPy calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::F16 => "float16",
            Self::Bf16 => "bfloat16",
            Self::F32 => "float32",
            Self::F64 => "float64",
        }
    }
}

/// Runs the body with `$T` as the Rust type of the format.
macro_rules! with_format {
    ($format:expr, $T:ident => $body:expr) => {
        match $format {
            $crate::array::Format::F16 => {
                type $T = half::f16;
                $body
            }
            $crate::array::Format::Bf16 => {
                type $T = half::bf16;
                $body
            }
            $crate::array::Format::F32 => {
                type $T = f32;
                $body
            }
            $crate::array::Format::F64 => {
                type $T = f64;
                $body
            }
        }
    };
}
pub(crate) use with_format;

/// A number of one of the formats, as it lies in memory.
pub trait Stored: Element {
    const FORMAT: Format;
}
impl Stored for f16 {
    const FORMAT: Format = Format::F16;
}
impl Stored for bf16 {
    const FORMAT: Format = Format::Bf16;
}
impl Stored for f32 {
    const FORMAT: Format = Format::F32;
}
impl Stored for f64 {
    const FORMAT: Format = Format::F64;
}

/// An `ndarray` of one of the formats.
#[derive(Clone)]
pub struct Array<'py> {
    object: Bound<'py, PyAny>,
    format: Format,
}

impl<'py> Array<'py> {
    /// An `ndarray` of one of the formats, as the kernels take it, or a `float`; `None` for subclasses and all else.
    pub fn plain(object: &Bound<'py, PyAny>) -> PyResult<Option<Self>> {
        if is_plain_array(object) {
            return Ok(format_of(object)?.map(|format| Self { object: object.clone(), format }));
        }
        if object.is_exact_instance_of::<PyFloat>() {
            let object = numpy_module(object.py())?.call_method1(intern!(object.py(), "asarray"), (object,))?;
            return Ok(Some(Self { object, format: Format::F64 }));
        }
        Ok(None)
    }

    /// An array to write to, if it is plain.
    pub fn plain_to_write(object: &Bound<'py, PyAny>) -> PyResult<Option<Self>> {
        match is_plain_array(object) {
            true => Ok(Self::plain(object)?.filter(|array| array.fields().flags & npyffi::NPY_ARRAY_WRITEABLE != 0)),
            false => Ok(None),
        }
    }

    /// int16 numbers whose bits are those of bfloat16, as torch hands them out; other arrays as they are.
    pub fn of_bits(object: &Bound<'py, PyAny>, bfloat16: bool) -> PyResult<Self> {
        let int16 = npyffi::NPY_TYPES::NPY_SHORT as i32;
        if bfloat16 && is_plain_array(object) && type_number(object) == int16 {
            return Ok(Self { object: object.clone(), format: Format::Bf16 });
        }
        Self::plain(object)?
            .ok_or_else(|| PyTypeError::new_err("the numbers are no array of float16, float32 or float64"))
    }

    pub fn format(&self) -> Format {
        self.format
    }

    pub fn object(&self) -> &Bound<'py, PyAny> {
        &self.object
    }

    fn raw(&self) -> *mut PyArrayObject {
        self.object.as_ptr().cast()
    }

    fn fields(&self) -> &npyffi::PyArrayObject_fields {
        // SAFETY: the object is an ndarray, which this struct keeps alive; only code that holds the GIL changes its fields.
        unsafe { &(*self.raw()).fields }
    }

    pub fn shape(&self) -> &[npy_intp] {
        // SAFETY: `nd` numbers lie there; for none of them the pointer may be null.
        match self.fields().nd as usize {
            0 => &[],
            nd => unsafe { std::slice::from_raw_parts(self.fields().dimensions, nd) },
        }
    }

    pub fn strides(&self) -> &[npy_intp] {
        // SAFETY: as for the shape.
        match self.fields().nd as usize {
            0 => &[],
            nd => unsafe { std::slice::from_raw_parts(self.fields().strides, nd) },
        }
    }

    pub fn len(&self) -> usize {
        self.shape().iter().product::<npy_intp>() as usize
    }

    /// Whether the numbers can be read where they lie, in whatever order.
    fn is_plain(&self) -> bool {
        self.fields().flags & npyffi::NPY_ARRAY_ALIGNED != 0 && is_native(&self.object)
    }

    /// Whether they lie one after the other, the last index running fastest.
    pub fn is_contiguous(&self) -> bool {
        self.is_plain() && self.fields().flags & npyffi::NPY_ARRAY_C_CONTIGUOUS != 0
    }

    /// Whether both arrays have their numbers in one order in memory, one after the other without gaps.
    pub fn lies_like(&self, other: &Self) -> bool {
        if self.shape() != other.shape() || !self.is_plain() || !other.is_plain() {
            return false;
        }
        if self.is_contiguous() && other.is_contiguous() {
            return true;
        }
        let (mut axes, theirs) = (self.long_axes(), other.long_axes());
        if axes != theirs {
            return false;
        }
        axes.sort();
        axes.iter().try_fold(self.item_size(), |step, (stride, n)| (*stride == step).then(|| step * n)).is_some()
    }

    /// Stride and length of the axes longer than 1. The strides of others mean nothing.
    fn long_axes(&self) -> Vec<(npy_intp, npy_intp)> {
        let axes = self.strides().iter().copied().zip(self.shape().iter().copied());
        axes.filter(|(_, n)| *n != 1).collect()
    }

    fn item_size(&self) -> npy_intp {
        with_format!(self.format, T => size_of::<T>()) as npy_intp
    }

    /// An array for results, of the same shape and in the same order; of another order where this one has gaps.
    pub fn new_like(&self) -> PyResult<Self> {
        let py = self.object.py();
        // SAFETY: the object is an ndarray, and NumPy checks the rest; it returns a new reference or sets an error.
        let new = unsafe {
            let dtype = if is_native(&self.object) { std::ptr::null_mut() } else { self.native_dtype()? };
            let order = npyffi::NPY_ORDER::NPY_KEEPORDER;
            let new = PY_ARRAY_API.PyArray_NewLikeArray(py, self.raw(), order, dtype, 0);
            Bound::from_owned_ptr_or_err(py, new)?
        };
        Ok(Self { object: new, format: self.format })
    }

    /// An array for results, of another shape.
    pub fn new_of_shape(&self, shape: &[npy_intp]) -> PyResult<Self> {
        let py = self.object.py();
        // SAFETY: NumPy copies the shape, and takes over the reference to the dtype.
        let new = unsafe {
            let dtype = self.native_dtype()?;
            let new = PY_ARRAY_API.PyArray_Empty(py, shape.len() as i32, shape.as_ptr().cast_mut(), dtype, 0);
            Bound::from_owned_ptr_or_err(py, new)?
        };
        Ok(Self { object: new, format: self.format })
    }

    /// A new reference to the dtype in the machine's byte order.
    fn native_dtype(&self) -> PyResult<*mut npyffi::PyArray_Descr> {
        let dtype = self.object.getattr(intern!(self.object.py(), "dtype"))?;
        let native = if is_native(&self.object) { dtype } else { dtype.call_method1("newbyteorder", ("=",))? };
        Ok(native.into_ptr().cast())
    }

    /// The array itself where its numbers lie one after the other, else a copy where they do.
    pub fn contiguous(&self) -> PyResult<Self> {
        if self.is_contiguous() { Ok(self.clone()) } else { self.copied() }
    }

    /// A contiguous copy.
    pub fn copied(&self) -> PyResult<Self> {
        let copy = self.new_of_shape(self.shape())?;
        self.copy_into(&copy)?;
        Ok(copy)
    }

    /// A copy whose numbers are in the same order as another array's.
    pub fn copied_like(&self, other: &Self) -> PyResult<Self> {
        let copy = other.new_like()?;
        self.copy_into(&copy)?;
        Ok(copy)
    }

    /// Copies the numbers to an array of the same shape.
    pub fn copy_into(&self, to: &Self) -> PyResult<()> {
        // SAFETY: both objects are ndarrays; NumPy minds overlaps, and sets an error where it fails.
        match unsafe { PY_ARRAY_API.PyArray_CopyInto(self.object.py(), to.raw(), self.raw()) } {
            0 => Ok(()),
            _ => Err(PyErr::fetch(self.object.py())),
        }
    }

    /// The axes moved to the end: a view.
    pub fn with_last(&self, axes: &[isize]) -> PyResult<Self> {
        Ok(Self { object: with_last(&self.object, axes, self.shape().len())?, format: self.format })
    }

    /// The last axes moved back to their places: a view.
    pub fn with_last_at(&self, axes: &[isize]) -> PyResult<Bound<'py, PyAny>> {
        let dimensions = self.shape().len();
        if are_last(axes, dimensions) {
            return self.clone().returned();
        }
        move_axes(&self.object, last(axes, dimensions), axes.to_vec())
    }

    /// What a call returns: a scalar in place of an array without dimensions, as NumPy's own functions do.
    pub fn returned(self) -> PyResult<Bound<'py, PyAny>> {
        if self.fields().nd > 0 {
            return Ok(self.object);
        }
        let py = self.object.py();
        // SAFETY: the function takes over the reference, and returns a new one or sets an error.
        unsafe { Bound::from_owned_ptr_or_err(py, PY_ARRAY_API.PyArray_Return(py, self.object.into_ptr().cast())) }
    }

    /// The first byte and the one behind the last.
    fn extent(&self) -> (isize, isize) {
        let start = self.fields().data as isize;
        if self.len() == 0 {
            return (start, start);
        }
        let (mut low, mut high) = (start, start + self.item_size());
        for (n, stride) in self.shape().iter().zip(self.strides()) {
            let reach = (n - 1) * stride;
            if reach < 0 { low += reach } else { high += reach }
        }
        (low, high)
    }

    /// Whether the two may share memory: whether the ranges of their bytes do.
    pub fn overlaps(&self, other: &Self) -> bool {
        let ((low, high), (other_low, other_high)) = (self.extent(), other.extent());
        low < other_high && other_low < high
    }

    /// Whether the first numbers of both lie in one place.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.fields().data == other.fields().data
    }

    /// The numbers, as they follow one another in memory.
    ///
    /// # Safety
    ///
    /// The array must be without gaps, and `T` its format. Nothing may write to it while the slice is in use: as with NumPy's
    /// own functions, that is the caller's duty where threads share an array.
    pub unsafe fn slice<T: Stored>(&self) -> &'py [T] {
        debug_assert_eq!(T::FORMAT, self.format);
        match self.len() {
            0 => &[],
            // SAFETY: by the contract, `len` numbers of this type follow one another, aligned.
            len => unsafe { std::slice::from_raw_parts(self.fields().data.cast(), len) },
        }
    }

    /// The numbers, to be written.
    ///
    /// # Safety
    ///
    /// As for [`slice`](Self::slice); and there must be no other slice of the same memory.
    pub unsafe fn slice_mut<T: Stored>(&self) -> &'py mut [T] {
        debug_assert_eq!(T::FORMAT, self.format);
        match self.len() {
            0 => &mut [],
            // SAFETY: as above.
            len => unsafe { std::slice::from_raw_parts_mut(self.fields().data.cast(), len) },
        }
    }
}

/// A shape as Python writes it.
pub fn shape_text(shape: &[npy_intp]) -> String {
    let numbers: Vec<_> = shape.iter().map(ToString::to_string).collect();
    format!("({}{})", numbers.join(", "), if shape.len() == 1 { "," } else { "" })
}

/// Says that two arrays must be of one shape and one dtype, if they are not.
pub fn check_alike(name: &str, array: &Array, expected: &str, shape: &[npy_intp], format: Format) -> PyResult<()> {
    if array.format != format {
        let (is, not) = (array.format.name(), format.name());
        return Err(PyTypeError::new_err(format!("{name} is of dtype {is}, but {expected} is of dtype {not}")));
    }
    if array.shape() != shape {
        let (is, not) = (shape_text(array.shape()), shape_text(shape));
        return Err(PyValueError::new_err(format!("{name} has shape {is}, but {expected} has shape {not}")));
    }
    Ok(())
}

/// Whether this is the first interpreter of the process. What is kept between calls belongs to one interpreter, and is gone
/// when that ends; NumPy has the same limit.
pub fn in_main_interpreter(_py: Python<'_>) -> bool {
    // SAFETY: the token shows that an interpreter is there; its first one has the number 0.
    unsafe { pyo3::ffi::PyInterpreterState_GetID(pyo3::ffi::PyInterpreterState_Get()) == 0 }
}

/// Fetches NumPy's C interface, which a call would fetch otherwise: that runs Python code, and the numpy crate panics where
/// Ctrl-C interrupts it. Whether NumPy is missing, too, is best said when the package is imported.
pub fn load_numpy(py: Python<'_>) -> PyResult<()> {
    is_plain_array(numpy_module(py)?);
    Ok(())
}

fn numpy_module(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    static NUMPY: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    Ok(NUMPY.get_or_try_init(py, || PyModule::import(py, "numpy").map(Bound::unbind))?.bind(py))
}

/// As many axes as these, the last ones.
fn last(axes: &[isize], dimensions: usize) -> Vec<isize> {
    (0..dimensions as isize).skip(dimensions - axes.len()).collect()
}

fn are_last(axes: &[isize], dimensions: usize) -> bool {
    *axes == last(axes, dimensions)
}

fn with_last<'py>(object: &Bound<'py, PyAny>, axes: &[isize], dimensions: usize) -> PyResult<Bound<'py, PyAny>> {
    match are_last(axes, dimensions) {
        true => Ok(object.clone()),
        false => move_axes(object, axes.to_vec(), last(axes, dimensions)),
    }
}

fn move_axes<'py>(object: &Bound<'py, PyAny>, from: Vec<isize>, to: Vec<isize>) -> PyResult<Bound<'py, PyAny>> {
    numpy_module(object.py())?.call_method1(intern!(object.py(), "moveaxis"), (object, from, to))
}

/// A mask as NumPy would broadcast it against an array of this shape, with these axes last and without gaps.
pub fn mask_of<'py>(
    mask: &Bound<'py, PyAny>,
    shape: &[npy_intp],
    axes: &[isize],
) -> PyResult<PyReadonlyArrayDyn<'py, bool>> {
    let py = mask.py();
    let numpy = numpy_module(py)?;
    let mask = numpy.call_method1(intern!(py, "asarray"), (mask,))?;
    let dtype = mask.getattr(intern!(py, "dtype"))?;
    if dtype.getattr(intern!(py, "kind"))?.extract::<char>()? != 'b' {
        return Err(PyTypeError::new_err(format!(
            "where is of dtype {dtype}, but must be bool: write x > 0, for instance"
        )));
    }
    let shape = PyTuple::new(py, shape)?;
    let Ok(whole) = numpy.call_method1(intern!(py, "broadcast_to"), (&mask, &shape)) else {
        let is = mask.getattr(intern!(py, "shape"))?;
        return Err(PyValueError::new_err(format!("where of shape {is} does not broadcast to x of shape {shape}")));
    };
    let whole = with_last(&whole, axes, shape.len())?;
    let whole = numpy.call_method1(intern!(py, "ascontiguousarray"), (whole,))?;
    // Without dimensions it has got one.
    whole.extract()
}

/// Whether it is an `ndarray` and none of a subclass.
fn is_plain_array(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the object is alive.
    unsafe { npyffi::array::PyArray_CheckExact(object.py(), object.as_ptr()) != 0 }
}

fn descriptor<'a>(array: &'a Bound<'_, PyAny>) -> &'a npyffi::PyArray_Descr_fields {
    // SAFETY: the callers have an ndarray, whose descriptor lives as long as it.
    unsafe { &(*(*array.as_ptr().cast::<PyArrayObject>()).fields.descr).fields }
}

fn type_number(array: &Bound<'_, PyAny>) -> i32 {
    descriptor(array).type_num
}

/// Whether the bytes are in the machine's order.
fn is_native(array: &Bound<'_, PyAny>) -> bool {
    let foreign = if cfg!(target_endian = "little") { b'>' } else { b'<' };
    descriptor(array).byteorder as u8 != foreign
}

fn format_of(array: &Bound<'_, PyAny>) -> PyResult<Option<Format>> {
    use npyffi::NPY_TYPES as Types;
    let number = type_number(array);
    Ok(match number {
        n if n == Types::NPY_FLOAT as i32 => Some(Format::F32),
        n if n == Types::NPY_DOUBLE as i32 => Some(Format::F64),
        n if n == Types::NPY_HALF as i32 => Some(Format::F16),
        n if n >= Types::NPY_USERDEF as i32 && Some(n) == bfloat16_number(array)? => Some(Format::Bf16),
        _ => None,
    })
}

/// The number under which `ml_dtypes` has made bfloat16 known to NumPy. An array of it can only come after that.
fn bfloat16_number(array: &Bound<'_, PyAny>) -> PyResult<Option<i32>> {
    static NUMBER: OnceLock<i32> = OnceLock::new();
    if NUMBER.get().is_none() && array.getattr("dtype")?.getattr("name")?.extract::<String>()? == "bfloat16" {
        let ours = array.getattr("dtype")?.getattr("itemsize")?.extract::<usize>()? == size_of::<bf16>();
        if ours {
            NUMBER.get_or_init(|| type_number(array));
        }
    }
    Ok(NUMBER.get().copied())
}
