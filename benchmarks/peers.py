"""The Python package actfn beside what else is installed: torch, onnxruntime, jax, tensorflow, numpy and scipy.

    python benchmarks/peers.py                                  # everything, in about five minutes
    python benchmarks/peers.py forward --functions gelu,silu    # one part, two functions
    python benchmarks/peers.py --seconds 0.3 --sizes 262144     # a glance
    python benchmarks/peers.py --record benchmarks/record       # keep it, with machine, versions and date

Needs actfn (`pip install ./bindings/python`) and NumPy. Of the peers, those that are installed take part:
`pip install torch onnx onnxruntime jax tensorflow scipy`.

All run on the CPU, in float32, on one thread and in one process, on the same inputs ~ N(0, 3²), and write to the same output
where their interface lets them. In each round every contender has one turn of about a millisecond, or of one call if that
takes longer, and a copy of memory has one too; who begins changes from round to round. Medians over the rounds are reported,
in nanoseconds per element. Nothing is subtracted: the cost of the call from Python is included, which matters at 4096 elements.
Times on a shared machine drift; ratios within one run hold better.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime
import functools
import gc
import importlib.metadata
import json
import os
import platform
import re
import shlex
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Callable, Iterator

# One thread for everybody: libraries read this when they are loaded, so it comes before their import.
os.environ.update(
    dict.fromkeys(
        [
            "RAYON_NUM_THREADS",  # actfn
            "OMP_NUM_THREADS",
            "MKL_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "PJRT_NPROC",  # jax
            "TF_NUM_INTRAOP_THREADS",
            "TF_NUM_INTEROP_THREADS",
        ],
        "1",
    ),
    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false",
    JAX_PLATFORMS="cpu",
    CUDA_VISIBLE_DEVICES="",
    TF_CPP_MIN_LOG_LEVEL="3",
)

try:
    import numpy as np

    import actfn
    from actfn import _actfn
except ImportError as error:
    sys.exit(f"peers.py: {error}. Install the package: pip install ./bindings/python")

Array = Any  # numpy.ndarray of float32
Call = Callable[[], Any]

ELEMENTWISE = {
    "relu": "relu",
    "leaky_relu": "leaky_relu(0.01)",
    **{name: name for name in ["hardswish", "softsign", "sigmoid", "tanh", "exponential", "arctan", "elu", "selu"]},
    **{name: name for name in ["gelu", "gelu_tanh", "silu", "mish", "softplus", "log_sigmoid"]},
}
ROWWISE = ["softmax", "log_softmax"]
PARTS = {
    "forward": "values",
    "backward": "the gradient of the input, from that of the output and what the forward pass saved",
    "rows": "softmax and log_softmax, forward and backward",
    "call": "one call on 16 elements",
}
SIZES = [1 << 12, 1 << 18, 1 << 24]

#: A backward pass, or rows, of fewer elements than this would measure the call. As many results are checked.
LARGE = 1 << 18

#: A turn calls until it has lasted this long.
TURN_SECONDS = 1e-3

#: Quartiles of fewer rounds say nothing.
LEAST_ROUNDS = 7


@dataclass
class Buffers:
    """What the contenders read and write."""

    x: Array
    y: Array  # f(x), for backward passes that start from it
    grad: Array
    out: Array

    def shaped(self, shape: tuple[int, ...]) -> Buffers:
        n = int(np.prod(shape))
        return Buffers(*(a[:n].reshape(shape) for a in (self.x, self.y, self.grad, self.out)))


def buffers(n: int) -> Buffers:
    """Of n elements. Each begins at a line of the cache, which jax needs in order not to copy."""
    x, y, grad, out = (_aligned(n, 1024 * place) for place in range(4))
    generator = np.random.default_rng(1)
    for array, scale in ((x, 3), (grad, 1)):
        generator.standard_normal(dtype=np.float32, out=array)
        array *= np.float32(scale)
    return Buffers(x, y, grad, out)


def _aligned(n: int, place: int) -> Array:
    """Zeros, so many bytes behind the start of a page: loads of x and stores to out at one place in their pages would wait."""
    page = 4096
    raw = np.zeros(n * 4 + 2 * page, np.uint8)
    start = -raw.ctypes.data % page + place
    return raw[start : start + n * 4].view(np.float32)


# Contenders: `forward(name, buffers)` and `backward(name, buffers)` return a call without arguments, or None where the peer
# lacks the function. A call returns its result, or writes it to `out`.


class Peer:
    """Something that computes activation functions. Importing what it needs is the constructor's job."""

    name: str
    #: Distributions that its line of versions names.
    packages: list[str]

    def forward(self, name: str, b: Buffers) -> Call | None:
        return None

    def backward(self, name: str, b: Buffers) -> Call | None:
        return None


