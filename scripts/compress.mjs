// Writes a Brotli copy beside every file of a folder that is worth it; the server hands it to browsers that understand it.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const folder = process.argv[2];

/** The best that Brotli does (RFC 7932), with so many bits of distances coded apart and so many distances coded directly (section 4). */
function brotli(content, postfix, direct) {
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      [constants.BROTLI_PARAM_NPOSTFIX]: postfix,
      [constants.BROTLI_PARAM_NDIRECT]: direct,
    },
  });
}

for (const name of readdirSync(folder, { recursive: true })) {
  const path = join(folder, name);
  if (!statSync(path).isFile() || !/\.(html|css|js|wasm|svg|txt|webmanifest)$/.test(name)) continue;
  const content = readFileSync(path);
  // The second way writes distances as multiples of two beside some of their own: mostly better for WASM, not always.
  const ways = name.endsWith(".wasm") ? [[0, 0], [1, 16]] : [[0, 0]];
  const [compressed] = ways.map(([postfix, direct]) => brotli(content, postfix, direct)).sort((one, other) => one.length - other.length);
  if (compressed.length < content.length) writeFileSync(`${path}.br`, compressed);
}
