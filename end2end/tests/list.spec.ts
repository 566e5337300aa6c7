import { addSecret, hold } from "../fixtures/people";
import { List, PASSWORD, expect, test } from "../fixtures/test";

/** The names of the first rows: how many more are rendered depends on the room there is. */
const names = async (list: List) => (await list.rows.getByRole("rowheader").allTextContents()).slice(0, 10);

test("the list sorts by each column, and address, bookmark and way back know how", async ({ ana }) => {
  const { page } = ana;
  await page.getByRole("group", { name: "View" }).getByRole("link", { name: "Mine" }).click();
  const header = ana.table.getByRole("columnheader", { name: "Name" });
  await expect(header).toHaveAttribute("aria-sort", "ascending");
  const ascending = await names(ana);
  await header.getByRole("link").click();
  await expect(header).toHaveAttribute("aria-sort", "descending");
  await expect.poll(() => names(ana)).not.toEqual(ascending);
  for (const column of ["ID", "URL", "Tags", "Shared", "Owner", "Last use", "Enabled"]) {
    const other = ana.table.getByRole("columnheader", { name: column });
    await other.getByRole("link").click();
    await expect(other).toHaveAttribute("aria-sort", "ascending");
    await expect(header).not.toHaveAttribute("aria-sort");
  }
  await page.getByLabel("Name").fill("api");
  await page.getByRole("combobox", { name: "Enabled" }).selectOption("Yes");
  await expect(page).toHaveURL(/\/secrets\?name=api&view=mine&enabled=yes&sort=enabled$/);
  const before = await names(ana);

  // Away and back; and the address alone, in a tab that knows nothing yet.
  await page.getByRole("link", { name: /^View API secret/ }).first().click();
  await page.goBack();
  await expect(page.getByLabel("Name")).toHaveValue("api");
  const address = page.url();
  await page.goto(address);
  await page.getByLabel("Password").fill("mysafe-demo");
  await page.getByRole("button", { name: "Unlock" }).click();
  await expect(page.getByRole("link", { name: "Mine" })).toHaveAttribute("aria-current", "true");
  await expect(ana.rows.first()).toBeVisible();
  await expect.poll(() => names(ana)).toEqual(before);
});

test("the first rows of a long list are there while the others still come, and all is selected only when it is here", async ({ ana }) => {
  const { page } = ana;
  const last = Number(await ana.table.getAttribute("aria-rowcount")) + 120;
  const lines = Array.from({ length: 120 }, (_, line) => `Long ${line},https://api.example.com,client,secret ${line}\n`);
  const buffer = Buffer.from(`name,url,client_id,client_secret\n${lines.join("")}`);
  await page.getByRole("link", { name: "Import" }).click();
  await page.getByLabel("File").setInputFiles({ name: "long.csv", mimeType: "text/csv", buffer });
  await page.getByRole("button", { name: "Import 120 records" }).click();
  await expect(page.getByText("records imported")).toBeVisible();
  await ana.open();
  await expect(ana.table).toHaveAttribute("aria-rowcount", String(last));
  const first = await names(ana);
  const go = await hold(page, "list_secrets");
  await page.reload();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Unlock" }).click();
  await expect(ana.rows.first()).toBeVisible();
  await expect.poll(() => names(ana)).toEqual(first);
  await expect(ana.table).toHaveAttribute("aria-rowcount", "-1");
  const all = page.getByRole("checkbox", { name: "Select all" });
  await expect(all).toBeDisabled();
  await ana.rows.nth(1).getByRole("checkbox").check();
  // Which are the first in another order, or of those that match, is not known yet.
  const header = ana.table.getByRole("columnheader", { name: "Name" });
  await header.getByRole("link").click();
  await expect(ana.rows).toHaveCount(0);
  await header.getByRole("link").click();
  await expect(ana.rows.nth(1).getByRole("checkbox")).not.toBeChecked();
  await expect(page.getByText("1 record no longer in the list")).toBeVisible();
  await ana.rows.nth(1).getByRole("checkbox").check();
  go();
  await expect(ana.table).toHaveAttribute("aria-rowcount", String(last));
  await expect(page.getByText("1 record selected")).toBeVisible();
  await all.check();
  await expect(page.getByText(`${last - 1} records selected`)).toBeVisible();
});