class NumPy(Peer):
    name, packages = "numpy", ["numpy", "scipy"]

    def __init__(self) -> None:
        self.functions: dict[str, Callable[..., Any]] = {
            "relu": functools.partial(np.maximum, np.float32(0)),
            "tanh": np.tanh,
            "exponential": np.exp,
            "arctan": np.arctan,
            "softplus": functools.partial(np.logaddexp, np.float32(0)),
        }
        try:
            from scipy import special
        except ImportError:
            self.special = None
        else:
            self.special = special
            self.functions |= {"sigmoid": special.expit, "log_sigmoid": special.log_expit}

    def forward(self, name: str, b: Buffers) -> Call | None:
        if name in ROWWISE:
            return self.special and functools.partial(getattr(self.special, name), b.x, axis=-1)
        f = self.functions.get(name)
        return f and functools.partial(f, b.x, out=b.out)

    def backward(self, name: str, b: Buffers) -> Call | None:
        return functools.partial(np.multiply, b.grad, b.y, out=b.out) if name == "exponential" else None


class Torch(Peer):
    name, packages = "torch", ["torch"]

    def __init__(self) -> None:
        import torch

        torch.set_num_threads(1)
        self.torch = torch

    def forward(self, name: str, b: Buffers) -> Call | None:
        torch, partial = self.torch, functools.partial
        nn = torch._C._nn  # what torch.nn.functional calls, but with out=
        x, out = torch.from_numpy(b.x), torch.from_numpy(b.out)

        def softsign() -> None:
            torch.abs(x, out=out)
            out.add_(1)
            torch.div(x, out, out=out)

        calls: dict[str, Callable[[], Call]] = {
            "relu": lambda: partial(torch.clamp_min, x, 0, out=out),  # torch.relu has no out=
            "leaky_relu": lambda: partial(nn.leaky_relu, x, 0.01, out=out),
            "hardswish": lambda: partial(nn.hardswish, x, out=out),
            "softsign": lambda: softsign,
            "sigmoid": lambda: partial(torch.sigmoid, x, out=out),
            "tanh": lambda: partial(torch.tanh, x, out=out),
            "exponential": lambda: partial(torch.exp, x, out=out),
            "arctan": lambda: partial(torch.arctan, x, out=out),
            "elu": lambda: partial(nn.elu, x, out=out),
            "selu": lambda: partial(nn.elu, x, *_SELU, out=out),  # the same kernel; torch.selu has no out=
            "gelu": lambda: partial(nn.gelu, x, out=out),
            "gelu_tanh": lambda: partial(nn.gelu, x, approximate="tanh", out=out),
            "silu": lambda: partial(nn.silu, x, out=out),
            "mish": lambda: partial(nn.mish, x, out=out),
            "softplus": lambda: partial(nn.softplus, x, out=out),
            # Else it allocates a buffer as large as x.
            "log_sigmoid": lambda: partial(
                torch.ops.aten.log_sigmoid_forward.output, x, output=out, buffer=torch.empty_like(x)
            ),
            "softmax": lambda: partial(torch.softmax, x, -1, out=out),
            "log_softmax": lambda: partial(torch.log_softmax, x, -1, out=out),
        }
        return calls[name]()

    def backward(self, name: str, b: Buffers) -> Call | None:
        torch, partial, aten = self.torch, functools.partial, self.torch.ops.aten
        x, y, grad, out = (torch.from_numpy(a) for a in (b.x, b.y, b.grad, b.out))
        calls: dict[str, Callable[[], Call]] = {
            "relu": lambda: partial(aten.threshold_backward.grad_input, grad, x, 0, grad_input=out),
            "leaky_relu": lambda: partial(
                aten.leaky_relu_backward.grad_input, grad, x, 0.01, False, grad_input=out
            ),
            "hardswish": lambda: partial(aten.hardswish_backward.out, grad, x, out=out),
            "sigmoid": lambda: partial(aten.sigmoid_backward.grad_input, grad, y, grad_input=out),
            "tanh": lambda: partial(aten.tanh_backward.grad_input, grad, y, grad_input=out),
            "exponential": lambda: partial(torch.mul, grad, y, out=out),
            "elu": lambda: partial(aten.elu_backward.grad_input, grad, 1, 1, 1, False, x, grad_input=out),
            "selu": lambda: partial(aten.elu_backward.grad_input, grad, *_SELU, 1, False, x, grad_input=out),
            "gelu": lambda: partial(aten.gelu_backward.grad_input, grad, x, grad_input=out),
            "gelu_tanh": lambda: partial(
                aten.gelu_backward.grad_input, grad, x, approximate="tanh", grad_input=out
            ),
            "silu": lambda: partial(aten.silu_backward.grad_input, grad, x, grad_input=out),
            "mish": lambda: partial(aten.mish_backward.default, grad, x),
            "softplus": lambda: partial(aten.softplus_backward.grad_input, grad, x, 1, 20, grad_input=out),
            "log_sigmoid": lambda: partial(
                aten.log_sigmoid_backward.grad_input,
                grad,
                x,
                aten.log_sigmoid_forward.default(x)[1],
                grad_input=out,
            ),
            "softmax": lambda: partial(
                aten._softmax_backward_data.out, grad, y, -1, torch.float32, grad_input=out
            ),
            "log_softmax": lambda: partial(
                aten._log_softmax_backward_data.out, grad, y, -1, torch.float32, out=out
            ),
        }
        return calls[name]() if name in calls else None


