// Runs in the page, done by an agent that is played: made, followed step by step, cancelled, read back and taken along.
import type { Page } from "playwright-core";
import { shows } from "./harness/live";
import { Producer } from "./harness/producer";
import { RunAgent } from "./harness/runAgent";
import { axe, test as bare, expect, Program } from "./harness/test";

interface Playing {
  readonly program: Program;
  readonly agent: RunAgent;
  /** A run that the agent has begun. */
  run(task: string): Promise<string>;
}

const test = bare.extend<{ playing: Playing }>({
  playing: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs.
    async ({}, use) => {
      const program = await Program.start({ "runs.per_agent": "20" }, []);
      const agent = await RunAgent.link(program, "player", "The player");
      const ann = await program.rest("ann");
      const run = async (task: string) => {
        const body = { task, agentId: "player" };
        const { id } = (await ann.call("POST /api/runs", { body })).run;
        await agent.ordered("startRun", id);
        agent.begin(id);
        return id;
      };
      await use({ program, agent, run });
      agent.cut();
      await program.stop();
    },
    { scope: "file" },
  ],
});

const GREEN = [0x22, 0x88, 0x44] as const;
const BLUE = [0x22, 0x44, 0x88] as const;
const COMMANDS = [
  { type: "navigate", url: "https://shop.test/" },
  { type: "click", selector: "#buy", role: "button", name: "Buy" },
];

/** A run of two steps that is over. */
async function overRun({ agent, run }: Playing, task: string): Promise<string> {
  const id = await run(task);
  agent.step(id, COMMANDS[0] ?? {}, "to see what there is", GREEN);
  agent.step(id, COMMANDS[1] ?? {}, "it is the cheapest", BLUE);
  agent.end(id, { outcome: "completed", answer: "a teapot for 48 €", commands: COMMANDS });
  return id;
}

const stepOf = (page: Page, number: number) =>
  page.getByRole("region", { name: `Step ${number}`, exact: true });

/** Resolves when the picture of a step is there, and not only its frame. */
const pictureOf = (page: Page, name: RegExp) =>
  expect
    .poll(() =>
      page
        .getByRole("img", { name })
        .evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth),
    )
    .toBe(640);

