// Browsers of sessions in the page: opened, seen, steered by one person at a time, recorded. All of it is real.
import type { Page } from "playwright-core";
import { Site } from "../../sdk/typescript/test/site";
import { pictureOf, screenPoint, shows, takeControl } from "./harness/live";
import { axe, test as bare, expect, Program } from "./harness/test";

const SHOWN = { width: 800, height: 600 };
/** The ground of the site before it was clicked, and after. */
const BEFORE = [0x22, 0x44, 0x66] as const;
const AFTER = [0x66, 0x22, 0x22] as const;

/** A server whose agent lets browsers go to this machine, and a site on it. */
interface Browsing {
  readonly program: Program;
  readonly site: Site;
  /** A session with a browser at the site. */
  open(title: string): Promise<{ readonly session: string; readonly path: string }>;
  session(title: string): Promise<string>;
}

const test = bare.extend<{ browsing: Browsing }>({
  browsing: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs.
    async ({}, use) => {
      const program = await Program.start({}, []);
      await program.agent("build-1", "--browser-allow", "loopback");
      const site = await Site.open();
      const rest = await program.rest();
      const session = async (title: string) => {
        const body = { type: "quick", agentId: "build-1", title, locationPath: program.home };
        return (await rest.call("POST /api/v1/sessions", { body })).id;
      };
      const open = async (title: string) => {
        const made = await session(title);
        await rest.call("POST /api/v1/sessions/{session}/browser", {
          path: { session: made },
          body: { url: site.url, ...SHOWN },
        });
        return { session: made, path: `/live/${made}` };
      };
      await use({ program, site, open, session });
      await program.stop();
      await site.close();
    },
    { scope: "file" },
  ],
});

/** Clicks at a place of the shown page. */
async function clickAt(page: Page, x: number, y: number): Promise<void> {
  const point = await screenPoint(page, { x, y }, SHOWN);
  await page.mouse.click(point.x, point.y);
}

const near =
  (expected: { x: number; y: number }) => (deed: { kind: string; x: number; y: number }) =>
    deed.kind === "click" &&
    Math.abs(deed.x - expected.x) <= 1.5 &&
    Math.abs(deed.y - expected.y) <= 1.5;

test("a browser is opened from the wall, watched, and closed", async ({ browsing, openPage }) => {
  await browsing.session("Shop");
  const page = await openPage(browsing.program, { path: "/live" });
  await page.getByRole("button", { name: "Open a browser" }).click();
  await page.getByLabel("Session").selectOption({ label: "Shop, on build-1" });
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("Address").fill(browsing.site.url);
  await page.getByLabel("Size of the page").selectOption("1280x720");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.getByRole("heading", { name: "Shop" }).waitFor();
  await shows(page, BEFORE, 0.9, 0.9);
  await expect.poll(() => page.getByLabel("Address").inputValue()).toBe(browsing.site.url);
  await page.getByRole("link", { name: "All browsers" }).click();
  await page.getByRole("link", { name: /Shop/ }).getByText("live").waitFor();
  await page.getByRole("link", { name: /Shop/ }).click();
  await page.getByRole("button", { name: "Close the browser" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Close the browser" }).click();
  await page.getByText("No browser is open in this session").waitFor();
});

test.for([1, 2])(
  "clicks hit what is under the pointer at pixel ratio %i",
  async (pixelRatio, { browsing, openPage }) => {
    const { path } = await browsing.open(`Ratio ${pixelRatio}`);
    const { program, site } = browsing;
    const page = await openPage(program, { path, pixelRatio });
    await shows(page, BEFORE, 0.9, 0.9);
    const from = site.deeds.length;
    // Without control nothing is done.
    await clickAt(page, 700, 500);
    await takeControl(page);
    for (const place of [
      { x: 3, y: 3 },
      { x: 400, y: 300 },
      { x: 796, y: 596 },
    ]) {
      await clickAt(page, place.x, place.y);
      await site.done(near(place), from);
    }
    await shows(page, AFTER, 0.9, 0.9);
    // The bars beside the picture are not of the page.
    const box = await pictureOf(page).boundingBox();
    await page.mouse.click((box?.x ?? 0) + 3, (box?.y ?? 0) + (box?.height ?? 0) / 2);
    await clickAt(page, 100, 500);
    await site.done(near({ x: 100, y: 500 }), from);
    expect(site.deeds.slice(from).filter(({ kind }) => kind === "click")).toHaveLength(4);
  },
);

test("keys go to the browser, but the one that leaves it; the clipboard goes both ways", async ({
  browsing,
  openPage,
}) => {
  const { path } = await browsing.open("Keys");
  const { program, site } = browsing;
  const page = await openPage(program, { path });
  await shows(page, BEFORE, 0.9, 0.9);
  await takeControl(page);
  const from = site.deeds.length;
  const wrote = (text: string) =>
    site.done((deed) => deed.kind === "input" && deed.text === text, from);
  await clickAt(page, 300, 220);
  await page.keyboard.type("Hi, größe");
  await wrote("Hi, größe");
  await page.keyboard.press("Backspace");
  await wrote("Hi, größ");
  // A shortcut of the page here, were it not the browser's.
  await page.keyboard.press("Control+k");
  await site.done(({ kind, text }) => kind === "key" && text === "k", from);
  expect(await page.getByRole("dialog").count()).toBe(0);
  await page.keyboard.press("Control+a");
  await page.evaluate(() => navigator.clipboard.writeText("pasted"));
  await page.keyboard.press("Control+v");
  await wrote("pasted");
  await page.keyboard.press("Control+a");
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await page.keyboard.press("Control+c");
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("pasted");
  await page.keyboard.press("Control+Shift+Escape");
  const hasKeys = () =>
    page
      .getByRole("textbox", { name: /Keys for the browser/ })
      .evaluate((box) => box.matches(":focus"));
  expect(await hasKeys()).toBe(false);
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: "Go to, or do" }).waitFor();
});

