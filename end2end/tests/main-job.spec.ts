// The main job, a step for each row of its description.
import { List, expect, signIn, test } from "../fixtures/test";

test("Ana batch-shares API secrets, and Bruno reads one and changes another", async ({ page, server, visit }) => {
  await signIn(page, server, "ana");
  const list = new List(page);
  let names: string[] = [];
  let unshared = "";

  await test.step("1: the Grid Menu has MySafe", async () => {
    await page.getByRole("button", { name: "Grid Menu" }).click();
    await page.getByRole("menuitem", { name: "MySafe" }).click();
  });
  await test.step("2: API secrets in the side menu opens the list", async () => {
    await list.open();
  });
  await test.step("3: the checkbox in the header selects all, some, none", async () => {
    const all = page.getByRole("checkbox", { name: "Select all" });
    await all.check();
    const rows = Number(await list.table.getAttribute("aria-rowcount")) - 1;
    await expect(list.count).toHaveText(`${rows} records selected`);
    for (const row of await list.rows.getByRole("checkbox").all()) await expect(row).toBeChecked();
    await list.rows.first().getByRole("checkbox").uncheck();
    await expect(all).toHaveJSProperty("indeterminate", true);
    await all.click();
    await expect(all).toBeChecked();
    await all.click();
    await expect(list.count).toHaveText("0 records selected");
  });
  await test.step("3b: checkboxes of rows count what is selected", async () => {
    await page.getByRole("combobox", { name: "Shared" }).selectOption("No");
    names = await list.shareable("Ana Lima", 3);
    unshared = names.pop()!;
    await list.select(names[0]);
    await expect(list.count).toHaveText("1 record selected");
    await list.select(names[1]);
    await expect(list.count).toHaveText("2 records selected");
  });
  await test.step("4 and 5: Share asks, Yes opens the share dialog", async () => {
    const confirmation = await list.batch("Share");
    await expect(confirmation).toContainText("Are you sure you want to share the 2 records selected?");
    await confirmation.getByRole("button", { name: "Yes" }).click();
  });
  const dialog = page.getByRole("dialog", { name: "Share" });
  const search = dialog.getByRole("combobox", { name: "Search users or groups" });
  const options = dialog.getByRole("listbox").getByRole("option");
  await test.step("6: the search finds by name, username, email and group", async () => {
    for (const [text, hit] of [
      ["Bruno Souza", /Bruno Souza.*Person/],
      ["bruno", /Bruno Souza.*Person/],
      ["bruno@demo.example", /Bruno Souza.*Person/],
      ["Platform team", /Platform team.*User group/],
      ["launch", /Launch crew.*Private group/],
    ] as const) {
      await search.fill("");
      await expect(options).toHaveCount(0);
      await search.fill(text);
      await expect(options.first()).toHaveAccessibleName(hit);
    }
    await search.fill("nobody is called this");
    await expect(search).toHaveAttribute("aria-invalid", "true");
  });
  const selected = dialog.getByRole("list", { name: "Selected users and groups" });
  await test.step("7: people and groups are picked, each with a permission and a trash icon", async () => {
    await list.pick("bruno", /Bruno Souza/);
    await list.pick("platform", /Platform team/);
    await list.pick("launch", /Launch crew/);
    await expect(selected.getByRole("listitem")).toHaveCount(3);
    await expect(selected.getByRole("button", { name: "Remove Bruno Souza" })).toBeVisible();
  });
  await test.step("8: Can view is the default, Can edit can be chosen", async () => {
    const permission = dialog.getByRole("combobox", { name: "Permission for Bruno Souza" });
    await expect(permission).toHaveValue("view");
    await permission.selectOption("Can edit");
  });
  await test.step("9: the trash icon removes", async () => {
    await selected.getByRole("button", { name: "Remove Launch crew" }).click();
    await expect(selected.getByRole("listitem")).toHaveCount(2);
  });
  await test.step("10: Share says that it is done, and nothing is selected any more", async () => {
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await expect(page.getByRole("status").filter({ hasText: "Shared. Now users can use this shared item" })).toBeVisible();
    await expect(dialog).toBeHidden();
    await expect(list.count).toHaveText("0 records selected");
  });
  await test.step("11: the Shared filter shows what is shared", async () => {
    await page.getByRole("combobox", { name: "Shared" }).selectOption("Yes");
    for (const name of names) await expect(list.row(name).first()).toBeVisible();
    // Checkbox, ID, URL, tags, and then Shared; the name is the row's header.
    for (const row of await list.rows.all()) await expect(row.getByRole("cell").nth(4)).toHaveText("Yes");
    await expect(list.row(unshared)).toHaveCount(0);
  });
  await test.step("12: the details say who has access and with which permission", async () => {
    await list.row(names[0]).getByRole("link", { name: `View API secret ${names[0]}` }).click();
    await expect(page.getByRole("heading", { name: "API secret details" })).toBeVisible();
    await page.getByRole("tab", { name: "Sharing" }).click();
    const access = page.getByRole("table", { name: "Users with access" });
    const line = (name: RegExp) => access.getByRole("row", { name });
    await expect(line(/Bruno Souza/).getByRole("cell")).toHaveText(["Yes", "Yes"]);
    await expect(line(/Platform team/).getByRole("cell")).toHaveText(["Yes", "No"]);
    await expect(line(/Launch crew/)).toHaveCount(0);
  });

  const theirs = await visit("bruno");
  const bruno = new List(theirs);
  const secret = theirs.locator("code.secret");
  await test.step("Bruno opens in another browser what Ana shared", async () => {
    await bruno.open();
    await theirs.getByLabel("Owner").fill("Ana");
    await bruno.row(names[0]).getByRole("link").click();
    await expect(secret).toHaveText(/^•+$/);
    await theirs.getByRole("button", { name: "Show client secret" }).click();
    await expect(secret).toHaveText(/^demo-[0-9a-f]{32}$/);
    await theirs.getByRole("button", { name: "Hide client secret" }).click();
    await expect(secret).toHaveText(/^•+$/);
  });
  await test.step("Bruno, who can edit, changes it, and Ana reads the change", async () => {
    await theirs.getByRole("link", { name: "Edit" }).click();
    await theirs.getByLabel("Client secret").fill("changed by Bruno");
    await theirs.getByRole("button", { name: "Save" }).click();
    await expect(theirs.getByRole("status").filter({ hasText: "API secret saved" })).toBeVisible();
    await list.open();
    await list.row(names[0]).first().getByRole("link").click();
    await page.getByRole("button", { name: "Show client secret" }).click();
    await expect(page.locator("code.secret")).toHaveText("changed by Bruno");
    await expect(page.getByText(/by Bruno Souza/)).toBeVisible();
  });
});

