"""The functions as objects: what Python adds to the extension module's classes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from actfn import _actfn
from actfn._docs import Docstring, signature
from actfn._info import Info, info

if TYPE_CHECKING:
    import inspect


class _Described:
    """What both kinds of function have beside their computations."""

    def __init__(self, text: str) -> None:
        self.__name__ = self.__qualname__ = self.info.name
        self.__module__ = "actfn"

    @cached_property
    def info(self) -> Info:
        """What is known of the function."""
        return info(self._info())  # type: ignore[attr-defined]

    @property
    def __signature__(self) -> inspect.Signature:
        return signature(self)

    def __repr__(self) -> str:
        return f"<actfn.{self}>"

    def __reduce__(self) -> Any:
        return type(self), (str(self),)

    def plot(self, ax: Any = None, low: float = -5.0, high: float = 5.0) -> Any:
        """Draw the function, and its derivative if it is elementwise, from low to high; matplotlib's axes are returned."""
        from actfn._plot import plot

        return plot(self, ax, low, high)


class Elementwise(_Described, _actfn.Elementwise):
    __doc__ = Docstring("""An activation function of single numbers.

    ``f(x)`` computes it, ``f.derivative(x)``, ``f.second_derivative(x)`` and ``f.backward(x, grad)`` what belongs to it.
    All take arrays of any shape, strides and of dtype float16, float32, float64 or bfloat16, and keep the dtype. They
    promote whole numbers and take ``out=``, ``where=`` and ``dtype=`` as NumPy's functions do.
    """)


class Rowwise(_Described, _actfn.Rowwise):
    __doc__ = Docstring("""An activation function of rows of numbers, which lie along an axis.

    ``f(x, axis=-1)`` computes it, ``f.backward(x, grad, axis=-1)`` the product of a gradient with its Jacobian; with ``where``, of
    the entries where that is true.
    """)


def get(text: str) -> Elementwise | Rowwise:
    """Return the function that a text names, with parameters if need be.

    Parameters
    ----------
    text : str
        ``"name"``, ``"name(value, …)"`` or ``"name(parameter=value, …)"``. ``"torch:name"`` is the function that goes by
        this name in PyTorch, with its defaults there; other frameworks likewise, see ``actfn.conventions``.

    Returns
    -------
    Elementwise or Rowwise
        The function, its parameters as given.

    Raises
    ------
    ValueError
        If no function has this name, or a parameter cannot have its value.
    TypeError
        If the function has no such parameter.

    Examples
    --------
    >>> import actfn
    >>> float(actfn.get("leaky_relu(0.2)")(-1.0))
    -0.2
    >>> actfn.get("torch:LeakyReLU").parameters["negative_slope"]
    0.01
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {type(text).__name__}")
    return (Rowwise if _actfn.is_rowwise(text) else Elementwise)(text)
