// Takes the pictures that the manifest shows to who installs MySafe, into public/screenshots. Needs a fresh demo that runs (make run):
// node scripts/screenshots.mjs [http://127.0.0.1:3000]
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const { chromium } = createRequire(join(root, "end2end/package.json"))("@playwright/test");
const address = process.argv[2] ?? "http://127.0.0.1:3000";
const folder = join(root, "public/screenshots");
const system = "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath: existsSync(system) ? system : undefined, args: ["--no-sandbox"] });

mkdirSync(folder, { recursive: true });
for (const [name, width, height] of [["wide", 1280, 800], ["narrow", 390, 844]]) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: "light", reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(`${address}/secrets`);
  await page.getByLabel("Username").fill("ana");
  await page.getByLabel("Password").fill("mysafe-demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  const boxes = page.getByRole("table", { name: "API secrets" }).getByRole("checkbox", { name: /^Select (?!all)/ });
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.getByText("2 records selected").waitFor();
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
}
await browser.close();
