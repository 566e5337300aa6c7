import { defineConfig } from "@playwright/test";
import config from "./playwright.config";

// Pictures of every screen for the documentation: npx playwright test --config screens.config.ts
export default defineConfig({
  ...config,
  testDir: "screens",
  testMatch: "*.ts",
  reporter: "line",
  projects: config.projects!.filter(({ name }) => name === "chromium"),
  use: { ...config.use, trace: "off" },
});
