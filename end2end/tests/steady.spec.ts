import { List, expect, signIn, test } from "../fixtures/test";

// What somebody has just pressed may move the rest; what comes later may not. Only Chromium tells.
test("nothing jumps on the way from the sign-in to a share", async ({ page, server }) => {
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
  const [name] = await ana.shareable("Ana Lima", 1);
  await ana.select(name);
  await expectSteady("list");
  const dialog = await ana.share();
  await ana.pick("bruno", /Bruno/);
  await expect(dialog.getByRole("status").filter({ hasText: "1 record with 1 person" })).toBeVisible();
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await expect(page.getByText("Shared. Now users can use this shared item")).toBeVisible();
  await expect(ana.row(name)).toContainText("Yes");
  await expectSteady("share");
  for (const link of ["Groups", "Home"]) {
    await page.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: link }).click();
    await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeVisible();
    await expectSteady(link);
  }
});
