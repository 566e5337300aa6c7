import { addSecret, read } from "../fixtures/people";
import { openReceipt, undo } from "../fixtures/receipt";
import { type List, expect, test } from "../fixtures/test";

const NAMES = ["Ledger API", "Payroll API"];

/** The list shows the secrets as enabled, or as disabled. */
async function expectEnabled(ana: List, enabled: "Yes" | "No") {
  await ana.open();
  await ana.page.getByRole("combobox", { name: "Enabled" }).selectOption(enabled);
  for (const name of NAMES) {
    await ana.page.getByLabel("Name").fill(name);
    await expect(ana.row(name)).toBeVisible();
  }
  await ana.page.getByRole("button", { name: "Clear", exact: true }).click();
}

test("what was disabled, enabled or deleted is turned back by its receipt", async ({ ana }) => {
  const { page } = ana;
  for (const name of NAMES) await addSecret(page, name, `${name} value`);
  await ana.select(...NAMES);
  await (await ana.batch("Disable")).getByRole("button", { name: "Yes" }).click();
  await openReceipt(page, "Disabled 2 records");
  await undo(page, "2 records: enabled again.");
  await expectEnabled(ana, "Yes");

  // The undo is a batch itself.
  await page.getByRole("link", { name: "Sharing activity" }).click();
  await page.getByRole("link", { name: "Enabled 2 records" }).first().click();
  await expect(page.getByText("This undid an earlier batch.")).toBeVisible();
  await undo(page, "2 records: disabled again.");
  await expectEnabled(ana, "No");

  await ana.select(...NAMES);
  await ana.more("Delete");
  await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  await openReceipt(page, "Deleted 2 records");
  await undo(page, "2 records: restored.");
  await page.getByRole("link", { name: "See how" }).click();
  await expect(page.getByRole("heading", { name: "Restored 2 records" })).toBeVisible();
  await expectEnabled(ana, "No");
});

test("a lowered permission comes back, and a raised one goes", async ({ ana, visit }) => {
  const { page } = ana;
  await addSecret(page, "Ledger API", "Ledger API value");
  await ana.select("Ledger API");
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await dialog.getByRole("combobox", { name: /^Permission for Bruno/ }).selectOption("Can edit");
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(page.getByText("Shared. Now users can use this shared item")).toBeVisible();

  await ana.select("Ledger API");
  await ana.more("Change permission");
  await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  const change = page.getByRole("dialog", { name: "Change permission" });
  await change.getByRole("combobox", { name: /^Permission for Bruno/ }).selectOption("Can view");
  await change.getByRole("button", { name: "Change permission" }).click();
  await openReceipt(page, "Changed permissions for 1 record");
  const bruno = page.getByRole("table", { name: "Users and groups" }).getByRole("row", { name: /Bruno/ });
  await expect(bruno).toContainText("Can view, was Can edit");
  const brunosPage = await visit("bruno");
  const edit = brunosPage.getByRole("link", { name: "Edit" });
  await read(brunosPage, "Ledger API");
  await expect(edit).toHaveCount(0);

  await undo(page, "Access to 1 record comes back, as it was, for Bruno");
  await read(brunosPage, "Ledger API");
  await expect(edit).toBeVisible();
  await page.getByRole("link", { name: "See how" }).click();
  await expect(bruno).toContainText("Can edit, was Can view");
  await undo(page, "The access that it gave to 1 record ends at once.");
  await read(brunosPage, "Ledger API");
  await expect(edit).toHaveCount(0);
});

test("a receipt names all of its records, however many they are", async ({ ana }) => {
  const { page } = ana;
  const count = 230;
  const lines = Array.from({ length: count }, (_, index) => `Bulk ${index},https://bulk.example.com,id-${index},secret-${index}`);
  const buffer = Buffer.from(`name,url,client_id,client_secret\n${lines.join("\n")}\n`);
  await page.getByRole("link", { name: "Import" }).click();
  await page.getByLabel("File").setInputFiles({ name: "bulk.csv", mimeType: "text/csv", buffer });
  await page.getByRole("button", { name: `Import ${count} records` }).click();
  await expect(page.getByText(`${count} records imported`)).toBeVisible();
  await openReceipt(page, `Imported ${count} records`);
  const records = page.getByRole("region", { name: "API secrets" });
  await expect(records.getByRole("link")).toHaveCount(200);
  await expect(records.getByRole("status")).toHaveText(`200 of ${count} records shown`);
  const more = records.getByRole("button", { name: "Show more API secrets" });
  await more.click();
  await expect(records.getByRole("link")).toHaveCount(count);
  await expect(records.getByRole("link", { name: "Bulk 17", exact: true })).toHaveCount(1);
  await expect(more).toHaveCount(0);
  await expect(records.getByRole("status")).toHaveText("");
});
