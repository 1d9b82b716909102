"""What the tests share."""

import numpy as np
import pytest

import actfn

try:
    import ml_dtypes

    BFLOAT16 = [np.dtype(ml_dtypes.bfloat16)]
except ImportError:  # the tests of bfloat16 are then left out
    BFLOAT16 = []

#: All dtypes that can be had here.
DTYPES = [np.dtype(np.float16), *BFLOAT16, np.dtype(np.float32), np.dtype(np.float64)]

ELEMENTWISE = [f for f in actfn.catalogue if not f.info.is_rowwise]
ROWWISE = [f for f in actfn.catalogue if f.info.is_rowwise]


def assert_same(actual, expected):
    """The same bits, and NaN where NaN is expected."""
    np.testing.assert_array_equal(actual, expected)
    np.testing.assert_array_equal(np.signbit(actual), np.signbit(expected))


@pytest.fixture
def rng():
    return np.random.default_rng(7)