test("views and further filters narrow the list", async ({ ana, visit }) => {
  const { page } = ana;
  await addSecret(page, "Ledger API", "value");
  const view = (name: string) => page.getByRole("group", { name: "View" }).getByRole("link", { name, exact: true }).click();
  await page.getByLabel("Name").fill("Ledger API");
  for (const [name, rows] of [["Mine", 1], ["Shared with me", 0], ["Shared by me", 0], ["All", 1]] as const) {
    await view(name);
    await expect(ana.rows).toHaveCount(rows);
  }
  await ana.select("Ledger API");
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await view("Shared by me");
  await expect(ana.row("Ledger API")).toBeVisible();
  const bruno = new List(await visit("bruno"));
  await bruno.open();
  await bruno.page.getByLabel("Name").fill("Ledger API");
  await bruno.page.getByRole("link", { name: "Shared with me" }).click();
  await expect(bruno.row("Ledger API")).toBeVisible();

  // What was never used is in no span of days; what was used today is in one that has today.
  await page.getByRole("button", { name: "All fields" }).click();
  const today = await page.evaluate(() => new Date().toLocaleDateString("sv"));
  await page.getByLabel("Last use until").fill(today);
  await expect(ana.rows).toHaveCount(0);
  await bruno.page.getByRole("link", { name: "View API secret Ledger API" }).click();
  await bruno.page.getByRole("button", { name: "Show" }).click();
  await expect(bruno.page.getByText("value", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await expect(ana.row("Ledger API")).toBeVisible();
  await page.getByLabel("Last use from").fill(today);
  await expect(ana.row("Ledger API")).toBeVisible();
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  const id = await ana.row("Ledger API").locator("code").textContent();
  await page.getByLabel("ID", { exact: true }).fill(id!);
  await expect(ana.rows).toHaveCount(1);
});

test("a selection follows ranges and sorting, and says what it drops", async ({ ana, visit }) => {
  const { page } = ana;
  await page.getByRole("link", { name: "Mine" }).click();
  const box = (index: number) => ana.rows.nth(index).getByRole("checkbox");
  await box(1).click();
  await box(4).click({ modifiers: ["Shift"] });
  await expect(ana.count).toHaveText("4 records selected");
  const ticked = (await names(ana)).slice(1, 5);
  await ana.table.getByRole("columnheader", { name: "Name" }).getByRole("link").click();
  await expect(ana.count).toHaveText("4 records selected");
  await page.getByLabel("Name").fill(ticked[0]);
  await expect(ana.row(ticked[0]).getByRole("checkbox")).toBeChecked();
  await expect(page.getByRole("status").filter({ hasText: "no longer in the list" })).toHaveText(/^3 records no longer in the list/);
  await expect(ana.count).toHaveText("1 record selected");
  await page.getByRole("button", { name: "Clear", exact: true }).click();

  // What somebody else takes away is dropped as well, when the list hears of it.
  await addSecret(page, "Ledger API", "value");
  const bruno = new List(await visit("bruno"));
  await ana.select("Ledger API");
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(page.getByText("Shared. Now users can use this shared item")).toBeVisible();
  await bruno.open();
  await bruno.page.getByRole("button", { name: "Filter", exact: true }).click();
  await bruno.select("Ledger API");
  await ana.act("Ledger API", "Delete");
  await page.getByRole("dialog", { name: "Confirmation" }).getByRole("button", { name: "Yes" }).click();
  await expect(page.getByText("1 record deleted")).toBeVisible();
  await bruno.page.getByRole("button", { name: "Filter", exact: true }).click();
  await expect(bruno.count).toHaveText("0 records selected");
  await expect(bruno.page.getByText("1 record no longer in the list")).toBeVisible();
});

test("the list fits a phone, a tablet and a desk", async ({ ana }) => {
  for (const width of [360, 768, 1440]) {
    await ana.page.setViewportSize({ width, height: 800 });
    expect(await ana.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
});

test("a click is not lost when the list has just been scrolled", async ({ ana }) => {
  const frame = ana.page.getByRole("region", { name: "List of API secrets" });
  const scrollBy = (rows: number) => frame.evaluate((frame, top) => frame.scrollBy(0, top), 44 * rows);
  const [first] = await ana.rows.getByRole("rowheader").allTextContents();
  await scrollBy(30);
  await expect(ana.row(first)).toHaveCount(0);
  // The scrolling is heard while the button of the mouse is down already: what is under it stays until it is up.
  const pressed = frame.evaluate(
    (frame) => new Promise<string>((done) => frame.addEventListener("pointerdown", (event) => done((event.target as Element).closest("tr")!.innerText), { once: true })),
  );
  const box = (await frame.boundingBox())!;
  await ana.page.mouse.move(box.x + 200, box.y + 200);
  await ana.page.mouse.down();
  await pressed;
  await scrollBy(-25);
  await frame.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(ana.row(first)).toHaveCount(0);
  await ana.page.mouse.up();
  await expect(ana.row(first)).toHaveCount(1);
});
