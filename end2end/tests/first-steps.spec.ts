import type { Page } from "@playwright/test";
import { JOINED, addSecret, found, invite, join, openPeople } from "../fixtures/people";
import { Server } from "../fixtures/server";
import { List, expect, test } from "../fixtures/test";

test("an empty organization leads its administrator to the first API secret that is shared", async ({ page }) => {
  const server = await Server.empty();
  try {
    await found(page, server);
    const steps = page.getByRole("region", { name: "First steps" });
    const step = (title: string) => steps.getByRole("listitem").filter({ has: page.getByRole("heading", { name: title }) });
    const home = () => page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Home" }).click();
    await expect(step("Set up the organization")).toContainText("done");
    await expect(step("Invite people")).not.toContainText("done");

    await step("Invite people").getByRole("link", { name: "Invite people" }).click();
    await expect(page.getByRole("table", { name: "People" })).toBeVisible();
    await invite(page, "bruno");
    await home();
    await expect(step("Invite people")).toContainText("done");

    // Its client secret is made here.
    await step("Add API secrets").getByRole("link", { name: "Add API secret" }).click();
    await page.getByLabel("Name").fill("Ledger API");
    await page.getByLabel("URL").fill("https://api.example.com");
    await page.getByLabel("Client ID").fill("client");
    await page.getByRole("button", { name: "Generate client secret" }).click();
    await expect(page.getByText("32 letters and digits are filled in.")).toBeVisible();
    const generated = await page.getByLabel("Client secret").inputValue();
    expect(generated).toMatch(/^[A-Za-z0-9]{32}$/);
    await page.getByRole("button", { name: "Generate client secret" }).click();
    await expect(page.getByLabel("Client secret")).not.toHaveValue(generated);
    const second = await page.getByLabel("Client secret").inputValue();
    await page.getByLabel("Client secret").press("End");
    await page.getByLabel("Client secret").press("x");
    await expect(page.getByText("32 letters and digits are filled in.")).toHaveCount(0);
    await page.getByLabel("Client secret").press("Backspace");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("API secret saved")).toBeVisible();
    await page.getByRole("link", { name: "View API secret Ledger API" }).click();
    await page.getByRole("button", { name: "Show client secret" }).click();
    await expect(page.getByText(second, { exact: true })).toBeVisible();
    await home();
    await expect(step("Add API secrets")).toContainText("done");

    // A group of her own is enough to share with; then there is nothing left to lead to.
    await step("Share them").getByRole("link", { name: "Groups" }).click();
    await page.getByRole("button", { name: "Add group" }).click();
    const dialog = page.getByRole("dialog", { name: "Add group" });
    await dialog.getByLabel("Name").fill("Platform");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("table", { name: "Groups" }).getByRole("link", { name: "Platform" })).toBeVisible();
    await home();
    await step("Share them").getByRole("link", { name: "Open the list" }).click();
    const list = new List(page);
    await list.select("Ledger API");
    const share = await list.share();
    await list.pick("platform", /Platform/);
    await share.getByRole("button", { name: "Share", exact: true }).click();
    await expect(page.getByText("Shared. Now users can use this shared item")).toBeVisible();
    await home();
    await expect(page.getByRole("heading", { name: /^Welcome/ })).toBeVisible();
    await expect(steps).toHaveCount(0);
  } finally {
    await server.end();
  }
});

test("whoever chooses a password hears how hard it is to guess, and why", async ({ page }) => {
  const server = await Server.empty();
  try {
    await page.goto(server.url);
    const password = page.getByLabel("Password", { exact: true });
    const meter = page.getByRole("meter", { name: "Strength" });
    await password.fill("password1234");
    await expect(page.getByText("Weak: a common password. Takes less than a minute to guess.")).toHaveAttribute("aria-live", "polite");
    await expect(meter).toHaveAttribute("value", "1");
    await password.fill("umbrella-glacier-trombone-pickle");
    await expect(page.getByText("Strong. Takes centuries to guess.")).toBeVisible();
    await expect(meter).toHaveAttribute("value", "4");
    // What others know of the person counts, also when it is typed later.
    await password.fill("quixotic-Zoltanovic");
    await expect(page.getByText(/^(Good|Strong)\. Takes centuries to guess\.$/)).toBeVisible();
    await page.getByLabel("Your name").fill("Zoltanovic Quixotic");
    await expect(page.getByText(/^Weak\./)).toBeVisible();
    await password.fill("");
    await expect(meter).toHaveCount(0);

    // It is said and refuses nothing: this one is weak too.
    await found(page, server);
    await page.getByTitle("My account").click();
    await page.getByLabel("Password", { exact: true }).fill("olga");
    await expect(page.getByText("Too short: it takes at least 12 characters.")).toBeVisible();
  } finally {
    await server.end();
  }
});

test("first steps go when a member has something, and can be hidden and brought back", async ({ page, browser }) => {
  const server = await Server.empty();
  try {
    await found(page, server);
    const steps = (page: Page) => page.getByRole("region", { name: "First steps" });
    const home = async (page: Page) => {
      await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Home" }).click();
      await expect(page.getByRole("heading", { name: /^Welcome/ })).toBeVisible();
      // The rest comes with what says how many there are.
      await expect(page.getByRole("definition").first()).toHaveText(/^[\d,]+$/);
    };
    await steps(page).getByRole("button", { name: "Hide first steps" }).click();
    await expect(steps(page)).toHaveCount(0);
    await expect(page.getByRole("main")).toBeFocused();
    await page.reload();
    await page.getByLabel("Password").fill(JOINED);
    await page.getByRole("button", { name: "Unlock" }).click();
    // Their code comes with that of the people.
    await openPeople(page);
    await home(page);
    await expect(steps(page)).toHaveCount(0);
    await page.getByTitle("My account").click();
    await expect(page.getByRole("group", { name: "First steps" }).getByRole("radio", { name: "Hidden" })).toBeChecked();
    await page.getByRole("group", { name: "First steps" }).getByRole("radio", { name: "On the home page, until they are done" }).check();
    await home(page);
    await expect(steps(page)).toBeVisible();

    await openPeople(page);
    const bruno = await join(browser, await invite(page, "bruno"), "Bruno Costa");
    await expect(steps(bruno).getByRole("listitem")).toHaveCount(2);
    await expect(steps(bruno).getByRole("heading", { name: "Get an API secret" })).toBeVisible();
    await addSecret(bruno, "Ledger API", "value");
    await home(bruno);
    await expect(steps(bruno)).toHaveCount(0);
  } finally {
    await server.end();
  }
});
