"""Errors are Python's own, and name the thing."""

import re

import numpy as np
import pytest
from conftest import ELEMENTWISE, ROWWISE

import actfn

X = np.zeros((2, 4), np.float32)


@pytest.mark.parametrize(
    ("dtype", "remedy"),
    [
        (np.complex128, r"take the real part, x\.real"),
        (object, "if all objects are numbers, convert them with numpy.asarray"),
        ("U3", "if these texts are numbers, convert them with numpy.asarray"),
        ("S3", "if these texts are numbers, convert them with numpy.asarray"),
        (np.longdouble, r"convert it, for instance with x\.astype\(numpy\.float64\)"),
        ("M8[s]", "take a number of units"),
        ("m8[s]", "take a number of units"),
        ([("a", float)], "convert it"),
    ],
)
def test_dtypes_that_we_do_not_have(dtype, remedy):
    x = np.zeros(3).astype(dtype)
    for f in (actfn.gelu, actfn.softmax, actfn.gelu.derivative):
        with pytest.raises(TypeError, match=f"^x is of dtype {re.escape(str(x.dtype))}: actfn takes .*; {remedy}"):
            f(x)
    with pytest.raises(TypeError, match="^grad is of dtype"):
        actfn.gelu.backward(np.zeros(3), x)


def test_what_python_makes_no_numbers_of():
    for x in (None, "1", 10**400, [1, None], {1.0}, 1j):
        with pytest.raises(TypeError, match="x is of dtype"):
            actfn.gelu(x)


@pytest.mark.parametrize("f", ELEMENTWISE + ROWWISE, ids=str)
def test_every_function_refuses_alike(f):
    with pytest.raises(TypeError, match="x is of dtype complex64"):
        f(np.zeros(4, np.complex64))
    with pytest.raises(TypeError, match="has no parameter `nonsense`"):
        f(X, nonsense=1)
    with pytest.raises(TypeError, match="wider than float64"):
        f(np.zeros(4), exact=True)
    with pytest.raises(ValueError, match="no convention `nowhere`"):
        f(X, convention="nowhere")
    with pytest.raises(TypeError, match="out must be a numpy.ndarray, not list"):
        f(X, out=[])
    with pytest.raises(ValueError, match=r"out has shape \(3,\), but the result has shape"):
        f(X, out=np.zeros(3, np.float32))
    with pytest.raises(ValueError, match=r"grad has shape \(5,\)"):
        f.backward(X, np.zeros(5, np.float32))
    with pytest.raises(TypeError):
        f()
    for parameter in f.info.parameters:
        with pytest.raises(ValueError, match=f"`{parameter.name}` of `{f.info.name}` cannot be NaN"):
            f(X, **{parameter.name: float("nan")})
        with pytest.raises(TypeError, match=f"`{parameter.name}` must be a number, not str"):
            f(X, **{parameter.name: "much"})


def test_read_only_out():
    out = np.zeros_like(X)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="out is read-only"):
        actfn.gelu(X, out=out)


def test_rows():
    with pytest.raises(ValueError, match="axis 2 is out of bounds for x of 2 dimensions"):
        actfn.softmax(X, axis=2)
    with pytest.raises(ValueError, match="`glu` takes no rows of 3 numbers"):
        actfn.glu(np.zeros(3))
    assert actfn.softmax(np.zeros((0, 3))).shape == (0, 3)
    assert not hasattr(actfn.softmax, "derivative")
    with pytest.raises(TypeError, match="axis"):
        actfn.gelu(X, axis=0)


def test_names():
    with pytest.raises(ValueError, match="did you mean `leaky_relu`"):
        actfn.get("leaky_rleu")
    with pytest.raises(ValueError, match="no number"):
        actfn.get("leaky_relu(much)")
    with pytest.raises(TypeError, match="text must be a str, not int"):
        actfn.get(3)
    with pytest.raises(AttributeError):
        actfn.leaky_rleu
    with pytest.raises(ValueError, match="PyTorch has no activation"):
        actfn.tlu(X, convention="torch")
