// Finding what was run, printed and done: search, links that open elsewhere, recordings, logs and the audit.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { terminalOf, typeLine } from "./harness/terminal";
import { axe, expect, type Fixtures, type Program, test } from "./harness/test";

type OpenPage = Fixtures["openPage"];

/** Runs a command to its end, and waits until its words are found. */
async function ran(program: Program, line: string, word: string): Promise<string> {
  const rest = await program.rest("ben", "operator");
  const body = { agentId: "build-1", command: line };
  const { id } = await rest.call("POST /api/v1/commands", { body });
  const found = async () =>
    (await rest.call("GET /api/v1/search", { query: { q: word } })).hits.map(
      (hit) => hit.commandId,
    );
  await expect.poll(found, { timeout: 15_000 }).toContain(id);
  return id;
}

/** A terminal in which somebody typed until it ended. */
async function recorded(program: Program, openPage: OpenPage, typed: string) {
  const rest = await program.rest("ben", "operator");
  const { id: session } = await rest.call("POST /api/v1/sessions", {
    body: { type: "quick", agentId: "build-1", locationPath: program.home, title: "A story" },
  });
  const { id: worker } = await rest.call("POST /api/v1/sessions/{session}/workers", {
    path: { session },
    body: { type: "terminal", name: "teller" },
  });
  const page = await openPage(program, { path: `/sessions/${session}` });
  await typeLine(terminalOf(page, "teller"), typed);
  const state = async () => {
    const path = { session, worker };
    return (await rest.call("GET /api/v1/sessions/{session}/workers/{worker}", { path })).state;
  };
  await expect.poll(state, { timeout: 15_000 }).toBe("ended");
  return { page, session, worker };
}

/** The text of what a page gives to be saved. */
async function saved(page: Page, press: () => Promise<void>): Promise<string> {
  const download = page.waitForEvent("download");
  await press();
  const folder = await mkdtemp(join(tmpdir(), "pilothouse-saved-"));
  const file = join(folder, "file");
  await (await download).saveAs(file);
  const text = await readFile(file, "utf8");
  await rm(folder, { recursive: true });
  return text;
}

const hasNoSideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

test("a command is found by words of its output, and its link opens in another tab", async ({
  program,
  openPage,
}) => {
  await ran(program, "seq 1 400; echo the marmalade is in the cellar", "marmalade");
  const page = await openPage(program, { path: "/history" });
  await page.keyboard.press("/");
  await page.keyboard.type("cellar marmalade");
  const kinds = page.getByRole("navigation", { name: "What to search" });
  await kinds.getByRole("link", { name: /Output 1/ }).click();
  const hit = page.getByRole("list", { name: "Output" }).getByRole("link", { name: /cellar/ });
  await expect.poll(() => hit.locator("mark").allInnerTexts()).toEqual(["marmalade", "cellar"]);
  await page.getByRole("textbox", { name: "Search history" }).press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Command" }).waitFor();
  const output = (tab: Page) => tab.getByTestId("output");
  await expect.poll(() => output(page).innerText()).toContain("the marmalade is in the cellar");

  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect.poll(() => output(other).innerText()).toContain("the marmalade is in the cellar");
  await expect.poll(() => other.getByRole("search").innerText()).toContain("1 of 1");
});

test("commands are narrowed down by filters that are in the address, and new ones come by themselves", async ({
  program,
  openPage,
}) => {
  await ran(program, "echo quince one; exit 3", "quince");
  const page = await openPage(program, { path: "/history?q=quince" });
  const list = page.getByRole("list", { name: "Commands" });
  await list.getByRole("link", { name: "echo quince one" }).waitFor();
  await ran(program, "echo quince two jelly", "jelly");
  await expect.poll(() => list.getByRole("listitem").count()).toBe(2);
  await expect.poll(() => list.getByRole("listitem").first().innerText()).toContain("Completed");

  await page.getByRole("combobox", { name: "State: any state" }).click();
  await page.getByRole("option", { name: "Failed", exact: true }).click();
  await expect.poll(() => list.getByRole("listitem").count()).toBe(1);
  expect(await list.innerText()).toContain("exit 3");
  expect(new URL(page.url()).searchParams.get("status")).toBe("failed");
  await page.goBack();
  await expect.poll(() => list.getByRole("listitem").count()).toBe(2);
  await page.goForward();
  await page.reload();
  await expect.poll(() => list.getByRole("listitem").count()).toBe(1);
});

