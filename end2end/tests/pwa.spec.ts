import { lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type Page, chromium } from "@playwright/test";
import { Build } from "../fixtures/build";
import { addSecret, read } from "../fixtures/people";
import { Server } from "../fixtures/server";
import { List, PASSWORD, test as base, expect, signIn } from "../fixtures/test";

type Fixtures = {
  /** The folder of a browser's profile. */
  profile: string;
  /** The browser with that profile: in private windows, as the other tests have them, nothing can be installed. */
  installer: BrowserContext;
  /** A build that the test changes, and a server of it. */
  build: Build;
  served: Server;
};

const test = base.extend<Fixtures>({
  profile: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "mysafe-profile-"));
    await use(folder);
    // Its last processes may still write for a moment.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  },
  installer: async ({ profile, launchOptions }, use) => {
    const context = await chromium.launchPersistentContext(profile, launchOptions);
    await use(context);
    await context.close();
  },
  build: async ({}, use) => {
    const build = new Build();
    await use(build);
    build.end();
  },
  served: async ({ build }, use) => {
    const server = await Server.demo({ MYSAFE_ASSETS: build.folder });
    await use(server);
    await server.end();
  },
});

test.use({ serviceWorkers: "allow" });

/** Waits until all files of the build are kept in the browser, and this page follows what comes after it. */
async function isKept(page: Page) {
  await expect(page.locator('.update[data-looks="true"]')).toBeAttached();
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
}

/** Somebody comes back to the page. */
async function comeBack(page: Page) {
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
}

const newer = (page: Page) => page.getByText("A new version of MySafe is here.");

test("Chromium finds nothing that keeps MySafe from being installed", async ({ installer, server }) => {
  const page = await installer.newPage();
  await page.goto(server.url);
  await isKept(page);
  const devtools = await installer.newCDPSession(page);
  expect(await devtools.send("Page.getInstallabilityErrors")).toEqual({ installabilityErrors: [] });
  const { url, errors, data } = await devtools.send("Page.getAppManifest");
  expect([url, errors]).toEqual([`${server.url}/manifest.webmanifest`, []]);
  const manifest = JSON.parse(data!);
  const shortcuts = manifest.shortcuts.map(({ name, url }: { name: string; url: string }) => [name, url]);
  expect(shortcuts).toEqual([["API secrets", "/secrets"], ["Add API secret", "/secrets/new"]]);
  // Every picture is there, in the size that is said of it.
  for (const { src, sizes } of [...manifest.icons, ...manifest.screenshots]) {
    const size = await page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return `${image.naturalWidth}x${image.naturalHeight}`;
    }, src);
    expect(size, src).toBe(sizes);
  }
});

test("without a network MySafe starts, and says what needs the server", async ({ page, server }) => {
  await signIn(page, server, "ana");
  await isKept(page);
  await page.context().setOffline(true);
  await page.goto(`${server.url}/secrets`);
  const heading = page.getByRole("heading", { name: "No connection" });
  await expect(heading).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("your API secrets, sharing and signing in need the server");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(heading).toBeVisible();
  await page.context().setOffline(false);
  await expect(page.getByRole("heading", { name: "Unlock" })).toBeVisible();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Unlock" }).click();
  await expect(new List(page).rows.first()).toBeVisible();
});

test("a server that is down is no blank page either", async ({ page, server }) => {
  await page.goto(server.url);
  await isKept(page);
  await server.stop();
  await page.reload();
  await expect(page.getByRole("heading", { name: "No connection" })).toBeVisible();
  await server.start();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("a new version waits for the person's word, and open pages keep their own until then", async ({ page, context, build, served }) => {
  await signIn(page, served, "ana");
  await isKept(page);
  const other = await context.newPage();
  await other.goto(served.url);
  await isKept(other);
  build.change("MySafe, newer");
  await comeBack(page);
  await expect(newer(page)).toBeVisible();
  await expect(newer(other)).toBeVisible();

  // What this page has not loaded yet is still of its own build.
  build.dropChunks();
  await page.getByRole("link", { name: "Ana Lima" }).click();
  await expect(page.getByRole("heading", { name: "My account" })).toBeVisible();
  await page.getByRole("button", { name: "Not now" }).click();
  await expect(newer(page)).toHaveCount(0);
  await expect(page).toHaveTitle("MySafe");
  await comeBack(page);
  await page.getByRole("button", { name: "Reload" }).click();
  await expect(page).toHaveTitle("MySafe, newer");
  await expect(page.getByRole("heading", { name: "Unlock" })).toBeVisible();
  await isKept(page);
  await expect(newer(page)).toHaveCount(0);

  // Nobody said anything in the other tab: what is written there stays, and it can be reloaded as well.
  await expect(other).toHaveTitle("MySafe");
  await expect(newer(other)).toBeVisible();
  await other.getByRole("button", { name: "Reload" }).click();
  await expect(other).toHaveTitle("MySafe, newer");
});

test("who reloads the page by themselves has the new version, also without a network", async ({ page, build, served }) => {
  await page.goto(served.url);
  await isKept(page);
  build.change("MySafe, newer");
  await comeBack(page);
  await expect(newer(page)).toBeVisible();
  await page.reload();
  await expect(page).toHaveTitle("MySafe, newer");
  await isKept(page);
  await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration())?.waiting === null);
  await expect(newer(page)).toHaveCount(0);
  await page.context().setOffline(true);
  await page.reload();
  await expect(page.getByRole("heading", { name: "No connection" })).toBeVisible();
  await expect(page).toHaveTitle("MySafe, newer");
});

