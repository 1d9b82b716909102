"""What is known of a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function."""

    name: str
    meaning: str
    default: float
    #: What Python would take for it: ``float``, ``int`` or ``bool``.
    type: str
    #: The values it may take, in words.
    domain: str
    #: Whether networks learn it.
    learnable: bool


@dataclass(frozen=True)
class Framework:
    """A function as one framework has it."""

    convention: str
    names: tuple[str, ...]
    #: Parameters whose default there differs: names and values.
    sets: tuple[tuple[str, float], ...]
    #: Parameters that have another name there: its name and ours.
    renames: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True)
class Info:
    """What is known and promised of a function: all of it is tested."""

    name: str
    title: str
    aliases: tuple[str, ...]
    is_rowwise: bool
    formula: str
    formula_latex: str
    derivative: str
    derivative_latex: str
    parameters: tuple[Parameter, ...]
    range: str
    smoothness: str
    #: Whether it has a derivative without jumps.
    is_smooth: bool
    kinks: tuple[float, ...]
    monotonic: bool
    zero_centred: bool
    self_normalising: bool
    saturates: str
    max_derivative: float
    #: E f(z), E f(z)² and E f′(z)² for standard normal z.
    gaussian: tuple[float, float, float] | None
    initialisation: str
    uses: str
    problems: str
    source: str
    year: int | None
    frameworks: tuple[Framework, ...]
    #: x, f(x) and f′(x) at default parameters.
    known: tuple[tuple[float, float, float], ...]
    #: Rows and their images at default parameters.
    known_rows: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]


def info(fields: dict[str, Any]) -> Info:
    """The fields as the extension module hands them over, made immutable."""
    fields["parameters"] = [Parameter(**p) for p in fields["parameters"]]
    fields["frameworks"] = [Framework(**{k: _frozen(v) for k, v in f.items()}) for f in fields["frameworks"]]
    return Info(**{name: _frozen(value) for name, value in fields.items()})


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, (list, tuple)) else value
