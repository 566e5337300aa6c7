import type { Page } from "@playwright/test";
import { Findings } from "../fixtures/axe";
import { OTHERS, type Other, ask } from "../fixtures/language";
import { JOINED, addSecret, fillSetUp, invite, openPeople } from "../fixtures/people";
import { openReceipt } from "../fixtures/receipt";
import { Server } from "../fixtures/server";
import { expect, test } from "../fixtures/test";

/** Goes to a screen by the side menu, and one or more links from there. */
async function go(page: Page, place: string, ...links: string[]) {
  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: place }).click();
  for (const name of links) await page.getByRole("main").getByRole("link", { name, exact: true }).first().click();
}

const dialog = (page: Page, name: string) => page.getByRole("dialog", { name });

async function close(page: Page) {
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
}

for (const spoken of ["en", ...OTHERS] as const) {
  test.describe(spoken, () => {
    const language: Other | undefined = spoken === "en" ? undefined : spoken;
    test.use({ language });
    // Colours are the same in all languages.
    const looks = language && (["light"] as const);

    test("the screens before the sign-in have nothing that axe finds", async ({ page, browser, language }) => {
      test.setTimeout(120_000);
      const findings = new Findings(looks);
      const server = await Server.empty();
      try {
        await page.goto(server.url);
        await expect(page.getByLabel("Set-up code")).toBeVisible();
        await findings.look(page, "set up");
        await page.getByRole("button", { name: "Set up" }).click();
        await expect(page.getByRole("alert").first()).toBeVisible();
        await findings.look(page, "set up, refused");
        await fillSetUp(page, server);
        await page.getByRole("button", { name: "Set up" }).click();
        await expect(page.getByRole("button", { name: "I have kept it" })).toBeVisible();
        await findings.look(page, "recovery code");
        await page.getByRole("button", { name: "I have kept it" }).click();
        await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
        await findings.look(page, "sign in");
        await page.getByRole("button", { name: "Forgot your password?" }).click();
        await expect(page.getByLabel("Recovery code")).toBeVisible();
        await findings.look(page, "recovery");
        await page.reload();
        await page.getByLabel("Username").fill("olga");
        await page.getByLabel("Password").fill(JOINED);
        await page.getByRole("button", { name: "Sign in" }).click();
        await expect(page.getByRole("heading", { name: /^Welcome/ })).toBeVisible();
        await findings.look(page, "home of an empty organization");
        await go(page, "API secrets");
        await expect(page.getByRole("link", { name: "Add API secret" }).first()).toBeVisible();
        await findings.look(page, "empty list");
        await openPeople(page);
        const link = await invite(page, "bruno");
        const other = await (await browser.newContext()).newPage();
        if (language) ask(other, language);
        await other.goto(link);
        await expect(other.getByRole("heading", { name: "Join Acme" })).toBeVisible();
        await findings.look(other, "join");
        await page.getByRole("button", { name: "Lock" }).click();
        await expect(page.getByRole("button", { name: "Unlock" })).toBeVisible();
        await findings.look(page, "locked");
      } finally {
        await server.end();
      }
      expect(findings.all).toEqual([]);
    });

    test("the screens of a person have nothing that axe finds", async ({ ana }) => {
      test.setTimeout(180_000);
      const { page } = ana;
      const findings = new Findings(looks);
      const screen = async (name: string, there = page.getByRole("main").getByRole("heading", { level: 1 })) => {
        await expect(there).toBeVisible();
        await findings.look(page, name);
      };
      await screen("list");
      await addSecret(page, "Ledger API", "value");
      await go(page, "Home");
      await screen("home");
      await go(page, "API secrets", "Add API secret");
      await page.getByRole("button", { name: "Save" }).click();
      await screen("add, refused", page.getByRole("alert").first());
      await go(page, "API secrets", "Import");
      await screen("import", page.getByLabel("File"));
      await go(page, "API secrets", "Export");
      await screen("export");
      await go(page, "API secrets", "Bin");
      await screen("bin");
      await go(page, "API secrets", "View API secret Ledger API");
      await page.getByRole("button", { name: "Show client secret" }).click();
      await expect(page.getByText("value", { exact: true })).toBeVisible();
      await screen("details");
      await page.getByRole("tab", { name: "Sharing" }).click();
      await screen("details, sharing");
      await page.getByRole("tab", { name: "Access log" }).click();
      await screen("details, log", page.getByRole("table", { name: "Access log" }));
      await page.getByRole("tab", { name: "General" }).click();
      await page.getByRole("link", { name: "History" }).click();
      await screen("history");
      await go(page, "API secrets", "View API secret Ledger API", "Edit");
      await screen("edit", page.getByLabel("Client secret"));
      await go(page, "API secrets", "Sharing activity");
      await screen("activity");
      await go(page, "Groups");
      await screen("groups", page.getByRole("table", { name: "Groups" }));
      await page.getByRole("table", { name: "Groups" }).getByRole("link", { name: "Launch crew" }).click();
      await screen("group", page.getByRole("heading", { name: "Launch crew" }));
      await page.getByRole("link", { name: "Ana Lima" }).click();
      await screen("my account", page.getByRole("region", { name: "Second step at sign-in" }));
      expect(findings.all).toEqual([]);
    });

    test("the dialogs and menus have nothing that axe finds", async ({ ana }) => {
      test.setTimeout(180_000);
      const { page } = ana;
      const findings = new Findings(looks);
      const open = async (name: string, title = name) => {
        await expect(dialog(page, title)).toBeVisible();
        await findings.look(page, name);
      };
      await addSecret(page, "Ledger API", "value");
      await ana.open();
      await page.getByRole("button", { name: "Grid Menu" }).click();
      await findings.look(page, "grid menu");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "More actions for Ledger API" }).click();
      await findings.look(page, "menu of a row");
      await page.keyboard.press("Escape");
      await ana.select("Ledger API");
      await findings.look(page, "one record selected");
      await ana.batch("Share");
      await open("question", "Confirmation");
      await dialog(page, "Confirmation").getByRole("button", { name: "Yes" }).click();
      await open("share", "Share");
      await page.getByRole("combobox", { name: "Search users or groups" }).fill("a");
      await expect(page.getByRole("listbox").getByRole("option").first()).toBeVisible();
      await open("share, searched", "Share");
      await page.getByRole("listbox").getByRole("option", { name: /Bruno|Carla/ }).first().click();
      await open("share, picked", "Share");
      await page.getByRole("combobox", { name: "Search users or groups" }).fill("nobody at all");
      await expect(page.getByRole("combobox", { name: "Search users or groups" })).toHaveAttribute("aria-invalid", "true");
      await open("share, not found", "Share");
      await page.getByRole("combobox", { name: "Search users or groups" }).fill("");
      await dialog(page, "Share").getByRole("button", { name: "Share", exact: true }).click();
      await expect(page.getByText("Shared. Now users can use this shared item")).toBeVisible();
      await findings.look(page, "message");

      for (const action of ["Unshare", "Change permission", "Transfer", "Tag"]) {
        await ana.select("Ledger API");
        await ana.moreConfirmed(action);
        await open(action.toLowerCase(), action);
        await close(page);
      }
      await ana.act("Ledger API", "Share");
      await open("share one", "Share");
      await close(page);
      await ana.act("Ledger API", "Same access as …");
      await dialog(page, "Confirmation").getByRole("button", { name: "Yes" }).click();
      await open("same access", "Same access as …");
      await close(page);
      await ana.select("Ledger API");
      await ana.more("Delete");
      await open("delete", "Confirmation");
      await dialog(page, "Confirmation").getByRole("button", { name: "Yes" }).click();
      await openReceipt(page, "Deleted 1 record");
      await findings.look(page, "receipt");
      await page.getByRole("button", { name: "Undo" }).click();
      await open("undo", "Confirmation");
      expect(findings.all).toEqual([]);
    });

    test("the screens of an administrator have nothing that axe finds", async ({ visit }) => {
      test.setTimeout(180_000);
      const page = await visit("admin");
      const findings = new Findings(looks);
      await openPeople(page);
      await findings.look(page, "people");
      await page.getByRole("button", { name: "Invite", exact: true }).click();
      await expect(dialog(page, "Invite a person")).toBeVisible();
      await findings.look(page, "invite");
      await close(page);
      await page.getByRole("button", { name: "Manage Ana Lima" }).click();
      await expect(dialog(page, "Ana Lima")).toBeVisible();
      await findings.look(page, "manage");
      await close(page);
      await page.getByRole("link", { name: "Access keys", exact: true }).click();
      await expect(page.getByText("No access keys yet.")).toBeVisible();
      await findings.look(page, "access keys, none");
      await page.getByRole("button", { name: "Add access key" }).click();
      const keys = dialog(page, "Add access key");
      await keys.getByRole("button", { name: "Add", exact: true }).click();
      await expect(keys.getByRole("alert")).toBeVisible();
      await findings.look(page, "access key, refused");
      await keys.getByLabel("Name", { exact: true }).fill("Shop");
      await keys.getByLabel("Username").fill("shop-deploy");
      await keys.getByRole("button", { name: "Add", exact: true }).click();
      await keys.getByText("For programs that sign in by OAuth 2.0").click();
      await findings.look(page, "access key, made");
      await close(page);
      await expect(page.getByRole("table", { name: "Access keys" })).toBeVisible();
      await findings.look(page, "access keys");
      await openPeople(page);
      await page.getByRole("table", { name: "People" }).getByRole("link", { name: "Ana Lima" }).click();
      await expect(page.getByRole("heading", { name: "Ana Lima" })).toBeVisible();
      await findings.look(page, "person");
      await go(page, "Audit log");
      await expect(page.getByRole("table", { name: "Audit log" }).or(page.getByText("Nothing"))).toBeVisible();
      await findings.look(page, "audit log");
      await go(page, "Groups");
      await page.getByRole("button", { name: "Add group" }).click();
      await expect(dialog(page, "Add group")).toBeVisible();
      await findings.look(page, "add group");
      await close(page);
      await page.getByRole("table", { name: "Groups" }).getByRole("link", { name: "Platform team" }).click();
      await page.getByRole("button", { name: "Add members" }).click();
      await expect(dialog(page, "Add members")).toBeVisible();
      await findings.look(page, "add members");
      await close(page);
      await page.getByRole("button", { name: /^Remove / }).first().click();
      await expect(dialog(page, "Confirmation")).toBeVisible();
      await findings.look(page, "remove member");
      expect(findings.all).toEqual([]);
    });
  });
}
