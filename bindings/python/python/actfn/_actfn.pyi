"""The extension module, as the package's own code sees it."""

from typing import Any

from numpy.typing import NDArray

__version__: str

class Function:
    def __new__(cls, text: str) -> Any: ...
    @property
    def parameters(self) -> dict[str, float]: ...
    def _info(self) -> dict[str, Any]: ...
    def _resolved(self, convention: str | None = None, **parameters: float) -> str: ...

class Elementwise(Function): ...
class Rowwise(Function): ...

def names() -> list[str]: ...
def is_rowwise(text: str) -> bool: ...
def conventions() -> list[str]: ...
def outputs(function: Any, columns: int) -> int: ...
def flat(
    function: Any,
    task: str,
    columns: int,
    x: NDArray[Any],
    out: NDArray[Any],
    grad: NDArray[Any] | None = None,
    mask: NDArray[Any] | None = None,
    *,
    bfloat16: bool = False,
) -> None: ...
def channels(
    function: Any,
    parameter: str,
    values: list[float],
    inner: int,
    x: NDArray[Any],
    out: NDArray[Any] | None = None,
    grad: NDArray[Any] | None = None,
    *,
    bfloat16: bool = False,
) -> list[float] | None: ...