#: alpha and scale, as in Klambauer et al., Self-Normalizing Neural Networks, 2017.
_SELU = (1.6732632423543772, 1.0507009873554805)


class OnnxRuntime(Peer):
    """Models of one node; input and output are bound once. It has no backward pass."""

    name, packages = "onnxruntime", ["onnxruntime", "onnx"]
    nodes: dict[str, tuple[str, str, dict[str, Any]]] = {
        "relu": ("Relu", "", {}),
        "leaky_relu": ("LeakyRelu", "", {"alpha": 0.01}),
        "hardswish": ("HardSwish", "", {}),
        "softsign": ("Softsign", "", {}),
        "sigmoid": ("Sigmoid", "", {}),
        "tanh": ("Tanh", "", {}),
        "exponential": ("Exp", "", {}),
        "arctan": ("Atan", "", {}),
        "elu": ("Elu", "", {}),
        "selu": ("Selu", "", {}),
        "gelu": ("Gelu", "", {}),
        "gelu_tanh": ("Gelu", "", {"approximate": "tanh"}),
        "silu": ("QuickGelu", "com.microsoft", {"alpha": 1.0}),  # what it makes of x · sigmoid(x)
        "mish": ("Mish", "", {}),
        "softplus": ("Softplus", "", {}),
        "softmax": ("Softmax", "", {"axis": -1}),
        "log_softmax": ("LogSoftmax", "", {"axis": -1}),
    }

    def __init__(self) -> None:
        import onnx
        import onnxruntime

        self.onnx, self.onnxruntime = onnx, onnxruntime

    def forward(self, name: str, b: Buffers) -> Call | None:
        if name not in self.nodes:
            return None
        operator, domain, attributes = self.nodes[name]
        helper, float32 = self.onnx.helper, self.onnx.TensorProto.FLOAT
        graph = helper.make_graph(
            [helper.make_node(operator, ["x"], ["y"], domain=domain, **attributes)],
            name,
            [helper.make_tensor_value_info("x", float32, b.x.shape)],
            [helper.make_tensor_value_info("y", float32, b.x.shape)],
        )
        sets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=sets, ir_version=9)
        options = self.onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = self.onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        binding = session.io_binding()
        binding.bind_input("x", "cpu", 0, np.float32, b.x.shape, b.x.ctypes.data)
        binding.bind_output("y", "cpu", 0, np.float32, b.out.shape, b.out.ctypes.data)
        return functools.partial(session.run_with_iobinding, binding)


