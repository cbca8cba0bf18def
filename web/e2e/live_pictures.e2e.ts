// Pictures of any program in the page: drawn as they come, and what is said when none come.
import { pictureOf, shows } from "./harness/live";
import { Producer } from "./harness/producer";
import { axe, expect, LOST_CONNECTION, test } from "./harness/test";

const RED = [200, 30, 30] as const;
const BLUE = [30, 60, 200] as const;
const GREEN = [20, 140, 60] as const;

test("what a program sends is seen as it comes, also by whoever comes late", async ({
  program,
  openPage,
}) => {
  const page = await openPage(program, { path: "/live/any-stream" });
  await page.getByText("No browser is open in this session").waitFor();
  const producer = await Producer.open(program.url, "any-stream");
  producer.send(RED);
  await shows(page, RED);
  for (let count = 0; count < 30; count += 1) producer.send(count % 2 === 0 ? RED : GREEN);
  producer.send(BLUE, 320, 480);
  await shows(page, BLUE);
  const late = await openPage(program, { path: "/live/any-stream", user: "vera", role: "viewer" });
  await shows(late, BLUE);
  await page.getByRole("button", { name: /Watched by/ }).click();
  await page.getByRole("dialog").getByText("vera").waitFor();
  await page.keyboard.press("Escape");
  producer.close();
  await page
    .getByRole("alert")
    .getByText(/What is shown is \d+ s old/)
    .waitFor();
  expect(await pictureOf(page).isVisible()).toBe(true);
});

test("a lost connection is told, and comes back by itself", async ({
  startProgram,
  openPage,
  complaints,
}) => {
  const program = await startProgram({}, []);
  complaints.tolerate(LOST_CONNECTION);
  const producer = await Producer.open(program.url, "s1");
  producer.send(GREEN);
  const page = await openPage(program, { path: "/live/s1" });
  await shows(page, GREEN);
  await program.end("SIGKILL");
  await page
    .getByText(/The connection was lost/)
    .first()
    .waitFor();
  await program.serve();
  const again = await Producer.open(program.url, "s1");
  again.send(RED);
  await shows(page, RED);
  await expect.poll(() => page.getByText(/The connection was lost/).count()).toBe(0);
  again.close();
});

test("axe finds nothing to say about a stream", async ({ program, openPage }) => {
  const producer = await Producer.open(program.url, "axe");
  producer.send(BLUE);
  for (const theme of ["light", "dark"] as const) {
    const page = await openPage(program, { path: "/live/axe", theme, calm: true });
    await shows(page, BLUE);
    expect(await axe(page)).toEqual([]);
  }
  producer.close();
});
