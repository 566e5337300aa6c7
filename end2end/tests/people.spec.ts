import { MailServer } from "../fixtures/mail";
import { JOINED, addSecret, counted, expectSignedOut, findPerson, found, invite, join, openPeople, proveAgain } from "../fixtures/people";
import { Server } from "../fixtures/server";
import { List, PASSWORD, expect, test } from "../fixtures/test";

test("a team of five comes together from an empty organization and shares at once", async ({ page, browser }) => {
  const server = await Server.empty();
  try {
    await found(page, server);
    await openPeople(page);
    const signed = counted(page, "sign_entry");
    const links: Record<string, string> = {};
    for (const username of ["bruno", "carla", "dora", "emil"]) {
      links[username] = await invite(page, username, username === "bruno" ? "Administrator" : "Member");
    }
    await expect(page.getByRole("status").filter({ hasText: "5 people" })).toBeVisible();
    await expect(page.getByRole("row", { name: /carla@example.com/ })).toContainText("Invited until");

    const bruno = await join(browser, links.bruno, "Bruno Costa");
    const carla = await join(browser, links.carla, "Carla Diaz");
    await join(browser, links.dora, "Dora Engel");
    // Emil has not joined: he is found and cannot be picked. Carla just has, and shares at once, before any administrator saw her keys.
    await addSecret(carla, "Carla's API", "carla's value");
    const list = new List(carla);
    await list.open();
    await list.select("Carla's API");
    const dialog = await list.share();
    await dialog.getByRole("combobox", { name: "Search users or groups" }).fill("emil");
    await expect(dialog.getByRole("option", { name: /emil/ })).toHaveAttribute("aria-disabled", "true");
    await list.pick("bruno", /Bruno Costa/);
    await list.pick("dora", /Dora Engel/);
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await expect(carla.getByText("Shared. Now users can use this shared item")).toBeVisible();

    await bruno.getByRole("navigation", { name: "MySafe" }).getByRole("link", { name: "API secrets" }).click();
    await bruno.getByRole("button", { name: "Filter" }).click();
    await bruno.getByRole("link", { name: "View API secret Carla's API" }).click();
    await bruno.getByRole("button", { name: "Show" }).click();
    await expect(bruno.getByText("carla's value")).toBeVisible();

    // Olga's browser signs everyone's keys, at the latest when it is opened next.
    await page.reload();
    await page.getByLabel("Password").fill(JOINED);
    await page.getByRole("button", { name: "Unlock" }).click();
    await expect.poll(signed, { timeout: 120_000 }).toBeGreaterThanOrEqual(3);
  } finally {
    await server.end();
  }
});

test("a link is of use once, and not after a newer one", async ({ page, browser }) => {
  const server = await Server.empty();
  try {
    await found(page, server);
    await openPeople(page);
    const first = await invite(page, "bruno");
    await page.getByRole("button", { name: "Manage bruno" }).click();
    await page.getByRole("dialog", { name: "bruno" }).getByRole("button", { name: "Make a new invitation" }).click();
    const dialog = page.getByRole("dialog", { name: "Invite a person" });
    await dialog.getByRole("button", { name: "Invite", exact: true }).click();
    await proveAgain(page);
    const second = await dialog.getByLabel("Invitation link").inputValue();
    expect(second).not.toBe(first);

    const other = await (await browser.newContext()).newPage();
    const ended = "This invitation is not valid";
    for (const link of [first, `${server.url}/invitation#0000`, `${server.url}/invitation`]) {
      await other.goto("about:blank");
      await other.goto(link);
      await expect(other.getByRole("alert")).toContainText(ended);
    }
    const bruno = await join(browser, second, "Bruno Costa");
    // The secret does not stay in the address.
    expect(new URL(bruno.url()).hash).toBe("");
    await other.goto("about:blank");
    await other.goto(second);
    await expect(other.getByRole("alert")).toContainText(ended);
    await other.getByRole("button", { name: "To the sign-in" }).click();
    await expect(other.getByRole("heading", { name: "Sign in" })).toBeVisible();
  } finally {
    await server.end();
  }
});

