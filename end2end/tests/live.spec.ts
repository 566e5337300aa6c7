import { addSecret } from "../fixtures/people";
import { List, expect, test } from "../fixtures/test";

test("what somebody shares is there at once, with a message, and new until it is looked at", async ({ ana, visit }) => {
  const bruno = new List(await visit("bruno"));
  await bruno.open();
  await expect(bruno.row("Ledger API")).toHaveCount(0);
  for (const name of ["Ledger API", "Payroll API"]) await addSecret(ana.page, name, `${name} value`);
  await ana.select("Ledger API", "Payroll API");
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(bruno.page.getByRole("status").filter({ hasText: "Ana Lima shared 2 API secrets with you" })).toBeVisible();
  await expect(bruno.row("Ledger API")).toHaveCount(1);

  await bruno.page.getByRole("link", { name: /^New items/ }).click();
  await expect(bruno.page).toHaveURL(/view=new/);
  const link = bruno.page.getByRole("link", { name: /^New items \(\d+\)/ });
  const before = Number((await link.innerText()).match(/\d+/)![0]);
  await bruno.row("Ledger API").getByRole("link").click();
  await expect(bruno.page.getByRole("heading", { name: "Ledger API" })).toBeVisible();
  await bruno.page.goBack();
  await expect(bruno.row("Payroll API")).toHaveCount(1);
  await expect(bruno.row("Ledger API")).toHaveCount(0);
  await expect(link).toHaveText(`New items (${before - 1})`);
  await bruno.page.getByRole("button", { name: "Mark all as seen" }).click();
  await expect(bruno.rows).toHaveCount(0);
  await expect(bruno.page.getByRole("link", { name: "New items", exact: true })).toBeVisible();

  // What is taken away goes as quickly, and what is ticked with it.
  await bruno.page.getByRole("link", { name: "All", exact: true }).click();
  await bruno.select("Ledger API");
  await ana.select("Ledger API");
  await ana.more("Unshare");
  await ana.page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  const unshare = ana.page.getByRole("dialog", { name: "Unshare" });
  await unshare.getByRole("checkbox", { name: /Bruno/ }).check();
  await unshare.getByRole("button", { name: "Unshare", exact: true }).click();
  await expect(bruno.row("Ledger API")).toHaveCount(0);
  await expect(bruno.count).toHaveText("0 records selected");
  await expect(bruno.page.getByText("1 record no longer in the list: not ticked any more")).toBeVisible();
});

test("whoever is signed out elsewhere hears nothing more", async ({ ana, visit }) => {
  const other = new List(await visit("ana"));
  await other.open();
  await ana.page.getByRole("link", { name: "Ana Lima" }).click();
  const sessions = ana.page.getByRole("table", { name: "Sessions" });
  await sessions.getByRole("button", { name: /^Sign out/ }).first().click();
  await expect(sessions.getByRole("row")).toHaveCount(2);
  await expect(other.page.getByLabel("Username")).toBeVisible();
});

test("details and activity that are open follow what others do, and close nothing", async ({ ana, visit }) => {
  await addSecret(ana.page, "Ledger API", "ledger value");
  // Ana in another browser, and Bruno.
  const elsewhere = new List(await visit("ana"));
  await elsewhere.open();
  const give = async (username: string, name: RegExp) => {
    await elsewhere.select("Ledger API");
    const dialog = await elsewhere.share();
    await elsewhere.pick(username, name);
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await expect(dialog).toHaveCount(0);
  };
  await give("bruno", /Bruno/);
  const bruno = new List(await visit("bruno"));
  await bruno.open();
  for (const { page, row } of [{ page: ana.page, row: ana.row("Ledger API") }, { page: bruno.page, row: bruno.row("Ledger API") }]) {
    await row.getByRole("link").click();
    await page.getByRole("button", { name: "Show client secret" }).click();
    await expect(page.getByText("ledger value", { exact: true })).toBeVisible();
  }
  await ana.page.getByRole("tab", { name: "Sharing" }).click();
  const users = ana.page.getByRole("table", { name: "Users with access" });
  await expect(users.getByRole("row", { name: /Bruno/ })).toBeVisible();
  await give("carla", /Carla/);
  await expect(users.getByRole("row", { name: /Carla/ })).toBeVisible();
  // Still shown, still on the same tab.
  await expect(ana.page.getByRole("tab", { name: "Sharing" })).toHaveAttribute("aria-selected", "true");
  await ana.page.getByRole("tab", { name: "General" }).click();
  await expect(ana.page.getByText("ledger value", { exact: true })).toBeVisible();

  // What was done is undone in the one browser, and the other one shows it.
  await ana.page.getByRole("link", { name: "API secrets" }).first().click();
  await ana.page.getByRole("link", { name: "Sharing activity" }).click();
  await elsewhere.page.getByRole("link", { name: "Sharing activity" }).click();
  await elsewhere.page.getByRole("link", { name: "Shared 1 record" }).first().click();
  await elsewhere.page.getByRole("button", { name: "Undo" }).click();
  await elsewhere.page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  const activity = ana.page.getByRole("table", { name: "Sharing activity" });
  await expect(activity.getByText("Undone", { exact: true })).toHaveCount(1);

  // Without access the value goes too.
  await elsewhere.page.getByRole("link", { name: "API secrets" }).first().click();
  await elsewhere.select("Ledger API");
  await elsewhere.more("Delete");
  await elsewhere.page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  await expect(bruno.page.getByRole("alert")).toContainText("no access to it any more");
  await expect(bruno.page.getByText("ledger value", { exact: true })).toHaveCount(0);
});
