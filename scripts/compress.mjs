// Writes a Brotli copy beside every file of a folder that is worth it; the server hands it to browsers that understand it.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const folder = process.argv[2];
for (const name of readdirSync(folder, { recursive: true })) {
  const path = join(folder, name);
  if (!statSync(path).isFile() || !/\.(html|css|js|wasm|svg|txt|webmanifest)$/.test(name)) continue;
  const content = readFileSync(path);
  const compressed = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  if (compressed.length < content.length) writeFileSync(`${path}.br`, compressed);
}
