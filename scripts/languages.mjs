// The languages of the application. Its texts stand in app/src in English, with the marks that app/src/language.rs explains; app/languages has a catalogue of each
// other language, in the format of gettext. `update` brings the catalogues up to date with the code, empty where something is to be translated. `check` fails where
// a text is missing, or is shown without a mark. `write FOLDER` checks, and makes of each catalogue the file that browsers load.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const { po } = createRequire(join(root, "end2end/package.json"))("gettext-parser");
const source = join(root, "app/src");
const catalogues = join(root, "app/languages");
const problems = [];

/** A text as the compiler reads it. */
function unescape(text, file) {
  return text.replaceAll(/\\(\n\s*|u\{([0-9a-f]+)\}|[^])/g, (all, what, code) => {
    if (what.startsWith("\n")) return "";
    if (code) return String.fromCodePoint(Number.parseInt(code, 16));
    if (`"\\`.includes(what)) return what;
    problems.push(`${file}: a text has ${all} in it`);
    return all;
  });
}

/** The names of the values that a mark gives, between two places. */
function given(code, from, to) {
  const found = [];
  for (let at = from; at < to; at = end(code, at) + 1) {
    const name = /^\s*(\w+)\s*(?:=[^=]|,|$)/.exec(code.slice(at, Math.min(end(code, at) + 1, to)));
    if (name) found.push(name[1]);
  }
  return found.sort();
}

/** Code without tests: with comments and all that is in quotes blotted out, and what was in quotes by its place. */
function read(file) {
  const [whole] = readFileSync(join(source, file), "utf8").split(/^#\[cfg\(test\)\]\n(?:pub\S* )?mod \w+ \{$/m);
  const quoted = new Map();
  const code = whole.replaceAll(/"((?:[^"\\]|\\[^])*)"|r#"[^]*?"#|'(?:[^'\\]|\\[^'])'|\/\/.*/g, (part, text, at) => {
    if (text !== undefined) quoted.set(at, { text, end: at + part.length });
    return " ".repeat(part.length);
  });
  return { whole, code, quoted };
}

/** Where what begins at `from` ends: before the comma or the bracket behind it. */
function end(code, from) {
  let depth = 0;
  for (let at = from; at < code.length; at++) {
    if ("([{".includes(code[at])) depth++;
    if (")]}".includes(code[at]) && --depth < 0) return at;
    if (code[at] === "," && depth === 0) return at;
  }
  return code.length;
}

/** Where the bracket ends that begins before `from`. */
function close(code, from) {
  let at = end(code, from);
  while (code[at] === ",") at = end(code, at + 1);
  return at;
}

/** Words, or a word and a value, with a space between them, one that begins with a capital letter, or one behind a space or a bracket; what is for programs is
 * small and has no spaces. */
