import { addSecret } from "../fixtures/people";
import { List, expect, test } from "../fixtures/test";

test("a secret is added, found in the list at once, opened, changed and copied", async ({ ana, context }) => {
  const { page } = ana;
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("link", { name: "Add API secret" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("Name: Fill in this field.");
  await expect(page.getByLabel("Name")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Name").fill("Zebra API");
  await page.getByLabel("URL").fill("zebra");
  await page.getByLabel("Client ID").fill("zebra-client");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("URL: Write a full address");
  await page.getByLabel("URL").fill("https://zebra.example.com");
  await page.getByLabel("Client secret").fill("stripes");
  await page.getByLabel("Identifier").fill("zebra-1");
  await page.getByLabel("Method").selectOption("POST");
  await page.getByLabel("Tags").fill("animal, prod");
  await page.getByLabel("Notes").fill("black and white");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").filter({ hasText: "API secret saved" })).toBeVisible();

  await page.getByLabel("Tags").fill("animal");
  await expect(ana.rows).toHaveCount(1);
  await ana.row("Zebra API").getByRole("link", { name: "View API secret Zebra API" }).click();
  await page.getByRole("button", { name: "Show client secret" }).click();
  await expect(page.locator("code.secret")).toHaveText("stripes");
  await expect(page.getByText("black and white")).toBeVisible();
  await page.getByRole("button", { name: "Copy client secret" }).click();
  await expect(page.getByRole("status").filter({ hasText: "copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("stripes");

  await page.getByRole("link", { name: "Edit" }).click();
  await expect(page.getByText(/Added .* by Ana Lima/)).toBeVisible();
  await page.getByLabel("Name").fill("Zebra API 2");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Zebra API 2" })).toBeVisible();
  await page.getByRole("button", { name: "Show client secret" }).click();
  await expect(page.locator("code.secret")).toHaveText("stripes");
});

test("an identifier that the owner has already is refused by name", async ({ ana }) => {
  const { page } = ana;
  for (const attempt of [1, 2]) {
    await page.getByRole("link", { name: "Add API secret" }).click();
    await page.getByLabel("Name").fill(`Twin ${attempt}`);
    await page.getByLabel("URL").fill("https://example.com");
    await page.getByLabel("Client ID").fill("client");
    await page.getByLabel("Identifier").fill("twin");
    await page.getByRole("button", { name: "Save" }).click();
    if (attempt === 1) await expect(ana.row("Twin 1")).toBeVisible();
  }
  await expect(page.getByRole("alert")).toContainText("Identifier: You have this one already.");
  await expect(page.getByLabel("Name")).toHaveValue("Twin 2");
});

test("a text that is mended after an answer was lost is saved as well", async ({ ana }) => {
  const { page } = ana;
  await page.getByRole("link", { name: "Add API secret" }).click();
  await page.getByLabel("Name").fill("Writen in haste");
  await page.getByLabel("URL").fill("https://api.example.com");
  await page.getByLabel("Client ID").fill("client");
  // The request arrives, its answer does not.
  await page.route("**/api/add_secret", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("cannot be reached");
  await page.getByLabel("Name").fill("Written in haste");
  await page.getByLabel("Client secret").fill("two\nlines");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").filter({ hasText: "API secret saved" })).toBeVisible();
  await page.getByLabel("Name").fill("in haste");
  await expect(ana.rows).toHaveCount(1);
  await ana.row("Written in haste").getByRole("link").click();
  await page.getByRole("button", { name: "Show client secret" }).click();
  await expect(page.locator("code.secret")).toHaveText("two\nlines", { useInnerText: true });
});

test("the filter narrows the list, and what it hides is not selected any more", async ({ ana }) => {
  const { page } = ana;
  await page.getByRole("checkbox", { name: "Select all" }).check();
  await page.getByRole("combobox", { name: "Enabled" }).selectOption("No");
  const disabled = await ana.rows.count();
  expect(disabled).toBeGreaterThan(0);
  await expect(ana.count).toHaveText(`${disabled} record${disabled === 1 ? "" : "s"} selected`);
  // The header is row 1.
  await expect(ana.table).toHaveAttribute("aria-rowcount", String(disabled + 1));
  for (let index = 0; index < disabled; index++) {
    await expect(ana.rows.nth(index)).toHaveAttribute("aria-rowindex", String(index + 2));
  }
  await page.getByLabel("Name").fill("there is no such name");
  await expect(page.getByText("Nothing matches the filter.")).toBeVisible();
  await expect(ana.count).toHaveText("0 records selected");
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await expect(ana.rows.nth(disabled)).toBeVisible();
});

test("secrets are enabled and disabled together, and a disabled one does not open for others", async ({ ana, visit }) => {
  const { page } = ana;
  const names = await ana.shareable("Ana", 2);
  await ana.select(...names);
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(dialog).toBeHidden();
  const bruno = new List(await visit("bruno"));
  await bruno.open();
  await bruno.row(names[0]).getByRole("link").click();
  const show = bruno.page.getByRole("button", { name: "Show client secret" });
  await expect(show).toBeVisible();

  for (const [name, done] of [["Disable", "2 records disabled"], ["Enable", "2 records enabled"]] as const) {
    await ana.select(...names);
    const confirmation = await ana.batch(name);
    await expect(confirmation).toContainText(`Are you sure you want to ${name.toLowerCase()} the 2 records selected?`);
    await confirmation.getByRole("button", { name: "Yes" }).click();
    await expect(page.getByRole("status").filter({ hasText: done })).toBeVisible();
    // The page that Bruno has open follows.
    if (name === "Disable") {
      await expect(bruno.page.getByText("Disabled: only its owner can open it.")).toBeVisible();
      await expect(show).toHaveCount(0);
      await expect(bruno.page.locator("code.secret")).toHaveText(/^•+$/);
    } else {
      await show.click();
      await expect(bruno.page.locator("code.secret")).toHaveText(/^demo-/);
    }
  }
});

test("groups show who is in them to those who may see it", async ({ ana, visit }) => {
  const { page } = ana;
  await page.getByRole("link", { name: "Groups" }).click();
  await page.getByRole("link", { name: "Launch crew" }).click();
  await expect(page.getByRole("table", { name: "Members" }).getByRole("row")).toHaveCount(4);
  const carla = await visit("carla");
  await carla.goto(page.url());
  await carla.getByLabel("Password").fill("mysafe-demo");
  await carla.getByRole("button", { name: "Unlock" }).click();
  await expect(carla.getByText("you do not see who is in it")).toBeVisible();
});

test("who does not want a secret that is shared with them leaves it, until it is shared anew", async ({ ana, visit }) => {
  await addSecret(ana.page, "Abandoned API", "abandoned value");
  const share = async () => {
    await ana.select("Abandoned API");
    const dialog = await ana.share();
    await ana.pick("bruno", /Bruno Souza/);
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await expect(ana.page.getByText("Shared. Now users can use this shared item")).toBeVisible();
  };
  await share();
  const bruno = new List(await visit("bruno"));
  const link = bruno.page.getByRole("link", { name: "View API secret Abandoned API", exact: true });
  await bruno.open();
  await link.click();
  await bruno.page.getByRole("tab", { name: "Sharing" }).click();
  await bruno.page.getByRole("button", { name: "Leave" }).click();
  const confirmation = bruno.page.getByRole("dialog", { name: "Confirmation" });
  await expect(confirmation).toContainText("Are you sure you want to leave Abandoned API?");
  await confirmation.getByRole("button", { name: "Yes" }).click();
  await expect(bruno.page.getByText("You have left Abandoned API")).toBeVisible();
  await expect(bruno.rows.first()).toBeVisible();
  await expect(link).toHaveCount(0);

  // The owner sees that he is gone, cannot leave what is theirs, and can share it with him once more.
  await ana.page.getByRole("link", { name: "View API secret Abandoned API", exact: true }).click();
  await ana.page.getByRole("tab", { name: "Sharing" }).click();
  await expect(ana.page.getByText("Not shared with anyone.")).toBeVisible();
  await expect(ana.page.getByRole("button", { name: "Leave" })).toHaveCount(0);
  await ana.open();
  await share();
  await bruno.page.getByRole("button", { name: "Filter" }).click();
  await expect(link).toBeVisible();
});
