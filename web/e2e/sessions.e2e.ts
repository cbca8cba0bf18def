// Sessions: made in folders and worktrees, with terminals that last, for several people at once.
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isReady, sessionWith, shows } from "./harness/shells";
import { linesOf, terminalOf, typeLine } from "./harness/terminal";
import { axe, expect, LOST_CONNECTION, test } from "./harness/test";
import { writeProjects } from "./world/projects";

test("a session in a folder: made, typed into, and split; a reload finds it as it was", async ({
  program,
  openPage,
}) => {
  const page = await openPage(program, { path: "/sessions" });
  await page.getByRole("button", { name: "Make the first session" }).click();
  const dialog = page.getByRole("dialog", { name: "New session" });
  await dialog.getByLabel("Folder", { exact: true }).fill("shop");
  await dialog.getByRole("button", { name: "Make session" }).click();
  await dialog.getByRole("alert").getByText("Begin with / or ~/.").waitFor();
  await dialog.getByLabel("Folder", { exact: true }).fill(program.home);
  await dialog.getByLabel("Title (optional)").fill("Shop");
  await dialog.getByRole("button", { name: "Make session" }).click();

  await page.getByRole("heading", { name: "Shop" }).waitFor();
  await isReady(page, "Terminal 1");
  await typeLine(terminalOf(page, "Terminal 1"), "echo sum $((20 + 22))");
  await shows(page, "Terminal 1", /^sum 42$/m);

  await page.getByRole("button", { name: "Actions for Terminal 1" }).click();
  await page.getByRole("menuitem", { name: "New terminal to the right" }).click();
  await isReady(page, "Terminal 2");
  await typeLine(terminalOf(page, "Terminal 2"), "echo right");
  await shows(page, "Terminal 2", /^right$/m);
  const boxes = async () => {
    const one = await terminalOf(page, "Terminal 1").boundingBox();
    const other = await terminalOf(page, "Terminal 2").boundingBox();
    return { one: Math.round(one?.x ?? 0), other: Math.round(other?.x ?? 0), width: one?.width };
  };
  const line = page.getByRole("separator", { name: "Line between left and right" });
  await line.focus();
  for (let press = 0; press < 3; press += 1) await page.keyboard.press("ArrowLeft");
  const before = await boxes();
  expect(before.other).toBeGreaterThan(before.one);

  await page.reload();
  await shows(page, "Terminal 1", /^sum 42$/m);
  await shows(page, "Terminal 2", /^right$/m);
  expect(await boxes()).toEqual(before);
});

test("a session in a worktree of a repository, whose end takes the worktree along", async ({
  program,
  openPage,
  complaints,
}) => {
  await writeProjects(program.home);
  const page = await openPage(program);
  await page.goto("/sessions?new=1");
  const dialog = page.getByRole("dialog", { name: "New session" });
  await dialog.getByText("In a git worktree").click();
  complaints.announce(/answer 400: POST \/api\/repositories/);
  await dialog.getByLabel("Folder of a git repository").fill("/tmp");
  await page.keyboard.press("Tab");
  await dialog.getByRole("button", { name: "Add repository" }).click();
  await dialog.getByText("/tmp is not a git repository").waitFor();
  await dialog.getByLabel("Folder of a git repository").fill(`${program.home}/shop`);
  await page.keyboard.press("Tab");
  await dialog.getByRole("button", { name: "Add repository" }).click();
  await dialog.getByLabel("New branch").fill("main");
  complaints.announce(/answer 409: POST \/api\/repositories\/.*\/worktrees/);
  await dialog.getByRole("button", { name: "Make session" }).click();
  await dialog.getByText(/git refused: .*main.* already exists/).waitFor();
  await dialog.getByLabel("New branch").fill("dark-basket");
  await dialog.getByRole("button", { name: "Make session" }).click();
  await isReady(page, "Terminal 1");
  await typeLine(terminalOf(page, "Terminal 1"), "git branch --show-current; touch notes");
  await shows(page, "Terminal 1", /^dark-basket$/m);

  await page.getByRole("button", { name: /^Actions for wt-/ }).click();
  await page.getByRole("menuitem", { name: "End session…" }).click();
  const asked = page.getByRole("alertdialog");
  await asked.getByText("Terminal 1", { exact: true }).waitFor();
  await asked.getByRole("radio", { name: "Delete the worktree Its" }).check();
  complaints.announce(/answer 409: DELETE \/api\/repositories/);
  await asked.getByRole("button", { name: "End and delete worktree" }).click();
  await asked
    .getByText(/changes that are not committed/)
    .last()
    .waitFor();
  await asked.getByRole("radio", { name: /even with changes/ }).check();
  await asked.getByRole("button", { name: "End and delete worktree" }).click();
  await page.getByRole("heading", { name: "Sessions" }).waitFor();
  const rest = await program.rest();
  const [repository] = (await rest.call("GET /api/repositories")).repositories;
  const path = { repository: repository?.id ?? "" };
  const left = await rest.call("GET /api/repositories/{repository}/worktrees", { path });
  expect(left.worktrees.map(({ branch }) => branch)).toEqual(["main"]);
});

