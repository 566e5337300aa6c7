// What Lighthouse says of the page before the sign-in and of the list, as on a desktop and as on a phone. Prints a line `name value` for each score, in
// percent, and a remark where it is below what is wanted. The list is measured as it opens for somebody who is signed in and has yet to type their password, and
// looked at as it is then.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, test } from "@playwright/test";
import lighthouse, { type Config, type Flags, desktopConfig, snapshot } from "lighthouse";
import puppeteer from "puppeteer-core";
import fillDemo from "../fixtures/demo";
import { Server } from "../fixtures/server";
import { List, PASSWORD, signIn } from "../fixtures/test";

const WANTED: Record<string, number> = { performance: 95, accessibility: 100, "best-practices": 100 };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

test("what Lighthouse says", async ({ launchOptions }) => {
  const clean = fillDemo();
  const server = await Server.demo();
  const [port, profile] = [await freePort(), mkdtempSync(join(tmpdir(), "mysafe-profile-"))];
  const args = [...(launchOptions.args ?? []), `--remote-debugging-port=${port}`];
  const browser = await chromium.launchPersistentContext(profile, { ...launchOptions, args, serviceWorkers: "allow" });
  const [page] = browser.pages();
  const told = (name: string, categories: Record<string, { score: number | null; auditRefs: { id: string }[] }>) => {
    for (const [category, { score }] of Object.entries(categories)) {
      const percent = Math.round((score ?? 0) * 100);
      console.log(`lighthouse.${name}_${category.replace("-", "_")} ${percent}`);
      if (percent < WANTED[category]) console.log(`# ${name} ${category}: ${percent}, wanted ${WANTED[category]}`);
    }
  };
  const flags: Flags = { port, logLevel: "error", onlyCategories: Object.keys(WANTED), disableStorageReset: true };
  const presets: [string, Config | undefined][] = [
    ["desktop", desktopConfig],
    ["mobile", undefined],
  ];
  const measure = async (name: string, url: string) => {
    for (const [preset, config] of presets) {
      const found = (await lighthouse(url, flags, config))!.lhr;
      for (const audit of Object.values(found.audits)) {
        if (audit.score !== null && audit.score < 0.9) console.log(`# ${name} ${preset}: ${audit.id} ${audit.displayValue ?? audit.score}`);
      }
      told(`${name}_${preset}`, found.categories);
    }
  };
  await measure("sign_in", server.url);
  await signIn(page, server, "ana");
  await measure("list", `${server.url}/secrets`);
  await page.reload();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Unlock" }).click();
  await new List(page).open();
  const connected = await puppeteer.connect({ browserURL: `http://127.0.0.1:${port}`, defaultViewport: null });
  for (const seen of await connected.pages()) {
    if (!seen.url().includes("/secrets")) continue;
    const found = (await snapshot(seen, { flags: { ...flags, onlyCategories: ["accessibility", "best-practices"] }, config: desktopConfig }))!.lhr;
    told("list_open", found.categories);
  }
  await connected.disconnect();
  await browser.close();
  await server.end();
  clean();
  rmSync(profile, { recursive: true, force: true });
});
