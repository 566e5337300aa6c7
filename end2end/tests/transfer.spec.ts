import { addSecret } from "../fixtures/people";
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
  }).toPass();
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
