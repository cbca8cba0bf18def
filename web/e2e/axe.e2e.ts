// axe finds nothing to say, on any page, in both themes, on a desk and on a phone.
import { axe, expect, test } from "./harness/test";
import type { World } from "./world/world";

const pages = ({ session, commands }: World) => [
  "/",
  "/agents/docs-preview",
  "/agents/ben-laptop",
  "/sessions",
  `/sessions/${session}`,
  "/live",
  `/live/${session}`,
  "/runs",
  "/history",
  `/history/commands/${commands.failed}`,
  "/presets",
  "/people",
  "/keys",
  "/audit",
  "/settings",
  "/device",
  "/nowhere",
];

test.for([
  { theme: "light", screen: "desk" },
  { theme: "dark", screen: "desk" },
  { theme: "light", screen: "phone" },
] as const)("in the $theme theme, on a $screen", async ({ theme, screen }, { world, openPage }) => {
  const page = await openPage(world.program, { theme, screen, calm: true });
  const found: Record<string, readonly string[]> = {};
  for (const path of pages(world)) {
    await page.goto(path);
    await page.getByRole("main").waitFor();
    await expect.poll(() => page.getByRole("status", { name: "Loading" }).count()).toBe(0);
    const violations = await axe(page);
    if (violations.length > 0) found[path] = violations;
  }
  expect(found).toEqual({});
});

test("the entrance", async ({ program, openContext }) => {
  for (const theme of ["light", "dark"] as const) {
    const page = await (await openContext(program, { theme })).newPage();
    await page.goto("/");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await axe(page)).toEqual([]);
  }
});

test("the palette", async ({ program, openPage }) => {
  const page = await openPage(program);
  await page.keyboard.press("Control+k");
  await page
    .getByRole("option", { name: /build-1/ })
    .first()
    .waitFor();
  expect(await axe(page)).toEqual([]);
});
