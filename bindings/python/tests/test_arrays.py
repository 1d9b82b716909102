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


MASKED = [f for f in ROWWISE if f.info.name in {
    "softmax", "softmin", "log_softmax", "quiet_softmax", "gumbel_softmax", "sparsemax", "entmax15", "hardmax"
}]


@pytest.mark.parametrize("f", MASKED, ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_masked_row_is_the_shorter_row(f, dtype):
    rng = np.random.default_rng(5)
    x, grad = (rng.normal(scale=3, size=(6, 4, 5)).astype(dtype) for _ in range(2))
    mask = rng.random((6, 4, 5)) < 0.6
    mask[0] = False
    hidden = np.where(mask, x, np.array(np.nan, dtype)), np.where(mask, grad, np.array(np.inf, dtype))
    for exact in {False, dtype.itemsize == 2}:
        out = np.empty_like(x)
        y = f(hidden[0], axis=1, where=mask, exact=exact)
        assert f(hidden[0], out, axis=1, where=mask, exact=exact) is out
        assert_same(out, y)
        slope = f.backward(*hidden, axis=1, where=mask, exact=exact)
        for i, k in np.ndindex(6, 5):
            left = mask[i, :, k]
            assert_same(y[i, left, k], f(x[i, left, k], exact=exact))
            assert_same(slope[i, left, k], f.backward(x[i, left, k], grad[i, left, k], exact=exact))
            assert (y[i, ~left, k] == (-np.inf if f.info.name == "log_softmax" else 0)).all()
            assert (slope[i, ~left, k] == 0).all()


def test_masks_are_broadcast_and_checked():
    x = np.arange(6.0).reshape(2, 3)
    expected = actfn.softmax(x, where=np.array([[True, False, True]] * 2))
    assert_same(actfn.softmax(x, where=[True, False, True]), expected)
    assert_same(actfn.softmax(x, where=True), actfn.softmax(x))
    assert (actfn.softmax(x, where=np.array([[True], [False]]))[1] == 0).all()
    for wrong, error in [([1, 0, 1], TypeError), ([True, False], ValueError), (np.ones((2, 2, 3), bool), ValueError)]:
        with pytest.raises(error, match="where"):
            actfn.softmax(x, where=wrong)
    with pytest.raises(ValueError, match="`crelu` takes no `where`"):
        actfn.crelu(x, where=True)
    nan = np.float32([-np.inf, np.nan, -np.inf])
    assert np.isnan(actfn.softmax(nan)).all()
    assert np.isnan(actfn.softmax(nan, where=[True, True, False])[:2]).all()


@pytest.mark.parametrize("f", MASKED, ids=str)
def test_rows_along_several_axes(f):
    x = np.random.default_rng(2).normal(size=(2, 3, 4)).astype(np.float32)
    rows = x.transpose(1, 0, 2).reshape(3, 8)
    for task in (f, lambda x, **keywords: f.backward(x, x[::-1, ::-1, ::-1] if x.ndim == 3 else back, **keywords)):
        back = x[::-1, ::-1, ::-1].transpose(1, 0, 2).reshape(3, 8)
        assert_same(task(x, axis=(0, 2)), task(rows).reshape(3, 2, 4).transpose(1, 0, 2))
        assert_same(task(x, axis=(-1, 0)), task(x, axis=(0, 2)))
    assert_same(f(x, axis=None), f(x.reshape(-1)).reshape(2, 3, 4))


def test_softmax_over_several_axes_is_right():
    y = actfn.softmax(np.arange(1.0, 9.0).reshape(2, 2, 2), axis=(0, 2))
    right = [0.00483723687226, 0.0131489730898, 0.264104184498, 0.71790960554]  # mpmath
    for middle in range(2):
        assert y[:, middle].reshape(-1) == pytest.approx(right, rel=1e-11)
    with pytest.raises(ValueError, match="axis 1 is there twice"):
        actfn.softmax(np.zeros((2, 2)), axis=(1, -1))
    with pytest.raises(ValueError, match="`crelu` changes the length"):
        actfn.crelu(np.zeros((2, 2)), axis=None)
    assert actfn.softmax(2.0, axis=None) == 1


@pytest.mark.parametrize("f", ROWWISE, ids=str)
@pytest.mark.parametrize("shape, axis", [((10, 0), 1), ((0, 5), 0), ((4, 0, 0), 1), ((0,), 0)])
def test_rows_of_length_0(f, shape, axis):
    x = np.zeros(shape, np.float32)
    y = f(x, axis=axis)
    assert y.shape == shape and y.dtype == x.dtype
    assert f.backward(x, y, axis=axis).shape == shape


def test_the_gradient_of_a_number_that_outweighs_the_others():
    for x, right in [(20.0, 2.0611536139418493e-09), (16.7, 5.5883265043734438e-08), (12.0, 6.1441368513331753e-06)]:
        x, grad = np.float32([x, 0]), np.float32([1, 0])
        for exact in (False, True):
            assert actfn.softmax.backward(x, grad, exact=exact) == pytest.approx([right, -right], rel=4e-7)
            assert actfn.softmin.backward(-x, grad, exact=exact) == pytest.approx([-right, right], rel=4e-7)
    x = np.zeros(65537, np.float16)
    x[0] = 4
    grad = actfn.log_softmax.backward(x, np.ones_like(x))
    assert grad[0] == np.float16(-53.5535344949) and (grad[1:] == np.float16(8.1716208641e-4)).all()


def test_gates_that_are_subnormal():
    assert actfn.glu(np.float32([1e30, -100])) == pytest.approx([3.720076e-14], rel=3e-7)
    assert actfn.swiglu(np.float32([-100, 1e30])) == pytest.approx([-3.720076e-12], rel=3e-7)
    assert actfn.geglu(np.float32([-13.8, 1e38])) == pytest.approx([-1.7584785e-4], rel=3e-7)
    assert actfn.swiglu(np.float16([-20, 60000])) == np.float16(-0.0024738)
