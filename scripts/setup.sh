#!/usr/bin/env bash
# Installs what is missing to build, run and test MySafe, and nothing twice. One line for each step.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf 'setup: %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }

# Debian's packages, with root or sudo.
apt_updated=
debian() {
  local root=()
  [ "$(id -u)" = 0 ] || root=(sudo)
  have apt-get || { step "please install by hand: $*"; exit 1; }
  if [ -z "$apt_updated" ]; then
    "${root[@]}" apt-get update -qq
    apt_updated=yes
  fi
  step "apt-get install $*"
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
}

have cargo || { step "Rust is missing: install it from https://rustup.rs and run this again"; exit 1; }
have node && have npm && node -e '
  const [major, minor] = process.versions.node.split(".").map(Number);
  process.exit(major > 20 || (major === 20 && minor >= 11) ? 0 : 1);
' || { step "Node.js 20.11 or later with npm is missing: install it and run this again"; exit 1; }
have cc || debian build-essential

# The source of the standard library for WASM: from rustup where it can be had, else Debian's compiler for browsers. scripts/web.sh
# picks the same way.
if [ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
  step "WASM: rustup's source of the standard library is here"
elif dpkg -s rust-web-src >/dev/null 2>&1 && have wasm-ld-22; then
  step "WASM: Debian's compiler for browsers is here"
elif timeout 120 rustup component add rust-src >/dev/null 2>&1; then
  step "WASM: rustup's source of the standard library installed"
else
  debian rustc-web cargo-web rust-web-src lld-22
fi
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
  rustup toolchain list | grep -q '^debian-web' || rustup toolchain link debian-web /usr
fi

# A cargo tool in exactly this version.
tool() {
  local name=$1 version=$2
  shift 2
  if have "$name" && [ "$("$name" --version | awk '{print $2}')" = "$version" ]; then
    step "$name $version is here"
  else
    step "cargo install $name $version (some minutes)"
    cargo install --quiet "$@" --version "$version" --force
  fi
}
tool trunk 0.21.14 trunk --locked
tool wasm-bindgen "$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)" wasm-bindgen-cli
if cargo install --list | grep -q '^wasm_split_cli_support v0.2.4:'; then
  step "wasm-split-cli 0.2.4 is here"
else
  step "cargo install wasm-split-cli 0.2.4 (a minute)"
  cargo install --quiet wasm_split_cli_support --version 0.2.4 --features build-binary --locked --force
fi
if ! cargo nextest --version >/dev/null 2>&1; then
  step "cargo install cargo-nextest (some minutes)"
  cargo install --quiet cargo-nextest --locked
fi

# Playwright and binaryen, as package-lock.json says.
if [ ! -e end2end/node_modules/.package-lock.json ] || [ end2end/package-lock.json -nt end2end/node_modules/.package-lock.json ]; then
  step "npm ci"
  npm ci --prefix end2end --no-audit --no-fund --loglevel=error
  touch end2end/node_modules/.package-lock.json
else
  step "npm packages are here"
fi

# schemathesis, which tries the interface for programs against its description; in a place of its own.
python=${CARGO_TARGET_DIR:-target}/python
if [ "$("$python/bin/schemathesis" --version 2>/dev/null)" = "schemathesis, version 4.32.5" ]; then
  step "schemathesis 4.32.5 is here"
else
  step "pip install schemathesis 4.32.5"
  python3 -m venv "$python" >/dev/null 2>&1 || { debian python3 python3-venv && python3 -m venv "$python"; }
  "$python/bin/pip" install --quiet --disable-pip-version-check --root-user-action ignore schemathesis==4.32.5
fi

# Chromium and Firefox: the system's, else Playwright's own, else Debian's.
playwright_has() {
  (cd end2end && node -e 'process.exit(require("fs").existsSync(require("@playwright/test")[process.argv[1]].executablePath()) ? 0 : 1)' "$1")
}
# One that was refused once is not asked for again.
playwright_refused=
browser() {
  local name=$1 program=$2
  shift 2
  if have "$program"; then
    step "$name: the system's is here"
  elif playwright_has "$name"; then
    step "$name: Playwright's is here"
  elif [ -z "$playwright_refused" ] && timeout 300 npx --prefix end2end playwright install --with-deps "$name" >/dev/null 2>&1; then
    step "$name: Playwright's installed"
  else
    playwright_refused=yes
    debian "$program" "$@"
  fi
}
browser chromium chromium fonts-dejavu-core fonts-noto-core
browser firefox firefox-esr

# WebKit: Debian's, with a screen for it. Where it cannot be had, its one test is not run.
if have WebKitWebDriver && have Xvfb; then
  step "webkit: the system's is here"
elif have apt-get; then
  debian webkit2gtk-driver xvfb
else
  step "webkit: no driver for this system, its test is left out"
fi
