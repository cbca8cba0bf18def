// What must hold for somebody who has read nothing: one command, one link, and whatever they begin outlives the server.
import { hostname } from "node:os";
import type { Page } from "playwright-core";
import { linesOf, terminalOf, typeLine } from "./harness/terminal";
import { expect, LOST_CONNECTION, Program, test } from "./harness/test";

const away = (page: Page) => page.getByText(/The server has been away for \d+ s/);

const output = async (page: Page) =>
  (await linesOf(page.getByRole("region", { name: "Output" }))).filter((line) => line !== "");

const inTerminal = async (page: Page) =>
  (await linesOf(terminalOf(page, "Terminal 1"))).filter((line) => /^step \d+$/.test(line));

const numbered = (word: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${word} ${index + 1}`);

test("a newcomer loses nothing", async ({ openContext, complaints, onTestFinished }) => {
  const program = await Program.prepare();
  onTestFinished(() => program.stop());
  const link = await program.up();

  const context = await openContext(program);
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole("button", { name: "Go on without an account" }).click();
  await page.getByRole("link", { name: hostname(), exact: true }).click();
  await page
    .getByRole("textbox", { name: "Command line" })
    .fill("for n in $(seq 1 20); do echo line $n; sleep 0.4; done");
  await page.keyboard.press("Enter");
  await expect.poll(() => output(page)).toContain("line 1");

  const second = await context.newPage();
  await second.goto(page.url());
  await expect.poll(() => output(second)).toContain("line 2");

  const third = await context.newPage();
  await third.goto("/");
  await third.getByRole("link", { name: "Sessions" }).click();
  await third.getByRole("button", { name: "Make the first session" }).click();
  await third.getByRole("button", { name: "Make session" }).click();
  const terminal = terminalOf(third, "Terminal 1");
  await expect.poll(async () => (await linesOf(terminal)).join("\n")).toMatch(/[$#]$/m);
  await typeLine(terminal, "for n in $(seq 1 16); do echo step $n; sleep 0.4; done");
  await expect.poll(() => inTerminal(third)).toContain("step 2");

  complaints.tolerate(LOST_CONNECTION);
  await program.end("SIGKILL");
  for (const tab of [page, second, third]) await away(tab).waitFor();
  const again = await program.up();
  for (const tab of [page, second, third]) await away(tab).waitFor({ state: "detached" });

  await expect.poll(() => inTerminal(third), { timeout: 30_000 }).toEqual(numbered("step", 16));
  for (const tab of [page, second]) {
    await expect.poll(() => output(tab), { timeout: 30_000 }).toEqual(numbered("line", 20));
    await tab.getByText("done", { exact: true }).first().waitFor();
  }
  await typeLine(terminal, "echo still here");
  await expect.poll(() => linesOf(terminal)).toContain("still here");

  // The link of the second start is for whoever closed the first one's tab.
  const fresh = await (await openContext(program)).newPage();
  await fresh.goto(again);
  await fresh.getByRole("button", { name: "Go on without an account" }).click();
  await fresh.getByRole("link", { name: hostname(), exact: true }).waitFor();
}, 120_000);
