#!/usr/bin/env bash
# AArch64 (NEON, under qemu-user) and WebAssembly (without std, in Node.js) must give the golden hashes: f16, bf16 and the f64
# sample in full, every 65 521st input of f32, and a set of rows, for each function, its derivative, and both precisions; and the
# weights of small networks trained by actfn-lab's engine.
#
# Needs Debian's packages rustc-web cargo-web rust-web-src gcc-aarch64-linux-gnu qemu-user lld nodejs. Their compiler builds
# its standard library from source, so that no other toolchain is needed; RUSTC_BOOTSTRAP permits that on stable.
set -euo pipefail
cd "$(dirname "$0")"

missing=()
for tool in /usr/bin/cargo /usr/bin/rustc aarch64-linux-gnu-gcc qemu-aarch64 wasm-ld node; do
    command -v "$tool" > /dev/null || missing+=("$tool")
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "not run, for lack of: ${missing[*]}"
    exit 3
fi

export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc
cargo() { /usr/bin/cargo "$@"; }
target="${CARGO_TARGET_DIR:-target}"
golden=$(grep -v ',f32,[a-z]*,257,' ../golden.csv | tail -n +2; cat ../../actfn-lab/tests/golden.csv)

compare() {
    if diff <(echo "$golden") "$2" > "$2.diff"; then
        echo "$1: all $(echo "$golden" | wc -l) hashes as on x86-64"
    else
        echo "$1: $(grep -c '^>' "$2.diff") of $(echo "$golden" | wc -l) hashes differ, see $2.diff"
        return 1
    fi
}

failed=0
CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    cargo build --release --locked -Zbuild-std=std,panic_abort --target aarch64-unknown-linux-gnu
qemu-aarch64 -L /usr/aarch64-linux-gnu "$target/aarch64-unknown-linux-gnu/release/other-targets" > "$target/aarch64.csv"
compare "AArch64" "$target/aarch64.csv" || failed=1

CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld \
    cargo build --release --locked --lib --no-default-features -Zbuild-std=core,alloc,panic_abort --target wasm32-unknown-unknown
node run.mjs "$target/wasm32-unknown-unknown/release/other_targets.wasm" > "$target/wasm32.csv"
compare "WebAssembly" "$target/wasm32.csv" || failed=1
exit $failed
