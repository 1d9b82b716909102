"""Calls in NumPy's manner: dtypes, `where=`, `dtype=`, `out=`, subclasses, masked arrays, and other libraries' arrays."""

import subprocess
import sys

import numpy as np
import pytest
from conftest import BFLOAT16, DTYPES, ELEMENTWISE, ROWWISE, assert_same

import actfn

WHOLE = [bool, *(np.dtype(f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16, 32, 64))]

#: The functions whose rows have as many results as numbers.
KEEPING = [f for f in ROWWISE if f(np.ones(4)).shape == (4,)]


def tasks(f):
    """The computations of an elementwise function, as functions of x."""
    return [f, f.derivative, f.second_derivative, lambda x, **keywords: f.backward(x, x, **keywords)]


@pytest.mark.parametrize("dtype", WHOLE, ids=str)
def test_whole_numbers_become_floats_as_numpy_has_it(dtype):
    x = np.array([0, 1, 3], dtype)
    expected = np.tanh(x).dtype
    for f in ELEMENTWISE:
        for task in tasks(f):
            assert_same(task(x), task(x.astype(expected)))
            assert task(x).dtype == expected
    for f in KEEPING:
        assert_same(f(x), f(x.astype(expected)))
    assert type(actfn.relu(x[1])) is type(np.tanh(x[1]))


def test_python_numbers():
    for x in (2, -2, True, 2.5, [1, -2], [[True], [False]], [1, 2.5], (1, -2), range(-2, 2), np.float32(-1), np.int8(3)):
        y, dtype = actfn.leaky_relu(x, negative_slope=0.25), np.tanh(x).dtype
        assert_same(y, np.where(np.asarray(x) < 0, 0.25 * np.asarray(x), x).astype(dtype))
        assert y.dtype == dtype and type(y) is type(np.tanh(x))
    np.testing.assert_allclose(actfn.leaky_relu(np.array([-10, 5], "i4"), negative_slope=0.2), [-2.0, 5.0], rtol=4e-16)
    assert actfn.relu([1, -2]).tolist() == [1.0, 0.0]
    assert_same(actfn.softmax([1, 2]), actfn.softmax([1.0, 2.0]))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dtype(dtype):
    x = np.linspace(-3, 3, 20)
    for f in ELEMENTWISE:
        for task in tasks(f):
            y = task(x, dtype=dtype)
            assert y.dtype == dtype
            assert_same(y, task(x.astype(dtype)))
    for f in ROWWISE:
        assert_same(f(x, dtype=dtype), f(x.astype(dtype)))
        grad = f(x)
        assert_same(f.backward(x, grad, dtype=dtype), f.backward(x.astype(dtype), grad.astype(dtype)))
    assert actfn.tanh([1, 2], dtype="f2").dtype == np.float16
    assert_same(actfn.tanh([1, 2], dtype=np.float32, exact=True), np.tanh([1.0, 2.0]).astype(np.float32))


def test_dtypes_of_results_that_we_do_not_have():
    for dtype in (int, complex, object, "U3", np.longdouble):
        for f in (actfn.gelu, actfn.softmax):
            with pytest.raises(TypeError, match="dtype is .*: actfn computes in float16, float32, float64 and bfloat16"):
                f([1.0], dtype=dtype)


@pytest.mark.parametrize("f", ELEMENTWISE, ids=str)
def test_where(f, rng):
    x = rng.normal(size=(4, 5)).astype(np.float32)
    mask = rng.random((4, 5)) < 0.5
    for task in tasks(f):
        y = task(x)
        assert_same(task(x, where=mask), np.where(mask, y, 0))
        out = np.full_like(x, 7)
        assert task(x, out=out, where=mask) is out
        assert_same(out, np.where(mask, y, np.float32(7)))
        there = x.copy()
        task(there, out=there, where=mask)
        assert_same(there, np.where(mask, y, x))
        assert_same(task(x, where=True), y)
        assert_same(task(x, where=False), np.zeros_like(x))
        assert_same(task(x[0, 0], where=True), y[0, 0])
        assert isinstance(task(x[0, 0], where=mask[0, 0]), np.float32)
        # A row, a column, more dimensions, a list.
        for part in (mask[0], mask[:, :1], mask[None], mask.tolist()):
            assert_same(task(x, where=part), np.where(part, y, 0))