test("two people on one terminal see the same, and a session that one ends is gone for the other", async ({
  program,
  openPage,
}) => {
  const id = await sessionWith(program, "Together", 1);
  const ann = await openPage(program, { path: `/sessions/${id}` });
  const ben = await openPage(program, { user: "ben", role: "operator", path: `/sessions/${id}` });
  await isReady(ann, "Terminal 1");
  await isReady(ben, "Terminal 1");
  await typeLine(terminalOf(ann, "Terminal 1"), "echo from ann");
  await shows(ben, "Terminal 1", /^from ann$/m);
  await typeLine(terminalOf(ben, "Terminal 1"), "echo from ben");
  await shows(ann, "Terminal 1", /^from ben$/m);
  await ann.getByRole("button", { name: "New worker in Together" }).click();
  await ann.getByRole("menuitem", { name: "Terminal", exact: true }).click();
  await ben.getByRole("tab", { name: /Terminal 2/ }).waitFor();

  await ann.getByRole("button", { name: "Actions for Together" }).click();
  await ann.getByRole("menuitem", { name: "End session…" }).click();
  await ann.getByRole("button", { name: "End session" }).click();
  await ann.getByText("Together was ended").waitFor();
  await ben.getByText("This session is not there any more").waitFor();
});

test("who may only look sees everything and is offered nothing else", async ({
  program,
  openPage,
}) => {
  const id = await sessionWith(program, "Looked at", 1);
  const page = await openPage(program, { user: "vera", role: "viewer", path: `/sessions/${id}` });
  await isReady(page, "Terminal 1");
  await expect.poll(() => page.getByRole("button", { name: /^New worker/ }).count()).toBe(0);
  await page.getByRole("button", { name: "Actions for Terminal 1" }).click();
  await page.getByRole("menuitem", { name: "Recording" }).waitFor();
  expect(await page.getByRole("menuitem", { name: /Restart|End/ }).count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.goto("/sessions");
  await page.getByRole("link", { name: "Looked at" }).waitFor();
  expect(await page.getByRole("button", { name: "New session" }).count()).toBe(0);
});

test("an agent of one's own type that asks is first in the list until it is answered", async ({
  program,
  openPage,
}) => {
  const script = join(program.home, "asks");
  await writeFile(
    script,
    "#!/bin/sh\nprintf 'Proceed? (aye/nay) '\nread answer\necho you said $answer\nexec cat\n",
  );
  await chmod(script, 0o755);
  const id = await sessionWith(program, "Asking", 1);
  await sessionWith(program, "Later", 1);
  const page = await openPage(program);
  await page.goto("/sessions?agent-types=1");
  await page.getByRole("button", { name: "Add a type" }).click();
  const form = page.getByRole("dialog", { name: "Add an agent type" });
  await form.getByLabel("Name", { exact: true }).fill("Asker");
  await form.getByLabel("Command", { exact: true }).fill(`${script} {{prompt}}`);
  await form.getByLabel("What its screen shows").fill("Proceed\\? \\(aye/nay\\)");
  await form.getByRole("button", { name: "Add type" }).click();
  await page
    .getByRole("list", { name: "Agent types" })
    .getByText("Asker", { exact: true })
    .waitFor();
  await page.getByRole("button", { name: "Close" }).last().click();

  await page.goto(`/sessions/${id}`);
  await page.getByRole("button", { name: "New worker in Asking" }).click();
  await page.getByRole("menuitem", { name: "Asker…" }).click();
  await page.getByRole("button", { name: "Begin" }).click();
  await shows(page, "Asker", /Proceed/);
  await page.getByRole("tab", { name: /Asker asks/ }).waitFor();
  await page.getByRole("link", { name: "All sessions" }).click();
  const first = page.getByRole("list", { name: "Sessions" }).getByRole("listitem").first();
  await expect.poll(() => first.innerText()).toContain("Waits for you");
  await page.getByRole("link", { name: "Asking", exact: true }).click();
  await page.getByRole("tab", { name: /Asker/ }).click();
  await typeLine(terminalOf(page, "Asker"), "aye");
  await shows(page, "Asker", /^you said aye$/m);
  await page.getByRole("tab", { name: /Asker (idle|at work)/ }).waitFor();
});

test("a server that dies and comes back loses and doubles nothing of what is shown", async ({
  startProgram,
  openPage,
  complaints,
}) => {
  const program = await startProgram();
  const id = await sessionWith(program, "Lasting", 2);
  const page = await openPage(program, { path: `/sessions/${id}?layout=grid` });
  await isReady(page, "Terminal 1");
  await isReady(page, "Terminal 2");
  const count = "for i in $(seq 1 200); do echo n$i; sleep 0.02; done; echo all of it";
  await typeLine(terminalOf(page, "Terminal 1"), count);
  await shows(page, "Terminal 1", /^n\d+$/m);
  complaints.tolerate(LOST_CONNECTION);
  await program.end("SIGKILL");
  await page.getByText(/The server has been away/).waitFor();
  await program.serve();
  await page.getByRole("button", { name: "Reconnect now" }).click();
  await page.getByText(/The server has been away/).waitFor({ state: "detached" });
  await shows(page, "Terminal 1", /^all of it$/m);
  const seen = (await linesOf(terminalOf(page, "Terminal 1"))).filter((line) =>
    /^n\d+$/.test(line),
  );
  const first = 200 - seen.length + 1;
  expect(seen).toEqual(seen.map((_, index) => `n${first + index}`));
  await terminalOf(page, "Terminal 2")
    .getByText(/Reconnecting/)
    .waitFor({ state: "detached" });
  await typeLine(terminalOf(page, "Terminal 2"), "echo as before");
  await shows(page, "Terminal 2", /^as before$/m);
});

test.for(["light", "dark"] as const)(
  "axe finds nothing in the %s theme",
  { timeout: 180_000 },
  async (theme, { program, openPage }) => {
    const id = await sessionWith(program, `Axe ${theme}`, 2);
    // Two terminals are as good as eight, and the tool takes its time for each.
    const desk = `/sessions/${id}?layout=grid`;
    const page = await openPage(program, { theme, calm: true, path: desk });
    const found: Record<string, readonly string[]> = {};
    const look = async (path: string, role: "dialog" | "alertdialog" | "tab") => {
      await page.getByRole(role).first().waitFor();
      const violations = await axe(page);
      if (violations.length > 0) found[path] = violations;
    };
    await look(desk, "tab");
    for (const path of ["/sessions?new=1", "/sessions?repositories=1", "/sessions?agent-types=1"]) {
      await page.goto(path);
      await look(path, "dialog");
    }
    await page.goto("/sessions");
    await page.getByRole("button", { name: `Actions for Axe ${theme}` }).click();
    await page.getByRole("menuitem", { name: "End…" }).click();
    await look("end", "alertdialog");
    expect(found).toEqual({});
  },
);
