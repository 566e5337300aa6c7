import { addSecret, read } from "../fixtures/people";
import { PASSWORD, expect, test } from "../fixtures/test";

test("what somebody without access has opened is to be rotated, until it is", async ({ ana, visit }) => {
  const { page } = ana;
  for (const name of ["Ledger API", "Payroll API"]) await addSecret(page, name, `${name} value`);
  await ana.select("Ledger API", "Payroll API");
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(dialog).toBeHidden();
  await read(await visit("bruno"), "Ledger API", "Ledger API value");
  await ana.select("Ledger API", "Payroll API");
  await ana.more("Unshare");
  await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  const unshare = page.getByRole("dialog", { name: "Unshare" });
  await unshare.getByRole("checkbox", { name: /Bruno/ }).check();
  await unshare.getByRole("button", { name: "Unshare", exact: true }).click();
  await expect(unshare).toBeHidden();

  await page.getByRole("link", { name: /^To rotate/ }).click();
  const known = page.getByRole("table", { name: "Known to people without access" });
  await expect(known.getByRole("rowheader")).toHaveText(["Ledger API"]);
  await expect(known).toContainText("Bruno Souza opened it");
  await known.getByRole("link", { name: "Edit Ledger API" }).click();
  await page.getByLabel("Client secret").fill("a new one");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").filter({ hasText: "API secret saved" })).toBeVisible();
  await ana.open();
  await page.getByRole("link", { name: /^To rotate/ }).click();
  await expect(page.getByText("Nobody who has lost access had opened any of them.")).toBeVisible();
});

test("a rotation date reminds its owner until there is a new client secret", async ({ ana }) => {
  const { page } = ana;
  await addSecret(page, "Ledger API", "old");
  await ana.act("Ledger API", "Edit");
  const day = await page.evaluate(() => {
    // In the zone of the browser. The client secret of now is too old for it.
    const day = new Date(Date.now() + 8 * 24 * 3_600_000);
    return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
  });
  await page.getByLabel("Rotation date").fill(day);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Ledger API" })).toBeVisible();
  await expect(page.getByRole("term").filter({ hasText: "Rotation date" })).toBeVisible();
  await ana.open();
  await expect(page.getByRole("link", { name: "To rotate", exact: true })).toBeVisible();
  // Two days go by, and the page is locked meanwhile.
  await page.clock.setFixedTime(Date.now() + 2 * 24 * 3_600_000);
  await page.keyboard.press("Shift");
  await expect(page.getByRole("heading", { name: "Unlock" })).toBeVisible();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Unlock" }).click();
  await page.getByRole("link", { name: "To rotate (1)" }).click();
  await expect(page.getByRole("table", { name: "Rotation date" }).getByRole("rowheader")).toHaveText(["Ledger API"]);
});
