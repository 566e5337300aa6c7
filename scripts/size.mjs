// The bytes of a build as they travel, compressed. Fails where a first load is above its limit, and where the first load or all that comes later is
// another size than scripts/size.json says: a change of more than 2 % is written there on purpose, with the change that makes it.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const LIMIT = 220 * 1000;
const MOST_REQUESTS = 8;
const TOLERANCE = 0.02;
const folder = process.argv[2];
const budget = JSON.parse(readFileSync(join(import.meta.dirname, "size.json"), "utf8"));
const names = readdirSync(folder).filter((name) => /\.(html|css|js|wasm)$|^language-.*\.txt$/.test(name));
// Chunks come when a page needs them. The service worker comes when the first page has been there for a while; it then keeps the files
// of the build, so that nearly all of them travel in the end: not what weighs passwords, and not the documentation.
const isLater = (name) => /^(split_|chunk_)/.test(name) || name === "sw.js";
// Who reads another language than English loads its texts when the WASM is there, and before anything is shown.
const isLanguage = (name) => name.startsWith("language-");
const size = (name) => statSync(join(folder, existsSync(join(folder, `${name}.br`)) ? `${name}.br` : name)).size;
const sum = (names) => names.reduce((sum, name) => sum + size(name), 0);
const [languages, later] = [names.filter(isLanguage), names.filter(isLater)];
const first = names.filter((name) => !isLater(name) && !isLanguage(name));
for (const name of first) console.log(String(size(name)).padStart(8), name);
for (const name of languages) console.log(String(size(name)).padStart(8), name, "for its readers");
for (const name of later) console.log(String(size(name)).padStart(8), name, "later");

const problems = [];
const found = { first: sum(first), later: sum(later), languages: sum(languages) };
for (const [part, bytes] of Object.entries(found)) {
  const change = bytes / budget[part] - 1;
  if (!(Math.abs(change) <= TOLERANCE)) {
    problems.push(`${part}: ${bytes} bytes, ${(100 * change).toFixed(1)} % from the ${budget[part]} in scripts/size.json`);
  }
}
if (found.first > LIMIT) problems.push(`a first load has more than ${LIMIT} bytes`);
if (first.length > MOST_REQUESTS) problems.push(`a first load has more than ${MOST_REQUESTS} requests`);
console.log(String(found.later).padStart(8), "later in all");
console.log(String(found.first).padStart(8), `of ${LIMIT} bytes, ${first.length} requests`);
for (const problem of problems) console.error(`size: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
