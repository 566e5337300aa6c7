// Writes the service worker of a build: the list of its files with their hashes, then worker.js. The same files give the same worker, byte for byte.
// The page of the build is told its name, which is a digest of the list.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";

const folder = process.argv[2];
/** Stands in index.html for the name of the build. */
const PLACE = "__BUILD__";
const WORKER = "sw.js";

const page = readFileSync(join(folder, "index.html"), "utf8");
if (page.split(PLACE).length !== 2) throw new Error(`index.html does not have ${PLACE} once`);

const integrity = (content) => `sha256-${createHash("sha256").update(content).digest("base64")}`;
const names = readdirSync(folder, { recursive: true })
  .map((name) => name.split(sep).join("/"))
  .filter((name) => (/\.(css|js|wasm)$|^language-.*\.txt$/.test(name) || name === "icon.svg") && name !== WORKER)
  // The documentation needs the server, and so does whoever chooses a password: half of all bytes are to weigh it.
  .filter((name) => !/^(docs\/|split_strength)/.test(name))
  .sort();
const files = names.map((name) => [`/${name}`, integrity(readFileSync(join(folder, name)))]);

const worker = readFileSync(join(import.meta.dirname, "worker.js"), "utf8");
const build = createHash("sha256").update(JSON.stringify([page, files, worker])).digest("hex").slice(0, 16);
const named = page.replace(PLACE, build);
writeFileSync(join(folder, "index.html"), named);
const list = [["/", integrity(named)], ...files];
writeFileSync(join(folder, WORKER), `const BUILD = "${build}";\nconst FILES = ${JSON.stringify(list)};\n${worker}`);
