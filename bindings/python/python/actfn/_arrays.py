"""Calls on whatever is no plain array of floats, in NumPy's manner.

The extension module computes with plain arrays of one format. All else comes here: lists, scalars and whole numbers, other
dtypes, ``where=`` and ``dtype=``, subclasses of ``ndarray`` (masked arrays among them), and objects of other libraries, which
speak NumPy's protocols, such as pandas and xarray.
"""

from __future__ import annotations

from typing import Any, Callable

import numpy as np

#: How arrays themselves compute ufuncs. What has another way of its own is asked to use that.
_ndarray_ufunc = np.ndarray.__array_ufunc__


def call(
    function: Any, method: str, operands: tuple[Any, ...], out: Any, where: Any, dtype: Any, keywords: dict[str, Any]
) -> Any:
    """A function's method on operands of any kind; the keywords are the function's own."""
    given = {"out": out, "where": None if where is True else where, "dtype": dtype}
    return Call(function, method, keywords)(*operands, **{name: value for name, value in given.items() if value is not None})


class Call:
    """A computation with its options, which says of itself what NumPy's protocols ask of a ufunc."""

    nout = 1
    signature = None

    def __init__(self, function: Any, method: str, keywords: dict[str, Any]) -> None:
        self.function = function
        self.method = method
        self.keywords = keywords
        self.nin = 2 if method == "backward" else 1
        self.nargs = self.nin + 1
        self.types = [f"{kind * self.nin}->{kind}" for kind in "efd"]
        # Not `abs`: pandas would take that for its own.
        self.__name__ = f"actfn.{function.info.name}.{method}"

    def __call__(self, *operands: Any, out: Any = None, where: Any = None, dtype: Any = None) -> Any:
        if isinstance(out, tuple) and len(out) == 1:
            (out,) = out
        rows = self.function.info.is_rowwise
        if not rows:
            for operand in (*operands, out):
                if _overrides(operand):
                    return self._handed_over(operand, operands, out=out, where=where, dtype=dtype)
        elif operands[1:]:
            operands = (operands[0], _in_order(operands[1], operands[0]))
        arrays = [_array(operand, role) for operand, role in zip(operands, ("x", "grad"))]
        common = _common(operands, arrays, dtype)
        arrays = [array.astype(common, copy=False) for array in arrays]
        if rows:
            return self._rows(operands, arrays, out)
        return self._wrapped(self._each(arrays, out, where), operands, out)

    def _handed_over(self, owner: Any, operands: tuple[Any, ...], **given: Any) -> Any:
        """The call by way of an operand that computes functions of NumPy's kind in its own way."""
        keywords = {name: value for name, value in given.items() if value is not None}
        if "out" in keywords:
            keywords["out"] = (keywords["out"],)
        elif "seed" in self.function.parameters or self._varying():
            # With a keyword, pandas computes the whole, and not some columns after others: numbers have their places.
            keywords.setdefault("where", True)
        override = type(owner).__array_ufunc__
        result = NotImplemented if override is None else override(owner, self, "__call__", *operands, **keywords)
        if result is NotImplemented:
            raise TypeError(f"{type(owner).__name__} does not take functions of NumPy's kind, such as {self.__name__}")
        return result

    def _varying(self) -> list[str]:
        """The parameters that are arrays."""
        return [name for name, value in self.keywords.items() if name not in ("axis", "where") and np.ndim(value) > 0]

    def _compute(self, arrays: list[Any], out: Any = None) -> Any:
        compute = getattr(self.function, self.method)
        varying = self._varying()
        if not varying:
            return compute(*arrays, out=out, **self.keywords)
        info = self.function.info
        if len(varying) > 1 or info.is_rowwise or "seed" in self.function.parameters:
            raise TypeError(
                f"`{varying[-1]}` must be a number, not an array: one parameter may be an array, of functions that are neither "
                "of rows nor random"
            )
        # Those numbers together that meet the same value of the parameter.
        values = _spread(np.asarray(self.keywords[varying[0]], np.float64), arrays[0].shape, varying[0], "x").ravel()
        order = np.argsort(values, kind="stable")
        each, starts = np.unique(values[order], return_index=True)
        y = np.empty(arrays[0].size, arrays[0].dtype.newbyteorder("="))
        flat = [array.ravel() for array in arrays]
        for value, places in zip(each, np.split(order, starts[1:])):
            y[places] = compute(*(array[places] for array in flat), **{**self.keywords, varying[0]: float(value)})
        return _store(y.reshape(arrays[0].shape), out, True) if out is not None else y.reshape(arrays[0].shape)

    def _each(self, arrays: list[Any], out: Any, where: Any) -> Any:
        """An elementwise function of arrays of one dtype."""
        x = arrays[0]
        if arrays[1:]:
            arrays[1] = _spread(arrays[1], x.shape, "grad", "x")
        target = _target(out)
        if where is None:
            direct = target is not None and target.shape == x.shape and target.dtype == x.dtype
            y = self._compute(arrays, target if direct else None)
            return y if target is None or direct else _store(y, target, True)
        where = np.asarray(where)
        if where.dtype != bool:
            raise TypeError(f"where is of dtype {where.dtype}: it must be of bool, for instance where != 0")
        y = self._compute(arrays)
        if target is None:
            target = np.zeros(np.broadcast_shapes(x.shape, where.shape), x.dtype.newbyteorder("="))
        return _store(y, target, _spread(where, target.shape, "where", "the result"))

    def _rows(self, operands: tuple[Any, ...], arrays: list[Any], out: Any) -> Any:
        """A function of rows of arrays of one dtype."""
        target = _target(out)
        masked = [operand for operand in operands if np.ma.isMaskedArray(operand)]
        if not masked:
            direct = target is not None and target.dtype == arrays[0].dtype
            y = self._compute(arrays, target if direct else None)
            if target is None:
                return _labelled(y, operands[0])
            if not direct:
                _store(y, target, True)
            return out
        x, *grads = arrays
        # A gradient that is masked is none.
        grads = [np.where(np.ma.getmaskarray(of), 0, grad).astype(x.dtype) for of, grad in zip(operands[1:], grads)]
        y, mask = self._visible([x, *grads], np.ma.getmaskarray(operands[0]))
        if target is None:
            result = masked[0].__array_wrap__(y)
        else:
            _store(y, target, True)
            result = out
        if np.ma.isMaskedArray(result):
            result.mask = mask
        return result

    def _visible(self, arrays: list[Any], mask: Any) -> tuple[Any, Any]:
        """The result without what is masked, and its mask. A number that is made of a masked one is masked.

        Where a row has as many results as numbers, those that are not masked are a row of their own. Where it has not, each
        result is made of some numbers of its row.
        """
        x = arrays[0]
        filled = [np.where(mask, 0, x).astype(x.dtype), *arrays[1:]]
        alike = self.function(filled[0], **self.keywords).shape == x.shape
        if alike:
            where = self.keywords.get("where")
            seen = ~mask if where is None else ~mask & _spread(np.asarray(where), x.shape, "where", "x")
            y = getattr(self.function, self.method)(*filled, **{**self.keywords, "where": seen})
            return np.where(mask, 0, y).astype(x.dtype), mask
        y = self._compute(filled)
        if self.method != "__call__":
            return np.where(mask, 0, y).astype(x.dtype), mask
        seen = self._compute([np.where(mask, np.nan, x).astype(x.dtype)])
        return y, np.isnan(seen) & ~np.isnan(y)

    def _wrapped(self, y: Any, operands: tuple[Any, ...], out: Any) -> Any:
        """The result as the operands are: by the ``__array_wrap__`` of the one that comes first, as NumPy does it."""
        wrappers = [o for o in (operands if out is None else (out,)) if _wraps(o)]
        if not wrappers:
            return np.asarray(y)[()] if out is None else out  # a scalar in place of an array without dimensions
        owner = max(wrappers, key=lambda o: getattr(o, "__array_priority__", 0.0))
        context = (self, operands if out is None else (*operands, out), 0)
        y = np.asarray(y) if out is None else out
        return _wrap(owner, y, context, y.ndim == 0 and out is None)


