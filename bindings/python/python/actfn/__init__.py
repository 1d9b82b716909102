"""Neural-network activation functions and their derivatives: accurate, fast, the same bits on every machine.

Each function of the catalogue is an attribute of this module: ``actfn.gelu(x)``. Iterate over ``actfn.catalogue`` for all of
them, or name one by text: ``actfn.get("leaky_relu(0.2)")``. ``actfn.torch`` holds layers for PyTorch.
"""

from __future__ import annotations

from typing import Any

from actfn import _actfn
from actfn._actfn import __version__
from actfn._function import Elementwise, Rowwise, get
from actfn._info import Framework, Info, Parameter

#: All functions at their default parameters.
catalogue = tuple(get(name) for name in _actfn.names())

#: The names that ``convention=`` takes.
conventions = tuple(_actfn.conventions())

globals().update({f.info.name: f for f in catalogue})


def __getattr__(name: str) -> Any:
    """`actfn.torch`, which needs torch, is imported when it is asked for."""
    if name == "torch":
        import importlib

        return importlib.import_module("actfn.torch")
    raise AttributeError(f"module 'actfn' has no attribute {name!r}")


__all__ = [
    "Elementwise",
    "Framework",
    "Info",
    "Parameter",
    "Rowwise",
    "__version__",
    "catalogue",
    "conventions",
    "get",
    *(f.info.name for f in catalogue),
]
