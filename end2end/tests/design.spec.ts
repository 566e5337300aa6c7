import type { Page } from "@playwright/test";
import { JOINED, found } from "../fixtures/people";
import { Server } from "../fixtures/server";
import { expect, test } from "../fixtures/test";

const WIDTHS = [360, 768, 1440];
const SECTIONS = ["Colours", "Texts", "Buttons", "Fields", "Messages", "Rows", "Recipients", "Pieces"];
const TOLERANCE = { maxDiffPixelRatio: 0.005, animations: "disabled" } as const;

/** In letters that are the same wherever the tests run: scripts/setup.sh brings them. */
async function setFonts(page: Page) {
  await page.evaluate(() => {
    const style = document.documentElement.style;
    style.setProperty("--font", '"DejaVu Sans"');
    style.setProperty("--mono", '"DejaVu Sans Mono"');
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`every component looks as it did, in ${colorScheme} colours`, async ({ ana }) => {
    const { page } = ana;
    await page.emulateMedia({ colorScheme });
    await page.goto(new URL("/design", page.url()).href);
    await page.getByLabel("Password").fill("mysafe-demo");
    await page.getByRole("button", { name: "Unlock" }).click();
    await expect(page.getByRole("heading", { name: "Design" })).toBeVisible();
    await setFonts(page);
    for (const width of WIDTHS) {
      // So high that nothing has to be scrolled to.
      await page.setViewportSize({ width, height: 5600 });
      for (const name of SECTIONS) {
        const picture = `${name.toLowerCase()}-${width}-${colorScheme}.png`;
        await expect(page.getByRole("region", { name, exact: true })).toHaveScreenshot(picture, TOLERANCE);
      }
    }
    await page.getByRole("button", { name: "A dialog" }).click();
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: 700 });
      await expect(page).toHaveScreenshot(`dialog-${width}-${colorScheme}.png`, TOLERANCE);
    }
  });
}

test("an organization that is no demo has no page of components", async ({ page }) => {
  const server = await Server.empty();
  try {
    await found(page, server);
    await page.goto(`${server.url}/design`);
    await page.getByLabel("Password").fill(JOINED);
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
  } finally {
    await server.end();
  }
});
