"""Threads, fork, interrupts, subinterpreters."""

import multiprocessing
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
