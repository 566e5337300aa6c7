// Splits the linked WASM into what every page needs and chunks that are loaded when they are (docs/building.md), and hands the first part to the
// real wasm-bindgen. Chunks are optimised and named by their content; their loader becomes a part of the application's own JavaScript.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { FEATURES, merge } from "./merge.mjs";

const { REAL_WASM_BINDGEN, WASM_OPT_PARAMS } = process.env;

function run(program, parameters) {
  const { status, error } = spawnSync(program, parameters, { stdio: ["ignore", "inherit", "inherit"] });
  if (error || status !== 0) {
    console.error(program, parameters.join(" "), error ?? `ended with ${status}`);
    process.exit(1);
  }
}

const parameters = process.argv.slice(2);
const input = parameters.findIndex((parameter) => parameter.endsWith(".wasm"));
if (input < 0) {
  run(REAL_WASM_BINDGEN, parameters);
  process.exit(0);
}
const option = (name) => parameters.find((parameter) => parameter.startsWith(`--${name}=`)).slice(name.length + 3);
const [folder, name] = [option("out-dir"), option("out-name")];

// The first part is called as the application and stays out of what is served; the loader calls initSync of ./NAME.js.
const split = join(folder, "split");
const chunks = join(folder, "chunks");
for (const made of [split, chunks]) {
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
}
run("wasm-split-cli", [parameters[input], split, "--out-name", name]);
parameters[input] = join(split, `${name}.wasm`);
run(REAL_WASM_BINDGEN, [...parameters, "--keep-lld-exports"]);

let loader = merge(split, readFileSync(join(split, "__wasm_split.js"), "utf8"));
for (const file of readdirSync(split).filter((file) => file.endsWith(".wasm") && file !== `${name}.wasm`)) {
  const made = join(chunks, file);
  run("wasm-opt", [...FEATURES, ...WASM_OPT_PARAMS.split(" "), "--strip-debug", join(split, file), "-o", made]);
  const hash = createHash("sha256").update(readFileSync(made)).digest("hex").slice(0, 16);
  const hashed = `${basename(file, ".wasm")}-${hash}.wasm`;
  renameSync(made, join(chunks, hashed));
  loader = loader.replaceAll(`"./${file}"`, `"./${hashed}"`);
}

// One module: no further request, and no import of the application by itself.
const exported = [...loader.matchAll(/^export const (\w+)/gm)].map(([, loads]) => loads);
loader = loader.replace(/^import .*$/m, "").replace(/^export const/gm, "const");
const script = join(folder, `${name}.js`);
const IMPORT = /^import \* as (\w+) from "\.\/__wasm_split\.js";?$/gm;
const glue = readFileSync(script, "utf8");
const modules = [...glue.matchAll(IMPORT)].map(([, module]) => module);
if (exported.length === 0 || modules.length === 0) {
  console.error("nothing was split: did the toolchain change?");
  process.exit(1);
}
const bound = modules.map((module) => `const ${module} = { ${exported.join(", ")} };`);
writeFileSync(script, [glue.replace(IMPORT, ""), loader, ...bound, ""].join("\n"));
// Trunk's own minifier leaves such a module as it is.
run("esbuild", ["--minify", "--format=esm", "--log-level=error", "--allow-overwrite", script, `--outfile=${script}`]);