class Jax(Peer):
    """Compiled functions, which allocate their results. A backward pass starts from what jax.vjp saved."""

    name, packages = "jax", ["jax", "jaxlib"]

    def __init__(self) -> None:
        import jax

        self.jax, nn = jax, jax.nn
        self.functions: dict[str, Callable[..., Any]] = {
            "leaky_relu": functools.partial(nn.leaky_relu, negative_slope=0.01),
            "hardswish": nn.hard_swish,
            "softsign": nn.soft_sign,
            "exponential": jax.numpy.exp,
            "arctan": jax.numpy.arctan,
            "gelu": functools.partial(nn.gelu, approximate=False),
            "gelu_tanh": functools.partial(nn.gelu, approximate=True),
            **{name: getattr(nn, name) for name in ["relu", "sigmoid", "tanh", "elu", "selu", "silu", "mish"]},
            **{name: getattr(nn, name) for name in ["softplus", "log_sigmoid", *ROWWISE]},
        }

    def forward(self, name: str, b: Buffers) -> Call | None:
        f, x = self.jax.jit(self.functions[name]), self.jax.dlpack.from_dlpack(b.x)
        return lambda: f(x).block_until_ready()

    def backward(self, name: str, b: Buffers) -> Call | None:
        x, grad = self.jax.dlpack.from_dlpack(b.x), self.jax.dlpack.from_dlpack(b.grad)
        _, pull = self.jax.jit(functools.partial(self.jax.vjp, self.functions[name]))(x)
        f = self.jax.jit(lambda pull, grad: pull(grad)[0])
        return lambda: f(pull, grad).block_until_ready()


class TensorFlow(Peer):
    """Operations called one by one, which allocate their results. A tf.function of one operation was slower at all sizes."""

    name, packages = "tensorflow", ["tensorflow", "tensorflow-cpu"]

    def __init__(self) -> None:
        import tensorflow as tf

        self.tf, nn = tf, tf.nn
        self.functions: dict[str, Callable[..., Any]] = {
            "leaky_relu": functools.partial(nn.leaky_relu, alpha=0.01),
            "exponential": tf.exp,
            "arctan": tf.atan,
            "gelu": functools.partial(nn.gelu, approximate=False),
            "gelu_tanh": functools.partial(nn.gelu, approximate=True),
            "log_sigmoid": tf.math.log_sigmoid,
            **{name: getattr(nn, name) for name in ["relu", "softsign", "sigmoid", "tanh", "elu", "selu", "silu"]},
            **{name: getattr(nn, name) for name in ["softplus", *ROWWISE]},
        }
        raw = tf.raw_ops
        #: From grad, x and y.
        self.gradients: dict[str, Callable[[Any, Any, Any], Any]] = {
            "relu": lambda grad, x, y: raw.ReluGrad(gradients=grad, features=x),
            "leaky_relu": lambda grad, x, y: raw.LeakyReluGrad(gradients=grad, features=x, alpha=0.01),
            "softsign": lambda grad, x, y: raw.SoftsignGrad(gradients=grad, features=x),
            "sigmoid": lambda grad, x, y: raw.SigmoidGrad(y=y, dy=grad),
            "tanh": lambda grad, x, y: raw.TanhGrad(y=y, dy=grad),
            "elu": lambda grad, x, y: raw.EluGrad(gradients=grad, outputs=y),
            "selu": lambda grad, x, y: raw.SeluGrad(gradients=grad, outputs=y),
            "softplus": lambda grad, x, y: raw.SoftplusGrad(gradients=grad, features=x),
        }

    def forward(self, name: str, b: Buffers) -> Call | None:
        if name not in self.functions:
            return None
        return functools.partial(self.functions[name], self.shared(b.x))

    def shared(self, array: Array) -> Any:
        return self.tf.experimental.dlpack.from_dlpack(array.__dlpack__())

    def backward(self, name: str, b: Buffers) -> Call | None:
        if name not in self.gradients:
            return None
        return functools.partial(self.gradients[name], *(self.shared(a) for a in (b.grad, b.x, b.y)))


