// Makes pages of docs/*.md, for the help of the application: docs/guide.md becomes docs/guide.html in a build.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const { Marked } = createRequire(join(root, "end2end/package.json"))("marked");
const folder = process.argv[2];
const style = readdirSync(folder).find((name) => /^main-.*\.css$/.test(name));

const text = (html) => html.replace(/<[^>]+>/g, "");
/** What a heading is called in an address; app/src/help.rs names it the same way. */
const anchor = (heading) => text(heading).toLowerCase().replace(/[^a-z0-9 ]/g, "").trim().replaceAll(" ", "-");

const marked = new Marked({
  renderer: {
    heading({ tokens, depth }) {
      const heading = this.parser.parseInline(tokens);
      return `<h${depth} id="${anchor(heading)}">${heading}</h${depth}>\n`;
    },
    link({ href, tokens }) {
      return `<a href="${href.replace(/\.md(#|$)/, ".html$1")}">${this.parser.parseInline(tokens)}</a>`;
    },
  },
});

mkdirSync(join(folder, "docs"), { recursive: true });
copyFileSync(join(root, "style/document.css"), join(folder, "docs/document.css"));
for (const name of readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"))) {
  const body = marked
    .parse(readFileSync(join(root, "docs", name), "utf8"))
    .replaceAll("<table>", '<div class="scroll" tabindex="0"><table class="plain">')
    .replaceAll("</table>", "</table></div>");
  const title = text(/<h1[^>]*>(.*?)<\/h1>/.exec(body)[1]);
  const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} · MySafe</title>
    <link rel="icon" type="image/svg+xml" href="/icon.svg" />
    <link rel="stylesheet" href="/${style}" />
    <link rel="stylesheet" href="document.css" />
  </head>
  <body>
    <nav class="top" aria-label="Help"><a class="brand" href="/">MySafe</a> <a href="guide.html">Guide</a> <a href="administration.html">For administrators</a> <a href="operations.html">For operators</a></nav>
    <main class="page document">
${body}    </main>
  </body>
</html>
`;
  writeFileSync(join(folder, "docs", name.replace(/md$/, "html")), page);
}
