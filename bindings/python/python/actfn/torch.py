"""Activations for PyTorch on the CPU, by the names and with the signatures of ``torch.nn`` and ``torch.nn.functional``.

>>> import torch
>>> import actfn.torch
>>> layer = actfn.torch.GELU(approximate="tanh")
>>> layer(torch.zeros(2))
tensor([0., 0.])

Functions of rows take ``where``, a mask of the entries that take part, and several dimensions as ``dim``.

``replace(model)`` makes a model use them; ``Activation("snake(0.5)")`` is a layer of any function of the catalogue.
Which function a name of torch stands for, its defaults and its derivatives at kinks come from the catalogue.
"""

from __future__ import annotations

import ast
import inspect
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from actfn import _actfn, catalogue, get

_DTYPES = {torch.float16, torch.bfloat16, torch.float32, torch.float64}


def _numbers(tensor: Tensor) -> np.ndarray[Any, Any]:
    """The memory of a tensor without gaps; NumPy gets the bits of bfloat16 as int16."""
    flat = tensor.detach().as_strided((tensor.numel(),), (1,))
    return (flat.view(torch.int16) if tensor.dtype == torch.bfloat16 else flat).numpy()


def _run(
    function: Any,
    task: str,
    columns: int,
    x: Tensor,
    out: Tensor,
    grad: Tensor | None = None,
    where: Tensor | None = None,
) -> Tensor:
    grads = None if grad is None else _numbers(grad)
    mask = None if where is None else _numbers(where)
    bits = x.dtype == torch.bfloat16
    _actfn.flat(function, task, columns, _numbers(x), _numbers(out), grads, mask, bfloat16=bits)
    return out


def _like(x: Tensor) -> tuple[Tensor, Tensor]:
    """x, or a copy of it if it has gaps, and a tensor that lies alike."""
    out = torch.empty_like(x)
    if out.stride() == x.stride():
        return x, out
    x = x.contiguous()
    return x, torch.empty_like(x, memory_format=torch.contiguous_format)


def _lying_like(out: Tensor, tensor: Tensor) -> Tensor:
    """The tensor, or a copy that lies like ``out``."""
    return tensor if tensor.stride() == out.stride() else torch.empty_like(out).copy_(tensor)


def _each(function: Any, task: str, x: Tensor, grad: Tensor | None = None) -> Tensor:
    """A task of an elementwise function."""
    x, out = _like(x)
    return _run(function, task, max(x.numel(), 1), x, out, None if grad is None else _lying_like(out, grad))


class _Elementwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, function: Any) -> Tensor:
        ctx.save_for_backward(x)
        ctx.function = function
        return _each(function, "value", x)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Any:
        (x,) = ctx.saved_tensors
        return _ElementwiseBackward.apply(x, grad, ctx.function), None


class _ElementwiseBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, grad: Tensor, function: Any) -> Tensor:
        ctx.save_for_backward(x, grad)
        ctx.function = function
        return _each(function, "backward", x, grad)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Any:
        x, first = ctx.saved_tensors
        by_x = grad * first * _each(ctx.function, "second_derivative", x) if ctx.needs_input_grad[0] else None
        by_grad = _each(ctx.function, "backward", x, grad) if ctx.needs_input_grad[1] else None
        return by_x, by_grad, None


#: Torch's own functions, which it differentiates twice.
_TWICE: dict[str, Callable[[Tensor], Tensor]] = {
    name: partial(getattr(F, name), dim=-1) for name in ("softmax", "softmin", "log_softmax")
}


def _rows(function: Any, x: Tensor, where: Tensor | None) -> Tensor:
    """The values of a function of rows along the last dimension of a contiguous tensor."""
    out = x.new_empty((*x.shape[:-1], _actfn.outputs(function, x.shape[-1])))
    return _run(function, "value", x.shape[-1], x, out, None, where)


