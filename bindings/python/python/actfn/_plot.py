"""Pictures of the functions."""

from __future__ import annotations

from typing import Any

import numpy as np


def plot(function: Any, ax: Any, low: float, high: float) -> Any:
    """Draw a function; see the functions' method of this name."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError("plot needs matplotlib: pip install matplotlib") from error

    if ax is None:
        ax = plt.figure().add_subplot()
    x = np.linspace(low, high, 1001)
    if function.info.is_rowwise:
        # The first number of a row varies, the other is 0.
        y = function(np.stack([x, np.zeros_like(x)], axis=-1))
        for i in range(y.shape[-1]):
            ax.plot(x, y[:, i], label=f"y[{i}] of [x, 0]")
    else:
        ax.plot(x, function(x), label="f(x)")
        ax.plot(x, function.derivative(x), label="f′(x)", linestyle="--")
    ax.set_title(f"{function.info.title}: {function}")
    ax.set_xlabel("x")
    ax.grid(visible=True, alpha=0.3)
    ax.legend()
    return ax
