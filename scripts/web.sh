#!/usr/bin/env bash
# Builds the web application into dist/, with whichever WASM toolchain scripts/setup.sh found. Its variables stay in this script: they must
# not reach the server's build.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/end2end/node_modules/.bin:$PATH"

flags="--cfg=erase_components --cfg=sha2_backend_soft=\"compact\""
if ! rustup target list --installed 2>/dev/null | grep -qx wasm32-unknown-unknown; then
  export RUSTUP_TOOLCHAIN=debian-web RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=std,panic_abort
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22
  flags="$flags -Zunstable-options -Cpanic=immediate-abort"
  # The standard library is built from source and brings packages of its own.
  cargo fetch --quiet -Zbuild-std=std,panic_abort --target wasm32-unknown-unknown
fi
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$flags"
exec trunk build --offline "$@"
