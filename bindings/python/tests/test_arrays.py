"""Shapes, strides, dtypes and where results go."""

import timeit

import numpy as np
import pytest
from conftest import DTYPES, ELEMENTWISE, ROWWISE, assert_same
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import actfn


@st.composite
def views(draw):
    """Arrays of any dtype and shape, transposed, reversed, broadcast, with gaps, unaligned or of the other byte order."""
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=7))
    seed = draw(st.integers(0, 2**32 - 1))
    x = np.random.default_rng(seed).normal(scale=3, size=tuple(2 * n for n in shape)).astype(dtype)
    steps = [draw(st.sampled_from([1, 2, -1, -2])) for _ in shape]
    x = x[tuple(slice(None, n, 1) if s == 1 else slice(None, None, s) for n, s in zip(shape, steps))]
    x = x.transpose(draw(st.permutations(range(x.ndim))))
    kind = draw(st.sampled_from(["as it is", "broadcast", "unaligned", "swapped", "column by column"]))
    if kind == "broadcast":
        x = np.broadcast_to(x, (3, *x.shape))
    elif kind == "unaligned":
        raw = np.zeros(x.nbytes + 1, np.uint8)
        view = raw[1:].view(dtype).reshape(x.shape)
        view[...] = x
        x = view
    elif kind == "swapped" and dtype.kind == "f":
        x = x.astype(dtype.newbyteorder())
    elif kind == "column by column":
        x = np.asfortranarray(x)
    return x


def plain(x):
    """The same numbers one after the other."""
    return np.array(x, dtype=x.dtype.newbyteorder("="), order="C") if x.dtype.kind == "f" else np.array(x, order="C")


@settings(deadline=None, max_examples=200)
@given(views(), st.sampled_from(ELEMENTWISE))
def test_elementwise_on_any_strides(x, f):
    flat = plain(x)
    for task in (f, f.derivative, f.second_derivative, lambda x, out=None: f.backward(x, x, out=out)):
        expected = task(flat.reshape(-1)).reshape(x.shape)
        assert_same(task(x), expected)
        out = np.empty_like(flat)
        assert task(x, out=out) is out
        assert_same(out, expected)
        gaps = np.empty((*x.shape, 2), flat.dtype)[..., 0]
        task(x, out=gaps)
        assert_same(gaps, expected)
        there = np.empty_like(x)
        there[...] = x
        task(there, out=there)
        assert_same(there, expected)


@settings(deadline=None, max_examples=200)
@given(views(), st.sampled_from(ROWWISE), st.data())
def test_rows_along_any_axis(x, f, data):
    if x.ndim == 0:
        with pytest.raises(ValueError, match="axis -1 is out of bounds"):
            f(x)
        return
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    rows = np.moveaxis(plain(x), axis, -1).copy()
    try:
        expected = np.moveaxis(f(rows), -1, axis)
    except ValueError as error:
        assert "takes no rows of" in str(error)
        return
    assert_same(f(x, axis=axis), expected)
    out = np.empty_like(expected)
    assert f(x, out=out, axis=axis) is out
    assert_same(out, expected)
    grads = f.backward(x, expected, axis=axis)
    assert grads.shape == x.shape
    assert_same(grads, np.moveaxis(f.backward(rows, f(rows)), -1, axis))
    grad = expected.copy()
    if grad.shape == x.shape:
        f.backward(x, grad, out=grad, axis=axis)
        assert_same(grad, grads)


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 40), st.sampled_from(ELEMENTWISE))
def test_overlapping_out(start, out_start, length, f):
    memory = np.linspace(-3, 3, 100, dtype=np.float32)
    expected = f(memory[start : start + length].copy())
    f(memory[start : start + length], out=memory[out_start : out_start + length])
    assert_same(memory[out_start : out_start + length], expected)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_large_arrays_give_the_same_bits(dtype, rng):
    x = rng.normal(size=300_001).astype(dtype)
    pieces = np.concatenate([actfn.gelu(x[i : i + 1000]) for i in range(0, len(x), 1000)])
    assert_same(actfn.gelu(x), pieces)
    assert_same(actfn.gelu(x, out=x), pieces)


def test_layout_is_kept():
    x = np.zeros((3, 4, 5), np.float32)
    assert actfn.tanh(x).flags.c_contiguous
    assert actfn.tanh(np.asfortranarray(x)).flags.f_contiguous
    assert actfn.tanh(x.transpose(1, 2, 0)).strides == x.transpose(1, 2, 0).strides


def test_no_copy_of_contiguous_input():
    tracemalloc = pytest.importorskip("tracemalloc")
    x = np.zeros((1000, 1000), np.float32)
    out = np.empty_like(x)
    for y in (x, x.T, x.reshape(10, 100, 1000).transpose(2, 0, 1)):
        tracemalloc.start()
        actfn.gelu(y, out=out.T if y is not x and y.ndim == 2 else out.reshape(y.shape) if y is x else None)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < (1.1 * x.nbytes if y.ndim == 3 else 10_000)


def test_what_is_no_array():
    class WithArray:
        def __array__(self, dtype=None, copy=None):
            return np.array([-1.0, 2.0], np.float32)

    class WithDlpack:
        def __dlpack__(self, **kwargs):
            return np.array([-1.0, 2.0], np.float32).__dlpack__(**kwargs)

        def __dlpack_device__(self):
            return (1, 0)

    for x in (WithArray(), WithDlpack()):
        y = actfn.relu(x)
        assert y.dtype == np.float32 and y.tolist() == [0, 2]
    assert actfn.relu([[-1.0], [2.0]]).tolist() == [[0], [2]]
    assert isinstance(actfn.relu(2.0), np.float64)
    assert isinstance(actfn.relu(np.float32(2)), np.float32)
    assert actfn.relu(np.array(2.0), out=np.array(0.0)).shape == ()


def test_small_calls_are_quick():
    x = np.linspace(-3, 3, 16, dtype=np.float32)

    def cost(f):
        return min(timeit.repeat(lambda: f(x), number=1000, repeat=30))

    assert cost(actfn.tanh) < 2.5 * cost(np.tanh)  # about 0.4 µs each
