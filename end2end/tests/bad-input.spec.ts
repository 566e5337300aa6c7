// What a person can get wrong, and what can go wrong for them: a clear message, nothing written, nothing lost.
import { List, expect, test } from "../fixtures/test";

const message = (list: List) => list.page.getByRole("status").filter({ hasText: "Shared. Now users" });
const dialogOf = (list: List) => list.page.getByRole("dialog", { name: "Share" });

test("No and Esc go back to the list with the selection kept", async ({ ana }) => {
  await ana.select(...(await ana.shareable("Ana", 2)));
  let confirmation = await ana.batch("Share");
  await confirmation.getByRole("button", { name: "No" }).click();
  await expect(confirmation).toBeHidden();
  await expect(ana.count).toHaveText("2 records selected");
  confirmation = await ana.batch("Share");
  await ana.page.keyboard.press("Escape");
  await expect(confirmation).toBeHidden();
  await expect(ana.count).toHaveText("2 records selected");
  const dialog = await ana.share();
  await ana.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(ana.count).toHaveText("2 records selected");
  await expect(ana.page.getByRole("toolbar", { name: "Batch actions" }).getByRole("button", { name: "Share" })).toBeFocused();
});

test("No counts even while the answer to Yes is on its way", async ({ ana }) => {
  const { page } = ana;
  const [first, second] = await ana.shareable("Ana", 2);
  await ana.select(first);
  let answer = () => {};
  const asked = new Promise<void>((done) => {
    void page.route("**/api/keys_to_share", async (route) => {
      done();
      await new Promise<void>((go) => (answer = go));
      await route.continue();
    });
  });
  const confirmation = await ana.batch("Share");
  await confirmation.getByRole("button", { name: "Yes" }).click();
  await asked;
  await confirmation.getByRole("button", { name: "No" }).click();
  await expect(confirmation).toBeHidden();
  await expect(ana.count).toHaveText("1 record selected");
  // Nor is the answer taken for the one to another question.
  await ana.select(second);
  await ana.batch("Share");
  await expect(confirmation).toContainText("the 2 records selected?");
  const answered = page.waitForResponse("**/api/keys_to_share");
  answer();
  await (await answered).finished();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(confirmation).toBeVisible();
  await expect(dialogOf(ana)).toHaveCount(0);
  await page.unroute("**/api/keys_to_share");
  await confirmation.getByRole("button", { name: "Yes" }).click();
  await expect(dialogOf(ana)).toContainText("2 records selected");
});

test("with nothing selected, nothing can be shared", async ({ ana }) => {
  const share = ana.page.getByRole("toolbar").getByRole("button", { name: "Share" });
  await expect(share).toBeDisabled();
  await share.click({ force: true });
  await expect(ana.page.getByRole("dialog")).toHaveCount(0);
});

test("a disabled secret and one of somebody else are named, and the others can be shared", async ({ ana }) => {
  const { page } = ana;
  const [good] = await ana.shareable("Ana", 1);
  const nameOf = async (owner: string, enabled: string) => {
    await page.getByLabel("Owner").fill(owner);
    await page.getByRole("combobox", { name: "Enabled" }).selectOption(enabled);
    await expect(ana.rows.first()).toBeVisible();
    const name = await ana.rows.first().getByRole("rowheader").textContent();
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    return name!;
  };
  const disabled = await nameOf("Ana", "No");
  const foreign = await nameOf("Bruno", "Yes");
  await ana.select(good, disabled);
  await ana.rows.filter({ hasText: "Bruno" }).filter({ hasText: foreign }).first().getByRole("checkbox").check();
  const confirmation = await ana.batch("Share");
  // What the list knows is said before anybody says yes.
  await expect(confirmation).toContainText("You cannot share 2 records:");
  await expect(confirmation).toContainText(`${foreign} belongs to somebody else`);
  await confirmation.getByRole("button", { name: "Yes" }).click();
  const refusal = confirmation.getByRole("alert");
  await expect(refusal).toContainText("Nothing was changed");
  await expect(refusal).toContainText(`${disabled} is disabled`);
  await expect(refusal).toContainText(`${foreign} belongs to somebody else`);
  await expect(confirmation.getByRole("button", { name: "Yes" })).toBeFocused();
  await expect(ana.count).toHaveText("3 records selected");
  await confirmation.getByRole("button", { name: "Go on with the other 1 record" }).click();
  await ana.pick("bruno", /Bruno/);
  await dialogOf(ana).getByRole("button", { name: "Share", exact: true }).click();
  await expect(message(ana)).toBeVisible();
  // What was left out is ticked still.
  await expect(ana.count).toHaveText("2 records selected");
  // A row's own action asks by name, and leaves what is ticked as it is.
  await ana.act(good, "Disable");
  await expect(confirmation).toContainText(`Are you sure you want to disable ${good}?`);
  await expect(confirmation.getByRole("status")).toHaveText("1 record becomes disabled. 1 person cannot open it any more.");
  await confirmation.getByRole("button", { name: "Yes" }).click();
  await expect(page.getByText("1 record disabled")).toBeVisible();
  await expect(ana.count).toHaveText("2 records selected");
});

