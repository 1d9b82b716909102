"""Values and derivatives: the catalogue's reference points, SciPy and NumPy."""

import numpy as np
import pytest
from conftest import DTYPES, ELEMENTWISE, ROWWISE

import actfn

#: Units of the last place that the default precision may be off, by the catalogue's promise and a little for f64's roots.
TOLERANCE = {"float16": 2e-3, "bfloat16": 1.6e-2, "float32": 5e-7, "float64": 1e-13}


@pytest.mark.parametrize("f", ELEMENTWISE, ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_reference_points(f, dtype):
    x, y, dy = map(np.array, zip(*f.info.known))
    same = x.astype(dtype).astype(np.float64) == x  # points that the format holds
    with np.errstate(over="ignore"):  # float16 has an end
        y, dy = y[same].astype(dtype).astype(np.float64), dy[same].astype(dtype).astype(np.float64)
    x = x[same].astype(dtype)
    tiny = float(np.finfo(np.float16).smallest_normal) if dtype == np.float16 else 1e-37
    assert f(x).dtype == f.derivative(x).dtype == dtype
    np.testing.assert_allclose(f(x).astype(np.float64), y, rtol=TOLERANCE[dtype.name], atol=tiny)
    np.testing.assert_allclose(f.derivative(x).astype(np.float64), dy, rtol=TOLERANCE[dtype.name], atol=max(tiny, 2**-24))


@pytest.mark.parametrize("f", ROWWISE, ids=str)
def test_reference_rows(f):
    assert f.info.known_rows
    for x, y in f.info.known_rows:
        np.testing.assert_allclose(f(np.array(x)), y, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("f", ELEMENTWISE, ids=str)
def test_exact_is_the_nearest_number(f, rng):
    x = rng.normal(size=1000).astype(np.float32)
    y = f(x.astype(np.float64)).astype(np.float32)
    exact = f(x, exact=True)
    assert np.all(np.abs(exact - y) <= np.spacing(np.abs(y)))  # float64 itself may round the other way
    assert np.mean(exact == y) > 0.999


def test_against_scipy(rng):
    special = pytest.importorskip("scipy.special")
    x = rng.normal(scale=5, size=(40, 50))
    np.testing.assert_allclose(actfn.sigmoid(x), special.expit(x), rtol=1e-14)
    np.testing.assert_allclose(actfn.log_sigmoid(x), special.log_expit(x), rtol=1e-14)
    np.testing.assert_allclose(actfn.softmax(x, axis=0), special.softmax(x, axis=0), rtol=1e-13)
    np.testing.assert_allclose(actfn.log_softmax(x), special.log_softmax(x, axis=-1), rtol=1e-13)
    np.testing.assert_allclose(actfn.gelu(x), x * special.ndtr(x), rtol=1e-13)


def test_against_numpy(rng):
    x = rng.normal(scale=5, size=1000)
    for ours, theirs in [
        (actfn.tanh, np.tanh),
        (actfn.arctan, np.arctan),
        (actfn.exponential, np.exp),
        (actfn.abs, np.abs),
        (actfn.sign, np.sign),
        (actfn.relu, lambda x: np.maximum(x, 0)),
        (actfn.softplus, lambda x: np.logaddexp(x, 0)),
    ]:
        np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-14)


@pytest.mark.parametrize("f", [f for f in ELEMENTWISE if f.info.is_smooth], ids=str)
def test_derivatives_agree_with_differences(f):
    x = np.linspace(-3, 3, 61) + 0.013
    h = 1e-5
    np.testing.assert_allclose(f.derivative(x), (f(x + h) - f(x - h)) / (2 * h), rtol=1e-6, atol=1e-8)
    slopes = (f.derivative(x + h) - f.derivative(x - h)) / (2 * h)
    np.testing.assert_allclose(f.second_derivative(x), slopes, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("f", [f for f in ROWWISE if f.info.smoothness.startswith("smooth")], ids=str)
def test_backward_of_rows_agrees_with_differences(f, rng):
    x = rng.normal(size=(3, 6))
    grad = rng.normal(size=f(x).shape)
    expected, h = np.empty_like(x), 1e-6
    for i in np.ndindex(x.shape):
        low, high = x.copy(), x.copy()
        low[i] -= h
        high[i] += h
        expected[i] = np.sum(grad * (f(high) - f(low))) / (2 * h)
    np.testing.assert_allclose(f.backward(x, grad), expected, rtol=1e-6, atol=1e-8)


def test_limits_and_nan():
    x = np.array([-np.inf, np.inf, np.nan, -0.0])
    np.testing.assert_array_equal(actfn.gelu(x), [-0.0, np.inf, np.nan, -0.0])
    np.testing.assert_array_equal(actfn.softsign(x), [-1, 1, np.nan, -0.0])
    np.testing.assert_array_equal(actfn.silu.derivative(x), [0, 1, np.nan, 0.5])


def test_conventions():
    assert actfn.leaky_relu(-1.0) == -0.1
    assert actfn.leaky_relu(-1.0, convention="torch") == -0.01
    assert actfn.leaky_relu(-1.0, convention="onnx", alpha=0.5) == -0.5
    assert actfn.leaky_relu(-1.0, convention="torch", negative_slope=0.25) == -0.25
    assert actfn.relu.derivative(0.0) == 1.0
    assert actfn.relu.derivative(0.0, convention="torch") == 0.0
    x = np.linspace(-2, 2, 9)
    np.testing.assert_array_equal(actfn.gelu(x, convention="jax"), actfn.gelu_tanh(x))
    # Arguments may choose the function there.
    np.testing.assert_array_equal(actfn.gelu(x, convention="torch", approximate="tanh"), actfn.gelu_tanh(x))
    np.testing.assert_array_equal(actfn.gelu(x, convention="jax", approximate=False), actfn.gelu(x))
    y = actfn.relu([1.5, 0.5, -0.5, -1.5], convention="keras", max_value=1, threshold=-1, negative_slope=1)
    assert y.tolist() == [1, 0.5, -0.5, -0.5]
    assert actfn.relu(-1.0, convention="keras", negative_slope=0.1) == -0.1
    assert actfn.relu(9.0, convention="keras", max_value=None) == 9 and actfn.relu.derivative(0.0, convention="keras") == 0
    f = actfn.get("keras:ReLU(max_value=1, threshold=-1, negative_slope=1)")
    np.testing.assert_array_equal(f([1.5, 0.5, -0.5, -1.5]), y)
    assert actfn.get("leaky_relu(0.5)")(-1.0, convention="torch", weight_at_zero=1) == -0.5  # what was set stays
    with pytest.raises(TypeError, match="`approximate` must be a number, not set"):
        actfn.gelu(x, convention="torch", approximate={1})
    assert actfn.get("torch:nn.LeakyReLU").parameters == {"negative_slope": 0.01, "weight_at_zero": 0.0}


def test_random_functions_draw_by_index(rng):
    rrelu = actfn.get("rrelu(training=1, seed=7)")
    x = -np.ones((30, 40), dtype=np.float32)
    y = rrelu(x)
    assert len(np.unique(y)) > 1000
    np.testing.assert_array_equal(rrelu(np.asfortranarray(x)), y)
    np.testing.assert_array_equal(rrelu.backward(x, x), y)
    assert not np.array_equal(rrelu(x, seed=8), y)