test("a way back to an earlier build, and on to a later one, keeps what is in use and what was before", async ({ page, build, served }) => {
  await page.goto(served.url);
  await isKept(page);
  for (const title of ["MySafe, newer", "MySafe", "MySafe, newest"]) {
    build.change(title);
    await comeBack(page);
    await expect(newer(page)).toBeVisible();
    await page.getByRole("button", { name: "Reload" }).click();
    await expect(page).toHaveTitle(title);
    await isKept(page);
  }
  const titles = await page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("mysafe-"));
    const pages = names.map(async (cacheName) => (await caches.match("/", { cacheName, ignoreVary: true }))!.text());
    return (await Promise.all(pages)).map((page) => /<title>([^<]*)/.exec(page)![1]);
  });
  expect(titles.sort()).toEqual(["MySafe", "MySafe, newest"]);
});

test("a secret that was opened is in nothing that the browser keeps, and not in its profile after sign-out", async ({ installer, profile, server }) => {
  const canary = "canary-8e2b61";
  const page = await installer.newPage();
  await signIn(page, server, "ana");
  await isKept(page);
  await addSecret(page, "Canary API", canary);
  await read(page, "Canary API", canary);
  const kept = await page.evaluate(async (canary) => {
    const paths: string[] = [];
    let found = JSON.stringify({ ...localStorage, ...sessionStorage }).includes(canary);
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        paths.push(new URL(request.url).pathname);
        const answer = await cache.match(request, { ignoreVary: true });
        found ||= (await answer!.text()).includes(canary);
      }
    }
    return { paths, found, databases: (await indexedDB.databases()).map(({ name }) => name) };
  }, canary);
  expect(kept).toMatchObject({ found: false, databases: [] });
  // The files of the build and when it began to be used, and nothing else.
  expect(kept.paths).toContain("/");
  expect(kept.paths.filter((path) => !/^\/$|^\/icon\.svg$|^\/used-since$|^\/language-[\w-]+\.txt$|-[0-9a-f]{13,16}[^/]*\.(css|js|wasm)$/.test(path))).toEqual([]);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await installer.close();

  const files = readdirSync(profile, { recursive: true }).map((name) => join(profile, name as string)).filter((path) => lstatSync(path).isFile());
  const having = (text: string) => {
    const forms = [Buffer.from(text), Buffer.from(text, "utf16le")];
    return files.filter((path) => forms.some((form) => readFileSync(path).includes(form)));
  };
  // What is there is found.
  expect(having(new URL(server.url).host)).not.toEqual([]);
  expect([...having(canary), ...having(PASSWORD)]).toEqual([]);
});

test("the icon says how much is new, while the keys are open", async ({ page, server, visit }) => {
  await page.addInitScript(() => {
    const badges: number[] = [];
    Object.assign(globalThis, { badges });
    navigator.setAppBadge = async (count) => void badges.push(count!);
  });
  const badge = () => page.evaluate(() => (globalThis as unknown as { badges: number[] }).badges.at(-1));
  await signIn(page, server, "bruno");
  await new List(page).open();
  const link = page.getByRole("link", { name: /^New items/ });
  const before = Number(/\d+/.exec(await link.innerText())?.[0] ?? 0);
  await expect.poll(badge).toBe(before);
  const ana = new List(await visit("ana"));
  await ana.open();
  await addSecret(ana.page, "Ledger API", "ledger value");
  await ana.select("Ledger API");
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect.poll(badge).toBe(before + 1);
  await page.getByRole("button", { name: "Lock" }).click();
  await expect.poll(badge).toBe(0);
});
