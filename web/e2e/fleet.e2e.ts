// The fleet and an agent's page in real browsers: what people do there all day.
import type { Page } from "playwright-core";
import { linesOf } from "./harness/terminal";
import { axe, expect, test } from "./harness/test";
import { FakeAgents } from "./trace/fakeAgents";

const run = async (page: Page, line: string) => {
  await page.getByRole("textbox", { name: "Command line" }).fill(line);
  await page.keyboard.press("Enter");
};

const output = (page: Page) => page.getByRole("region", { name: "Output" });
const written = async (page: Page) =>
  (await linesOf(output(page))).filter((line) => line.trim() !== "");

/** The lines of the queue, in order. */
const queued = (page: Page) =>
  page
    .getByRole("list", { name: "Queue" })
    .getByRole("link")
    .locator("span:first-child")
    .allTextContents();

test("stderr is told apart, something is found in the output, and the file has all of it", async ({
  program,
  openPage,
}) => {
  const page = await openPage(program, { path: "/agents/build-1" });
  await run(
    page,
    "echo plain; sleep 0.2; echo wrong >&2; sleep 0.2; seq 1 5000; echo needle; seq 1 40",
  );
  await output(page).getByText("done", { exact: true }).waitFor();
  await expect.poll(() => written(page)).toContain("40");
  await output(page).getByRole("button", { name: "Search in the output" }).click();
  await page.getByRole("textbox", { name: "Search in the output" }).fill("needle");
  await output(page).getByText("1 of 1").waitFor();
  expect(await written(page)).toContain("needle");
  await page.keyboard.press("Escape");
  await output(page).getByRole("button", { name: "Jump to the end" }).click();
  await expect.poll(async () => (await written(page)).at(-1)).toBe("40");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    output(page).getByRole("button", { name: "Download the output" }).click(),
  ]);
  const text = await (await file.createReadStream()).toArray();
  const lines = Buffer.concat(text).toString().split("\n");
  expect(lines.slice(0, 3)).toEqual(["plain", "wrong", "1"]);
  expect(lines).toHaveLength(2 + 5000 + 1 + 40 + 1);
});

test("a line of stderr has a bar before it, and is copied without", async ({
  program,
  openPage,
}) => {
  const page = await openPage(program, { path: "/agents/build-1" });
  await run(page, "echo plain; sleep 0.2; echo wrong >&2");
  await expect.poll(() => written(page)).toEqual(["plain", "▌ wrong"]);
  await output(page).getByRole("button", { name: "Copy all output" }).click();
  await page.getByText("The output was copied").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("plain\nwrong\n");
});

test("what waits is put in another order by keys, by menu and by dragging", async ({
  startProgram,
  openPage,
}) => {
  const program = await startProgram();
  const page = await openPage(program, { path: "/agents/build-1" });
  await run(page, "sleep 600");
  await page.getByRole("button", { name: "Interrupt" }).waitFor();
  for (const line of ["echo one", "echo two", "echo three"]) {
    await run(page, line);
    await expect.poll(() => queued(page)).toContain(line);
  }
  const entry = (line: string) =>
    page.getByRole("list", { name: "Queue" }).getByRole("link", { name: line });
  await entry("echo three").focus();
  await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(() => queued(page)).toEqual(["echo one", "echo three", "echo two"]);
  await page.getByRole("button", { name: "What to do with echo two" }).click();
  await page.getByRole("menuitem", { name: "First of its class" }).click();
  await expect.poll(() => queued(page)).toEqual(["echo two", "echo one", "echo three"]);
  const item = (line: string) =>
    page.getByRole("list", { name: "Queue" }).getByRole("listitem").filter({ hasText: line });
  await item("echo three").dragTo(item("echo two"));
  await expect.poll(() => queued(page)).toEqual(["echo three", "echo two", "echo one"]);
  await page.reload();
  await expect.poll(() => queued(page)).toEqual(["echo three", "echo two", "echo one"]);
  await page.getByRole("button", { name: "What to do with echo two" }).click();
  await page.getByRole("menuitem", { name: "Take out of the queue" }).click();
  await expect.poll(() => queued(page)).toEqual(["echo three", "echo one"]);
});

