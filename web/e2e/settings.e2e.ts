// What people set for themselves: passwords, presets, what is told and where, and webhooks.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { Page } from "playwright-core";
import { axe, expect, type Program, test } from "./harness/test";

/** Some tests look at many things in turn, on machines that do other things too. */
const PATIENCE_MS = 180_000;

const PASSWORD = "correct horse battery staple";

declare global {
  interface Window {
    /** Titles of what was told outside of the page, in order. */
    told: string[];
  }
}

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel("Username or email").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

const inside = (page: Page) => page.getByRole("navigation", { name: "Main" }).waitFor();

async function fail(program: Program, line: string): Promise<void> {
  const rest = await program.rest();
  await rest.call("POST /api/v1/commands", { body: { agentId: "build-1", command: line } });
}

/** Has a page write down what it tells outside of itself. */
const listen = (page: Page) =>
  page.context().addInitScript(() => {
    window.told = [];
    window.Notification = class extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options);
        window.told.push(`${title}: ${options?.body}`);
      }
    };
  });

/** As if another window were in front of it. */
const setHidden = (page: Page, isHidden: boolean) =>
  page.evaluate((hidden) => {
    const state = hidden ? "hidden" : "visible";
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);

const told = (page: Page) => page.evaluate(() => window.told);

test("a password is changed: this browser stays, the others are signed out", async ({
  program,
  openContext,
  complaints,
}) => {
  complaints.tolerate(/answer 401|WebSocket connection/);
  // Of this try alone: the server is that of all of them.
  const dora = `dora-${randomUUID().slice(0, 8)}`;
  await program.account(dora, "operator", PASSWORD);
  const page = await (await openContext(program)).newPage();
  await page.goto("/settings");
  await signIn(page, dora, PASSWORD);
  const beside = await page.context().newPage();
  await beside.goto("/sessions");
  await inside(beside);
  const other = await (await openContext(program)).newPage();
  await other.goto("/settings");
  await signIn(other, dora, PASSWORD);
  await other.getByRole("list", { name: "Devices" }).getByRole("listitem").nth(1).waitFor();

  await page.getByRole("button", { name: "Change password" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Current password").fill("something else");
  await dialog.getByLabel("New password", { exact: true }).fill("a new one entirely");
  await dialog.getByLabel("New password, again").fill("a new one entirely");
  await dialog.getByRole("button", { name: "Change password" }).click();
  await dialog.getByText("The current password is another.").waitFor();
  await dialog.getByLabel("Current password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Change password" }).click();
  await page.getByText("The password was changed").waitFor();

  await other.getByText("You were signed out").waitFor();
  await signIn(other, dora, "a new one entirely");
  await inside(other);
  await expect.poll(() => page.getByRole("list", { name: "Devices" }).count()).toBe(1);
  await inside(page);
  await beside.reload();
  await inside(beside);
});

test("a preset is made, changed, run, and found again by its address", async ({
  program,
  openPage,
}) => {
  const page = await openPage(program, { path: "/presets" });
  await page.getByRole("button", { name: "Add the first preset" }).click();
  await page.getByLabel("Name").fill("Greeting");
  await page.getByLabel("Command line").fill("echo hello");
  await page.getByLabel("Time limit, in seconds").fill("30");
  await page.getByRole("dialog").getByRole("button", { name: "Add preset" }).click();
  const row = page.getByRole("list", { name: "Presets" }).getByRole("listitem");
  await row.getByText("at most 30.0 s").waitFor();

  await page.getByRole("button", { name: "Do something with Greeting" }).click();
  await page.getByRole("menuitem", { name: "Change" }).click();
  await page.getByLabel("Command line").fill("echo greetings");
  await page.getByLabel("Runs on").selectOption("build-1");
  await page.getByRole("button", { name: "Save" }).click();
  await row.getByText("echo greetings").waitFor();

  await page.getByRole("searchbox", { name: "Search presets" }).fill("nothing");
  await page.getByText("No preset has “nothing” in it").waitFor();
  await page.reload();
  await page.getByText("No preset has “nothing” in it").waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("button", { name: "Run Greeting" }).click();
  await page.waitForURL("**/agents/build-1");
  const rest = await program.rest();
  await expect
    .poll(async () => (await rest.call("GET /api/v1/commands")).commands[0])
    .toMatchObject({ command: "echo greetings", status: "completed", timeout: 30_000 });
});

test(
  "what fails is told once: outside of hidden pages, in the corner of others",
  async ({ program, openPage }) => {
    await fail(program, "exit 9");
    const page = await openPage(program, { path: "/settings" });
    await listen(page);
    const second = await page.context().newPage();
    for (const one of [page, second]) {
      await one.goto("/settings?section=notifications");
      await one.getByText("Your browser shows them").waitFor();
      await setHidden(one, true);
    }
    // What happened before, and while a page looks around at first, is not news.
    await expect
      .poll(
        async () => {
          await fail(program, "exit 3");
          return [...(await told(page)), ...(await told(second))].length;
        },
        { interval: 3000 },
      )
      .toBeGreaterThan(0);
    const all = async () => [...(await told(page)), ...(await told(second))];
    expect((await all())[0]).toBe("Failed on build-1: exit 3: exit code 3");
    await fail(program, "exit 4");
    await expect.poll(all).toContain("Failed on build-1: exit 4: exit code 4");

    await setHidden(page, false);
    await page.bringToFront();
    await fail(program, "exit 5");
    const note = page.getByText("exit 5: exit code 5");
    await note.waitFor();
    expect((await all()).filter((title) => title.includes("exit 4"))).toHaveLength(1);
    expect((await all()).filter((title) => title.includes("exit 5"))).toEqual([]);
    expect(await page.title()).toMatch(/^\(\d+\) /);
    await page.getByRole("dialog").filter({ has: note }).getByText("Show").click();
    await page.waitForURL("**/history/commands/*");
  },
  PATIENCE_MS,
);

test("a worker that asks is told, marks the tab, and is one click away", async ({
  program,
  openPage,
}) => {
  const rest = await program.rest();
  const { agentType } = await rest.call("POST /api/agent-types", {
    body: {
      name: "Asker",
      commandTemplate: "echo {{prompt}}; printf 'Go on? (yes/no) '; read answer; sleep 600",
      activityPatterns: { askingPatterns: ["\\(yes/no\\)"] },
    },
  });
  const page = await openPage(program, { path: "/keys" });
  await page.getByRole("button", { name: "Make key" }).waitFor();
  const session = await rest.call("POST /api/v1/sessions", {
    body: {
      type: "quick",
      locationPath: program.home,
      title: "Postal codes",
      agentType: agentType.id,
      initialPrompt: "hello",
    },
  });
  await page
    .getByText(/waits for you$/)
    .first()
    .waitFor();
  await expect.poll(() => page.title()).toMatch(/^\(\d+\) Keys/);
  const picture = page.locator("link[rel=icon]");
  await expect.poll(() => picture.getAttribute("href")).toBe("/ui/icon-waiting.svg");
  await page.getByRole("button", { name: "Show" }).click();
  await page.waitForURL(`**/sessions/${session.id}?worker=*`);
});

test("a webhook is made, tested, and says what came of it", async ({ program, openPage }) => {
  const heard: string[] = [];
  const receiver = createServer((request, response) => {
    heard.push(String(request.headers["webhook-signature"]));
    response.end();
  });
  await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
  const place = receiver.address();
  if (place === null || typeof place === "string") throw new Error("it listens nowhere");
  try {
    const page = await openPage(program, { path: "/settings?section=webhooks" });
    await page.getByRole("button", { name: "Add the first webhook" }).click();
    await page.getByLabel("Name").fill("Chat");
    await page.getByLabel("URL").fill(`http://127.0.0.1:${place.port}/hook`);
    await page.getByRole("button", { name: "Add webhook" }).click();
    expect(await page.getByLabel("Secret", { exact: true }).innerText()).toMatch(/^whsec_/);
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Deliveries of Chat" }).click();
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByRole("dialog").getByText("delivered, 200").waitFor();
    expect(heard[0]).toMatch(/^v1,/);
    await page.getByRole("button", { name: "Send again" }).click();
    await expect.poll(() => heard.length).toBe(2);
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("button", { name: "Do something with Chat" }).click();
    await page.getByRole("menuitem", { name: "Pause" }).click();
    await page.getByText("paused", { exact: true }).waitFor();
  } finally {
    receiver.close();
  }
});

test("keys are listed where one presses the question mark", async ({ program, openPage }) => {
  const page = await openPage(program, { path: "/settings?section=server" });
  await page.getByText("well", { exact: true }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).getByText("Show these keys").waitFor();
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

test.for([
  { theme: "light", screen: "desk" },
  { theme: "dark", screen: "phone" },
] as const)(
  "every part of the settings is fit for everybody: $theme, $screen",
  { timeout: PATIENCE_MS },
  async (visitor, { program, openPage }) => {
    const page = await openPage(program, { ...visitor, calm: true, path: "/settings" });
    const parts = [
      "You",
      "Appearance",
      "Terminals",
      "Notifications",
      "Keyboard",
      "Webhooks",
      "Server",
    ];
    for (const part of parts) {
      if (visitor.screen === "phone") await page.getByLabel("Section").selectOption(part);
      else await page.getByRole("button", { name: part, exact: true }).click();
      await expect.poll(() => page.title()).toContain(`${part} · Settings`);
      await page.getByRole("status", { name: "Loading" }).waitFor({ state: "detached" });
      expect(await axe(page), part).toEqual([]);
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overhang, `${part} is wider than the screen`).toBeLessThanOrEqual(0);
    }
  },
);
