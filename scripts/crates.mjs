// Which crates the WASM is made of, by the bytes of their functions: linked, and before it is split, shrunk and compressed. Prints a line for each of the
// largest. Reads the sections `code` and `name` (WebAssembly Core Specification, 5.5, and its appendix on custom sections) and the crate in a mangled
// name (Rust RFC 2603).
import { readFileSync } from "node:fs";

const MOST = 25;
const bytes = readFileSync(process.argv[2]);
let at = 8;

function number() {
  for (let value = 0, shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
}
function text() {
  const length = number();
  return bytes.toString("utf8", at, (at += length));
}

const sizes = [];
const names = new Map();
let imported = 0;
while (at < bytes.length) {
  const section = bytes[at++];
  const length = number();
  const end = at + length;
  if (section === 2) {
    for (let count = number(); count > 0; count--) {
      text();
      text();
      const kind = bytes[at++];
      if (kind === 0) {
        number();
        imported++;
      } else if (kind === 3) {
        at += 2;
      } else {
        // A table has the kind of its elements before its limits.
        if (kind === 1) at++;
        const limits = bytes[at++];
        number();
        if (limits & 1) number();
      }
    }
  } else if (section === 10) {
    for (let count = number(); count > 0; count--) {
      const size = number();
      sizes.push(size);
      at += size;
    }
  } else if (section === 0 && text() === "name") {
    while (at < end) {
      const kind = bytes[at++];
      const next = number() + at;
      if (kind === 1) {
        for (let count = number(); count > 0; count--) {
          const index = number();
          names.set(index, text());
        }
      }
      at = next;
    }
  }
  at = end;
}
if (names.size === 0) throw new Error("the WASM has no names");

/** The crate that a function was written in. */
function crate(name = "") {
  const found = /C(?:s[0-9A-Za-z]*_)?(\d+)_?([A-Za-z]\w*)/.exec(name) ?? /^_ZN(?:\d+_\$LT\$)?(\d+)([A-Za-z]\w*)/.exec(name);
  return found ? found[2].slice(0, Number(found[1])) : "other";
}

const crates = new Map();
sizes.forEach((size, index) => {
  const name = crate(names.get(index + imported));
  crates.set(name, (crates.get(name) ?? 0) + size);
});
const total = sizes.reduce((sum, size) => sum + size, 0);
const sorted = [...crates].sort((a, b) => b[1] - a[1]);
for (const [name, size] of sorted.slice(0, MOST)) {
  console.log(String(size).padStart(9), `${((100 * size) / total).toFixed(1)} %`.padStart(7), name);
}
console.log(String(total).padStart(9), `bytes of code in ${sizes.length} functions of ${crates.size} crates`);
