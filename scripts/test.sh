#!/usr/bin/env bash
# Lints and all tests. Ends with the counts, and non-zero on any failure.
set -uo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
passed=0 failed=0
log=$(mktemp) web_log=$(mktemp)
trap 'rm -f "$log" "$web_log"; kill "$web" 2>/dev/null' EXIT

# The web application is built beside the rest: its last steps keep one core busy, and its folders in target are its own.
scripts/web.sh >"$web_log" 2>&1 &
web=$!
web_built() {
  wait "$web" && return
  cat "$web_log"
  return 1
}

# Runs a check that counts as one test.
check() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); printf 'FAILED: %s\n' "$name"; fi
}

check "format" cargo fmt --check
check "lints" cargo clippy --quiet --workspace --all-targets -- -D warnings
check "contrast of the colours" node scripts/contrast.mjs style
check "types of the end-to-end tests" npm --prefix end2end run --silent types

printf '\n== unit, store and server tests\n'
cargo nextest run --color never --workspace --no-fail-fast --final-status-level fail --status-level fail 2>&1 | tee "$log"
if [ "${PIPESTATUS[0]}" -ne 0 ]; then failed=$((failed + 1)); fi
number() { sed -nE "s/.*Summary .* ([0-9]+) $1.*/\1/p" "$log" | tail -n 1; }
native=$(number passed)
passed=$((passed + ${native:-0}))
if [ -z "$native" ]; then printf 'FAILED: the tests were not counted\n'; failed=$((failed + 1)); fi
broken=$(number failed)
# The failure itself was counted once above.
if [ "${broken:-0}" -gt 0 ]; then failed=$((failed + broken - 1)); fi

# The end-to-end tests run against what these two leave.
check "web application" web_built
check "server" cargo build --quiet --workspace --all-targets
check "size of the first load" node scripts/size.mjs dist

printf '\n== end-to-end tests\n'
rm -f end2end/test-results/report.json
MYSAFE_PROGRAM="$(cd "$target" && pwd)/debug/mysafe" npm --prefix end2end run --silent test
[ $? -eq 0 ] || failed=$((failed + 1))
read -r good bad < <(node -e '
  const { stats } = JSON.parse(require("fs").readFileSync("end2end/test-results/report.json", "utf8"));
  console.log(stats.expected, stats.unexpected + stats.flaky + stats.skipped);
' 2>/dev/null || echo "0 0")
passed=$((passed + good))
if [ "$bad" -gt 0 ]; then failed=$((failed + bad - 1)); fi
if [ "$good" -eq 0 ] && [ "$bad" -eq 0 ]; then printf 'FAILED: no end-to-end test ran\n'; failed=$((failed + 1)); fi

printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
