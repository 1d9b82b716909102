"""The functions as objects, documentation, stubs, pictures."""

import copy
import doctest
import importlib.metadata
import importlib.util
import inspect
import pickle
import pydoc
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import actfn

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
STUBS = HERE.parent / "python/actfn/__init__.pyi"


@pytest.mark.parametrize("f", actfn.catalogue, ids=str)
def test_docstring_examples(f):
    test = doctest.DocTestParser().get_doctest(f.__doc__, {}, str(f), None, 0)
    assert len(test.examples) >= 3
    report = []
    doctest.DocTestRunner().run(test, out=report.append)
    assert not report, "".join(report)


@pytest.mark.parametrize("f", actfn.catalogue, ids=str)
def test_docstring_holds_all_sections(f):
    text = pydoc.render_doc(f, renderer=pydoc.plaintext)
    for section in ("Parameters", "Returns", "Raises", "Notes", "Examples"):
        assert f"{section}\n    {'-' * len(section)}\n" in text
    for parameter in f.info.parameters:
        assert f"{parameter.name} : {parameter.type}, default" in text
    assert f.info.formula in text and f.info.derivative in text and f.info.source in text


@pytest.mark.parametrize("module", ["actfn", "actfn._function", "actfn.torch"])
def test_examples_of_modules(module):
    if module == "actfn.torch":
        pytest.importorskip("torch", exc_type=ImportError)
    results = doctest.testmod(importlib.import_module(module))
    assert results.failed == 0 and (results.attempted > 0 or module == "actfn")


def test_readme():
    sections = README.read_text(encoding="utf-8").split("\n## ")
    assert sum(section.startswith("PyTorch") for section in sections) == 1
    for section in sections:
        if section.startswith("PyTorch") and importlib.util.find_spec("torch") is None:
            continue
        test = doctest.DocTestParser().get_doctest(section, {}, section.split("\n")[0], None, 0)
        report = []
        doctest.DocTestRunner().run(test, out=report.append)
        assert not report, "".join(report)
    assert sum(section.count(">>> ") for section in sections) > 20


def test_functions_are_objects():
    f = actfn.get("leaky_relu(0.2)")
    assert repr(f) == "<actfn.leaky_relu(negative_slope=0.2)>"
    assert f.parameters == {"negative_slope": 0.2, "weight_at_zero": 1.0}
    assert f == pickle.loads(pickle.dumps(f)) == copy.deepcopy(f) == actfn.get("LeakyRelu".replace("R", "_r").lower() + "(0.2)")
    assert f != actfn.leaky_relu and f != 3 and len({f, actfn.leaky_relu, actfn.get("leaky_relu")}) == 2
    assert inspect.signature(f).parameters["negative_slope"].default == 0.2
    assert f.__name__ == "leaky_relu" and callable(f)


def test_licences_are_in_the_wheel():
    files = {file.name: file for file in importlib.metadata.files("actfn") or () if ".dist-info" in str(file)}
    assert "Permission is hereby granted" in files["LICENSE-MIT"].read_text()
    assert "Apache License" in files["LICENSE-APACHE"].read_text()


def test_catalogue():
    assert len(actfn.catalogue) > 60
    for f in actfn.catalogue:
        assert getattr(actfn, f.info.name) is f and f.info.name in actfn.__all__
        assert isinstance(f, actfn.Rowwise if f.info.is_rowwise else actfn.Elementwise)
        with pytest.raises(AttributeError):
            f.info.name = "other"


@pytest.mark.parametrize("f", [actfn.gelu, actfn.softmax, actfn.maxout], ids=str)
def test_plot(f):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    ax = f.plot()
    lines = ax.get_lines()
    assert len(lines) == f(np.zeros(2)).shape[-1] and ax.get_title().startswith(f.info.title)
    assert f.plot(ax=ax, low=-1, high=1) is ax


def test_stubs_are_current_and_typed():
    pytest.importorskip("mypy")
    subprocess.run([sys.executable, HERE.parent / "stubs.py", "--check"], check=True)
    for file in (STUBS, HERE / "typed.py"):
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", file]
        run = subprocess.run(command, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout
    wrong = [line for line in (HERE / "typed.py").read_text().splitlines() if "type: ignore[" in line]
    assert wrong  # `--strict` warns of those that are not needed: each of these lines is an error that mypy finds
