// How long it takes until somebody sees something. The times are printed for people; they assert nothing.
import { firstPaint } from "./harness/measure";
import { test } from "./harness/test";

test("the page is painted, cold and warm", async ({ world, openContext }) => {
  const context = await openContext(world.program);
  const token = await world.program.token();
  for (const state of ["cold", "warm"]) {
    const page = await context.newPage();
    const began = performance.now();
    await page.goto(`/#token=${token}`, { waitUntil: "commit" });
    await page.getByRole("heading", { name: "Fleet" }).waitFor();
    const useful = performance.now() - began;
    console.log(
      `${state}: first paint ${ms(await firstPaint(page))}, the page's frame ${ms(useful)}`,
    );
    await page.close();
  }
});

const ms = (value: number) => `${value.toFixed(0)} ms`;
