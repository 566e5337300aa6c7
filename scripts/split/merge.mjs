// Puts chunks together that wasm-split-cli made: it makes one for every set of parts that share some code, a hundred of them, many of which have a few hundred
// bytes. Each costs a request when its part is first needed, and its name a place in the loader, which every page loads. So one file has all that comes with every
// page, and one all other small ones; large ones stay by themselves.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The part that every page loads after a while: app/src/pages.rs. */
const ALWAYS = "live";
/** Bytes of a chunk that comes by itself, before it is optimised. */
const LARGE = 16 * 1024;

const CHUNK = /\/\* (.*) \*\/\nconst (__(chunk_\d+)) = [^]*?\n, \[\]\);\n/g;

function run(program, parameters) {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (error || status !== 0) throw new Error(`${program} ${parameters.join(" ")}: ${error ?? stderr}`);
  return stdout;
}

/** Puts chunks together in the files of a folder, and returns the loader that loads them so. */
export function merge(folder, loader) {
  const groups = { all: [], some: [] };
  for (const [, parts, , name] of loader.matchAll(CHUNK)) {
    if (parts.split(", ").includes(ALWAYS)) groups.all.push(name);
    else if (statSync(join(folder, `${name}.wasm`)).size < LARGE) groups.some.push(name);
  }
  if (Object.values(groups).some((names) => names.length < 2)) throw new Error("no chunks to put together: did the toolchain change?");
  for (const [group, names] of Object.entries(groups)) {
    fuse(folder, names, `chunk_${group}`);
    const [first, ...others] = names;
    loader = loader.replace(CHUNK, (definition, parts, constant, name) => {
      if (others.includes(name)) return "";
      return name === first ? definition.replaceAll(name, `chunk_${group}`) : definition;
    });
    // What needs one of them needs the file.
    loader = loader.replace(/^, \[(__chunk.*)\]\)\);$/gm, (line, needed) => {
      const files = needed.split(", ").map((constant) => (names.includes(constant.slice(2)) ? `__chunk_${group}` : constant));
      return `, [${[...new Set(files)].join(", ")}]));`;
    });
  }
  const [declared, used] = [/^const (__chunk_\w+) =/gm, /\b(__chunk_\w+)\b/g].map((found) => new Set([...loader.matchAll(found)].map(([, name]) => name)));
  const lost = [...used].filter((name) => !declared.has(name));
  if (lost.length > 0) throw new Error(`nothing loads ${lost.join(", ")}: did the toolchain change?`);
  return loader;
}

/** The module that chunks import everything from, and one whose name is as long. */
const [SHARED, HOST] = ["__wasm_split", "__wasm_hosts"];

/** What the compiler makes use of. Binaryen's "all" has formats that browsers do not know yet. */
export const FEATURES = ["bulk-memory", "bulk-memory-opt", "call-indirect-overlong", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"].map((name) => `--enable-${name}`);

/** Makes one module of several. */
function fuse(folder, names, fused) {
  const files = names.map((name) => join(folder, `${name}.wasm`));
  // Each imports the same memory, table, and global. Modules that are merged would have as many memories as there were modules. So the memory and all else that they
  // import is given to them by a further module among them, which alone imports it.
  const imports = new Map();
  for (const file of files) {
    for (const [, name, kind, type] of run("wasm-dis", [...FEATURES, file]).matchAll(/^ *\(import "__wasm_split" "(\w+)" \((memory|table|global) \S+ (.*)\)\)$/gm)) {
      imports.set(name, { kind, type });
    }
  }
  const lines = [...imports].map(([name, { kind, type }], at) => `(import "${HOST}" "${name}" (${kind} $${at} ${type})) (export "${name}" (${kind} $${at}))`);
  const [text, host, made] = [join(folder, "host.wat"), join(folder, "host.wasm"), join(folder, `${fused}.wasm`)];
  writeFileSync(text, `(module\n${lines.join("\n")}\n)\n`);
  run("wasm-as", [...FEATURES, text, "-o", host]);
  run("wasm-merge", [...FEATURES, host, SHARED, ...files.flatMap((file, at) => [file, `chunk_${at}`]), "-o", made]);
  // What is left to import is the loader's to give, by the name that it knows.
  writeFileSync(made, readFileSync(made, "latin1").replaceAll(HOST, SHARED), "latin1");
  const wanted = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(made)));
  if (wanted.length !== imports.size || wanted.some(({ module, name }) => module !== SHARED || !imports.has(name))) {
    throw new Error(`${fused} imports something else than its chunks: ${JSON.stringify(wanted)}`);
  }
  for (const file of [...files, text, host]) rmSync(file);
}