PEERS: list[type[Peer]] = [NumPy, Torch, OnnxRuntime, Jax, TensorFlow]
COPY, OURS, EXACT, FROM_X = "memcpy", "actfn", "exact", "actfn from x"


def ours(part: str, name: str, exact: bool, b: Buffers) -> dict[str, Call]:
    """The package's own calls, and a copy of as many elements: the limit."""
    partial = functools.partial
    f = actfn.get(ELEMENTWISE.get(name, name))
    calls: dict[str, Call] = {COPY: partial(np.copyto, b.out, b.x)}
    if part == "backward" and name in ROWWISE:
        # What the layers of actfn.torch call, with the output saved, as in torch. The method has x alone, and computes y.
        flat = [a.reshape(-1) for a in (b.y, b.out, b.grad)]
        calls[OURS] = partial(_actfn.flat, f, "backward", b.x.shape[-1], *flat)
        calls[FROM_X] = partial(f.backward, b.x, b.grad, b.out)
    elif part == "backward":
        calls[OURS] = partial(f.backward, b.x, b.grad, b.out)
    else:
        calls[OURS] = partial(f, b.x, b.out)
        if exact:
            calls[EXACT] = partial(f, b.x, b.out, exact=True)
    return calls


@dataclass
class Time:
    """Nanoseconds per element, or per call."""

    median: float
    lower: float
    upper: float

    def spread(self) -> float:
        return (self.upper - self.lower) / self.median


@dataclass(frozen=True)
class Task:
    """What a contest is about."""

    part: str
    direction: str  # forward or backward
    function: str
    shape: tuple[int, ...]

    def size(self) -> str:
        return " × ".join(map(str, self.shape))

    def __str__(self) -> str:
        return f"{self.function} {self.direction}, {self.size()}"


@dataclass
class Result:
    """A contest: who took how long for one task."""

    task: Task
    rounds: int
    times: dict[str, Time]

    def best_peer(self) -> str | None:
        peers = [peer.name for peer in PEERS if peer.name in self.times]
        return min(peers, key=lambda name: self.times[name].median, default=None)

    def multiple_of(self, name: str) -> float:
        """Our median as a multiple of another's."""
        return self.times[OURS].median / self.times[name].median


