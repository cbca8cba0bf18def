// Who may do what: people, their roles and devices, the keys of agents, and programs that are let in.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { end, ended, printed, start } from "./harness/children";
import { PROGRAM } from "./harness/places";
import { axe, expect, test } from "./harness/test";

const PASSWORD = "correct horse battery staple";

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel("Username or email").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
}

/** Something done with somebody, from the menu at the end of their row. */
async function doWith(page: Page, name: string, what: string): Promise<void> {
  await page.getByRole("button", { name: `Do something with ${name}` }).click();
  await page.getByRole("menuitem", { name: what }).click();
}

const folder = () => mkdtemp(join(tmpdir(), "pilothouse-e2e-"));

test("somebody is added, signs in, may less at once on the open page, and is removed", async ({
  startProgram,
  openPage,
  openContext,
  complaints,
}) => {
  const program = await startProgram();
  const page = await openPage(program, { path: "/people" });
  await page.getByRole("button", { name: "Make the first account" }).click();
  await page.getByLabel("Username").fill("ann");
  await page.getByRole("button", { name: "Make account" }).click();
  await page.getByRole("heading", { name: "ann can sign in" }).waitFor();
  await page.getByRole("button", { name: "Done" }).click();

  await page.getByRole("button", { name: "Add person" }).click();
  await page.getByLabel("Username").fill("cleo");
  await page.getByRole("button", { name: "Make account" }).click();
  await page.getByRole("heading", { name: "cleo can sign in" }).waitFor();
  const password = await page.getByLabel("Password", { exact: true }).innerText();
  await page.getByRole("button", { name: "Copy: Password" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(password);
  await page.getByRole("button", { name: "Done" }).click();

  const theirs = await (await openContext(program)).newPage();
  await theirs.goto("/presets");
  await signIn(theirs, "cleo", password);
  await theirs.getByRole("button", { name: "Add the first preset" }).click();
  await theirs.getByLabel("Name").fill("Disk");
  await theirs.getByLabel("Command line").fill("df");

  await doWith(page, "cleo", "Change role");
  await page.getByRole("radio", { name: /^Viewer/ }).click();
  await page.getByText("It counts at once").waitFor();
  await page.getByRole("button", { name: "Make viewer" }).click();
  await page.getByText("cleo is viewer now").waitFor();

  complaints.announce(/answer 403: POST \/api\/v1\/presets/);
  await theirs.getByRole("dialog").getByRole("button", { name: "Add preset" }).click();
  await theirs.getByRole("dialog").getByRole("alert").waitFor();
  await theirs.getByRole("button", { name: "Cancel" }).click();
  await theirs.getByText("No presets yet").waitFor();
  await expect
    .poll(() => theirs.getByRole("button", { name: "Add the first preset" }).count())
    .toBe(0);

  await doWith(page, "cleo", "Devices");
  await page.getByRole("list", { name: "Devices" }).getByText("Chrome on Linux").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();

  await doWith(page, "cleo", "Remove");
  await page.getByRole("button", { name: "Remove cleo" }).click();
  await page.getByRole("dialog").getByText("Type cleo to go on.").waitFor();
  complaints.tolerate(/answer 401|WebSocket connection/);
  await page.getByLabel("Type cleo to go on").fill("cleo");
  await page.getByRole("button", { name: "Remove cleo" }).click();
  await theirs.getByRole("heading", { name: "Sign in" }).waitFor();
  await theirs.getByText("You were signed out").waitFor();
});

test("nobody takes their own rights away, and viewers learn who looks after people", async ({
  program,
  openContext,
  openPage,
}) => {
  await program.account("dora", "admin", PASSWORD);
  const page = await (await openContext(program)).newPage();
  await page.goto("/people");
  await signIn(page, "dora", PASSWORD);
  await doWith(page, "dora", "Change role");
  await page.getByText("Nobody takes their own rights away").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  const viewer = await openPage(program, { user: "vera", role: "viewer", path: "/people" });
  await viewer.getByText("Administrators look after people").waitFor();
  await viewer.goto("/keys");
  await viewer.getByText("Operators and administrators look after keys").waitFor();
});

test("a key is shown once, lets an agent in, and lets it in no more when it is revoked", async ({
  program,
  openPage,
}) => {
  const page = await openPage(program, { path: "/keys" });
  await page.getByRole("button", { name: "Make key" }).click();
  await page.getByLabel("Name").fill("The farm");
  await page.getByLabel("Agent").fill("farm-1");
  await page.getByRole("dialog").getByRole("button", { name: "Make key" }).click();
  const key = await page.getByLabel("Key", { exact: true }).innerText();
  const line = await page.getByLabel("Command", { exact: true }).innerText();
  await page.getByRole("button", { name: "Done" }).click();
  expect(await page.content()).not.toContain(key);

  const home = await folder();
  await writeFile(join(home, "farm-1.key"), key, { mode: 0o600 });
  const [, ...words] = line.replace(new URL(page.url()).host, new URL(program.url).host).split(" ");
  const env = { PATH: process.env.PATH, HOME: home, PILOTHOUSE_CONFIG: "/dev/null" };
  const agent = start(PROGRAM, words, { cwd: home, env, stdio: "ignore" });
  try {
    await program.linked("farm-1");
    await page.getByRole("button", { name: "Revoke The farm" }).click();
    await page.getByText("farm-1 is linked through it").waitFor();
    await page.getByRole("button", { name: "Revoke key" }).click();
    await page.getByText("One link was closed").waitFor();
    await page.getByRole("button", { name: "Forget The farm" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Forget The farm" }).click();
    await page.getByRole("button", { name: "Forget key" }).click();
    await expect.poll(() => page.getByRole("button", { name: "Forget The farm" }).count()).toBe(0);
  } finally {
    await end(agent, "SIGKILL");
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
});

test("a link for another device lets it in once", async ({ program, openPage, openContext }) => {
  const page = await openPage(program, { path: "/keys" });
  await page.getByRole("button", { name: "Open on another device" }).click();
  await page.getByRole("button", { name: "Make the link" }).click();
  const link = await page.getByLabel("Link", { exact: true }).innerText();
  await page.getByRole("img", { name: /picture for a phone/ }).waitFor();
  const phone = await (await openContext(program, { screen: "phone" })).newPage();
  await phone.goto(link);
  await phone.getByRole("heading", { name: "Fleet" }).waitFor();
});

test("a program is let in by its code, with signing in on the way", async ({
  program,
  openContext,
}) => {
  await program.account("emil", "operator", PASSWORD);
  const home = await folder();
  const env = { PATH: process.env.PATH, HOME: home, PILOTHOUSE_CONFIG: "/dev/null" };
  const login = start(PROGRAM, ["login", "--server", program.url], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    const [, path = "", code = ""] = await printed(login, /(\/device#code=([A-Z-]+))/);
    const page = await (await openContext(program)).newPage();
    await page.goto(path);
    await signIn(page, "emil", PASSWORD);
    await page.getByRole("heading", { name: "Let a program in" }).waitFor();
    expect(await page.getByLabel("Code").inputValue()).toBe(code);
    await page.getByText("It may do what you may: emil, operator").waitFor();
    await page.getByRole("button", { name: "Let it in" }).click();
    await page.getByText("The program is let in").waitFor();
    await ended(login);
    expect(login.exitCode).toBe(0);
    const kept = await readFile(join(home, ".config/pilothouse/login.json"), "utf8");
    expect(kept).toContain(program.url);
    await page.goto("/settings");
    await page.getByRole("list", { name: "Devices" }).getByText("pilothouse").waitFor();
  } finally {
    await end(login, "SIGKILL");
    await rm(home, { recursive: true, force: true });
  }
});

test.for(["light", "dark"] as const)(
  "axe finds nothing in their dialogs: %s",
  async (theme, { program, openPage }) => {
    await program.account(`gina-${theme}`, "viewer", PASSWORD);
    const page = await openPage(program, { theme, calm: true, path: "/people" });
    await page.getByRole("button", { name: "Add person" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.goto("/keys");
    await page.getByRole("button", { name: "Make key" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await axe(page)).toEqual([]);
  },
);

test("on a phone people are looked after too", async ({ program, openPage }) => {
  await program.account("hugo", "viewer", PASSWORD);
  const page = await openPage(program, { screen: "phone", path: "/people" });
  for (const path of ["/people", "/keys", "/presets", "/device"]) {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overhang, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
  }
  await page.goto("/people");
  await page.getByRole("button", { name: "Add person" }).tap();
  await page.getByLabel("Username").fill("fritz");
  await page.getByRole("button", { name: "Make account" }).tap();
  await page.getByRole("button", { name: "Done" }).tap();
  await page.getByRole("button", { name: "Do something with fritz" }).waitFor();
});
