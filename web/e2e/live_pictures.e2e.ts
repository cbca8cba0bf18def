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

test("what is recorded is played again, exported, and deleted", async ({ program, openPage }) => {
  const rest = await program.rest();
  const body = { type: "quick", agentId: "build-1", title: "Kept", locationPath: program.home };
  const { id } = await rest.call("POST /api/v1/sessions", { body });
  const producer = await Producer.open(program.url, id);
  producer.send(RED);
  const page = await openPage(program, { path: `/live/${id}` });
  await shows(page, RED);
  await page.getByRole("button", { name: "Record", exact: true }).click();
  await page.getByText("recording", { exact: true }).waitFor();
  // Of pictures that come faster than is recorded, the newest is kept.
  const kept = async () => {
    const route = "GET /api/v1/sessions/{session}/recordings";
    return (await rest.call(route, { path: { session: id } })).recordings[0]?.pictures;
  };
  await expect.poll(kept).toBe(1);
  producer.send(BLUE);
  await expect.poll(kept).toBe(2);
  producer.send(GREEN);
  await expect.poll(kept).toBe(3);
  await page.getByRole("button", { name: "Stop recording" }).click();
  await page.getByRole("button", { name: "Recordings" }).click();
  await page.getByRole("link", { name: "Replay" }).click();
  await page.getByRole("heading", { name: "Recording of Kept" }).waitFor();
  await page.getByRole("button", { name: "Play" }).waitFor();
  await page.keyboard.press("End");
  await shows(page, GREEN);
  await page.keyboard.press(",");
  await shows(page, BLUE);
  await page.keyboard.press("Home");
  await shows(page, RED);
  await page.getByRole("button", { name: "Play" }).click();
  await shows(page, GREEN);
  expect(await axe(page)).toEqual([]);
  const taken = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  expect((await taken).suggestedFilename()).toMatch(/\.tar$/);
  await page.getByRole("link", { name: "The browser of Kept" }).click();
  await page.getByRole("button", { name: "Recordings" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete the recording" }).click();
  await page.getByText("Nothing was recorded yet").waitFor();
  producer.close();
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