def test_where_is_of_bool_and_fits():
    x = np.zeros((2, 3))
    with pytest.raises(TypeError, match="where is of dtype int64: it must be of bool, for instance where != 0"):
        actfn.gelu(x, where=np.ones((2, 3), np.int64))
    with pytest.raises(ValueError, match=r"where has shape \(2,\), but the result has shape \(2, 3\)"):
        actfn.gelu(x, out=x, where=[True, False])
    with pytest.raises(ValueError):
        actfn.gelu(x, where=[True, False])


@pytest.mark.parametrize("f", ELEMENTWISE + ROWWISE, ids=str)
def test_out_of_another_dtype(f, rng):
    x = rng.normal(size=(3, 4)).astype(np.float32)
    y = f(x)
    for dtype in [*DTYPES, np.dtype(np.complex64), np.dtype(np.longdouble)]:
        out = np.full(y.shape, 7, dtype)
        if dtype in BFLOAT16 and not np.can_cast(np.float32, dtype, "same_kind"):
            continue
        assert f(x, out=out) is out
        np.testing.assert_array_equal(out, y.astype(dtype))
    for dtype in (int, bool):
        with pytest.raises(TypeError, match="out is of dtype (int64|bool), to which a result of dtype float32 is not cast"):
            f(x, out=np.zeros(y.shape, dtype))
    out = (np.zeros_like(y),)
    assert f(x, out=out[0]) is out[0]


def test_out_of_a_larger_shape():
    x = np.array([-1.0, 2.0])
    assert actfn.relu(x, out=np.ones((3, 2))).tolist() == [[0, 2]] * 3
    assert actfn.relu(x, out=(np.ones(2),)).tolist() == [0, 2]
    with pytest.raises(ValueError, match=r"out"):
        actfn.relu(np.ones((3, 2)), out=np.ones(2))


def test_gradients_are_promoted_and_repeated(rng):
    x = rng.normal(size=(3, 4)).astype(np.float32)
    slopes = actfn.gelu.derivative(x)
    assert_same(actfn.gelu.backward(x, 2), 2 * slopes)
    assert actfn.gelu.backward(x, 2.0).dtype == np.float32
    row = np.float32([1, 2, 3, 4])
    assert_same(actfn.gelu.backward(x, row), row * slopes)
    assert actfn.gelu.backward(x, row.astype(np.float64)).dtype == np.float64
    assert actfn.gelu.backward([1, -2], [1, 1]).dtype == np.float64
    with pytest.raises(ValueError, match=r"grad has shape \(3, 4\), but x has shape \(4,\)"):
        actfn.gelu.backward(x[0], x)


@pytest.mark.parametrize("shape", [(3, 1), (4,), (2, 1, 1), (2, 3, 4), (1,)], ids=str)
def test_a_slope_for_each_channel(shape, rng):
    x = rng.normal(size=(2, 3, 4)).astype(np.float32)
    slope = rng.normal(size=shape).astype(np.float32)
    y = actfn.prelu(x, negative_slope=slope)
    assert y.dtype == x.dtype
    np.testing.assert_allclose(y, np.where(x < 0, slope * x, x), rtol=1e-6)
    np.testing.assert_allclose(actfn.prelu.derivative(x, negative_slope=slope.tolist()), np.where(x < 0, slope, 1) * np.ones_like(x))
    grads = actfn.prelu.backward(x, 2 * x, negative_slope=slope, exact=True, convention="onnx")
    np.testing.assert_allclose(grads, 2 * x * np.where(x < 0, slope, 1), rtol=1e-6)
    out = np.zeros_like(x)
    assert actfn.prelu(x, out=out, negative_slope=slope, where=x < 0) is out
    np.testing.assert_array_equal(out, np.where(x < 0, y, 0))
    assert_same(actfn.elu.second_derivative(x, alpha=np.abs(slope) + 1), np.stack([
        actfn.elu.second_derivative(x.ravel()[i], alpha=float(a)) for i, a in enumerate(np.broadcast_to(np.abs(slope) + 1, x.shape).ravel())
    ]).reshape(x.shape))


