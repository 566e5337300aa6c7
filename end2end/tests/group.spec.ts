import type { Page } from "@playwright/test";
import { addSecret, hold, paste, read } from "../fixtures/people";
import { List, expect, test } from "../fixtures/test";

async function addGroup(page: Page, name: string, kind?: "user" | "private") {
  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Groups" }).click();
  await page.getByRole("button", { name: "Add group" }).click();
  const dialog = page.getByRole("dialog", { name: "Add group" });
  if (kind) await dialog.getByLabel("Kind").selectOption(kind);
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("table", { name: "Groups" }).getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
}

async function addMembers(page: Page, ...people: string[]) {
  await page.getByRole("button", { name: "Add members" }).click();
  const dialog = page.getByRole("dialog", { name: "Add members" });
  await page.bringToFront();
  for (const person of people) {
    await dialog.getByRole("combobox", { name: "Search people" }).fill(person);
    await dialog.getByRole("option", { name: new RegExp(`${person} ·`) }).click();
  }
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText("Members added.")).toBeVisible();
}

async function shareWith(list: List, secret: string, group: string) {
  await list.open();
  await list.select(secret);
  const dialog = await list.share();
  await list.pick(group, new RegExp(group));
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(list.page.getByText("Shared. Now users can use this shared item")).toBeVisible();
}

test("who joins a group opens what is shared with it, who leaves does not, the others go on", async ({ ana, visit }) => {
  const admin = await visit("admin");
  await addGroup(admin, "Deployers");
  await expect(admin.getByText("Nobody is in this group yet.")).toBeVisible();
  await addMembers(admin, "bruno", "carla");
  const members = admin.getByRole("table", { name: "Members" });
  await expect(members.getByRole("row")).toHaveCount(3);
  await expect(members).toContainText("Alex Admin");

  await addSecret(ana.page, "Deploy API", "deploy value");
  await shareWith(ana, "Deploy API", "Deployers");
  const [bruno, carla] = [await visit("bruno"), await visit("carla")];
  for (const page of [bruno, carla]) {
    await read(page, "Deploy API", "deploy value");
  }

  await members.getByRole("button", { name: /^Remove Carla/ }).click();
  const confirmation = admin.getByRole("dialog", { name: "Confirmation" });
  await expect(confirmation).toContainText("from Deployers?");
  await confirmation.getByRole("button", { name: "Yes" }).click();
  await expect(admin.getByText("is no longer in the group")).toBeVisible();
  await expect(members.getByRole("row")).toHaveCount(2);

  // The page that Carla still has open says so by itself and shows nothing more, and her list has lost it.
  await expect(carla.getByRole("alert")).toContainText("no access to it any more");
  await expect(carla.getByText("deploy value")).toHaveCount(0);
  await carla.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "API secrets" }).click();
  await carla.getByRole("button", { name: "Filter" }).click();
  await expect(carla.getByRole("link", { name: "View API secret Deploy API" })).toHaveCount(0);

  // Bruno opens what was shared under the old key and what is shared under the new one; so does Dora, who joins now.
  await addMembers(admin, "dora");
  await addSecret(ana.page, "Later API", "later value");
  await shareWith(ana, "Later API", "Deployers");
  const dora = await visit("dora");
  for (const page of [bruno, dora]) {
    for (const [secret, value] of [["Deploy API", "deploy value"], ["Later API", "later value"]]) {
      await read(page, secret, value);
    }
  }
});

test("a disabled user group gives nothing and takes nothing, and an enabled one does again", async ({ ana, visit }) => {
  const admin = await visit("admin");
  await addGroup(admin, "Night desk");
  await addMembers(admin, "bruno");
  await addSecret(ana.page, "Desk API", "desk value");
  await shareWith(ana, "Desk API", "Night desk");
  const bruno = await visit("bruno");
  await read(bruno, "Desk API", "desk value");

  await admin.getByRole("button", { name: "Disable" }).click();
  await expect(admin.getByText("it gives no access")).toBeVisible();
  await expect(bruno.getByRole("alert")).toContainText("no access to it any more");
  const list = new List(bruno);
  await list.open();
  await bruno.getByLabel("Name").fill("Desk API");
  await expect(list.rows).toHaveCount(0);
  await ana.open();
  await ana.select("Desk API");
  const dialog = await ana.share();
  await dialog.getByRole("combobox", { name: "Search users or groups" }).fill("Night desk");
  await expect(dialog.getByText("Nobody and no group matches this.")).toBeVisible();

  await admin.getByRole("button", { name: "Enable" }).click();
  await expect(list.row("Desk API")).toBeVisible();
  await read(bruno, "Desk API", "desk value");
});