const SHOWN = /^(?!\{\}=)[^<]*(?:\p{L}{2,}\S?|\{\}\S?) \p{L}{2}|\p{L}{3,}\S? \{\}|^\p{Lu}\p{Ll}+[^\p{L}\d]*$|^[ (]+\p{L}{3,}/u;
/** What has texts for the log and for those who build. */
const UNSEEN = /#!?\[|\b(?:tracing::\w+|name|unreachable|panic|debug_assert|assert|env|concat)!\(|\.expect\(|\bContent\(/g;
/** What only the server has: its texts are for files, mails, and the log; people are shown them as errors, which have marks. */
const OF_SERVER = /#\[(?:server\(|cfg\((?:all\(test, )?feature = "ssr")[^\n]*\]\n/g;
/** What readers are shown by a widget's attribute, however short. */
const SAID = /\b(?:what|label|title|legend|hint|placeholder|alt|aria-label)=$/;
/** Attributes with several words that nobody reads. */
const WORDS = /(?:class|class:\w*|d|viewBox|allow|rel)=$/;
/** Shows the parts that screens are made of, to those who make them. */
const GALLERY = /^design/;

/** The files of the server alone. */
function filesOfServer(files) {
  const modules = (file) => [...read(file).whole.matchAll(/^#\[cfg\(feature = "ssr"\)\]\n(?:pub\S* )?mod (\w+);/gm)].map(([, name]) => join(file === "lib.rs" ? "" : file.replace(/\.rs$/, ""), name));
  const paths = files.flatMap(modules);
  return files.filter((file) => paths.some((path) => file === `${path}.rs` || file.startsWith(`${path}/`)));
}

/** Where an item ends that begins at `from`. */
function endOfItem(code, from) {
  let depth = 0;
  for (let at = from; at < code.length; at++) {
    if ("([{".includes(code[at])) depth++;
    if (")]}".includes(code[at])) depth--;
    if (depth === 0 && ";}".includes(code[at])) return at;
  }
  return code.length;
}

/** The texts of the code, by the English one: its plural where it has one, and the files it stands in. */
function texts() {
  const found = new Map();
  const add = (file, id, plural) => {
    const known = found.get(id) ?? found.set(id, { plural, files: new Set() }).get(id);
    known.files.add(file);
    known.plural ??= plural;
    if (plural && known.plural !== plural) problems.push(`${file}: "${id}" has two plurals`);
  };
  const files = readdirSync(source, { recursive: true }).filter((name) => name.endsWith(".rs") && !GALLERY.test(name));
  const ofServer = filesOfServer(files);
  for (const file of files.filter((name) => name !== "language.rs").sort()) {
    const { whole, code, quoted } = read(file);
    const known = new Set();
    for (const { 0: mark, 1: kind, index } of code.matchAll(/(?<!\w)(t|n|text)!\(|AppError::invalid\(/g)) {
      const from = index + mark.length;
      let at = kind === "n" ? end(code, from) + 1 : from;
      const parts = [];
      for (const most = kind === "t" ? 1 : 2; parts.length < most; ) {
        while (/\s/.test(code[at]) && !quoted.has(at)) at++;
        const part = quoted.get(at);
        if (!part) break;
        known.add(at);
        parts.push(unescape(part.text, file));
        at = end(code, part.end) + 1;
      }
      if (kind && parts.length < (kind === "n" ? 2 : 1)) problems.push(`${file}: ${mark} without its texts: ${code.slice(index, at)}`);
      else if (kind) add(file, ...parts);
      else for (const part of parts) add(file, part);
      if (kind === "t" || kind === "n") {
        const values = given(code, at, close(code, from));
        for (const part of parts) {
          const wanted = names(part).split(",").filter((name) => name && !(kind === "n" && name === "n"));
          if (wanted.join() !== values.join()) problems.push(`${file}: "${part}" has other names in braces than are given: ${values}`);
        }
      }
    }
    if (ofServer.includes(file)) continue;
    const unseen = [...code.matchAll(UNSEEN)].map(({ 0: { length }, index }) => [index, close(code, index + length)]);
    // Attributes are blotted out where they have quotes: found in the whole text, which has all at the same place.
    unseen.push(...[...whole.matchAll(OF_SERVER)].map(({ 0: { length }, index }) => [index, endOfItem(code, index + length)]));
    for (const [at, { text, end }] of quoted) {
      // Patterns and what is compared are not shown.
      const isMatched = /^\s*(=>|\||if\b)/.test(code.slice(end)) || /[=!]=\s*$/.test(code.slice(0, at));
      const [before, after] = [code.slice(0, at), code.slice(end)];
      // Between two tags, or a tag and a value.
      const isChild = /(?:[^=-]>|\})\s*$/.test(before) && /^\s*[<{]/.test(after) && /\p{L}/u.test(text);
      const isSaid = SAID.test(before) && /\p{L}/u.test(text);
      if (known.has(at) || text === "MySafe" || isMatched || WORDS.test(before) || unseen.some(([from, to]) => from < at && at < to)) continue;
      if (!isChild && !isSaid && !SHOWN.test(text.replaceAll(/\{\w*\}/g, "{}"))) continue;
      problems.push(`${file}:${code.slice(0, at).split("\n").length}: shown without a mark: "${text}"`);
    }
  }
  return found;
}

const names = (text) => [...new Set([...text.matchAll(/\{(\w*)\}/g)].map(([, name]) => name))].sort().join();
const edges = (text) => [/^\s*/, /\s*$/].map((edge) => edge.exec(text)[0]).join("|");
/** As app/src/language.rs does it. */
const SEED = 0x811c9dc5;
const digest = (text, seed) => Buffer.from(text).reduce((digest, byte) => Math.imul(digest ^ byte, 0x01000193) >>> 0, seed);

/** The lines of a catalogue: what is said for each text. */
function lines(name, catalogue, found) {
  const known = catalogue.translations[""];
  const lines = new Map();
  for (const [id, { plural }] of found) {
    const said = known[id]?.msgstr ?? [];
    for (const [at, english] of [id, plural].entries()) {
      if (english === undefined) continue;
      const text = said[at] ?? "";
      const key = digest(english, SEED + at).toString(16).padStart(8, "0");
      // The plural may say the number as a word.
      const expected = plural ? names(english).replace(/(^|,)n(?=,|$)/, "").replace(/^,/, "") : names(english);
      const has = plural ? names(text).replace(/(^|,)n(?=,|$)/, "").replace(/^,/, "") : names(text);
      if (text === "" || known[id].comments?.flag?.includes("fuzzy")) problems.push(`${name}: missing: "${english}"`);
      else if (has !== expected) problems.push(`${name}: other names in braces: "${english}"`);
      else if (edges(text) !== edges(english)) problems.push(`${name}: spaces differ: "${english}"`);
      else if (/[\n\t]/.test(text)) problems.push(`${name}: a line break in "${english}"`);
      const [other] = lines.get(key) ?? [english];
      if (other !== english) problems.push(`the digests of two texts are the same: "${english}", "${other}"`);
      lines.set(key, [english, text]);
    }
  }
  for (const id of Object.keys(known)) if (id !== "" && !found.has(id)) problems.push(`${name}: in no code: "${id}"`);
  return [...lines].sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, [, text]]) => `${key}${text}\n`);
}

const [task, folder] = process.argv.slice(2);
const found = texts();
for (const name of readdirSync(catalogues).filter((name) => name.endsWith(".po"))) {
  const path = join(catalogues, name);
  const catalogue = po.parse(readFileSync(path));
  if (task === "update") {
    const known = catalogue.translations[""];
    const entries = [...found].map(([id, { plural, files }]) => {
      const kept = known[id]?.msgstr ?? [];
      const msgstr = plural ? [kept[0] ?? "", kept[1] ?? ""] : [kept[0] ?? ""];
      const comments = { translator: known[id]?.comments?.translator, reference: [...files].join("\n") };
      return [id, { msgid: id, msgid_plural: plural, msgstr, comments }];
    });
    catalogue.translations[""] = Object.fromEntries([["", known[""]], ...entries]);
    writeFileSync(path, po.compile(catalogue, { foldLength: 0 }));
    continue;
  }
  const content = lines(name, catalogue, found).join("");
  if (task === "write") writeFileSync(join(folder, `language-${name.replace(/\.po$/, ".txt")}`), content);
}
for (const problem of problems) console.error(`languages: ${problem}`);
console.log(`languages: ${found.size} texts`);
process.exit(problems.length === 0 || task === "update" ? 0 : 1);
