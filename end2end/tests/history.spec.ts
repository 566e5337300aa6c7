import { type Page } from "@playwright/test";
import { addSecret, counted, read } from "../fixtures/people";
import { List, expect, test } from "../fixtures/test";

/** Shares a new secret of Ana's with Bruno, who may edit it, and opens it in the form of both. */
async function both(ana: List, bruno: Page) {
  await addSecret(ana.page, "Ledger API", "first");
  await ana.select("Ledger API");
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await dialog.getByRole("combobox", { name: "Permission for Bruno Souza" }).selectOption("Can edit");
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(dialog).toBeHidden();
  const list = new List(bruno);
  await list.open();
  for (const { page, row } of [
    { page: ana.page, row: ana.row("Ledger API") },
    { page: bruno, row: list.row("Ledger API") },
  ]) {
    await row.getByRole("link").click();
    await page.getByRole("link", { name: "Edit" }).click();
    await expect(page.getByLabel("Client secret")).toHaveValue("first");
  }
}

async function save(page: Page) {
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").filter({ hasText: "API secret saved" })).toBeVisible();
}

test("two people edit one secret: the second is shown both texts and loses nothing", async ({ ana, visit }) => {
  const bruno = await visit("bruno");
  await both(ana, bruno);
  await bruno.getByLabel("Client secret").fill("from Bruno");
  await bruno.getByLabel("Tags").fill("renewed");
  await save(bruno);
  const { page } = ana;
  await page.getByLabel("Client secret").fill("from Ana");
  await page.getByLabel("Name", { exact: true }).fill("Ledger API 2");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Bruno Souza saved this API secret while you were editing it" })).toBeVisible();
  const conflict = page.getByRole("region", { name: "Bruno Souza saved this API secret while you were editing it" });
  const differences = conflict.getByRole("table", { name: "Differences" });
  await expect(differences.getByRole("rowheader")).toHaveText(["Name", "Client secret", "Tags"]);
  await expect(differences).not.toContainText("from Bruno");
  await conflict.getByRole("button", { name: "Show what is sealed" }).click();
  const row = differences.getByRole("row", { name: /Client secret/ });
  await expect(row).toContainText("from Bruno");
  await expect(row).toContainText("from Ana");
  await expect(page.getByLabel("Client secret", { exact: true })).toHaveValue("from Ana");
  await conflict.getByRole("button", { name: "Use theirs for Tags" }).click();
  await expect(page.getByLabel("Tags", { exact: true })).toHaveValue("renewed");
  await save(page);
  await expect(page.getByRole("heading", { name: "Ledger API 2" })).toBeVisible();
  await page.getByRole("button", { name: "Show client secret" }).click();
  await expect(page.locator("code.secret")).toHaveText("from Ana");

  // What the second one did not keep is in the history, with who and when.
  await page.getByRole("link", { name: "History" }).click();
  const rows = page.getByRole("table", { name: "History" }).getByRole("row");
  await expect(rows).toHaveCount(4);
  await expect(rows.nth(1)).toContainText("Ana Lima");
  await expect(rows.nth(2)).toContainText("Bruno Souza");
  await rows.nth(2).getByRole("button", { name: /^Show/ }).click();
  await expect(rows.nth(2).locator("code.secret")).toHaveText("from Bruno");
  await rows.nth(2).getByRole("button", { name: /^Hide/ }).click();
  await expect(rows.nth(2).locator("code.secret")).toHaveCount(0);
});

test("an earlier client secret is restored, by who may edit, also after a new key", async ({ ana, visit }) => {
  const bruno = await visit("bruno");
  await both(ana, bruno);
  const { page } = ana;
  await page.getByLabel("Client secret").fill("second");
  await save(page);
  // Somebody loses access: the secret gets a new key, and what it had before opens all the same.
  await ana.open();
  await ana.act("Ledger API", "Share");
  const dialog = page.getByRole("dialog", { name: "Share" });
  await ana.pick("carla", /Carla/);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(dialog).toBeHidden();
  await read(await visit("carla"), "Ledger API", "second");
  await ana.act("Ledger API", "Share");
  await dialog.getByRole("button", { name: "Remove Carla Nunes" }).click();
  const settled = counted(page, "settle_secrets");
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(settled, { timeout: 120_000 }).toBeGreaterThan(0);

  await bruno.goBack();
  await bruno.getByRole("link", { name: "History" }).click();
  const rows = bruno.getByRole("table", { name: "History" }).getByRole("row");
  await expect(rows).toHaveCount(3);
  await rows.nth(2).getByRole("button", { name: /^Show/ }).click();
  await expect(rows.nth(2).locator("code.secret")).toHaveText("first");
  await rows.nth(2).getByRole("button", { name: /^Restore/ }).click();
  const confirmation = bruno.getByRole("dialog", { name: "Confirmation" });
  await expect(confirmation).toContainText("Are you sure you want to restore");
  await confirmation.getByRole("button", { name: "Yes" }).click();
  await expect(bruno.getByRole("status").filter({ hasText: "Restored" })).toBeVisible();
  await expect(rows).toHaveCount(4);
  await read(page, "Ledger API", "first");
});
