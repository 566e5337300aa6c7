import type { Page } from "@playwright/test";
import { Server } from "../fixtures/server";
import { PASSWORD, expect, test } from "../fixtures/test";

/** Keeps the texts of Spanish back until the answer is called, which waits until the page has done with them what it does. */
async function holdSpanish(page: Page): Promise<() => Promise<void>> {
  let go = () => {};
  const held = new Promise<void>((done) => (go = done));
  await page.route("**/language-es.txt", async (route) => {
    await held;
    await route.continue();
  });
  return async () => {
    const late = page.waitForResponse("**/language-es.txt");
    go();
    await (await late).finished();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestIdleCallback(done, { timeout: 1000 }))));
  };
}

test.describe("a browser that prefers Portuguese", () => {
  test.use({ locale: "pt-BR" });

  test("shows everything in Portuguese, with its plurals, and shares", async ({ page, server }) => {
    await page.goto(server.url);
    await expect(page.locator("html")).toHaveAttribute("lang", "pt-BR");
    await page.getByLabel("Nome de usuário").fill("ana");
    await page.getByLabel("Senha").fill("not the password");
    await page.getByRole("button", { name: "Entrar", exact: true }).click();
    await expect(page.getByText("Nome de usuário ou senha incorretos.")).toBeVisible();
    await page.getByLabel("Senha").fill(PASSWORD);
    await page.getByRole("button", { name: "Entrar", exact: true }).click();
    await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "Segredos de API" }).click();
    const rows = page.getByRole("checkbox", { name: /^Selecionar (?!tudo)/ });
    await page.getByLabel("Proprietário").fill("Ana");
    await page.getByRole("combobox", { name: "Ativado" }).selectOption("Sim");
    await expect(rows.nth(1)).toBeVisible();
    await rows.nth(0).check();
    await expect(page.getByRole("status").filter({ hasText: "1 registro selecionado" })).toBeVisible();
    await rows.nth(1).check();
    await expect(page.getByRole("status").filter({ hasText: "2 registros selecionados" })).toBeVisible();
    await page.getByRole("toolbar").getByRole("button", { name: "Compartilhar", exact: true }).click();
    const question = page.getByRole("dialog", { name: "Confirmação" });
    await expect(question).toContainText("Tem certeza de que quer compartilhar 2 registros selecionados?");
    await question.getByRole("button", { name: "Sim" }).click();
    const share = page.getByRole("dialog", { name: "Compartilhar" });
    await share.getByRole("button", { name: "Compartilhar", exact: true }).click();
    await expect(share).toContainText("Escolha pelo menos uma pessoa ou um grupo.");
    await share.getByRole("combobox", { name: "Buscar usuários ou grupos" }).fill("carla");
    await share.getByRole("option").first().click();
    await expect(share.getByRole("status").filter({ hasText: "2 registros com 1 pessoa." })).toBeVisible();
    await share.getByRole("button", { name: "Compartilhar", exact: true }).click();
    await expect(page.getByText("Compartilhado. Agora os usuários podem usar este item compartilhado")).toBeVisible();
  });
});

test("a language is chosen under My account: all is in it at once, and from then on", async ({ ana }) => {
  const { page } = ana;
  await page.getByRole("link", { name: "Ana Lima" }).click();
  await page.getByLabel("Language").selectOption("Español");
  await expect(page.getByRole("heading", { level: 1, name: "Mi cuenta" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await expect(page.getByLabel("Idioma")).toHaveValue("es");
  await expect(page.getByLabel("Idioma")).toBeFocused();
  // Still unlocked: the list is there.
  await page.getByRole("link", { name: "Secretos de API" }).click();
  await expect(page.getByRole("table", { name: "Secretos de API" })).toBeVisible();
  await page.reload();
  await page.getByLabel("Contraseña").fill(PASSWORD);
  await page.getByRole("button", { name: "Desbloquear" }).click();
  await page.getByRole("link", { name: "Ana Lima" }).click();
  await page.getByLabel("Idioma").selectOption("English");
  await expect(page.getByRole("heading", { level: 1, name: "My account" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});

test("a language whose texts cannot be had is not chosen, and whoever chose it is told", async ({ ana }) => {
  const { page } = ana;
  await page.route("**/language-es.txt", (route) => route.abort());
  await page.getByRole("link", { name: "Ana Lima" }).click();
  await page.getByLabel("Language").selectOption("Español");
  await expect(page.getByRole("alert")).toContainText("The texts of this language could not be loaded. Try again.");
  await expect(page.getByLabel("Language")).toHaveValue("en");
  await page.unroute("**/language-es.txt");
  await page.reload();
  await expect(page.getByRole("button", { name: "Unlock" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});

test("of two languages chosen one after the other the last is shown, whichever comes last", async ({ ana }) => {
  const { page } = ana;
  const answer = await holdSpanish(page);
  await page.getByRole("link", { name: "Ana Lima" }).click();
  await page.getByLabel("Language").selectOption("Español");
  await page.getByLabel("Language").selectOption("Português (Brasil)");
  await expect(page.getByRole("heading", { level: 1, name: "Minha conta" })).toBeVisible();
  await answer();
  await expect(page.locator("html")).toHaveAttribute("lang", "pt-BR");
  await page.reload();
  await expect(page.getByRole("button", { name: "Desbloquear" })).toBeVisible();
});

test("what is written meanwhile is not lost to a language that comes late", async ({ ana }) => {
  const { page } = ana;
  const answer = await holdSpanish(page);
  await page.getByRole("link", { name: "Ana Lima" }).click();
  await page.getByLabel("Language").selectOption("Español");
  await ana.open();
  await page.getByRole("link", { name: "Add API secret" }).click();
  await page.getByLabel("Client secret").fill("typed with care");
  await answer();
  await expect(page.getByLabel("Client secret")).toHaveValue("typed with care");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});

test.describe("a browser without the texts of its language", () => {
  test.use({ locale: "es-MX" });

  test("shows English", async ({ page }) => {
    const server = await Server.empty();
    await page.route("**/language-es.txt", (route) => route.abort());
    await page.goto(server.url);
    await expect(page.getByLabel("Set-up code")).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await server.end();
  });
});