test("without recipients, the dialog says what is missing", async ({ ana }) => {
  await ana.select(...(await ana.shareable("Ana", 1)));
  const dialog = await ana.share();
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("Pick at least one person or group");
  await expect(dialog).toBeVisible();
});

test("after a lost connection the same share is sent again and done once", async ({ ana, visit }) => {
  const { page } = ana;
  const [, , third] = await ana.shareable("Ana", 3);
  await ana.select(third);
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  // The request arrives, its answer does not.
  const bodies: (Buffer | null)[] = [];
  await page.route("**/api/share_secrets", async (route) => {
    bodies.push(route.request().postDataBuffer());
    if (bodies.length > 1) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("cannot be reached");
  await expect(dialog.getByRole("alert")).toContainText("may have been shared already");
  // Taking somebody out now would not take their access.
  await expect(dialog.locator(".picking")).toHaveAttribute("inert");
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(message(ana)).toBeVisible();
  expect(bodies).toHaveLength(2);
  expect(bodies[1]!.equals(bodies[0]!)).toBe(true);

  const bruno = new List(await visit("bruno"));
  await bruno.open();
  await bruno.page.getByLabel("Owner").fill("Ana");
  await bruno.page.getByLabel("Name").fill(third);
  await expect(bruno.row(third)).toHaveCount(1);
});

test("while the server is away nothing is lost, and it goes on when it is back", async ({ ana, server }) => {
  await ana.select(...(await ana.shareable("Ana", 2)));
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await server.stop();
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("Nothing is lost");
  await expect(dialog.getByRole("button", { name: "Share", exact: true })).toBeEnabled();
  await expect(ana.page.getByText("No connection.")).toBeVisible();
  await server.start();
  await expect(ana.page.getByText("No connection.")).toBeHidden();
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(message(ana)).toBeVisible();
});

test("a secret that is disabled while its owner picks people is named at the end, and the others are shared", async ({ ana, browser, server }) => {
  const [name, rest] = await ana.shareable("Ana", 2);
  await ana.select(name, rest);
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  const other = await browser.newContext();
  const second = new List(await other.newPage());
  await second.page.goto(server.url);
  await second.page.getByLabel("Username").fill("ana");
  await second.page.getByLabel("Password").fill("mysafe-demo");
  await second.page.getByRole("button", { name: "Sign in" }).click();
  await second.open();
  await second.select(name);
  const confirmation = await second.batch("Disable");
  await expect(confirmation).toContainText("Are you sure you want to disable the 1 record selected?");
  await confirmation.getByRole("button", { name: "Yes" }).click();
  await expect(second.page.getByRole("status").filter({ hasText: "1 record disabled" })).toBeVisible();
  await other.close();
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText(`${name} is disabled`);
  await dialog.getByRole("button", { name: "Go on with the other 1 record" }).click();
  await expect(message(ana)).toBeVisible();
  await expect(ana.row(rest).getByRole("cell", { name: "Yes", exact: true })).toHaveCount(2);
});

test("a page that could not be loaded is there when the server is back", async ({ ana, server }) => {
  const { page } = ana;
  await server.stop();
  await ana.rows.first().getByRole("link").click();
  await expect(page.getByRole("alert")).toContainText("cannot be reached");
  await server.start();
  await expect(page.getByRole("tab", { name: "General" })).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
});
