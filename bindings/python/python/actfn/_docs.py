"""Docstrings and signatures, made from what is known of the functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import inspect

    from actfn._function import Elementwise, Rowwise
    from actfn._info import Info, Parameter


class Docstring:
    """The ``__doc__`` of a class, and of each of its instances one of its own, made when it is asked for."""

    def __init__(self, of_class: str) -> None:
        self._of_class = of_class

    def __get__(self, instance: Any, owner: type) -> str:
        return self._of_class if instance is None else of_function(instance)


def signature(function: Any) -> inspect.Signature:
    """The signature of the call, with the function's own parameters and their values."""
    from inspect import Parameter, Signature

    own = {"axis": -1, "where": None} if function.info.is_rowwise else {"where": True}
    values = {p.name: number(p, function.parameters[p.name]) for p in function.info.parameters}
    keywords = {**own, "dtype": None, "exact": False, "convention": None, **values}
    return Signature([
        Parameter("x", Parameter.POSITIONAL_ONLY),
        Parameter("out", Parameter.POSITIONAL_OR_KEYWORD, default=None),
        *(Parameter(name, Parameter.KEYWORD_ONLY, default=value) for name, value in keywords.items()),
    ])


def number(parameter: Parameter, value: float) -> float | int | bool:
    """The value as Python would write it for this parameter."""
    if parameter.type == "bool":
        return bool(value)
    return int(value) if parameter.type == "int" else value


def of_function(function: Elementwise | Rowwise) -> str:
    """The docstring, in numpydoc's form."""
    info = function.info
    derivative = f"f′(x) = {info.derivative}" if not info.is_rowwise else info.derivative
    sections = [
        f"{info.name}{signature(function)}",
        f"{info.title}: f(x) = {info.formula}." if not info.is_rowwise else f"{info.title}: {info.formula}.",
        f"{derivative}.",
        _section("Parameters", _parameters(function)),
        _section("Returns", ["ndarray", *_result]),
        _section("Raises", _errors(info)),
        _section("Notes", [_notes(info)]),
        _section("References", [f"{info.source}."]) if info.source else "",
        _section("Examples", example(info)),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([title, "-" * len(title), *lines])


def _parameters(function: Elementwise | Rowwise) -> list[str]:
    rows = function.info.is_rowwise
    lines = [
        "x : array_like",
        "    float16, float32, float64 or bfloat16 (of ml_dtypes), of any shape and strides. Whole numbers and bool become",
        "    floats as NumPy's functions have it: int8 float16, int16 float32, int32 and int64 float64.",
        "out : ndarray, optional",
        "    Where the result goes; of its shape, and of any dtype of floats" + (". x itself is fine." if not rows else "."),
    ]
    if rows:
        lines += [
            "axis : int, tuple of int or None, default -1",
            "    Along which the rows lie; several axes make one row, in the order of the array, and None takes all axes.",
            "where : array_like of bool, optional",
            "    The entries that take part, broadcast to the shape of x. The others become 0, or −∞ under log-softmax, and have a",
            "    gradient of 0, whatever they hold. Functions that change the length of a row take none.",
        ]
    else:
        lines += [
            "where : array_like of bool, default True",
            "    Where to compute. Elsewhere out keeps what it has; without out the result is 0 there.",
        ]
    lines += [
        "dtype : dtype, optional",
        "    Compute in this format: x is cast to it. The result has it.",
        "exact : bool, default False",
        "    Compute one format wider and round once: the nearest number there is, at several times the cost. There is",
        "    nothing wider than float64.",
        "convention : str, optional",
        "    Be the function that goes by this name in a framework, with its defaults: one of ``actfn.conventions``.",
    ]
    for parameter in function.info.parameters:
        value = number(parameter, function.parameters[parameter.name])
        lines += [f"{parameter.name} : {parameter.type}, default {value}"]
        lines += [f"    {parameter.meaning}; {parameter.domain}."]
    return lines


_result = [
    "    f(x), of the dtype of x unless dtype says otherwise; a scalar where x is one. Masked arrays, other subclasses, Series,",
    "    DataFrames and DataArrays come back as what they were.",
]


def _errors(info: Info) -> list[str]:
    lines = [
        "TypeError",
        "    If x holds something else than real numbers, if out is of no dtype of floats, or for an unknown parameter.",
        "ValueError",
        "    If out has another shape than the result, or a parameter cannot have its value.",
    ]
    if info.is_rowwise:
        lines[-1:] = [
            "    If there is no such axis, if it has a length that means nothing, if out has another shape than the result, or",
            "    if a parameter cannot have its value.",
        ]
    return lines


def _notes(info: Info) -> str:
    known_as = {"Other names": ", ".join(info.aliases), "Range": info.range, "Smoothness": info.smoothness}
    facts = {**known_as, "Saturates": info.saturates, "Used for": info.uses, "Problems": info.problems}
    return "\n".join(f"* {name}: {fact}." for name, fact in facts.items() if fact)


def example(info: Info) -> list[str]:
    """An example whose results are the known values, and not computed."""
    import numpy as np

    lines = [">>> import numpy as np", ">>> import actfn"]
    if info.is_rowwise:
        row, image = info.known_rows[0]
        return [*lines, f">>> actfn.{info.name}(np.array({list(row)}))", repr(np.array(image))]
    points = [point for point in info.known if point[0] in (-1.0, 0.5, 2.0)]
    x, y, slopes = map(list, zip(*points))
    return [
        *lines,
        f">>> x = np.array({x})",
        f">>> actfn.{info.name}(x)",
        repr(np.array(y)),
        f">>> actfn.{info.name}.derivative(x)",
        repr(np.array(slopes)),
    ]
