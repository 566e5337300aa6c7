import { expect, test } from "../fixtures/test";

test("colours, contrast and rows are chosen, stay in this browser, and come to its other pages", async ({ ana }) => {
  const { page } = ana;
  await page.emulateMedia({ colorScheme: "light" });
  // So low that not all rows are rendered.
  await page.setViewportSize({ width: 1280, height: 520 });
  const background = (of = page) => of.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const expectBackground = (of = page) => expect.poll(() => background(of));
  const height = async () => (await ana.rows.first().boundingBox())!.height;
  const [light, comfortable] = [await background(), await height()];
  const mounted = await ana.rows.count();
  const other = await page.context().newPage();
  await other.goto(page.url());

  await page.getByRole("link", { name: "Ana Lima" }).click();
  const section = page.getByRole("region", { name: "Appearance" });
  const choose = (group: string, option: string) => section.getByRole("group", { name: group }).getByRole("radio", { name: option });
  await expect(choose("Colours", "As the system has it")).toBeChecked();
  await choose("Colours", "Dark").check();
  await expectBackground().not.toBe(light);
  const dark = await background();
  await expectBackground(other).toBe(dark);
  await choose("Contrast", "High").check();
  await expectBackground().toBe("rgb(0, 0, 0)");
  await choose("Rows of the list", "Compact").check();
  await expect(choose("Colours", "Dark")).toBeChecked();

  await page.reload();
  await expectBackground().toBe("rgb(0, 0, 0)");
  await page.getByLabel("Password").fill("mysafe-demo");
  await page.getByRole("button", { name: "Unlock" }).click();
  await ana.open();
  await expect.poll(height).toBeLessThan(comfortable);
  await expect.poll(() => ana.rows.count()).toBeGreaterThan(mounted);
  // The last row is where the scroll bar says it is.
  const frame = page.getByRole("region", { name: "List of API secrets" });
  await frame.evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
  const last = await ana.table.getAttribute("aria-rowcount");
  await expect(page.locator(`tr[aria-rowindex="${last}"]`)).toBeInViewport();

  await page.getByRole("link", { name: "Ana Lima" }).click();
  await choose("Colours", "As the system has it").check();
  await choose("Contrast", "As the system has it").check();
  await expectBackground().toBe(light);
});
