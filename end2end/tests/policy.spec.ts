import { expect, test } from "../fixtures/test";

// The service worker is a script as well.
test.use({ serviceWorkers: "allow" });

test("no text becomes markup that runs, and nothing of ours is refused", async ({ ana }) => {
  const { page } = ana;
  // What a policy refuses the browser says on its console.
  const refused: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted/.test(message.text())) refused.push(message.text());
  });
  await page.reload();
  await page.getByLabel("Password").fill("mysafe-demo");
  await page.getByRole("button", { name: "Unlock" }).click();
  for (const place of ["Home", "Groups", "API secrets"]) {
    await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: place }).click();
    await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeVisible();
  }
  await page.getByRole("link", { name: "Import" }).click();
  await expect(page.getByLabel("File")).toBeVisible();
  // The service worker is loaded as well.
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  expect(refused).toEqual([]);

  const set = (element: string, property: string, text: string) =>
    page.evaluate(
      ([element, property, text]) => {
        try {
          Object.assign(document.createElement(element), { [property]: text });
          return "set";
        } catch (error) {
          return (error as Error).name;
        }
      },
      [element, property, text],
    );
  expect(await set("div", "innerHTML", "<p>fine</p>")).toBe("set");
  expect(await set("div", "innerHTML", "<img src=x onerror='window.ran = true'>")).toBe("TypeError");
  expect(await set("script", "src", "/other.js")).toBe("TypeError");
  expect(await set("script", "text", "window.ran = true")).toBe("TypeError");
});
