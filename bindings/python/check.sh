#!/usr/bin/env bash
# Builds the wheel, installs it into a fresh virtual environment, and tests it there: pytest, doctests, stubs by mypy.
# Needs Rust, a C compiler and Python 3 with venv or pip. Where torch is installed, its tests run as well.
set -euo pipefail
cd "$(dirname "$0")"

python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# environment DIRECTORY [PYTHON [OPTION]]: by venv, or where Debian has it not, by virtualenv.
environment() {
    "${2:-$python}" -m venv ${3:+"$3"} "$1" >/dev/null 2>&1 && return
    rm -rf "$1"
    "${2:-$python}" -m pip install --quiet --target "$work/virtualenv" virtualenv || {
        echo "check.sh: ${2:-$python} has neither venv nor pip: install python3-venv, or set PYTHON" >&2
        exit 2
    }
    PYTHONPATH="$work/virtualenv" "${2:-$python}" -m virtualenv --quiet ${3:+"$3"} "$1"
}

cargo fmt --check
cargo clippy --locked --all-targets -- -D warnings

environment "$work/venv"
pip="$work/venv/bin/pip --disable-pip-version-check --quiet"
$pip wheel --no-deps --wheel-dir "$work" .
wheel=$(echo "$work"/actfn-*.whl)
$pip install "$wheel[test]"
"$work/venv/bin/python" -m pytest -q -p no:cacheprovider

# Debian's torch wants Debian's NumPy: an environment of its own.
for candidate in "$python" /usr/bin/python3; do
    if "$candidate" -c "import torch" 2>/dev/null; then
        environment "$work/torch" "$candidate" --system-site-packages
        "$work/torch/bin/pip" --disable-pip-version-check --quiet install --upgrade "$wheel" pytest hypothesis
        "$work/torch/bin/python" -m pytest -q -p no:cacheprovider tests/test_torch.py tests/test_arrays.py tests/test_package.py
        exit
    fi
done
echo "torch is not installed: its tests were left out"
