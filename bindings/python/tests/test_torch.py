"""Layers and functions in place of torch's."""

import copy
import inspect
import io
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed", exc_type=ImportError)

import actfn  # noqa: E402
import actfn.torch as ours  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

#: Arguments to make layers with, beside the defaults.
ARGUMENTS = {
    "CELU": [{"alpha": 0.5}],
    "ELU": [{"alpha": 2.0}],
    "GELU": [{"approximate": "tanh"}],
    "GLU": [{"dim": 0}, {"dim": 1}],
    "Hardshrink": [{"lambd": 0.25}],
    "Hardtanh": [{"min_val": -0.5, "max_val": 2.0}],
    "LeakyReLU": [{"negative_slope": 0.2}],
    "LogSoftmax": [{"dim": 0}, {"dim": -1}],
    "PReLU": [{"num_parameters": 6, "init": 0.1}],
    "RReLU": [{"lower": 0.1, "upper": 0.2}],
    "Softmax": [{"dim": 0}, {"dim": 1}, {"dim": -1}],
    "Softmin": [{"dim": 1}],
    "Softplus": [{"beta": 2.0}],
    "Softshrink": [{"lambd": 0.25}],
    "Threshold": [{"threshold": 0.1, "value": 20.0}],
}
NEEDS_ARGUMENTS = {"Threshold", "Softmax", "LogSoftmax", "Softmin"}

LAYERS = [
    (name, arguments)
    for name in sorted(ours._MODULES)
    for arguments in [*([] if name in NEEDS_ARGUMENTS else [{}]), *ARGUMENTS.get(name, [])]
]
SHAPE = (4, 6, 2)


def pair(name, arguments):
    """Torch's layer and ours, in evaluation: RReLU draws otherwise."""
    return tuple(getattr(module, name)(**arguments).eval().double() for module in (nn, ours))


def data(dtype=torch.float64, shape=SHAPE):
    torch.manual_seed(1)
    x = torch.randn(shape, dtype=torch.float64) * 2
    x.view(-1)[:8] = torch.tensor([0, 0.5, -0.5, 1, -1, 3, -3, 6])  # kinks
    return x.to(dtype)


def test_all_of_the_catalogue_is_there():
    assert len(ours._MODULES) >= 28 and len(ours._FUNCTIONS) >= 26
    for name in ("ReLU", "LeakyReLU", "GELU", "Softmax", "PReLU", "RReLU", "GLU", "Hardtanh", "Threshold"):
        assert name in ours._MODULES


