import { By, type WebDriver, until } from "selenium-webdriver";
import { PASSWORD, expect, serverTest as test } from "../fixtures/test";
import { WebKit } from "../fixtures/webkit";

const WAIT = 20_000;

/** The field of a label that names it or has it inside. */
const labelled = (label: string) => {
  const named = `//label[normalize-space() = "${label}" or span[normalize-space() = "${label}"]]`;
  return By.xpath(`//*[@id = ${named}/@for] | ${named}//input | ${named}//select`);
};
const named = (label: string) => By.css(`[aria-label="${label}"]`);
const button = (text: string, within = "") => By.xpath(`${within}//button[normalize-space() = "${text}"]`);
const link = (text: string) => By.xpath(`//nav//a[normalize-space() = "${text}"]`);
const dialog = (title: string) => `//dialog[@open][.//h2[normalize-space() = "${title}"]]`;
const saying = (text: string) => By.xpath(`//*[contains(normalize-space(text()), "${text}")]`);

/** What is there and can be seen. */
async function see(driver: WebDriver, by: By) {
  const element = await driver.wait(until.elementLocated(by), WAIT);
  return driver.wait(until.elementIsVisible(element), WAIT);
}

async function press(driver: WebDriver, by: By) {
  const element = await see(driver, by);
  await driver.wait(until.elementIsEnabled(element), WAIT);
  await element.click();
}

async function signIn(driver: WebDriver, url: string, username: string) {
  await driver.get(url);
  await (await see(driver, labelled("Username"))).sendKeys(username);
  await (await see(driver, labelled("Password"))).sendKeys(PASSWORD);
  await press(driver, button("Sign in"));
  await see(driver, saying("Welcome, "));
}

test("the main job is done in WebKit", async ({ server }) => {
  test.setTimeout(120_000);
  const webkit = await WebKit.start();
  const { driver } = webkit;
  try {
    await signIn(driver, server.url, "ana");
    await press(driver, link("API secrets"));
    await press(driver, named("Select all"));
    await see(driver, saying(" records selected"));
    await press(driver, named("Select all"));
    await see(driver, saying("0 records selected"));
    // Two of Ana's that are enabled and not shared yet.
    await (await see(driver, labelled("Owner"))).sendKeys("Ana Lima");
    for (const [filter, value] of [["Shared", "No"], ["Enabled", "Yes"]]) {
      await (await see(driver, labelled(filter))).findElement(By.xpath(`./option[normalize-space() = "${value}"]`)).click();
    }
    await see(driver, saying("Owner"));
    const boxes = await driver.findElements(By.css('tbody input[type="checkbox"]'));
    const name = (await boxes[0].getAttribute("aria-label"))!.replace("Select ", "");
    for (const box of boxes.slice(0, 2)) await box.click();
    await see(driver, saying("2 records selected"));

    await press(driver, button("Share", '//*[@role="toolbar"]'));
    await see(driver, By.xpath(`${dialog("Confirmation")}//*[contains(text(), "share the 2 records selected?")]`));
    await press(driver, button("Yes", dialog("Confirmation")));
    await (await see(driver, named("Search users or groups"))).sendKeys("bruno");
    await press(driver, By.xpath('//*[@role="option"][contains(., "Bruno Souza")]'));
    await press(driver, button("Share", dialog("Share")));
    await see(driver, saying("Shared. Now users can use this shared item"));

    // Bruno opens one of them, in the same browser.
    await press(driver, button("Sign out"));
    await signIn(driver, server.url, "bruno");
    await press(driver, link("API secrets"));
    await press(driver, named(`View API secret ${name}`));
    await press(driver, button("Show client secret"));
    const secret = await see(driver, By.css('code.secret[data-shown="true"]'));
    expect((await secret.getText()).length).toBeGreaterThan(8);
    expect(await secret.getText()).not.toContain("•");
  } finally {
    await webkit.end();
  }
});
