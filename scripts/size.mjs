// The bytes of a first load as they travel: every file of the application, compressed. Fails above the budget.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const BUDGET = 220 * 1000;
const folder = process.argv[2];
// Chunks come when a page needs them.
const isChunk = (name) => /^(split_|chunk_)/.test(name);
const files = readdirSync(folder).filter((name) => /\.(html|css|js|wasm)$/.test(name) && !isChunk(name));
const bytes = files.map((name) => {
  const path = join(folder, name);
  return statSync(existsSync(`${path}.br`) ? `${path}.br` : path).size;
});
const total = bytes.reduce((sum, size) => sum + size, 0);
files.forEach((name, index) => console.log(String(bytes[index]).padStart(8), name));
for (const name of readdirSync(folder).filter((name) => isChunk(name) && name.endsWith(".wasm.br"))) {
  console.log(String(statSync(join(folder, name)).size).padStart(8), name, "later");
}
console.log(String(total).padStart(8), `of ${BUDGET} bytes, ${files.length} requests`);
process.exit(total > 0 && total <= BUDGET ? 0 : 1);
