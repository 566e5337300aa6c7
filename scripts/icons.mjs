// Draws the icons of the installed application from public/icon.svg into public/icons. Needed when the drawing changes: node scripts/icons.mjs
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const { chromium } = createRequire(join(root, "end2end/package.json"))("@playwright/test");
const drawing = readFileSync(join(root, "public/icon.svg"), "utf8");
const system = "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath: existsSync(system) ? system : undefined, args: ["--no-sandbox"] });

async function draw(name, size, svg) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${size}px; height: ${size}px }</style>${svg}`);
  await page.screenshot({ path: join(root, "public/icons", name), omitBackground: true });
  await page.close();
}

// What is cut to a circle or another shape has colour to its edge, and the key within the middle.
const maskable = drawing.replace(' rx="14"', "").replace(/(<path [^>]*>)/, '<g transform="translate(32 32) scale(.8) translate(-32 -32)">$1</g>');
for (const size of [192, 512]) {
  await draw(`icon-${size}.png`, size, drawing);
  await draw(`maskable-${size}.png`, size, maskable);
}
await browser.close();
