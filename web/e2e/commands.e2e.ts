// Running commands: what they print is followed by everybody, from wherever they look.
import type { Page } from "playwright-core";
import { goByKeys } from "./harness/palette";
import { linesOf } from "./harness/terminal";
import { expect, LOST_CONNECTION, test } from "./harness/test";

const run = async (page: Page, line: string) => {
  await page.getByRole("textbox", { name: "Command line" }).fill(line);
  await page.keyboard.press("Enter");
};

const output = (page: Page) => linesOf(page.getByRole("region", { name: "Output" }));

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}`);

/** The lines of the output without the empty ones at its end. */
const written = async (page: Page) => (await output(page)).filter((line) => line !== "");

test("a command is run by keys alone, and its output and end are seen in another tab too", async ({
  program,
  openPage,
}) => {
  const page = await openPage(program);
  await goByKeys(page, "build-1");
  await page.getByRole("heading", { name: "build-1" }).waitFor();
  await page.keyboard.press("n");
  await page.keyboard.type("for n in 1 2 3 4 5 6; do echo line $n; sleep 0.3; done; exit 3");
  await page.keyboard.press("Enter");
  const second = await page.context().newPage();
  await second.goto("/agents/build-1");
  for (const tab of [page, second]) {
    await expect.poll(() => written(tab)).toEqual(numbered(6));
    await tab.getByText("exit 3", { exact: true }).first().waitFor();
  }
});

test("the server is killed while a command prints, and not a line is lost or doubled", async ({
  startProgram,
  openPage,
  complaints,
}) => {
  const program = await startProgram();
  const page = await openPage(program, { path: "/agents/build-1" });
  await run(page, "for n in $(seq 1 12); do echo line $n; sleep 0.4; done");
  await expect.poll(() => written(page)).toContain("line 2");
  complaints.tolerate(LOST_CONNECTION);
  await program.end("SIGKILL");
  await page.getByText(/has been away for/).waitFor();
  await program.serve();
  await expect.poll(() => written(page), { timeout: 30_000 }).toEqual(numbered(12));
  await page.getByText(/has been away for/).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Interrupt" }).waitFor({ state: "detached" });
});

test("what waits is listed with its place, and interrupting makes room for it", async ({
  program,
  openPage,
}) => {
  const page = await openPage(program, { path: "/agents/build-1" });
  await run(page, "echo first; sleep 60");
  await expect.poll(() => written(page)).toEqual(["first"]);
  await run(page, "echo second");
  const queue = page.getByRole("list", { name: "Queue" });
  await queue.getByText("echo second").waitFor();
  await page.getByText("echo first; sleep 60").first().click();
  await page.getByRole("button", { name: "Interrupt" }).click();
  await queue.waitFor({ state: "detached" });
  await page.getByText("echo second").first().click();
  await expect.poll(() => written(page)).toEqual(["second"]);
});

test("on a phone a command is run and its output read", async ({ program, openPage }) => {
  const page = await openPage(program, { screen: "phone", path: "/agents/build-1" });
  await run(page, "echo from a phone");
  await expect.poll(() => written(page)).toEqual(["from a phone"]);
});
