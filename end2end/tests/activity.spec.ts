import { addSecret, read } from "../fixtures/people";
import { openReceipt, undo } from "../fixtures/receipt";
import { List, expect, test } from "../fixtures/test";

/** Shares two secrets of Ana's with Bruno and opens the receipt. */
async function share(ana: List) {
  for (const name of ["Ledger API", "Payroll API"]) await addSecret(ana.page, name, `${name} value`);
  await ana.select("Ledger API", "Payroll API");
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await openReceipt(ana.page, "Shared 2 records");
}

test("a batch has a receipt, and what it did is undone and done again", async ({ ana, visit }) => {
  const { page } = ana;
  await share(ana);
  const recipients = page.getByRole("table", { name: "Users and groups" });
  await expect(recipients.getByRole("row", { name: /Bruno/ })).toContainText("2 records");
  await expect(recipients.getByRole("row", { name: /Bruno/ })).toContainText("Can view");
  await expect(page.getByRole("region", { name: "API secrets" }).getByRole("link")).toHaveText(["Ledger API", "Payroll API"]);
  const brunos = new List(await visit("bruno"));
  await read(brunos.page, "Ledger API");

  await undo(page, "The access that it gave to 2 records ends at once.");
  await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(0);
  await expect(brunos.page.getByRole("alert")).toContainText("no access to it any more");
  await expect(brunos.page.getByText("Ledger API value")).toHaveCount(0);

  await page.getByRole("link", { name: "See how" }).click();
  await expect(page.getByRole("heading", { name: "Unshared 2 records" })).toBeVisible();
  await expect(recipients.getByRole("row", { name: /Bruno/ })).toContainText("Can view, ended");
  await undo(page, "Access to 2 records comes back, as it was, for Bruno");
  await read(brunos.page, "Ledger API");

  await page.getByRole("link", { name: "Sharing activity" }).click();
  const activity = page.getByRole("table", { name: "Sharing activity" });
  const done = activity.getByRole("rowheader").getByRole("link");
  for (const [index, text] of ["Shared 2 records", "Unshared 2 records", "Shared 2 records"].entries()) {
    await expect(done.nth(index)).toHaveText(text);
  }
  await expect(activity.getByRole("row").nth(2)).toContainText("Undone");
});

test("a batch gets more recipients, and an end that can be taken back", async ({ ana, visit }) => {
  const { page } = ana;
  await share(ana);
  await page.getByRole("button", { name: "Set end of access" }).click();
  const end = page.getByRole("dialog", { name: "End of access" });
  await end.getByLabel("Access ends").fill("2001-01-01T10:00");
  await end.getByRole("button", { name: "Save" }).click();
  await expect(end.getByRole("alert")).toContainText("Choose a time in the future");
  await end.getByLabel("Access ends").fill("2090-01-01T10:00");
  await end.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("definition").filter({ hasText: "2090" })).toBeVisible();

  await page.getByRole("button", { name: "Add recipients" }).click();
  await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  const dialog = page.getByRole("dialog", { name: "Share" });
  await expect(dialog).toContainText("as for the others");
  await ana.pick("carla", /Carla/);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  const recipients = page.getByRole("table", { name: "Users and groups" });
  await expect(recipients.getByRole("row", { name: /Carla/ })).toContainText("2 records");
  await read(await visit("carla"), "Ledger API");

  await page.getByRole("button", { name: "Set end of access" }).click();
  await expect(end.getByLabel("Access ends")).toHaveValue("2090-01-01T10:00");
  await end.getByRole("button", { name: "Never" }).click();
  await expect(page.getByRole("definition").filter({ hasText: "No end date" })).toBeVisible();
});
