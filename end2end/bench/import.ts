// An import of 10,000 records in Chromium, from the press of Import until all of them are there. Prints a line `name value`.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Server, environment, program } from "../fixtures/server";
import { List, signIn } from "../fixtures/test";

const RECORDS = 10_000;

test("an import of 10,000", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "mysafe-bench-"));
  execFileSync(program, ["demo"], { env: environment(folder), stdio: "pipe" });
  process.env.DEMO_FOLDER = folder;
  const server = await Server.demo();
  await signIn(page, server, "ana");
  await new List(page).open();
  await page.getByRole("link", { name: "Import" }).click();
  const lines = Array.from({ length: RECORDS }, (_, number) => `Record ${number},https://api${number}.example.com,client-${number},value-${number},bench`);
  const file = ["name,url,client_id,client_secret,tags", ...lines].join("\n");
  const chosen = performance.now();
  await page.getByLabel("File").setInputFiles({ name: "records.csv", mimeType: "text/csv", buffer: Buffer.from(file) });
  const button = page.getByRole("button", { name: `Import ${RECORDS} records` });
  await button.waitFor();
  console.log(`import.preview_ms.${RECORDS} ${(performance.now() - chosen).toFixed(0)}`);
  const pressed = performance.now();
  await button.click();
  await expect(page.getByText(`${RECORDS} records imported`)).toBeVisible({ timeout: 120_000 });
  console.log(`import.all_ms.${RECORDS} ${(performance.now() - pressed).toFixed(0)}`);
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});
