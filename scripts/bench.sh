#!/usr/bin/env bash
# The benchmarks, in a release build: a table on the screen and target/bench/report.json. Medians, lower is better.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
mkdir -p "$target/bench"
figures="$target/bench/figures.txt"
: > "$figures"

cargo build --release --workspace --all-targets
echo "== server side of a share"
cargo bench --workspace --bench share | tee -a "$figures"
echo "== server side of a long list"
cargo bench --workspace --bench list | tee -a "$figures"
echo "== finding recipients among many people"
cargo bench --workspace --bench directory | tee -a "$figures"
echo "== a page of a long audit log"
cargo bench --workspace --bench audit | tee -a "$figures"
echo "== server side of joining and leaving a group"
cargo bench --workspace --bench group | tee -a "$figures"
echo "== demo organization, and the client side of a share in Chromium"
# What is below its limit fails at the end: the report is written all the same.
failed=
MYSAFE_PROGRAM="$target/release/mysafe" npm --prefix end2end run --silent bench | tee -a "$figures" || failed=1
echo "== first load"
node scripts/size.mjs dist | tee "$target/bench/size.txt" || failed=1
echo "== the WASM by crate"
# Left by scripts/web.sh, which builds it before it is split.
node scripts/crates.mjs "$target/wasm32-unknown-unknown/wasm-release/app.wasm" | tee "$target/bench/crates.txt"
awk '/ bytes, / { print "first_load.brotli_bytes", $1 }' "$target/bench/size.txt" >> "$figures"

node - "$figures" "$target/bench/report.json" <<'JS'
const { readFileSync, writeFileSync } = require("node:fs");
const [, , figures, report] = process.argv;
const lines = readFileSync(figures, "utf8").split("\n").map((line) => /^([a-z_]+\.[\w.]+) ([\d.]+)$/.exec(line)).filter(Boolean);
const found = Object.fromEntries(lines.map(([, name, value]) => [name, Number(value)]));
const ratio = found["share.server_ms.10000x100"] / found["share.server_ms.1000x10"];
found["share.growth_ratio.10000x100_to_1000x10"] = Number(ratio.toFixed(2));
found.machine = { cores: require("node:os").cpus().length, profile: "release" };
writeFileSync(report, JSON.stringify(found, null, 2) + "\n");
console.log("\n" + Object.entries(found).filter(([, value]) => typeof value === "number")
  .map(([name, value]) => name.padEnd(44) + String(value).padStart(12)).join("\n"));
console.log(`\n${report}`);
JS
[ -z "$failed" ]
