import { addSecret } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

test("every screen, what is ticked and every API secret is reached by a few letters", async ({ ana }) => {
  const { page } = ana;
  for (const name of ["Ledger API", "Payroll API"]) await addSecret(page, name, `${name} value`);
  await ana.select("Ledger API", "Payroll API");
  const box = page.getByRole("checkbox", { name: "Select Payroll API", exact: true });
  await box.focus();
  const palette = page.getByRole("dialog", { name: "Commands" });
  const typed = palette.getByRole("combobox", { name: "Command" });
  const hits = palette.getByRole("listbox", { name: "Commands" }).getByRole("option");

  // Esc leads back to where the focus was.
  await page.keyboard.press("Control+k");
  await expect(typed).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(palette).toHaveCount(0);
  await expect(box).toBeFocused();

  // What is ticked, with the same confirmation as by the button.
  await page.keyboard.press("Control+k");
  await expect(hits.first()).toHaveAccessibleName(/^Share: 2 records selected/);
  await page.keyboard.type("disable");
  await expect(hits).toHaveCount(1);
  await page.keyboard.press("Enter");
  const confirmation = page.getByRole("dialog", { name: "Confirmation" });
  await expect(confirmation).toContainText("Are you sure you want to disable the 2 records selected?");
  await page.keyboard.press("Escape");
  await expect(box).toBeFocused();

  // A secret by its name, then a screen; what is ticked is of the list alone.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("payroll");
  await expect(hits.first()).toHaveAccessibleName(/^View Payroll API/);
  await expect(typed).toHaveAttribute("aria-activedescendant", "command-0");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Payroll API" })).toBeVisible();
  await page.getByRole("button", { name: "Commands" }).click();
  await expect(hits.filter({ hasText: "selected" })).toHaveCount(0);
  await expect(hits.filter({ hasText: "Audit log" })).toHaveCount(0);
  await page.keyboard.type("nothing like this");
  await expect(palette.getByRole("status")).toHaveText("Nothing matches this.");
  await typed.fill("imp");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Import", level: 1 })).toBeVisible();
  await expect(page.getByRole("main")).toBeFocused();
});

test("single keys lead to the search and to the shortcuts, until somebody turns them off", async ({ ana }) => {
  const { page } = ana;
  const name = page.getByRole("search", { name: "Filter" }).getByLabel("Name");
  await page.keyboard.press("/");
  await expect(name).toBeFocused();
  await expect(name).toHaveValue("");
  // In a text they are letters.
  await page.keyboard.type("/?");
  await expect(name).toHaveValue("/?");
  await name.fill("");

  await page.getByRole("link", { name: "Ana Lima" }).click();
  await expect(page.getByRole("heading", { name: "My account" })).toBeVisible();
  await page.keyboard.press("?");
  const shortcuts = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(shortcuts.getByRole("table", { name: "Keyboard shortcuts" })).toContainText("To the search of the screen");
  await shortcuts.getByRole("checkbox", { name: "Single keys: / and ?" }).uncheck();
  await shortcuts.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("?");
  await page.keyboard.press("/");
  // Had it done anything, that would be there before what comes now.
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: "Commands" }).getByRole("combobox").fill("shortcuts");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(1);
  await shortcuts.getByRole("checkbox", { name: "Single keys: / and ?" }).check();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("heading", { name: "My account" })).toBeVisible();
  // From a screen without a search to the list.
  await page.keyboard.press("/");
  await expect(name).toBeFocused();
});
