// What every test in a real browser begins with: the program, pages, and the complaints that make it fail.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { test as bare, expect, inject } from "vitest";
import { makeWorld, type World } from "../world/world";
import { Complaints } from "./complaints";
import { FAILURES } from "./places";
import { Program, type Settings } from "./program";
import { type Visitor, Visitors } from "./visitors";

export { axe } from "./axe";
export { LOST_CONNECTION } from "./complaints";
export { Program } from "./program";
export { expect };

/** What a test may ask for by name. */
export interface Fixtures {
  /** A server with the agent `build-1`, shared by the tests of a file. */
  program: Program;
  /** A company at work, shared by the tests of a file: commands of every outcome, sessions, people, keys. */
  world: World;
  /** A server of this test alone, with agents, for tests that end it. */
  startProgram: (settings?: Settings, agents?: readonly string[]) => Promise<Program>;
  /** Opens the page of a program, signed in; `ann`, who may do everything, unless said otherwise. */
  openPage: (program: Program, visitor?: Visitor) => Promise<Page>;
  /** A browser context of somebody who is not signed in. */
  openContext: (program: Program, visitor?: Visitor) => Promise<BrowserContext>;
  /** Where a test announces errors that it provokes. */
  complaints: Complaints;
  /** @internal */
  browser: Browser;
  /** @internal */
  visitors: Visitors;
}

export const test = bare.extend<Fixtures>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs.
    async ({}, use) => {
      const browser = await chromium.connect(inject("browser"));
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  program: [
    // biome-ignore lint/correctness/noEmptyPattern: as above.
    async ({}, use) => {
      const program = await Program.start();
      await use(program);
      await program.stop();
    },
    { scope: "file" },
  ],
  world: [
    // biome-ignore lint/correctness/noEmptyPattern: as above.
    async ({}, use) => {
      const world = await makeWorld();
      await use(world);
      await world.end();
    },
    { scope: "file" },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  startProgram: async ({}, use) => {
    const programs: Program[] = [];
    await use(async (settings, agents) => {
      const program = await Program.start(settings, agents);
      programs.push(program);
      return program;
    });
    await Promise.all(programs.map((program) => program.stop()));
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  complaints: async ({}, use) => use(new Complaints()),
  visitors: async ({ browser, complaints, task }, use) => {
    const visitors = new Visitors(browser, complaints);
    await use(visitors);
    if (task.result?.state === "fail" || complaints.unexpected.length > 0) {
      await keepPictures(task.name, visitors.pages);
    }
    await visitors.leave();
    expect(complaints.unexpected, "what pages complained of").toEqual([]);
  },
  openPage: async ({ visitors }, use) => use((program, visitor) => visitors.open(program, visitor)),
  openContext: async ({ visitors }, use) =>
    use((program, visitor) => visitors.context(program, visitor)),
});

async function keepPictures(name: string, pages: readonly Page[]): Promise<void> {
  await mkdir(FAILURES, { recursive: true });
  const stem = name.replace(/\W+/g, "-").slice(0, 80);
  for (const [index, page] of pages.entries()) {
    const path = join(FAILURES, `${stem}-${index + 1}.png`);
    await page.screenshot({ path }).catch(() => undefined);
    console.log(`a picture of ${new URL(page.url()).pathname} as the test ended: ${path}`);
  }
}
