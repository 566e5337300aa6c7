import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Page } from "@playwright/test";
import { addSecret, hold, read } from "../fixtures/people";
import { PASSWORD, expect, test } from "../fixtures/test";

const samples = resolve(import.meta.dirname, "../fixtures/import");

/** Opens the page and chooses a file. */
async function choose(page: Page, file: string | { name: string; mimeType: string; buffer: Buffer }) {
  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "API secrets" }).click();
  await page.getByRole("link", { name: "Import" }).click();
  await page.getByLabel("File").setInputFiles(typeof file === "string" ? resolve(samples, file) : file);
}

const summary = (page: Page) => page.getByRole("status").filter({ hasText: "to import" });

test("files of other managers and programs are read in the browser, and come as one batch", async ({ ana }) => {
  const { page } = ana;
  const formats: [string, string, number][] = [
    ["bitwarden.json", "Bitwarden JSON", 3],
    ["bitwarden.csv", "Bitwarden CSV", 3],
    ["1password.csv", "1Password CSV", 4],
    ["keepass.csv", "KeePass CSV", 2],
    ["keepassxc.csv", "KeePassXC CSV", 4],
    ["postman.json", "Postman environment", 2],
    ["generic.csv", "CSV", 4],
    ["generic.json", "JSON", 3],
  ];
  for (const [file, format, count] of formats) {
    await choose(page, file);
    await expect(summary(page)).toContainText(new RegExp(`^${format}: ${count} record`));
  }
  // What is wrong with a line stands beside it.
  await choose(page, "keepass.csv");
  const table = page.getByRole("table", { name: "Records in the file" });
  await expect(table.getByRole("row").nth(1)).toContainText("URL: Write a full address");

  await choose(page, "sample.env");
  await expect(summary(page)).toContainText(".env: 0 records to import");
  // Typed: Firefox knows of no change where a text was only put in.
  await page.getByLabel("URL for records without one").pressSequentially("https://env.example.com");
  await page.getByLabel("Tags for all of them").pressSequentially("env, payments");
  await page.getByLabel("Tags for all of them").blur();
  await expect(summary(page)).toContainText(/^\.env: [4-9] records to import, \d+ not like secrets/);
  await page.getByRole("button", { name: /^Import \d+ records/ }).click();
  await page.getByRole("status").getByRole("link", { name: "Receipt" }).click();
  await expect(page.getByRole("heading", { name: /^Imported [4-9] records/ })).toBeVisible();
  await page.getByRole("link", { name: "PAYMENTS_CLIENT_SECRET" }).click();
  await page.getByRole("button", { name: "Show client secret" }).click();
  await expect(page.getByText("fake-cs 8Kq=z,é # not a comment")).toBeVisible();
  await expect(page.getByRole("definition").filter({ hasText: "env, payments" })).toBeVisible();

  // Once more it is all there already, and the whole import goes into the bin at once.
  await choose(page, "sample.env");
  await page.getByLabel("URL for records without one").pressSequentially("https://env.example.com");
  await page.getByLabel("URL for records without one").blur();
  await expect(summary(page)).toContainText(/^\.env: 0 records to import, [4-9] there already/);
  await page.goto(page.url().replace(/\/secrets.*/, "/activity"));
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Unlock" }).click();
  await page.getByRole("link", { name: /^Imported [4-9] records/ }).first().click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  await expect(page.getByText("This was undone.")).toBeVisible();

  // What is in the bin keeps nobody from importing the file again, and comes back without the identifiers that are taken by then.
  await choose(page, "sample.env");
  await page.getByLabel("URL for records without one").pressSequentially("https://env.example.com");
  await page.getByLabel("URL for records without one").blur();
  await expect(summary(page)).toContainText(/^\.env: [4-9] records to import, \d+ not like secrets/);
  await page.getByRole("button", { name: /^Import \d+ records/ }).click();
  await expect(page.getByText(/^\d+ records imported/)).toBeVisible();
  await page.getByRole("link", { name: "Bin" }).click();
  await page.getByRole("checkbox", { name: "Select PAYMENTS_CLIENT_SECRET" }).check();
  await page.getByRole("button", { name: "Restore" }).click();
  await expect(page.getByText("1 record restored, without its identifier")).toBeVisible();
});