test("a member of a group reads what is shared with the group, and others do not see it", async ({ ana, visit }) => {
  const [name] = await ana.shareable("Ana", 4).then((names) => names.slice(3));
  await ana.select(name);
  await ana.share();
  await ana.pick("launch", /Launch crew/);
  await ana.page.getByRole("dialog", { name: "Share" }).getByRole("button", { name: "Share", exact: true }).click();
  await expect(ana.page.getByRole("status").filter({ hasText: "Shared." })).toBeVisible();

  const carla = new List(await visit("carla"));
  await carla.open();
  await carla.page.getByLabel("Owner").fill("Ana");
  await carla.row(name).getByRole("link").click();
  await carla.page.getByRole("button", { name: "Show client secret" }).click();
  await expect(carla.page.locator("code.secret")).toHaveText(/^demo-/);
  await expect(carla.page.getByRole("link", { name: "Edit" })).toHaveCount(0);

  const bruno = new List(await visit("bruno"));
  await bruno.open();
  await bruno.page.getByLabel("Owner").fill("Ana");
  await bruno.page.getByLabel("Name").fill(name);
  await expect(bruno.row(name)).toHaveCount(0);
  await bruno.page.goto(carla.page.url());
  await bruno.page.getByLabel("Password").fill("mysafe-demo");
  await bruno.page.getByRole("button", { name: "Unlock" }).click();
  await expect(bruno.page.getByRole("alert").filter({ hasText: "no access" })).toBeVisible();
});

test("the main job is done with the keyboard alone", async ({ ana }) => {
  const { page } = ana;
  const [name] = await ana.shareable("Ana", 1);
  await page.getByRole("checkbox", { name: `Select ${name}`, exact: true }).focus();
  await page.keyboard.press("Space");
  await expect(ana.count).toHaveText("1 record selected");
  const share = page.getByRole("toolbar", { name: "Batch actions" }).getByRole("button", { name: "Share" });
  await share.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Confirmation" })).toContainText("the 1 record selected?");
  await expect(page.getByRole("button", { name: "No" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Yes" })).toBeFocused();
  await page.keyboard.press("Enter");
  const search = page.getByRole("combobox", { name: "Search users or groups" });
  await expect(search).toBeFocused();
  await page.keyboard.type("bruno");
  await expect(page.getByRole("option", { name: /Bruno/ })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Remove Bruno Souza" })).toBeVisible();
  // Esc closes the list of hits first, and the dialog then.
  await page.keyboard.type("carla");
  await expect(page.getByRole("option", { name: /Carla/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("listbox")).toBeHidden();
  await expect(page.getByRole("dialog", { name: "Share" })).toBeVisible();
  for (const next of ["Permission for Bruno Souza", "Remove Bruno Souza", "Cancel", "Share"]) {
    await page.keyboard.press("Tab");
    await expect(page.locator(":focus")).toHaveAccessibleName(next);
  }
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Shared." })).toBeVisible();
  await expect(share).toBeFocused();
});
