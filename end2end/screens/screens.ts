import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "@playwright/test";
import { JOINED, addSecret, found, invite, openPeople } from "../fixtures/people";
import { openReceipt } from "../fixtures/receipt";
import { Server } from "../fixtures/server";
import { expect, test } from "../fixtures/test";

const folder = resolve(import.meta.dirname, "../../docs/screens");
const SIZES = [[360, 740], [768, 1024], [1440, 900]] as const;
const SCHEMES = ["light", "dark"] as const;

/** Takes the pictures of a screen as it is now: three widths, two themes. */
async function take(page: Page, name: string) {
  mkdirSync(folder, { recursive: true });
  const client = await page.context().newCDPSession(page);
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { data } = await client.send("Page.captureScreenshot", { format: "webp", quality: 80 });
      writeFileSync(join(folder, `${name}-${width}-${colorScheme}.webp`), Buffer.from(data, "base64"));
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}

async function go(page: Page, place: string, ...links: string[]) {
  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: place }).click();
  for (const name of links) await page.getByRole("main").getByRole("link", { name, exact: true }).first().click();
  await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText("Loading …")).toHaveCount(0);
}

const dialog = (page: Page, name: string) => page.getByRole("dialog", { name });

async function close(page: Page) {
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
}

test("before and right after the sign-in", async ({ page, browser }) => {
  const server = await Server.empty();
  try {
    await page.goto(server.url);
    await expect(page.getByLabel("Set-up code")).toBeVisible();
    await take(page, "set-up");
    await found(page, server);
    await expect(page.getByRole("region", { name: "First steps" })).toBeVisible();
    await take(page, "first-steps");
    await go(page, "API secrets");
    await take(page, "list-empty");
    await openPeople(page);
    const newcomer = await (await browser.newContext()).newPage();
    await newcomer.goto(await invite(page, "bruno"));
    await expect(newcomer.getByRole("heading", { name: "Join Acme" })).toBeVisible();
    await take(newcomer, "join");
    await newcomer.getByLabel("Your name").fill("Bruno Costa");
    await newcomer.getByLabel("Password", { exact: true }).fill(JOINED);
    await newcomer.getByLabel("Password again").fill(JOINED);
    await newcomer.getByRole("button", { name: "Join" }).click();
    await expect(newcomer.getByRole("button", { name: "I have kept it" })).toBeVisible();
    await take(newcomer, "recovery-code");
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await take(page, "sign-in");
    await page.getByRole("button", { name: "Forgot your password?" }).click();
    await expect(page.getByLabel("Recovery code")).toBeVisible();
    await take(page, "recovery");
  } finally {
    await server.end();
  }
});

