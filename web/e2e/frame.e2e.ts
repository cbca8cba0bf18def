// What surrounds every page: finding the way by keys, on phones, and in the colours that were chosen.
import { goByKeys } from "./harness/palette";
import { expect, test } from "./harness/test";

test("keys alone lead everywhere", async ({ program, openPage }) => {
  const page = await openPage(program);
  await page.getByRole("heading", { name: "Fleet" }).waitFor();
  await goByKeys(page, "build-1");
  await page.waitForURL("**/agents/build-1");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await page.getByRole("heading", { name: "Sessions" }).waitFor();
  expect(await page.title()).toContain("Sessions");
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

test("a page that is not there says where to go", async ({ program, openPage }) => {
  const page = await openPage(program, { path: "/nowhere" });
  await page.getByText("There is no such page").waitFor();
  await page.getByRole("link", { name: "Go to the fleet" }).click();
  await page.getByRole("heading", { name: "Fleet" }).waitFor();
});

test("on a phone the bar below leads everywhere, and nothing is wider than the screen", async ({
  program,
  openPage,
}) => {
  const page = await openPage(program, { screen: "phone" });
  await page.getByRole("link", { name: "Sessions" }).tap();
  await page.getByRole("heading", { name: "Sessions" }).waitFor();
  for (const name of ["Presets", "People", "Keys", "Audit", "Settings"]) {
    await page.getByRole("button", { name: "More", exact: true }).tap();
    await page.getByRole("menuitem", { name }).tap();
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overhang, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
  }
});

test("the chosen appearance stays, whatever the machine prefers", async ({ program, openPage }) => {
  const page = await openPage(program, { theme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole("button", { name: /appearance, sign out/ }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect.poll(ground).not.toBe(light);
  const dark = await ground();
  await page.reload();
  await page.getByRole("heading", { name: "Fleet" }).waitFor();
  expect(await ground()).toBe(dark);
});

test("whoever does not administer is not shown where people are", async ({ program, openPage }) => {
  const page = await openPage(program, { user: "vera", role: "viewer" });
  await page.getByRole("link", { name: "Fleet" }).waitFor();
  expect(await page.getByRole("link", { name: "People" }).count()).toBe(0);
});
