// Every batch action in Chromium on a list of 100,000 API secrets: on 200 of them, and with MYSAFE_BENCH_ALL=1 then on all of Ana's that are enabled. Prints
// a line `name value` for each: `ask` is from the yes to the dialog of the action, `done` from its last press until the page says that it is done.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Locator, type Page, test } from "@playwright/test";
import { openReceipt } from "../fixtures/receipt";
import { Server, environment, program } from "../fixtures/server";
import { List, PASSWORD, signIn } from "../fixtures/test";

const SECRETS = 100_000;
const FEW = 200;

/** Measures what is between two moments, in milliseconds. */
async function timed(name: string, act: () => Promise<void>) {
  const start = performance.now();
  await act();
  console.log(`actions.${name} ${(performance.now() - start).toFixed(0)}`);
}

class Actions {
  constructor(
    readonly list: List,
    readonly size: "few" | "all",
  ) {}

  get page(): Page {
    return this.list.page;
  }

  /** Ticks Ana's, those that are enabled or those that are not: so many from the top, or all. */
  async tick(enabled: "Yes" | "No") {
    await this.list.open();
    await this.page.getByRole("button", { name: "Clear", exact: true }).click();
    await this.page.getByLabel("Owner").fill("Ana Lima");
    await this.page.getByRole("combobox", { name: "Enabled" }).selectOption(enabled);
    if (this.size === "all") {
      await this.page.getByRole("checkbox", { name: "Select all" }).check();
    } else {
      const frame = this.page.getByRole("region", { name: "List of API secrets" });
      await frame.evaluate((frame) => frame.scrollTo(0, 0));
      await this.page.locator('tr[aria-rowindex="2"]').getByRole("checkbox").click();
      await frame.evaluate((frame, top) => frame.scrollTo(0, top), (FEW - 5) * 44);
      await this.page.locator(`tr[aria-rowindex="${FEW + 1}"]`).getByRole("checkbox").click({ modifiers: ["Shift"] });
      await this.list.count.filter({ hasText: `${FEW} records selected` }).waitFor();
    }
  }

  /** Asks for an action on what is ticked, and says yes. */
  async ask(action: string, then: Locator) {
    const button = this.page.getByRole("toolbar", { name: "Batch actions" }).getByRole("button", { name: action, exact: true });
    if (await button.isVisible()) await button.click();
    else await this.list.more(action);
    const yes = this.page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" });
    await yes.waitFor();
    await this.timed(`${action} ask`, async () => {
      await yes.click();
      await then.waitFor();
    });
  }

  /** An action with a dialog of its own, which is filled in and then sent by its button. */
  async dialog(action: string, fill: (dialog: Locator) => Promise<void>, send: string, done: string | RegExp, title = action) {
    await this.tick("Yes");
    const dialog = this.page.getByRole("dialog", { name: title });
    await this.ask(action, dialog);
    await fill(dialog);
    await this.timed(`${action} done`, async () => {
      await dialog.getByRole("button", { name: send, exact: true }).click();
      await this.said(done);
    });
  }

  /** An action that the yes does. */
  async yes(action: string, enabled: "Yes" | "No", done: string | RegExp) {
    await this.tick(enabled);
    await this.ask(action, this.page.getByText(done));
  }

  async said(text: string | RegExp) {
    await this.page.getByRole("status").filter({ hasText: text }).first().waitFor();
  }

  async undo(title: RegExp) {
    await this.timed("receipt", () => openReceipt(this.page, title));
    const yes = this.page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" });
    await this.timed("undo ask", async () => {
      await this.page.getByRole("button", { name: "Undo" }).click();
      await yes.waitFor();
    });
    await this.timed("undo done", async () => {
      await yes.click();
      await this.page.getByText("This was undone.").waitFor();
    });
  }

  timed(name: string, act: () => Promise<void>) {
    return timed(`${this.size}.${name.replace(/ …/, "").replaceAll(" ", "_").toLowerCase()}_ms`, act);
  }

  async run() {
    const { list } = this;
    await this.dialog(
      "Same access as …",
      async (dialog) => {
        const source = await dialog.locator("datalist option").first().getAttribute("value");
        await dialog.getByLabel("API secret", { exact: true }).fill(source!);
        await dialog.getByRole("button", { name: "Continue" }).click();
      },
      "Yes",
      /records shared/,
    );
    await this.dialog(
      "Share",
      async (dialog) => {
        await list.pick("bruno", /Bruno/);
        await this.timed("share preview", async () => {
          await list.pick("carla", /Carla/);
          await dialog.getByRole("status").filter({ hasText: "2 people" }).waitFor();
        });
      },
      "Share",
      "Shared. Now users can use this shared item",
    );
    await this.dialog(
      "Change permission",
      async (dialog) => {
        await dialog.getByRole("combobox", { name: /^Permission for Bruno/ }).selectOption("Can edit");
      },
      "Change permission",
      /Permissions changed/,
    );
    await this.undo(/^Changed permissions|permission/i);
    await this.dialog("Tag", (dialog) => dialog.getByRole("combobox", { name: "Add tags" }).fill("walked"), "Save", /Tags changed/);
    await this.dialog("Unshare", (dialog) => dialog.getByRole("checkbox", { name: /Carla/ }).check(), "Unshare", /unshared|Unshared/);
    await this.yes("Disable", "Yes", /disabled/);
    await this.undo(/^Disabled/);
    await this.yes("Disable", "Yes", /disabled/);
    await this.yes("Enable", "No", /enabled/);
    await this.yes("Delete", "Yes", /deleted/);
    await this.undo(/^Deleted/);
    await this.timed("rows after undo", () => list.open());
    await this.dialog(
      "Transfer",
      async (dialog) => {
        await dialog.getByRole("combobox", { name: "New owner" }).fill("dora");
        await dialog.getByRole("option").first().click();
      },
      "Transfer",
      /transferred/,
    );
    await this.undo(/^Transferred/);
  }
}

test("every batch action on a list of 100,000", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "mysafe-bench-"));
  const size = ["--people", "24", "--groups", "6", "--secrets", String(SECRETS + 400), "--ana", String(SECRETS)];
  execFileSync(program, ["demo", ...size], { env: environment(folder), stdio: "pipe" });
  process.env.DEMO_FOLDER = folder;
  const server = await Server.demo();
  page.setDefaultTimeout(180_000);
  await signIn(page, server, "ana");
  const list = new List(page);
  await list.open();
  const sizes = process.env.MYSAFE_BENCH_ALL ? (["few", "all"] as const) : (["few"] as const);
  for (const size of sizes) await new Actions(list, size).run();
  await page.getByRole("link", { name: "Export" }).click();
  await timed("export.csv_ms", async () => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download CSV" }).click();
    await (await download).path();
  });
  await page.getByLabel("Password").fill(PASSWORD);
  await timed("export.json_ms", async () => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download JSON" }).click();
    await (await download).path();
  });
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});
