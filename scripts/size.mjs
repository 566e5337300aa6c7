// The bytes of a first load as they travel: what the page needs to be there, compressed. Fails above the budget.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const BUDGET = 220 * 1000;
const folder = process.argv[2];
const names = readdirSync(folder).filter((name) => /\.(html|css|js|wasm)$/.test(name));
// Chunks come when a page needs them. The service worker comes when the first page has been there for a while; it then keeps every file of the build, so
// that all of them travel in the end.
const isLater = (name) => /^(split_|chunk_)/.test(name) || name === "sw.js";
const size = (name) => statSync(join(folder, existsSync(join(folder, `${name}.br`)) ? `${name}.br` : name)).size;
const sum = (names) => names.reduce((sum, name) => sum + size(name), 0);
const [first, later] = [names.filter((name) => !isLater(name)), names.filter(isLater)];
for (const name of first) console.log(String(size(name)).padStart(8), name);
for (const name of later) console.log(String(size(name)).padStart(8), name, "later");
console.log(String(sum(later)).padStart(8), "later in all");
const total = sum(first);
console.log(String(total).padStart(8), `of ${BUDGET} bytes, ${first.length} requests`);
process.exit(total > 0 && total <= BUDGET ? 0 : 1);