test("one steers, the other watches, asks, and is handed it", async ({ browsing, openPage }) => {
  const { path } = await browsing.open("Together");
  const { program, site } = browsing;
  const ann = await openPage(program, { path, role: "operator" });
  await shows(ann, BEFORE, 0.9, 0.9);
  await takeControl(ann);
  const ben = await openPage(program, { path, user: "ben", role: "operator" });
  await shows(ben, BEFORE, 0.9, 0.9);
  const bar = (page: Page) => page.getByRole("region", { name: "Control" });
  await bar(ben).getByText("ann steers.").waitFor();
  const from = site.deeds.length;
  await clickAt(ben, 50, 50);
  await ben.getByRole("button", { name: "Ask for control" }).click();
  await bar(ben).getByText("ann was asked; you wait for the answer.").waitFor();
  await ann.getByRole("button", { name: "Decline" }).click();
  await ben.getByText("Your request was not granted").waitFor();
  await ben.getByRole("button", { name: "Ask for control" }).click();
  await ann.getByRole("button", { name: "Hand over to ben" }).click();
  await bar(ben).getByText("You steer.").waitFor();
  await bar(ann).getByText("ben steers.").waitFor();
  await clickAt(ann, 60, 60);
  await clickAt(ben, 70, 70);
  await site.done(near({ x: 70, y: 70 }), from);
  expect(site.deeds.slice(from).filter(({ kind }) => kind === "click")).toHaveLength(1);
  await ben.getByRole("button", { name: "Hand back" }).click();
  await bar(ann).getByText("Nobody steers.").waitFor();
});

test("whoever may only watch is told so", async ({ browsing, openPage }) => {
  const { path } = await browsing.open("Watched");
  const page = await openPage(browsing.program, { path, user: "vera", role: "viewer" });
  await shows(page, BEFORE, 0.9, 0.9);
  await page.getByText("You may watch, but not steer.").waitFor();
  for (const name of ["Take control", "Record", "Close the browser"]) {
    expect(await page.getByRole("button", { name, exact: true }).count(), name).toBe(0);
  }
});