test("lines come back with the arrows, and a preset fills the field in", async ({
  program,
  openPage,
}) => {
  const page = await openPage(program, { path: "/agents/build-1", user: "cleo", role: "operator" });
  const field = page.getByRole("textbox", { name: "Command line" });
  await run(page, "echo first");
  await expect.poll(() => written(page)).toEqual(["first"]);
  await field.fill("echo kept");
  await page.getByRole("button", { name: "Presets" }).click();
  await page.getByRole("menuitem", { name: /Keep this line/ }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Say kept");
  await page.getByRole("dialog").getByRole("button", { name: "Keep" }).click();
  await field.fill("");
  await field.press("ArrowUp");
  expect(await field.inputValue()).toBe("echo first");
  await field.press("ArrowDown");
  expect(await field.inputValue()).toBe("");
  await page.getByRole("button", { name: "Presets" }).click();
  await page.getByRole("menuitem", { name: /Say kept/ }).click();
  expect(await field.inputValue()).toBe("echo kept");
  await field.press("Enter");
  await expect.poll(() => written(page)).toEqual(["kept"]);
});

test("a paused agent says who paused it, keeps what waits, and goes on", async ({
  program,
  openPage,
}) => {
  const page = await openPage(program);
  const row = page.getByRole("list", { name: "Agents" }).getByRole("listitem").first();
  await row.getByRole("button", { name: "What to do with build-1" }).click();
  await page.getByRole("menuitem", { name: "Pause the queue" }).click();
  await row.getByText("paused", { exact: true }).waitFor();
  await row.getByRole("link", { name: "build-1" }).click();
  await run(page, "echo later");
  await page.getByText(/ann.*Nothing here is started until then/).waitFor();
  await page.getByText("It waits for its turn.").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect.poll(() => written(page)).toEqual(["later"]);
});

test("the agents' last lines are there while they print", async ({ program, openPage }) => {
  const rest = await program.rest();
  const page = await openPage(program);
  const body = { agentId: "build-1", command: "for n in 1 2 3 4; do echo step $n; sleep 1; done" };
  await rest.call("POST /api/v1/commands", { body });
  const row = page.getByRole("list", { name: "Agents" }).getByRole("listitem").first();
  await row.getByText(/^step \d$/).waitFor();
  await row.getByText("step 4").waitFor();
});

test("a command's own page has everything about it, and runs it again", async ({
  program,
  openPage,
}) => {
  const rest = await program.rest("ann");
  const body = {
    agentId: "build-1",
    command: "echo $WORD; exit 7",
    environment: { WORD: "hello" },
  };
  const { id } = await rest.call("POST /api/v1/commands", { body });
  const page = await openPage(program, { path: `/history/commands/${id}` });
  await page.getByText("exit 7", { exact: true }).waitFor();
  for (const words of ["WORD=hello", "5 min 0 s", "build-1"]) {
    await page.getByText(words, { exact: true }).first().waitFor();
  }
  await expect.poll(() => written(page)).toEqual(["hello"]);
  await page.getByRole("button", { name: "Run again" }).click();
  await page.waitForURL("**/agents/build-1**");
  await expect.poll(() => written(page)).toEqual(["hello"]);
});

test("of a thousand agents one is found, several are paused at once, and keys lead through the list", async ({
  startProgram,
  openPage,
}) => {
  const program = await startProgram({}, []);
  const pace = { agents: 1000, everyMs: 60_000, worksForMs: 1000 };
  const agents = new FakeAgents(program.url, await program.token("links"), pace);
  await agents.link();
  const page = await openPage(program);
  const list = page.getByRole("list", { name: "Agents" });
  await page.getByRole("button", { name: "online 1000" }).waitFor();
  expect(await list.getByRole("listitem").count()).toBeLessThan(100);
  await page.keyboard.press("End");
  await list.getByRole("link", { name: "fleet-1000" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("fleet-07 7");
  await expect.poll(() => list.getByRole("link").allTextContents()).toContain("fleet-0777");
  expect(page.url()).toContain("q=");
  await page.reload();
  await page.getByRole("button", { name: /^all 1?\d+$/ }).waitFor();
  expect(await page.getByRole("searchbox", { name: "Filter agents" }).inputValue()).toBe(
    "fleet-07 7",
  );
  await page.getByRole("searchbox", { name: "Filter agents" }).fill("fleet-0777");
  await expect.poll(() => list.getByRole("link").allTextContents()).toEqual(["fleet-0777"]);
  await page.getByRole("searchbox", { name: "Filter agents" }).fill("fleet-000");
  await page.getByRole("button", { name: "all 9" }).waitFor();
  await page.getByRole("checkbox", { name: "Select all that are listed" }).check();
  await page.getByRole("toolbar").getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "held 9" }).click();
  await expect.poll(() => list.getByText("paused", { exact: true }).count()).toBe(9);
  await page.getByRole("heading", { name: "Fleet" }).click();
  for (const key of ["j", "j", "k", "j"]) await page.keyboard.press(key);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/agents/fleet-0002");
  agents.letGo();
});

test("axe finds nothing in what opens above the pages", async ({ program, openPage }) => {
  for (const theme of ["light", "dark"] as const) {
    const page = await openPage(program, { theme, calm: true });
    await page.getByRole("button", { name: "Emergency stop" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Escape");
    for (const item of ["Budget…", "Message…", "Stop…"]) {
      await page.getByRole("button", { name: "What to do with build-1" }).click();
      await page.getByRole("menuitem", { name: item }).click();
      await page.getByRole(/Stop/.test(item) ? "alertdialog" : "dialog").waitFor();
      expect(await axe(page), item).toEqual([]);
      await page.keyboard.press("Escape");
    }
  }
});
