// The page as the program itself serves it: under a policy, cached for good where that is safe, at every address.
import { expect, test } from "./harness/test";

const BESIDE = "the page stands in front of the program: build the program in this checkout";

test("what never changes is not asked for again", async ({ program, openPage, skip }) => {
  skip(program.pageUrl !== program.url, BESIDE);
  const page = await openPage(program);
  const asked = () =>
    page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .flatMap((entry) => (entry instanceof PerformanceResourceTiming ? [entry] : []))
        .filter(({ name, transferSize }) => name.includes("/ui/assets/") && transferSize > 0)
        .map(({ name }) => name),
    );
  expect((await asked()).length).toBeGreaterThan(1);
  await page.reload();
  await page.getByRole("heading", { name: "Fleet" }).waitFor();
  expect(await asked()).toEqual([]);
});

test("scripts that are not the page's own do not run", async ({
  program,
  openPage,
  complaints,
  skip,
}) => {
  skip(program.pageUrl !== program.url, BESIDE);
  const page = await openPage(program);
  complaints.announce(/console error: .*requires 'TrustedScript' assignment/s);
  const refused = await page.evaluate(() => {
    const script = document.createElement("script");
    try {
      script.textContent = "document.title = 'taken over'";
    } catch (error) {
      return String(error);
    } finally {
      document.body.append(script);
    }
    return undefined;
  });
  expect(refused).toContain("TrustedScript");
  expect(await page.title()).not.toBe("taken over");
});

test("every address of the page can be opened and shared", async ({ program, openPage }) => {
  const page = await openPage(program);
  await page.goto("/agents/build-1");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/agents/build-1");
});
