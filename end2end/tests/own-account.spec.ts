import { paste } from "../fixtures/people";
import { PASSWORD, List, expect, signIn, test } from "../fixtures/test";

test("people change name, lock time, password and recovery code, and end sessions", async ({ ana, server, visit }) => {
  const page = ana.page;
  const elsewhere = await visit("ana");
  await page.getByTitle("My account").click();
  await expect(page.getByRole("heading", { name: "My account" })).toBeVisible();

  await page.getByLabel("Your name").fill("Ana Maria Lima");
  await page.getByLabel("Lock after").selectOption("15");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Profile saved")).toBeVisible();
  await expect(page.getByTitle("My account")).toContainText("Ana Maria Lima");

  const sessions = page.getByRole("table", { name: "Sessions" });
  await expect(sessions.getByRole("row")).toHaveCount(3);
  await expect(sessions).toContainText(/Chrome on \w+ \(this one\)/);
  await sessions.getByRole("button", { name: /^Sign out Chrome on/ }).click();
  await expect(sessions.getByRole("row")).toHaveCount(2);
  await expect(elsewhere.getByRole("heading", { name: "Sign in" })).toBeVisible();

  // A password changes with the old one alone, and the keys stay.
  const change = async (current: string) => {
    await page.getByLabel("Current password").fill(current);
    await page.getByLabel("Password", { exact: true }).fill("another long password");
    await page.getByLabel("Password again").fill("another long password");
    await page.getByRole("button", { name: "Change password" }).click();
  };
  await change("not the password");
  await expect(page.getByRole("alert")).toHaveText("This is not your current password.");
  await change(PASSWORD);
  await expect(page.getByText("Password changed.")).toBeVisible();

  await page.getByLabel("Your password").fill("another long password");
  await page.getByRole("button", { name: "Make a new recovery code" }).click();
  const code = (await page.getByText(/^([0-9A-Z]{4}-){7}[0-9A-Z]{4}$/).textContent())!;
  await page.getByRole("button", { name: "I have kept it" }).click();
  await expect(page.getByText("The new recovery code counts from now on")).toBeVisible();

  const other = await visitAgain(elsewhere, server.url);
  await other.getByRole("button", { name: "Forgot your password?" }).click();
  await other.getByLabel("Username").fill("ana");
  await other.getByLabel("Recovery code").fill(code);
  await other.getByLabel("Password", { exact: true }).fill("a third long password");
  await other.getByLabel("Password again").fill("a third long password");
  await other.getByRole("button", { name: "Set password" }).click();
  await other.getByRole("button", { name: "I have kept it" }).click();
  await signIn(other, server, "ana", "a third long password");
  const list = new List(other);
  await list.open();
  await list.rows.first().getByRole("link", { name: /^View API secret/ }).click();
  await other.getByRole("button", { name: "Show" }).click();
  await expect(other.getByRole("button", { name: "Hide" })).toBeVisible();
});

/** The same browser, from the start. */
async function visitAgain(page: import("@playwright/test").Page, url: string) {
  await page.goto(url);
  return page;
}

test("a pasted list of recipients is taken as a whole, and what is not taken is named with the reason", async ({ ana, visit }) => {
  const page = ana.page;
  const names = await ana.shareable("Ana", 1);
  await ana.select(names[0]);
  const dialog = await ana.share();
  const search = dialog.getByRole("combobox", { name: "Search users or groups" });
  await search.fill("brun");
  await expect(dialog.getByRole("option").first().locator("mark").first()).toHaveText(/brun/i);
  await search.fill("");
  await paste(search, "bruno; CARLA@demo.example\nPlatform team, nobody at all\n\"Engel, Dora\" <dora@demo.example>, ana");
  const picked = dialog.getByRole("list", { name: "Selected users and groups" });
  await expect(picked.getByRole("listitem")).toHaveCount(4);
  await expect(dialog.getByRole("alert").getByRole("paragraph")).toHaveText(["Not found: nobody at all", "This is you: ana"]);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(page.getByText("Shared. Now users can use this shared item")).toBeVisible();
  const carla = await visit("carla");
  const list = new List(carla);
  await list.open();
  await expect(list.row(names[0])).toBeVisible();
});
