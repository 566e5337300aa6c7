import type { Page } from "@playwright/test";
import { Findings } from "../fixtures/axe";
import { openPeople } from "../fixtures/people";
import { Server } from "../fixtures/server";
import { expect, test } from "../fixtures/test";

test("help leads from each screen to what the documentation says of it", async ({ ana }) => {
  const { page } = ana;
  const open = async () => {
    const opened = page.waitForEvent("popup");
    await page.getByRole("link", { name: "Help" }).click();
    return opened;
  };
  const guide = await open();
  await expect(guide.getByRole("heading", { name: "Sharing many at once" })).toBeInViewport();
  await guide.getByRole("link", { name: "formats" }).click();
  await expect(guide.getByRole("heading", { name: "Import and export", level: 1 })).toBeVisible();
  const findings = new Findings();
  await findings.look(guide, "import and export");
  expect(findings.all).toEqual([]);

  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Groups" }).click();
  await expect(page.getByRole("heading", { name: "Groups", level: 1 })).toBeVisible();
  const groups = await open();
  await expect(groups.getByRole("heading", { name: "Groups" })).toBeInViewport();
  await groups.getByRole("link", { name: "For administrators" }).click();
  await expect(groups.getByRole("heading", { name: "Keys and recovery, for administrators" })).toBeVisible();
});

test("dialogs and the pages before the sign-in lead to it as well", async ({ page, visit }) => {
  const from = async (page: Page, heading: string) => {
    const opened = page.waitForEvent("popup");
    await page.getByRole("link", { name: "How this works" }).click();
    const help = await opened;
    await expect(help.getByRole("heading", { name: heading })).toBeInViewport();
    await help.close();
  };
  const admin = await visit("admin");
  await openPeople(admin);
  await admin.getByRole("button", { name: "Invite", exact: true }).click();
  // Nobody has to pass it on the way to the form.
  await expect(admin.getByRole("dialog").getByLabel("Email")).toBeFocused();
  await from(admin, "Bringing somebody in");
  await expect(admin.getByRole("dialog", { name: "Invite a person" })).toBeVisible();

  // Also where there is nobody yet who could sign in.
  const server = await Server.empty();
  try {
    await page.goto(server.url);
    await page.getByRole("textbox", { name: "Organization" }).fill("Acme");
    await from(page, "Who has which key");
    await expect(page.getByRole("textbox", { name: "Organization" })).toHaveValue("Acme");
  } finally {
    await server.end();
  }
});