def _root(operand: Any) -> set[str]:
    """The packages that its class and the classes above come from."""
    return {kind.__module__.partition(".")[0] for kind in type(operand).__mro__}


def _overrides(operand: Any) -> bool:
    """Whether it computes ufuncs in its own way."""
    return getattr(type(operand), "__array_ufunc__", _ndarray_ufunc) is not _ndarray_ufunc


def _wraps(operand: Any) -> bool:
    """Whether results take its form. Tensors of torch have arrays for results: layers of ``actfn.torch`` return tensors."""
    kind = type(operand)
    return kind is not np.ndarray and not isinstance(operand, np.generic) and hasattr(kind, "__array_wrap__") and "torch" not in _root(operand)


def _array(operand: Any, role: str) -> Any:
    """The operand as a plain array of numbers that are, or become, floats."""
    if not hasattr(operand, "__array__") and hasattr(operand, "__dlpack__"):
        array = np.from_dlpack(operand)
    else:
        try:
            array = np.asarray(operand)
        except Exception as error:
            if "torch" in _root(operand):
                raise TypeError(f"{role} is a tensor that NumPy cannot read: functions of actfn.torch take it ({error})") from error
            raise
    dtype = array.dtype
    if dtype.kind in "biu" or _is_format(dtype):
        return array
    if dtype == object and "pandas" in _root(operand):
        dtypes = np.ravel(operand.dtypes if hasattr(operand, "dtypes") else operand.dtype)
        if len(dtypes) and all(kind.kind in "biuf" for kind in dtypes):
            # Numbers that may be missing: as NaN.
            common = np.result_type(np.float16, *(getattr(kind, "numpy_dtype", kind) for kind in dtypes))
            return operand.to_numpy(dtype=common, na_value=np.nan)
    raise TypeError(
        f"{role} is of dtype {dtype}: actfn takes float16, float32, float64, bfloat16 (of ml_dtypes), whole numbers and bool; "
        + _REMEDIES.get(dtype.kind, "convert it, for instance with {0}.astype(numpy.float64)").format(role)
    )