test("API secrets", async ({ ana }) => {
  const { page } = ana;
  await page.setViewportSize({ width: 1440, height: 900 });
  for (const name of ["Ledger API", "Payroll API"]) await addSecret(page, name, `${name} value`);
  await take(page, "list");
  await ana.select("Ledger API", "Payroll API");
  await ana.batch("Share");
  await expect(dialog(page, "Confirmation")).toContainText("2 records selected");
  await take(page, "confirmation");
  await dialog(page, "Confirmation").getByRole("button", { name: "Yes" }).click();
  await expect(dialog(page, "Share")).toBeVisible();
  await ana.pick("platform", /Platform/);
  await ana.pick("bruno", /Bruno/);
  await page.getByRole("combobox", { name: "Search users or groups" }).fill("car");
  await expect(page.getByRole("listbox").getByRole("option").first()).toBeVisible();
  await take(page, "share");
  await page.getByRole("combobox", { name: "Search users or groups" }).fill("");
  await dialog(page, "Share").getByRole("button", { name: "Share", exact: true }).click();
  await expect(page.getByText("Shared. Now users can use this shared item")).toBeVisible();
  await take(page, "shared");
  await openReceipt(page, "Shared 2 records");
  await take(page, "receipt");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(dialog(page, "Confirmation")).toContainText("ends at once");
  await take(page, "undo");
  await close(page);
  await ana.open();
  for (const action of ["Unshare", "Change permission", "Transfer", "Tag"]) {
    await ana.select("Ledger API", "Payroll API");
    await ana.moreConfirmed(action);
    await take(page, action.toLowerCase().replace(" ", "-"));
    await close(page);
  }
  await ana.act("Ledger API", "Share");
  await expect(dialog(page, "Share")).toBeVisible();
  await take(page, "share-one");
  await close(page);
  await ana.more("Delete");
  await expect(dialog(page, "Confirmation")).toContainText("2 records selected");
  await take(page, "delete");
  await close(page);
  await go(page, "API secrets", "Sharing activity");
  await take(page, "activity");
  await page.getByRole("link", { name: "Same access as a colleague" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Same access as a colleague" })).toBeVisible();
  await take(page, "colleague");
  await go(page, "API secrets", "View API secret Ledger API");
  await take(page, "details");
  await page.getByRole("tab", { name: "Sharing" }).click();
  await expect(page.getByRole("table", { name: "Users with access" })).toBeVisible();
  await take(page, "details-sharing");
  await page.getByRole("tab", { name: "Access log" }).click();
  await expect(page.getByRole("table", { name: "Access log" })).toBeVisible();
  await take(page, "details-log");
  await page.getByRole("tab", { name: "General" }).click();
  await page.getByRole("link", { name: "History" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("History");
  await take(page, "history");
  await go(page, "API secrets", "View API secret Ledger API", "Edit");
  await expect(page.getByLabel("Client secret")).toBeVisible();
  await take(page, "form");
  await go(page, "API secrets", "Import");
  await take(page, "import");
  await go(page, "API secrets", "Export");
  await take(page, "export");
  await go(page, "API secrets", "Bin");
  await take(page, "bin");
  await go(page, "API secrets", "To rotate");
  await take(page, "rotate");
  await go(page, "Home");
  await take(page, "home");
  await page.keyboard.press("Control+k");
  await expect(dialog(page, "Commands")).toBeVisible();
  await take(page, "commands");
  await close(page);
  await go(page, "Groups");
  await expect(page.getByRole("table", { name: "Groups" })).toBeVisible();
  await take(page, "groups");
  await page.getByRole("table", { name: "Groups" }).getByRole("link", { name: "Launch crew" }).click();
  await expect(page.getByRole("heading", { name: "Launch crew" })).toBeVisible();
  await take(page, "group");
  await page.getByRole("link", { name: "Ana Lima" }).click();
  await expect(page.getByRole("region", { name: "Second step at sign-in" })).toBeVisible();
  await take(page, "account");
  await page.getByRole("button", { name: "Lock" }).click();
  await expect(page.getByRole("button", { name: "Unlock" })).toBeVisible();
  await take(page, "locked");
});

test("administration", async ({ visit }) => {
  const page = await visit("admin");
  await page.setViewportSize({ width: 1440, height: 900 });
  await openPeople(page);
  await take(page, "people");
  await page.getByRole("button", { name: "Manage Ana Lima" }).click();
  await expect(dialog(page, "Ana Lima")).toBeVisible();
  await take(page, "person-manage");
  await close(page);
  await page.getByRole("table", { name: "People" }).getByRole("link", { name: "Ana Lima" }).click();
  await expect(page.getByRole("heading", { name: "Ana Lima" })).toBeVisible();
  await take(page, "person");
  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "People" }).click();
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await expect(dialog(page, "Invite a person")).toBeVisible();
  await take(page, "invite");
  await close(page);
  await go(page, "Groups");
  await page.getByRole("button", { name: "Add group" }).click();
  await expect(dialog(page, "Add group")).toBeVisible();
  await take(page, "add-group");
  await close(page);
  await page.getByRole("table", { name: "Groups" }).getByRole("link", { name: "Platform team" }).click();
  await page.getByRole("button", { name: "Add members" }).click();
  await expect(dialog(page, "Add members")).toBeVisible();
  await take(page, "add-members");
  await close(page);
  await go(page, "Audit log");
  await expect(page.getByRole("img", { name: /^Sharing by week/ }).or(page.getByText("Nothing"))).toBeVisible();
  await take(page, "audit");
});