test("what cannot be imported says why", async ({ ana }) => {
  const { page } = ana;
  const file = (name: string, text: string | Buffer) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text as string) });
  const faults: [ReturnType<typeof file>, string][] = [
    [file("empty.csv", ""), "It is empty"],
    [file("deep.json", "[".repeat(10_000) + "]".repeat(10_000)), "nested too deeply"],
    [file("large.csv", Buffer.alloc(21 * 1024 * 1024, "a")), "larger than 20 MB"],
    [file("nothing.csv", "a,b\n1,2\n"), "has to name the columns"],
  ];
  for (const [input, reason] of faults) {
    await choose(page, input);
    await expect(page.getByRole("alert")).toContainText(reason);
  }
  await choose(page, "bitwarden-encrypted.json");
  await expect(page.getByRole("alert")).toContainText("It is encrypted");
  // Latin-1, as old spreadsheets write it, with quotes and a line break in a field.
  const latin = Buffer.from('name;url;client_id;client_secret;notes\r\nCaf\u00e9;https://cafe.example.com;id;"s;e""c";"a\nb"\r\n', "latin1");
  await choose(page, { name: "latin.csv", mimeType: "text/csv", buffer: latin });
  await expect(page.getByRole("table", { name: "Records in the file" }).getByRole("row").nth(1)).toContainText("Café");
  const strange = `name,url,client_id,client_secret\n"invoice\u202egnp",https://x.example.com,a,b\n${"x".repeat(10_000)},https://x.example.com,a,b\n`;
  await choose(page, file("strange.csv", strange));
  await expect(summary(page)).toContainText("0 records to import, 2 with something to mend");
  // A semicolon too many shifts what comes after it: the line is told, and the others are taken. The first line is what spreadsheets write.
  const lines = "sep=;\r\nname;url;client_id;client_secret\r\nA;https://a.example.com;a;se;cret\r\nB;https://b.example.com;b;x\r\n";
  await choose(page, file("fields.csv", lines));
  await expect(summary(page)).toContainText("CSV: 1 record to import, 1 with something to mend");
  const told = page.getByRole("table", { name: "Records in the file" }).getByRole("row").nth(1);
  await expect(told).toContainText("5 fields where the head has 4: is a quote missing?");
});

test("an import can be cancelled and leaves nothing half done", async ({ ana }) => {
  const { page } = ana;
  const lines = Array.from({ length: 1_000 }, (_, index) => `Bulk ${index},https://bulk.example.com,id-${index},secret-${index}`);
  const buffer = Buffer.from(`name,url,client_id,client_secret\n${lines.join("\n")}\n`);
  await choose(page, { name: "bulk.csv", mimeType: "text/csv", buffer });
  await expect(summary(page)).toContainText("CSV: 1,000 records to import");
  const go = await hold(page, "import_secrets");
  await page.getByRole("button", { name: "Import 1,000 records" }).click();
  await expect(page.getByText("Saving")).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Cancelling")).toBeVisible();
  go();
  await expect(page.getByText("Cancelled. What was imported already is in the bin.")).toBeVisible();
  await page.getByRole("button", { name: "Import 1,000 records" }).click();
  await expect(page.getByText("1,000 records imported")).toBeVisible();
  await page.getByLabel("Name").fill("Bulk 999");
  await read(page, "Bulk 999", "secret-999");

  // The bin has what was cancelled: it shows the first of it, finds the rest, and Select all means all that is found.
  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "API secrets" }).click();
  await page.getByRole("link", { name: "Bin" }).click();
  await expect(page.getByText("1,000 records. The first 200 are shown.")).toBeVisible();
  const bin = page.getByRole("table", { name: "Bin" });
  await expect(bin.getByRole("rowheader")).toHaveCount(200);
  await bin.getByRole("checkbox", { name: "Select all" }).check();
  await expect(page.getByText("1,000 records selected")).toBeVisible();
  await page.getByLabel("Part of the name").fill("bulk 999");
  await expect(bin.getByRole("rowheader")).toHaveCount(1);
  await expect(page.getByText("1 record selected")).toBeVisible();
  await page.getByRole("button", { name: "Restore" }).click();
  await expect(page.getByText("1 record restored")).toBeVisible();
});