@pytest.mark.parametrize("name, arguments", LAYERS)
def test_layer_agrees_with_torch(name, arguments):
    theirs, mine = pair(name, arguments)
    assert isinstance(mine, getattr(nn, name)) and repr(mine) == repr(theirs)
    # Before torch 2, hardswish had other derivatives at its kinks.
    shift = 0.013 if name == "Hardswish" and torch.__version__ < "2" else 0
    x, y = ((data() + shift).requires_grad_() for _ in range(2))
    a, b = theirs(x), mine(y)
    assert torch.allclose(a, b, rtol=1e-7, atol=1e-9)  # torch's softplus is x itself from 20 on
    grad = torch.randn_like(a)
    a.backward(grad)
    b.backward(grad)
    assert torch.allclose(x.grad, y.grad, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name, arguments", LAYERS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_layer_keeps_the_dtype(name, arguments, dtype):
    mine = pair(name, arguments)[1]
    x = data(dtype).requires_grad_()
    y = mine(x)
    y.sum().backward()
    wide = pair(name, arguments)[1](data(dtype).double())
    assert y.dtype == x.grad.dtype == dtype
    eps = torch.finfo(dtype).eps
    assert torch.allclose(y.double(), wide, rtol=4 * eps, atol=4 * eps)


@pytest.mark.parametrize("name, arguments", LAYERS)
def test_gradcheck(name, arguments):
    mine = pair(name, arguments)[1]
    x = (data(shape=(4, 6)) + 0.013).requires_grad_()  # beside the kinks
    assert torch.autograd.gradcheck(mine, x)


def is_smooth(name):
    return actfn.get(f"torch:nn.{name}").info.smoothness.startswith("smooth")


@pytest.mark.parametrize("name, arguments", [case for case in LAYERS if is_smooth(case[0])])
def test_second_derivatives(name, arguments):
    mine = pair(name, arguments)[1]
    x = (data(shape=(4, 6)) + 0.013).requires_grad_()
    assert torch.autograd.gradgradcheck(mine, x)
    weights = torch.randn_like(mine(x))
    slopes = [torch.autograd.grad((weights * mine(x)).sum(), x, create_graph=create)[0] for create in (False, True)]
    assert torch.allclose(*slopes, rtol=1e-12, atol=1e-14)


def test_second_derivative_of_prelu_and_kinked_functions():
    for make in (lambda m: m.PReLU(6, 0.1).double(), lambda m: m.ReLU(), lambda m: m.ELU()):
        results = []
        for module in (nn, ours):
            layer = make(module)
            x = (data(shape=(4, 6)) + 0.013).requires_grad_()
            (slope,) = torch.autograd.grad(layer(x).pow(2).sum(), x, create_graph=True)
            slope.pow(2).sum().backward()
            results.append([x.grad, *(p.grad for p in layer.parameters())])
        for a, b in zip(*results):
            assert torch.allclose(a, b, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", sorted(ours._FUNCTIONS))
def test_function_agrees_with_torch(name):
    theirs, mine = getattr(F, name), getattr(ours, name)
    arguments = {"threshold": (0.1, 20.0), "prelu": (torch.tensor([0.25] * 6, dtype=torch.float64),)}.get(name, ())
    if "softm" in name:
        arguments = (-1,)
    if name == "gumbel_softmax":
        x = data()
        y = mine(x, tau=0.5, hard=True)
        assert torch.equal(y.sum(-1), torch.ones(SHAPE[:-1], dtype=y.dtype))
        assert set(y.unique().tolist()) == {0, 1} and not torch.equal(mine(x), mine(x))
        mean = torch.stack([mine(x, hard=True) for _ in range(2000)]).mean(0)
        assert torch.allclose(mean, F.softmax(x, -1), atol=0.05)  # what Gumbel's noise is for
        return
    assert torch.allclose(mine(data(), *arguments), theirs(data(), *arguments), rtol=1e-7, atol=1e-9)
    try:
        expected = list(inspect.signature(theirs).parameters)
    except ValueError:
        return
    assert [name for name in inspect.signature(mine).parameters if name != "where"] == expected


def test_arguments_by_place_name_and_dtype():
    x = data(torch.float32)
    assert torch.equal(ours.leaky_relu(x, 0.2), ours.leaky_relu(input=x, negative_slope=0.2))
    assert torch.equal(ours.gelu(x, approximate="tanh"), ours.GELU("tanh")(x))
    assert ours.softmax(x, -1, dtype=torch.float64).dtype == torch.float64
    assert torch.allclose(ours.hardtanh(x, 0.0, 1.0), F.hardtanh(x, 0.0, 1.0))
    with pytest.raises(TypeError):
        ours.relu(x, nonsense=1)
    with pytest.raises(ValueError, match="`threshold` other than 20"):
        ours.softplus(x, 1, 2)
    with pytest.raises(ValueError):
        ours.GELU("nonsense")(x)


@pytest.mark.parametrize("name", ["ReLU", "LeakyReLU", "ELU", "Hardtanh", "SiLU", "Mish"])
def test_in_place(name):
    mine, theirs = getattr(ours, name)(inplace=True), getattr(nn, name)(inplace=True)
    x = data()
    assert mine(x) is x and torch.allclose(x, theirs(data()))
    grads = []
    for layer in (mine, theirs):
        leaf = data().requires_grad_()
        layer(leaf * 1).sum().backward()
        grads.append(leaf.grad)
    assert torch.allclose(*grads)
    with pytest.raises(RuntimeError, match="leaf"):
        mine(data().requires_grad_())


def test_layouts_and_gradients_that_do_not_lie_alike():
    x = data(torch.float32, (2, 4, 3, 5))
    for y in (x.contiguous(memory_format=torch.channels_last), x.transpose(0, 2), x[:, ::2], x.expand(3, 2, 4, 3, 5), x[0, 0, 0, 0]):
        z = ours.gelu(y)
        assert torch.allclose(z, F.gelu(y), atol=1e-6) and z.stride() == torch.empty_like(z).stride()
        for weights in (torch.ones(()).expand(y.shape), torch.randn(y.shape)):
            leaf, other = (y.clone().requires_grad_() for _ in range(2))
            ours.gelu(leaf).backward(weights)
            F.gelu(other).backward(weights)
            assert torch.allclose(leaf.grad, other.grad, atol=1e-6)
    assert ours.gelu(x.contiguous(memory_format=torch.channels_last)).is_contiguous(memory_format=torch.channels_last)
    assert ours.gelu(torch.empty(0, 3)).shape == (0, 3)
    assert ours.softmax(torch.tensor(2.0), 0) == 1


def test_no_copies():
    x = torch.randn(1000, 1000)
    seen = []
    run = ours._actfn.flat
    try:
        ours._actfn.flat = lambda *args, **kwargs: (seen.append(args), run(*args, **kwargs))[1]
        for y in (x, x.t(), torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)):
            z = ours.relu(y)
            assert seen[-1][3].ctypes.data == y.data_ptr() and seen[-1][4].ctypes.data == z.data_ptr()
    finally:
        ours._actfn.flat = run


def test_random_slopes_follow_the_seed_of_torch():
    layer, x = ours.RReLU(), -torch.ones(100, 100)
    torch.manual_seed(5)
    first = layer(x)
    torch.manual_seed(5)
    leaf = x.clone().requires_grad_()
    again = layer(leaf)
    again.sum().backward()
    assert torch.equal(first, again) and torch.equal(leaf.grad, -again)
    assert not torch.equal(layer(x), first)
    assert 1 / 8 <= -first.max() and -first.min() <= 1 / 3 and first.unique().numel() > 1000
    assert torch.equal(layer.eval()(x), nn.RReLU().eval()(x))


def network(module):
    torch.manual_seed(0)
    layers = [nn.Linear(8, 16), module.GELU(), nn.Linear(16, 16), module.PReLU(16), nn.Linear(16, 8), module.LogSoftmax(dim=-1)]
    return nn.Sequential(*layers)


def test_state_saving_and_copying():
    theirs, mine = network(nn), network(ours)
    with torch.no_grad():
        theirs[3].weight.uniform_()
    mine.load_state_dict(theirs.state_dict())
    theirs.load_state_dict(mine.state_dict())
    x = torch.randn(5, 8)
    expected = mine(x)
    assert torch.allclose(expected, theirs(x), atol=1e-6)
    file = io.BytesIO()
    torch.save(mine, file)
    file.seek(0)
    try:
        loaded = torch.load(file, weights_only=False)
    except TypeError:  # an older torch knows no other way
        file.seek(0)
        loaded = torch.load(file)
    for copied in (copy.deepcopy(mine), loaded, pickle.loads(pickle.dumps(mine))):
        assert type(copied[1]) is ours.GELU and torch.equal(copied(x), expected)


def test_training_gives_the_same_loss():
    losses = []
    for module in (nn, ours):
        net = network(module)
        optimiser = torch.optim.SGD(net.parameters(), lr=0.5)
        torch.manual_seed(2)
        x = torch.randn(64, 8)
        for _ in range(50):
            loss = F.nll_loss(net(x), x.argmax(1))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        losses.append(loss.item())
    assert losses[0] < 1.9 and abs(losses[0] - losses[1]) < 1e-5


def test_autocast():
    net, x = network(ours), torch.randn(5, 8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert net[1](net[0](x)).dtype == torch.bfloat16
        y = net(x)
        y.float().sum().backward()
    assert torch.allclose(y.float(), net(x), atol=0.1)
    assert all(p.grad is not None and p.grad.dtype == torch.float32 for p in net.parameters())


def test_replace():
    model = nn.Module()
    model.body = network(nn)
    model.attention = nn.TransformerEncoderLayer(8, 2, activation="gelu")
    x = torch.randn(5, 8)
    expected = model.body(x)
    assert ours.replace(model) == {
        "body.1": "actfn.torch.GELU",
        "body.3": "actfn.torch.PReLU",
        "body.5": "actfn.torch.LogSoftmax",
        "attention.activation": "actfn.torch.gelu",
    }
    assert torch.allclose(model.body(x), expected, atol=1e-6) and ours.replace(model) == {}
    single = nn.ReLU()
    assert ours.replace(single) == {"": "actfn.torch.ReLU"} and type(single) is ours.ReLU


def test_any_function_of_the_catalogue():
    for text in ("snake(0.5)", "swiglu", "sparsemax"):
        layer = ours.Activation(text)
        x = (data(shape=(3, 6)) * 1.01 + 0.013).requires_grad_()
        expected = actfn.get(text)(x.detach().numpy())
        np.testing.assert_array_equal(layer(x).detach().numpy(), expected)
        assert torch.autograd.gradcheck(layer, x)
        assert type(copy.deepcopy(layer)) is ours.Activation and text.split("(")[0] in repr(layer)
    with pytest.raises(NotImplementedError, match="`sparsemax` has no second derivative"):
        torch.autograd.grad(ours.Activation("sparsemax")(x).pow(2).sum(), x, create_graph=True)


def test_errors():
    with pytest.raises(NotImplementedError, match="the tensor is on meta"):
        ours.ReLU()(torch.empty(3, device="meta"))
    with pytest.raises(TypeError, match="not torch.int64"):
        ours.ReLU()(torch.zeros(3, dtype=torch.int64))
    with pytest.raises(TypeError, match="must be a torch.Tensor, not list"):
        ours.relu([1.0])
    with pytest.raises(ValueError, match="weight holds 3 numbers, but input of shape"):
        ours.prelu(torch.zeros(2, 4), torch.zeros(3))
    with pytest.raises(ValueError, match="takes no rows of 3 numbers"):
        ours.glu(torch.zeros(3))


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no torch.distributed")
def test_two_processes_train_alike(tmp_path):
    script = Path(__file__).parent / "ddp.py"
    commands = [[sys.executable, script, str(rank), str(tmp_path / "rendezvous")] for rank in range(2)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    for output in outputs:
        theirs, mine = map(float, output.split())
        assert theirs < 1.9 and abs(theirs - mine) < 1e-5


def test_masks_of_rows():
    x = torch.randn(4, 5, 3, requires_grad=True)
    where = torch.rand(4, 5, 3) < 0.6
    where[0] = False
    grad = torch.randn(4, 5, 3)
    for dim in (0, 1, -1, (1, 2)):
        axis = dim
        y = ours.softmax(x, dim, where=where)
        y.backward(grad)
        array = x.detach().numpy()
        assert torch.equal(y, torch.from_numpy(actfn.softmax(array, axis=axis, where=where.numpy())))
        expected = actfn.softmax.backward(array, grad.numpy(), axis=axis, where=where.numpy())
        assert torch.equal(x.grad, torch.from_numpy(np.ascontiguousarray(expected)))
        assert not x.grad[~where].any() and y.is_contiguous()
        x.grad = None
    layer = ours.LogSoftmax(dim=-1)
    assert torch.equal(layer(x, where=where)[~where], torch.full((int((~where).sum()),), -torch.inf))
    assert torch.equal(ours.softmax(x, 1, where=where[:, :, :1]), ours.softmax(x, 1, where=where[:, :, :1].expand(4, 5, 3)))
    with pytest.raises(TypeError, match="takes no `where`"):
        ours.relu(x, where=where)
    with pytest.raises(TypeError, match="torch.bool"):
        ours.softmax(x, 1, where=torch.ones(3))
    with pytest.raises(ValueError, match="does not broadcast"):
        ours.softmax(x, 1, where=torch.ones(2, dtype=torch.bool))
    with pytest.raises(ValueError, match="takes no mask"):
        ours.glu(torch.randn(2, 4), where=torch.tensor(True))


def test_rows_along_several_dimensions():
    x = torch.arange(1.0, 9.0, dtype=torch.float64).reshape(2, 2, 2).requires_grad_()
    y = ours.softmax(x, (0, 2))
    right = torch.tensor([0.00483723687226, 0.0131489730898, 0.264104184498, 0.71790960554], dtype=torch.float64)
    assert torch.allclose(y[:, 0].reshape(-1), right, rtol=1e-11)
    assert torch.autograd.gradcheck(lambda x: ours.softmax(x, (0, 2)), x)
    everything = ours.Activation("softmax", dim=None)(x)
    assert torch.allclose(everything, F.softmax(x.reshape(-1), 0).reshape(2, 2, 2))
    with pytest.raises(IndexError, match="dim 3 is out of range"):
        ours.softmax(x, 3)


def test_rows_along_another_dimension_are_contiguous():
    assert ours.softmax(torch.randn(3, 4), 0).view(-1).shape == (12,)


@pytest.mark.parametrize("shape, dim", [((10, 0), 1), ((0, 5), 0), ((4, 0, 0), 1)])
def test_rows_of_length_0(shape, dim):
    for f in (ours.softmax, ours.log_softmax, ours.softmin, ours.Activation("sparsemax", dim=dim)):
        x = torch.randn(shape, requires_grad=True)
        y = f(x) if isinstance(f, nn.Module) else f(x, dim)
        y.sum().backward()
        assert y.shape == x.grad.shape == shape


def test_the_gradient_of_a_number_that_outweighs_the_others():
    z = torch.tensor([20.0, 0.0], requires_grad=True)
    for f in (ours.softmax, ours.log_softmax):
        z.grad = None
        f(z, 0)[0].backward()
        assert torch.allclose(z.grad, torch.tensor([2.0611537e-09, -2.0611537e-09]), rtol=4e-7, atol=0)