test("administrators change roles and disable people, but not the last of themselves", async ({ page, server, visit }) => {
  const bruno = await visit("bruno");
  await expect(bruno.getByRole("link", { name: "People" })).toHaveCount(0);
  await page.goto(server.url);
  await page.getByLabel("Username").fill("admin");
  await page.getByLabel("Password").fill("mysafe-demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  await openPeople(page);
  await findPerson(page, "admin@");
  const act = async (name: string, action: string) => {
    await page.getByRole("button", { name: `Manage ${name}` }).click();
    await page.getByRole("dialog", { name }).getByRole("button", { name: action }).click();
  };
  const admin = (await page.getByRole("table", { name: "People" }).getByRole("rowheader").first().textContent())!;
  await act(admin, "Make member");
  // A session is not enough for that: whoever sits down at an open browser makes nobody an administrator.
  const proof = page.getByRole("dialog", { name: "Show that it is you" });
  await expect(proof.getByLabel("Password")).toBeFocused();
  await proof.getByLabel("Password").fill("guessed");
  await page.keyboard.press("Enter");
  await expect(proof.getByRole("alert")).toHaveText("This is not your current password.");
  await page.keyboard.press("Escape");
  await expect(proof).toHaveCount(0);
  await expect(page.getByRole("dialog", { name: admin }).getByRole("alert")).toHaveText("Cancelled.");
  await page.getByRole("dialog", { name: admin }).getByRole("button", { name: "Make member" }).click();
  await proveAgain(page, PASSWORD);
  await expect(page.getByRole("alert")).toContainText("last administrator");
  await page.getByRole("dialog", { name: admin }).getByRole("button", { name: "Close" }).click();

  await findPerson(page, "bruno@");
  const row = page.getByRole("row", { name: /bruno@/ });
  await expect(row).toContainText("Member");
  const name = (await row.getByRole("rowheader").textContent())!;
  const handedOver = counted(page, "complete_group");
  await act(name, "Make administrator");
  await expect(row).toContainText("Administrator");
  const signIn = async () => {
    await expectSignedOut(bruno);
    await bruno.getByLabel("Username").fill("bruno");
    await bruno.getByLabel("Password").fill("mysafe-demo");
    await bruno.getByRole("button", { name: "Sign in" }).click();
  };
  // Whatever page he has open.
  await act(name, "Sign out everywhere");
  await expect(page.getByText(`${name} is signed out everywhere`)).toBeVisible();
  await signIn();
  await expect(bruno.getByRole("heading", { name: /^Welcome/ })).toBeVisible();

  await act(name, "Disable");
  await expect(row).toContainText("Disabled");
  // His browser hears of it.
  await signIn();
  await expect(bruno.getByRole("alert")).toHaveText("Wrong username or password.");
  await act(name, "Enable");
  await expect(row).toContainText("Active");
  await bruno.getByLabel("Password").fill("mysafe-demo");
  await bruno.getByRole("button", { name: "Sign in" }).click();
  await expect(bruno.getByRole("link", { name: "People" })).toBeVisible();

  // The other administrator's browser hands him the keys of user groups, and gives those new ones once he is an administrator no more.
  const unlock = async () => {
    await page.reload();
    await page.getByLabel("Password").fill("mysafe-demo");
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    await findPerson(page, "bruno@");
  };
  await unlock();
  await expect.poll(handedOver, { timeout: 120_000 }).toBeGreaterThan(0);
  const renewed = counted(page, "remove_members");
  await act(name, "Make member");
  // Another session: it is asked for again.
  await proveAgain(page, PASSWORD);
  await expect(row).toContainText("Member");
  await unlock();
  await expect.poll(renewed, { timeout: 120_000 }).toBeGreaterThan(0);
});

test("an invitation is mailed to the one who is invited, where there is a mail server", async ({ page, browser }) => {
  const mail = await MailServer.start();
  const server = await Server.empty({ MYSAFE_SMTP: mail.url, MYSAFE_MAIL_FROM: "MySafe <mysafe@example.com>" });
  try {
    await found(page, server);
    await openPeople(page);
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Invite a person" });
    await dialog.getByLabel("Email").fill("bruno@example.com");
    await dialog.getByLabel("Username").fill("bruno");
    await dialog.getByRole("button", { name: "Invite", exact: true }).click();
    await dialog.getByRole("button", { name: "Mail it to bruno@example.com" }).click();
    await expect(page.getByText("Invitation mailed to bruno@example.com")).toBeVisible();
    expect(mail.mails).toHaveLength(1);
    const [{ to, text }] = mail.mails;
    expect(to).toEqual(["bruno@example.com"]);
    expect(text).toContain("Subject: Join Acme on MySafe");
    const link = /http:\/\/\S+\/invitation#\S+/.exec(text)![0];
    await join(browser, link, "Bruno Costa");

    // A mail server that is gone loses nothing: the link is still there to copy.
    await mail.end();
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    await dialog.getByLabel("Email").fill("carla@example.com");
    await dialog.getByLabel("Username").fill("carla");
    await dialog.getByRole("button", { name: "Invite", exact: true }).click();
    await dialog.getByRole("button", { name: "Mail it to carla@example.com" }).click();
    await expect(page.getByRole("alert")).toContainText("could not be sent");
    await expect(dialog.getByLabel("Invitation link")).toHaveValue(/#/);
  } finally {
    await server.end();
  }
});
