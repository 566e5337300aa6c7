import { List, expect, signIn, test } from "../fixtures/test";

// What somebody has just pressed may move the rest; what comes later may not. Only Chromium tells.
test("nothing jumps from the sign-in to what is ticked in the list, and on other pages", async ({ page, server }) => {
  await page.addInitScript(() => {
    const shifts: string[] = [];
    const total = { value: 0, shifts };
    Object.assign(window, { total });
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Element }[] };
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries() as Shift[]) {
        if (hadRecentInput) continue;
        total.value += value;
        shifts.push(`${value.toFixed(4)} of ${sources.map(({ node }) => node?.outerHTML?.slice(0, 80)).join(", ")}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  const expectSteady = async (where: string) => {
    // They are told of after the frame that they are about.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(done)))));
    const { value, shifts } = await page.evaluate(() => (window as unknown as { total: { value: number; shifts: string[] } }).total);
    expect(value, `${where}: ${shifts.join("; ")}`).toBeLessThan(0.01);
  };
  const ana = new List(page);
  await signIn(page, server, "ana");
  await expect(page.getByRole("link", { name: "Help" })).toBeVisible();
  await expectSteady("sign-in");
  await ana.open();
  await expectSteady("list");
  // Without the filter: rows that go and come by it move on purpose, on a slow machine a while after the press.
  const own = ana.rows.and(page.locator("tr:not(.disabled)")).filter({ hasText: "Ana Lima" }).first();
  const name = (await own.getByRole("rowheader").textContent())!;
  await ana.select(name);
  await expectSteady("ticked");
  for (const link of ["Groups", "Home"]) {
    await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: link }).click();
    await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeVisible();
    await expectSteady(link);
  }
});
