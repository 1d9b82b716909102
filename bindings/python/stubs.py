"""Writes the package's type stubs from the catalogue: `python stubs.py`. With `--check` it only says whether they are current."""

from __future__ import annotations

import sys
from pathlib import Path

import actfn

STUBS = Path(__file__).parent / "python/actfn/__init__.pyi"

HEAD = '''\
# Written by stubs.py from the catalogue.
# A function of the catalogue takes fewer parameters than functions at large do.
# mypy: disable-error-code="override"
from typing import Any, Protocol, TypedDict, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from typing_extensions import Unpack

from actfn import _actfn as _actfn
from actfn._info import Framework as Framework
from actfn._info import Info as Info
from actfn._info import Parameter as Parameter

_Float = TypeVar("_Float", bound=np.floating[Any])

class _Dlpack(Protocol):
    def __dlpack__(self) -> Any: ...

__version__: str
conventions: tuple[str, ...]
catalogue: tuple[Elementwise | Rowwise, ...]

def get(text: str) -> Elementwise | Rowwise: ...

class _Function(_actfn.Function):
    __name__: str
    @property
    def info(self) -> Info: ...
    def plot(self, ax: Any = None, low: float = -5.0, high: float = 5.0) -> Any: ...
'''

WHERE = "where: ArrayLike = True"

#: The methods of each kind: their names, data, and keywords.
METHODS = {
    "Elementwise": {
        "__call__": (1, f"{WHERE}, exact: bool = False"),
        "derivative": (1, f"{WHERE}, exact: bool = False"),
        "second_derivative": (1, WHERE),
        "backward": (2, f"{WHERE}, exact: bool = False"),
    },
    "Rowwise": {
        "__call__": (1, "axis: int | tuple[int, ...] | None = -1, where: ArrayLike | None = None, exact: bool = False"),
        "backward": (2, "axis: int | tuple[int, ...] | None = -1, where: ArrayLike | None = None, exact: bool = False"),
    },
}


def methods(kind: str, parameters: str) -> list[str]:
    """The methods of a class, twice each: arrays of floats keep their type, and what all else becomes is known when it runs."""
    lines = []
    for name, (data, keywords) in METHODS[kind].items():
        for types, dtype, result in [
            ("NDArray[_Float]", "None", "NDArray[_Float]"),
            ("ArrayLike | _Dlpack", "DTypeLike | None", "Any"),
        ]:
            arguments = ", ".join(f"{argument}: {types}" for argument in ("x", "grad")[:data])
            out = f"out: {result if dtype == 'None' else 'NDArray[Any]'} | None = None"
            options = ", ".join(filter(None, [keywords, f"dtype: {dtype} = None", "convention: str | None = None", parameters]))
            lines += ["    @overload", f"    def {name}(self, {arguments}, /, {out}, *, {options}) -> {result}: ..."]
    return lines


def parameters_of(f: actfn.Elementwise | actfn.Rowwise) -> dict[str, str]:
    """Names and types of the function's parameters, and the names that frameworks have for them."""
    types = {p.name: p.type for p in f.info.parameters}
    renames = {theirs: ours for framework in f.info.frameworks for theirs, ours in framework.renames}
    return types | {theirs: types[ours] for theirs, ours in renames.items()}


def stubs() -> str:
    """The whole file."""
    classes: set[str] = set()
    lines = [HEAD]
    for kind in METHODS:
        lines += [f"class {kind}(_Function):", "    def __init__(self, text: str) -> None: ..."]
        lines += [*methods(kind, "**parameters: float"), ""]
    functions = []
    for f in actfn.catalogue:
        kind, parameters = type(f).__name__, parameters_of(f)
        name = "_" + f.info.name.title().replace("_", "")
        if not parameters:
            name = f"_{kind}WithoutParameters"
        if name not in classes:
            classes.add(name)
            if parameters:
                lines += [f"class {name}Parameters(TypedDict, total=False):"]
                lines += [*(f"    {key}: {value}" for key, value in parameters.items()), ""]
            lines += [f"class {name}({kind}):"]
            lines += [*methods(kind, f"**parameters: Unpack[{name}Parameters]" if parameters else ""), ""]
        functions += [f"{f.info.name}: {name}"]
    return "\n".join([*lines, *functions, ""])


if __name__ == "__main__":
    text = stubs()
    if sys.argv[1:] == ["--check"]:
        if not STUBS.exists() or STUBS.read_text(encoding="utf-8") != text:
            sys.exit(f"{STUBS} is not what the catalogue says: run python stubs.py")
    elif sys.argv[1:]:
        sys.exit("usage: python stubs.py [--check]")
    else:
        STUBS.write_text(text, encoding="utf-8")