def tasks(parts: list[str], functions: list[str], sizes: list[int]) -> Iterator[Task]:
    """In the order of the tables."""
    elementwise = [name for name in functions if name in ELEMENTWISE]
    large = [n for n in sizes if n >= LARGE]
    if "forward" in parts:
        yield from (Task("forward", "forward", name, (n,)) for n in sizes for name in elementwise)
    if "backward" in parts:
        yield from (Task("backward", "backward", name, (n,)) for n in large for name in elementwise)
    if "rows" in parts:
        shapes = [(n // columns, columns) for n in large for columns in (1000, 32768)]
        for direction in ("forward", "backward"):
            names = [name for name in functions if name in ROWWISE]
            yield from (Task("rows", direction, name, shape) for name in names for shape in shapes)
    if "call" in parts:
        yield from (Task("call", "forward", name, (16,)) for name in elementwise)


class Contests:
    """Holds them, on the same buffers."""

    def __init__(self, peers: list[Peer], largest: int, seconds: float, exact: bool) -> None:
        self.peers, self.seconds, self.exact = peers, seconds, exact
        self.buffers = buffers(largest)
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)
            print(f"warning: {text}", file=sys.stderr)

    def run(self, task: Task) -> Result:
        b = self.buffers.shaped(task.shape)
        f = actfn.get(ELEMENTWISE.get(task.function, task.function))
        if task.direction == "backward":
            f(b.x, b.y)
        calls = ours(task.direction, task.function, self.exact, b)
        for peer in self.peers:
            try:
                call = getattr(peer, task.direction)(task.function, b)
            except (AttributeError, NotImplementedError) as error:  # an older version
                self.warn(f"{peer.name} has no {task.direction} of {task.function} here: {error}")
                continue
            if call is not None:
                calls[peer.name] = call
        self.check(task, f, calls, b)
        return self.measure(task, calls)

    def check(self, task: Task, f: Any, calls: dict[str, Call], b: Buffers) -> None:
        """Leaves out who computes something else. It is also everybody's first call, in which jax compiles."""
        (f(b.x, b.out) if task.direction == "forward" else f.backward(b.x, b.grad, b.out))
        expected = b.out.reshape(-1)[:LARGE].copy()
        for name in [name for name in calls if name != COPY]:
            b.out.fill(np.nan)
            result = calls[name]()
            result = result[0] if isinstance(result, tuple) else result
            result = (b.out if result is None else np.asarray(result)).reshape(-1)[:LARGE]
            # Loose, since it is about which function it is: peers lose digits, but not this many.
            if not np.allclose(result, expected, rtol=1e-2, atol=2e-3):
                worst = float(np.abs(result - expected).max())
                self.warn(f"{name} is left out of {task}: it differs from actfn by up to {worst:.2g}")
                del calls[name]

    def measure(self, task: Task, calls: dict[str, Call]) -> Result:
        counts = {name: _count(call) for name, call in calls.items()}
        samples: dict[str, list[float]] = {name: [] for name in calls}
        busy = dict.fromkeys(calls, 0.0)
        names = list(calls)
        begin = time.perf_counter()
        rounds = 0
        while rounds < LEAST_ROUNDS or time.perf_counter() - begin < self.seconds:
            first = rounds % len(names)
            for name in names[first:] + names[:first]:
                cpu = time.process_time()
                samples[name].append(_turn(calls[name], counts[name]))
                busy[name] += time.process_time() - cpu
            rounds += 1
        elements = 1 if task.part == "call" else int(np.prod(task.shape))
        times = {}
        for name, seconds in samples.items():
            lower, median, upper = (q * 1e9 / elements for q in statistics.quantiles(seconds, n=4))
            times[name] = Time(median, lower, upper)
            made = counts[name] + (counts[name] > 1)  # calls in a turn
            if busy[name] > 1.5 * made * sum(seconds):
                self.warn(f"{name} used more than one thread in {task}")
        return Result(task, rounds, times)


def _turn(call: Call, count: int) -> float:
    """Seconds per call."""
    if count > 1:
        call()  # brings the data back into the cache after the others' turns
    calls = range(count)
    begin = time.perf_counter()
    for _ in calls:
        call()
    return (time.perf_counter() - begin) / count


def _count(call: Call) -> int:
    """How many calls make a turn."""
    count = 1
    while (seconds := _turn(call, count) * count) < TURN_SECONDS / 2:
        count = max(2 * count, int(count * TURN_SECONDS / max(seconds, 1e-7) / 2))
    return max(1, round(count * TURN_SECONDS / seconds)) if seconds < TURN_SECONDS else count


def load() -> tuple[list[Peer], list[str]]:
    """The peers that are here, and what is said of each."""
    peers, lines = [], []
    for kind in PEERS:
        print(f"loading {kind.name}", file=sys.stderr)
        try:
            peers.append(kind())
        except ImportError as error:
            missing = error.name or str(error)
            lines.append(f"{kind.name}: absent ({missing} is not installed)")
        else:
            found = [f"{package} {version}" for package in kind.packages if (version := version_of(package))]
            lines.append(", ".join(found))
    return peers, lines


def version_of(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        # Debian's torch has no metadata.
        module = sys.modules.get(package)
        return getattr(module, "__version__", None)


class Memory:
    """Pages freed during a contest stay with the process, else peers that allocate their results would pay for page faults
    as well. After it they go back, since the next contest's sizes may not fit them."""

    def __init__(self) -> None:
        self.libc: ctypes.CDLL | None = ctypes.CDLL(None)
        # M_MMAP_MAX, M_TRIM_THRESHOLD and M_ARENA_MAX of malloc.h. With arenas of their own, jax's threads fault all the same.
        settings = {-4: 0, -1: 2**31 - 1, -8: 1}
        try:
            for setting, value in settings.items():
                self.libc.mallopt(setting, value)
        except AttributeError:  # not glibc
            self.libc = None
            print("warning: this is not glibc's malloc: page faults may slow down peers that allocate results", file=sys.stderr)

    def release(self) -> None:
        gc.collect()
        if self.libc is not None:
            self.libc.malloc_trim(0)


def cpu() -> str:
    """The CPU's name; family and model where Linux tells, since servers hide behind general names."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    entries = dict(re.findall(r"^([^\t\n]+)\t+: (.+)$", text, re.MULTILINE))
    name = entries.get("model name", platform.machine())
    numbers = [entries[key] for key in ("cpu family", "model") if key in entries]
    return f"{name} (family/model {'/'.join(numbers)})" if numbers else name


def digits(ns: float) -> str:
    return f"{ns:.3f}" if ns < 1 else f"{ns:.2f}" if ns < 10 else f"{ns:.1f}"


def table(results: list[Result]) -> str:
    """One row per contest; a column per contender that has a time in any row."""
    shown = [*(peer.name for peer in PEERS), COPY, OURS, FROM_X, EXACT]
    columns = [name for name in shown if any(name in result.times for result in results)]
    head = ["elements", "function", *columns, "actfn / best peer", "actfn / memcpy", "quartiles"]
    lines = [head, ["---"] * 2 + ["--:"] * (len(head) - 2)]
    for result in results:
        task, own, best = result.task, result.times[OURS], result.best_peer()
        unit = 1000 if task.part == "call" else 1
        row = [task.size(), task.function + (", backward" if task.part == "rows" and task.direction == "backward" else "")]
        row += [digits(result.times[name].median / unit) if name in result.times else "–" for name in columns]
        row.append(f"**{result.multiple_of(best):.2f}** {best}" if best else "–")
        row.append(f"{result.multiple_of(COPY):.2f}")
        row.append(", ".join(f"{100 * entry.spread():.0f} %" for entry in [own, *([result.times[best]] if best else [])]))
        lines.append(row)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


TITLES = {
    "forward": "Forward, ns/element",
    "backward": "Backward, ns/element",
    "rows": "Rows × columns, ns/element",
    "call": "One call on 16 elements, µs",
}


def slower(results: list[Result]) -> str:
    """Where a peer wins, worst first."""
    ratios = [(result.multiple_of(best), best, result) for result in results if (best := result.best_peer())]
    lost = sorted((entry for entry in ratios if entry[0] > 1), key=lambda entry: -entry[0])
    if not lost:
        return f"A peer was faster in none of {len(ratios)} contests."
    lines = [f"- {ratio:.2f}: {result.task} ({best})" for ratio, best, result in lost]
    head = f"A peer was faster in {len(lost)} of {len(ratios)} contests. actfn's time as a multiple of the peer's:"
    return "\n".join([head, "", *lines])


NOTES = """\
CPU, one thread, float32, inputs ~ N(0, 3²). Medians over rounds in turns; nothing is subtracted, so calls from Python are
included. *actfn* is the default, *exact* with `exact=True`; the bold ratio is actfn's median over that of the best peer.
*quartiles*: their distance as a share of the median, for actfn and for the best peer. numpy, torch, onnxruntime and actfn write
to an output at hand, where the interface has one; jax, tensorflow and scipy's softmax allocate theirs, from memory
that the process keeps. Backward: actfn starts from x (rows: from y; *actfn from x* is the method, which computes y again);
torch and tensorflow from x or y, as their layers do; jax from what its `vjp` saved, for which its forward pass has done more."""


def report(results: list[Result], about: list[str], warnings: list[str]) -> str:
    today = datetime.date.today()
    text = [f"# Python, {today}", "\n".join(f"- {line}" for line in about), NOTES]
    for part, title in TITLES.items():
        rows = [result for result in results if result.task.part == part]
        if rows:
            text += [f"## {title}", table(rows)]
    text += ["## Slower than a peer", slower(results)]
    if warnings:
        text += ["## Warnings", "\n".join(f"- {warning}" for warning in warnings)]
    return "\n\n".join(text) + "\n"


def record_path(folder: Path) -> Path:
    slug = re.sub(r"\((R|TM|r|tm)\)|family/model|processor|cpu|@.*", " ", cpu(), flags=re.IGNORECASE)
    slug = re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")
    return folder / f"{datetime.date.today()}-python-{slug}.md"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Measures actfn's Python package beside torch, onnxruntime, jax, tensorflow and numpy, as far as they "
        "are installed, in one process, on one thread, in turns; prints Markdown tables with the ratio to the best peer.",
        epilog="""\
parts:
"""
        + "\n".join(f"  {part:<10} {what}" for part, what in PARTS.items())
        + """

examples:
  peers.py                                    everything, in about five minutes
  peers.py forward call --functions gelu,silu two parts, two functions
  peers.py --seconds 0.3 --sizes 262144       a glance, in half a minute
  peers.py --record benchmarks/record         keep the tables, with machine, versions and date

A ratio below 1 means that actfn is faster. Compare ratios within one run, not times of two runs; on a busy machine give
more --seconds and look at the quartiles.""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="what to measure (default: all): " + ", ".join(PARTS))
    everything = [*ELEMENTWISE, *ROWWISE]
    parser.add_argument("--functions", metavar="NAMES", help="separated by commas (default: all): " + ", ".join(everything))
    parser.add_argument(
        "--sizes",
        metavar="NUMBERS",
        default=",".join(map(str, SIZES)),
        help=f"elements, separated by commas (default: %(default)s); backward and rows take those from {LARGE} on",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=2.0,
        help=f"for each contest, that is each function and size (default: %(default)s; {LEAST_ROUNDS} rounds at least)",
    )
    parser.add_argument("--no-exact", dest="exact", action="store_false", help="leave out exact=True")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write medians and quartiles in nanoseconds")
    parser.add_argument("--record", type=Path, metavar="FOLDER", help="write the tables to a file named by date and CPU")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"there is no part `{part}`; choose of {', '.join(PARTS)}")
    options.parts = options.parts or list(PARTS)
    options.functions = options.functions.split(",") if options.functions else everything
    for name in options.functions:
        if name not in everything:
            parser.error(f"there is no function `{name}` here; choose of {', '.join(everything)}")
    try:
        options.sizes = sorted({int(size) for size in options.sizes.split(",")})
    except ValueError:
        parser.error(f"--sizes takes numbers separated by commas, such as 4096,262144, not `{options.sizes}`")
    # Four buffers, what jax saves and what peers allocate: some 70 bytes per element.
    if not 16 <= options.sizes[0] <= options.sizes[-1] <= SIZES[-1]:
        parser.error(f"--sizes must be from 16 to {SIZES[-1]}: more would need more than 2 GB of memory")
    if not 0 < options.seconds <= 600:
        parser.error("--seconds must be above 0 and at most 600")
    if options.json and not options.json.parent.is_dir():
        parser.error(f"--json: there is no folder {options.json.parent}; make it first")
    return options


