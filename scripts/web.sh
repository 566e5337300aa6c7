#!/usr/bin/env bash
# Builds the web application into dist/, with whichever WASM toolchain scripts/setup.sh found. Its variables stay in this script: they must
# not reach the server's build.
set -euo pipefail
cd "$(dirname "$0")/.."
# scripts/split stands before wasm-bindgen.
REAL_WASM_BINDGEN="$(command -v wasm-bindgen)"
export REAL_WASM_BINDGEN WASM_OPT_PARAMS="-Os --skip-pass=local-cse"
export PATH="$PWD/scripts/split:$PWD/end2end/node_modules/.bin:$PATH"

# The standard library is built from source, for size: without unwinding and without the places of panics. That needs its source and
# what RUSTC_BOOTSTRAP allows; from rustup's toolchain where it has the source, else from Debian's compiler for browsers.
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
  export RUSTUP_TOOLCHAIN=debian-web CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22
fi
export RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=std,panic_abort CARGO_UNSTABLE_BUILD_STD_FEATURES=optimize_for_size
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--cfg=erase_components --cfg=sha2_backend_soft=\"compact\" \
  -Clink-arg=--emit-relocs -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none"
cargo fetch --quiet -Zbuild-std=std,panic_abort --target wasm32-unknown-unknown
exec trunk build --offline "$@"
