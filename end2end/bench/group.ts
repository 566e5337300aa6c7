// Joining and leaving a group, as an administrator's browser does it. Prints a line `name value` for each figure.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Locator, type Page, test } from "@playwright/test";
import { Server, environment, program } from "../fixtures/server";
import { List, signIn } from "../fixtures/test";

// Everyone but the administrator shares once with the only group: 999 shares. Ana's 10,000 enabled secrets are the 1,000th.
const PEOPLE = 1_000;
const SECRETS = 116_670;
const MEMBERS = 500;
const GROUP = "Platform team";
const MESSAGE = ".toasts [role=status]";
const TABLE = "table[aria-label=Members]";

/** How long it takes from a press of `button` until `place` has `text` in it, and the longest frame meanwhile. */
async function measure(page: Page, button: Locator, place: string, text: string): Promise<{ took: number; longest: number }> {
  // Measured in the page: Playwright looks for what it waits for too seldom.
  await page.evaluate(
    ([place, text]) => {
      const measured = new Promise((done) => {
        const pressed = () => {
          const start = performance.now();
          let [before, longest] = [start, 0];
          const frame = (now: number) => {
            longest = Math.max(longest, now - before);
            before = now;
            const shown = document.querySelector(place)?.textContent?.includes(text);
            if (shown) done({ took: performance.now() - start, longest });
            else requestAnimationFrame(frame);
          };
          requestAnimationFrame(frame);
        };
        addEventListener("click", pressed, { capture: true, once: true });
      });
      Object.assign(window, { measured });
    },
    [place, text],
  );
  await button.click();
  return page.evaluate(() => (window as unknown as { measured: Promise<{ took: number; longest: number }> }).measured);
}

/** Shares all secrets of Ana that can be shared with the group. */
async function shareAll(page: Page) {
  const list = new List(page);
  await list.open();
  await page.getByLabel("Owner").fill("Ana Lima");
  await page.getByRole("combobox", { name: "Enabled" }).selectOption("Yes");
  await page.getByRole("checkbox", { name: "Select all" }).check();
  const count = await list.count.textContent();
  if (count !== "10,000 records selected") throw new Error(`the demo has changed: ${count}`);
  const dialog = await list.share();
  await list.pick(GROUP, new RegExp(GROUP));
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await page.getByRole("status").filter({ hasText: "Shared. Now users can use this shared item" }).waitFor();
}

/** Opens the dialog that adds members. */
async function openAdding(page: Page) {
  await page.getByRole("button", { name: "Add members" }).click();
  const dialog = page.getByRole("dialog", { name: "Add members" });
  return {
    search: dialog.getByRole("combobox", { name: "Search people" }),
    hits: dialog.getByRole("option"),
    picked: dialog.getByRole("list", { name: "Selected people" }).getByRole("listitem"),
    add: dialog.getByRole("button", { name: "Add", exact: true }),
  };
}

test("a group of 500 people that 1,000 shares are shared with", async ({ page, browser }) => {
  const folder = mkdtempSync(join(tmpdir(), "mysafe-bench-"));
  const size = ["--people", String(PEOPLE), "--groups", "1", "--secrets", String(SECRETS)];
  execFileSync(program, ["demo", ...size], { env: environment(folder), stdio: "pipe" });
  process.env.DEMO_FOLDER = folder;
  const server = await Server.demo();

  const ana = await browser.newContext();
  const anas = await ana.newPage();
  await signIn(anas, server, "ana");
  await shareAll(anas);
  // Her browser would settle what is due while the other one is measured.
  await ana.close();

  await signIn(page, server, "admin");
  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Groups" }).click();
  await page.getByRole("table", { name: "Groups" }).getByRole("link", { name: GROUP }).click();
  await page.getByRole("heading", { name: GROUP, level: 1 }).waitFor();
  const there = await page.locator(`${TABLE} td:nth-child(2)`).allTextContents();

  // As the demo calls people who are not the first of their name.
  const first = "dora enzo fatima gil hana ivo jana kofi lena mateo nadia otto paula quentin rosa samir tania".split(" ");
  const all = Array.from({ length: 30 }, (_, index) => first.map((name) => `${name}${index + 2}`)).flat();
  const usernames = all.filter((username) => !there.includes(username)).slice(0, MEMBERS - there.length);
  const last = usernames.pop()!;
  const many = await openAdding(page);
  await many.search.evaluate((input, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", text);
    input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, usernames.join("\n"));
  await many.picked.nth(usernames.length - 1).waitFor();
  const filled = await measure(page, many.add, TABLE, `${usernames.at(-1)}@`);
  console.log(`group.add_many_click_to_row_ms.${usernames.length} ${filled.took.toFixed(0)}`);

  const one = await openAdding(page);
  await one.search.fill(last);
  await one.hits.filter({ hasText: `${last} ·` }).click();
  const joined = await measure(page, one.add, TABLE, `${last}@`);
  console.log(`group.add_member_click_to_row_ms.10000 ${joined.took.toFixed(0)}`);

  const rows = await page.locator(`${TABLE} tbody tr`).count();
  if (rows !== MEMBERS) throw new Error(`the demo has changed: ${rows} members`);
  await page.getByRole("button", { name: /^Remove Dora / }).first().click();
  const yes = page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" });
  const left = await measure(page, yes, MESSAGE, "is no longer in the group");
  console.log(`group.remove_member_ms.500x1000 ${left.took.toFixed(0)}`);
  console.log(`group.remove_member_longest_frame_ms.500x1000 ${left.longest.toFixed(0)}`);
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});
