import { PASSWORD, expect, signIn, test } from "../fixtures/test";
import { codeFor, earlyInStep } from "../fixtures/totp";

test("a code of an app is asked for beside the password, and counts once", async ({ ana, server, browser }) => {
  const { page } = ana;
  await page.getByRole("link", { name: "Ana Lima" }).click();
  const section = page.getByRole("region", { name: "Second step at sign-in" });
  await section.getByLabel("Password to set this up").fill("not the password");
  await section.getByRole("button", { name: "Set up" }).click();
  await expect(section.getByRole("alert")).toContainText("password");
  await section.getByLabel("Password to set this up").fill(PASSWORD);
  await section.getByRole("button", { name: "Set up" }).click();
  await expect(section.getByRole("img", { name: "QR picture of the key" })).toBeVisible();
  const key = (await section.locator("code").textContent())!;
  await section.getByLabel("Code").fill("000 000");
  await section.getByRole("button", { name: "Turn on" }).click();
  await expect(section.getByRole("alert")).toContainText("This code is not right");
  // The server takes the codes of a step before and after, so that clocks may differ.
  await earlyInStep();
  const used = codeFor(key, -1);
  await section.getByLabel("Code").fill(used);
  await section.getByRole("button", { name: "Turn on" }).click();
  await expect(section.getByText("It is on.")).toBeVisible();

  // Unlocking asks for the password alone.
  await page.getByRole("button", { name: "Lock" }).click();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Unlock" }).click();
  await expect(page.getByRole("button", { name: "Lock" })).toBeVisible();

  const other = await (await browser.newContext()).newPage();
  await other.goto(server.url);
  await other.getByLabel("Username").fill("ana");
  await other.getByLabel("Password").fill(PASSWORD);
  await other.getByRole("button", { name: "Sign in" }).click();
  const form = other.getByRole("form", { name: "Enter the code" });
  await expect(form.getByLabel("Code")).toBeFocused();
  await form.getByLabel("Code").fill(used);
  await form.getByRole("button", { name: "Sign in" }).click();
  await expect(form.getByRole("alert")).toContainText("was used already");
  await form.getByLabel("Code").fill(codeFor(key));
  await form.getByRole("button", { name: "Sign in" }).click();
  await expect(other.getByRole("heading", { name: /^Welcome/ })).toBeVisible();

  await page.getByRole("link", { name: "Ana Lima" }).click();
  await section.getByLabel("Code").fill(codeFor(key, 1));
  await section.getByRole("button", { name: "Turn off" }).click();
  await expect(section.getByRole("button", { name: "Set up" })).toBeVisible();
  await signIn(await (await browser.newContext()).newPage(), server, "ana");
});
