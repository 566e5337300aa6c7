// The client side of a share, as Chromium's WASM does it, on an organization of the size that the figures are for. Prints a line
// `name value` for each.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "@playwright/test";
import { Server, environment, program } from "../fixtures/server";
import { List, signIn } from "../fixtures/test";
import { median } from "../fixtures/median";

const RUNS = 3;
const PEOPLE = 100;
// Of so many, a tenth are Ana's, and 10,000 of those are enabled.
const SECRETS = 116_670;

test("a share of 10,000 secrets with 100 people", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "mysafe-bench-"));
  const start = Date.now();
  execFileSync(program, ["demo", "--people", "500", "--secrets", String(SECRETS)], { env: environment(folder), stdio: "pipe" });
  console.log(`demo.fill_s ${((Date.now() - start) / 1000).toFixed(1)}`);
  process.env.DEMO_FOLDER = folder;

  const server = await Server.demo();
  await signIn(page, server, "ana");
  const list = new List(page);
  await list.open();
  const times: number[] = [];
  const frames: number[] = [];
  const wholes: number[] = [];
  const previews: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await page.getByLabel("Owner").fill("Ana Lima");
    await page.getByRole("combobox", { name: "Enabled" }).selectOption("Yes");
    await page.getByRole("checkbox", { name: "Select all" }).check();
    const count = await list.count.textContent();
    if (count !== "10,000 records selected") throw new Error(`the demo has changed: ${count}`);
    const dialog = await list.share();
    for (let person = 0; person < PEOPLE; person++) {
      // Names of the list, and from the second round on with a number.
      const first = ["dora", "enzo", "fatima", "gil", "hana", "ivo", "jana", "kofi", "lena", "mateo"][person % 10];
      await list.pick(`${first}${Math.floor(person / 10) + 2}@`, /./);
    }
    // What it comes to is said again when somebody is picked: from the click on the last one.
    const last = dialog.getByRole("button", { name: /^Remove / }).last();
    await last.click();
    await page.getByRole("dialog", { name: "Share" }).getByRole("combobox", { name: "Search users or groups" }).fill("mateo11@");
    const option = page.getByRole("dialog", { name: "Share" }).getByRole("option").first();
    await option.waitFor();
    const before = performance.now();
    await option.click();
    await dialog.getByRole("status").filter({ hasText: "10,000 records with 100 people" }).waitFor();
    previews.push(performance.now() - before);
    await page.evaluate(() => {
      const longest = { value: 0 };
      Object.assign(window, { longest });
      let before = performance.now();
      const frame = (now: number) => {
        longest.value = Math.max(longest.value, now - before);
        before = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    const keys = page.waitForResponse("**/api/recipient_keys").then(() => performance.now());
    const sent = page.waitForRequest("**/api/share_secrets").then(() => performance.now());
    const pressed = performance.now();
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    times.push((await sent) - (await keys));
    await page.getByRole("status").filter({ hasText: "Shared. Now users can use this shared item" }).waitFor();
    wholes.push(performance.now() - pressed);
    frames.push(await page.evaluate(() => (window as unknown as { longest: { value: number } }).longest.value));
    await page.getByRole("button", { name: "Close message" }).click();
  }
  console.log(`share.client_ms.10000x100 ${median(times).toFixed(0)}`);
  console.log(`share.client_longest_frame_ms.10000x100 ${median(frames).toFixed(0)}`);
  console.log(`preview.client_ms.10000x100 ${median(previews).toFixed(0)}`);
  console.log(`share.click_to_done_ms.10000x100 ${median(wholes).toFixed(0)}`);
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});
