#!/usr/bin/env bash
# Builds the wheels for manylinux, without a container: maturin compiles, and zig links with the glibc of 2014.
#
#   bindings/python/wheels.sh [DIRECTORY [ARCHITECTURE…]]
#
# The directory is relative to bindings/python, by default dist; the architectures are x86_64 and aarch64, by default both.
#
# For each architecture there are two wheels: one for every CPython from 3.10 on (abi3), and one for the free-threaded CPython
# 3.14. Needs Rust with the architecture's standard library (rustup target add aarch64-unknown-linux-gnu), and Python 3 with venv
# or virtualenv; maturin and zig come through pip. No other Python is needed: maturin knows their interfaces.
set -euo pipefail
cd "$(dirname "$0")"

out=$(realpath -m "${1:-dist}")
architectures=("${@:2}")
((${#architectures[@]})) || architectures=(x86_64 aarch64)
free_threaded=3.14t

fail() {
    echo "wheels.sh: $*" >&2
    exit 2
}

# All that is missing is named before anything is built.
for architecture in "${architectures[@]}"; do
    case $architecture in
    x86_64 | aarch64) ;;
    *) fail "there is no architecture $architecture: choose x86_64 or aarch64" ;;
    esac
    target=$architecture-unknown-linux-gnu
    standard=$(rustc --print target-libdir --target "$target")
    compgen -G "$standard/libstd-*" >/dev/null ||
        fail "Rust has no standard library for $target: run \`rustup target add $target\`, or leave $architecture out"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=${PYTHON:-python3}
"$python" -m venv "$work/venv" >/dev/null 2>&1 || "$python" -m virtualenv --quiet "$work/venv" 2>/dev/null ||
    fail "$python has neither venv nor virtualenv: install python3-venv, or set PYTHON"
export PATH="$work/venv/bin:$PATH"
python -m pip --disable-pip-version-check --quiet install "maturin>=1.9,<2" ziglang

for architecture in "${architectures[@]}"; do
    for interpreter in 3.10 "$free_threaded"; do
        maturin build --release --locked --zig --compatibility manylinux2014 --target "$architecture-unknown-linux-gnu" \
            --interpreter "$interpreter" --out "$out"
    done
done
maturin sdist --out "$out"
ls -l "$out"
