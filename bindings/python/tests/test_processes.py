"""Threads, fork, interrupts, subinterpreters."""

import multiprocessing
import os
import platform
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import actfn

X = np.linspace(-4, 4, 1 << 20, dtype=np.float32)


def test_threads_run_in_parallel_and_agree():
    expected = actfn.gelu(X)
    results = [None] * 8

    def work(i):
        results[i] = actfn.gelu(X)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(result, expected) for result in results)


def test_the_interpreter_is_free_meanwhile():
    ticks, done = [], threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.0005)

    x = np.zeros(1 << 22, np.float32)
    out = np.empty_like(x)
    watcher = threading.Thread(target=tick)
    watcher.start()
    spans = []
    for _ in range(5):
        start = time.perf_counter()
        actfn.gelu(x, out=out, exact=True)
        spans.append((start, time.perf_counter()))
    done.set()
    watcher.join()
    within = [sum(start < tick < end for tick in ticks) for start, end in spans]
    assert sum(within) >= 5


def child(queue):
    queue.put([float(actfn.gelu(X[: 1 << n]).sum()) for n in range(8, 21)])


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork_after_use():
    expected = [float(actfn.gelu(X[: 1 << n]).sum()) for n in range(8, 21)]
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=child, args=(queue,))
    process.start()
    assert queue.get(timeout=60) == expected
    process.join(timeout=60)
    assert process.exitcode == 0


def test_keyboard_interrupt():
    # Where the tests run in the background of a shell, SIGINT is ignored unless one says otherwise.
    code = """
import signal
import numpy as np
import actfn
signal.signal(signal.SIGINT, signal.default_int_handler)
x = np.zeros(1 << 20, np.float32)
print("on", flush=True)
for _ in range(100_000):
    actfn.gelu(x, out=x)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "on\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert errors.rstrip().endswith("KeyboardInterrupt")


def test_subinterpreters_are_refused():
    code = """
try:
    import _xxsubinterpreters as interpreters
except ImportError:
    import _interpreters as interpreters
import actfn
it = interpreters.create()
try:
    print(interpreters.run_string(it, "import actfn"))
except Exception as error:
    print(error)
interpreters.destroy(it)
print("here", actfn.relu([-1.0, 2.0]).tolist())
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if "No module named '_" in run.stderr:
        pytest.skip("this Python has no module for subinterpreters")
    assert run.returncode == 0, run.stderr
    assert "ImportError" in run.stdout and "interpreter" in run.stdout
    assert run.stdout.endswith("here [0.0, 2.0]\n")


FLUSHING = """
import ctypes, struct, sys
import numpy as np
import actfn

x = np.arange(0, 1 << 31, 1 << 12, dtype=np.uint32).view(np.float32)  # every binade, subnormal numbers among them
x = np.concatenate([x, -x])

def bits():
    functions = [actfn.get(name) for name in ("sigmoid", "silu", "gelu", "exponential", "relu", "softmax")]
    results = [f(x, exact=exact) for f in functions for exact in (False, True)]
    results += [f.derivative(x) for f in functions[:4]]
    return b"".join(result.tobytes() for result in results) + struct.pack("d", actfn.sigmoid(-740.0))

flush = lambda: ctypes.CDLL(sys.argv[1])
if sys.argv[2] == "after":
    expected = bits()
    flush()
else:  # The pool's threads are made by a thread that flushes.
    flush()
    flushed = bits()
tiny = np.float32([1e-38]) * np.float32([0.1])
assert tiny[0] == 0, "the library did not set flush-to-zero"
sys.stdout.buffer.write(bits() if sys.argv[2] == "after" else flushed)
if sys.argv[2] == "after":
    assert bits() == expected
"""


@pytest.mark.parametrize("threads", ["1", "8"])
def test_the_same_bits_where_a_library_has_set_flush_to_zero(tmp_path, threads):
    compiler, source, library = shutil.which("cc"), tmp_path / "flush.c", tmp_path / "flush.so"
    if compiler is None or platform.machine() != "x86_64":
        pytest.skip("needs a C compiler, and x86-64")
    # As any library linked with -ffast-math does when it is loaded.
    source.write_text(
        "#include <xmmintrin.h>\n__attribute__((constructor)) void set(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }\n"
    )
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)

    def run(when):
        command = [sys.executable, "-c", FLUSHING, library, when]
        environment = os.environ | {"RAYON_NUM_THREADS": threads}
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout

    assert run("after") == run("before")
