// Pictures of the pages for the documents: `npm run screenshots`, or `npm run screenshots -- fleet agent` for some.
import { rmSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { BROWSER_OPTIONS } from "./harness/browser.setup";
import { Complaints } from "./harness/complaints";
import { requireEverything } from "./harness/places";
import { type Visitor, Visitors } from "./harness/visitors";
import { openBrowsers } from "./world/browsers";
import { makeRuns } from "./world/runs";
import { makeWorld, type World } from "./world/world";

const IMAGES = fileURLToPath(new URL("../../docs/images", import.meta.url));
const MOST_BYTES = 250_000;

/** A company at work, and what it watches. */
type Seen = World & {
  /** A session with a browser. */
  readonly watched: string;
  /** A run that asks something, if one is wanted. */
  readonly run: string;
};

/** One page. Another page is another line of `PICTURES`. */
interface Picture {
  readonly name: string;
  readonly path: (world: Seen) => string;
  /** Resolves when the page shows what the picture is about. */
  readonly ready: (page: Page) => Promise<unknown>;
  readonly onPhone?: boolean;
}

const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();

const terminalText = (words: string) => (page: Page) =>
  page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll(".xterm-rows > div")].some(({ textContent }) =>
        textContent?.includes(wanted),
      ),
    words,
  );

/** Every browser on the page has a picture. */
const seen = (page: Page) =>
  page.waitForFunction(() => {
    const canvases = [...document.querySelectorAll("main canvas")];
    // A canvas that nothing was drawn on is as large as all of them are at first.
    return canvases.length > 0 && canvases.every((one) => Object(one).width !== 300);
  });

const PICTURES: readonly Picture[] = [
  { name: "fleet", path: () => "/", ready: text("Shop build"), onPhone: true },
  { name: "agent", path: () => "/agents/docs-preview", ready: text(/chapter-\d+/), onPhone: true },
  { name: "sessions", path: () => "/sessions", ready: text("Postal codes") },
  {
    name: "session",
    path: ({ session }) => `/sessions/${session}?layout=grid`,
    ready: terminalText("(yes/no)"),
    onPhone: true,
  },
  { name: "live", path: () => "/live", ready: seen, onPhone: true },
  { name: "browser", path: ({ watched }) => `/live/${watched}`, ready: seen, onPhone: true },
  { name: "runs", path: () => "/runs", ready: text("Completed"), onPhone: true },
  {
    name: "run",
    path: ({ run }) => `/runs/${run}`,
    ready: async (page) => Promise.all([text(/within the budget/)(page), seen(page)]),
    onPhone: true,
  },
  { name: "history", path: () => "/history", ready: text("./run-tests"), onPhone: true },
  {
    name: "command",
    path: ({ commands }) => `/history/commands/${commands.failed}`,
    ready: text("E0502"),
  },
  { name: "presets", path: () => "/presets", ready: text("Test the shop") },
  { name: "people", path: () => "/people", ready: text("vera") },
  { name: "keys", path: () => "/keys", ready: text("Runners of the build farm") },
  { name: "audit", path: () => "/audit", ready: text("ann") },
  {
    name: "settings",
    path: () => "/settings",
    ready: (page) => page.getByRole("heading", { level: 1 }).waitFor(),
  },
];

/** Takes them: each in both themes, some on a phone. */
export async function main(words: readonly string[]): Promise<void> {
  requireEverything();
  const wanted = PICTURES.filter(({ name }) => words.length === 0 || words.includes(name));
  await mkdir(IMAGES, { recursive: true });
  const company = await makeWorld(await homeOf("acme"));
  const browsers = await openBrowsers(company);
  const hasRuns = wanted.some(({ name }) => name === "runs" || name === "run");
  const run = hasRuns ? await makeRuns(company, browsers) : "";
  const world: Seen = { ...company, watched: browsers.session, run };
  const browser = await chromium.launch(BROWSER_OPTIONS);
  try {
    await take(browser, world, wanted, "light", { theme: "light" });
    await take(browser, world, wanted, "dark", { theme: "dark" });
    const phones = wanted.filter(({ onPhone }) => onPhone === true);
    await take(browser, world, phones, "phone", { theme: "light", screen: "phone" });
  } finally {
    await browser.close();
    await world.end();
    await browsers.end();
  }
}

/** A home with a name that says nothing of tests, where this machine lets one be made. */
async function homeOf(name: string): Promise<string | undefined> {
  const home = join("/srv", name);
  try {
    await mkdir(home);
    process.once("exit", () => rmSync(home, { recursive: true, force: true }));
    return home;
  } catch {
    return undefined;
  }
}

async function take(
  browser: Browser,
  world: Seen,
  pictures: readonly Picture[],
  suffix: string,
  visitor: Visitor,
): Promise<void> {
  const complaints = new Complaints();
  const visitors = new Visitors(browser, complaints);
  const page = await visitors.open(world.program, { ...visitor, user: "ann", calm: true });
  for (const picture of pictures) {
    const path = join(IMAGES, `${picture.name}-${suffix}.png`);
    await page.goto(picture.path(world));
    try {
      await picture.ready(page);
    } catch {
      process.stdout.write(
        `${picture.name} does not show what it is about; the picture is taken all the same\n`,
      );
    }
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path, scale: "css", animations: "disabled", caret: "hide" });
    const { size } = await stat(path);
    const note = size > MOST_BYTES ? ", which is a lot" : "";
    process.stdout.write(`${picture.name}-${suffix}.png  ${Math.round(size / 1000)} KB${note}\n`);
  }
  for (const complaint of complaints.unexpected) process.stdout.write(`complaint: ${complaint}\n`);
  await visitors.leave();
}