class _Rowwise(torch.autograd.Function):
    """Rows along the last dimension of a contiguous tensor. ``own`` is torch's own function."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, function: Any, own: Any, where: Tensor | None) -> Tensor:
        out = _rows(function, x, where)
        ctx.save_for_backward(x, where)
        ctx.function, ctx.own = function, own
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Any:
        x, where = ctx.saved_tensors
        if torch.is_grad_enabled():  # the gradient will be differentiated itself
            return _differentiable(ctx, x, grad, where), None, None, None
        out = x.new_empty(x.shape)
        return _run(ctx.function, "backward", x.shape[-1], x, out, grad.contiguous(), where), None, None, None


def _differentiable(ctx: Any, x: Tensor, grad: Tensor, where: Tensor | None) -> Tensor:
    own = ctx.own or _TWICE.get(ctx.function.info.name)
    if where is not None:
        raise NotImplementedError(f"`{ctx.function}` has no second derivative under a mask")
    if own is None:
        raise NotImplementedError(f"`{ctx.function}` has no second derivative: it is a function of rows")
    return torch.autograd.grad(own(x), x, grad, create_graph=True)[0]


class _Channels(torch.autograd.Function):
    """An elementwise function with a learned parameter, which may differ from channel to channel."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, function: Any, own: Any) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.function, ctx.own = function, own
        out = torch.empty_like(x)
        _Channels.run(function, x, weight, out, None)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Any:
        x, weight = ctx.saved_tensors
        if torch.is_grad_enabled():
            return *torch.autograd.grad(ctx.own(x, weight), (x, weight), grad, create_graph=True), None, None
        grad = grad.contiguous()
        grad_x = grad_weight = None
        if ctx.needs_input_grad[0]:
            grad_x = torch.empty_like(x)
            _Channels.run(ctx.function, x, weight, grad_x, grad)
        if ctx.needs_input_grad[1]:
            sums = _Channels.run(ctx.function, x, weight, None, grad)
            grad_weight = torch.tensor(sums, dtype=weight.dtype).reshape(weight.shape)
        return grad_x, grad_weight, None, None

    @staticmethod
    def run(function: Any, x: Tensor, weight: Tensor, out: Tensor | None, grad: Tensor | None) -> Any:
        values = weight.detach().reshape(-1).tolist()
        inner = x[0, 0].numel() if len(values) > 1 else x.numel()
        learned = next(p.name for p in function.info.parameters if p.learnable)
        outs, grads = (None if t is None else _numbers(t) for t in (out, grad))
        bits = x.dtype == torch.bfloat16
        if x.numel() == 0:
            return [0.0] * len(values)
        return _actfn.channels(function, learned, values, inner, _numbers(x), outs, grads, bfloat16=bits)


def _check(tensor: Any) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"input must be a torch.Tensor, not {type(tensor).__name__}")
    if tensor.device.type != "cpu":
        raise NotImplementedError(f"actfn computes on the CPU, and the tensor is on {tensor.device}: move it by .cpu()")
    if tensor.dtype not in _DTYPES:
        raise TypeError(f"actfn takes float16, bfloat16, float32 and float64, not {tensor.dtype}")


def _along(
    function: Any,
    x: Tensor,
    dim: int | tuple[int, ...] | None,
    own: Any = None,
    where: Tensor | None = None,
) -> Tensor:
    """A function of rows along a dimension, several, or all of them (None), of the entries where a mask is true."""
    if where is not None:
        where = _mask(where, x)
    if x.dim() == 0:
        return _along(function, x[None], 0 if dim in (-1, 0) else dim, own, None if where is None else where[None])[0]
    dims = _dimensions(dim, x)
    last = range(x.dim() - len(dims), x.dim())
    one = len(dims) == 1

    def rows_of(tensor: Tensor) -> Tensor:
        moved = tensor.movedim(dims, tuple(last))
        return (moved if one else moved.flatten(-len(dims))).contiguous()

    rows, mask = rows_of(x), None if where is None else rows_of(where)
    differentiates = torch.is_grad_enabled() and rows.requires_grad
    y: Tensor = _Rowwise.apply(rows, function, own, mask) if differentiates else _rows(function, rows, mask)
    if one:
        return y.movedim(-1, dims[0]).contiguous()
    if y.shape != rows.shape:
        raise ValueError(f"`{function}` changes the length of a row: give it one dimension")
    return y.unflatten(-1, [x.shape[d] for d in dims]).movedim(tuple(last), dims).contiguous()


def _dimensions(dim: int | tuple[int, ...] | None, x: Tensor) -> tuple[int, ...]:
    """The dimensions counted from the front, in their order."""
    dims = tuple(range(x.dim())) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    for d in dims:
        if not -x.dim() <= d < x.dim():
            raise IndexError(f"dim {d} is out of range for a tensor of {x.dim()} dimensions")
    front = sorted(d % x.dim() for d in dims)
    if len(set(front)) < len(front):
        raise ValueError(f"dim {dims} names a dimension twice")
    if not front:
        raise ValueError("dim names no dimension")
    return tuple(front)