test("a terminal's recording is played to its last line, and its log is read", async ({
  program,
  openPage,
}) => {
  const { page, session, worker } = await recorded(
    program,
    openPage,
    "clear; echo once upon; sleep 0.5; echo a time; echo the very last line; exit 4",
  );
  const address = `/history/recordings/${session}/${worker}`;
  await page.goto(address);
  await page.getByRole("heading", { name: "Recording of teller" }).waitFor();
  const screen = page.getByRole("region", { name: "Recorded screen" });
  await expect.poll(() => screen.innerText(), { timeout: 15_000 }).toContain("the very last line");
  await page.getByText("Ended with exit 4").waitFor();
  await page.getByRole("button", { name: "Play again" }).waitFor();
  await page.keyboard.press("Home");
  await expect.poll(() => screen.innerText()).not.toContain("once upon");
  await page.keyboard.press("End");
  await expect.poll(() => screen.innerText()).toContain("the very last line");

  const file = await saved(page, () => page.getByRole("button", { name: "Download" }).click());
  expect(JSON.parse(file.split("\n")[0] ?? "")).toMatchObject({ version: 3 });
  expect(file).toContain("the very last line");

  const rest = await program.rest();
  const hits = async () =>
    (await rest.call("GET /api/v1/search", { query: { q: "upon last" } })).hits.length;
  await expect.poll(hits, { timeout: 15_000 }).toBeGreaterThan(0);
  await page.goto("/history?kind=output&q=upon+last");
  await page.getByRole("list", { name: "Output" }).getByRole("link").first().click();
  await page.getByRole("heading", { name: "Log of teller" }).waitFor();
  const log = page.getByRole("region", { name: "Log" });
  await expect.poll(() => log.innerText()).toContain("the very last line");
  await expect.poll(() => log.locator("mark").count()).toBeGreaterThan(1);
  expect(await axe(page)).toEqual([]);
  await page.goto(address);
  await page.getByRole("button", { name: "Play again" }).waitFor();
  expect(await axe(page)).toEqual([]);
});

test("the audit has who was refused what, and gives it as a file", async ({
  program,
  openPage,
  complaints,
}) => {
  const viewer = await program.rest("vera", "viewer");
  const pause = viewer.call("POST /api/v1/agents/{agent}/pause", {
    path: { agent: "build-1" },
  });
  await expect(pause).rejects.toThrow(/operator/);
  const page = await openPage(program, { path: "/audit" });
  await page.getByRole("combobox", { name: "Result: any result" }).click();
  await page.getByRole("option", { name: "Refused" }).click();
  const records = page.getByRole("list", { name: "Records" }).getByRole("listitem");
  await expect.poll(() => records.allInnerTexts()).toHaveLength(1);
  expect(await records.innerText()).toContain("vera");
  await records.getByRole("button", { name: "Paused an agent" }).click();
  expect(await records.innerText()).toContain("agent.pause");
  expect(await axe(page)).toEqual([]);

  await page.getByRole("button", { name: "Export" }).click();
  const table = await saved(page, () => page.getByRole("menuitem", { name: /CSV/ }).click());
  const rows = table.trim().split("\r\n");
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatch(/^id,at,userId/);
  expect(rows[1]).toContain("vera");

  complaints.announce(/answer 403/);
  const refused = await openPage(program, { path: "/audit", user: "vera", role: "viewer" });
  await refused.getByText("The audit is for administrators").waitFor();
});

test.for([
  { theme: "light", screen: "desk" },
  { theme: "dark", screen: "desk" },
  { theme: "dark", screen: "phone" },
] as const)(
  "history is for everybody: $theme, $screen",
  async ({ theme, screen }, { program, openPage }) => {
    await ran(program, "echo a damson for everybody", "damson");
    const page = await openPage(program, { theme, screen });
    for (const [path, list] of [
      ["/history", "Commands"],
      ["/history?q=damson&kind=output", "Output"],
      ["/history?q=damson&kind=audit", "Records"],
      ["/audit", "Records"],
    ] as const) {
      await page.goto(path);
      await page.getByRole("list", { name: list }).getByText("damson").first().waitFor();
      expect(await axe(page)).toEqual([]);
      expect(await hasNoSideways(page)).toBe(true);
    }
  },
);
