"""Errors are Python's own, and name the thing."""

import numpy as np
import pytest
from conftest import ELEMENTWISE, ROWWISE

import actfn

X = np.zeros((2, 4), np.float32)


@pytest.mark.parametrize("dtype", [np.int64, bool, np.complex128, object, "U3", np.longdouble, "M8[s]"])
def test_dtypes_that_we_do_not_have(dtype):
    x = np.zeros(3).astype(dtype)
    for f in (actfn.gelu, actfn.softmax):
        with pytest.raises(TypeError, match=str(x.dtype).replace("[", r"\[")):
            f(x)


@pytest.mark.parametrize("f", ELEMENTWISE + ROWWISE, ids=str)
def test_every_function_refuses_alike(f):
    with pytest.raises(TypeError, match="is of dtype int64"):
        f(np.zeros(4, np.int64))
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
    with pytest.raises(TypeError, match="out is of dtype float64, but the result is of dtype float32"):
        f(X, out=np.zeros(f(X).shape))
    with pytest.raises(ValueError, match=r"grad has shape \(5,\)"):
        f.backward(X, np.zeros(5, np.float32))
    with pytest.raises(TypeError, match="grad is of dtype float64"):
        f.backward(X, np.zeros(f(X).shape))
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
    with pytest.raises(ValueError, match="`softmax` takes no rows of 0 numbers"):
        actfn.softmax(np.zeros((3, 0)))
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