def main() -> None:
    options = arguments()
    planned = list(tasks(options.parts, options.functions, options.sizes))
    if not planned:
        sys.exit(
            f"peers.py: nothing to measure: backward and rows take --sizes from {LARGE} on, "
            f"rows only {' and '.join(ROWWISE)}, the other parts all functions but these"
        )
    memory = Memory()
    peers, versions = load()
    contests = Contests(peers, max(SIZES[0], *options.sizes), options.seconds, options.exact)
    results = []
    begin = time.perf_counter()
    for place, task in enumerate(planned, 1):
        print(f"[{place}/{len(planned)}, {time.perf_counter() - begin:.0f} s] {task}", file=sys.stderr)
        results.append(contests.run(task))
        memory.release()
    about = [
        cpu(),
        f"actfn {actfn.__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        *versions,
        f"`{shlex.join(['python', 'benchmarks/peers.py', *sys.argv[1:]])}`, {time.perf_counter() - begin:.0f} s",
    ]
    text = report(results, about, contests.warnings)
    print(text)
    if options.json:
        options.json.write_text(json.dumps({"about": about, "results": [asdict(r) for r in results]}, indent=1) + "\n")
    if options.record:
        options.record.mkdir(parents=True, exist_ok=True)
        path = record_path(options.record)
        path.write_text(text)
        print(f"written: {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