test("the list and one's own secrets are exported, and come back by an import", async ({ ana, visit }) => {
  const { page } = ana;
  await addSecret(page, "=Ledger API", "Ledger value");
  await page.getByLabel("Name").fill("=Ledger");
  await expect(ana.rows).toHaveCount(1);
  await page.getByRole("link", { name: "Export" }).click();
  const saved = async (button: string) => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: button }).click();
    return readFileSync(await (await download).path(), "utf8");
  };
  const text = await saved("Download CSV");
  // By this mark Excel knows how it is written.
  expect(text.charCodeAt(0)).toBe(0xfeff);
  const csv = text.trim().split("\r\n");
  expect(csv.length).toBe(2);
  // No spreadsheet takes the name for a formula.
  expect(csv[1]).toContain(",'=Ledger API,");

  await page.getByLabel("Password").fill("wrong password");
  await page.getByRole("button", { name: "Download JSON" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Password").fill(PASSWORD);
  const json = await saved("Download JSON");
  const written = JSON.parse(json).find((secret: { name: string }) => secret.name === "=Ledger API");
  expect(written.client_secret).toBe("Ledger value");
  expect(written.rotate_on).toBe("");

  // Nothing is written of a list that is not here yet, and one's own secrets wait for what is known of them.
  const go = await hold(page, "first_secrets");
  await page.goto(page.url());
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Unlock" }).click();
  await expect(page.getByRole("button", { name: "Download CSV" })).toHaveAttribute("aria-disabled", "true");
  await page.getByLabel("Password").fill(PASSWORD);
  const exported = page.waitForResponse("**/api/export_secrets");
  const late = saved("Download JSON");
  await exported;
  go();
  expect(JSON.parse(await late)).toHaveLength(JSON.parse(json).length);
  await expect(page.getByRole("button", { name: "Download CSV" })).toHaveAttribute("aria-disabled", "false");

  const bruno = await visit("bruno");
  await choose(bruno, { name: "mysafe-secrets.json", mimeType: "application/json", buffer: Buffer.from(json) });
  await bruno.getByRole("button", { name: /^Import \d+ records/ }).click();
  await expect(bruno.getByText(/records imported/)).toBeVisible();
  await bruno.getByLabel("Name").fill("=Ledger");
  await read(bruno, "=Ledger API", "Ledger value");
});

test("tags are changed for many at once, and given back", async ({ ana }) => {
  const { page } = ana;
  for (const name of ["Ledger API", "Payroll API"]) await addSecret(page, name, "value");
  await ana.select("Ledger API", "Payroll API");
  await ana.more("Tag");
  await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  const dialog = page.getByRole("dialog", { name: "Tag" });
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Write one to add");
  await dialog.getByRole("combobox", { name: "Add tags" }).fill("quarter, eu");
  await expect(dialog.getByRole("status")).toHaveText("2 records get new tags, 0 records lose some.");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Tags changed for 2 records")).toBeVisible();
  await expect(ana.row("Payroll API")).toContainText("quarter");

  await ana.select("Payroll API");
  await ana.more("Tag");
  await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  await dialog.getByRole("checkbox", { name: "Remove tag eu" }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("status").getByRole("link", { name: "Receipt" }).click();
  await expect(page.getByRole("region", { name: "Tags" })).toContainText("1 record: removed eu");
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  await expect(page.getByText("This was undone.")).toBeVisible();
  await ana.open();
  await expect(ana.row("Payroll API")).toContainText("eu");
});
