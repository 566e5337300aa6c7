import { addSecret, hold, read } from "../fixtures/people";
import { List, expect, test } from "../fixtures/test";

/** Adds secrets of Ana's and shares them in one batch. */
async function shared(ana: List, secrets: string[], recipients: [string, RegExp][]) {
  for (const name of secrets) await addSecret(ana.page, name, `${name} value`);
  await ana.select(...secrets);
  const dialog = await ana.share();
  for (const [text, name] of recipients) await ana.pick(text, name);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(ana.page.getByText("Shared. Now users can use this shared item")).toBeVisible();
}

const bruno: [string, RegExp] = ["bruno", /Bruno/];
const carla: [string, RegExp] = ["carla", /Carla/];

test("access to a batch ends at once, the keys follow, and everyone else goes on", async ({ ana, visit }) => {
  const secrets = ["Ledger API", "Payroll API", "Mail API"];
  await shared(ana, secrets, [bruno, carla]);
  const [brunosPage, carlasPage] = [await visit("bruno"), await visit("carla")];
  for (const page of [brunosPage, carlasPage]) await read(page, "Ledger API");

  await ana.select("Ledger API", "Payroll API");
  await ana.more("Unshare");
  const confirmation = ana.page.getByRole("dialog", { name: "Confirmation" });
  await expect(confirmation).toContainText("Are you sure you want to unshare the 2 records selected?");
  await confirmation.getByRole("button", { name: "Yes" }).click();
  const dialog = ana.page.getByRole("dialog", { name: "Unshare" });
  await dialog.getByRole("button", { name: "Unshare" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Pick at least one");
  await dialog.getByRole("checkbox", { name: /^Unshare with Bruno/ }).check();
  await expect(dialog.getByRole("status")).toHaveText("Permissions: 2 end.");

  // What is due is shown until it is done: the answer that ends it is kept back for a moment.
  const finish = await hold(ana.page, "settle_secrets");
  await dialog.getByRole("button", { name: "Unshare" }).click();
  await expect(ana.page.getByText("2 records unshared. Access has ended")).toBeVisible();
  await expect(ana.count).toHaveText("0 records selected");
  const settling = ana.page.getByRole("banner").getByRole("status");
  await expect(settling).toHaveText("Settling: new keys for 2 API secrets …");

  // The page that Bruno still has open shows nothing more.
  await expect(brunosPage.getByRole("alert")).toContainText("no access to it any more");
  await expect(brunosPage.getByText("Client secret", { exact: true })).toHaveCount(0);
  await read(carlasPage, "Ledger API");

  // Carla reads on while the keys change: what she sees stays, and what she opens in that moment opens.
  await carlasPage.getByRole("button", { name: "Hide client secret" }).click();
  const open = await hold(carlasPage, "share_manifest");
  const asked = carlasPage.waitForRequest("**/api/share_manifest");
  await carlasPage.getByRole("button", { name: "Show client secret" }).click();
  await asked;
  finish();
  await expect(settling).toHaveText("");
  open();
  await expect(carlasPage.getByText("Ledger API value")).toBeVisible();

  await read(brunosPage, "Mail API");
  await expect(new List(brunosPage).row("Ledger API")).toHaveCount(0);
  for (const page of [carlasPage, ana.page]) await read(page, "Ledger API");
  await ana.page.getByRole("tab", { name: "Sharing" }).click();
  const access = ana.page.getByRole("table", { name: "Users with access" });
  await expect(access).toContainText("Carla");
  await expect(access).not.toContainText("Bruno");
});

test("the share dialog of one secret shows who has access, and adds, lowers and removes at once", async ({ ana, visit }) => {
  await shared(ana, ["Ledger API"], [bruno, carla]);
  await ana.act("Ledger API", "Share");
  const dialog = ana.page.getByRole("dialog", { name: "Share" });
  const picked = dialog.getByRole("list", { name: "Selected users and groups" });
  await expect(picked.getByRole("listitem")).toHaveCount(2);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("Nothing has changed");
  await dialog.getByRole("combobox", { name: /^Permission for Bruno/ }).selectOption("Can edit");
  await ana.pick("dora", /Dora/);
  await dialog.getByRole("button", { name: /^Remove Carla/ }).click();
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(ana.page.getByText("Shared. Now users can use this shared item")).toBeVisible();

  const brunosPage = await visit("bruno");
  await read(brunosPage, "Ledger API");
  await expect(brunosPage.getByRole("link", { name: "Edit" })).toBeVisible();
  await read(await visit("dora"), "Ledger API");
  const carlas = new List(await visit("carla"));
  await carlas.open();
  await expect(carlas.row("Ledger API")).toHaveCount(0);

  // Lowered again, by the batch; Bruno goes on reading, and edits no more.
  await ana.select("Ledger API");
  await ana.more("Change permission");
  await ana.page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  const change = ana.page.getByRole("dialog", { name: "Change permission" });
  await change.getByRole("combobox", { name: /^Permission for Bruno/ }).selectOption("Can view");
  await change.getByRole("combobox", { name: /^Permission for Dora/ }).selectOption("Can edit");
  await expect(change.getByRole("status")).toHaveText("Permissions: 1 lowered to Can view, 1 raised to Can edit.");
  await change.getByRole("button", { name: "Change permission" }).click();
  await expect(ana.page.getByText("Permissions changed for 1 record")).toBeVisible();
  await read(brunosPage, "Ledger API");
  await expect(brunosPage.getByRole("link", { name: "Edit" })).toHaveCount(0);
});

test("what is deleted is gone for everybody, and comes back from the bin shared as it was", async ({ ana, visit }) => {
  await shared(ana, ["Ledger API", "Payroll API"], [bruno]);
  await ana.select("Ledger API", "Payroll API");
  await ana.more("Delete");
  const confirmation = ana.page.getByRole("dialog", { name: "Confirmation" });
  await expect(confirmation).toContainText("Are you sure you want to delete the 2 records selected?");
  await confirmation.getByRole("button", { name: "Yes" }).click();
  await expect(ana.page.getByText("2 records deleted")).toBeVisible();
  await expect(ana.row("Ledger API")).toHaveCount(0);
  const brunos = new List(await visit("bruno"));
  await brunos.open();
  await expect(brunos.row("Payroll API")).toHaveCount(0);

  await ana.page.getByRole("link", { name: "Bin" }).click();
  const bin = ana.page.getByRole("table", { name: "Bin" });
  await bin.getByRole("checkbox", { name: "Select Ledger API" }).check();
  await ana.page.getByRole("button", { name: "Restore" }).click();
  await expect(ana.page.getByText("1 record restored")).toBeVisible();
  await expect(bin.getByRole("checkbox", { name: "Select Payroll API" })).toBeVisible();
  await expect(bin.getByRole("checkbox", { name: "Select Ledger API" })).toHaveCount(0);
  await read(brunos.page, "Ledger API");
});

test("the menu of a row is one for the keyboard", async ({ ana }) => {
  await addSecret(ana.page, "Ledger API", "value");
  const button = ana.row("Ledger API").getByRole("button", { name: "More actions for Ledger API" });
  await button.press("Enter");
  const menu = ana.page.getByRole("menu", { name: "More actions for Ledger API" });
  await expect(menu.getByRole("menuitem")).toHaveText(["Share", "Same access as …", "Edit", "Disable", "History", "Delete"]);
  await expect(menu.getByRole("menuitem", { name: "Share" })).toBeFocused();
  await ana.page.keyboard.press("ArrowUp");
  await expect(menu.getByRole("menuitem", { name: "Delete" })).toBeFocused();
  await ana.page.keyboard.press("Escape");
  await expect(menu).toHaveCount(0);
  await expect(button).toBeFocused();
  await button.press("ArrowDown");
  await ana.page.keyboard.press("End");
  await ana.page.keyboard.press("ArrowUp");
  await ana.page.keyboard.press("ArrowUp");
  await ana.page.keyboard.press("Enter");
  const confirmation = ana.page.getByRole("dialog", { name: "Confirmation" });
  await expect(confirmation).toContainText("Are you sure you want to disable Ledger API?");
  await ana.page.keyboard.press("Escape");
  await expect(button).toBeFocused();
});
