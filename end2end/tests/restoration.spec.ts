import type { Browser, Page } from "@playwright/test";
import { JOINED, addSecret, counted, expectSignedOut, found, invite, join, openPeople, proveAgain } from "../fixtures/people";
import { Server } from "../fixtures/server";
import { List, expect, test as base } from "../fixtures/test";

/** Olga and Ben are administrators, Eva is not; her browser has prepared for the day when her password is lost. */
type Team = { olga: Page; ben: Page; eva: Page };

const test = base.extend<{ empty: Server }>({
  empty: async ({}, use) => {
    const server = await Server.empty();
    await use(server);
    await server.end();
  },
});

async function team(olga: Page, browser: Browser, server: Server): Promise<Team> {
  await found(olga, server);
  await openPeople(olga);
  const signed = counted(olga, "sign_entry");
  const link = await invite(olga, "ben", "Administrator");
  const ben = await join(browser, link, "Ben Boss");
  const forEva = await invite(olga, "eva");
  // Olga's browser signs Ben's keys when it looks for what there is to do.
  await olga.reload();
  await olga.getByLabel("Password").fill(JOINED);
  await olga.getByRole("button", { name: "Unlock" }).click();
  await expect.poll(signed, { timeout: 120_000 }).toBeGreaterThan(0);
  const eva = await join(browser, forEva, "Eva Early");
  await addSecret(eva, "Eva's API", "eva's value");
  return { olga, ben, eva };
}

/** The list of people as it is now. */
async function openPeopleAnew(page: Page) {
  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Home" }).click();
  await openPeople(page);
}

async function agree(ben: Page, name: string) {
  await openPeopleAnew(ben);
  await ben.getByRole("button", { name: `Agree to open the account of ${name}` }).click();
  await proveAgain(ben);
  await expect(ben.getByText(`You agreed to open the account of ${name}`)).toBeVisible();
}

test("two administrators restore the access of somebody who lost everything, who is told", async ({ page, browser, empty }) => {
  const { olga, ben, eva } = await team(page, browser, empty);
  await openPeopleAnew(olga);
  await olga.getByRole("button", { name: "Manage Eva Early" }).click();
  await olga.getByRole("button", { name: "Restore access" }).click();
  const dialog = olga.getByRole("dialog", { name: "Restore access of Eva Early" });
  await dialog.getByRole("button", { name: "Make a link" }).click();
  await proveAgain(olga);
  const link = await dialog.getByLabel("Link").inputValue();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(olga.getByText("You ask to restore the access of Eva Early (eva).")).toBeVisible();
  // Nobody agrees with themselves.
  await expect(olga.getByRole("button", { name: /^Agree/ })).toHaveCount(0);

  const again = await (await browser.newContext()).newPage();
  await again.goto(link);
  await expect(again.getByRole("alert")).toContainText("Another administrator has to agree first.");
  await agree(ben, "Eva Early");
  await again.getByRole("button", { name: "Try again" }).click();
  await again.getByLabel("Password", { exact: true }).fill("quite another password");
  await again.getByLabel("Password again").fill("quite another password");
  await again.getByRole("button", { name: "Set password" }).click();
  await again.getByRole("button", { name: "I have kept it" }).click();
  await again.getByLabel("Username").fill("eva");
  await again.getByLabel("Password").fill("quite another password");
  await again.getByRole("button", { name: "Sign in" }).click();
  await expect(again.getByRole("alert")).toContainText("Olga Owner and Ben Boss opened your account");
  await again.getByRole("button", { name: "I have read this" }).click();
  await expect(again.getByRole("alert")).toHaveCount(0);
  // Everything is there, and where she was signed in she no longer is.
  const list = new List(again);
  await list.open();
  await again.getByRole("link", { name: "View API secret Eva's API" }).click();
  await again.getByRole("button", { name: "Show" }).click();
  await expect(again.getByText("eva's value")).toBeVisible();
  await expectSignedOut(eva);
  const late = await (await browser.newContext()).newPage();
  await late.goto(link);
  await expect(late.getByRole("alert")).toContainText("This link is not valid");
});

test("two administrators transfer what somebody owns who left", async ({ page, browser, empty }) => {
  const { olga, ben } = await team(page, browser, empty);
  await openPeopleAnew(olga);
  await olga.getByRole("button", { name: "Manage Eva Early" }).click();
  await olga.getByRole("button", { name: "Disable" }).click();
  await expect(olga.getByText("Eva Early is disabled")).toBeVisible();
  await olga.getByRole("link", { name: "Eva Early" }).click();
  await expect(olga.getByRole("heading", { name: "Owns 1 API secret" })).toBeVisible();
  await olga.getByRole("button", { name: "Ask to transfer" }).click();
  await proveAgain(olga);
  await expect(olga.getByText("Waiting for another administrator to agree")).toBeVisible();
  await agree(ben, "Eva Early");

  await openPeopleAnew(olga);
  await olga.getByRole("link", { name: "Eva Early" }).click();
  await olga.getByRole("checkbox", { name: "Select all" }).check();
  await olga.getByRole("button", { name: "Transfer" }).click();
  const confirmation = olga.getByRole("dialog", { name: "Confirmation" });
  await expect(confirmation).toContainText("Are you sure you want to transfer the 1 record selected?");
  await confirmation.getByRole("button", { name: "Yes" }).click();
  const dialog = olga.getByRole("dialog", { name: "Transfer" });
  await dialog.getByRole("combobox", { name: "New owner" }).fill("ben");
  await dialog.getByRole("option", { name: /Ben Boss/ }).click();
  await dialog.getByRole("button", { name: "Transfer" }).click();
  await expect(olga.getByText("1 record transferred to Ben Boss")).toBeVisible();
  await expect(olga.getByRole("heading", { name: "Owns 0 API secrets" })).toBeVisible();

  await ben.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "API secrets" }).click();
  await ben.getByRole("button", { name: "Filter" }).click();
  await ben.getByRole("link", { name: "View API secret Eva's API" }).click();
  await ben.getByRole("button", { name: "Show" }).click();
  await expect(ben.getByText("eva's value")).toBeVisible();
});
