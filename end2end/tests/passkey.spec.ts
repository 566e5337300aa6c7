import type { Page } from "@playwright/test";
import type { Server } from "../fixtures/server";
import { PASSWORD, expect, signIn, test } from "../fixtures/test";

/** An authenticator of the browser's own, such as a laptop has one; `prf` says whether it gives something for the keys. */
async function addAuthenticator(page: Page, prf: boolean) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf: prf,
    },
  });
}

/** Signs in as Ana where MySafe has a name: passkeys belong to one, and not to the number that the other tests open. */
async function openAccount(page: Page, server: Server) {
  server.url = server.url.replace("127.0.0.1", "localhost");
  await signIn(page, server, "ana");
  await page.getByRole("link", { name: "Ana Lima" }).click();
}

/** Adds a passkey on the page of one's account. */
async function addPasskey(page: Page, name: string) {
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a passkey" });
  await dialog.getByLabel("Name of the passkey").fill(name);
  await dialog.getByLabel("Confirm with your password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  return dialog;
}

const row = (page: Page, name: string) =>
  page.getByRole("table", { name: "Passkeys" }).getByRole("row").filter({ has: page.getByRole("rowheader", { name }) });

test("a passkey is asked for at sign-in, and unlocks without the password", async ({ page, server, browser }) => {
  await openAccount(page, server);
  await addAuthenticator(page, true);
  const sent: (Buffer | null)[] = [];
  page.on("request", (request) => sent.push(request.postDataBuffer()));

  const dialog = await addPasskey(page, "Laptop");
  await expect(dialog).toBeHidden();
  await expect(row(page, "Laptop").getByRole("cell", { name: "Yes", exact: true })).toBeVisible();
  // What the passkey gives for the keys stays in the browser: the answers that were sent name no results of extensions.
  const answers = sent.map((body) => body?.toString("latin1") ?? "").filter((body) => body.includes("attestationObject"));
  expect(answers).toHaveLength(1);
  expect(answers[0]).not.toMatch(/clientExtensionResults|prf/);

  await page.getByRole("button", { name: "Lock", exact: true }).click();
  await page.getByRole("button", { name: "Unlock with a passkey" }).click();
  await expect(page.getByRole("button", { name: "Lock", exact: true })).toBeVisible();
  // The keys are open: a secret can be read.
  await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "API secrets" }).click();
  await page.getByRole("link", { name: /^View API secret/ }).first().click();
  await page.getByRole("button", { name: "Show client secret" }).click();
  await expect(page.getByRole("button", { name: "Hide client secret" })).toBeVisible();

  // A reload asks again, and the passkey will do.
  await page.reload();
  await page.getByRole("button", { name: "Unlock with a passkey" }).click();
  await expect(page.getByRole("button", { name: "Lock", exact: true })).toBeVisible();

  // At the sign-in the password alone is not enough, and in a browser without the passkey nothing is.
  const signInForm = async (at: Page) => {
    await at.goto(server.url);
    await at.getByLabel("Username").fill("ana");
    await at.getByLabel("Password").fill(PASSWORD);
    await at.getByRole("button", { name: "Sign in" }).click();
    await expect(at.getByRole("heading", { name: "Show that it is you" })).toBeVisible();
    await expect(at.getByRole("button", { name: "Use your passkey" })).toBeFocused();
  };
  const other = await (await browser.newContext()).newPage();
  await signInForm(other);
  await addAuthenticator(other, true);
  await other.getByRole("button", { name: "Use your passkey" }).click();
  await expect(other.getByRole("alert")).toContainText("No passkey was used");
  await page.getByRole("button", { name: "Sign out" }).click();
  await signInForm(page);
  await page.getByRole("button", { name: "Use your passkey" }).click();
  await expect(page.getByRole("heading", { name: /^Welcome/ })).toBeVisible();

  await page.getByRole("link", { name: "Ana Lima" }).click();
  await page.getByRole("button", { name: "Remove Laptop" }).click();
  const removing = page.getByRole("dialog", { name: "Remove Laptop" });
  await removing.getByLabel("Confirm with your password").fill("not the password");
  await removing.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(removing.getByRole("alert")).toContainText("password");
  await removing.getByLabel("Confirm with your password").fill(PASSWORD);
  await removing.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(removing).toBeHidden();
  await expect(page.getByRole("table", { name: "Passkeys" })).toBeHidden();
  await signIn(await (await browser.newContext()).newPage(), server, "ana");
});

test("an authenticator that gives nothing for the keys is a second step alone", async ({ page, server }) => {
  await openAccount(page, server);
  await addAuthenticator(page, false);
  await expect(await addPasskey(page, "Old key")).toBeHidden();
  await expect(row(page, "Old key").getByRole("cell", { name: "No", exact: true })).toBeVisible();
  // There is one for MySafe on it already.
  const dialog = await addPasskey(page, "Old key again");
  await expect(dialog.getByRole("alert")).toContainText("already");
  await dialog.getByRole("button", { name: "Cancel" }).click();

  await page.getByRole("button", { name: "Lock", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Unlock" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Unlock with a passkey" })).toBeHidden();
  await page.getByRole("button", { name: "Sign in as somebody else" }).click();
  await page.getByLabel("Username").fill("ana");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Use your passkey" }).click();
  await expect(page.getByRole("heading", { name: "My account" })).toBeVisible();
});

test("where MySafe has no name, the page says where passkeys are", async ({ ana, server }) => {
  await ana.page.getByRole("link", { name: "Ana Lima" }).click();
  const section = ana.page.getByRole("region", { name: "Passkeys" });
  await expect(section.getByRole("link", { name: server.url.replace("127.0.0.1", "localhost") })).toBeVisible();
  await expect(section.getByRole("button", { name: "Add a passkey" })).toBeHidden();
});