def test_arrays_as_parameters_are_checked():
    x = np.zeros((2, 3))
    with pytest.raises(ValueError, match=r"negative_slope has shape \(2,\), but x has shape \(2, 3\)"):
        actfn.prelu(x, negative_slope=[1.0, 2.0])
    with pytest.raises(ValueError, match="`negative_slope` of `prelu` cannot be NaN"):
        actfn.prelu(x, negative_slope=[1.0, 2.0, np.nan])
    one = "must be a number, not an array: one parameter may be an array, of functions that are neither of rows nor random"
    with pytest.raises(TypeError, match=f"`beta` {one}"):
        actfn.onnx_hard_sigmoid(x, alpha=[1.0, 2.0, 3.0], beta=[1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match=f"`upper` {one}"):
        actfn.rrelu(x, upper=[1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match=f"`num_pieces` {one}"):
        actfn.maxout(x, num_pieces=[1.0, 2.0, 3.0])


class Metres(np.ndarray):
    """A subclass with something of its own."""

    label = None

    def __array_finalize__(self, other):
        self.label = getattr(other, "label", None)


class Wrapped:
    """No array, but results take its form: by the protocol from before NumPy 2."""

    __array_priority__ = 5

    def __init__(self, numbers):
        self.numbers = numbers

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.numbers, dtype)

    def __array_wrap__(self, array, context=None):
        return Wrapped(array)


class Units(np.ndarray):
    """A subclass with ufuncs of its own, for which a function of rows is none."""

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        return "of its own"


class Own:
    """It computes ufuncs in its own way."""

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        assert ufunc.nin == len(inputs) and ufunc.nout == 1 and method == "__call__"
        return [ufunc.__name__, sorted(keywords), getattr(ufunc, method)(*([-1.0, 2.0] if i is self else i for i in inputs)).tolist()]


class Refusing:
    __array_ufunc__ = None


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_subclasses():
    x = np.array([[-1.0, 2.0]]).view(Metres)
    x.label = "depth"
    for y in (actfn.relu(x), actfn.relu.backward(x, x), actfn.relu.backward(np.ones((1, 2)), x), actfn.softmax(x), actfn.relu(x, dtype="f4")):
        assert type(y) is Metres and y.label == "depth"
    out = np.empty((1, 2)).view(Metres)
    assert actfn.relu(x, out=out) is out and out.tolist() == [[0, 2]]
    assert type(actfn.relu(np.asmatrix([[-1.0, 2.0]]))) is np.matrix
    assert actfn.relu(x.view(Units)) == "of its own" and type(actfn.softmax(x.view(Units))) is np.ndarray
    assert type(actfn.relu.backward(x, Wrapped([1, 1]))) is Wrapped  # the one of higher priority
    y = actfn.relu(Wrapped([-1.0, 2.0]))
    assert type(y) is Wrapped and y.numbers.tolist() == [0, 2]
    assert actfn.relu(Own()) == ["actfn.relu.__call__", [], [0, 2]]
    assert actfn.leaky_relu.backward(Own(), 1, negative_slope=0.5, where=[True]) == ["actfn.leaky_relu.backward", ["where"], [0.5, 1]]
    with pytest.raises(TypeError, match="Refusing does not take functions of NumPy's kind, such as actfn.relu.__call__"):
        actfn.relu(Refusing())


def test_memory_maps(tmp_path):
    x = np.memmap(tmp_path / "x", np.float32, "w+", shape=(3,))
    x[:] = [-1, 0, 2]
    y = actfn.relu(x)
    assert type(y) is type(np.tanh(x)) and y.tolist() == [0, 0, 2]
    assert actfn.relu(x, out=x) is x and x.tolist() == [0, 0, 2]


@pytest.mark.parametrize("f", ELEMENTWISE, ids=str)
def test_masked_arrays_keep_their_mask(f):
    x = np.ma.masked_array([[1.0, -1.0, 0.5]], mask=[[True, False, False]], fill_value=-7)
    for task in tasks(f):
        y = task(x)
        assert type(y) is np.ma.MaskedArray and y.fill_value == -7
        assert y.mask.tolist() == [[True, False, False]]
        assert_same(y.data[~y.mask], task(x.data)[~y.mask])
    y = f.backward(np.ones((1, 3)), x)
    assert y.mask.tolist() == [[True, False, False]]
    y = f.backward(x, np.ma.masked_array(np.ones((1, 3)), mask=[[False, False, True]]))
    assert y.mask.tolist() == [[True, False, True]]


def test_masked_arrays_of_whole_numbers_and_out():
    x = np.ma.masked_array([1, -1], mask=[True, False])
    y = actfn.relu(x)
    assert y.dtype == np.float64 and y.mask.tolist() == [True, False] and y[1] == 0
    assert actfn.relu(np.ma.masked) is np.ma.masked
    out = np.ma.zeros(2)
    assert actfn.relu(x, out=out) is out and out.mask.tolist() == [True, False]
    no_mask = actfn.relu(np.ma.masked_array([1.0, -1.0]))
    assert type(no_mask) is np.ma.MaskedArray and not np.ma.getmaskarray(no_mask).any()
    assert x.mask.tolist() == [True, False] and x.data.tolist() == [1, -1]


@pytest.mark.parametrize("f", KEEPING, ids=str)
@pytest.mark.parametrize("axis", [0, -1])
def test_rows_leave_masked_entries_out(f, axis, rng):
    x = np.ma.masked_array(rng.normal(size=(4, 5)), mask=rng.random((4, 5)) < 0.4)
    x.mask[0] = x.mask[:, 0] = True
    x.data[x.mask] = [np.nan, np.inf, 1e300, -3.0] * (x.mask.sum() // 4) + [9.0] * (x.mask.sum() % 4)
    grad = rng.normal(size=(4, 5))
    y, grad_x = f(x, axis=axis), f.backward(x, grad, axis=axis)
    for result in (y, grad_x):
        assert type(result) is np.ma.MaskedArray
        np.testing.assert_array_equal(np.ma.getmaskarray(result), x.mask)
        assert (result.data[x.mask] == 0).all()
    for i, row in enumerate(np.moveaxis(x, axis, -1)):
        seen = ~np.ma.getmaskarray(row)
        if seen.any():
            upstream = np.moveaxis(grad, axis, -1)[i]
            assert_same(np.moveaxis(y.data, axis, -1)[i][seen], f(row.data[seen]))
            assert_same(np.moveaxis(grad_x.data, axis, -1)[i][seen], f.backward(row.data[seen], upstream[seen]))


def test_rows_of_masked_arrays():
    x = np.ma.masked_array([[1.0, -1.0, 3.0]], mask=[[True, False, False]], fill_value=-7)
    y = actfn.softmax(x)
    assert abs(y.sum() - 1) < 1e-15 and y.fill_value == -7
    # A gradient that is masked is none.
    grad = np.ma.masked_array([[1.0, 2.0, np.nan]], mask=[[False, False, True]])
    assert_same(actfn.softmax.backward(x, grad).data, actfn.softmax.backward(x, [[0, 2.0, 0.0]]).data)
    # Gates and pieces: what is made of a masked number is masked.
    x = np.ma.masked_array([1.0, 2.0, 3.0, 4.0], mask=[False, True, False, False])
    for f, mask in [(actfn.glu, [0, 1]), (actfn.maxout, [1, 0]), (actfn.crelu, [0, 1, 0, 0, 0, 1, 0, 0])]:
        y = f(x)
        assert y.mask.tolist() == [bool(m) for m in mask]
        assert_same(y.data[~y.mask], f(x.data)[~y.mask])
        grads = f.backward(x, np.ones(y.shape))
        assert grads.mask.tolist() == x.mask.tolist() and grads.data[1] == 0
        assert_same(grads.data[0], f.backward(x.data, np.ones(y.shape))[0]) if f is not actfn.maxout else None
    # NaN is not masked.
    y = actfn.glu(np.ma.masked_array([np.nan, 2.0, 3.0, 4.0], mask=[False, True, False, False]))
    assert y.mask.tolist() == [False, True] and np.isnan(y.data[0])
    out = np.zeros(4)
    assert actfn.softmax(x, out=out) is out and abs(out.sum() - 1) < 1e-15 and out[1] == 0
    out = np.ma.zeros(4)
    assert actfn.softmax(x, out=out) is out and out.mask.tolist() == [False, True, False, False]


def test_series_and_frames():
    pd = pytest.importorskip("pandas")
    s = pd.Series([-1.0, 2.0], index=["a", "b"], name="n", dtype="f4")
    expected = pd.Series([0, 2], index=["a", "b"], name="n", dtype="f4")
    pd.testing.assert_series_equal(actfn.relu(s), expected)
    pd.testing.assert_series_equal(actfn.relu(s, dtype=np.float64), expected.astype("f8"))
    pd.testing.assert_series_equal(actfn.relu(s, where=[False, True]), expected)
    pd.testing.assert_series_equal(actfn.relu.backward(s, s[::-1]), expected)  # by label, as pandas has it
    pd.testing.assert_series_equal(actfn.abs.derivative(s), pd.Series([-1, 1], index=s.index, name="n", dtype="f4"))
    assert type(actfn.relu(s.index.map(len))) is type(np.tanh(s.index.map(len)))
    df = pd.DataFrame({"a": np.float32([-1, 2]), "b": [3, -4]}, index=["u", "v"])
    y = actfn.relu(df)
    pd.testing.assert_frame_equal(y, pd.DataFrame({"a": np.float32([0, 2]), "b": [3.0, 0.0]}, index=["u", "v"]))
    nullable = pd.Series([-1, None, 2], dtype="Int64")
    assert actfn.relu(nullable).isna().tolist() == [False, True, False] and actfn.relu(nullable)[2] == 2
    with pytest.raises(TypeError, match="x is of dtype object"):
        actfn.relu(pd.Series([1, "b"], dtype=object))
    y = actfn.prelu(-df * df, negative_slope=[0.5, 2.0])
    assert y.to_numpy().tolist() == [[-0.5, -18], [-2, -32]] and y.columns.tolist() == ["a", "b"]
    training = actfn.get("rrelu(training=1, seed=3)")
    np.testing.assert_array_equal(training(-df * df), training((-df * df).to_numpy()))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_rows_of_series_and_frames(axis):
    pd = pytest.importorskip("pandas")
    df = pd.DataFrame({"a": np.float32([-1, 2]), "b": [3, -4]}, index=["u", "v"])
    y = actfn.softmax(df, axis=axis)
    pd.testing.assert_frame_equal(y, pd.DataFrame(actfn.softmax(df.to_numpy(), axis=axis), df.index, df.columns))
    turned = y.loc[::-1, ::-1]
    pd.testing.assert_frame_equal(actfn.softmax.backward(df, turned, axis=axis), actfn.softmax.backward(df, y, axis=axis))
    assert type(actfn.softmax.backward(df, y)) is pd.DataFrame
    s = pd.Series([1, 2], index=["u", "v"], name="n")
    pd.testing.assert_series_equal(actfn.softmax(s), pd.Series(actfn.softmax([1.0, 2.0]), ["u", "v"], name="n"))
    assert_same(actfn.glu(s), actfn.glu([1.0, 2.0]))  # a shape of its own has no labels


def test_rows_of_frames_with_more_than_numbers():
    pd = pytest.importorskip("pandas")
    df = pd.DataFrame({"a": [1, 2], "b": [3, None]}, index=["u", "u"], dtype="Int64")
    df.attrs["unit"] = "m"
    y = actfn.softmax(df)
    assert y.attrs == {"unit": "m"} and y.dtypes.tolist() == [np.float64, np.float64]
    assert_same(y.to_numpy(), actfn.softmax([[1.0, 3.0], [2.0, np.nan]]))
    assert_same(actfn.softmax.backward(df, y).to_numpy()[0], actfn.softmax.backward([1.0, 3.0], y.to_numpy()[0]))
    with pytest.raises(TypeError, match="x is of dtype object"):
        actfn.softmax(pd.DataFrame({"a": [1], "b": ["x"]}))


def test_series_of_polars():
    pl = pytest.importorskip("polars")
    y = actfn.relu(pl.Series("n", [-1, None, 2]))
    assert type(y) is pl.Series and y.name == "n" and y.to_list() == [0, None, 2]
    assert actfn.relu.backward(pl.Series([-1.0, 2.0]), pl.Series([3.0, 4.0])).to_list() == [0, 4]


def test_data_arrays():
    xr = pytest.importorskip("xarray")
    x = xr.DataArray([[-1.0, 2.0], [3.0, 4.0]], dims=("t", "c"), coords={"c": ["u", "v"]}, attrs={"unit": "m"}, name="n")
    for f in (actfn.relu, actfn.gelu.derivative, actfn.softmax, lambda x: actfn.relu.backward(x, x)):
        xr.testing.assert_identical(f(x), x.copy(data=f(x.to_numpy())))
    turned = x.transpose("c", "t")[::-1]
    xr.testing.assert_equal(actfn.softmax.backward(x, turned), actfn.softmax.backward(x, x))
    xr.testing.assert_equal(actfn.relu.backward(x, turned), actfn.relu.backward(x, x))
    assert type(actfn.relu(x.to_dataset())) is xr.Dataset


def test_nothing_is_imported_for_it():
    code = "import sys, actfn; actfn.relu([1]); actfn.softmax([1]); assert not {'pandas', 'xarray', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_tensors():
    class Tensor:
        """What a tensor of torch does."""

        __module__ = "torch"

        def __array__(self, dtype=None, copy=None):
            return np.array([-1.0, 2.0])

        def __array_wrap__(self, array, context=None, return_scalar=False):
            raise AssertionError("layers of actfn.torch return tensors")

    class WithGradient(Tensor):
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    assert type(actfn.relu(Tensor())) is np.ndarray and actfn.relu(Tensor()).tolist() == [0, 2]
    for f in (actfn.relu, actfn.softmax):
        with pytest.raises(TypeError, match="x is a tensor that NumPy cannot read: functions of actfn.torch take it"):
            f(WithGradient())


def test_other_dtypes_of_ml_dtypes():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    with pytest.raises(TypeError, match="x is of dtype float8_e5m2"):
        actfn.relu(np.zeros(2, ml_dtypes.float8_e5m2))
    x = np.array([-1, 2], ml_dtypes.bfloat16)
    assert actfn.gelu.backward(x, 1.0).dtype == x.dtype
    assert actfn.gelu.backward(x, np.float32([1, 1])).dtype == np.float32
    assert_same(actfn.relu(x, out=np.zeros(2)), [0.0, 2.0])
    assert_same(actfn.relu(np.array([-1.0, 2.0]), out=np.zeros(2, x.dtype)).astype(float), [0.0, 2.0])
