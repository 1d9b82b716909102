"""What mypy says of the stubs: the wrong lines are marked, and it complains of a mark that is not needed."""

import numpy as np
from numpy.typing import NDArray

import actfn

x: NDArray[np.float32] = np.zeros(3, np.float32)

y: NDArray[np.float32] = actfn.gelu(x)
y = actfn.gelu(x, out=x, exact=True, convention="torch")
y = actfn.leaky_relu.derivative(x, negative_slope=0.2)
y = actfn.leaky_relu(x, convention="onnx", alpha=0.2)
y = actfn.softmax(x, axis=0)
y = actfn.softmax.backward(x, x, axis=0)
y = actfn.gelu(x, where=[True, False, True])
z = actfn.gelu(np.arange(3), dtype=np.float32)
z = actfn.softmax([1, 2], dtype="f4")
number: float = actfn.tanh(0.5)
name: str = actfn.gelu.info.name
names: list[str] = [f.info.name for f in actfn.catalogue]
z = actfn.get("leaky_relu(0.2)")(x)

actfn.gelu(x, slope=0.2)  # type: ignore[call-overload]
actfn.gelu(x, axis=0)  # type: ignore[call-overload]
actfn.gelu(x, where=object())  # type: ignore[call-overload]
actfn.leaky_relu(x, negative_slope="steep")  # type: ignore[call-overload]
actfn.softmax.derivative(x)  # type: ignore[attr-defined]
actfn.gelu.info.name = "other"  # type: ignore[misc]
