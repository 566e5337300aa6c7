import { readFileSync } from "node:fs";
import { type Page } from "@playwright/test";
import { addSecret, read } from "../fixtures/people";
import { List, expect, test } from "../fixtures/test";

/** Shares a secret of Ana's with Bruno, who opens it. */
async function shared(ana: List, bruno: Page) {
  await addSecret(ana.page, "Ledger API", "Ledger API value");
  await ana.select("Ledger API");
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(ana.page.getByText("Shared. Now users can use this shared item")).toBeVisible();
  await read(bruno, "Ledger API");
}

/** Exports what is shown and returns the lines of the file. */
async function exported(page: Page, button: string): Promise<string[]> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  return readFileSync(await (await download).path(), "utf8").trim().split(/\r?\n/);
}

test("administrators find what was done, open the batch, export it, and the chain holds", async ({ ana, visit, server }) => {
  await shared(ana, await visit("bruno"));
  const page = await visit("admin");
  await page.getByRole("link", { name: "Audit log" }).click();
  const log = page.getByRole("table", { name: "Audit log" });
  await expect(log.getByRole("rowheader").first()).toHaveText("Client secret opened");
  await expect(log.getByRole("row").nth(1)).toContainText("127.0.0.1");
  await expect(page.getByRole("img", { name: /^Sharing by week/ })).toBeVisible();

  const filter = page.getByRole("search", { name: "Filter of the audit log" });
  await filter.getByLabel("Who").fill("nobody");
  await filter.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("alert")).toContainText("Nobody has this username");
  await filter.getByLabel("Who").fill("bruno");
  await filter.getByLabel("What").selectOption("Shared");
  await filter.getByRole("button", { name: "Filter" }).click();
  await expect(log.getByRole("rowheader").filter({ hasNotText: /^Shared$/ })).toHaveCount(0);
  await expect(log.getByRole("rowheader").first()).toHaveText("Shared");
  const csv = await exported(page, "Export CSV");
  expect(csv[0]).toBe(
    "id,at,event,by,person,group,secret,secret_name,batch,address,parent,permissions,tags_added,tags_removed",
  );
  const [entry] = /^[0-9a-f-]{36}/.exec(csv[1])!;
  expect(csv[1]).toMatch(/^[0-9a-f-]{36},\d{4}-\d\d-\d\dT.*Z,shared,ana,.*,bruno: view,,$/);
  // After the batch, what it was about.
  expect(csv[2]).toMatch(new RegExp(`^,\\d{4}-.*Z,shared,ana,,,[0-9a-f-]{36},Ledger API,.*,${entry},bruno: view,,$`));
  expect(csv.slice(1).filter((line) => !line.startsWith(",")).length).toBe(await log.getByRole("rowheader").count());

  // A secret leads to everything that was done to it, and a batch to its receipt.
  await filter.getByRole("button", { name: "Clear" }).click();
  await log.getByRole("link", { name: "Ledger API" }).first().click();
  await expect(log.getByRole("rowheader")).toHaveText(["Client secret opened", "Shared", "API secret added"]);
  const lines = (await exported(page, "Export JSON lines")).map((line) => JSON.parse(line));
  const permissions = [{ person: "bruno", before: null, after: "view" }];
  expect(lines.map((line) => [line.event, line.by, line.secret_name, line.permissions])).toEqual([
    ["client secret opened", "bruno", "Ledger API", null],
    ["shared", "ana", null, permissions],
    ["shared", "ana", "Ledger API", permissions],
    ["API secret added", "ana", "Ledger API", null],
  ]);
  expect(lines[2].parent).toBe(lines[1].id);
  // The address of its page finds it as well, as somebody sends it.
  const secret = lines[2].secret;
  await filter.getByRole("button", { name: "Clear" }).click();
  await filter.getByRole("textbox", { name: "API secret" }).fill(`${new URL(page.url()).origin}/secrets/${secret}`);
  await filter.getByRole("button", { name: "Filter" }).click();
  await expect(log.getByRole("rowheader")).toHaveText(["Client secret opened", "Shared", "API secret added"]);
  await log.getByRole("link", { name: "Receipt" }).click();
  await expect(page.getByRole("heading", { name: "Shared 1 record" })).toBeVisible();
  // Administrators, who have no keys, end what it gave.
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  await expect(page.getByText("This was undone.")).toBeVisible();

  // The owner reads the log of her secret.
  await ana.open();
  await ana.page.getByRole("link", { name: "View API secret Ledger API" }).click();
  await ana.page.getByRole("tab", { name: "Access log" }).click();
  const access = ana.page.getByRole("table", { name: "Access log" });
  await expect(access.getByRole("rowheader")).toHaveText(["Unshared", "Client secret opened", "Shared", "API secret added"]);
  await expect(access.getByRole("row").nth(2)).toContainText("Bruno Souza (bruno)");

  await server.stop();
  expect(server.run("audit", "verify")).toMatch(/^The audit log is whole: \d+ entries\./);
});
