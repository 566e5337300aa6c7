import { Server } from "../fixtures/server";
import { List, PASSWORD, expect, signIn, test } from "../fixtures/test";

test("an empty organization is set up once, with the code that the server printed", async ({ page }) => {
  const server = await Server.empty();
  try {
    const code = await server.setUpCode();
    await page.goto(server.url);
    const form = { Organization: "Acme", "Your name": "Olga Owner", Username: "olga", Email: "olga@example.com" };
    for (const [label, value] of Object.entries(form)) await page.getByRole("textbox", { name: label, exact: true }).fill(value);
    await page.getByLabel("Password", { exact: true }).fill("too short");
    await page.getByRole("button", { name: "Set up" }).click();
    await expect(page.getByRole("alert")).toContainText("12 characters or more");
    await page.getByLabel("Password", { exact: true }).fill("a long enough password");
    await page.getByLabel("Password again").fill("a long enough password");
    await page.getByLabel("Set-up code").fill("guessed");
    await page.getByRole("button", { name: "Set up" }).click();
    await expect(page.getByRole("alert")).toContainText("set-up code is not valid");
    await page.getByLabel("Set-up code").fill(code);
    await page.getByRole("button", { name: "Set up" }).click();
    await expect(page.getByRole("heading", { name: "Keep your recovery code" })).toBeFocused();
    const recoveryCode = (await page.getByText(/^([0-9A-Z]{4}-){7}[0-9A-Z]{4}$/).textContent())!;
    await page.getByRole("button", { name: "I have kept it" }).click();
    await signInHere(page, "olga", "a long enough password");
    await expect(page.getByRole("heading", { name: "Welcome, Olga Owner" })).toBeVisible();
    await page.getByRole("link", { name: "Open API secrets" }).click();
    await expect(page.getByText("No API secrets yet.")).toBeVisible();

    // The password is lost, and set anew with the recovery code, which works once.
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Forgot your password?" }).click();
    const recover = async (typed: string) => {
      await page.getByLabel("Username").fill("olga");
      await page.getByLabel("Recovery code").fill(typed);
      await page.getByLabel("Password", { exact: true }).fill("another long password");
      await page.getByLabel("Password again").fill("another long password");
      await page.getByRole("button", { name: "Set password" }).click();
    };
    await recover("0000");
    await expect(page.getByRole("alert")).toContainText("typing error");
    await recover("0".repeat(32));
    await expect(page.getByRole("alert")).toContainText("Wrong username or recovery code");
    await recover(recoveryCode.toLowerCase());
    await expect(page.getByRole("heading", { name: "Keep your recovery code" })).toBeVisible();
    await expect(page.getByText(recoveryCode)).toHaveCount(0);
    await page.getByRole("button", { name: "I have kept it" }).click();
    await signInHere(page, "olga", "a long enough password");
    await expect(page.getByRole("alert")).toHaveText("Wrong username or password.");
    await signInHere(page, "olga", "another long password");
    await expect(page.getByText("No API secrets yet.")).toBeVisible();
  } finally {
    await server.end();
  }
});

async function signInHere(page: import("@playwright/test").Page, username: string, password: string) {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("a wrong password and an unknown username get the same answer", async ({ page, server }) => {
  await page.goto(server.url);
  for (const username of ["ana", "nobody"]) {
    await signInHere(page, username, "wrong");
    await expect(page.getByRole("alert")).toHaveText("Wrong username or password.");
    await expect(page.getByLabel("Password")).toHaveValue("");
  }
});

test("a reload locks, the password unlocks, and signing out ends the session", async ({ ana, server }) => {
  const { page } = ana;
  await page.reload();
  await expect(page.getByRole("heading", { name: "Unlock" })).toBeVisible();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Unlock" }).click();
  await expect(ana.rows.first()).toBeVisible();
  const cookies = await page.context().cookies();
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: "Strict" });
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect.poll(async () => (await page.context().cookies()).length).toBe(0);
  // The old session is of no use to anyone who kept the cookie.
  await page.context().addCookies(cookies);
  await page.goto(server.url);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("five minutes without a sign of the person lock the keys", async ({ page, server }) => {
  await page.clock.install();
  await signIn(page, server, "ana");
  // The clock goes on by itself meanwhile.
  await page.clock.fastForward("04:00");
  await page.keyboard.press("Shift");
  await page.clock.fastForward("04:00");
  await expect(page.getByRole("heading", { name: /^Welcome/ })).toBeVisible();
  await page.clock.fastForward("01:10");
  await expect(page.getByRole("heading", { name: "Unlock" })).toBeVisible();
  await expect(page.getByText("Locked after 5 minutes")).toBeVisible();
});

test("the first sign of a person after the machine has slept locks the keys", async ({ page, server }) => {
  await page.clock.install();
  await signIn(page, server, "ana");
  // The time goes on, and no timer has had its turn yet.
  await page.clock.setSystemTime(Date.now() + 8 * 60 * 60 * 1000);
  await page.keyboard.press("Shift");
  await expect(page.getByRole("heading", { name: "Unlock" })).toBeVisible();
});

test("when the session ends elsewhere, the page says so and asks to sign in", async ({ ana }) => {
  await ana.page.context().clearCookies();
  // The page asks for the list again, where it has not asked for anything else by itself and knows it already.
  await ana.page.evaluate(() => document.querySelector<HTMLFormElement>("form[role=search]")?.requestSubmit());
  await expect(ana.page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(ana.page.getByText("You are signed out.")).toBeVisible();
});

test("what a browser sends and keeps holds no secret in clear", async ({ page, server }) => {
  const canary = "canary-5f1d9e";
  const sent: string[] = [];
  page.on("request", (request) => sent.push(request.url() + (request.postDataBuffer()?.toString("latin1") ?? "")));
  await signIn(page, server, "ana");
  const list = new List(page);
  await list.open();
  await page.getByRole("link", { name: "Add API secret" }).click();
  await page.getByLabel("Name").fill("Canary");
  await page.getByLabel("URL").fill("https://example.com");
  await page.getByLabel("Client ID").fill("client");
  await page.getByLabel("Client secret").fill(canary);
  await page.getByLabel("Notes").fill(canary);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").filter({ hasText: "API secret saved" })).toBeVisible();
  await expect(list.row("Canary")).toBeVisible();
  expect(sent.length).toBeGreaterThan(4);
  expect(sent.filter((request) => request.includes(canary) || request.includes(PASSWORD))).toEqual([]);
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie);
  expect(kept).toBe("{}");
});