_REMEDIES = {
    "c": "take the real part, {0}.real, or whatever real numbers are meant",
    "O": "if all objects are numbers, convert them with numpy.asarray({0}, dtype=numpy.float64)",
    "U": "if these texts are numbers, convert them with numpy.asarray({0}, dtype=numpy.float64)",
    "S": "if these texts are numbers, convert them with numpy.asarray({0}, dtype=numpy.float64)",
    "M": "take a number of units since some day, ({0} - {0}.min()) / numpy.timedelta64(1, 's')",
    "m": "take a number of units, {0} / numpy.timedelta64(1, 's')",
}


def _is_format(dtype: Any) -> bool:
    return bool(dtype.char in "efd" or dtype.name == "bfloat16" and dtype.type.__module__ == "ml_dtypes")


def _common(operands: tuple[Any, ...], arrays: list[Any], dtype: Any) -> Any:
    """The dtype to compute in: what is asked for, or that of the operands, promoted as NumPy's ufuncs promote."""
    if dtype is not None:
        dtype = np.dtype(dtype)
        if not _is_format(dtype):
            raise TypeError(f"dtype is {dtype}: actfn computes in float16, float32, float64 and bfloat16 (of ml_dtypes)")
        return dtype
    # Numbers of Python's own take the format of the arrays that they meet.
    own = [type(operand) in (float, int, bool) for operand in operands]
    firm = [array.dtype for array, is_own in zip(arrays, own) if not is_own]
    common = np.result_type(*firm if any(map(_is_format, firm)) else (array.dtype for array in arrays))
    return common if _is_format(common) else np.result_type(common, np.float16)


def _spread(array: Any, shape: tuple[int, ...], name: str, other: str) -> Any:
    """The array repeated to a shape."""
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(f"{name} has shape {array.shape}, but {other} has shape {shape}") from None


def _target(out: Any) -> Any:
    """The memory of an array to write to."""
    if out is None:
        return None
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a numpy.ndarray, not {type(out).__name__}")
    if not out.flags.writeable:
        raise ValueError("out is read-only")
    return np.asarray(out)


def _store(y: Any, target: Any, where: Any) -> Any:
    """Copies the result to an array of another dtype or a larger shape, where it is wanted."""
    if not np.can_cast(y.dtype, target.dtype, "same_kind"):
        raise TypeError(f"out is of dtype {target.dtype}, to which a result of dtype {y.dtype} is not cast: take one of floats")
    try:
        np.copyto(target, np.broadcast_to(y, target.shape), casting="same_kind", where=where)
    except ValueError:
        raise ValueError(f"out has shape {target.shape}, but the result has shape {np.shape(y)}") from None
    return target


def _axes(x: Any) -> dict[str, Any]:
    """The labels of a Series or a DataFrame."""
    return {name: getattr(x, name) for name in ("index", "columns") if hasattr(x, name)}


def _in_order(grad: Any, x: Any) -> Any:
    """A gradient with labels in the order of the labels of x."""
    if type(grad) is not type(x) or grad.shape != x.shape or _rebuild(x) is None:
        return grad
    if "xarray" in _root(x):
        return grad.reindex_like(x).transpose(*x.dims)
    alike = all(labels.equals(getattr(grad, name)) for name, labels in _axes(x).items())
    return grad if alike else grad.reindex_like(x)


def _rebuild(x: Any) -> Callable[[Any], Any] | None:
    """How a result of the same shape gets the labels of x, if it has some."""
    root = _root(x)
    if "xarray" in root and hasattr(x, "dims") and hasattr(x, "copy"):
        return lambda y: x.copy(data=y)
    if "pandas" in root and hasattr(x, "index"):
        return lambda y: _with_attributes(type(x)(y, **_axes(x)), x)
    return None


def _with_attributes(y: Any, x: Any) -> Any:
    y.attrs.update(x.attrs)
    if not hasattr(x, "columns"):
        y.name = x.name
    return y


def _labelled(y: Any, x: Any) -> Any:
    """The result of a function of rows, with the labels or the class of x."""
    rebuild = _rebuild(x)
    if rebuild is not None:
        return rebuild(y) if np.shape(y) == np.shape(x) else y
    if not isinstance(x, np.ndarray) or _overrides(x) or not _wraps(x):
        return y
    return _wrap(x, y, None, False)


def _wrap(owner: Any, y: Any, context: Any, as_scalar: bool) -> Any:
    try:
        return owner.__array_wrap__(y, context, as_scalar)
    except TypeError:  # a class from before NumPy 2
        return owner.__array_wrap__(y, context)
