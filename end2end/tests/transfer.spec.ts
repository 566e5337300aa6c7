import { addSecret, read } from "../fixtures/people";
import { openReceipt, undo } from "../fixtures/receipt";
import { List, expect, test } from "../fixtures/test";

test("secrets get another owner at once, and nobody else loses access", async ({ ana, visit }) => {
  const { page } = ana;
  for (const name of ["Ledger API", "Payroll API"]) await addSecret(page, name, `${name} value`);
  await ana.select("Ledger API");
  const share = await ana.share();
  await ana.pick("carla", /Carla/);
  await share.getByRole("button", { name: "Share", exact: true }).click();
  await expect(page.getByText("Shared. Now users can use this shared item")).toBeVisible();

  // One of somebody else's among them: nothing is done, and the person is told which.
  await ana.select("Ledger API", "Payroll API");
  await ana.more("Transfer");
  const confirmation = page.getByRole("dialog", { name: "Confirmation" });
  await expect(confirmation).toContainText("Are you sure you want to transfer the 2 records selected?");
  await confirmation.getByRole("button", { name: "Yes" }).click();
  const dialog = page.getByRole("dialog", { name: "Transfer" });
  await dialog.getByRole("button", { name: "Transfer" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Pick the person who gets them.");
  await dialog.getByRole("combobox", { name: "New owner" }).fill("bruno");
  await dialog.getByRole("option", { name: /Bruno Souza/ }).click();
  await expect(dialog.getByRole("status").filter({ hasText: "Bruno Souza" })).toBeVisible();
  await dialog.getByRole("button", { name: "Transfer" }).click();
  await expect(page.getByText("2 records transferred to Bruno Souza")).toBeVisible();
  await expect(ana.row("Ledger API")).toHaveCount(0);

  // Bruno's browser takes them over by itself; then he can share them on.
  const bruno = new List(await visit("bruno"));
  await bruno.open();
  await expect(bruno.row("Payroll API")).toContainText("Bruno Souza");
  await bruno.select("Payroll API");
  const again = bruno.page.getByRole("dialog", { name: "Share" });
  await expect(async () => {
    const asked = await bruno.batch("Share");
    await asked.getByRole("button", { name: "Yes" }).click();
    const refused = asked.getByRole("alert").filter({ hasText: "your browser is taking it over" });
    await expect(again.or(refused)).toBeVisible();
    if (await refused.isVisible()) await asked.getByRole("button", { name: "No" }).click();
    await expect(again).toBeVisible({ timeout: 100 });
  }).toPass({ timeout: 120_000 });
  await bruno.pick("ana", /Ana Lima/);
  await again.getByRole("button", { name: "Share", exact: true }).click();
  await expect(bruno.page.getByText("Shared. Now users can use this shared item")).toBeVisible();

  const carla = new List(await visit("carla"));
  await carla.open();
  await expect(carla.row("Ledger API")).toContainText("Bruno Souza");
  await carla.page.getByRole("link", { name: "View API secret Ledger API", exact: true }).click();
  await carla.page.getByRole("button", { name: "Show" }).click();
  await expect(carla.page.getByText("Ledger API value")).toBeVisible();

  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("link", { name: "View API secret Payroll API", exact: true }).click();
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByText("Payroll API value")).toBeVisible();
  // What is only shared with her is not hers to give.
  await ana.open();
  await ana.select("Payroll API");
  await ana.more("Transfer");
  await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  await expect(page.getByRole("alert")).toContainText("Payroll API belongs to somebody else");
});

test("a transfer is undone until the new owner's browser has taken it over", async ({ ana, visit }) => {
  const { page } = ana;
  await addSecret(page, "Ledger API", "Ledger API value");
  const transfer = async () => {
    await ana.select("Ledger API");
    await ana.more("Transfer");
    await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
    const dialog = page.getByRole("dialog", { name: "Transfer" });
    await dialog.getByRole("combobox", { name: "New owner" }).fill("bruno");
    await dialog.getByRole("option", { name: /Bruno Souza/ }).click();
    await dialog.getByRole("button", { name: "Transfer" }).click();
    await openReceipt(page, "Transferred 1 record");
  };
  // Bruno is not signed in.
  await transfer();
  await expect(page.getByText("You can undo this until the browser of Bruno Souza has taken the records over.")).toBeVisible();
  await undo(page, "1 record: yours again, and Bruno Souza does not own them any more.");
  await read(page, "Ledger API");
  const bruno = new List(await visit("bruno"));
  await bruno.open();
  await expect(bruno.row("Ledger API")).toHaveCount(0);

  // Signed in, his browser takes it over at once; then it is for him to give back.
  await ana.open();
  await transfer();
  await visit("bruno");
  await expect(async () => {
    await page.getByRole("link", { name: "Sharing activity" }).click();
    await page.getByRole("link", { name: "Transferred 1 record" }).first().click();
    await expect(page.getByText("Bruno Souza owns them now, and can give them back.")).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 120_000 });
  await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(0);
});
