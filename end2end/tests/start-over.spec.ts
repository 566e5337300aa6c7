import { JOINED, addSecret, counted, expectSignedOut, findPerson, found, invite, join, openPeople, proveAgain } from "../fixtures/people";
import { Server } from "../fixtures/server";
import { List, expect, test } from "../fixtures/test";

test("who has lost everything starts over, and is shared with again once an administrator has compared the new keys", async ({ page, browser }) => {
  const server = await Server.empty();
  try {
    await found(page, server);
    await openPeople(page);
    const signed = counted(page, "sign_entry");
    const links = [await invite(page, "bruno"), await invite(page, "carla")];
    const bruno = await join(browser, links[0], "Bruno Costa");
    const carla = await join(browser, links[1], "Carla Diaz");
    await addSecret(carla, "Ledger API", "ledger value");
    await addSecret(carla, "Payroll API", "payroll value");
    const list = new List(carla);
    await list.select("Ledger API");
    const dialog = await list.share();
    await list.pick("bruno", /Bruno Costa/);
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await expect(carla.getByText("Shared. Now users can use this shared item")).toBeVisible();

    // Carla has something of Bruno's as well.
    await addSecret(bruno, "Bruno's API", "bruno's value");
    const brunos = new List(bruno);
    await brunos.select("Bruno's API");
    await brunos.share();
    await brunos.pick("carla", /Carla Diaz/);
    await bruno.getByRole("dialog", { name: "Share" }).getByRole("button", { name: "Share", exact: true }).click();
    await expect(bruno.getByText("Shared. Now users can use this shared item")).toBeVisible();

    // Olga's browser confirms both as it looks for what there is to do: nobody starts over whose keys nobody answers for.
    await page.reload();
    await page.getByLabel("Password").fill(JOINED);
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    await expect.poll(signed, { timeout: 120_000 }).toBeGreaterThanOrEqual(2);
    await findPerson(page, "bruno");
    await page.getByRole("button", { name: "Manage Bruno Costa" }).click();
    await page.getByRole("dialog", { name: "Bruno Costa" }).getByRole("button", { name: "Start over" }).click();
    const starting = page.getByRole("dialog", { name: "Start over with Bruno Costa" });
    await starting.getByRole("button", { name: "Start over" }).click();
    await proveAgain(page);
    const link = await starting.getByLabel("Invitation link").inputValue();
    await starting.getByRole("button", { name: "Done" }).click();
    await expectSignedOut(bruno);

    const again = await join(browser, link, "Bruno Costa");
    // What Carla's browser has seen of Bruno is something else: she is told, and nothing is shared.
    await list.select("Payroll API");
    await list.share();
    await list.pick("bruno", /Bruno Costa/);
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await expect(dialog.getByRole("alert")).toContainText("Bruno Costa has other keys than before: ask an administrator to compare and confirm them");

    // Bruno reads his digits to Olga, who sees the same ones.
    await again.getByRole("link", { name: "Bruno Costa" }).click();
    const digits = (await again.getByRole("region", { name: "Your keys" }).locator("code").textContent())!;
    await page.getByRole("link", { name: "Bruno Costa" }).click();
    const keys = page.getByRole("region", { name: "Keys" });
    await expect(keys.getByText(digits)).toBeVisible();
    const settled = counted(carla, "settle_secrets");
    await keys.getByRole("button", { name: "Compare and confirm" }).click();
    const confirming = page.getByRole("dialog", { name: "Confirm keys" });
    await expect(confirming.getByText(digits)).toBeVisible();
    await confirming.getByRole("button", { name: "Yes, it is the same" }).click();
    await expect(keys.getByText("An administrator has confirmed them.")).toBeVisible();
    await expect(keys.getByRole("button", { name: "Compare and confirm" })).toBeHidden();

    // What was shared with him before, Carla's browser seals to his new keys as soon as it looks for what is due.
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await expect(carla.getByText("Shared. Now users can use this shared item")).toBeVisible();
    const read = async (name: string, value: string) => {
      await again.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "API secrets" }).click();
      await again.getByRole("button", { name: "Filter" }).click();
      await again.getByRole("link", { name: `View API secret ${name}` }).click();
      await again.getByRole("button", { name: "Show client secret" }).click();
      await expect(again.getByText(value)).toBeVisible();
    };
    await read("Payroll API", "payroll value");
    await expect.poll(settled, { timeout: 120_000 }).toBeGreaterThan(0);
    await read("Ledger API", "ledger value");
    // What Bruno had shared is signed with keys from before, and goes on for Carla; he cannot open it himself.
    await carla.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "API secrets" }).click();
    await carla.getByRole("link", { name: "View API secret Bruno's API" }).click();
    await carla.getByRole("button", { name: "Show client secret" }).click();
    await expect(carla.getByText("bruno's value")).toBeVisible();
    await again.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "API secrets" }).click();
    await again.getByRole("link", { name: "View API secret Bruno's API" }).click();
    await again.getByRole("button", { name: "Show client secret" }).click();
    await expect(again.getByRole("alert")).toContainText("the keys that you had before you started over");
  } finally {
    await server.end();
  }
});