test("a task is started, followed as it goes, and cancelled", async ({ playing, openPage }) => {
  const { program, agent } = playing;
  const page = await openPage(program, { path: "/runs" });
  await page.getByRole("button", { name: "New run" }).click();
  await page.getByRole("textbox", { name: "Task" }).fill("Find the cheapest teapot");
  await page.getByLabel("Agent", { exact: true }).selectOption({ label: "The player" });
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.getByRole("heading", { name: "Find the cheapest teapot" }).waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  expect((await agent.ordered("startRun", id)).task).toBe("Find the cheapest teapot");
  agent.begin(id);
  await page.getByRole("button", { name: "Now" }).waitFor();
  // Its browser is seen under the name of the run.
  const producer = await Producer.open(program.url, id);
  producer.send(GREEN);
  await shows(page, GREEN);
  agent.step(id, COMMANDS[0] ?? {}, "to see what there is", GREEN);
  const film = page.getByRole("list", { name: "Steps" });
  await film.getByRole("button", { name: /Go to https:\/\/shop\.test/ }).click();
  await stepOf(page, 1).getByText("to see what there is").waitFor();
  await pictureOf(page, /^The page after step 1/);
  expect(new URL(page.url()).search).toBe("?step=1");
  await page.keyboard.press("End");
  await shows(page, GREEN);
  await page.getByRole("button", { name: "Cancel the run" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel the run" }).click();
  await agent.ordered("cancelRun", id);
  agent.end(id, { outcome: "cancelled" });
  await page.getByRole("status").getByText("Cancelled").waitFor();
  producer.close();
});

test("steps are looked through with the keyboard, from a link as well", async ({
  playing,
  openPage,
}) => {
  const id = await overRun(playing, "Look through it");
  const page = await openPage(playing.program, { path: `/runs/${id}` });
  await stepOf(page, 2).getByText("Click button “Buy”").first().waitFor();
  await page.getByRole("region", { name: "Answer" }).getByText("a teapot for 48 €").waitFor();
  await page.keyboard.press("ArrowLeft");
  await stepOf(page, 1).waitFor();
  await page.getByRole("button", { name: /Click button “Buy”/ }).focus();
  await page.keyboard.press("ArrowRight");
  await stepOf(page, 2).waitFor();
  const focused = page.locator("[data-place]:focus");
  expect(await focused.getAttribute("data-place")).toBe("2");
  await page.goto(`/runs/${id}?step=1`);
  await stepOf(page, 1).waitFor();
  await pictureOf(page, /^The page after step 1/);
});

test("the list has what fits, and leads there", async ({ playing, openPage }) => {
  const id = await overRun(playing, "Stand in the list");
  const page = await openPage(playing.program);
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  const row = page.getByRole("listitem").filter({ hasText: "Stand in the list" });
  await row.getByText("Completed").waitFor();
  await page.getByRole("combobox", { name: "State: any state" }).click();
  await page.getByRole("option", { name: "Failed" }).click();
  await expect.poll(() => row.count()).toBe(0);
  await page.goto("/runs?status=completed&agent=player");
  await row.getByRole("link", { name: "Stand in the list" }).click();
  await expect.poll(() => new URL(page.url()).pathname).toBe(`/runs/${id}`);
});

test("a run that fails waits for somebody on the fleet", async ({ playing, openPage }) => {
  const id = await playing.run("Fail at it");
  playing.agent.end(id, { outcome: "failed", error: "the shop is closed" });
  const page = await openPage(playing.program);
  const waiting = page.getByRole("region", { name: "Waits for you" });
  const row = waiting.getByRole("listitem").filter({ hasText: "the shop is closed" });
  await row.getByText("run failed").waitFor();
  await row.getByRole("link", { name: "Look at it" }).click();
  await page
    .getByRole("region", { name: "Why it failed" })
    .getByText("the shop is closed")
    .waitFor();
  await page.getByText("It took no step").waitFor();
});

test("its script and a report that needs nothing else are taken along", async ({
  playing,
  openPage,
  openContext,
}) => {
  const id = await overRun(playing, "Take it along");
  const page = await openPage(playing.program, { path: `/runs/${id}` });
  const taken = async (item: RegExp) => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: item }).click();
    const file = await download;
    const pieces: Buffer[] = [];
    for await (const piece of await file.createReadStream()) pieces.push(Buffer.from(piece));
    return { name: file.suggestedFilename(), text: Buffer.concat(pieces).toString("utf8") };
  };
  const script = await taken(/^Script/);
  expect([script.name, JSON.parse(script.text)]).toEqual([`${id}.json`, COMMANDS]);
  const report = await taken(/^Report/);
  expect(report.name).toBe(`${id}.html`);
  const reader = await (await openContext(playing.program)).newPage();
  await reader.setContent(report.text);
  await reader.getByRole("heading", { name: "2. Click button “Buy”" }).waitFor();
  const widths = reader
    .getByRole("img")
    .evaluateAll((images) =>
      images.map((image) => image instanceof HTMLImageElement && image.naturalWidth),
    );
  expect(await widths).toEqual([640, 640]);
});

test("a viewer sees everything, and changes nothing", async ({ playing, openPage }) => {
  const id = await playing.run("Only watch");
  const page = await openPage(playing.program, { user: "vera", role: "viewer", path: "/runs" });
  expect(await page.getByRole("button", { name: "New run" }).count()).toBe(0);
  await page.getByRole("link", { name: "Only watch" }).click();
  await page.getByRole("button", { name: "Now" }).waitFor();
  for (const name of ["Pause", "Cancel the run", "Replay"]) {
    expect(await page.getByRole("button", { name }).count(), name).toBe(0);
  }
  playing.agent.end(id, { outcome: "cancelled" });
});

test.for([
  { theme: "light", screen: "desk" },
  { theme: "dark", screen: "desk" },
  { theme: "light", screen: "phone" },
  { theme: "dark", screen: "phone" },
] as const)(
  "axe finds nothing, in the $theme theme, on a $screen",
  async (visitor, { playing, openPage }) => {
    const over = await overRun(playing, "Be looked at");
    const live = await playing.run("Be looked at as well");
    playing.agent.step(live, COMMANDS[0] ?? {}, "to see what there is", GREEN);
    const page = await openPage(playing.program, { ...visitor, calm: true, path: "/runs" });
    const found: Record<string, readonly string[]> = {};
    for (const [path, words] of [
      ["/runs", "Be looked at as well"],
      ["/runs?new=1", "Start the run"],
      [`/runs/${over}`, "it is the cheapest"],
      [`/runs/${live}`, "Now"],
    ] as const) {
      await page.goto(path);
      await page.getByText(words).first().waitFor();
      found[path] = await axe(page);
      const spare = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(spare, `${path} is wider than the screen`).toBe(0);
    }
    expect(Object.values(found).flat()).toEqual([]);
    playing.agent.end(live, { outcome: "cancelled" });
  },
);
