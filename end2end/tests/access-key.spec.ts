import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { addSecret, openPeople } from "../fixtures/people";
import { type Server, program } from "../fixtures/server";
import { List, expect, signIn, test } from "../fixtures/test";

/** Runs a command of the client with an access key, and returns what it wrote. */
async function run(server: Server, key: string, ...command: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, MYSAFE_SERVER: server.url, MYSAFE_ACCESS_KEY: key };
  const { stdout } = await promisify(execFile)(program, command, { env });
  return stdout;
}

test("a program opens what is shared with its access key, until the key is disabled", async ({ page, server, visit }) => {
  await signIn(page, server, "admin");
  await openPeople(page);
  await page.getByRole("link", { name: "Access keys" }).click();
  await expect(page.getByText("No access keys yet.")).toBeVisible();
  await page.getByRole("button", { name: "Add access key" }).click();
  const dialog = page.getByRole("dialog", { name: "Add access key" });
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("Fill in this field.");
  await dialog.getByLabel("Name", { exact: true }).fill("Deployment of the shop");
  await dialog.getByLabel("Username").fill("shop-deploy");
  await dialog.getByLabel("Ends").selectOption("In 90 days");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  const key = await dialog.getByLabel("Access key", { exact: true }).inputValue();
  expect(key).toMatch(/^mysafe_[0-9a-f]{32}_[0-9A-Z]{32}$/);
  await dialog.getByRole("button", { name: "Done" }).click();
  const row = page.getByRole("table", { name: "Access keys" }).getByRole("row", { name: /Deployment of the shop/ });
  await expect(row).toContainText("Active");
  await expect(row).toContainText("shop-deploy");
  // It is nobody among the people.
  await openPeople(page);
  await expect(page.getByRole("table", { name: "People" })).toContainText("bruno");
  await expect(page.getByRole("table", { name: "People" })).not.toContainText("shop-deploy");
  await page.getByRole("link", { name: "Access keys" }).click();

  const [name, value] = ["Shop API", "known to the shop"];
  const list = new List(await visit("ana"));
  await list.open();
  await addSecret(list.page, name, value);
  await list.open();
  await list.select(name);
  await list.share();
  await list.pick("shop", /Deployment of the shop.*Access key/);
  await list.page.getByRole("dialog", { name: "Share" }).getByRole("button", { name: "Share", exact: true }).click();
  await expect(list.page.getByText("Shared. Now users can use this shared item")).toBeVisible();
  expect(await run(server, key, "get", name)).toBe(`${value}\n`);
  expect(await run(server, key, "list")).toContain(name);

  await row.getByRole("button", { name: "Disable Deployment of the shop" }).click();
  await expect(row).toContainText("Disabled");
  await expect(run(server, key, "get", name)).rejects.toThrow("it was disabled or has ended");
  await row.getByRole("button", { name: "Enable Deployment of the shop" }).click();
  await expect(row).toContainText("Active");
  expect(await run(server, key, "get", name)).toBe(`${value}\n`);
});
