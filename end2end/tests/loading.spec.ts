import { hold } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

test("a screen that still loads says so, and one that fails says why", async ({ ana }) => {
  const { page } = ana;
  const answer = await hold(page, "list_activity");
  await page.getByRole("link", { name: "Sharing activity" }).click();
  const loading = page.getByRole("main").getByRole("status").filter({ hasText: "Loading …" });
  await expect(loading).toBeVisible();
  answer();
  await expect(page.getByRole("table", { name: "Sharing activity" })).toBeVisible();
  await expect(loading).toHaveCount(0);

  await page.route("**/api/list_bin", (route) => route.fulfill({ status: 500, body: "" }));
  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "API secrets" }).click();
  await page.getByRole("link", { name: "Bin" }).click();
  await expect(page.getByRole("main").getByRole("alert")).toBeVisible();
  await expect(loading).toHaveCount(0);
});
