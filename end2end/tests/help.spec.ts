import { Findings } from "../fixtures/axe";
import { expect, test } from "../fixtures/test";

test("help leads from each screen to what the documentation says of it", async ({ ana }) => {
  const { page } = ana;
  const open = async () => {
    const opened = page.waitForEvent("popup");
    await page.getByRole("link", { name: "Help" }).click();
    return opened;
  };
  const guide = await open();
  await expect(guide.getByRole("heading", { name: "Sharing many at once" })).toBeInViewport();
  await guide.getByRole("link", { name: "formats" }).click();
  await expect(guide.getByRole("heading", { name: "Import and export", level: 1 })).toBeVisible();
  const findings = new Findings();
  await findings.look(guide, "import and export");
  expect(findings.all).toEqual([]);

  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Groups" }).click();
  await expect(page.getByRole("heading", { name: "Groups", level: 1 })).toBeVisible();
  const groups = await open();
  await expect(groups.getByRole("heading", { name: "Groups" })).toBeInViewport();
  await groups.getByRole("link", { name: "For administrators" }).click();
  await expect(groups.getByRole("heading", { name: "Keys and recovery, for administrators" })).toBeVisible();
});
