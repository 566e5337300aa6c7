import { defineConfig } from "@playwright/test";
import config from "./playwright.config";

export default defineConfig({
  ...config,
  testDir: "bench",
  testMatch: "*.ts",
  globalSetup: undefined,
  workers: 1,
  timeout: 15 * 60_000,
  reporter: "line",
  projects: config.projects!.filter(({ name }) => name === "chromium"),
  use: { ...config.use, trace: "off" },
});