test("a person makes a private group, changes it, joins it and disables it", async ({ ana, visit }) => {
  const page = ana.page;
  await addGroup(page, "Night shift");
  await page.getByRole("button", { name: "Add myself" }).click();
  await expect(page.getByText("You are in the group")).toBeVisible();
  await addMembers(page, "bruno");
  const bruno = await visit("bruno");
  const groups = bruno.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Groups" });
  await groups.click();
  await expect(bruno.getByRole("link", { name: "Platform team", exact: true })).toBeVisible();
  await expect(bruno.getByRole("link", { name: "Night shift" })).toHaveCount(0);

  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit group" });
  await dialog.getByLabel("Name").fill("Day shift");
  await dialog.getByLabel("Allow members to view this group").check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Day shift" })).toBeVisible();
  await bruno.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "API secrets" }).click();
  await groups.click();
  await bruno.getByLabel("Search groups").fill("DAY");
  await expect(bruno.getByRole("table", { name: "Groups" }).getByRole("row")).toHaveCount(2);
  await expect(bruno.getByRole("row", { name: /Day shift/ })).toContainText("Ana");
  await bruno.getByRole("link", { name: "Day shift" }).click();
  await expect(bruno.getByRole("table", { name: "Members" })).toContainText("ana@");
  await expect(bruno.getByRole("button", { name: "Add members" })).toHaveCount(0);

  // What Bruno shares with it Ana reads, being a member.
  await addSecret(bruno, "Bruno's API", "bruno's value");
  await shareWith(new List(bruno), "Bruno's API", "Day shift");
  await read(page, "Bruno's API", "bruno's value");

  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Groups" }).click();
  await page.getByRole("link", { name: "Day shift" }).click();
  await page.getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("it gives no access")).toBeVisible();
  const list = new List(bruno);
  await list.open();
  await list.select("Bruno's API");
  const share = await list.share();
  await share.getByRole("combobox", { name: "Search users or groups" }).fill("Day shift");
  await expect(share.getByText("Nobody and no group matches this.")).toBeVisible();
});

test("after somebody left, the owner's browser gives new keys to what they knew", async ({ ana, visit }) => {
  const admin = await visit("admin");
  await addGroup(admin, "Settlers");
  await addMembers(admin, "bruno", "carla");
  await addSecret(ana.page, "Settled API", "settled value");
  await shareWith(ana, "Settled API", "Settlers");
  // The owner is away while Carla leaves.
  await ana.page.getByRole("button", { name: "Lock" }).click();
  await admin.getByRole("table", { name: "Members" }).getByRole("button", { name: /^Remove Carla/ }).click();
  await admin.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  await expect(admin.getByText("is no longer in the group")).toBeVisible();

  // What is due is shown until it is done: the answer that ends it is kept back for a moment.
  const settle = await hold(ana.page, "settle_secrets");
  await ana.page.getByLabel("Password").fill("mysafe-demo");
  await ana.page.getByRole("button", { name: "Unlock" }).click();
  const settling = ana.page.getByRole("banner").getByRole("status");
  await expect(settling).toHaveText("Settling: new keys for 1 API secret …");
  settle();
  await expect(settling).toHaveText("");

  const bruno = await visit("bruno");
  for (const page of [ana.page, bruno]) {
    await read(page, "Settled API", "settled value");
  }
});

test("removing somebody from a large group shows how far it is", async ({ visit }) => {
  const admin = await visit("admin");
  await admin.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "People" }).click();
  const emails = admin.getByRole("table", { name: "People" }).getByRole("cell", { name: /^[^ ]+@demo\.example$/ });
  await expect(emails.first()).toBeVisible();
  const everyone = (await emails.allTextContents()).filter((email) => !email.startsWith("admin@"));
  await addGroup(admin, "Everyone");
  await admin.getByRole("button", { name: "Add members" }).click();
  const dialog = admin.getByRole("dialog", { name: "Add members" });
  await paste(dialog.getByRole("combobox", { name: "Search people" }), everyone.join("\n"));
  await expect(dialog.getByRole("listitem").nth(15)).toBeVisible();
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(admin.getByText("Members added.")).toBeVisible();

  // A slow machine, and an answer that is kept back: there is something to see.
  const client = await admin.context().newCDPSession(admin);
  await client.send("Emulation.setCPUThrottlingRate", { rate: 10 });
  const remove = await hold(admin, "remove_members");
  await admin.getByRole("table", { name: "Members" }).getByRole("button", { name: /^Remove Carla/ }).click();
  const confirmation = admin.getByRole("dialog", { name: "Confirmation" });
  await confirmation.getByRole("button", { name: "Yes" }).click();
  const progress = confirmation.getByRole("progressbar", { name: "Handing out the new key" });
  await expect(progress).toBeVisible();
  await client.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  expect(Number(await progress.getAttribute("max"))).toBeGreaterThan(15);
  remove();
  await expect(admin.getByText("is no longer in the group")).toBeVisible();
  await expect(progress).toHaveCount(0);
});