def _mask(where: Any, x: Tensor) -> Tensor:
    """The mask, of the tensor's shape."""
    if not isinstance(where, Tensor) or where.dtype != torch.bool:
        kind = f"a tensor of {where.dtype}" if isinstance(where, Tensor) else type(where).__name__
        raise TypeError(f"where must be a tensor of torch.bool, not {kind}")
    try:
        return torch.broadcast_to(where, x.shape)
    except RuntimeError:
        shapes = f"{tuple(where.shape)} does not broadcast to input of shape {tuple(x.shape)}"
        raise ValueError(f"where of shape {shapes}") from None


def _elementwise(function: Any, x: Tensor) -> Tensor:
    if torch.is_grad_enabled() and x.requires_grad:
        return _Elementwise.apply(x, function)  # type: ignore[no-any-return]
    return _each(function, "value", x)


def _named() -> dict[str, set[str]]:
    """The catalogue's names in torch: those in `nn`, and those in `functional`."""
    names: dict[str, set[str]] = {"nn": set(), "F": set()}
    for function in catalogue:
        for framework in function.info.frameworks:
            for name in framework.names if framework.convention == "torch" else ():
                tree: Any = ast.parse(name, mode="eval").body
                tree = tree.func if isinstance(tree, ast.Call) else tree
                if isinstance(tree, ast.Attribute) and isinstance(tree.value, ast.Name) and tree.value.id in names:
                    names[tree.value.id].add(tree.attr)
    return names


#: Arguments of torch that choose no function.
_ELSEWHERE = {"dim", "num_parameters", "dtype", "device", "inplace", "weight", "_stacklevel", "eps", "training"}


@lru_cache(maxsize=1024)
def _function(name: str, defaults: tuple[tuple[str, Any], ...], arguments: tuple[tuple[str, Any], ...]) -> Any:
    """The function that torch calls ``name`` with these arguments, and the names of its parameters there."""
    words = ", ".join(f"{key}={value!r}" for key, value in arguments if isinstance(value, str) and value != "none")
    function = get(f"torch:{name}({words})" if words else f"torch:{name}")
    frameworks = [f for f in function.info.frameworks if f.convention == "torch" for n in f.names if name in n]
    renames = {theirs: ours for framework in frameworks for theirs, ours in framework.renames}
    values = {}
    for key, value in arguments:
        ours = renames.get(key, key)
        if ours in function.parameters:
            values[ours] = float(value)
        elif key not in _ELSEWHERE and not isinstance(value, str) and (key, value) not in defaults:
            raise ValueError(f"actfn's {name} knows no `{key}` other than {dict(defaults).get(key)}")
    return get(function._resolved(None, **values))


def _call(
    name: str,
    own: Any,
    defaults: tuple[tuple[str, Any], ...],
    input: Tensor,
    arguments: dict[str, Any],
    where: Tensor | None = None,
) -> Tensor:
    """What torch's function of this name returns."""
    _check(input)
    if arguments.get("dtype") is not None:
        input = input.to(arguments["dtype"])
    function = _function(name, defaults, tuple((k, v) for k, v in arguments.items() if _chooses(k, v)))
    if function.parameters.get("training"):  # it draws: from torch's generator
        function = get(function._resolved(seed=int(torch.randint(2**31, ()))))
    if function.info.is_rowwise:
        dim = arguments.get("dim", -1)
        if dim is None:  # torch's own choice, with its warning
            dim = F._get_softmax_dim(name, input.dim(), 4)  # type: ignore[attr-defined]
        return _along(function, input, dim, partial(own, dim=-1), where)
    if where is not None:
        raise TypeError(f"actfn's {name} takes no `where`: it is no function of rows")
    if isinstance(arguments.get("weight"), Tensor):
        return _prelu(function, own, input, arguments["weight"])
    if not arguments.get("inplace"):
        return _elementwise(function, input)
    return input.copy_(_elementwise(function, input.clone() if torch.is_grad_enabled() else input))


def _chooses(key: str, value: Any) -> bool:
    return (key not in _ELSEWHERE or key == "training") and value is not None


def _prelu(function: Any, own: Any, input: Tensor, weight: Tensor) -> Tensor:
    _check(weight)
    channels = input.shape[1] if input.dim() > 1 else 1
    if weight.numel() not in (1, channels):
        raise ValueError(f"weight holds {weight.numel()} numbers, but input of shape {tuple(input.shape)} has {channels} channels")
    return _Channels.apply(input.contiguous(), weight, function, own)  # type: ignore[no-any-return]


def _defaults(signature: inspect.Signature) -> dict[str, Any]:
    empty = inspect.Parameter.empty
    return {p.name: None if p.default is empty else p.default for p in signature.parameters.values()}


