import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { defineConfig, devices } from "@playwright/test";

// The system's browsers where there are any, else Playwright's own: as scripts/setup.sh has it.
const system = (name: string) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)).find(existsSync);
const firefox = system("firefox-esr");

export default defineConfig({
  testDir: "tests",
  globalSetup: "./fixtures/demo.ts",
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  // Generous: two cores may be busy with four browsers and two servers, and with whatever else there is. A test that waits in vain fails late, and no other does.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  // Of Chromium alone.
  snapshotPathTemplate: "{testDir}/pictures/{arg}{ext}",
  reporter: [["list"], ["json", { outputFile: "test-results/report.json" }]],
  // The service worker would load every chunk in every test; those that are about it let it in.
  use: { trace: "retain-on-failure", actionTimeout: 40_000, serviceWorkers: "block" },
  projects: [
    {
      name: "chromium",
      testIgnore: "webkit.spec.ts",
      use: {
        ...devices["Desktop Chrome"],
        launchOptions: {
          executablePath: system("chromium"),
          args: [
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-quic",
            "--no-first-run",
          ],
        },
      },
    },
    {
      name: "firefox",
      // With several people, each with windows of their own, it takes two to three times as long as Chromium.
      timeout: 480_000,
      testMatch: ["main-job.spec.ts", "account.spec.ts", "group.spec.ts", "files.spec.ts"],
      // Of downloads its driver says nothing; it makes no event of pasting, and no slow machine.
      grepInvert: /are exported, and come back by an import|removing somebody from a large group/,
      // Playwright's own Firefox speaks its own protocol; the system's is driven by WebDriver BiDi.
      use: {
        ...devices["Desktop Firefox"],
        channel: firefox && "moz-firefox",
        launchOptions: { executablePath: firefox },
      },
    },
    ...(system("WebKitWebDriver") ? [{ name: "webkit", testMatch: "webkit.spec.ts" }] : []),
  ],
});
