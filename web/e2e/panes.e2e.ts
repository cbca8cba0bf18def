// Terminals in tabs and splits: moved by keys and mouse, linked to, on phones, and on the wall.
import { isReady, sessionWith, shows } from "./harness/shells";
import { terminalOf, typeLine } from "./harness/terminal";
import { expect, test } from "./harness/test";

test("keys go from pane to pane, fill the window and go through tabs, past the shells", async ({
  program,
  openPage,
}) => {
  const id = await sessionWith(program, "Keys", 3);
  const page = await openPage(program, { path: `/sessions/${id}?layout=grid` });
  for (const name of ["Terminal 1", "Terminal 2", "Terminal 3"]) await isReady(page, name);
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest("[data-pane]")?.getAttribute("aria-label"));
  await terminalOf(page, "Terminal 1").getByRole("textbox").first().focus();
  await page.keyboard.press("Control+Alt+ArrowRight");
  await expect.poll(focused).toBe("Pane of Terminal 2");
  await page.keyboard.type("echo he");
  await page.keyboard.press("Control+Alt+ArrowDown");
  await expect.poll(focused).toBe("Pane of Terminal 3");
  await page.keyboard.press("Control+Alt+Enter");
  await terminalOf(page, "Terminal 2").waitFor({ state: "detached" });
  await page.keyboard.press("Control+Alt+Enter");
  await typeLine(terminalOf(page, "Terminal 2"), "re");
  await shows(page, "Terminal 2", /^here$/m);
  await page.keyboard.press("Control+Alt+Home");
  await expect.poll(focused).toBe("Pane of Terminal 2");
  await page.keyboard.press("Delete");
  await terminalOf(page, "Terminal 2").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "New worker in Keys" }).first().click();
  await page.getByRole("menuitem", { name: "Show Terminal 2" }).click();
  await shows(page, "Terminal 2", /^here$/m);
});

test("a tab is dragged beside another pane, and a link shows the same arrangement elsewhere", async ({
  program,
  openPage,
}) => {
  const id = await sessionWith(program, "Drag", 2);
  const page = await openPage(program, { path: `/sessions/${id}` });
  await isReady(page, "Terminal 1");
  const panel = page.getByRole("tabpanel");
  const box = await panel.boundingBox();
  if (box === null) throw new Error("the panel is not shown");
  await page.getByRole("tab", { name: /Terminal 2/ }).dragTo(panel, {
    targetPosition: { x: box.width / 2, y: box.height * 0.9 },
  });
  await isReady(page, "Terminal 2");
  const [above, below] = [
    await terminalOf(page, "Terminal 1").boundingBox(),
    await terminalOf(page, "Terminal 2").boundingBox(),
  ];
  expect(below?.y ?? 0).toBeGreaterThan((above?.y ?? 0) + (above?.height ?? 0) - 1);
  await page.getByRole("button", { name: "Actions for Drag" }).click();
  await page.getByRole("menuitem", { name: "Copy link to this arrangement" }).click();
  await page.getByText("The link was copied").waitFor();
  const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  const other = await openPage(program, { user: "ben", path: `${link.pathname}${link.search}` });
  await isReady(other, "Terminal 1");
  await isReady(other, "Terminal 2");
});

test("on a phone there is one terminal at a time, and typing has the screen", async ({
  program,
  openPage,
}) => {
  const id = await sessionWith(program, "Pocket", 2);
  const page = await openPage(program, { screen: "phone", path: `/sessions/${id}` });
  await isReady(page, "Terminal 1");
  await page.getByRole("tab", { name: /Terminal 2/ }).tap();
  await isReady(page, "Terminal 2");
  expect(await terminalOf(page, "Terminal 1").count()).toBe(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await typeLine(terminalOf(page, "Terminal 2"), "echo hello");
  await shows(page, "Terminal 2", /^hello$/m);
  // A keyboard takes a part of what is seen.
  await page.setViewportSize({ width: 390, height: 480 });
  await page.getByRole("heading", { name: "Pocket" }).waitFor({ state: "hidden" });
  await page.getByRole("navigation", { name: "Main" }).waitFor({ state: "hidden" });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("heading", { name: "Pocket" }).waitFor();
});

test("the wall shows terminals of several sessions", async ({ program, openPage }) => {
  await sessionWith(program, "North", 2);
  await sessionWith(program, "South", 1);
  const page = await openPage(program, { path: "/wall" });
  await page.getByRole("tab", { name: /Terminal 1 in South/ }).waitFor();
  await page
    .getByRole("tab", { name: /in North/ })
    .first()
    .waitFor();
  await isReady(page, "Terminal 1");
});