def _module(name: str) -> type[nn.Module]:
    """A class in place of torch's, from which it has all but the computation."""
    theirs = getattr(nn, name)
    defaults = _defaults(inspect.signature(theirs))
    given = tuple(defaults.items())
    own = next((f for f in (getattr(F, n, None) for n in _functionals(name)) if f is not None), None)

    def forward(self: Any, input: Tensor, where: Tensor | None = None) -> Tensor:
        arguments = {key: getattr(self, key) for key in (*defaults, "weight", "training") if hasattr(self, key)}
        return _call(f"nn.{name}", own, given, input, arguments, where)

    doc = f"``torch.nn.{name}``, computed by actfn: the same arguments, defaults and derivatives at kinks."
    return type(name, (theirs,), {"__doc__": doc, "__module__": __name__, "forward": forward})


def _functionals(name: str) -> list[str]:
    """What the layer's function is called."""
    lower = name.lower()
    return [lower, *(n for n in _named()["F"] if n.replace("_", "") == lower)]


def _functional(name: str) -> Callable[..., Tensor]:
    """A function in place of torch's."""
    own = getattr(F, name)
    try:
        signature = inspect.signature(own)
    except ValueError:  # written in C++: the layer takes the same
        layer = next(getattr(nn, n) for n in _named()["nn"] if name in _functionals(n))
        parameters = [p for p in inspect.signature(layer).parameters.values() if p.name not in ("device", "dtype")]
        first = inspect.Parameter("input", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        signature = inspect.Signature([first, *parameters])
    defaults = _defaults(signature)
    of_input = next(iter(defaults))
    del defaults[of_input]
    given = tuple(defaults.items())

    def function(*args: Any, where: Tensor | None = None, **kwargs: Any) -> Tensor:
        bound = signature.bind(*args, **kwargs).arguments
        return _call(f"F.{name}", own, given, bound.pop(of_input), {**defaults, **bound}, where)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"``torch.nn.functional.{name}``, computed by actfn: the same arguments and derivatives at kinks."
    mask = inspect.Parameter("where", inspect.Parameter.KEYWORD_ONLY, default=None)
    of_rows = [mask] if "dim" in signature.parameters else []
    function.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), *of_rows]
    )
    return function


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """``torch.nn.functional.prelu``, computed by actfn."""
    return _call("F.prelu", F.prelu, (), input, {"weight": weight})


_MODULES = {name: _module(name) for name in sorted(_named()["nn"]) if hasattr(nn, name)}
_FUNCTIONS = {name: _functional(name) for name in sorted(_named()["F"] - {"prelu"}) if hasattr(F, name)} | {"prelu": prelu}
globals().update(_MODULES | _FUNCTIONS)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """The layers and functions of torch that the catalogue has."""


class Activation(nn.Module):
    """A layer of any function of the catalogue, named by text as for ``actfn.get``; functions of rows along ``dim``, which may be
    several dimensions, or None for all."""

    def __init__(self, text: str, dim: int | tuple[int, ...] | None = -1) -> None:
        super().__init__()
        self.function = get(text)
        self.dim = dim

    def forward(self, input: Tensor, where: Tensor | None = None) -> Tensor:
        _check(input)
        if self.function.info.is_rowwise:
            return _along(self.function, input, self.dim, None, where)
        if where is not None:
            raise TypeError(f"`{self.function}` takes no `where`: it is no function of rows")
        return _elementwise(self.function, input)

    def extra_repr(self) -> str:
        return f"{str(self.function)!r}" + (f", dim={self.dim}" if self.function.info.is_rowwise else "")


def replace(model: nn.Module) -> dict[str, str]:
    """Make a model's activations ours, in place: layers of ``torch.nn``, and functions that modules hold as attributes.

    Returns
    -------
    dict
        The places of what was replaced in the model, and what it is now.

    Examples
    --------
    >>> import torch, actfn.torch
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU())
    >>> actfn.torch.replace(model)
    {'1': 'actfn.torch.ReLU'}
    """
    classes = {getattr(nn, name): ours for name, ours in _MODULES.items()}
    functions = {getattr(F, name): ours for name, ours in _FUNCTIONS.items()}
    replaced = {}
    for path, module in model.named_modules():
        if ours := classes.get(type(module)):
            module.__class__ = ours
            replaced[path] = f"actfn.torch.{ours.__name__}"
        for name, value in list(vars(module).items()):
            if inspect.isroutine(value) and (function := functions.get(value)):
                setattr(module, name, function)
                replaced[f"{path}.{name}".lstrip(".")] = f"actfn.torch.{function.__name__}"
    return replaced


__all__ = ["Activation", "replace", *_MODULES, *_FUNCTIONS]