test("tabs are opened, chosen and closed; the address leads elsewhere", async ({
  browsing,
  openPage,
}) => {
  const { path } = await browsing.open("Tabs");
  const page = await openPage(browsing.program, { path });
  await shows(page, BEFORE, 0.9, 0.9);
  await takeControl(page);
  const tabs = page.getByRole("list", { name: "Tabs of the browser" }).getByRole("listitem");
  await expect.poll(() => tabs.count()).toBe(1);
  await page.getByRole("button", { name: "New tab" }).click();
  await expect.poll(() => tabs.count()).toBe(2);
  await page.getByLabel("Address").fill(`${browsing.site.url}two`);
  await page.keyboard.press("Enter");
  await expect.poll(() => page.getByLabel("Address").inputValue()).toBe(`${browsing.site.url}two`);
  await shows(page, BEFORE, 0.9, 0.9);
  const shown = tabs.filter({ has: page.locator("[aria-current=true]") });
  await shown.getByRole("button", { name: /^Close/ }).click();
  await expect.poll(() => tabs.count()).toBe(1);
  await expect.poll(() => page.getByLabel("Address").inputValue()).toBe(browsing.site.url);
});

test("on a phone a tap clicks, and the keyboard types", async ({ browsing, openPage }) => {
  const { path } = await browsing.open("Phone");
  const { program, site } = browsing;
  const page = await openPage(program, { path, screen: "phone" });
  await shows(page, BEFORE, 0.9, 0.9);
  await takeControl(page);
  const from = site.deeds.length;
  const tap = async (x: number, y: number) => {
    const point = await screenPoint(page, { x, y }, SHOWN);
    await page.touchscreen.tap(point.x, point.y);
  };
  await tap(400, 100);
  const clicked = await site.done(({ kind }) => kind === "click", from);
  // A finger is placed by whole pixels of a screen that is half as wide as the page.
  expect(Math.hypot(clicked.x - 400, clicked.y - 100)).toBeLessThan(4);
  await tap(300, 220);
  await page.getByRole("button", { name: "Keyboard" }).tap();
  await page.keyboard.insertText("word");
  await site.done(({ kind, text }) => kind === "input" && text === "word", from);
  await page.getByRole("toolbar", { name: "Keys" }).getByRole("button", { name: "Enter" }).tap();
  await site.done(({ kind, text }) => kind === "key" && text === "Enter", from);
  expect(await axe(page)).toEqual([]);
});

test("what is recorded is played again, and deleted", async ({ browsing, openPage }) => {
  const { path } = await browsing.open("Recorded");
  const page = await openPage(browsing.program, { path });
  await shows(page, BEFORE, 0.9, 0.9);
  await takeControl(page);
  await page.getByRole("button", { name: "Record", exact: true }).click();
  await page.getByText("recording", { exact: true }).first().waitFor();
  await clickAt(page, 400, 100);
  await shows(page, AFTER, 0.9, 0.9);
  await page.getByRole("button", { name: "Stop recording" }).click();
  await page.getByRole("button", { name: "Record", exact: true }).waitFor();
  await page.getByRole("button", { name: "Recordings" }).click();
  await page.getByRole("link", { name: "Replay" }).click();
  await page.getByRole("heading", { name: "Recording of Recorded" }).waitFor();
  await shows(page, BEFORE, 0.9, 0.9);
  await page.keyboard.press("End");
  await shows(page, AFTER, 0.9, 0.9);
  expect(await axe(page)).toEqual([]);
  await page.getByRole("link", { name: /The browser of/ }).click();
  await page.getByRole("button", { name: "Recordings" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete the recording" }).click();
  await page.getByText("Nothing was recorded yet").waitFor();
});

test("axe finds nothing to say, whoever steers, in both themes", async ({ browsing, openPage }) => {
  const { path } = await browsing.open("Axe");
  for (const theme of ["light", "dark"] as const) {
    const page = await openPage(browsing.program, { path, theme, calm: true });
    await shows(page, BEFORE, 0.9, 0.9);
    expect(await axe(page)).toEqual([]);
    await takeControl(page);
    expect(await axe(page)).toEqual([]);
    const other = await openPage(browsing.program, { path, theme, user: "ben", calm: true });
    await other.getByText("ann steers.").waitFor();
    expect(await axe(other)).toEqual([]);
    await page.getByRole("button", { name: "Hand back" }).click();
    await page.goto("/live");
    await page.getByRole("link", { name: /Axe/ }).waitFor();
    expect(await axe(page)).toEqual([]);
  }
});
