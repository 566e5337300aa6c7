// Fails where a text or a control of style/tokens.css is hard to see before what is behind it: WCAG 2.2, 1.4.3 (texts, 4.5 : 1) and 1.4.11 (controls, 3 : 1);
// in high contrast 1.4.6 (7 : 1), and 4.5 : 1 for controls. Takes the folder of the styles.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const css = readFileSync(join(process.argv[2] ?? "style", "tokens.css"), "utf8").replace(/\/\*.*?\*\//gs, "");

/** The texts and controls, and what each is seen on. */
const TEXTS = {
  ink: ["paper", "card", "accent-soft", "bad-soft", "good-soft"],
  "ink-soft": ["paper", "card", "accent-soft", "bad-soft", "good-soft"],
  accent: ["paper", "card", "accent-soft", "good-soft", "bad-soft"],
  "accent-ink": ["accent"],
  bad: ["paper", "card", "bad-soft"],
};
const CONTROLS = { "line-strong": ["paper", "card"], accent: ["paper", "card"], bad: ["paper", "card", "bad-soft"] };

/** The pairs of colours that a rule sets: light, dark. */
function colours(block) {
  return Object.fromEntries([...block.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, ...pair]) => [name, pair]));
}

function block(start) {
  const from = css.indexOf(start);
  if (from < 0) throw new Error(`style/tokens.css has no ${start}`);
  return colours(css.slice(from, css.indexOf("}", from)));
}

/** Relative luminance, as WCAG defines it. */
function luminance(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const usual = block(":root {");
const preferred = block("@media (prefers-contrast: more)");
const chosen = block(':root[data-preferences~="contrast"]');
const problems = [];
if (JSON.stringify(preferred) !== JSON.stringify(chosen)) problems.push("high contrast by preference and by choice differ");

let looked = 0;
for (const [look, tokens, text, control] of [
  ["usual", usual, 4.5, 3],
  ["high contrast", { ...usual, ...chosen }, 7, 4.5],
]) {
  for (const [pairs, least] of [[TEXTS, text], [CONTROLS, control]]) {
    for (const [front, backs] of Object.entries(pairs)) {
      for (const back of backs) {
        for (const [index, scheme] of ["light", "dark"].entries()) {
          const is = contrast(tokens[front][index], tokens[back][index]);
          looked += 1;
          if (is < least) problems.push(`${look}, ${scheme}: --${front} on --${back} is ${is.toFixed(2)} : 1, and needs ${least} : 1`);
        }
      }
    }
  }
}
problems.forEach((problem) => console.error(problem));
console.log(`${looked} pairs of colours, ${problems.length} hard to see`);
process.exit(problems.length ? 1 : 0);
