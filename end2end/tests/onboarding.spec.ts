import type { Page } from "@playwright/test";
import { JOINED, addSecret, expectSignedOut, found, invite, join, openPeople, paste, read } from "../fixtures/people";
import { Server } from "../fixtures/server";
import { List, expect, test } from "../fixtures/test";

/** From nothing to a team of five: invite, join, group, share, open, remove, cannot open, transfer, disable. */
test("an administrator brings a team of five on board with nothing but the browser", async ({ page, browser }) => {
  test.setTimeout(120_000);
  const server = await Server.empty();
  // The secret of a link is in its fragment: no request of anybody's has it.
  const codes: string[] = [];
  const sent: string[] = [];
  browser.contexts().forEach((context) => context.on("request", (request) => sent.push(request.url())));
  try {
    await found(page, server);
    await openPeople(page);
    const names = { bruno: "Bruno Costa", carla: "Carla Diaz", dora: "Dora Engel", emil: "Emil Faber" };
    const team: Record<string, Page> = {};
    for (const [username, name] of Object.entries(names)) {
      const link = await invite(page, username, username === "bruno" ? "Administrator" : "Member");
      codes.push(new URL(link).hash.slice(1));
      team[username] = await join(browser, link, name);
      team[username].on("request", (request) => sent.push(request.url() + (request.postDataBuffer()?.toString("latin1") ?? "")));
    }
    const { carla, dora, emil } = team;
    expect(codes.every((code) => code.length > 30)).toBe(true);

    // A group, filled with a pasted list.
    await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Groups" }).click();
    await page.getByRole("button", { name: "Add group" }).click();
    const adding = page.getByRole("dialog", { name: "Add group" });
    await adding.getByLabel("Name").fill("Platform");
    await adding.getByRole("button", { name: "Save" }).click();
    await page.getByRole("table", { name: "Groups" }).getByRole("link", { name: "Platform" }).click();
    await page.getByRole("button", { name: "Add members" }).click();
    const members = page.getByRole("dialog", { name: "Add members" });
    await paste(members.getByRole("combobox", { name: "Search people" }), "bruno, dora@example.com; emil\nolga");
    await expect(members.getByRole("list", { name: "Selected people" }).getByRole("listitem")).toHaveCount(3);
    await expect(members.getByRole("alert")).toContainText("This is you: olga");
    await members.getByRole("button", { name: "Add", exact: true }).click();
    await expect(page.getByText("Members added.")).toBeVisible();
    // Who manages a user group is in it only when they say so.
    await page.getByRole("button", { name: "Add myself" }).click();
    await expect(page.getByRole("table", { name: "Members" }).getByRole("row")).toHaveCount(5);

    await addSecret(carla, "Ledger API", "ledger value");
    const list = new List(carla);
    await list.select("Ledger API");
    const dialog = await list.share();
    await list.pick("platform", /Platform/);
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await expect(carla.getByText("Shared. Now users can use this shared item")).toBeVisible();
    for (const member of [dora, emil, page]) await read(member, "Ledger API", "ledger value");
    await expect(dora.getByText("Shared and signed by")).toBeVisible();

    // Dora leaves the group: she opens nothing more, the others go on.
    await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Groups" }).click();
    await page.getByRole("table", { name: "Groups" }).getByRole("link", { name: "Platform" }).click();
    await page.getByRole("button", { name: "Remove Dora Engel" }).click();
    await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
    await expect(page.getByText("Dora Engel is no longer in the group")).toBeVisible();
    // The page that she still has open says so by itself, and shows nothing more.
    await expect(dora.getByRole("main").getByRole("alert")).toContainText("no access to it any more");
    await expect(dora.getByText("ledger value")).toHaveCount(0);
    await read(emil, "Ledger API", "ledger value");

    // Carla gives what is hers to Emil before she goes; his browser takes it over, and the group keeps it.
    await list.open();
    await list.select("Ledger API");
    await list.more("Transfer");
    await carla.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
    const transfer = carla.getByRole("dialog", { name: "Transfer" });
    await transfer.getByRole("combobox", { name: "New owner" }).fill("emil");
    await transfer.getByRole("option", { name: /Emil Faber/ }).click();
    await transfer.getByRole("button", { name: "Transfer" }).click();
    await expect(carla.getByText("1 record transferred to Emil Faber")).toBeVisible();
    await read(emil, "Ledger API", "ledger value");
    await read(page, "Ledger API", "ledger value");

    await openPeople(page);
    await expect(page.getByRole("status").filter({ hasText: "5 people" })).toBeVisible();
    await page.getByRole("button", { name: "Manage Carla Diaz" }).click();
    await page.getByRole("dialog", { name: "Carla Diaz" }).getByRole("button", { name: "Disable" }).click();
    await expect(page.getByText("Carla Diaz is disabled")).toBeVisible();
    await expectSignedOut(carla);

    // All of it is in the log.
    await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Audit log" }).click();
    const log = page.getByRole("table", { name: "Audit log" }).getByRole("row");
    await expect(log.filter({ hasText: "Account disabled" })).toContainText("Carla Diaz (carla)");
    await expect(log.filter({ hasText: "Member removed" })).toContainText("Dora Engel (dora) Platform");
    await expect(log.filter({ hasText: "Joined" })).toHaveCount(4);
    await expect(emil.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Audit log" })).toHaveCount(0);

    for (const code of codes) expect(sent.filter((request) => request.includes(code) || request.includes(code.replaceAll("-", "")))).toEqual([]);
    expect(sent.some((request) => request.includes("/api/"))).toBe(true);
  } finally {
    await server.end();
  }
});
